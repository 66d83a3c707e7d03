# 5. Counties whose jail's operator has a jail agreement, by month.
library(arrow); library(dplyr); library(tidyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
result <- read_parquet(file.path(release, "county_months.parquet")) |>
  filter(model_group == "jail", rule %in% c("jail_operator", "county_agency")) |>
  group_by(month_date, rule) |> summarise(counties = n_distinct(county_fips), .groups = "drop") |>
  pivot_wider(names_from = rule, values_from = counties, values_fill = 0)
print(tail(result, 12))
