"""9. Coverage for a file with county codes of before 2019 (Alaska) or 2022 (Connecticut): by county_crosswalk.

An old county's value is that of the counties that took its place, weighted by the share of its people in each.
"""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
yours = pd.DataFrame({"county_fips": ["02261", "02270", "09001", "09009", "09015", "46113", "51515", "12086", "48201"]})
panel = pd.read_parquet(f"{release}/county_panel.parquet")
newest = panel[(panel.period_number == panel.period_number.max()) & (panel.model_group == "all")]
crosswalk = pd.read_parquet(f"{release}/county_crosswalk.parquet")[["old_county_fips", "county_fips", "old_population_share"]]
codes = yours.rename(columns={"county_fips": "your_fips"}).merge(crosswalk, left_on="your_fips", right_on="old_county_fips", how="left")
codes["county_fips"] = codes.county_fips.fillna(codes.your_fips)
codes["weight"] = codes.old_population_share.where(codes.old_county_fips.notna(), 1.0)
codes = codes.merge(newest[["county_fips", "treated"]], on="county_fips", how="left", indicator=True)
codes["treated_part"] = codes.weight * codes.treated.astype(float)
result = codes.groupby("your_fips").agg(counties_now=("county_fips", "size"), found=("_merge", lambda m: bool((m == "both").all())),
                                        treated_share=("treated_part", lambda part: part.sum(skipna=False))).reset_index()
print(result.to_string(index=False))
