"""The page on the baseline: what a reason explains is measured, also where that is nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xarray as xr

pytestmark = pytest.mark.xdist_group("future")


@pytest.fixture
def scripts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts, importable."""
    monkeypatch.syspath_prepend(str(root / "scripts"))


def test_a_world_that_changes_nothing_explains_nothing(scripts: None, future: xr.Dataset) -> None:
    from baseline_page import page
    from baseline_reasons import CHANGED

    text = page(dict.fromkeys(("baseline", *CHANGED), future), draws=64, seed=7)
    said = re.findall(r"closes (-?\d+)% of the difference and (\w[\w ]+)\.", text)
    assert said
    assert set(said) == {("0", "does not carry it")}
    assert not re.search(r"\b(nan|inf|None)\b|[{}]", text)
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == 10


def test_a_world_that_goes_all_the_way_carries_the_difference(scripts: None, future: xr.Dataset) -> None:
    from baseline_page import page
    from baseline_reasons import CHANGED

    all_the_way = future.assign(net_debt_usd_bn=future["net_debt_usd_bn"] * 0)
    all_the_way["net_debt_usd_bn"][:, 1:] = 900 / 5  # raised after the first quarter, as the prototype did
    text = page(dict.fromkeys(("baseline", *CHANGED), future) | {"flat_franchise": all_the_way}, draws=64, seed=7)
    assert "franchise cash flow that does not grow: 900, which closes 100% of the difference and carries it." in text


def test_every_reason_is_of_a_figure_and_tested_by_a_world_that_is_run(scripts: None) -> None:
    from baseline_reasons import CHANGED, REASONS
    from headrace.analyses.prototype import MEASURES

    sites = {"stock_at_start", "added_2026", "added_2027", "growth_2026", "growth_2027"}
    assert {key for reason in REASONS for key in reason.figures} <= set(MEASURES) | sites
    assert {reason.world for reason in REASONS} - {None} <= set(CHANGED)
