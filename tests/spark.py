#!/usr/bin/env python3
"""Loads a release in Spark and computes one coverage figure again, to the digit, from the tables beneath it.

Usage: python tests/spark.py RELEASE      (needs tests/requirements-spark.txt and a Java runtime)
"""
import json
import pathlib
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from checks import Checks

TYPES = {"string": "string", "integer": "bigint", "number": "double", "boolean": "boolean", "date": "date"}
DAY, RULE = "2025-06-06", "county_agency"

check = Checks()


def main(release):
    spark = (
        SparkSession.builder.master("local[2]").appName("coverage287").config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "2").getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    package = json.loads((release / "datapackage.json").read_text())
    tables = {}
    for resource in package["resources"]:
        table = tables[resource["name"]] = spark.read.parquet(str(release / resource["path"]))
        expected = {field["name"]: TYPES[field["type"]] for field in resource["schema"]["fields"]}
        check(f"{resource['name']}: types", expected, dict(table.dtypes))

    # The counties that a rule covers on a day, and who lives there.
    states = [row.state_code for row in tables["coverage"].select(F.col("geography").alias("state_code")).distinct().collect()]
    day = F.lit(DAY).cast("date")
    covered = (
        tables["county_coverage"]
        .where((F.col("rule") == RULE) & (F.col("model_group") == "all"))
        .where((F.col("from_date") <= day) & (F.coalesce("until_date", day) >= day))
    )
    islands = ["PR", "GU", "MP", "VI", "AS"]
    people = tables["counties"].where(~F.col("state_code").isin(islands) & (F.col("acs_vintage") == "2020-2024"))
    sums = people.join(covered, "county_fips", "left_semi").agg(
        F.count("*").alias("counties"), F.sum("population").alias("population"), F.sum("foreign_born").alias("foreign_born")
    ).first()
    total = people.agg(F.sum("foreign_born")).first()[0]
    published = (
        tables["coverage"]
        .where((F.col("as_of_date") == day) & (F.col("geography") == "US") & (F.col("rule") == RULE))
        .where(F.col("model_group") == "all").first()
    )
    check("one row", True, published is not None)
    check("counties", published.county_count, sums.counties)
    check("population", published.population_covered, sums.population)
    check("foreign-born", published.foreign_born_covered, sums.foreign_born)
    check("share", published.foreign_born_share, sums.foreign_born / total)
    check("the README's figure", (7_894_344, 47_349_078), (sums.foreign_born, total))
    check("a row a state", True, len(states) >= 57)

    # Keys are unique in this reader too.
    for name, key in [("agreements", ["agreement_id"]), ("listings", ["list_id", "row_number"])]:
        check(f"{name}: key", tables[name].count(), tables[name].select(*key).distinct().count())
    spark.stop()
    return check.end()


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
