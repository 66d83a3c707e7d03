#!/usr/bin/env python3
"""Runs the questions of docs/cookbook.md: DuckDB, pandas and polars must give the same answer to each, and the first
three are held against figures of the program; R too where it and its packages are there.

Usage: python tests/cookbook.py OUT      (a folder with a release as OUT/current; needs tests/requirements.txt)
"""
import csv
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import duckdb
import pandas as pd
import polars as pl

from checks import Checks

ROOT = pathlib.Path(__file__).resolve().parents[1]
check = Checks()


def questions():
    text = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    for number, title, body in re.findall(r"^## (\d+)\. (.+?)$(.*?)(?=^## |\Z)", text, re.M | re.S):
        blocks = re.findall(r"```(\w+)\n(.*?)```", body, re.S)
        yield int(number), title, {
            "duckdb": [code for kind, code in blocks if kind == "sql"],
            "pandas": [code for kind, code in blocks if kind == "python" and "# pandas" in code],
            "polars": [code for kind, code in blocks if kind == "python" and "# polars" in code],
            "r": [code for kind, code in blocks if kind == "r"],
        }


def plain(value):
    """A value as every reader can say it."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (datetime.datetime, pd.Timestamp)):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return round(float(value), 9)
    return str(value)


def answer(columns, rows):
    order = sorted(range(len(columns)), key=lambda at: columns[at])
    rows = [tuple(plain(row[at]) for at in order) for row in rows]
    return [columns[at] for at in order], sorted(rows, key=lambda row: [(v is None, str(v)) for v in row])


def of_duckdb(code):
    found = duckdb.sql(code)
    return answer(found.columns, found.fetchall())


def of_pandas(code):
    scope = {}
    exec(code, scope)
    result = scope["result"]
    return answer(list(result.columns), list(result.itertuples(index=False, name=None)))


def of_polars(code):
    scope = {}
    exec(code, scope)
    return answer(scope["result"].columns, scope["result"].rows())


def of_r(code):
    with tempfile.NamedTemporaryFile("w", suffix=".R", delete=False) as script:
        script.write(code + '\nwrite.csv(result, "result.csv", row.names = FALSE, na = "")\n')
    subprocess.run(["Rscript", script.name], check=True, capture_output=True)
    return sum(1 for _ in open("result.csv", encoding="utf-8")) - 1


def expected(answers):
    """The first three questions, by other tables than they ask."""
    columns, panel = answers[1]
    of = lambda row, name: row[columns.index(name)]
    counties = duckdb.sql("select count(distinct county_fips) from 'out/current/counties.parquet'").fetchall()[0][0]
    months = duckdb.sql("select count(distinct month_date) from 'out/current/county_months.parquet'").fetchall()[0][0]
    check("1: a row for every county and month", counties * months, len(panel))
    for day, in duckdb.sql("select distinct as_of_date from 'out/current/coverage.parquet'").fetchall():
        listed = duckdb.sql(f"""
            select sum(county_count) from 'out/current/coverage.parquet' where rule = 'county_agency'
            and model_group = 'all' and geography <> 'US' and as_of_date = date '{day}'""").fetchall()[0][0]
        month = day.replace(day=1).isoformat()
        treated = sum(1 for row in panel if of(row, "month_date") == month and of(row, "treated"))
        # In the month of a list at least what it shows is covered on some day.
        check(f"1: counties treated in {month}", True, treated >= listed)
    never = {of(row, "county_fips") for row in panel} - {of(row, "county_fips") for row in panel if of(row, "treated")}
    maybe = {of(row, "county_fips") for row in panel if of(row, "maybe")}
    check("1: Bibb County, Georgia, may have been treated in the last days of February 2025", True, "13021" in maybe)
    both = sum(1 for row in panel if of(row, "maybe") and of(row, "treated"))
    check("1: what may be is not what is", 0, both)
    check("1: only what is treated has an interval", set(), {of(row, "county_fips") for row in panel if of(row, "first_by")} & never)
    miami = {(of(row, "first_after"), of(row, "first_by")) for row in panel if of(row, "county_fips") == "12086"}
    check("1: Miami-Dade", {("2025-02-21", "2025-02-26")}, miami)

    columns, states = answers[2]
    us = duckdb.sql("""
        select county_count, foreign_born_covered from 'out/current/coverage.parquet' where rule = 'county_agency'
        and model_group = 'TFM' and geography = 'US' and until_date is null""").fetchall()[0]
    outside = {"PR", "GU", "MP", "VI", "AS"}
    states = [row for row in states if row[columns.index("geography")] not in outside]
    total = lambda name: sum(row[columns.index(name)] or 0 for row in states)
    check("2: the states sum to the US", tuple(map(float, us)), (total("county_count"), total("foreign_born_covered")))
    noncitizens = duckdb.sql("""
        select noncitizen_covered, noncitizen_covered_moe from 'out/current/coverage.parquet' where rule = 'county_agency'
        and model_group = 'TFM' and geography = 'US' and until_date is null""").fetchall()[0]
    check("2: noncitizens of the states sum to the US", float(noncitizens[0]), total("noncitizen_covered"))
    squares = sum((row[columns.index("noncitizen_covered_moe")] or 0) ** 2 for row in states)
    # Of counties estimated zero a sum takes the largest margin only: once in a state, once in the US.
    check("2: and the squares of their margins", True, abs(noncitizens[1] - squares ** 0.5) < 1)

    columns, new = answers[3]
    new = {row[columns.index("county_fips")] for row in new if row[columns.index("state_code")] not in outside}
    command = [os.environ["COVERAGE287"], "--quiet", "coverage", "--since", "2025-06-06", "--rule", "county_agency",
               "--models", "all", "--format", "csv"]
    told = csv.DictReader(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())
    check("3: counties gained", set(next(told)["counties_gained"].split()), new)


def main():
    os.chdir(tempfile.mkdtemp())
    os.symlink(pathlib.Path(sys.argv[1]).resolve() if pathlib.Path(sys.argv[1]).is_absolute() else ROOT / sys.argv[1], "out")
    pathlib.Path("my_counties.csv").write_text("county_fips,mine\n01001,1\n06037,2\n12086,3\n48201,4\n")
    oris = duckdb.sql("select distinct ori from 'out/current/agencies.parquet' where ori is not null order by 1 limit 40").fetchall()
    pathlib.Path("my_fbi.csv").write_text("ori\n" + "".join(f"{ori}\n" for ori, in oris) + "XX0000000\n")
    has_r = shutil.which("Rscript") and not subprocess.run(
        ["Rscript", "-e", "library(arrow); library(dplyr); library(tidyr); library(readr)"], capture_output=True).returncode
    if not has_r:
        print("skipped: R, or its packages arrow, dplyr, tidyr and readr, cannot be had")
    answers, seen = {}, []
    for number, title, code in questions():
        seen.append(number)
        check(f"{number}: one block in each language", [1, 1, 1, 1], [len(blocks) for blocks in code.values()])
        first = of_duckdb(code["duckdb"][0])
        check(f"{number}: DuckDB finds something", True, len(first[1]) > 0 or number in (4, 5))
        check(f"{number}: pandas as DuckDB", first, of_pandas(code["pandas"][0]))
        check(f"{number}: polars as DuckDB", first, of_polars(code["polars"][0]))
        if has_r:
            check(f"{number}: R gives as many rows", len(first[1]), of_r(code["r"][0]))
        answers[number] = first
    check("ten questions", list(range(1, 11)), seen)
    expected(answers)
    sys.exit(check.end())


if __name__ == "__main__":
    main()
