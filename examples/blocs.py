"""What does an American export control cost whom, and how dear must standing be for it to pay?

Run it from a checkout with ``PYTHONPATH=src python examples/blocs.py``; it takes about half a minute.
"""

import headrace as hr

found = hr.blocs(strategies=["open", "restrict"])
effect = found["effect_usd_bn"].sel(mover="united_states", move="restrict")
for party in effect["party"].values:
    low, median, high = effect.sel(party=party).quantile([0.05, 0.5, 0.95], "draw").values
    print(f"{party}: {median:,.0f} [{low:,.0f} to {high:,.0f}] USD bn of present value")
print("standing turns the game at", found.attrs["turns_at_usd_bn"] or "no sum looked at", "USD bn a point of share")
