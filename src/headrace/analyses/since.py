"""What came after a run that started on a past day, beside what it said."""

from __future__ import annotations

import datetime as dt

import numpy as np
import xarray as xr

from headrace._types import Figure, Headline
from headrace.analyses.figures import BAND, drawn_figure, span
from headrace.analyses.hindcast.loop_series import DATA_CENTRE_REVENUE, WANTED, Looked, log_path
from headrace.analyses.hindcast.series import CAPITAL_EXPENDITURE, Series
from headrace.errors import RequestError
from headrace.evidence import archive
from headrace.past_start.known import known
from headrace.results import recipe
from headrace.simulation.start import START_QUARTER

SPENDING = "capital_expenditure_usd_bn"


def since(future: xr.Dataset) -> xr.Dataset:
    """Figures as first filed after the start of a run, beside its distribution.

    Args:
        future: A run that starts on a past day.

    Returns:
        ``median``, ``low``, ``high`` (5 and 95 %) and ``filed`` (series, quarter) [USD bn/quarter]: cash capital
        expenditure of the five and of each, and NVIDIA's data-centre revenue where the run keeps what it is read from.
        ``filed`` is NaN where nobody has filed yet.

    Raises:
        RequestError: The run starts from the last quarter filed, or does not keep capital expenditure.
    """
    if not started_in_the_past(future):
        raise RequestError(
            f"the run starts from {recipe(future)['start_quarter']}, the last quarter as filed: nothing has come "
            "since; wanted a run with an earlier as_of"
        )
    if SPENDING not in future:
        raise RequestError(f"the run does not keep {SPENDING}; ask for it in variables, or leave variables out")
    everything = archive.load()
    said: dict[Series, np.ndarray] = {}
    for one in CAPITAL_EXPENDITURE:
        said[one] = future[SPENDING].sel(builder=list(one.members)).sum("builder").values
    if set(WANTED) <= set(future):
        day = dt.date.fromisoformat(str(future.attrs["as_of"]))
        looked = Looked(future, known(everything, day), everything.as_of(day))
        said[DATA_CENTRE_REVENUE.series] = np.exp(log_path(DATA_CENTRE_REVENUE, looked))
    quarters = future["quarter"].values.tolist()
    ends = np.array([np.nanquantile(draws, (BAND[0], 0.5, BAND[1]), axis=0) for draws in said.values()])
    filed = np.array([one.as_first_filed(everything).reindex(quarters).to_numpy() for one in said])
    dims, units = ("series", "quarter"), {"units": "USD bn/quarter"}
    return xr.Dataset(
        {
            "median": (dims, ends[:, 1], units),
            "low": (dims, ends[:, 0], units),
            "high": (dims, ends[:, 2], units),
            "filed": (dims, filed, {**units, "long_name": "As first filed"}),
        },
        {"series": [one.name for one in said], "label": ("series", [one.label for one in said]), "quarter": quarters},
        {"title": "What came", "as_of": future.attrs["as_of"]},
    )


def started_in_the_past(future: xr.Dataset) -> bool:
    """Whether a run starts before the last quarter as filed."""
    return str(recipe(future)["start_quarter"]) < START_QUARTER


def since_headline(future: xr.Dataset) -> Headline | None:
    """What came of spending, in a sentence; nothing for a run that does not start on a past day."""
    if not started_in_the_past(future) or SPENDING not in future:
        return None
    spending = since(future).isel(series=0)
    spending = spending.isel(quarter=np.isfinite(spending["filed"].values))
    if not spending.sizes["quarter"]:
        return None
    inside = (spending["filed"] >= spending["low"]) & (spending["filed"] <= spending["high"])
    last = str(spending["quarter"].values[-1])
    draws = future[SPENDING].sel(builder=list(CAPITAL_EXPENDITURE[0].members), quarter=last).sum("builder").values
    said = drawn_figure("since_said", f"Simulated, {last}", draws, "USD bn", SPENDING)
    came = float(spending["filed"].values[-1])
    filed = Figure("since_filed", f"Filed, {last}", came, came, came, "USD bn", SPENDING, "reported", "A")
    held, quarters = int(inside.sum()), spending.sizes["quarter"]
    sentence = (
        f"In {last}, {quarters} {'quarter' if quarters == 1 else 'quarters'} later, the five had spent {came:,.0f} "
        f"USD bn; the run says {span(said, 0)}. What was filed lies in its 90 % band in {held} of {quarters}."
    )
    return Headline("since", "What came", sentence, (filed, said))
