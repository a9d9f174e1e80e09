"""A future beside a two-sector prototype of the loop: the same measures, and whether the prototype lies inside.

The prototype gave points without intervals, and nothing here is fitted to it: to differ is no fault, but asks for a
reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

import xarray as xr

from headrace.analyses.beside import Beside
from headrace.analyses.endings import running
from headrace.analyses.figures import drawn_figure
from headrace.analyses.shapes import LAST, Draws, at, largest_fall, require, total, up_to_last
from headrace.units import QUARTERS_PER_YEAR

PROTOTYPE_VARIABLES = (
    "ai_capital_expenditure_usd_bn",
    "net_debt_usd_bn",
    "it_payment_usd_bn",
    "unpowered_it_gw",
    "active_compute_gw",
    "compute_revenue_usd_bn",
)

_SPENDING, _DEBT, _CHIPS, _WAITING, _COMPUTE, _REVENUE = PROTOTYPE_VARIABLES


def against_prototype(future: xr.Dataset) -> list[Beside]:
    """Each figure of the prototype beside the same measure of a future.

    Args:
        future: Simulated to 2031Q4 at least, with :data:`PROTOTYPE_VARIABLES`.

    Raises:
        RequestError: A variable or a quarter is missing.
        EndedError: No world runs to the end.
    """
    require(future, PROTOTYPE_VARIABLES)
    whole = running(future)
    rows = _table()
    return [
        Beside(
            drawn_figure(key, rows[key]["label"], measure(whole), rows[key]["unit"], variable),
            float(rows[key]["value"]),
        )
        for key, (variable, measure) in MEASURES.items()
    ]


def _level(name: str, quarter: str, factor: float = 1) -> Callable[[xr.Dataset], Draws]:
    return lambda future: factor * at(future, name, quarter)


def _fall(name: str) -> Callable[[xr.Dataset], Draws]:
    return lambda future: largest_fall(up_to_last(future, total(future, name)))


def _first_spending(future: xr.Dataset) -> Draws:
    return total(future, _SPENDING)[:, 0]


def _net_debt_change(future: xr.Dataset) -> Draws:
    return at(future, _DEBT, LAST) - total(future, _DEBT)[:, 0]


def _unpowered_peak(future: xr.Dataset) -> Draws:
    peak: Draws = up_to_last(future, total(future, _WAITING)).max(axis=1)
    return peak


MEASURES: Mapping[str, tuple[str, Callable[[xr.Dataset], Draws]]] = {
    "spending_start_usd_bn": (_SPENDING, _first_spending),
    "spending_2027_usd_bn": (_SPENDING, _level(_SPENDING, "2027Q4")),
    "spending_fall": (_SPENDING, _fall(_SPENDING)),
    "net_debt_change_usd_bn": (_DEBT, _net_debt_change),
    "chips_2028_usd_bn": (_CHIPS, _level(_CHIPS, "2028Q2")),
    "chips_fall": (_CHIPS, _fall(_CHIPS)),
    "unpowered_peak_gw": (_WAITING, _unpowered_peak),
    "compute_2027_gw": (_COMPUTE, _level(_COMPUTE, "2027Q4")),
    "compute_2030_gw": (_COMPUTE, _level(_COMPUTE, "2030Q4")),
    "revenue_2027_usd_bn": (_REVENUE, _level(_REVENUE, "2027Q4", QUARTERS_PER_YEAR)),
    "revenue_2030_usd_bn": (_REVENUE, _level(_REVENUE, "2030Q4", QUARTERS_PER_YEAR)),
}
"""Variable and measure by the key of ``data/prototype.toml``."""


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files("headrace") / "data" / "prototype.toml").read_text(encoding="utf-8"))
