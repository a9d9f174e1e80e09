"""How much of spending would be left if one fear went, and how sure is that?

Run it from a checkout with ``PYTHONPATH=src python examples/fears.py``; it takes about a quarter of a minute.
"""

import headrace as hr

found = hr.fears(draws=128)
added = found["contribution_usd_bn"].sum("year")
for fear in found["fear"].values:
    low, median, high = added.sel(fear=fear).quantile([0.05, 0.5, 0.95], "draw").values
    left = float(found["left_share"].sel(fear=fear).median())
    sure = "" if low > 0 or high < 0 else ", which cannot be told from zero"
    print(f"{fear} fear adds {median:,.0f} [{low:,.0f} to {high:,.0f}] USD bn{sure}; without it {left:.1%} is left")

whole, none = (
    found["spending_usd_bn"].sel(coalition=name).sum("year") for name in (found["coalition"].values[-1], "none")
)
print(f"Shapley values add up to within {float(abs(added.sum('fear') - (whole - none)).max()):.1e} USD bn")
