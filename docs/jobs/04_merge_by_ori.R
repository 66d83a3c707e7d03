# 4. Agencies with an agreement today, merged by ORI to a file with a column ori.
library(arrow); library(dplyr); library(readr)
arguments <- commandArgs(TRUE)
release <- if (length(arguments) > 0) arguments[1] else "out/current"
yours <- read_csv(if (length(arguments) > 1) arguments[2] else "data/reference/fbi_agencies.csv", col_types = cols(.default = "c"))
active <- read_parquet(file.path(release, "agreements.parquet")) |> filter(agreement_status == "active")
agencies <- read_parquet(file.path(release, "agencies.parquet")) |> filter(agency_id %in% active$agency_id) |> select(-ori)
oris <- read_parquet(file.path(release, "agency_oris.parquet")) |> select(agency_id, ori)
result <- agencies |> left_join(oris, by = "agency_id") |> mutate(found = ori %in% yours$ori) |>
  group_by(agency_id, agency_level) |> summarise(found = any(found), .groups = "drop") |> count(agency_level, found)
print(result)
