# 8. Cities whose own police have an agreement, by the part in each county.
library(arrow); library(dplyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
table <- function(name) read_parquet(file.path(release, paste0(name, ".parquet")))
held <- table("agreements") |> filter(agreement_status == "active") |>
  group_by(agency_id) |> summarise(models = paste(sort(model), collapse = "+"))
result <- held |> inner_join(table("agency_residents") |> select(agency_id, geo_id), by = "agency_id") |>
  inner_join(table("agencies") |> select(agency_id, agency_name, state_code), by = "agency_id") |>
  inner_join(table("place_parts") |> select(geo_id, county_fips, part_population, part_foreign_born), by = "geo_id") |>
  arrange(desc(part_population))
print(head(result, 15))
