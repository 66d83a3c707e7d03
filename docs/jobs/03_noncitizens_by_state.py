"""3. Noncitizens who live where a county-wide agency has an agreement, by state, with 90 % margins of error."""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
cells = pd.read_parquet(f"{release}/coverage.parquet")
cells = cells[(cells.rule == "county_agency") & (cells.model_group == "all") & cells.until_date.isna() & (cells.geography != "US")]
# A share's margin is not that of its parts: the table has it. A null margin is of a share of nothing or of everything.
result = cells[["geography", "county_count", "noncitizen_covered", "noncitizen_covered_moe", "noncitizen_share",
                "noncitizen_share_moe", "acs_vintage"]].sort_values("noncitizen_covered", ascending=False)
print(result.head(15).to_string(index=False))
