"""2. An event study on the panel: each cohort's change since the month before it was treated, less that of the never treated.

The outcome is made here, with an effect of 2.0 that must be found again; put your own in its place.
"""
import sys

import numpy as np
import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
panel = pd.read_parquet(f"{release}/county_panel.parquet")
panel = panel[(panel.model_group == "TFM") & ~panel.left_censored & ~panel.ever_off]
panel["first"] = panel.first_treated_number.astype(int)
noise = np.random.default_rng(287).normal(0, 0.5, len(panel))
county = panel.county_fips.astype(int) % 97 / 10
panel["outcome"] = county + 0.05 * panel.period_number + 2.0 * panel.treated.astype(float) + noise
wide = panel.pivot(index="county_fips", columns="period_number", values="outcome")
first = panel.drop_duplicates("county_fips").set_index("county_fips")["first"].reindex(wide.index)
rows = []
for cohort, members in wide.groupby(first):
    if cohort > 1:  # 0 is never treated; a cohort of month 1 has no month before it
        change = members.sub(members[cohort - 1], axis=0).mean() - wide[first == 0].sub(wide[first == 0][cohort - 1], axis=0).mean()
        rows += [(time - cohort, len(members), effect) for time, effect in change.items()]
effects = pd.DataFrame(rows, columns=["months", "counties", "effect"])
effects["weighted"] = effects.effect * effects.counties
result = effects.groupby("months")[["weighted", "counties"]].sum().query("-6 <= months <= 12").reset_index()
result["effect"] = result.weighted / result.counties
print(result[["months", "counties", "effect"]].round(3).to_string(index=False))
