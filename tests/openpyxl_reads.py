"""Reads with openpyxl what the test `odd::written_for_other_readers` has left, and holds it against what the program read.

    python tests/openpyxl_reads.py FOLDER

Each file of FOLDER is a workbook that the program has read; index.json says what it read of each. What openpyxl cannot
read is counted. Where both read a cell and do not agree, this fails.
"""

import datetime
import json
import re
import sys
import warnings
from pathlib import Path

import openpyxl

warnings.simplefilter("ignore")


def shown(value):
    """A value as the program prints it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        is_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.strftime("%Y-%m-%d") if is_day else value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, datetime.timedelta):
        # What counts hours is a day to the program, by the calendar of 1900 or of 1904.
        return tuple(shown(first + value) for first in (datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)))
    if isinstance(value, (datetime.date, datetime.time)):
        return ("time", str(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def plain(text):
    """Text without what readers treat alike: signs written as _xHHHH_, spaces at the ends, invisible signs."""
    if text is None or isinstance(text, tuple):
        return text
    text = re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
    text = text.replace("\u200b", "").replace("\ufeff", "").strip(" \t\r\n")
    return text or None


def is_number(text):
    return bool(text) and re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", text) is not None


def formula_link(value):
    """Address and text of a cell that is a link made by a formula."""
    found = re.fullmatch(r'=HYPERLINK\("((?:[^"]|"")*)","((?:[^"]|"")*)"\)', value or "")
    return (found[1].replace('""', '"'), found[2]) if found else None


def load(path):
    """The first sheet with values, and with formulas."""
    return openpyxl.load_workbook(path, data_only=True).worksheets[0], openpyxl.load_workbook(path).worksheets[0]


def compare(values, formulas, listed):
    headers = listed["headers"]
    rows = list(formulas.iter_rows())
    header = next(row for row in rows if plain(shown(row[0].value)) == headers[0] or any(plain(shown(c.value)) == headers[0] for c in row))
    first = next(cell.column for cell in header if plain(shown(cell.value)) == headers[0])
    apart = []
    known = {row["row"]: row for row in listed["rows"]}
    seen = set()
    for row in rows:
        number = row[0].row
        if number <= header[0].row:
            continue
        seen.add(number)
        ours = known.get(number, {"cells": [None] * len(headers), "links": [None, None]})
        for at, name in enumerate(headers):
            column = first + at
            theirs = shown(values.cell(number, column).value)
            made = formulas.cell(number, column).value
            link = formula_link(made) if isinstance(made, str) else None
            if link and theirs is None:
                theirs = link[1]
            mine = ours["cells"][at]
            same = plain(mine) == plain(theirs)
            # Numbers are alike by value; a day that no calendar of a workbook has is a number to one reader.
            if not same and is_number(mine) and isinstance(theirs, str) and is_number(theirs):
                same = float(mine) == float(theirs)
            if not same and is_number(mine) and (float(mine) < 0 or float(mine) >= 2958466):
                same = True
            # A blank cell with a link behind it has the link for its value there.
            behind = formulas.cell(number, column).hyperlink
            if not same and mine is None and behind is not None and theirs in (behind.target, behind.location):
                same = True
            # A time without a day is a number of days to the program.
            if not same and isinstance(theirs, tuple):
                is_time = mine is not None and (mine in theirs or is_number(mine) or "T" in mine)
                same = is_time or (mine or "").startswith(("1899-12-3", "1900-", "1904-01-"))
            if not same:
                apart.append(f"{name} of row {number}: {mine!r}, openpyxl {theirs!r}")
            if name in ("MOA", "ADDENDUM") and number in known:
                there = formulas.cell(number, column).hyperlink
                target = there.target if there else None
                if there and not target and there.location:
                    target = "#" + there.location
                target = link[0] if link else target
                found = ours["links"][0 if name == "MOA" else 1]
                # openpyxl takes an address that does not say it leads outside for a part of the workbook.
                if target and target.startswith("xl/worksheets/http"):
                    target = found
                if (found or None) != (target or None):
                    apart.append(f"link of {name} of row {number}: {found!r}, openpyxl {target!r}")
    apart.extend(f"row {number} is not there in openpyxl" for number in known.keys() - seen)
    return apart


def main():
    folder = Path(sys.argv[1])
    index = json.loads((folder / "index.json").read_text())
    read, refused, failures = 0, 0, []
    for listed in index:
        try:
            sheets = load(folder / listed["file"])
        except Exception as error:  # noqa: BLE001 - openpyxl raises whatever it meets
            refused += 1
            if "--verbose" in sys.argv:
                print(f"{listed['file']} ({listed['name']}): {type(error).__name__}: {error}")
            continue
        apart = compare(*sheets, listed)
        read += 1
        failures.extend(f"{listed['file']} ({listed['name']}): {what}" for what in apart)
    for failure in failures[:40]:
        print(failure)
    print(f"openpyxl {openpyxl.__version__}: {read} of {len(index)} workbooks read by both, {refused} by the program alone")
    if failures or read < 100:
        sys.exit(f"{len(failures)} cells or links differ")


main()
