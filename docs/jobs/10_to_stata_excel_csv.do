* 10. The agreements in Excel and CSV, from the Stata file of the Python job.
use "agreements.dta", clear
export excel using "agreements_stata.xlsx", firstrow(variables) replace
export delimited using "agreements_stata.csv", replace
describe
