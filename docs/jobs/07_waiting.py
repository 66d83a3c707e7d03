"""7. How long agencies wait on the pending list: Turnbull's estimate, for waits of which only an interval is known.

A wait that ended lies between wait_min_days and wait_max_days; one that did not is longer than wait_min_days. Waits
that were there on the first pending list, whose begin is not known, and renewals are left out.
"""
import sys

import numpy as np
import pandas as pd

release = sys.argv[1] if len(sys.argv) > 1 else "out/current"
waits = pd.read_parquet(f"{release}/pending.parquet")
waits = waits[waits.pending_after_date.notna() & (waits.outcome != "renewal")]
low = waits.wait_min_days.astype(float).to_numpy()
high = waits.wait_max_days.astype(float).fillna(np.inf).to_numpy()
ends = np.unique(high)  # the estimate can only change at the right end of an interval
low = np.where(low == high, low - 0.5, low)  # a wait whose bounds are equal is known to the day
inside = (ends[None, :] > low[:, None]) & (ends[None, :] <= high[:, None])
share = np.full(len(ends), 1 / len(ends))
for _ in range(20_000):
    mine = inside * share
    new = (mine / mine.sum(axis=1, keepdims=True)).mean(axis=0)
    done, share = np.abs(new - share).max() < 1e-9, new
    if done:
        break
still = 1 - np.cumsum(share)
result = pd.DataFrame({"days": ends, "still_waiting": still.clip(0)})
print(f"{len(waits)} waits, {int(np.isinf(high).sum())} of them without an end")
print(result[result.days.isin([ends[still <= part].min() for part in (0.75, 0.5, 0.25, 0.1) if (still <= part).any()])].to_string(index=False))
