"""What companies have guided against what the model has them spend: the sum, and a verdict that turns with it."""

from __future__ import annotations

import pytest
import xarray as xr

from headrace.analyses.guidance import guidance_check
from headrace.parameters.registry import registry
from headrace.variables import PLAYERS

CAPEX = "capital_expenditure_usd_bn"


def spending(future: xr.Dataset, factor: float) -> xr.Dataset:
    """The run with every builder spending ``factor`` times what it has guided."""
    filed = future["start_filed_capex_usd_bn"].isel(draw=0).sel(builder=list(PLAYERS))
    guided = sum(
        float(filed.sel(builder=p)) * (1 + registry()[f"builder.{p}.guided_growth"].value) for p in PLAYERS
    ) / len(PLAYERS)
    return future.assign({CAPEX: xr.full_like(future[CAPEX], factor * guided)})


def test_guidance_adds_up_over_the_five_and_the_quarters_it_covers(future: xr.Dataset) -> None:
    guided = guidance_check(future).figures[0]
    filed = {"microsoft": 35.802, "amazon": 54.208, "alphabet": 44.924, "meta": 30.116, "oracle": 16.493}
    growth = {p: registry()[f"builder.{p}.guided_growth"].value for p in PLAYERS}
    assert guided.median == pytest.approx(2 * sum(filed[p] * (1 + growth[p]) for p in PLAYERS))
    assert guided.low < guided.median < guided.high


@pytest.mark.parametrize(
    ("factor", "verdict"), [(0.5, "less than guided in 100%"), (1.0, "agree"), (2.0, "more than companies have guided")]
)
def test_the_verdict_turns_with_the_result(future: xr.Dataset, factor: float, verdict: str) -> None:
    said = guidance_check(spending(future, factor))
    assert verdict in said.sentence
    assert said.figures[2].median == (1.0 if factor < 1 else 0.0)
