* 2. An event study with two-way fixed effects, on staggered_adoption.dta of job 1; outcome is your own.
use "staggered_adoption.dta", clear
generate outcome = mod(id, 97) / 10 + 0.05 * time + 2 * treated + rnormal(0, 0.5)
generate lead_lag = cond(first == 0, -1, max(-6, min(12, time - first)))
replace lead_lag = lead_lag + 100
xtreg outcome ib99.lead_lag i.time, fe vce(cluster id)
testparm i.lead_lag
