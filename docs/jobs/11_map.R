# 11. The release's map in other colours: the share of days of the newest year with a task force.
library(arrow); library(dplyr)
release <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else "out/current"
counties <- read_parquet(file.path(release, "counties_reference.parquet"))
result <- read_parquet(file.path(release, "county_panel.parquet")) |> filter(model_group == "TFM") |>
  mutate(year = format(period_date, "%Y")) |> filter(year == max(year)) |> group_by(county_fips) |>
  summarise(share = sum(day_count) / sum(known_day_count)) |> inner_join(counties, by = "county_fips")
picture <- paste(readLines(file.path(release, "map.svg"), encoding = "UTF-8"), collapse = "\n")
for (at in which(result$share > 0)) {
  name <- gsub("'", "&#39;", paste0(result$county_name[at], ", ", result$state_code[at]), fixed = TRUE)
  before <- sprintf('<path class="(\\w+)"( [^>]*>)<title>%s:', gsub("([.()])", "\\\\\\1", name))
  picture <- sub(before, sprintf('<path style="fill:#08306b;fill-opacity:%.2f"\\2<title>%s:', result$share[at], name), picture)
}
writeLines(picture, "task_forces.svg")
