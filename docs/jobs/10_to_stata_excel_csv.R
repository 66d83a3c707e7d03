# 10. The agreements to Stata and CSV, and back.
library(arrow); library(dplyr); library(haven); library(readr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
result <- read_parquet(file.path(release, "agreements.parquet")) |>
  select(agreement_id, state_code, model, signed_date, began_by_date, ended_by_date, agreement_status, lower_days)
write_dta(result, "agreements.dta")
write_csv(result, "agreements.csv", na = "")
stopifnot(nrow(read_dta("agreements.dta")) == nrow(result), nrow(read_csv("agreements.csv", show_col_types = FALSE)) == nrow(result))
