"""5. Jails only: counties whose jail's operator has a jail agreement, by month, and who these operators are.

The rule `jail_operator` counts the agency that runs the jail (agencies.runs_jail, with its evidence), and not every agency
of a county; models are JEM or WSO.
"""
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
months = pd.read_parquet(f"{release}/county_months.parquet").query("model_group == 'jail' and rule in ('jail_operator', 'county_agency')")
result = months.pivot_table(index="month_date", columns="rule", values="county_fips", aggfunc="nunique", fill_value=0).reset_index()
print(result.tail(12).to_string(index=False))
agencies = pd.read_parquet(f"{release}/agencies.parquet")
held = pd.read_parquet(f"{release}/agreements.parquet").query("agreement_status == 'active' and counts_for_model != 'TFM'")
agencies = agencies[agencies.agency_id.isin(held.counts_for_agency_id)]
kinds = agencies.assign(runs_jail=agencies.runs_jail.map({True: "runs a jail", False: "runs none"}).fillna("not known"))
print(kinds.groupby(["runs_jail", "agency_kind"]).size().to_string())
