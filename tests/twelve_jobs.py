#!/usr/bin/env python3
"""Runs the scripts of docs/jobs on a release and holds their results against calculations that go another way: by DuckDB
or plain Python, from other tables where there are others. R scripts are parsed where R is there; Stata's are looked at
line by line, for Stata cannot be had.

Usage: python tests/twelve_jobs.py OUT/current      (needs tests/requirements.txt and openpyxl)
"""
import contextlib
import csv
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import duckdb
import pandas as pd

from checks import Checks

ROOT = pathlib.Path(__file__).resolve().parents[1]
JOBS = ROOT / "docs" / "jobs"
check = Checks()


def holds(what, is_so, detail=""):
    """Counts a statement that must be true; `detail` is told where it is not."""
    check(f"{what} {detail}".strip() if not is_so else what, True, bool(is_so))


def run(script, *arguments):
    """The script's `result` and what it printed."""
    argv, printed, scope = sys.argv, io.StringIO(), {"__name__": "__main__"}
    sys.argv = [str(script), *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(script.read_text(encoding="utf-8"), script.name, "exec"), scope)
    finally:
        sys.argv = argv
    return scope["result"], printed.getvalue()


def is_near(a, b, within=1e-6):
    return abs(float(a) - float(b)) <= within


def code_lines(text):
    """The lines of a script that are neither blank nor part of what it says of itself."""
    body = re.sub(r'^""".*?"""', "", text, count=1, flags=re.S)
    return [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith(("#", "*"))]


def months_between(a, b):
    return (b.year - a.year) * 12 + b.month - a.month


def staggered_adoption(result, read):
    """The first treated month of every county that has one by hand: from the spells of agreements and what they reach."""
    lists = sorted({row[0] for row in duckdb.sql(f"select distinct as_of_date from {read('coverage')}").fetchall()})
    spells = duckdb.sql(f"""
        select r.county_fips, s.began_by_date, s.ended_by_date
        from {read('reaches')} r join {read('agreement_spells')} s using (agreement_id)
        where r.rule = 'county_agency' and r.model = 'TFM'
          and r.acs_vintage = (select max(acs_vintage) from {read('reaches')} where rule = 'county_agency')
          and r.county_fips in (select county_fips from {read('counties')} where population is not null)""").fetchall()
    of_county = {}
    for county, began, ended in spells:
        of_county.setdefault(county, []).append((began, ended))
    origin = lists[0]
    found = {int(row.id): int(row.first) for row in result.drop_duplicates("id").itertuples()}
    compared = 0
    for county in sorted(of_county):
        held = [any(began <= day and (ended is None or day < ended) for began, ended in of_county[county]) for day in lists]
        first = held.index(True) if True in held else None
        leaves = first is None or first == 0 or not all(held[first:])
        if int(county) not in found or leaves:
            holds(f"{county} is left out by both", (int(county) not in found) == (first == 0 or (first is not None and not all(held[first:]))))
            continue
        day = lists[first]
        holds(f"first treated month of {county}", found[int(county)] == months_between(origin, day) + 1,
                   f"{found[int(county)]}, by hand {day}")
        compared += 1
    holds("at least 20 counties were worked out by hand", compared >= 20, str(compared))
    holds("every other county was never treated", all(first == 0 for county, first in found.items() if f"{county:05}" not in of_county))
    unlike = duckdb.sql(f"""
        with spells as (
          select county_fips, rule, model_group,
                 sum(coalesce(ended_by_date - 1, (select max(as_of_date) from {read('coverage')})) - began_by_date + 1) as days
          from {read('county_spells')} group by all),
        months as (select county_fips, rule, model_group, sum(day_count) as days from {read('county_months')} group by all)
        select count(*), count(*) filter (where spells.days is distinct from months.days)
        from spells full join months using (county_fips, rule, model_group)""").fetchall()[0]
    holds("spells have the days of the months, under every rule", unlike[0] > 10_000 and unlike[1] == 0, str(unlike))
    holds("the panel is balanced", result.groupby("id").time.nunique().nunique() == 1)


def event_study(result, _):
    before = result[(result.months < -1)].effect
    after = result[(result.months >= 1)].effect
    holds("no effect before treatment", before.abs().max() < 0.2, before.round(3).tolist())
    holds("the made effect of 2.0 is found again", (after - 2.0).abs().max() < 0.2, after.round(3).tolist())


def noncitizens_by_state(result, read):
    """Counties by hand: the newest coverage of counties, and the counties' people and margins."""
    by_hand = dict((state, (people, moe)) for state, people, moe in duckdb.sql(f"""
        select c.state_code, sum(c.noncitizen), sqrt(sum(c.noncitizen_moe * c.noncitizen_moe))
        from {read('county_coverage')} k join {read('counties')} c using (county_fips)
        where k.rule = 'county_agency' and k.model_group = 'all' and k.until_date is null
          and c.acs_vintage = '{result.acs_vintage.iloc[0]}' group by 1""").fetchall())
    compared = 0
    for row in result.itertuples():
        if pd.isna(row.noncitizen_covered) or row.geography not in by_hand:
            continue
        people, moe = by_hand[row.geography]
        holds(f"noncitizens of {row.geography}", is_near(row.noncitizen_covered, people), f"{row.noncitizen_covered}, {people}")
        if not pd.isna(row.noncitizen_covered_moe):
            # The margins of counties are rounded to whole persons in the table.
            holds(f"margin of {row.geography}", abs(row.noncitizen_covered_moe - moe) <= 1 + moe / 100, f"{row.noncitizen_covered_moe}, {moe}")
        compared += 1
    holds("states were compared", compared >= 15, str(compared))


def merge_by_ori(result, read):
    listed = duckdb.sql(f"select count(distinct agency_id) from {read('agreements')} where agreement_status = 'active'").fetchall()[0][0]
    holds("every agency is found or not", int(result[["found", "not_found"]].sum().sum()) == listed)
    with (ROOT / "data" / "reference" / "fbi_agencies.csv").open(encoding="utf-8", newline="") as file:
        known = {row["ori"] for row in csv.DictReader(file)}
    own = duckdb.sql(f"""select agency_level, a.ori, list(o.ori) from {read('agencies')} a left join {read('agency_oris')} o using (agency_id)
        where agency_id in (select agency_id from {read('agreements')} where agreement_status = 'active') group by agency_id, 1, 2""").fetchall()
    found = sum(any(ori in known for ori in (oris or []) if ori) for _, _, oris in own)
    holds("those found are found by hand", int(result.found.sum()) == found, f"{int(result.found.sum())}, {found}")
    holds("most merge", found > listed * 0.8, f"{found} of {listed}")


def jails(result, read):
    newest = result.iloc[-1]
    by_hand = duckdb.sql(f"""
        with held as (
          select r.county_fips, g.agency_kind, g.state_code, g.runs_jail
          from {read('reaches')} r join {read('agreements')} a using (agreement_id) join {read('agencies')} g on g.agency_id = r.agency_id
          left join {read('agency_counties')} c on c.agency_id = r.agency_id and c.county_fips = r.county_fips
          where r.rule = 'statewide_all' and r.model in ('JEM', 'WSO') and a.agreement_status = 'active' and g.runs_jail
            and (g.agency_kind = 'unified_corrections'
                 or c.extent = 'whole' and g.agency_level in ('county', 'municipal', 'regional'))
            and r.acs_vintage = (select max(acs_vintage) from {read('reaches')} where rule = 'statewide_all'))
        select county_fips from held""").fetchall()
    operators = {row[0] for row in by_hand}
    today = {row[0] for row in duckdb.sql(f"""select county_fips from {read('county_coverage')}
        where rule = 'jail_operator' and model_group = 'jail' and until_date is null""").fetchall()}
    holds("counties of operators on the newest list, by hand", today == operators, f"{len(today)}, {len(operators)}")
    holds("a month has the counties of its last list", newest.jail_operator >= len(today))
    states = {county[:2] for county in operators}
    holds("a state's jails cover every county of it", {"02", "54"} <= states, str(sorted(states)))
    groups = {row[0] for row in duckdb.sql(f"select distinct model_group from {read('coverage')} where rule = 'jail_operator'").fetchall()}
    holds("the rule has no figures of task forces", groups == {"JEM", "WSO", "jail"}, str(groups))


def who_left(result, read):
    removed = duckdb.sql(f"select count(*) from {read('agreements')} where is_event").fetchall()[0][0]
    holds("every removed agreement has a row", len(result) == removed, f"{len(result)}, {removed}")
    known = result[result.end_reason != "not_known"]
    holds("a reason has its source", known.source_name.notna().all() and (known.source_url.notna() | known.source_url_missing_reason.notna()).all())
    holds("no reason without a source", result[result.end_reason == "not_known"].source_name.isna().all())


def waiting(result, read):
    """The estimate satisfies its own equation: each step is the mean share of the waits that may have ended in it."""
    waits = duckdb.sql(f"""select wait_min_days, wait_max_days from {read('pending')}
        where pending_after_date is not null and outcome <> 'renewal'""").fetchall()
    days = result.days.tolist()
    steps = [1 - result.still_waiting.iloc[0]] + [a - b for a, b in zip(result.still_waiting, result.still_waiting[1:])]
    steps[-1] += result.still_waiting.iloc[-1]
    expected = [0.0] * len(days)
    for low, high in waits:
        high = float("inf") if high is None else high
        inside = [at for at, day in enumerate(days) if low < day <= high or low == day == high]
        total = sum(steps[at] for at in inside)
        for at in inside:
            expected[at] += steps[at] / total / len(waits)
    worst = max(abs(a - b) for a, b in zip(steps, expected))
    holds("Turnbull's estimate satisfies its equation", worst < 1e-5, f"{worst}")
    holds("it falls", all(a >= b - 1e-12 for a, b in zip(result.still_waiting, result.still_waiting[1:])))
    # Between the two bounds that need no model.
    count = len(waits)
    for at in range(0, len(days), max(1, len(days) // 20)):
        if days[at] != float("inf"):
            surely = sum(low >= days[at] and low != high for low, high in waits) / count
            maybe = sum(high is None or high > days[at] for _, high in waits) / count
            holds(f"still waiting after {days[at]:.0f} days", surely - 1e-6 <= result.still_waiting.iloc[at] <= maybe + 1e-6)
    holds("censored waits have a least", duckdb.sql(f"select count(*) from {read('pending')} where outcome <> 'renewal' and not is_event and wait_min_days is null").fetchall()[0][0] == 0)


def exposure_by_place(result, read):
    holds("no part of a county is larger than it", (result.share_of_county.dropna() <= 1.0 + 1e-9).all())
    places = duckdb.sql(f"""select count(*) from (select distinct agency_id, p.geo_id, p.county_fips
        from {read('agency_residents')} r join {read('place_parts')} p using (geo_id)
        where agency_id in (select agency_id from {read('agreements')} where agreement_status = 'active'))""").fetchall()[0][0]
    holds("a row for each agency and part", len(result) == places, f"{len(result)}, {places}")


def old_county_codes(result, read):
    holds("every old code is found", bool(result.found.all()), result.to_string())
    shares = duckdb.sql(f"select old_county_fips, sum(old_population_share), count(*) filter (where old_population_share is null) from {read('county_crosswalk')} group by 1").fetchall()
    holds("shares of an old county add up to one", all(unknown or is_near(total, 1.0) for _, total, unknown in shares), shares)
    covered = {row[0] for row in duckdb.sql(f"select county_fips from {read('county_coverage')} where rule = 'county_agency' and model_group = 'all' and until_date is null").fetchall()}
    for row in result.itertuples():
        if row.your_fips in ("12086", "48201"):
            holds(f"{row.your_fips} as it is", row.treated_share == float(row.your_fips in covered))


def stata_excel_csv(result, read):
    rows = duckdb.sql(f"select count(*) from {read('agreements')}").fetchall()[0][0]
    holds("all rows come back", (result.rows == rows).all(), result.to_string())
    holds("texts and days come back", bool(result.same_texts.all() and result.same_days.all()), result.to_string())


def a_map(result, read):
    picture = pathlib.Path("task_forces.svg").read_text(encoding="utf-8")
    drawn = len(re.findall(r'<path style="fill:rgb', picture))
    holds("every county of the panel is drawn", drawn >= 3_100, str(drawn))
    holds("the picture is one", picture.startswith("<svg") and picture.rstrip().endswith("</svg>"))
    holds("shares are shares", bool(result["share"].between(0, 1).all()))


def claims_and_citation(result, _):
    holds("three figures in print", len(result) == 3, result.to_string())
    by_id = {row.claim_id: row for row in result.itertuples()}
    holds("649 agreements hold", by_id["2025-06-06-agreements"].verdict == "holds")
    holds("514 new ones hold", by_id["2025-06-06-new-agreements"].verdict == "holds")


HELD_AGAINST = [staggered_adoption, event_study, noncitizens_by_state, merge_by_ori, jails, who_left, waiting, exposure_by_place,
                old_county_codes, stata_excel_csv, a_map, claims_and_citation]
STATA = {"import", "label", "xtset", "preserve", "restore", "bysort", "tabulate", "generate", "save", "use", "replace", "xtreg",
         "testparm", "drop", "stintreg", "estat", "keep", "gsort", "list", "merge", "collapse", "joinby", "export", "describe", "egen", "type"}


def parse_others():
    """R's scripts are parsed by R; each line of Stata's is a known command with its brackets and quotes closed."""
    for script in sorted(JOBS.glob("*.do")):
        for line in code_lines(script.read_text(encoding="utf-8")):
            is_closed = line.count("(") == line.count(")") and line.count('"') % 2 == 0
            holds(f"{script.name}: {line}", line.split()[0].rstrip(",:") in STATA and is_closed)
    if shutil.which("Rscript") is None:
        print("skipped: R cannot be had, its scripts are not parsed")
        return
    for script in sorted(JOBS.glob("*.R")):
        done = subprocess.run(["Rscript", "-e", f"invisible(parse('{script}'))"], capture_output=True, text=True)
        holds(f"{script.name} is R", done.returncode == 0, done.stderr)


def main():
    release = pathlib.Path(sys.argv[1]).resolve()
    read = lambda table: f"'{release / table}.parquet'"
    scripts = sorted(JOBS.glob("[0-9][0-9]_*.py"))
    holds("there are twelve jobs", len(scripts) == len(HELD_AGAINST) == 12, str(len(scripts)))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for script, hold in zip(scripts, HELD_AGAINST):
            count = len(code_lines(script.read_text(encoding="utf-8")))
            holds(f"{script.name} has fewer than 30 lines", count < 30, str(count))
            arguments = [release, ROOT / "data" / "reference" / "fbi_agencies.csv"] if hold is merge_by_ori else [release]
            result, printed = run(script, *arguments)
            holds(f"{script.name} prints its result", len(printed.splitlines()) >= (1 if hold is a_map else 3), printed)
            hold(result, read)
            print(f"{script.name}: {len(result)} rows, {count} lines")
        os.chdir(ROOT)
    parse_others()
    return check.end()


sys.exit(main())
