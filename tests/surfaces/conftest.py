"""A past and a future made up in the one schema, and answers to go with them, for pages that no real run would make.

And a disk that is soon full, and the command line in an empty folder.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result

from headrace import service
from headrace._types import (
    Assumption,
    Figure,
    Headline,
    Interval,
    PairedForecast,
    Receipt,
    ReceiptInput,
    SkillLine,
    SourceNote,
    StartRow,
    Trust,
)
from headrace.cli import main
from headrace.periods import quarter_index, quarter_label, quarter_range
from headrace.report.answers import Answers
from headrace.variables import BUILDERS, GROUPS, LAYERS, PLAYERS, REGIONS, table

LEVEL_BY_UNIT = {"USD bn": 40.0, "GW": 5.0, "1": 1.0, "GW/quarter": 3.0}
FILED = ("capital_expenditure_usd_bn", "operating_cash_flow_usd_bn", "net_debt_usd_bn")
LAST_FILED = "2026Q2"
LABELS = {"builder": list(BUILDERS), "layer": list(LAYERS), "region": list(REGIONS), "group": list(GROUPS)}

NOTE = SourceNote(
    "sec_companyfacts", "Company facts (10-Q)", "SEC", "https://www.sec.gov/x", "Public domain", "", "2026-09-22"
)


@pytest.fixture(scope="session", autouse=True)
def drawn_once() -> Iterator[None]:
    """Drawings by their specification: most pages here have the charts of another, and drawing is most of a page."""
    import vl_convert

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", lru_cache(maxsize=None)(vl_convert.vegalite_to_svg))
        yield


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return command


@pytest.fixture(scope="session")
def made_future() -> Callable[..., xr.Dataset]:
    """``made_future(draws, quarters, title, **values)``: a future; ``values`` replaces variables by name."""

    def make(draws: int = 30, quarters: int = 40, title: str = "Made up", **values: Any) -> xr.Dataset:
        rng = np.random.default_rng(11)
        first = quarter_label(quarter_index(LAST_FILED) + 1)
        data: dict[str, Any] = {}
        known: dict[str, Any] = {}
        for name, variable in table().items():
            shape = (draws, quarters, *(len(labels) for labels in variable.coordinate_of.values()))
            walk = np.exp(np.cumsum(rng.normal(0.005, 0.03, shape), axis=1))
            array = LEVEL_BY_UNIT.get(variable.unit, 1.0) * walk
            if variable.kind == "code":
                array = rng.integers(0, 5, shape)
            if name in values:
                array = np.broadcast_to(np.asarray(values[name], dtype=float), shape)
            dims = ("quarter", *variable.dims)
            data[name] = (("draw", *dims), array)
            known[f"status_{name}"] = (dims, np.full(shape[1:], "scenario"))
            known[f"quality_{name}"] = (dims, np.full(shape[1:], "C"))
        world = {
            "as_of": "2026-09-11", "scenario": "made_up", "settings": {}, "seed": 7, "draws": draws,
            "quarters": quarters, "start_quarter": LAST_FILED, "version": "0", "without": [],
            "page": {"title": "Made up", "dated": "2026-09-11", "summary": "Half of 2 things.", "changes": []},
        }  # fmt: skip
        axes = {"draw": range(draws), "quarter": quarter_range(first, quarters), **LABELS}
        return xr.Dataset(data, {**axes, **known}, {"title": title, "world": json.dumps(world)})

    return make


@pytest.fixture(scope="session")
def made_history() -> Callable[..., xr.Dataset]:
    """``made_history(known_from)``: filings of the five players from a quarter on, everything else unresolved."""

    def make(known_from: str = "2018Q1") -> xr.Dataset:
        count = quarter_index(LAST_FILED) - quarter_index("2014Q1") + 1
        quarters = quarter_range("2014Q1", count)
        filed = np.array([quarter_index(quarter) >= quarter_index(known_from) for quarter in quarters])
        data: dict[str, Any] = {}
        known: dict[str, Any] = {}
        for name, variable in table().items():
            dims = ("quarter", *variable.dims)
            shape = (count, *(len(labels) for labels in variable.coordinate_of.values()))
            array = np.full((1, *shape), np.nan)
            status = np.full(shape, "unresolved", dtype="<U10")
            quality = np.full(shape, "", dtype="<U1")
            if name in FILED:
                array[0, filed, : len(PLAYERS)] = np.linspace(10, 45, count)[filed, None] * np.arange(1, 6) / 3
                status[filed, : len(PLAYERS)], quality[filed, : len(PLAYERS)] = "reported", "A"
            data[name] = (("draw", *dims), array)
            known[f"status_{name}"], known[f"quality_{name}"] = (dims, status), (dims, quality)
        axes = {"draw": [0], "quarter": quarters, **LABELS}
        return xr.Dataset(data, {**axes, **known}, {"title": "Made-up filings", "world": "{}"})

    return make


@pytest.fixture(scope="session")
def made_answers() -> Callable[..., Answers]:
    """``made_answers(future, history, **replaced)``: what a service might say of them."""

    def make(future: xr.Dataset, history: xr.Dataset, **replaced: Any) -> Answers:
        draws, quarters = future.sizes["draw"], history.sizes["quarter"] + future.sizes["quarter"]
        given: Mapping[str, Any] = {
            "headlines": _headlines(),
            "assumptions": _assumptions(),
            "start": [_start_row(builder) for builder in BUILDERS],
            "sources": [NOTE],
            "receipt": _receipt,
            "movers": lambda values, among: [],
            "guidance": Headline("guidance", "Guidance", "Guided: 451; made: 374.", ()),
            "over_cash_flow": xr.DataArray(np.linspace(0.5, 1.2, draws * quarters).reshape(draws, quarters)),
            "siting": service.siting(future),
            "market": service.confirmation(future),
            "changes": [],
            "trust": _trust(),
        }
        return Answers(**{**given, **replaced})

    return make


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a tiny disk, and not everywhere")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def _headlines() -> list[Headline]:
    ratio = Figure("ratio", "Spend over pool", 1.36, 0.91, 2.4, "1", "spend_to_pool_ratio", "scenario", "C")
    nash = Figure("nash", "Nash", 0.914, 0.7, 1.1, "1", "nash_ratio", "scenario", "C")
    year = Figure("year", "Year", 2037, 2037, 2037, "year", "capital_charge_usd_bn", "scenario", "C", "not by 2036 [not by 2036 - not by 2036]")  # noqa: E501  # fmt: skip
    return [
        Headline("spend", "Spend", "In 2026Q3: 1.36 [0.91 - 2.40], above Nash (0.91) in 44% of draws.", (ratio, nash)),
        Headline("cover", "Cover", "Not by 2036; 1,234 others.", (year,)),
        Headline("none", "Nothing", "Not in this run, which ends with 2027Q1.", ()),
    ]  # fmt: skip


def _assumptions() -> list[Assumption]:
    def row(name: str, basis: str, value: str, low: float, median: float, high: float) -> Assumption:
        return Assumption(
            name, name.replace("_", " "), "1", basis, value, low, median, high, "sec_companyfacts", "Company facts",
            "page 3", "C" if basis == "judgement" else "A", "nobody publishes 1 figure",
        )  # fmt: skip

    return [
        row("rivalry.adjustment_speed", "judgement", "0.35 [0.2 - 0.6]", 0.2, 0.35, 0.6),
        row("rivalry.franchise_at_stake", "judgement", "0.5 [-0.1 - 1] 1/quarter", -0.1, 0.5, 1.0),
        row("demand.price_elasticity", "published", "1.2", 1.2, 1.2, 1.2),
        row("builder.meta.payout_share", "judgement", "0.01 [0 - 0.9]", 0.0, 0.01, 0.9),
    ]


def _trust() -> Trust:
    """A line that is lost, one that is won, one that the table lacks, and two forecasts of others."""
    lost = SkillLine("capital_expenditure_oracle", "Of it Oracle", 1, 27, "theta", 1.92, 1.48, 2.31, 0.704)
    won = SkillLine("capital_expenditure", "The five", 8, 20, "random_walk_with_drift", 0.89, 0.85, 0.96, 0.75)
    said = ("2025-02-07", ("amazon", "meta"), "CY2025", "USD bn", "B", "https://example.org/x")
    pairs = (
        PairedForecast("A house", *said, 315.0, 300.0, 376.1, 0.18, 0.23),
        PairedForecast("Another", *said[:1], ("microsoft",), "FY2024Q4", *said[3:], 13.6, 13.8, 13.9, 0.02, 0.01),
    )
    missing = (("capital_expenditure", 4), ("capital_expenditure_meta", 2))
    return Trust("2019-12-31", "2026-06-30", (lost,), (won,), missing, 77, 35, pairs, 0, 48, "2026-09-16")


def _start_row(builder: str) -> StartRow:
    one = Interval(30.0, 28.0, 33.0)
    filed = Interval(35.8, 35.8, 35.8)
    return StartRow(builder, filed, Interval(0.8, 0.7, 0.9), one, one, Interval(-1.0, -3.0, 1.0), {"filed_capex_usd_bn": "reported"})  # noqa: E501  # fmt: skip


def _receipt(name: str) -> Receipt:
    variable = table()[name]
    rows = [ReceiptInput(text, "variable", text, "scenario", "C") for text in variable.inputs if text in table()]
    rows += [
        ReceiptInput(f"meta {text[6:]} 2026Q2", "fact", "30.1 USD bn", "reported", "A", NOTE.id, NOTE.title, NOTE.url)
        for text in variable.inputs
        if text.startswith("facts:")
    ]
    return Receipt(
        name, variable.label, variable.definition, variable.symbol, variable.unit, variable.formula, tuple(rows),
        (NOTE,), "2026-09-11", "headrace run made_up", f'hr.simulate("made_up")["{name}"]', "scenario", "C",
    )  # fmt: skip
