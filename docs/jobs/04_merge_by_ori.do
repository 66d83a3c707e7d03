* 4. Agencies merged by ORI to a file of your own.
* Stata does not read Parquet: agencies.csv is pandas' to_csv(index=False) of agencies.parquet.
import delimited "agencies.csv", clear stringcols(_all)
drop if ori == ""
merge m:1 ori using "yours.dta"
tabulate agency_level _merge
