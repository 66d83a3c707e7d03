"""Times of the whole program beside a script a user would write instead, as ratios taken in one run.

    python benches/ratios.py SCRIPT FOLDER [--program PATH] [--rounds N]

SCRIPT is run as `SCRIPT FOLDER OUT.parquet`; FOLDER holds participating workbooks. Every round runs each of the
commands once, in turn, so that what else the machine does falls on all of them; medians are compared. The
figures in docs/performance.md come from here.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(command):
    """Seconds and peak resident megabytes of a command that must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("script", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    program = args.program or Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "release" / "coverage287"

    with tempfile.TemporaryDirectory() as folder:
        measure(args, str(program), Path(folder))


def day(path):
    """The day in a file name, for telling the newest: mmddyyyy or a capture time."""
    digits = "".join(c for c in path.stem if c.isdigit())
    return digits[:8] if len(digits) == 14 else digits[4:8] + digits[:4]


def measure(args, program, work):
    lists = sorted(args.folder.glob("*.xlsx"))
    newest = max(lists, key=day)
    half, before = work / "half", work / "before"
    for target, chosen in [(half, lists[::2]), (before, [path for path in lists if path != newest])]:
        target.mkdir()
        for path in chosen:
            (target / path.name).symlink_to(path.resolve())

    def ours(out, *more):
        return [program, "run", "--quiet", "--out", str(out), *map(str, more)]

    # What yesterday's run left: everything but the newest list.
    run(ours(work / "yesterday", "--lists", before))
    run(ours(work / "today", "--lists", args.folder))

    def fresh(name):
        shutil.rmtree(work / name, ignore_errors=True)
        return work / name

    def one_new():
        out = fresh("out")
        shutil.copytree(work / "yesterday", out, symlinks=True)
        return ours(out, "--lists", args.folder)

    commands = {
        "script": lambda: [sys.executable, str(args.script), str(args.folder), str(work / "script.parquet")],
        "read and clean": lambda: [program, "lists", "--quiet", "--lists", str(args.folder)],
        "full rebuild": lambda: ours(fresh("out"), "--lists", args.folder),
        "one new list": one_new,
        "nothing new": lambda: ours(work / "today", "--lists", args.folder),
        "half the lists": lambda: ours(fresh("out"), "--lists", half),
    }
    seconds = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0.0)
    for _ in range(args.rounds):
        for name, command in commands.items():
            took, peak = run(command())
            seconds[name].append(took)
            memory[name] = max(memory[name], peak)

    median = {name: statistics.median(took) for name, took in seconds.items()}
    print(f"{len(lists)} lists, {args.rounds} rounds, {os.cpu_count()} processors\n")
    print("| run | seconds (median) | of the script | peak memory, MB |")
    print("|---|---|---|---|")
    for name in commands:
        ratio = median[name] / median["script"]
        print(f"| {name} | {median[name]:.3f} | {ratio:.2f} | {memory[name]:.0f} |")
    print(f"\nTwice the lists take {median['full rebuild'] / median['half the lists']:.2f} times as long.")


if __name__ == "__main__":
    main()
