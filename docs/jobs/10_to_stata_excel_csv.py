"""10. The agreements to Stata, Excel and CSV, and back: the same rows, codes with their zeros, days as days."""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
agencies = pd.read_parquet(f"{release}/agencies.parquet")[["agency_id", "agency_name", "main_county_fips", "ori"]]
table = pd.read_parquet(f"{release}/agreements.parquet").merge(agencies, on="agency_id")
table = table[["agreement_id", "agency_name", "state_code", "main_county_fips", "ori", "model", "signed_date", "began_by_date",
               "ended_by_date", "agreement_status", "lower_days"]]
days = ["signed_date", "began_by_date", "ended_by_date"]
table[days] = table[days].apply(pd.to_datetime)
texts = [name for name in table if name not in days and name != "lower_days"]
table[texts] = table[texts].fillna("")
table.to_csv("agreements.csv", index=False)
table.to_excel("agreements.xlsx", index=False)
table.to_stata("agreements.dta", write_index=False, version=118, convert_dates={day: "td" for day in days})
back = {
    "csv": pd.read_csv("agreements.csv", dtype={name: str for name in texts}, parse_dates=days, keep_default_na=False, na_values={"lower_days": [""]}),
    "xlsx": pd.read_excel("agreements.xlsx", dtype={name: str for name in texts}, keep_default_na=False, na_values={"lower_days": [""]}),
    "dta": pd.read_stata("agreements.dta"),
}
result = pd.DataFrame([(form, len(read), all((read[name] == table[name]).all() for name in texts),
                        all((pd.to_datetime(read[day]).eq(table[day]) | table[day].isna()).all() for day in days))
                       for form, read in back.items()], columns=["form", "rows", "same_texts", "same_days"])
print(result.to_string(index=False))
