"""Inventories over revenue against their own past: on planted filings and on those that ship."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from headrace.analyses import inventories
from headrace.analyses.inventories import scarce_inventory
from headrace.errors import PeriodError
from headrace.periods import quarter_range


def planted(stock: list[float], entity: str = "micron") -> pd.DataFrame:
    """Revenue of 100 each quarter, and these inventories."""
    quarters = quarter_range("2018Q1", len(stock))
    flows = {"entity": entity, "concept": "revenue", "value": 100.0, "calendar_quarter": quarters}
    held = {"entity": entity, "concept": "inventory", "value": stock, "calendar_quarter": quarters}
    return pd.concat([pd.DataFrame(flows), pd.DataFrame(held)], ignore_index=True)


def test_a_stock_that_falls_below_its_past_is_scarce(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logarithms of the past swing by one unit around their mean, so a stock e^3 below it is about three deviations."""
    past = [100 * np.exp((-1.0) ** step) for step in range(20)]
    monkeypatch.setattr(inventories.facts, "load", lambda as_of=None: planted([*past, 100 * np.exp(-3)]))
    found = scarce_inventory(quarters=["2022Q4", "2023Q1", "2023Q2"])
    values = found["scarcity"].sel(layer="memory").values
    # The first three quarters have no revenue of four quarters, so 17 of them are the past of 2023Q1.
    spread = np.std([(-1.0) ** step for step in range(3, 20)], ddof=1)
    mean = np.mean([(-1.0) ** step for step in range(3, 20)])
    assert values[1] == pytest.approx((3 + mean) / spread)
    assert np.isnan(values[2])
    assert found["suppliers"].sel(layer="memory", quarter="2023Q1") == 1
    assert np.isnan(found["scarcity"].sel(layer="grid")).all()


def test_too_short_a_past_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventories.facts, "load", lambda as_of=None: planted([90.0 + step for step in range(12)]))
    assert scarce_inventory(quarters=quarter_range("2018Q1", 12))["scarcity"].isnull().all()


def test_memory_was_in_glut_in_2023_and_is_scarce_in_2026() -> None:
    memory = scarce_inventory()["scarcity"].sel(layer="memory")
    assert memory.sel(quarter="2023Q2") < -1
    assert memory.sel(quarter="2026Q2") > 1


def test_a_day_hides_what_was_filed_after_it() -> None:
    early, late = scarce_inventory(as_of="2024-12-31")["scarcity"], scarce_inventory()["scarcity"]
    assert early.sel(quarter=slice("2025Q1", None)).isnull().all()
    assert early.sel(quarter="2023Q4", layer="memory") == pytest.approx(late.sel(quarter="2023Q4", layer="memory"))
    with pytest.raises(PeriodError):
        scarce_inventory(as_of="1999-01-01")
