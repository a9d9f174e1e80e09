"""Compare the golden figures with what the code makes now; write them anew only with ``--accept``.

The golden figures are medians of a small baseline run. They guard against changes that nobody meant; they are no truth.
When to accept a change, and what to write down then: tests/golden/README.md.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden" / "baseline.toml"
DRAWS, SEED = 200, 7
QUARTERS = ("2026Q3", "2028Q4", "2032Q4", "2036Q2")
VARIABLES = (
    "capital_expenditure_usd_bn",
    "ai_capital_expenditure_usd_bn",
    "operating_cash_flow_usd_bn",
    "net_debt_usd_bn",
    "compute_revenue_usd_bn",
    "compute_price_usd_bn_per_gw_quarter",
    "capital_charge_usd_bn",
    "adoption_fraction",
    "spend_to_pool_ratio",
    "active_compute_gw",
    "energised_gw",
    "it_lead_time_quarters",
    "site_lead_time_quarters",
    "tightness",
)
SAME = 1e-6
"""Relative difference that platforms may make."""

Figures = dict[str, dict[str, float]]


def main() -> int:
    """Print old and new figures; with ``--accept``, write the new ones. Returns 1 where some differ and stay."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accept", action="store_true", help="write the new figures")
    accept = parser.parse_args().accept
    old = read() if GOLDEN.exists() else {}
    new = measured()
    changed = differences(old, new)
    for name, quarter, before, after in changed:
        change = (
            "new"
            if np.isnan(before)
            else "gone"
            if np.isnan(after)
            else f"{after / before - 1 if before else np.inf:+.2e}"
        )
        print(f"{name:38} {quarter}  {before:>14.8g}  {after:>14.8g}  {change}")
    if not changed:
        print(f"{sum(map(len, new.values()))} figures as accepted")
    elif accept:
        GOLDEN.write_text(written(new), encoding="utf-8")
        print(f"{len(changed)} figures written to {GOLDEN.name}; say why in the commit")
    else:
        print(f"{len(changed)} figures differ; nothing written. Read tests/golden/README.md before --accept")
    return 1 if changed and not accept else 0


def measured() -> Figures:
    """Medians over draws, builders summed; tightness is that of the tightest layer."""
    from headrace import service

    future = service.simulate("baseline", draws=DRAWS, seed=SEED)
    found: Figures = {}
    for name in VARIABLES:
        values = future[name].sel(quarter=list(QUARTERS))
        if "builder" in values.dims:
            values = values.sum("builder")
        if "layer" in values.dims:
            values = values.max("layer")
        medians = np.median(values.values, axis=0).tolist()
        found[name] = dict(zip(QUARTERS, medians, strict=True))
    return found


def read() -> Figures:
    """The figures accepted last."""
    accepted: Figures = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))
    return accepted


def differences(old: Figures, new: Figures) -> list[tuple[str, str, float, float]]:
    """Variable, quarter, old and new figure where they differ by more than platforms do; NaN where one lacks it."""
    places = [
        (name, quarter)
        for name in dict.fromkeys([*old, *new])
        for quarter in {**old.get(name, {}), **new.get(name, {})}
    ]
    rows = [
        (name, quarter, old.get(name, {}).get(quarter, np.nan), new.get(name, {}).get(quarter, np.nan))
        for name, quarter in places
    ]
    return [row for row in rows if not np.isclose(row[2], row[3], rtol=SAME, atol=0)]


def written(figures: Figures) -> str:
    """The text of the file."""
    lines = [
        f"# Medians of {DRAWS} draws of the baseline, seed {SEED}. Written by scripts/accept_golden.py; see README.md."
    ]
    for name, by_quarter in figures.items():
        lines += ["", f"[{name}]", *(f"{quarter} = {value:.12g}" for quarter, value in by_quarter.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
