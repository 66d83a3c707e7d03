* 11. The share of days of a year with a task force, for a map of your own, from: coverage287 panel --models TFM --every year --output panel.csv
import delimited "panel.csv", clear stringcols(1)
egen newest = max(period_number)
keep if period_number == newest
keep county_fips treated_share
export delimited using "task_forces.csv", replace
