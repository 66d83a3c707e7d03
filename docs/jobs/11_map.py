"""11. A map of your own: the release's map.svg with other colours, here the share of days of this year with a task force."""
import re
import sys

import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
panel = pd.read_parquet(f"{release}/county_panel.parquet")
panel["year"] = pd.to_datetime(panel.period_date).dt.year
this = panel[(panel.model_group == "TFM") & (panel.year == panel.year.max())]
result = this.groupby("county_fips")[["day_count", "known_day_count"]].sum().eval("share = day_count / known_day_count").reset_index()
counties = pd.read_parquet(f"{release}/counties_reference.parquet")[["county_fips", "county_name", "state_code"]]
result = result.merge(counties, on="county_fips")
shade = {f"{name}, {state}": 235 - int(200 * share) for name, state, share in zip(result.county_name, result.state_code, result.share)}


def colour(found):
    name = found[2].replace("&#39;", "'")
    level = shade.get(name, 235)
    return f'<path style="fill:rgb({level},{level},235)"{found[1]}<title>{name}:'


picture = open(f"{release}/map.svg", encoding="utf-8").read()
picture, drawn = re.subn(r'<path class="\w+"( [^>]*>)<title>([^:<]+):', colour, picture)
open("task_forces.svg", "w", encoding="utf-8").write(picture)
print(f"{drawn} counties drawn in task_forces.svg, {int((result['share'] > 0).sum())} of them with a task force on some day")
