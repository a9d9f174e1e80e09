"""What is relief worth, in which order do constraints bind, and where must the money go: asked of one World."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses import binding
from headrace.analyses.chokepoints import forced_spend, native_units, shadow_prices
from headrace.analyses.chokepoints.bundle import Bundle, bundle
from headrace.analyses.chokepoints.rents import rents
from headrace.analyses.chokepoints.sequence import sequence
from headrace.analyses.endings import running
from headrace.analyses.provenance import asked_again
from headrace.changes import drawn_values
from headrace.errors import PeriodError, RequestError
from headrace.evidence import archive
from headrace.periods import parse_date, quarter_index
from headrace.posterior import Posterior
from headrace.results import SIMULATED_QUALITY
from headrace.simulation.simulate import ALL_OUTPUTS
from headrace.units import USD_PER_USD_BN
from headrace.variables import BUILDERS, LAYERS
from headrace.world import World, run_of

Array = NDArray[np.float64]
Report = Callable[[str, float], None]
Variables = dict[str, Any]

DATE = "2028Q4"
"""At whose end compute is counted, unless someone asks for another quarter."""

TARGET_GW = 1.0
W_PER_GW = 1e9

_COPIED = ("tightness", "scarcity_price", "it_lead_time_quarters", "site_lead_time_quarters")
_WHAT = (
    "A unit more of a layer that comes in one quarter and is gone in the next, over the whole loop: what it adds to "
    "the present value of the margin on AI compute, to that of compute in use at the going price, and to compute in "
    "service at a date. Everything answers to it: prices fall, makers expand less, spending follows."
)
_FORMULA = "d(number of a world) / d(usable capacity of a layer in a quarter), by reverse differentiation of the loop"


def chokepoints(
    of: World | xr.Dataset,
    *,
    date: str = DATE,
    target_gw: float = TARGET_GW,
    posterior: Posterior | str | Path | None = None,
    progress: Report | None = None,
) -> xr.Dataset:
    """What binds and what follows, what more of each layer is worth, the cheapest bundle, and where money must go.

    Args:
        of: A World, or a Dataset whose recipe leads to one.
        date: Quarter of the run at whose end compute is counted.
        target_gw: Compute that the bundle is to add by then [GW], > 0.
        posterior: Of the run, if the file it was read from is no longer there.
        progress: Called with what is going on and the share done.

    Returns:
        See :func:`headrace.service.chokepoints`.

    Raises:
        PeriodError: The date is outside the run.
        RequestError: The target is not above 0.
        EndedError: No world reaches the end.
    """
    if not target_gw > 0:
        raise RequestError(f"target_gw is {target_gw:g}; wanted more than 0 GW to be added")
    report = progress or (lambda _text, _share: None)
    world, run = run_of(of, ALL_OUTPUTS, posterior=posterior, progress=lambda text, share: report(text, share / 2))
    whole = running(run)
    place = _place(date, whole)
    kept = whole["draw"].values.astype(np.int64)
    drawn = {name: values[kept] for name, values in drawn_values(world.seed, 0, world.draws, world.changes).items()}
    slopes = shadow_prices.dynamic(world, place, lambda text, share: report(text, 0.5 + share / 4))
    report("look for the cheapest bundle", 0.8)
    cheapest = bundle(world, whole, drawn, place, target_gw)
    then = archive.load().as_of(parse_date(world.as_of, "as_of"))
    earned, paid = rents(whole)
    parts = [
        xr.Dataset(
            {
                **{name: whole[name] for name in _COPIED},
                **_worth(whole, drawn, {name: values[kept] for name, values in slopes.items()}),
                "scarcity_rent_usd_bn": _drawn(("layer",), earned, "USD bn/quarter", "Earned on scarcity"),
                "scarcity_paid_usd_bn": _drawn(("builder",), paid, "USD bn/quarter", "Paid for scarcity"),
                **_chances(whole),
                **_bundle(cheapest),
            },
            {"draw": kept, "quarter": whole["quarter"].values, "layer": list(LAYERS), "builder": list(BUILDERS)},
        ).drop_vars([name for name in whole.coords if str(name).startswith(("status_", "quality_"))], errors="ignore"),
        sequence(whole["binding_layer"]),
        forced_spend.by_year(whole).assign_coords(draw=kept),
        forced_spend.by_company(whole, then, parse_date(world.as_of, "as_of")).assign_coords(draw=kept),
    ]
    answer = xr.merge(parts, join="exact", compat="no_conflicts")
    for name in answer.data_vars:
        answer[name].attrs |= {"status": "scenario", "quality": SIMULATED_QUALITY}
    recipe = world.recipe()
    command, call = asked_again(recipe, "chokepoints")
    return answer.assign_coords(unit=("layer", list(native_units.names()))).assign_attrs(
        title="What is relief worth?",
        what=_WHAT,
        formula=_FORMULA,
        command=command,
        call=call,
        world=json.dumps(recipe),
        scenario=world.whole_scenario.title,
        date=date,
        target_gw=target_gw,
        most_gw=cheapest.most_gw,
        draws_kept=len(kept),
        draws_left_out=run.sizes["draw"] - len(kept),
    )


def _place(date: str, future: xr.Dataset) -> int:
    quarters = [str(quarter) for quarter in future["quarter"].values]
    place = quarter_index(date) - quarter_index(quarters[0])
    if not 0 <= place < len(quarters):
        raise PeriodError(
            f"date {date} is outside the run, which goes from {quarters[0]} to {quarters[-1]}; choose a quarter in it, "
            "or ask for more quarters"
        )
    return place


def _drawn(rows: tuple[str, ...], values: Array, unit: str, label: str) -> tuple[Any, ...]:
    return ("draw", "quarter", *rows), values, {"units": unit, "long_name": label}


def _worth(future: xr.Dataset, drawn: Mapping[str, Array], slopes: Mapping[str, Array]) -> Variables:
    """By native unit of each layer."""
    units = native_units.per_gw(drawn, future.sizes["quarter"])
    flow, worth = shadow_prices.static(future, drawn)
    price = np.asarray(future["unit_cost_usd_bn_per_gw"].values, np.float64)
    layer = ("layer",)
    return {
        "units_per_gw": _drawn(layer, units, "1/GW", "Native units for one GW"),
        "static_shadow_price": _drawn(layer, flow, "GW/GW", "Flow gained at once by a GW more of a layer"),
        "static_value_usd": _drawn(
            layer, worth / units * USD_PER_USD_BN, "USD", "A unit more if no price and nothing else moved"
        ),
        "gross_profit_usd": _drawn(
            layer, slopes["gross_profit"] / units * USD_PER_USD_BN, "USD", "Margin on compute gained by a unit more"
        ),
        "use_value_usd": _drawn(
            layer, slopes["use_value"] / units * USD_PER_USD_BN, "USD", "Use of compute gained by a unit more"
        ),
        "unit_price_usd": _drawn(layer, price / units * USD_PER_USD_BN, "USD", "Price of a unit"),
        "use_value_over_price": _drawn(
            layer, slopes["use_value"] / price, "1", "Use of compute gained by a unit more over its price"
        ),
        "unanswered_over_price": _drawn(
            layer, slopes[shadow_prices.UNANSWERED] / price, "1", "The same if makers expand as they would have"
        ),
        "gross_profit_over_price": _drawn(
            layer, slopes["gross_profit"] / price, "1", "Margin on compute gained by a unit more over its price"
        ),
        "compute_w": _drawn(layer, slopes["compute"] / units * W_PER_GW, "W", "Compute at the date by a unit more"),
    }


def _chances(future: xr.Dataset) -> Variables:
    """Probability of being the tightest layer of either branch, and of being what binds."""
    tightest = [
        binding.probabilities(future[f"tightest_{branch}_layer"]).sel(limit=list(LAYERS)).fillna(0).values
        for branch in ("it", "site")
    ]
    one = {"units": "1"}
    return {
        "tightest_probability": (
            ("quarter", "layer"),
            tightest[0] + tightest[1],
            one | {"long_name": "Share of draws in which a layer is the tightest of its branch"},
        ),
        "binding_probability": (
            ("quarter", "limit"),
            binding.probabilities(future["binding_layer"]).values,
            one | {"long_name": "Share of draws in which it binds"},
        ),
    }


def _bundle(found: Bundle) -> Variables:
    one = {"units": "1"}
    return {
        "raised_share": (
            "layer",
            found.raised,
            one | {"long_name": "Share by which the cheapest bundle raises a layer"},
        ),
        "in_time_share": ("layer", found.in_time, one | {"long_name": "Share of draws in which expansion is in time"}),
        "added_gw": (
            ("draw", "layer"),
            found.added_gw,
            {"units": "GW/quarter", "long_name": "Capacity added by the cheapest bundle"},
        ),
        "bundle_cost_usd_bn": (
            ("draw", "layer"),
            found.cost_usd_bn,
            {"units": "USD bn", "long_name": "Capital of the cheapest bundle"},
        ),
        "gained_gw": (
            "bundle_draw",
            found.gained_gw,
            {"units": "GW", "long_name": "Compute that the cheapest bundle adds by the date"},
        ),
    }
