* 7. Waits of which only an interval is known: a parametric model, from pending.csv (pandas: to_csv of pending.parquet).
import delimited "pending.csv", clear
drop if pending_after_date == "" | outcome == "renewal"
generate low = wait_min_days
replace low = 0.5 if low == 0
stintreg, interval(low wait_max_days) distribution(weibull)
estat ic
