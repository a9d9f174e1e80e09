"""The page on tightness: the outcome by quarter, its evidence, and what even odds and two rivals would have scored."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import xarray as xr

from headrace.analyses.bottleneck_score import bottleneck_score
from headrace.analyses.inventories import scarce_inventory
from headrace.analyses.tightest import EVIDENCE, LAYERS_OF, tightest_layers
from headrace.evidence import tightness
from headrace.variables import LAYERS

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]

LEAD = (
    "Which layer of each branch was the tightest in each past quarter, as far as a dated ledger of figures and "
    "statements can say (`src/headrace/data/tightness.toml`). Kinds of evidence are not compared with each other: each "
    "votes or abstains, and a quarter is decided where those that vote agree. How and why: "
    "[decision 013](decisions/013-tightness-outcomes.md)."
)


def tightness_page(table: Table) -> str:
    """Outcomes, what measures and inventories say, scores of even odds beside the rivals, then the ledger."""
    found, ledger = tightest_layers(), tightness.load()
    scores = bottleneck_score(_even_odds(found))
    return "\n".join([
        "## Outcome", "", _outcomes(found, table), "",
        "## Waits, by layer", "",
        "Logarithm of demand over supply that waits for an order stand for; 0 is balance, empty is unknown.", "",
        _by_layer(found["log_tightness"].sel(measure="wait"), table), "",
        "## Inventories, by layer", "",
        "Inventory over revenue below what was usual, in standard deviations; above 0 is scarcer. Beside the outcome, "
        "without a vote.", "",
        _by_layer(scarce_inventory()["scarcity"], table), "",
        "## Even odds beside two rivals, one quarter ahead", "",
        f"The same probability for each of five layers scores ln(1/5) = {math.log(1 / 5):.2f} a quarter. *Difference* "
        "is that score less the rival's: above 0 the rival did worse than knowing nothing.", "",
        _differences(scores, table), "",
        "## Figures", "", _observations(ledger.observations, table), "",
        "## Statements", "", _statements(ledger.statements, table), "",
    ])  # fmt: skip


def _even_odds(found: xr.Dataset) -> xr.DataArray:
    origins = found["quarter"].values.tolist()[:-1]
    odds = [[1 / len(own) if layer in own else 0.0 for layer in LAYERS] for own in LAYERS_OF.values()]
    return xr.DataArray(
        np.array([odds] * len(origins)),
        coords={"origin": origins, "branch": list(LAYERS_OF), "layer": list(LAYERS)},
        dims=("origin", "branch", "layer"),
    )


def _outcomes(found: xr.Dataset, table: Table) -> str:
    return table(
        ("quarter", "branch", "tightest", "kinds of evidence", "pages", "status"),
        (
            (
                quarter,
                branch,
                one["tightest"].item(),
                ", ".join(
                    kind for kind in EVIDENCE if one["tightest"].item() and one["vote"].sel(evidence=kind).item()
                ),
                f"{float(one['sources']):.0f}" if one["tightest"].item() else "",
                one["status"].item(),
            )
            for branch in LAYERS_OF
            for quarter in found["quarter"].values.tolist()
            for one in (found.sel(branch=branch, quarter=quarter),)
        ),
    )


def _by_layer(values: xr.DataArray, table: Table) -> str:
    quarters = values["quarter"].values.tolist()
    seen = [layer for layer in LAYERS if values.sel(layer=layer).notnull().any()]
    return table(
        ("layer", *quarters),
        ((layer, *(_or_empty(float(values.sel(layer=layer, quarter=one))) for one in quarters)) for layer in seen),
    )


def _differences(scores: xr.Dataset, table: Table) -> str:
    return table(
        ("rival", "branch", "n", "mean difference", "even odds won"),
        (
            (
                rival.replace("_", " "),
                over,
                f"{int(one['n'])}",
                _or_empty(float(one["mean_difference"])),
                f"{int(one['won'])}",
            )
            for rival in scores["rival"].values.tolist()
            for over in scores["over"].values.tolist()
            for one in (scores[["n", "mean_difference", "won"]].sel(rival=rival, over=over),)
        ),
    )


def _observations(rows: Iterable[tightness.Observation], table: Table) -> str:
    return table(
        ("layer", "of", "known from", "speaks of", "measure", "value", "normal", "why normal", "basis", "quality"),
        (
            (
                row.layer,
                f"[{row.item}]({row.source_url})",
                _day(row),
                _span(row),
                tightness.MEASURES[row.measure].lower(),
                f"{row.middle:.3g} {'' if row.unit == '1' else row.unit}",
                f"{row.normal:g}",
                row.normal_reason,
                row.normal_basis,
                row.quality,
            )
            for row in rows
        ),
    )


def _statements(rows: Iterable[tightness.Statement], table: Table) -> str:
    return table(
        ("names", "by", "known from", "speaks of", "quality"),
        ((", ".join(row.layers), f"[{row.by}]({row.source_url})", _day(row), _span(row), row.quality) for row in rows),
    )


def _day(row: tightness.Observation | tightness.Statement) -> str:
    return f"{'~' if row.day_approximate else ''}{row.observed}"


def _span(row: tightness.Observation | tightness.Statement) -> str:
    first, last = row.quarters[0], row.quarters[-1]
    return first if first == last else f"{first} to {last}"


def _or_empty(value: float) -> str:
    return "" if math.isnan(value) else f"{value:+.2f}"
