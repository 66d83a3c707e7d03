#!/usr/bin/env python3
"""Releases in an object store: the program, built with --features object-store, against an S3 server on loopback
that this script starts (moto).

Usage: COVERAGE287=path/to/coverage287 python tests/object_store.py      (needs tests/requirements-object-store.txt)
"""
import json
import logging
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from checks import Checks

PROGRAM = os.environ.get("COVERAGE287", "target/release/coverage287")
BUCKET = "releases"
PLACE = f"s3://{BUCKET}/daily"
TELLS_OF_A_RUN = {"run.json", "last_run.json"}

check = Checks()


class Server:
    """The store, with a door in front of it that counts requests and can do something at the n-th write."""

    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.application = DomainDispatcherApplication(create_backend_app)
        self.writes, self.at, self.do = 0, None, None
        self.log = []
        self.server = make_server("127.0.0.1", 0, self.door, threaded=True)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.ask("PUT", f"/{BUCKET}")

    def door(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method in ("PUT", "POST", "DELETE") and path.count("/") > 1:
            self.writes += 1
            self.log.append((method, path))
            if self.at and self.writes >= self.at:
                answer = self.do(self.writes)
                if answer:
                    start_response(answer, [("Content-Length", "0"), ("Connection", "close")])
                    return [b""]
        return self.application(environ, start_response)

    def plan(self, at, do):
        self.writes, self.at, self.do, self.log = 0, at, do, []

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.address + path, method=method, data=body)
        request.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request")
        # Without it a body is taken for a form.
        request.add_header("Content-Type", "application/octet-stream")
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def objects(self, prefix="daily/"):
        """Name → content of every object."""
        import xml.etree.ElementTree as tree

        listed = tree.fromstring(self.ask("GET", f"/{BUCKET}?list-type=2&prefix={prefix}"))
        names = [key.text for key in listed.iter() if key.tag.endswith("}Key")]
        return {name[len(prefix):]: self.ask("GET", f"/{BUCKET}/{name}") for name in names}

    def clear(self):
        for name in self.objects():
            self.ask("DELETE", f"/{BUCKET}/daily/{name}")


def environment(server):
    own = {
        "AWS_ENDPOINT": server.address, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "NO_PROXY": "127.0.0.1",
    }
    return {**os.environ, **own}


def run(server, *args, wait=True):
    process = subprocess.Popen(
        [PROGRAM, "--quiet", *map(str, args)], env=environment(server), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    if not wait:
        return process
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def current(objects):
    """The release that the pointer leads to: its files, and whether they are as its own run.json says."""
    import hashlib

    pointer = json.loads(objects["current.json"])
    folder = pointer["release"]
    files = {name[len(folder):]: content for name, content in objects.items() if name.startswith(folder)}
    outputs = json.loads(files["run.json"])["outputs"]
    whole = all(hashlib.sha256(files.get(o["path"], b"")).hexdigest() == o["sha256"] for o in outputs)
    return pointer["release_id"], {n: c for n, c in files.items() if n not in TELLS_OF_A_RUN}, whole


def folder_release(root):
    return {p.name: p.read_bytes() for p in (root / "current").iterdir() if p.name not in TELLS_OF_A_RUN}


def main():
    server = Server()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        data, lists = scratch / "data", scratch / "lists"
        data.mkdir()
        lists.mkdir()
        newest = "participatingAgencies02272026am.csv"
        for name in ["ParticipatingEntities-20250119192356.csv", "participatingAgencies06062025am.csv",
                     "pendingAgencies06062025am.csv", newest]:
            code, out, err = run(server, "record", "show", name.removesuffix(".csv"), "--raw")
            (data / name).write_text(out, encoding="utf-8")
            if name != newest:
                (lists / name).symlink_to(data / name)
        store = ["--store", scratch / "store"]
        job = ["--lists", lists, "--out", PLACE, *store]

        # A release, the same bytes as in a folder, and the commands that read it.
        code, out, err = run(server, *job)
        check("first run", 0, code)
        check("where it is", True, f"Release {PLACE}/releases/2025-06-06-" in out)
        if code:
            print(err)
        check("folder run", 0, run(server, "--lists", lists, "--out", scratch / "folder")[0])
        first, files, whole = current(server.objects())
        check("whole", True, whole)
        check("the bytes of a folder", True, files == folder_release(scratch / "folder"))
        check("recorded", "changed", json.loads(server.objects()["last_run.json"])["status"])
        check("check", 0, run(server, "check", PLACE)[0])
        code, out, err = run(server, "coverage", "--release", PLACE, "--rule", "county_agency")
        check("coverage", (0, True), (code, "7,894,344" in out))

        # Nothing new: nothing but the record is written.
        server.plan(None, None)
        code, out, err = run(server, *job, "--brief")
        check("nothing new", (0, True), (code, out.startswith("nothing new: ")))
        check("only the record", {"/releases/daily/last_run.json"}, {path for _, path in server.log})

        # A damaged object is found and mended.
        name = f"daily/releases/{first}/agreements.parquet"
        server.ask("PUT", f"/{BUCKET}/{name}", b"damaged")
        check("check finds it", 6, run(server, "check", PLACE)[0])
        check("mended", 0, run(server, *job)[0])
        check("as it was", True, current(server.objects())[1] == files)

        # The next list; of its release every write in turn fails, or the run is killed there.
        (lists / newest).symlink_to(data / newest)
        check("folder of two", 0, run(server, "--lists", lists, "--out", scratch / "folder")[0])
        expected = folder_release(scratch / "folder")
        before = server.objects()
        server.plan(None, None)
        check("second run", 0, run(server, *job)[0])
        writes = server.writes
        pointer = [n for n, (_, path) in enumerate(server.log, 1) if path.endswith("/current.json")]
        check("the pointer is moved once, last but the record", [writes - 1], pointer)
        check("second is the folder's", True, current(server.objects())[1] == expected)

        def restore():
            server.plan(None, None)
            server.clear()
            for name, content in before.items():
                server.ask("PUT", f"/{BUCKET}/daily/{name}", content)

        # At the first write and the last three (the documents, the pointer, the record) both; at the others, which are files
        # of the release in any order, one and the other in turn.
        both = {1, writes - 2, writes - 1, writes}
        for nth in range(1, writes + 1):
            for kind in ["refused", "killed"] if nth in both else [["refused", "killed"][nth % 2]]:
                restore()
                if kind == "refused":
                    server.plan(nth, lambda _: "403 Forbidden")
                    code, out, err = run(server, *job)
                    check(f"refused at {nth}", True, code == 8 and "s3://" in err)
                else:
                    process = None
                    ready = threading.Event()

                    def kill(_):
                        ready.wait(60)
                        process.send_signal(signal.SIGKILL)
                        process.wait()
                        return "503 Slow Down"

                    server.plan(nth, kill)
                    process = run(server, *job, wait=False)
                    ready.set()
                    process.communicate(timeout=300)
                server.plan(None, None)
                release, found, whole = current(server.objects())
                check(f"{kind} at {nth}: current is whole", True, whole)
                check(f"{kind} at {nth}: current is the first or the second", True, found in (files, expected))
                check(f"{kind} at {nth}: the next run", 0, run(server, *job)[0])
                check(f"{kind} at {nth}: its bytes", True, current(server.objects())[1] == expected)

        # What comes right when it is asked again is asked again.
        restore()
        server.plan(3, lambda n: "503 Slow Down" if n == 3 else None)
        check("503 once", 0, run(server, *job)[0])
        check("503 once: bytes", True, current(server.objects())[1] == expected)

        # Two runs at once: the pointer moves for one of them.
        restore()
        raced = threading.Event()

        def overtake(_):
            if server.log[-1][1].endswith("/current.json") and not raced.is_set():
                raced.set()
                server.application_put_pointer()
            return None

        def put_pointer():
            plan = server.at, server.do
            server.at = None
            server.ask("PUT", f"/{BUCKET}/daily/current.json", before["current.json"] + b" ")
            server.at, server.do = plan

        server.application_put_pointer = put_pointer
        server.plan(1, overtake)
        code, out, err = run(server, *job)
        check("overtaken", (7, True), (code, "another run has published there" in err))
        check("overtaken: current stays", True, current(server.objects())[1] == files)
        server.plan(None, None)
        check("and runs again", 0, run(server, *job)[0])

        # Gates, rollback and prune.
        code, out, err = run(server, "rollback", "--out", PLACE)
        check("rollback", (0, first), (code, current(server.objects())[0]))
        code, out, err = run(server, *job, "--keep", "1")
        check("forward, and one kept", 0, code)
        kept = {name.split("/")[1] for name in server.objects() if name.startswith("releases/")}
        check("one kept", 1, len(kept))
        code, out, err = run(server, "releases", "--out", PLACE, "--format", "json")
        check("releases", (0, 1, True), (code, len(json.loads(out)), json.loads(out)[0]["is_current"]))
        bad = scratch / "participatingAgencies03012026am.xlsx"
        bad.write_text("<html>")
        code, out, err = run(server, *job, "--lists", bad)
        check("refused input", (5, "failed"), (code, json.loads(server.objects()["last_run.json"])["status"]))

        # A store that is not there, and addresses that are none.
        server.server.shutdown()
        check("an address without a bucket", 2, run(server, "--lists", lists, "--out", "s3://")[0])
    sys.exit(check.end())


if __name__ == "__main__":
    main()
