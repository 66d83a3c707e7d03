* 1. The panel for csdid outcome, ivar(id) time(time) gvar(first), from staggered_adoption.csv of the Python job.
import delimited "staggered_adoption.csv", clear
label variable first "first treated month; 0 never"
xtset id time
preserve
bysort id (time): keep if _n == 1
tabulate first
restore
generate event_time = time - first if first > 0
save "staggered_adoption.dta", replace
