#!/usr/bin/env python3
"""Opens every table of a release with pyarrow, pandas, polars and DuckDB, and checks what a researcher
relies on: types, keys, references, the figures of June 2025, and the data package.

Usage: COVERAGE287=PROGRAM python tests/readers.py RELEASE      (needs tests/requirements.txt)
"""
import csv
import datetime
import importlib.resources
import json
import os
import pathlib
import re
import subprocess
import sys

import duckdb
import jsonschema
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

from checks import Checks

ROOT = pathlib.Path(__file__).resolve().parents[1]
ARROW = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool", "date": "date32[day]"}
PANDAS = {"string": ("object", "str", "string"), "integer": ("int64", "float64"), "number": ("float64", "object"),
          "boolean": ("bool",), "date": ("object",)}
POLARS = {"string": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean, "date": pl.Date}
DUCKDB = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
JUNE = datetime.date(2025, 6, 6)
FEBRUARY = datetime.date(2026, 2, 27)

check = Checks()


def one(query):
    return duckdb.sql(query).fetchall()[0]


def types(release, resources):
    for r in resources:
        name, path, fields = r["name"], str(release / r["path"]), r["schema"]["fields"]
        names = [f["name"] for f in fields]
        schema = pq.read_schema(path)
        check(f"{name}: pyarrow columns", names, schema.names)
        check(f"{name}: pyarrow types", [ARROW[f["type"]] for f in fields], [str(t) for t in schema.types])
        check(f"{name}: pyarrow nulls", [not f["constraints"]["required"] for f in fields], [c.nullable for c in schema])
        described = [schema.field(f["name"]).metadata[b"description"].decode() for f in fields]
        check(f"{name}: descriptions", [f["description"] for f in fields], described)
        frame = pl.read_parquet(path)
        check(f"{name}: polars types", [POLARS[f["type"]] for f in fields], list(frame.dtypes))
        check(f"{name}: rows", r["rowCount"], frame.height)
        pandas = pd.read_parquet(path)
        check(f"{name}: pandas rows", frame.height, len(pandas))
        for f in fields:
            # An integer column with nulls is a float in pandas; truth values with nulls, and nothing but nulls, are objects.
            is_object = pandas[f["name"]].isna().all() or f["type"] == "boolean" and pandas[f["name"]].isna().any()
            allowed = PANDAS[f["type"]] + (("object",) if is_object else ())
            check(f"{name}.{f['name']}: pandas type", True, str(pandas[f["name"]].dtype) in allowed)
        described = duckdb.sql(f"describe select * from '{path}'").fetchall()
        check(f"{name}: duckdb types", [DUCKDB[f["type"]] for f in fields], [row[1] for row in described])
        check(f"{name}: duckdb rows", frame.height, one(f"select count(*) from '{path}'")[0])


def keys(release, resources):
    for r in resources:
        path, key = release / r["path"], ", ".join(f'"{k}"' for k in r["schema"]["primaryKey"])
        rows = one(f"select count(*), count(distinct ({key})) from '{path}'")
        check(f"{r['name']}: key is unique", rows[0], rows[1])
        frame = pl.read_parquet(path)
        check(f"{r['name']}: sorted by key", True, frame.equals(frame.sort(r["schema"]["primaryKey"], maintain_order=True)))
        for fk in r["schema"].get("foreignKeys", []):
            target = release / f"{fk['reference'].get('resource', r['name'])}.parquet"
            pairs = list(zip(fk["fields"], fk["reference"]["fields"]))
            on = " and ".join(f'a."{a}" = b."{b}"' for a, b in pairs)
            known = " and ".join(f'a."{a}" is not null' for a, _ in pairs)
            lost = one(f"select count(*) from '{path}' a anti join '{target}' b on {on} where {known}")[0]
            check(f"{r['name']}.{'+'.join(fk['fields'])}: references resolve", 0, lost)
        for f in r["schema"]["fields"]:
            words = f["constraints"].get("enum")
            if words:
                check(f"{r['name']}.{f['name']}: words", set(), set(frame[f["name"]].drop_nulls().unique()) - set(words))


def june(release):
    """The figures of June 6, 2025, each in one reader."""
    lists, listings = pl.read_parquet(release / "lists.parquet"), pl.read_parquet(release / "listings.parquet")
    is_list = (pl.col("list_date") == JUNE) & (pl.col("list_kind") == "participating")
    list_id = lists.filter(is_list)["list_id"].item()
    rows = listings.filter(pl.col("list_id") == list_id)
    check("polars: agreements", 649, rows.height)
    by_model = rows.group_by("model").agg(pl.len(), pl.col("state_code").n_unique().alias("states")).sort("model")
    check("polars: by model", [("JEM", 102, 26), ("TFM", 315, 30), ("WSO", 232, 32)], by_model.rows())
    check("polars: states", 40, rows["state_code"].n_unique())

    table = pd.read_parquet(release / "listings.parquet")
    table = table[table.list_id == list_id]
    new = table[pd.to_datetime(table.signed_date) >= "2025-01-20"]
    check("pandas: new agreements and their states", (514, 36), (len(new), new.state_code.nunique()))
    check("pandas: Florida and Texas", (277, 91), tuple(int((table.state_code == s).sum()) for s in ("FL", "TX")))
    check("pandas: names as printed", 538, len(table[["state_printed", "agency_printed"]].drop_duplicates()))
    check("pandas: names cleaned", 531, len(table[["state_code", "agency_name"]].drop_duplicates()))

    coverage = duckdb.sql(f"""
        select rule, county_count, round(population_share * 1000), round(foreign_born_share * 1000)
        from '{release}/coverage.parquet'
        where as_of_date = date '2025-06-06' and geography = 'US' and model_group = 'all'""").fetchall()
    expected = [("sheriff", 319, 161, 167), ("county_agency", 334, 162, 167), ("any_local", 435, 195, 190),
                ("state_police", 1399, 336, 267), ("statewide_tfm", 1672, 412, 358), ("statewide_all", 1723, 448, 395),
                ("place_weighted", 350, 163, 166)]
    check("duckdb: coverage", sorted(expected), sorted((r, int(n), int(p), int(f)) for r, n, p, f in coverage))
    any_day = one(f"""
        select count(*) from '{release}/county_coverage.parquet'
        where rule = 'county_agency' and model_group = 'all'
          and from_date <= date '2025-06-09' and coalesce(until_date, date '2025-06-09') >= date '2025-06-09'""")
    check("duckdb: counties covered on any day", 334, any_day[0])

    columns = ["as_of_date", "geography", "acs_vintage", "foreign_born_total", "noncitizen_total", "noncitizen_share"]
    table = pq.read_table(release / "coverage.parquet", columns=columns).to_pylist()
    us = [row for row in table if row["geography"] == "US"]
    totals = {(row["acs_vintage"], row["foreign_born_total"], row["noncitizen_total"]) for row in us}
    check("pyarrow: totals by vintage", {("2020-2024", 47_349_078, 22_674_672), ("2019-2023", 46_108_901, 21_975_173)}, totals)
    of_places = {row["noncitizen_share"] for row in us if row["acs_vintage"] == "2019-2023"}
    check("pyarrow: noncitizens of places are not known", {None}, of_places)
    known = all(row["noncitizen_share"] is not None for row in us if row["acs_vintage"] == "2020-2024")
    check("pyarrow: those of counties are", True, known)
    dates = {row["as_of_date"] for row in table}
    check("pyarrow: a row for every geography at every date", len(dates) * 57, len({(r["as_of_date"], r["geography"]) for r in table}))

    claims = dict(pl.read_parquet(release / "claims.parquet").select("claim_id", "verdict").rows())
    check("claims", ("holds", "does_not_hold", "holds"), tuple(claims[c] for c in (
        "2025-06-06-new-agreements", "2025-06-06-new-agreement-states", "2025-05-29-agreements")))


def crude_route(list_file):
    """Counties covered by a list's rows by a route that goes by the printed TYPE: county rows by their name or
    COUNTY cell, municipal rows by the first county of the place of that name. No agency is identified."""
    fold = lambda text: re.sub("[^a-z]", "", text.lower().replace("st.", "saint"))
    states = {r["state_name"].upper(): r["state_code"] for r in read("reference/states.csv")}
    counties = {(r["state_code"], fold(r["county_name"])): r["county_fips"]
                for r in read("reference/counties.csv") if not r["last_vintage"]}
    places = {}
    for r in read("reference/places.csv"):
        base = re.sub(r" (city|town|village|borough|CDP)$", "", r["place_name"])
        places.setdefault((r["state_code"], fold(base)), []).append((r["place_class"], r["county_fips"].split(" ")[0]))
    county_agency, any_local = set(), set()
    for r in recorded(list_file):
        state, kind = states.get(r["STATE"].strip().upper()), r["TYPE"].strip()
        name = r["LAW ENFORCEMENT AGENCY"].replace("\u2019", "'").strip()
        cell = counties.get((state, fold(r["COUNTY"])))
        if kind == "County":
            own = re.match(r".*?(County|Parish)", name)
            county = (own and counties.get((state, fold(own.group(0))))) or cell
            county_agency.add(county)
            any_local.add(county)
        elif kind == "Municipality":
            place = re.sub(r"^(City|Town) of ", "", re.sub(r"( Police.*| PD| Department of Public Safety.*)$", "", name))
            found = sorted(places.get((state, fold(place)), [("", None)]))
            any_local.add(cell or found[0][1])
    return {"county_agency": county_agency - {None}, "any_local": any_local - {None}}


def read(name):
    with open(ROOT / "data" / name, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def recorded(list_file):
    """A list of the record, as the program prints it back."""
    shown = subprocess.run([os.environ["COVERAGE287"], "record", "show", list_file, "--raw"], check=True, capture_output=True)
    return list(csv.DictReader(shown.stdout.decode("utf-8").splitlines(keepends=True)))


def differences(release):
    """Every county in which our coverage differs from the crude route's is explained in the reviewed table."""
    reviewed, day = {}, None
    for line in (ROOT / "docs" / "coverage-differences.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("# Coverage of "):
            words = re.match(r"# Coverage of (\w+ \d+, \d{4})", line).group(1)
            day = datetime.datetime.strptime(words, "%B %d, %Y").date()
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and re.fullmatch(r"\d{5}", cells[1]):
            reviewed.setdefault((day, cells[0]), set()).add((cells[1], cells[3]))
    lists = {JUNE: "participatingAgencies06062025am", FEBRUARY: "participatingAgencies02272026am"}
    check("days of the reviewed tables", set(lists), {day for day, _ in reviewed})
    for day, list_file in lists.items():
        differences_of(release, day, crude_route(list_file), reviewed)


def differences_of(release, day, crude_by_rule, reviewed):
    in_us = pl.read_parquet(release / "counties_reference.parquet").filter(~pl.col("state_code").is_in(["PR", "GU", "MP", "VI", "AS"]))
    covered = pl.read_parquet(release / "county_coverage.parquet").join(in_us, on="county_fips", how="semi").filter(
        pl.col("model_group") == "all", pl.col("from_date") <= day,
        pl.col("until_date").is_null() | (pl.col("until_date") >= day))
    for rule, crude in crude_by_rule.items():
        crude = crude & set(in_us["county_fips"])
        ours = set(covered.filter(pl.col("rule") == rule)["county_fips"])
        # The unified jail systems of Alaska and West Virginia are explained as two states.
        unified = {c for c in ours - crude if c[:2] in ("02", "54")} if rule == "any_local" else set()
        found = {(c, "ours") for c in ours - crude - unified} | {(c, "the other") for c in crude - ours}
        check(f"{day} {rule}: differences are the reviewed ones", reviewed.get((day, rule), set()), found)
        if rule == "any_local":
            check(f"{day} any_local: all counties of Alaska and West Virginia", 85, sum(c[:2] in ("02", "54") for c in ours))


def package(release, descriptor):
    profile = importlib.resources.files("dplib") / "profiles" / "2.0" / "datapackage.json"
    schema = json.loads(profile.read_text(encoding="utf-8"))
    errors = [e.message for e in jsonschema.validators.validator_for(schema)(schema).iter_errors(descriptor)]
    check("datapackage.json is valid against its profile", [], errors)
    broken = dict(descriptor, resources=[])
    check("and an empty one is not", False, jsonschema.validators.validator_for(schema)(schema).is_valid(broken))


def main():
    release = pathlib.Path(sys.argv[1]).resolve()
    descriptor = json.loads((release / "datapackage.json").read_text())
    resources = descriptor["resources"]
    check("a table for each Parquet file", {r["path"] for r in resources}, {p.name for p in release.glob("*.parquet")})
    types(release, resources)
    keys(release, resources)
    june(release)
    differences(release)
    package(release, descriptor)
    sys.exit(check.end())


if __name__ == "__main__":
    main()
