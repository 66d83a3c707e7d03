# 7. Turnbull's estimate of waits of which only an interval is known.
library(arrow); library(dplyr); library(survival)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
result <- read_parquet(file.path(release, "pending.parquet")) |> filter(!is.na(pending_after_date), outcome != "renewal")
waits <- with(result, Surv(wait_min_days, wait_max_days, type = "interval2"))
print(quantile(survfit(waits ~ 1), probs = c(0.25, 0.5, 0.75, 0.9)))
