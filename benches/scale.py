"""How cost grows: the same dates with more rows a list, or more lists, made from real lists.

    python benches/scale.py FOLDER [--program PATH] [--rows 1,10,100] [--lists 10,100] [--work DIR]

FOLDER holds participating workbooks. The program reads them once; from the rows as printed workbooks are written
that are as large as wanted:

- `--rows N` writes each list with N times its rows, of the same days. Every further row is of another agency: a
  police force, marshal or constable of a place of the state from data/reference/places.csv, so that the nation's
  32,000 places fill up first; then bodies are numbered.
- `--lists N` writes N times the lists, on as many days, with the rows of the first in turn.

A workbook has one sheet with shared strings, as ICE's have, without links. The program runs once on each set with
`--root` (bounds of pipelines/agreements/source.toml raised to what the lists need) and from nothing; then once more
with nothing new. Printed: rows, seconds, seconds per million rows, peak memory, size of the release. The figures in
docs/performance.md come from here.
"""

import argparse
import csv
import datetime
import os
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
HEADERS = ["STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED", "MOA"]
PRINTED = [f"{name}_printed" for name in ["state", "agency", "type", "county", "model", "signed", "moa"]]
KINDS = ["Police Department", "Marshal's Office", "Constable", "Department of Public Safety"]
LETTERS = "ABCDEFG"
BOUNDS = {
    "file_bytes = 16_000_000": "file_bytes = 256_000_000",
    "inflated_bytes = 16_000_000": "inflated_bytes = 1_000_000_000",
    "rows = 20_000 ": "rows = 1_000_000 ",
    "text_bytes = 4_000_000 ": "text_bytes = 400_000_000 ",
}
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        '<Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>'
    ),
}
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{day}T12:00:00Z</dcterms:modified></cp:coreProperties>'
)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def run(command):
    """Seconds and peak resident megabytes of a command that must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} failed ({process.returncode}): {said.decode()[-2000:]}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def write_workbook(path, rows, day):
    """One sheet with shared strings, saved on a day; `rows` are lists of cells, of which None is empty."""
    numbers, sheet = {}, []
    for number, row in enumerate([HEADERS, *rows], 1):
        cells = []
        for letter, text in zip(LETTERS, row):
            if text:
                cells.append(f'<c r="{letter}{number}" t="s"><v>{numbers.setdefault(text, len(numbers))}</v></c>')
        sheet.append(f'<row r="{number}">{"".join(cells)}</row>')
    strings = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in numbers)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in PARTS.items():
            book.writestr(name, XML + text)
        book.writestr("docProps/core.xml", XML + CORE.format(day=day))
        book.writestr("xl/sharedStrings.xml", f'{XML}<sst xmlns="{SHEET}">{strings}</sst>')
        book.writestr("xl/worksheets/sheet1.xml", f'{XML}<worksheet xmlns="{SHEET}"><sheetData>{"".join(sheet)}</sheetData></worksheet>')


class Bodies:
    """Other agencies of a state, the same ones for the same agency in every list."""

    def __init__(self):
        names = {row["state_code"]: row["state_name"].upper() for row in table("states.csv")}
        self.places, self.given = {}, {}
        for row in table("places.csv"):
            name = row["place_name"].rsplit(" ", 1)[0]
            self.places.setdefault(names.get(row["state_code"]), []).append(name)
        self.taken = {}

    def of(self, state, agency, copies):
        """Names of so many further bodies beside an agency."""
        given = self.given.setdefault((state, agency), [])
        while len(given) < copies:
            at = self.taken[state] = self.taken.get(state, -1) + 1
            places = self.places.get((state or "").strip().upper()) or [agency]
            turn, place = divmod(at, len(places))
            kind = KINDS[turn % len(KINDS)]
            number = turn // len(KINDS)
            given.append(f"{places[place]} {kind}" + (f" {number}" if number else ""))
        return given[:copies]


def table(name):
    with open(ROOT / "data/reference" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lists(program, folder, work):
    """Rows as printed of every participating list, by its day."""
    import pyarrow.parquet as pq

    run([program, "--quiet", "--lists", str(folder), "--out", str(work / "read"), "--keep", "1"])
    columns = ["list_id", "row_number", *PRINTED]
    rows = pq.read_table(work / "read/current/listings.parquet", columns=columns).to_pydict()
    lists = pq.read_table(work / "read/current/lists.parquet").to_pylist()
    days = {entry["list_id"]: entry for entry in lists if entry["list_kind"] == "participating"}
    found = {}
    for at, list_id in enumerate(rows["list_id"]):
        if list_id in days:
            found.setdefault(list_id, []).append([rows[name][at] for name in PRINTED])
    order = sorted(found, key=lambda list_id: (str(days[list_id]["list_date"]), days[list_id]["file_name"]))
    return [(days[list_id]["file_name"], found[list_id], days[list_id]["list_date"]) for list_id in order]


def write_all(jobs):
    with ProcessPoolExecutor() as pool:
        list(pool.map(write_workbook, *zip(*jobs), chunksize=1))


def with_rows(lists, factor, folder):
    bodies, jobs = Bodies(), []
    for name, rows, day in lists:
        more = [list(row) for row in rows]
        for row in rows:
            # The county is the other body's own, which the row does not say.
            more.extend([row[0], body, "Municipality", None, row[4], row[5], "Link"] for body in bodies.of(row[0], row[1], factor - 1))
        jobs.append((folder / name, more, day))
        if len(jobs) == 8:
            write_all(jobs)
            jobs = []
    if jobs:
        write_all(jobs)


def with_lists(lists, factor, folder):
    first = datetime.date(2026, 3, 1)
    jobs = [(folder / name, rows, day) for name, rows, day in lists]
    for n in range(len(lists) * (factor - 1)):
        day = first + datetime.timedelta(days=n)
        rows = lists[-1 - n % 20][1]
        jobs.append((folder / f"participatingAgencies{day:%m%d%Y}am.xlsx", rows, day))
    for at in range(0, len(jobs), 64):
        write_all(jobs[at : at + 64])


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measure(program, what, factor, folder, work):
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [program, "--quiet", "--lists", str(folder), "--out", str(out), "--root", str(work / "root")]
    # Made lists lie in days to come, and repeat themselves: checks that are asked of real ones are let through.
    for name in ["days_have_come", "departures_are_few", "rows_do_not_drop", "lists_are_whole",
                 "county_and_municipal_agencies_are_placed", "new_lists_are_understood"]:
        command += ["--accept", name]
    seconds, memory = run([*command, "--reason", "made by the bench"])
    again, _ = run(command + ["--reason", "made by the bench"])
    import pyarrow.parquet as pq

    rows = pq.read_metadata(out / "current/listings.parquet").num_rows
    release = size((out / "current").resolve())
    print(f"| {what} × {factor} | {rows:,} | {seconds:.2f} | {seconds / rows * 1e6:.1f} | {memory:.0f} | {release:.0f} | {again:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--rows", default="1,10,100")
    parser.add_argument("--lists", default="10,100")
    parser.add_argument("--work", type=Path, required=True, help="folder for what is made; some gigabytes")
    parser.add_argument("--make-only", action="store_true")
    args = parser.parse_args()
    program = str(args.program or Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "release" / "coverage287")
    args.work.mkdir(parents=True, exist_ok=True)
    specs = args.work / "root/pipelines/agreements"
    specs.mkdir(parents=True, exist_ok=True)
    source = (ROOT / "pipelines/agreements/source.toml").read_text()
    for old, new in BOUNDS.items():
        assert old in source, old
        source = source.replace(old, new)
    (specs / "source.toml").write_text(source)

    lists = read_lists(program, args.folder, args.work)
    print("| made | listings | seconds | per million | peak memory, MB | release, MB | nothing new, s |\n|---|---|---|---|---|---|---|")
    for what, factors, make in [("rows", args.rows, with_rows), ("lists", args.lists, with_lists)]:
        for factor in [int(factor) for factor in factors.split(",") if factor]:
            folder = args.work / f"{what}{factor}"
            if not folder.exists():
                folder.mkdir()
                make(lists, factor, folder)
            if not args.make_only:
                measure(program, what, factor, folder, args.work)


if __name__ == "__main__":
    sys.exit(main())
