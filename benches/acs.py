"""Times of reading the Bureau's table-based summary files, beside polars and DuckDB reading the same columns.

    python benches/acs.py [--program PATH] [--rounds N]

Makes a national file of table B05001 and one of B05002 with the rows of every summary level (about 18 MB and 72 MB),
then in every round runs each command once, in turn, as a process of its own; medians are compared. The program reads
every line of its concepts, checks that they add up, hashes the file and says what it holds; the scripts read the
columns of the same lines and keep the same levels. Needs polars and duckdb.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

from ratios import run

LINES = {"B05001": [1, 2, 3, 4, 5, 6], "B05002": [1, 2, 13, 14, 21]}
COUNT = {"B05001": 6, "B05002": 27}

POLARS = """
import sys, polars as pl
levels = ["0100000US", "0400000US", "0500000US", "0600000US", "1600000US"]
columns = ["GEO_ID"] + [f"{sys.argv[2]}_{p}{int(n):03}" for n in sys.argv[3].split(",") for p in "EM"]
print(pl.read_csv(sys.argv[1], separator="|", columns=columns).filter(pl.col("GEO_ID").str.slice(0, 9).is_in(levels)).height)
"""
DUCKDB = """
import sys, duckdb
columns = ", ".join(["GEO_ID"] + [f"{sys.argv[2]}_{p}{int(n):03}" for n in sys.argv[3].split(",") for p in "EM"])
levels = "('0100000US', '0400000US', '0500000US', '0600000US', '1600000US')"
connection = duckdb.connect()
source = f"read_csv('{sys.argv[1]}', delim='|') where substr(GEO_ID, 1, 9) in {levels}"
connection.execute(f"create table t as select {columns} from {source}")
print(connection.execute("select count(*) from t").fetchall())
"""


def make(folder, table, root):
    """A file of a table with made figures; the levels and their numbers of rows are those of the real ones."""
    generator = random.Random(287)
    rows = (root / "data/reference/counties.csv").read_text().splitlines()[1:]
    # Island areas have no ACS; of Puerto Rico B05001 has a twin.
    counties = [r.split(",")[0] for r in rows if r.endswith(",") and r[:2] < "60"]
    places = [r.split(",")[0] for r in (root / "data/reference/places.csv").read_text().splitlines()[1:]]
    ids = [f"0500000US{county}" for county in counties]
    ids += [f"0400000US{state}" for state in sorted({county[:2] for county in counties})] + ["0100000US"]
    ids += [f"1600000US{place}" for place in places if place[:2] < "60"]
    ids += [f"0600000US{counties[at % len(counties)]}{at:05}" for at in range(36_000)]
    ids += [f"1400000US{at:011}" for at in range(85_000)] + [f"8600000US{at:05}" for at in range(33_000)]
    ids += [f"7950000US{at:07}" for at in range(92_000)]
    generator.shuffle(ids)
    path = folder / f"acsdt5y2024-{table.lower()}.dat"
    with path.open("w") as file:
        numbers = range(1, COUNT[table] + 1)
        file.write("GEO_ID" + "".join(f"|{table}_E{n:03}|{table}_M{n:03}" for n in numbers) + "\n")
        for geo_id in ids:
            born, native = generator.randrange(5_000), generator.randrange(90_000)
            naturalised = generator.randrange(born + 1)
            if table == "B05001":
                values = [native + born + 10, native, 9, 1, naturalised, born - naturalised]
            else:
                values = [generator.randrange(3_000) for _ in numbers]
                values[0], values[1], values[12] = native + born, native, born
                values[13], values[20] = naturalised, born - naturalised
            file.write(geo_id + "".join(f"|{value}|{generator.randrange(900)}" for value in values) + "\n")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    program = args.program or Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "release" / "coverage287"
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as folder:
        for table in LINES:
            path = make(Path(folder), table, root)
            lines = ",".join(map(str, LINES[table]))
            commands = {
                "coverage287 census": [program, "--quiet", "census", path],
                "polars": [sys.executable, "-c", POLARS, path, table, lines],
                "DuckDB": [sys.executable, "-c", DUCKDB, path, table, lines],
            }
            times = {name: [] for name in commands}
            for _ in range(args.rounds):
                for name, command in commands.items():
                    times[name].append(run([str(part) for part in command]))
            print(f"{path.name}, {path.stat().st_size / 1e6:.0f} MB, {args.rounds} rounds")
            medians = {name: statistics.median(t for t, _ in taken) for name, taken in times.items()}
            for name, taken in times.items():
                peak = max(megabytes for _, megabytes in taken)
                ratio = medians["coverage287 census"] / medians[name]
                print(f"  {name:20} {medians[name]:.3f} s  {peak:4.0f} MB  program / this {ratio:.2f}")


if __name__ == "__main__":
    main()
