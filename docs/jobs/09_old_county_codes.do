* 9. Coverage for county codes of before 2019 or 2022.
* Stata does not read Parquet: county_crosswalk.csv is pandas' to_csv(index=False) of county_crosswalk.parquet.
import delimited "county_crosswalk.csv", clear stringcols(1 2)
merge m:1 county_fips using "newest_panel.dta", keep(match) nogenerate
generate double part = old_population_share * treated
collapse (sum) part, by(old_county_fips)
list
