"""1. A county-month panel for staggered adoption, as Callaway and Sant'Anna's estimators take it: id, time, first treated.

First treated is 0 where a county never was; counties on the first list, whose begin is unknown, and counties whose
coverage ended are left out, because these estimators need a known begin and a treatment that stays.
"""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
panel = pd.read_parquet(f"{release}/county_panel.parquet")
panel = panel[(panel.model_group == "TFM") & ~panel.left_censored & ~panel.ever_off & panel.population.notna()]
result = pd.DataFrame({
    "id": panel.county_fips.astype(int), "time": panel.period_number, "first": panel.first_treated_number.astype(int),
    # To leave out counties whose first month is not sure: result[~result.unsure].
    "unsure": panel.first_treated_low_date.notna() & (panel.first_treated_low_date != panel.first_treated_high_date),
    "first_by_signing": panel.first_signed_number, "treated": panel.treated.astype(int), "population": panel.population,
})
result.to_csv("staggered_adoption.csv", index=False)
counties = result.drop_duplicates("id")
print(f"{len(counties)} counties by {result.time.nunique()} months; first treated, by month number:")
print(counties["first"].value_counts().sort_index().to_string())
