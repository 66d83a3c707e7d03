# 12. Three published figures held against the lists, and the citation.
library(arrow); library(dplyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
result <- read_parquet(file.path(release, "claims.parquet")) |>
  filter(claim_id %in% c("2025-06-06-agreements", "2025-06-06-new-agreements", "2025-06-06-new-agreement-states")) |>
  select(as_of_date, printed_text, printed_value, computed_value, verdict)
print(result)
cat(readLines(file.path(release, "citation.bib")), sep = "\n")
