# 9. Coverage for county codes of before 2019 or 2022.
library(arrow); library(dplyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
yours <- data.frame(your_fips = c("02261", "09001", "12086", "51515"))
newest <- read_parquet(file.path(release, "county_panel.parquet")) |>
  filter(model_group == "all", period_number == max(period_number)) |> select(county_fips, treated)
crosswalk <- read_parquet(file.path(release, "county_crosswalk.parquet"))
result <- yours |> left_join(crosswalk, by = c("your_fips" = "old_county_fips")) |>
  mutate(weight = if_else(is.na(county_fips), 1, old_population_share), county_fips = coalesce(county_fips, your_fips)) |>
  left_join(newest, by = "county_fips") |> group_by(your_fips) |> summarise(treated_share = sum(weight * treated))
print(result)
