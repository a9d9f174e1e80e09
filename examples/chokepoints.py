"""What is one CoWoS wafer more worth, and what would two GW more by the end of 2029 take?

Run it from a checkout with ``PYTHONPATH=src python examples/chokepoints.py``; it takes about half a minute, and another
one for the first compilation.
"""

import headrace as hr

found = hr.chokepoints(date="2029Q4", target_gw=2)
wafer = found.sel(layer="packaging").isel(quarter=0)
for name in ("unit_price_usd", "static_value_usd", "use_value_usd", "gross_profit_usd"):
    low, median, high = wafer[name].quantile([0.05, 0.5, 0.95]).values
    print(f"{wafer[name].attrs['long_name']}: {median:,.0f} [{low:,.0f} to {high:,.0f}] USD")
for layer in found["layer"].values[found["raised_share"].values > 0]:
    own = found.sel(layer=layer)
    print(
        f"raise {layer} by {float(own['raised_share']):.0%}, for {float(own['bundle_cost_usd_bn'].median()):.1f} USD bn"
    )
