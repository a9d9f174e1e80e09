"""Worlds far from any prior, over a century: each runs to the end or ends with a status, and no number fails unseen.

Ends of every range, one at a time and many together; builders that do not build; regions that do not connect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pytest

from headrace import ensemble, scenarios
from headrace.changes import Changes, changes_of, drawn_values
from headrace.parameters.registry import registry
from headrace.simulation.simulate import ALL_OUTPUTS, ELASTICITIES, simulate
from headrace.simulation.start import FiledStart
from headrace.simulation.worlds import stacked
from headrace.variables import BUILDERS, ENDINGS, LAYERS, PLAYERS, REGIONS, table

pytestmark = pytest.mark.xdist_group("laws")

BLOCK, CENTURY = 64, 400
DRAWS, QUARTERS = 64, 40
META, REST = PLAYERS.index("meta"), BUILDERS.index("rest_of_world")
GENERATION, GRID = LAYERS.index("generation"), LAYERS.index("grid")

Draws = dict[str, np.ndarray]
Outputs = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Century:
    """The loop over four hundred quarters, in one precision."""

    bits: int
    filed: tuple[np.ndarray, np.ndarray]

    def __repr__(self) -> str:
        return f"a century in {self.bits} bits"

    def blocks(self, draws: Draws) -> Iterator[tuple[slice, Outputs]]:
        """Which worlds, and everything that is said of them but the look ahead, (quarter, *axes, world)."""
        kind = np.float32 if self.bits == 32 else np.float64
        paths = changes_of(scenarios.scenario("baseline"), CENTURY).paths
        worlds = len(next(iter(draws.values())))
        with jax.enable_x64(self.bits == 64):
            for first in range(0, worlds, BLOCK):
                part = np.resize(np.arange(first, min(first + BLOCK, worlds)), BLOCK)
                given = stacked({name: values[part] for name, values in draws.items()}), FiledStart(*self.filed), paths
                arrays = jax.tree.map(lambda values: np.asarray(values, kind), given)
                outputs = simulate(*arrays, quarters=CENTURY, wanted=ALL_OUTPUTS - ELASTICITIES)[0]
                count = min(BLOCK, worlds - first)
                yield slice(first, first + count), {n: np.asarray(v)[..., :count] for n, v in outputs.items()}


@pytest.fixture(scope="module", params=[64, pytest.param(32, marks=pytest.mark.slow)], ids=["64 bits", "32 bits"])
def century(request: pytest.FixtureRequest, filed: tuple[np.ndarray, np.ndarray]) -> Century:
    return Century(request.param, filed)


def unseen(outputs: Outputs) -> set[str]:
    """Outputs that hold no number somewhere where the world is said to run."""
    runs = outputs["world_status"] == 0
    failed = set()
    for name, values in outputs.items():
        good = np.isfinite(values).reshape(values.shape[0], -1, values.shape[-1]).all(axis=1)
        if not good[runs].all():
            failed.add(name)
    return failed


def endings_of(century: Century, draws: Draws) -> np.ndarray:
    """How each world stands at the end; nothing fails unseen on the way, and no ended world rises again."""
    last = np.zeros(len(next(iter(draws.values()))), int)
    for part, outputs in century.blocks(draws):
        assert unseen(outputs) == set()
        status = outputs["world_status"]
        assert np.all((status[1:] == status[:-1]) | (status[:-1] == 0))
        last[part] = status[-1]
    return last


def test_every_end_of_every_range_runs_a_century_or_ends_with_a_status(century: Century) -> None:
    held = [(name, value) for name, entry in registry().items() for value in dict.fromkeys(entry.range)]
    draws = {name: np.tile(values, len(held)) for name, values in drawn_values(11, 0, 1, Changes()).items()}
    for world, (name, value) in enumerate(held):
        draws[name][world] = value
    last = endings_of(century, draws)
    assert 0.9 < (last == 0).mean() < 1


MANY = {0.05: {"runs", "unfunded"}, 0.3: {"runs", "unfunded"}, 1.0: {"unfunded", "demand_collapsed"}}
"""Share of parameters that are at an end of their range, and what becomes of some worlds."""


@pytest.mark.parametrize("share", MANY)
def test_many_ends_together_run_or_end_with_a_status(share: float, century: Century) -> None:
    chance = np.random.default_rng(int(100 * share))
    draws = drawn_values(11, 0, 5 * BLOCK, Changes())
    for name, entry in registry().items():
        # the mix of generations is a share of shares, and none at all is refused before a run
        if not name.endswith(("share_now", "share_next")):
            chosen = chance.random(5 * BLOCK) < share
            draws[name] = np.where(chosen, chance.choice(entry.range, 5 * BLOCK), draws[name])
    assert {tuple(ENDINGS)[code] for code in endings_of(century, draws)} >= MANY[share]


@pytest.mark.parametrize("precision", [64, pytest.param(32, marks=pytest.mark.slow)])
def test_of_worlds_that_end_nothing_is_left_and_of_others_everything(
    precision: Any, filed: tuple[np.ndarray, np.ndarray]
) -> None:
    settings = {"funding.other_capex_growth": 0.2, "bottleneck.substitution_exponent": 2.0}
    changes = changes_of(scenarios.scenario("baseline"), CENTURY, settings)
    wanted = ALL_OUTPUTS - ELASTICITIES
    outputs, closure = ensemble.run(
        filed, draws=BLOCK, seed=11, quarters=CENTURY, changes=changes, wanted=wanted, precision=precision
    )
    ended = outputs["world_status"] > 0
    assert ended[:, -1].any()
    assert not ended[:, 0].any()
    for name, values in outputs.items():
        if values.dtype.kind == "f":
            assert np.isnan(values[ended]).all(), name
            assert np.isfinite(values[~ended]).all(), name
        elif name != "world_status":
            assert np.all(values[ended] == -1), name
    assert all(np.isfinite(values).all() for values in closure.values())


# Builders that do not build, and regions that do not connect: the shared programme of forty quarters.


@pytest.fixture(scope="module")
def under(filed: tuple[np.ndarray, np.ndarray]) -> Callable[..., dict[str, np.ndarray]]:
    """Outputs of 64 draws under settings and dated changes, (draw, quarter, *axes)."""

    def simulated(settings: Mapping[str, float] | None = None, *page: dict[str, Any]) -> dict[str, np.ndarray]:
        rows = [{"reason": "for a law alone", **change} for change in page]
        document = {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for a law.", "changes": rows}
        changes = changes_of(scenarios.scenario(document), QUARTERS, settings)
        return ensemble.run(filed, draws=DRAWS, seed=7, quarters=QUARTERS, changes=changes)[0]

    return simulated


def all_is_well(outputs: dict[str, np.ndarray]) -> None:
    """Every world runs, and everything said of it is a number."""
    assert not outputs["world_status"].any()
    assert [name for name in table() if not np.isfinite(outputs[name]).all()] == []


def paused(*players: str) -> dict[str, float]:
    return {f"builder.{player}.pause_share": 1.0 for player in players}


@pytest.mark.parametrize("alone", PLAYERS)
def test_one_builder_runs_against_an_exogenous_rest(alone: str, under: Callable[..., Any]) -> None:
    outputs = under(paused(*(player for player in PLAYERS if player != alone)))
    others = [player for player in range(len(PLAYERS)) if PLAYERS[player] != alone]
    assert unseen({name: np.moveaxis(values, 0, -1) for name, values in outputs.items()}) == set()
    for name in ("planned_ai_capital_expenditure_usd_bn", "it_orders_gw", "site_shipments_gw", "it_payment_usd_bn"):
        assert not np.nan_to_num(outputs[name][..., others]).any(), name
        assert np.nan_to_num(outputs[name][..., PLAYERS.index(alone)], nan=1).min() > 0, name


def test_no_builder_that_decides_leaves_the_rest_of_the_world(under: Callable[..., Any]) -> None:
    outputs = under(paused(*PLAYERS))
    assert unseen({name: np.moveaxis(values, 0, -1) for name, values in outputs.items()}) == set()
    runs = outputs["world_status"] == 0
    assert not outputs["it_orders_gw"][runs][:, : len(PLAYERS)].any()
    assert outputs["it_orders_gw"][runs][:, REST].min() > 0


def test_who_pauses_for_good_is_delivered_what_it_had_ordered_and_no_more(under: Callable[..., Any]) -> None:
    outputs = under(None, {"parameter": "builder.meta.pause_share", "value": 1.0, "start": "first"})
    all_is_well(outputs)
    backlog = outputs["it_backlog_gw"][..., META]
    assert np.all(np.diff(backlog, axis=1) < 0)
    assert np.all(backlog >= 0)
    assert not outputs["planned_ai_capital_expenditure_usd_bn"][..., META].any()


@pytest.mark.parametrize("region", ["virginia", "gulf"])
def test_a_region_without_a_grid_gets_what_generation_on_site_brings(region: str, under: Callable[..., Any]) -> None:
    row = REGIONS.index(region)
    outputs = under({f"region.{region}.interconnection_share": 0.0})
    all_is_well(outputs)
    energised = outputs["regional_energised_gw"][..., row]
    on_site = outputs["power_use_share"][..., GENERATION]
    # replaced in place, and a share of what is on site: nothing else comes
    total, retired = (outputs[name].sum(axis=-1) for name in ("energised_gw", "it_retired_gw"))
    before = np.concatenate([np.full((DRAWS, 1), np.nan), outputs["regional_compute_gw"][:, :-1, row]], axis=1)
    fleet = np.concatenate([np.full((DRAWS, 1), np.nan), outputs["active_compute_gw"].sum(axis=-1)[:, :-1]], axis=1)
    in_place = before / fleet * np.minimum(total, retired)
    none_on_site = (on_site == 0) & ~np.isnan(in_place)
    assert none_on_site.any()
    np.testing.assert_allclose(energised[none_on_site], in_place[none_on_site], rtol=1e-9)


def test_a_region_with_neither_grid_nor_compute_never_gets_any(under: Callable[..., Any]) -> None:
    outputs = under({"region.gulf.interconnection_share": 0.0, "region.gulf.compute_share": 0.0})
    all_is_well(outputs)
    gulf = REGIONS.index("gulf")
    assert not outputs["regional_compute_gw"][..., gulf].any()
    assert not outputs["regional_energised_gw"][..., gulf].any()


def test_where_every_region_closes_all_new_power_is_on_site(under: Callable[..., Any]) -> None:
    outputs = under(None, {"parameter": "region.*.openness", "value": 0.0, "start": "2027Q1"})
    all_is_well(outputs)
    closed = slice(2, None)
    assert np.all(outputs["interconnection_factor"][:, closed] == 0)
    assert np.all(outputs["capacity_gw_per_quarter"][:, closed, GRID] == 0)
    assert np.all(outputs["power_use_share"][:, closed, GRID] == 0)
    assert outputs["energised_gw"].min() > 0
    assert outputs["site_shipments_gw"].sum(axis=-1).min() > 0


def test_where_no_region_was_ever_open_the_start_still_closes(under: Callable[..., Any]) -> None:
    outputs = under({f"region.{region}.openness": 0.0 for region in REGIONS})
    assert unseen({name: np.moveaxis(values, 0, -1) for name, values in outputs.items()}) == set()
    planned, paid = (outputs[f"{name}ai_capital_expenditure_usd_bn"][:, 0] for name in ("planned_", ""))
    runs = outputs["world_status"][:, 0] == 0
    np.testing.assert_allclose(paid[runs].sum(axis=-1), planned[runs].sum(axis=-1), rtol=1e-9)


def test_owing_more_than_is_allowed_ends_a_world(under: Callable[..., Any]) -> None:
    outputs = under({"funding.insolvency_years": 1.0})
    status = outputs["world_status"]
    assert set(np.unique(status)) == {0, list(ENDINGS).index("unfunded")}
    draw, quarter = (int(place[0]) for place in np.nonzero(np.diff(status, axis=1)))
    # the last good quarter is the one before: what stood then was still allowed
    cash_flow = outputs["operating_cash_flow_usd_bn"][draw, max(0, quarter - 3) : quarter + 1].mean(axis=0)
    assert np.isfinite(outputs["net_debt_usd_bn"][draw, quarter]).all()
    assert np.isnan(outputs["net_debt_usd_bn"][draw, quarter + 1]).all()
    assert np.all(cash_flow > 0)


def test_compute_that_sells_for_next_to_nothing_ends_a_world(under: Callable[..., Any]) -> None:
    # revenue falls with what hardware does: to 0.01 of it, at an elasticity of 1.3, by two thirds
    settings = {"demand.smallest_revenue_share": 0.5}
    status = under(settings, {"parameter": "demand.efficiency", "value": 0.01, "start": "2027Q1"})["world_status"]
    first = np.where(status > 0, status, 99).min(axis=1)
    assert not status[:, :2].any()
    assert (first == list(ENDINGS).index("demand_collapsed")).mean() > 0.5
