* 8. Cities whose own police have an agreement.
* Stata does not read Parquet: agency_residents.csv is pandas' to_csv(index=False) of agency_residents.parquet.
import delimited "agency_residents.csv", clear stringcols(_all)
drop if geo_id == ""
merge m:1 agency_id using "agencies.dta", keep(match) nogenerate
joinby geo_id using "place_parts.dta"
gsort -part_population
list agency_name county_fips part_population in 1/15
