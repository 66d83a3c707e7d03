"""4. Agencies with an agreement today, merged by the FBI's identifier (ORI) to a file of your own that has a column `ori`.

An agency of a state can have several: agency_oris has them. What does not merge is counted with its reason.
"""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
yours = pd.read_csv(sys.argv[2] if len(sys.argv) > 2 else "data/reference/fbi_agencies.csv", dtype=str)
agreements = pd.read_parquet(f"{release}/agreements.parquet").query("agreement_status == 'active'")
agencies = pd.read_parquet(f"{release}/agencies.parquet")
agencies = agencies[agencies.agency_id.isin(agreements.agency_id)]
oris = pd.read_parquet(f"{release}/agency_oris.parquet")[["agency_id", "ori", "ori_relation"]]
merged = agencies.drop(columns="ori").merge(oris, on="agency_id", how="left").merge(yours, on="ori", how="left", indicator=True)
best = merged.sort_values("_merge", ascending=False).drop_duplicates("agency_id")
best["found"] = best._merge.eq("both").map({True: "found", False: "not_found"})
best["why_not"] = best.ori_reason.fillna("not in your file").where(best.found == "not_found")
result = best.groupby(["agency_level", "found"]).size().unstack(fill_value=0).reset_index()
print(result.to_string(index=False))
print(best.why_not.value_counts().to_string())
