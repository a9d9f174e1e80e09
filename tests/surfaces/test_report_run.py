"""The report of a real run: few draws, the shipped filings, the service as it is."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.report.page import render
from headrace.report.questions import spending
from headrace.report.receipts import derived
from headrace.report.series import Pair, probabilities
from headrace.variables import LIMITS


@pytest.fixture(scope="module")
def run() -> tuple[xr.Dataset, xr.Dataset]:
    return service.simulate(draws=64, quarters=40), service.history()


@pytest.fixture(scope="module")
def real_page(run: tuple[xr.Dataset, xr.Dataset]) -> str:
    return render(*run)


def test_every_headline_of_the_service_is_on_the_page(real_page: str, run: tuple[xr.Dataset, xr.Dataset]) -> None:
    shown = re.findall(r"<article>\s*<h2>(.*?)</h2>", real_page)
    assert shown == [headline.label for headline in service.headlines(*run)]


def test_every_receipt_opened_is_there(real_page: str) -> None:
    opened = set(re.findall(r'data-receipt="([^"]*)"', real_page))
    assert {key for key in opened if f'id="receipt-{key}"' not in real_page} == set()


def test_every_assumption_in_use_has_its_row(real_page: str, run: tuple[xr.Dataset, xr.Dataset]) -> None:
    names = [row.name for row in service.assumptions(run[0])]
    assert [name for name in names if f'<li id="receipt-{name}"' not in real_page] == []


def test_filed_cells_open_the_filings_with_their_links(real_page: str) -> None:
    slip = re.search(r'id="receipt-filed_capital_expenditure_usd_bn".*?</section>', real_page, re.DOTALL)
    assert slip is not None
    for builder in ("microsoft", "amazon", "alphabet", "meta", "oracle"):
        assert f"{builder} capital_expenditure 2026Q2" in slip[0]
    assert 'href="https://www.sec.gov/' in slip[0]


@pytest.mark.parametrize("key", derived())
def test_the_code_in_a_derived_receipt_runs_and_gives_numbers(key: str, run: tuple[xr.Dataset, xr.Dataset]) -> None:
    future, past = run
    found = eval(derived()[key].code, {"future": future, "past": past, "service": service})
    for part in found if isinstance(found, tuple) else (found,):
        assert np.isfinite(np.asarray(part.values, dtype=float)).any()


def test_capex_over_cash_flow_is_the_services_own(run: tuple[xr.Dataset, xr.Dataset]) -> None:
    from headrace.report.series import four_quarter_sum, ratio, total

    pair = Pair(*run)
    own = ratio(four_quarter_sum(total(pair, spending.CAPEX)), four_quarter_sum(total(pair, spending.CASH_FLOW)))
    theirs = service.capex_over_cash_flow(run[1], run[0]).values
    np.testing.assert_allclose(own.joined, theirs, rtol=1e-12)


def test_probabilities_are_the_services_own(run: tuple[xr.Dataset, xr.Dataset]) -> None:
    codes = run[0]["binding_layer"]
    own = probabilities(codes.values.astype(float), len(LIMITS))
    np.testing.assert_allclose(own.T, service.binding_probabilities(codes).values)


def test_answers_name_what_moves_them_most(real_page: str) -> None:
    slip = re.search(r'id="receipt-spend_to_pool_ratio".*?</section>', real_page, re.DOTALL)
    assert slip is not None
    assert "What moves it most" in slip[0]
    assert re.search(r"<b>[+−]0\.\d\d</b>", slip[0])


def test_the_page_fits_the_post(real_page: str) -> None:
    assert len(real_page.encode()) < 3_000_000
