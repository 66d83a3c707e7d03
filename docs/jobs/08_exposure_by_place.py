"""8. Exposure by place: cities whose own police have an agreement, and the rest of their county's people, from the newest list.

Agencies that police a place or town have it in agency_residents; a place in several counties has one row for each.
"""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
agreements = pd.read_parquet(f"{release}/agreements.parquet").query("agreement_status == 'active'")
agencies = pd.read_parquet(f"{release}/agencies.parquet")[["agency_id", "agency_name", "state_code"]]
residents = pd.read_parquet(f"{release}/agency_residents.parquet")[["agency_id", "geo_id"]].dropna()
parts = pd.read_parquet(f"{release}/place_parts.parquet")[["geo_id", "county_fips", "part_population", "part_foreign_born"]]
panel = pd.read_parquet(f"{release}/county_panel.parquet")
newest = panel[(panel.period_number == panel.period_number.max()) & (panel.model_group == "all")]
held = agreements.groupby("agency_id").model.agg(lambda models: "+".join(sorted(models))).reset_index()
result = (held.merge(residents, on="agency_id").merge(agencies, on="agency_id").merge(parts, on="geo_id")
          .merge(newest[["county_fips", "treated", "population"]], on="county_fips", how="left"))
result["county_agency_too"] = result.pop("treated")
result["share_of_county"] = result.part_population / result.population
result = result.sort_values("part_population", ascending=False)
print(result[["state_code", "agency_name", "model", "county_fips", "part_population", "part_foreign_born", "share_of_county",
              "county_agency_too"]].head(15).to_string(index=False))
