"""``headrace payback`` and its sections of the report, from an answer made up by hand; nothing is simulated here."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace.report.answers import Answers
from headrace.report.page import compose
from headrace.report.questions import vintages
from headrace.report.series import Pair
from headrace.variables import PLAYERS

DRAWS, VINTAGES, YEARS = 30, ("2026Q3", "2026Q4", "2027Q1"), (2027, 2028)
BY_VINTAGE = {
    "cost_usd_bn": 200, "it_cost_usd_bn": 130, "site_cost_usd_bn": 60, "used_shells_usd_bn": 10, "energised_gw": 5,
    "quarters_to_service": 2, "margin_usd_bn": 150, "resale_usd_bn": 20, "tax_shield_usd_bn": 40,
    "net_present_value_usd_bn": -50, "profitability": -0.25, "share_beyond_run": 0.03, "economic_life_quarters": 20,
}  # fmt: skip
BY_YEAR = {
    "fleet_spending": 800, "fleet_revenue": 350, "required_revenue": 400, "fleet_margin": 190, "capital_charge": 350,
    "capital_cover": 0.54, "revenue_over_required": 0.9,
}  # fmt: skip
MONEY = {
    "uses": 150, "own_cash": 130, "shares_sold": 5, "leases_and_prepayments": 5, "borrowing": 10, "funding_gap": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def answer(made_future: Callable[..., xr.Dataset]) -> xr.Dataset:
    """Paybacks that come in half of the draws, a driver that can and one that cannot."""
    rng = np.random.default_rng(5)

    def around(level: float, *shape: int) -> np.ndarray:
        return level * np.exp(rng.normal(0, 0.05, shape))

    data: dict[str, Any] = {
        name: (("draw", "vintage"), around(level, DRAWS, 3), {"units": "1"}) for name, level in BY_VINTAGE.items()
    }
    late = np.where(np.arange(DRAWS)[:, np.newaxis] % 2 == 0, around(18, DRAWS, 3), np.inf)
    for name in ("payback_quarters", "discounted_payback_quarters"):
        data[name] = (("draw", "vintage"), late, {"units": "quarter"})
    data["rate_of_return"] = (("draw", "vintage"), rng.normal(-0.03, 0.03, (DRAWS, 3)), {"units": "1/year"})
    for name, share in (("paid_back", 0.5), ("within_life", 0.4), ("discounted", 0.1), ("without_rate", 0.0)):
        data[f"share_{name}"] = ("vintage", np.full(3, share))
    data["cost_of_capital"] = (("draw", "vintage", "player"), around(0.09, DRAWS, 3, 5))
    data |= {name: (("draw", "year"), around(level, DRAWS, 2)) for name, level in BY_YEAR.items()}
    data |= {name: (("draw", "year", "player"), around(level, DRAWS, 2, 5)) for name, level in MONEY.items()}
    data |= {
        "value_now": ("driver", [12.0, 20.0]),
        "required_value": ("driver", [24.5, np.nan]),
        "required_value_by_draw": (("driver", "statistic"), [[24.0, 17.0, 30.0], [np.nan] * 3]),
        "share_with_value": ("driver", [1.0, 0.0]),
        "slope_at_value": ("driver", [-0.3, np.nan]),
        "nearest_value": ("driver", [24.5, 80.0]),
        "nearest_payback_years": ("driver", [4.2, np.inf]),
        "still_out_at_nearest": ("driver", [0.0, 0.4]),
        "lowest_value": ("driver", [0.2, 2.0]),
        "highest_value": ("driver", [240.0, 80.0]),
        "with_interest": ("driver", [0.0, 0.0]),
        "rank_correlation": ("moved", [0.4]),
    }
    for name in ("driver_value", "profitability_at", "rate_of_return_at", "payback_years_at"):
        data[name] = (("moved", "end"), [[-0.2, np.inf]] if name == "payback_years_at" else [[-0.2, 0.1]])
    coordinates = {
        "draw": range(DRAWS), "vintage": list(VINTAGES), "year": list(YEARS), "player": list(PLAYERS),
        "driver": ["price", "it_life"], "statistic": ["median", "low", "high"], "moved": ["price"],
        "end": ["low", "high"], "moved_label": ("moved", ["Price of compute"]),
        "moved_unit": ("moved", ["USD bn/(GW year)"]),
        "driver_label": ("driver", ["Price of compute", "Economic life of IT"]),
        "driver_unit": ("driver", ["USD bn/(GW year)", "quarter"]),
    }  # fmt: skip
    attributes = {
        "title": "What must be true for 2027Q1 to pay back", "what": "Cash of what was paid.", "formula": "in - out",
        "command": "headrace payback made_up --vintage 2027Q1", "call": 'hr.payback("made_up", vintage="2027Q1")',
        "world": made_future().attrs["world"], "scenario": "Made up", "vintage": "2027Q1", "target_years": 4.2,
        "draws_kept": DRAWS, "draws_left_out": 0, "draws_inverted": 30, "owners": "all builders",
        "not_known": "Nothing is said of insurers.",
    }  # fmt: skip
    return xr.Dataset(data, coordinates, attributes)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, answer: xr.Dataset) -> list[dict[str, Any]]:
    """What the command asks the service for."""
    calls: list[dict[str, Any]] = []

    def payback(scenario: str, **options: Any) -> xr.Dataset:
        calls.append({"scenario": scenario, **options})
        return answer

    monkeypatch.setattr("headrace.service.payback", payback, raising=False)
    return calls


def test_the_table_says_it_in_sentences_and_numbers(invoke, asked) -> None:
    result = invoke("payback", "--vintage", "2027Q1")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "pay for in 2027Q1 cost" in said
    assert "ever pay back in 50% of draws, in 40% within their economic life and in 10% with interest" in said
    assert "if price of compute were 24.5 USD bn/(GW year) (2 times the 12 of the median world)" in said
    assert "no value in range of economic life of IT does it alone" in said
    assert "none; never at 80 (highest)" in said
    assert "Nothing is said of insurers." in said


def test_every_option_reaches_the_service(invoke, asked) -> None:
    options = ["--target-years", "5", "--driver", "price", "--driver", "it_life", "--interest", "--players-only"]
    options += ["--terminal-growth", "-0.05", "--draws", "2e1", "--seed", "3", "--quarters", "32", "--without"]
    options += ["investor", "--set", "demand.compute_margin=0.5", "--as-of", "2026-08-31", "--precision", "32"]
    result = invoke("payback", "slow_adoption", *options)
    assert result.exit_code == 0, result.output
    (call,) = asked
    call.pop("progress")
    assert call == {
        "scenario": "slow_adoption", "vintage": None, "target_years": 5.0, "drivers": ("price", "it_life"),
        "interest": True, "players_only": True, "terminal_growth": -0.05, "draws": 20, "seed": 3, "quarters": 32,
        "as_of": "2026-08-31", "settings": {"demand.compute_margin": 0.5}, "without": ("investor",),
        "posterior": None, "precision": 32,
    }  # fmt: skip


def test_json_holds_everything_and_null_where_it_never_pays_back(invoke, asked) -> None:
    found = json.loads(invoke("payback", "--format", "json").stdout)
    assert found["vintages"][2]["vintage"] == "2027Q1"
    assert found["vintages"][2]["payback_years_high"] is None
    assert found["must_be_true"][0]["required_value"] == 24.5
    assert found["must_be_true"][1]["required_value"] is None
    assert found["tornado"][0]["payback_years_at_high"] is None
    assert (len(found["fleet"]), len(found["financing"])) == (2, 10)
    assert found["world"]["seed"] == 7
    assert set(found["headlines"]) == {"vintage", "must_be_true", "fleet", "money"}


def test_csv_has_a_row_for_each_vintage(invoke, asked) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("payback", "--format", "csv").stdout)))
    assert [row["vintage"] for row in rows] == list(VINTAGES)
    assert {"cost_usd_bn_median", "payback_years_low", "rate_of_return_high", "share_within_life"} <= set(rows[0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["basline"], ["basline", "did you mean baseline"]),
        (["--driver", "utilization"], ["unknown driver", "did you mean utilisation"]),
        (["--target-years", "soon"], ["--target-years"]),
        (["--draws", "0"], ["draws", "0"]),
        (["--without", "invester"], ["unknown fear", "investor"]),
        (["--set", "demand.compute_margin"], ["name=value"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_request_is_refused_before_anything_is_simulated(
    arguments: list[str], words: list[str], invoke, asked
) -> None:
    result = invoke("payback", *arguments)
    assert result.exit_code == 2, result.output
    assert [word for word in words if word not in result.stderr] == [], result.stderr
    assert asked == []


def test_the_report_answers_where_it_was_asked_and_every_figure_opens_the_receipt(
    answer: xr.Dataset,
    made_future: Callable[..., xr.Dataset],
    made_history: Callable[..., xr.Dataset],
    made_answers: Callable[..., Answers],
) -> None:
    future, history = made_future(), made_history()
    page = compose(future, history, made_answers(future, history, asked={"payback": answer}))
    said = re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL))
    assert "Does what is paid now come back?" in said
    assert "What must be true for that?" in said
    assert "of the 2 drivers asked, the other one cannot do it alone" in said
    assert "In the median, no vintage up to 2027Q1 returns its cost of capital" in said
    assert 'id="receipt-asked.payback"' in page
    assert "headrace payback made_up --vintage 2027Q1" in said
    assert page.count('data-receipt="asked.payback"') > 20


def test_the_report_says_nothing_where_nobody_asked(
    made_future: Callable[..., xr.Dataset],
    made_history: Callable[..., xr.Dataset],
    made_answers: Callable[..., Answers],
) -> None:
    future, history = made_future(), made_history()
    pair, answers = Pair(future, history), made_answers(future, history)
    assert vintages.returns(pair, answers) is None
    assert vintages.must_be_true(pair, answers) is None
