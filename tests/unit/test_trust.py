"""What is said of our own record: losing lines apart and first, what the table lacks by name, a bad table by line."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace._types import AloneLine
from headrace.analyses.hindcast.shipped import ShippedSkill, read_alone, read_skill
from headrace.analyses.trust import HORIZONS, trust
from headrace.errors import EvidenceError
from headrace.variables import PLAYERS

DAYS = 'first_origin = "2019-12-31"\nlast_origin = "2026-06-30"\n'


def line(series: str = "capital_expenditure", horizon: int = 4, ratio: float = 1.1, **other: object) -> str:
    row: dict[str, object] = {
        "series": series, "label": "Of it", "horizon_quarters": horizon, "origins": 24, "best_baseline": "theta",
        "crps_ratio": ratio, "crps_ratio_low": 0.8 * ratio, "crps_ratio_high": 1.2 * ratio, "coverage_90": 0.79,
    }  # fmt: skip
    rows = {key: value for key, value in {**row, **other}.items() if value is not None}
    return "[[skill]]\n" + "".join(f"{key} = {value!r}\n" for key, value in rows.items())


def skill(*lines: str) -> ShippedSkill:
    return read_skill(DAYS + "".join(lines))


def league(*rows: dict[str, object]) -> xr.Dataset:
    """``league({...})``: forecasts of 100 with an outcome of 100 and no word of ours, unless a row says otherwise."""
    usual: dict[str, object] = {
        "who": "A house", "announced": "2025-02-07", "members": "amazon, meta", "period": "CY2025", "unit": "USD bn",
        "quality": "B", "source_url": "https://example.org", "ledger": "forecasts.toml", "status": "scored",
        "forecast_value": 100.0, "ours_value": math.nan, "outcome_value": 100.0, "error": 0.0,
    }  # fmt: skip
    table = [{**usual, **row} for row in rows]
    columns = {name: ("forecast", np.array([row[name] for row in table], object)) for name in usual}
    return xr.Dataset(columns, attrs={"published": "2026-09-16"})


ONE = league({})


def test_losing_lines_stand_apart_and_the_worst_stands_first() -> None:
    lines = (line(ratio=0.9), line(horizon=8, ratio=1.05), line("capital_expenditure_oracle", 1, 1.9))
    found = trust(skill(*lines), ONE)
    assert [(row.series, row.crps_ratio) for row in found.losing] == [
        ("capital_expenditure_oracle", 1.9), ("capital_expenditure", 1.05),
    ]  # fmt: skip
    assert [row.crps_ratio for row in found.winning] == [0.9]


def test_as_good_as_the_best_baseline_is_no_win() -> None:
    found = trust(skill(line(ratio=1.0)), ONE)
    assert (len(found.losing), len(found.winning)) == (1, 0)


def test_what_the_table_lacks_is_named() -> None:
    found = trust(skill(line(horizon=1), line(horizon=2), line(horizon=8), line("something_else", 4)), ONE)
    assert ("capital_expenditure", 4) in found.missing
    assert len(found.missing) == len(HORIZONS) * (1 + len(PLAYERS)) - 3


def test_a_line_without_a_ratio_is_one_that_the_table_lacks() -> None:
    nothing = dict.fromkeys(("crps_ratio_low", "crps_ratio_high", "coverage_90"), math.nan)
    table = skill(line(ratio=math.nan, **nothing, best_baseline="", origins=3))
    assert table.lines == ()
    assert ("capital_expenditure", 4) in trust(table, ONE).missing


def test_forecasts_are_paired_by_hand() -> None:
    # ours 90 misses 100 by log(100/90) = 0.105, theirs 80 by 0.223; of 110 ours misses by 0.201, theirs 105 by 0.047
    close = {"who": "far", "forecast_value": 80.0, "ours_value": 90.0, "error": math.log(0.8)}
    lost = {
        "who": "near",
        "forecast_value": 105.0,
        "ours_value": 90.0,
        "outcome_value": 110.0,
        "error": math.log(105 / 110),
    }
    unscored = {"status": "not scored, because", "ours_value": 5.0, "outcome_value": math.nan, "error": math.nan}
    found = trust(skill(), league(close, {}, lost, unscored))
    assert (found.forecasts, found.scored) == (4, 3)
    assert [(pair.who, pair.members) for pair in found.pairs] == [
        ("near", ("amazon", "meta")), ("far", ("amazon", "meta")),
    ]  # fmt: skip
    assert found.pairs[0].ours_error == pytest.approx(0.2007, abs=1e-4)
    assert found.pairs[0].error == pytest.approx(0.0465, abs=1e-4)
    assert found.pairs[1].ours_error == pytest.approx(0.1054, abs=1e-4)


def test_our_own_are_no_forecasts_of_others() -> None:
    own = {"ledger": "own_forecasts.jsonl", "ours_value": 90.0}
    found = trust(skill(), league({}, own, {**own, "status": "open until 2026Q4 is filed"}))
    assert (found.forecasts, found.scored, found.own_scored, found.own_open) == (1, 1, 1, 1)
    assert found.pairs == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DAYS + "[[skill", "hindcast.toml: this is not TOML"),
        ('first_origin = "2019-12-31"\n', r'"last_origin" is None; an ISO date is wanted'),
        (DAYS.replace("2026-06-30", "soon"), r"\"last_origin\" is 'soon'"),
        (DAYS + "skill = 3\n", r"no list of \[\[skill\]\] tables"),
        (DAYS + "skill = [3]\n", r"\[\[skill\]\] 1 is 3; a table is wanted"),
        (DAYS + line() + line(horizon=8, crps_ratio_low=None), r'\[\[skill\]\] 2: "crps_ratio_low" is missing'),
        (DAYS + line(origins="many"), r"\"origins\" is 'many'; a whole number is wanted"),
        (DAYS + line(crps_ratio_low=1.2), "the ratio is 1.1 and its interval 1.2 to 1.32"),
        (DAYS + line(ratio=-1.1), "all three are above zero"),
        (DAYS + line(crps_ratio_high=math.nan), "the interval holds the ratio"),
        (DAYS + line(coverage_90=79.0), "coverage_90 is 79, .* a share of 0 to 1"),
        (DAYS + line(origins=0), "origins 0 .* counts from 1 on are wanted"),
        (DAYS + line() + line(), "capital_expenditure 4 ahead comes twice"),
    ],
    ids=["no toml", "no day", "no date", "no list", "no table", "no key", "no count", "interval", "below zero",
         "half an interval", "per cent", "no days", "twice"],
)  # fmt: skip
def test_a_bad_table_is_refused_by_line_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=f"hindcast.toml.*{said.removeprefix('hindcast.toml')}.*make hindcast"):
        read_skill(text)


ALONE = "[[alone]]\nhorizon_quarters = 4\norigins = 11\nshare_of_filed = 0.6\n"


def test_what_the_loop_said_alone_is_read() -> None:
    assert read_alone(ALONE) == (AloneLine(4, 11, 0.6),)
    assert read_alone("") == ()
    assert trust(skill(line()), league(), read_alone(ALONE)).alone == read_alone(ALONE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[alone", "this is not TOML"),
        (ALONE.replace("origins = 11\n", ""), r'\[\[alone\]\] 1: "origins" is missing'),
        (ALONE.replace("0.6", '"most"'), "\"share_of_filed\" is 'most'; a number is wanted"),
        (ALONE.replace("0.6", "nan"), "a share above 0"),
        (ALONE.replace("0.6", "0.0"), "a share above 0"),
        (ALONE.replace("= 11", "= 0"), "counts from 1 on"),
    ],
    ids=["no toml", "no key", "no number", "not known", "nothing", "no days"],
)
def test_a_bad_table_of_the_loop_is_refused_too(text: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=f"hindcast_loop.toml.*{said}.*make hindcast"):
        read_alone(text)


def test_what_ships_of_the_loop_is_what_its_page_says(root: Path) -> None:
    page = (root / "docs" / "hindcast-loop.md").read_text(encoding="utf-8")
    first, second = (f"{row.share_of_filed:.0%}" for row in service.trust().alone)
    assert f"spend {first} of what came four quarters ahead and {second} eight quarters ahead" in page


def test_what_ships_has_every_line_and_some_that_lose() -> None:
    found = service.trust()
    assert found.missing == ()
    assert len(found.losing) + len(found.winning) == len(HORIZONS) * (1 + len(PLAYERS))
    assert found.losing
    assert all(row.crps_ratio >= 1 for row in found.losing)
    assert found.scored == int(service.league().attrs["scored"]) - found.own_scored
    assert len(found.pairs) >= 10
