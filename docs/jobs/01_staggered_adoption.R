# 1. The panel for did::att_gt(yname, tname = "time", idname = "id", gname = "first", data = result).
library(arrow); library(dplyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
panel <- read_parquet(file.path(release, "county_panel.parquet"))
result <- panel |>
  filter(model_group == "TFM", !left_censored, !ever_off, !is.na(population)) |>
  transmute(id = as.integer(county_fips), time = period_number, first = first_treated_number,
            unsure = !is.na(first_treated_low_date) & first_treated_low_date != first_treated_high_date,
            first_by_signing = first_signed_number, treated = as.integer(treated), population)
print(result |> distinct(id, first) |> count(first), n = Inf)
