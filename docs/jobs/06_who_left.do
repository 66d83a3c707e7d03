* 6. Agreements that were removed, and why.
* Stata does not read Parquet: ends.csv is pandas' to_csv(index=False) of ends.parquet.
import delimited "ends.csv", clear stringcols(_all)
tabulate end_reason
list state_code agency_id model ended_by_date end_reason if end_reason != "not_known"
