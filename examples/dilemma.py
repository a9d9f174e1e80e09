"""Is it a prisoner's dilemma for Meta alone, and what would a longer life of IT make of it?

Run it from a checkout with ``PYTHONPATH=src python examples/dilemma.py``; it takes about half a minute.
"""

import headrace as hr

for label, settings in (
    ("as judged today", {}),
    ("IT that lasts eight years", {"finance.it_economic_life_quarters": 32}),
):
    found = hr.dilemma(strategies=["restrain", "race"], settings=settings, other_levels=False)
    shares = found["class_share"].sel(pair="restrain or race", builder="meta").to_series()
    said = ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if share > 0.05)
    all_restrain = float(found["equilibrium_share"].isel(microsoft=0, amazon=0, alphabet=0, meta=0, oracle=0))
    print(f"{label}: {said}; that all five restrain is a resting point in {all_restrain:.0%} of worlds")
