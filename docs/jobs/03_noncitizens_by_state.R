# 3. Noncitizens covered by state, with margins.
library(arrow); library(dplyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
result <- read_parquet(file.path(release, "coverage.parquet")) |>
  filter(rule == "county_agency", model_group == "all", is.na(until_date), geography != "US") |>
  select(geography, county_count, noncitizen_covered, noncitizen_covered_moe, noncitizen_share, noncitizen_share_moe) |>
  arrange(desc(noncitizen_covered))
print(head(result, 15))
