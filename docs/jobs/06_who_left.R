# 6. Agreements that were removed, and why where a source was read.
library(arrow); library(dplyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
agencies <- read_parquet(file.path(release, "agencies.parquet")) |> select(agency_id, agency_name)
result <- read_parquet(file.path(release, "ends.parquet")) |> left_join(agencies, by = "agency_id") |> arrange(ended_by_date)
print(count(result, end_reason))
print(filter(result, end_reason != "not_known") |> select(state_code, agency_name, model, ended_by_date, end_reason), n = Inf)
