"""12. Three published figures held against the lists, and how to cite the release they were computed from."""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
claims = pd.read_parquet(f"{release}/claims.parquet")
result = claims[claims.claim_id.isin(["2025-06-06-agreements", "2025-06-06-new-agreements", "2025-06-06-new-agreement-states"])]
print(result[["as_of_date", "printed_text", "printed_value", "computed_value", "verdict", "definition"]].to_string(index=False), "\n")
print(open(f"{release}/citation.bib", encoding="utf-8").read())
