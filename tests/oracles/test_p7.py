"""P7: NVIDIA's revenue becomes units, units become H100 equivalents and GW.

Expected: 13.66 million H100 equivalents [11.90 - 15.55] and 8.56 GW of chips shipped by the end of calendar 2025.
Source: Epoch AI chip counts of March 2026 (CC BY 4.0), <https://epoch.ai/data/ai-chip-sales>.
Differs: The median agrees, our interval has 0.67 of its width because chips are drawn apart, and IT power is 1.79 times
    that of the chips because hosts, switches and racks are in it.

Counted from 2022Q1. Totals come from joint draws; percentiles of parts are not summed.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from headrace.analyses import recipes
from headrace.parameters.priors import draw_parameters, uniform_numbers
from headrace.parameters.registry import registry

EPOCH = Path(__file__).parents[2].parent / "shared" / "data" / "epoch"
needs_the_inputs = pytest.mark.skipif(not EPOCH.is_dir(), reason="the inputs of the chip counts are not here")

LOW, MEDIAN, HIGH = 11.90, 13.66, 15.55
"""H100 equivalents, million."""

CHIP_POWER_GW = 8.56
DRAWS = 4000

PRICE_COLUMNS = {"A100": 1, "H100": 4, "GB200": 8, "GB300": 12, "H20": 16}
"""Column of the low price of a year; the high price is the next one."""

GENERATION = {"A100": "a100", "H100": "h100", "GB200": "gb200", "GB300": "gb300", "H20": "h20"}
COUNTED_AS = {"A800": "A100", "H800": "H100", "B200": "GB200", "B300": "GB300"}


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return draw_parameters(registry().values(), 7, 0, DRAWS)


@pytest.fixture(scope="module")
def shipped() -> dict[str, np.ndarray]:
    return recipes.shipped_units(7, DRAWS, "nvidia")


def percentiles(values: np.ndarray) -> tuple[float, float, float]:
    low, median, high = np.percentile(values, (5, 50, 95))
    return float(low), float(median), float(high)


def test_units_times_our_h100_equivalents_are_their_total(drawn: dict, shipped: dict) -> None:
    total = sum((units * drawn[f"recipe.{g}.h100e"]).sum(axis=0) for g, units in shipped.items()) / 1e6
    low, median, high = percentiles(total)
    assert median == pytest.approx(MEDIAN, rel=0.005)
    # Ours is narrower, 0.67 of theirs: we draw chips apart, they share the part of revenue that is compute.
    assert LOW < low < median < high < HIGH
    assert (high - low) / (HIGH - LOW) == pytest.approx(0.67, abs=0.05)


def test_summed_percentiles_would_be_wider_than_the_joint_total() -> None:
    chips = [one for one in recipes.shipments() if one.maker == "nvidia"]
    h100e = {one.chip: registry()[f"recipe.{one.generation}.h100e"].value / 1e6 for one in chips}
    assert sum(one.units_low.sum() * h100e[one.chip] for one in chips) < LOW - 0.3
    assert sum(one.units_high.sum() * h100e[one.chip] for one in chips) > HIGH + 0.3


def test_it_power_is_more_than_the_power_of_the_chips(drawn: dict, shipped: dict) -> None:
    # We disagree by 1.79 times because 8.56 GW is the rated power of chips and ours counts hosts, switches and racks.
    power = sum((units * drawn[f"recipe.{g}.it_power_kw"]).sum(axis=0) for g, units in shipped.items()) / 1e6
    assert percentiles(power)[1] / CHIP_POWER_GW == pytest.approx(1.79, abs=0.04)
    chip_kw = {"a100": 0.4, "h100": 0.7, "h20": 0.4, "gb200": 1.2, "gb300": 1.4}  # rated, of the hardware table
    rated = sum((units * chip_kw[g]).sum(axis=0) for g, units in shipped.items()) / 1e6
    assert percentiles(rated)[1] == pytest.approx(CHIP_POWER_GW, rel=0.01)


def test_compute_per_mw_doubled_by_chip_power_and_grew_more_by_it_power(drawn: dict, shipped: dict) -> None:
    published, frontier = recipes.published_compute_per_mw()
    # 1,595 / 796 H100 equivalents per MW of chips; 1.90 from one year end to the other
    assert published["2025Q4"] / published["2022Q1"] == pytest.approx(2.00, abs=0.005)
    assert published["2025Q4"] / published["2022Q4"] == pytest.approx(1.90, abs=0.005)
    assert frontier[2025] / frontier[2022] == pytest.approx(2.18, abs=0.005)
    # Ours grows 2.13 and 2.68 times: hosts and switches took half of the IT power of an A100 and a third of a GB300's.
    fleet, shipped_in_year = recipes.compute_per_mw(drawn, shipped)
    assert percentiles(fleet[3] / fleet[0])[1] == pytest.approx(2.13, abs=0.03)
    assert percentiles(shipped_in_year[3] / shipped_in_year[0])[1] == pytest.approx(2.68, abs=0.04)


@needs_the_inputs
def test_revenue_over_price_gives_the_units_that_are_counted() -> None:
    """Units = compute revenue × share of the chip / its price of the year, over the fiscal quarters with inputs."""
    total, counted = np.zeros(DRAWS), 0.0
    for name, middle, revenue, shares in quarters():
        units = {chip: revenue * share / price(chip, middle.year) for chip, share in shares.items()}
        total += sum(units[chip] * registry()[f"recipe.{GENERATION[chip]}.h100e"].value for chip in units)
        counted += counted_h100e(name)
    low, median, high = percentiles(total / 1e6)
    assert low < counted / 1e6 < high
    # 12.2 against 11.4 million, 7 % more: we take the middle of a year's prices, they price a new chip nearer the top.
    assert median / (counted / 1e6) == pytest.approx(1.07, abs=0.02)


def quarters() -> Iterator[tuple[str, dt.date, float, dict[str, float]]]:
    """Fiscal quarter, its middle, compute revenue in USD, and share of it by chip."""
    with (EPOCH / "chip_inputs" / "Nvidia quarterly revenue.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            start, end = dt.date.fromisoformat(row["Start Date"]), dt.date.fromisoformat(row["End Date"])
            shares = {chip: float(row[chip]) for chip in PRICE_COLUMNS if float(row[chip] or 0)}
            yield row["Quarter"], start + (end - start) / 2, float(row["compute_revenue"]) * 1e9, shares


def price(chip: str, year: int) -> np.ndarray:
    """Lognormal with the year's low and high price as 5th and 95th percentile; dear in one year is dear in all."""
    from scipy.special import ndtri

    with (EPOCH / "chip_inputs" / "Nvidia annual prices.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row[0]: row for row in list(csv.reader(lines))[1:]}
    low, high = (float(rows[str(year)][PRICE_COLUMNS[chip] + one]) for one in (0, 1))
    deviate = ndtri(uniform_numbers([f"price.{chip}"], 7, 0, DRAWS)[0])
    return np.exp(np.log(low * high) / 2 + np.log(high / low) / (2 * ndtri(0.95)) * deviate)


def counted_h100e(quarter: str) -> float:
    """The median that the source gives for a fiscal quarter, by chip; medians of chips may be added in the middle."""
    path = EPOCH / "chip_counts" / "nvidia_fiscal_quarter_chip_timelines.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Name"].startswith(f"{quarter} - ")]
    assert {COUNTED_AS.get(row["Chip type"], row["Chip type"]) for row in rows} <= set(PRICE_COLUMNS)
    return sum(float(row["Compute estimate in H100e (median)"]) for row in rows)
