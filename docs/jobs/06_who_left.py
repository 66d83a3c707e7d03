"""6. Agreements that were removed: who, between which days, and why where a source that was read says it."""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
ends = pd.read_parquet(f"{release}/ends.parquet")
agencies = pd.read_parquet(f"{release}/agencies.parquet")[["agency_id", "agency_name"]]
result = ends.merge(agencies, on="agency_id").sort_values(["ended_by_date", "agency_name"])
print(result.end_reason.value_counts().to_string(), "\n")
known = result[result.end_reason != "not_known"]
print(known[["state_code", "agency_name", "model", "ended_after_date", "ended_by_date", "end_reason", "source_name"]].to_string(index=False))
