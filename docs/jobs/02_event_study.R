# 2. An event study by Sun and Abraham's estimator: outcome must be in result beside the panel of job 1.
library(arrow); library(dplyr); library(fixest)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
set.seed(287)
result <- read_parquet(file.path(release, "county_panel.parquet")) |>
  filter(model_group == "TFM", !left_censored, !ever_off) |>
  mutate(first = if_else(first_treated_number == 0, 10000L, as.integer(first_treated_number)),
         outcome = as.integer(county_fips) %% 97 / 10 + 0.05 * period_number + 2 * treated + rnorm(n(), sd = 0.5))
estimate <- feols(outcome ~ sunab(first, period_number) | county_fips + period_number, data = result, cluster = ~state_code)
print(summary(estimate, agg = "att"))
