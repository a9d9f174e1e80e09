"""When does what is paid for AI come back, and at which price of compute would it in four years?

Run it from a checkout with ``PYTHONPATH=src python examples/payback.py``; it takes about half a minute.
"""

import headrace as hr

future = hr.simulate("baseline", draws=500)
answer = hr.payback(future, vintage="2027Q1", target_years=4, drivers=["price", "margin"])

for vintage in answer["vintage"].values[::4]:
    rate = float(answer["rate_of_return"].sel(vintage=vintage).median())
    back = float(answer["share_within_life"].sel(vintage=vintage))
    print(f"{vintage}: returns {rate:+.1%} a year in the median, pays back within its life in {back:.0%} of worlds")

for driver in answer["driver"].values:
    own = answer.sel(driver=driver)
    needed = float(own["required_value"])
    said = f"{needed:.3g}" if needed == needed else "no value in range"
    print(f"{own['driver_label'].item()}: {float(own['value_now']):.3g} now, {said} for four years")
