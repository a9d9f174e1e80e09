"""What the question reads: outputs of a run that reaches its end, and the parameters that its draws had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace import results
from headrace.analyses.endings import running
from headrace.changes import drawn_values
from headrace.errors import InvestmentError, PeriodError, RequestError
from headrace.evidence.history import HISTORY
from headrace.periods import quarter_index
from headrace.posterior import Posterior
from headrace.simulation.vintage_cash_flow import READ, READ_OF_WORLD, TAIL_QUARTERS, Fleet, fleet_of
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import BUILDERS, PLAYERS
from headrace.world import World, world_behind

Array = NDArray[np.float64]

_fleet_of = jax.jit(fleet_of, static_argnames=("owners",))

READ_BY_QUESTION = READ | {
    "ai_capital_expenditure_usd_bn",
    "borrowing_usd_bn",
    "capital_charge_usd_bn",
    "capital_expenditure_usd_bn",
    "expected_pool_usd_bn",
    "external_funding_usd_bn",
    "funding_limit_usd_bn",
    "market_share",
    "net_debt_usd_bn",
    "operating_cash_flow_usd_bn",
    "other_capital_expenditure_usd_bn",
    "payout_share",
    "shares_sold_usd_bn",
}
"""Variables that a Dataset must hold to be read; its World is run again where it lacks one."""

_CLOSURE = ("start_filed_capex_usd_bn", "start_ai_share")


@dataclass(frozen=True)
class Reading:
    """A run and the parameters behind it.

    Attributes:
        run: Variables of READ_BY_QUESTION; draws that end early are left out.
        drawn: Every parameter by dotted name, of the same draws, (draw,).
        world: That it came from.
        owners: Builders, from the first, whose vintages are followed.
        margin_growth: Of the margin of hardware after the run [1/quarter]; its own of the last year where None.
        left_out: Draws that end early.
    """

    run: xr.Dataset
    drawn: Mapping[str, Array]
    world: World
    owners: int
    margin_growth: float | None
    left_out: int

    @property
    def quarters(self) -> list[str]:
        """Labels of the run."""
        return [str(quarter) for quarter in self.run["quarter"].values]

    @cached_property
    def fleet(self) -> Fleet:
        """What all vintages of the run share."""
        with jax.enable_x64(True):
            outputs = {name: jnp.asarray(self.output(name)) for name in sorted(READ)}
            fleet: Fleet = _fleet_of(outputs, self.parameters, self.world.changes.paths, owners=self.owners)
            return fleet

    @property
    def parameters(self) -> dict[str, jax.Array]:
        """Those that the cash of a vintage is read from, (draw,)."""
        return {name: jnp.asarray(self.drawn[name]) for name in READ_OF_WORLD}

    @property
    def life_quarters(self) -> int:
        """Economic life of IT in the median draw, rounded up [quarter]."""
        return int(np.ceil(np.median(self.drawn["finance.it_economic_life_quarters"])))

    @property
    def vintages(self) -> list[int]:
        """Quarters since the first simulated whose purchases can live their economic life within the run.

        Raises:
            InvestmentError: There is none.
        """
        count = len(self.quarters) - self.life_quarters
        if count < 1:
            raise InvestmentError(
                f"the run has {len(self.quarters)} quarters, fewer than one economic life of IT, "
                f"{self.life_quarters} in the median draw, after a first one to buy in; wanted "
                f"{self.life_quarters + 1} or more: ask for more quarters"
            )
        return list(range(count))

    def place(self, vintage: str | None) -> int:
        """Quarters since the first simulated of a vintage; the first one where None.

        Raises:
            PeriodError: It is before or after the run.
            InvestmentError: The run ends before its IT has lived its economic life.
        """
        first = self.quarters[0]
        place = 0 if vintage is None else quarter_index(vintage) - quarter_index(first)
        if not 0 <= place < len(self.quarters):
            raise PeriodError(
                f"vintage {vintage} is outside the run, which goes from {first} to {self.quarters[-1]}; choose a "
                "quarter in it, or ask for more quarters"
            )
        if place not in self.vintages:
            raise InvestmentError(
                f"vintage {vintage} has {len(self.quarters) - 1 - place} quarters of the run after it, fewer than one "
                f"economic life of IT, {self.life_quarters} in the median draw; choose "
                f"{self.quarters[self.vintages[-1]]} or earlier, or ask for {place + self.life_quarters + 1} quarters"
            )
        return place

    def output(self, name: str) -> Array:
        """A variable with worlds last, in 64 bits."""
        return np.ascontiguousarray(np.moveaxis(np.asarray(self.run[name].values, np.float64), 0, -1))

    def checked_target(self, years: float, place: int) -> float:
        """A payback looked for, in quarters.

        Raises:
            RequestError: It is not above 0, or beyond what is written out of the vintage.
        """
        most = (len(self.quarters) - place + TAIL_QUARTERS - 1) / QUARTERS_PER_YEAR
        if not 0 < years <= most:
            raise RequestError(
                f"target_years is {years:g}; wanted more than 0 and at most {most:g}, which is as far as the cash of "
                f"vintage {self.quarters[place]} is written out"
            )
        return years * QUARTERS_PER_YEAR


def read(
    of: World | xr.Dataset,
    *,
    players_only: bool = False,
    margin_growth: float | None = None,
    posterior: Posterior | str | Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Reading:
    """What a Dataset holds, or what its World gives where it lacks a variable.

    Args:
        of: A World, a future, or a history, whose World is the baseline on its day.
        players_only: Follow the vintages of the five players alone.
        margin_growth: Of the margin of hardware after the run [1/quarter], > -1.
        posterior: Of the run, if the file it was read from is no longer there.
        progress: Called with what is going on and the share done.

    Raises:
        RequestError: The Dataset lacks variables and says nothing of its World, or a growth is out of range.
        EndedError: No world reaches the end.
    """
    if margin_growth is not None and not margin_growth > -1:
        raise RequestError(f"terminal_growth is {margin_growth:g}; wanted more than -1, a fraction of a quarter")
    if isinstance(of, World):
        world, run = of, _run(of, progress)
    else:
        missing = sorted(READ_BY_QUESTION.difference(map(str, of.data_vars)))
        if "world" not in of.attrs:
            lacks = f"lacks {', '.join(missing)} and " if missing else ""
            raise RequestError(
                f"the Dataset {lacks}says nothing of the World it came from; wanted one that hr.simulate, hr.history "
                "or hr.load returned: what it lacks is then simulated again"
            )
        world = world_behind(of, posterior)
        is_history = results.recipe(of)["scenario"] == HISTORY
        closed = all(name in of.coords for name in _CLOSURE)
        run = _run(world, progress) if is_history or missing or not closed else of
    whole = running(run)
    kept = whole["draw"].values.astype(np.int64)
    drawn = drawn_values(world.seed, 0, world.draws, world.changes)
    return Reading(
        run=whole,
        drawn={name: values[kept] for name, values in drawn.items()},
        world=world,
        owners=len(PLAYERS) if players_only else len(BUILDERS),
        margin_growth=margin_growth,
        left_out=run.sizes["draw"] - whole.sizes["draw"],
    )


def _run(world: World, progress: Callable[[str, float], None] | None) -> xr.Dataset:
    outputs, closure = world.outputs(READ_BY_QUESTION | {"world_status"}, progress)
    return results.assemble(outputs, closure, world.recipe(), world.whole_scenario.title)


def known(values: Any, dims: tuple[str, ...], unit: str, label: str) -> tuple[tuple[str, ...], Any, dict[str, str]]:
    """A variable of the answer with its unit and how it is known: of a simulation, resting on judgements."""
    return dims, values, {"units": unit, "long_name": label, "status": "scenario", "quality": results.SIMULATED_QUALITY}
