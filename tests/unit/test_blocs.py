"""Blocs of nations: nothing moved changes nothing, money spent on nothing is lost, and every account adds up."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import quad

from headrace import ensemble, scenarios, service
from headrace.analyses.blocs import given as beyond
from headrace.analyses.blocs import measured
from headrace.analyses.blocs.account import BUILDERS_OF_SITES as SITES
from headrace.analyses.blocs.account import DESIGNERS, MAKERS, PARTS, account, buyers_gain_usd_bn
from headrace.analyses.blocs.dread import standing
from headrace.analyses.blocs.ownership import ownership
from headrace.analyses.blocs.playing import READ, Played
from headrace.analyses.blocs.profiles import STRATEGIES, Play, changes_under, play_of, terms_of
from headrace.analyses.blocs.sentences import bloc_headlines
from headrace.analyses.blocs.table import game_of, payoffs_at, read
from headrace.changes import drawn_values
from headrace.errors import EndedError, GameError, ParameterError, ScenarioError, UnknownNameError
from headrace.evidence import sources
from headrace.parameters.registry import registry
from headrace.variables import GROUPS, PLAYERS
from headrace.world import World, world_of

DRAWS, QUARTERS = 64, 40

NOTHING = """
dated = 2026-11-23
[united_states]
label = "the United States"
regions = ["virginia"]
restrict = {{ title = "Nothing", summary = "Moves nothing.", changes = [{still}] }}
subsidise = {{ title = "Nothing", summary = "Moves nothing." }}
[china]
label = "China"
regions = ["china"]
restrict = {{ title = "Nothing", summary = "Moves nothing." }}
[china.subsidise]
title = "Money for nothing"
summary = "Buys nothing."
start = "2027Q1"
end = "2028Q4"
public = {{ usd_bn = 5.0, reason = "planted here", source = "headrace_judgement" }}
"""
STILL = ", ".join(
    f'{{ parameter = "{name}", multiply = 1.0, start = "first", reason = "planted here" }}'
    for name in ("logic.lead_time_quarters", "cooling.availability", "energise.frontier_quality_factor")
)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(draws=DRAWS, seed=7, quarters=QUARTERS)


@pytest.fixture(scope="module")
def still(world: World) -> xr.Dataset:
    table = scenarios.read_blocs(NOTHING.format(still=STILL), "nothing.toml")
    return measured.blocs(world, table=table, given={"bloc.excess_burden": 0.0})


def test_moves_of_no_size_leave_every_payoff_alone(still: xr.Dataset) -> None:
    payoff = still["payoff_usd_bn"]
    base = payoff.sel(united_states="open", china="open")
    moved = payoff.sel(united_states="restrict", china="restrict")
    np.testing.assert_allclose(moved, base, rtol=1e-12)
    assert (base != 0).all()
    shares = still["class_share"].sel(choice="open or restrict")
    assert (shares.sel({"class": "all_equal"}) == 1).all()


def test_public_money_that_moves_nothing_is_lost_to_the_cent(still: xr.Dataset, world: World) -> None:
    rate = beyond.drawn(7, DRAWS, {})["discount_rate"]
    quarters = np.arange(3, 11)  # 2027Q1 to 2028Q4 of a run that begins with 2026Q3
    wanted = -5.0 * ((1 + rate) ** (-quarters[:, np.newaxis] / 4)).sum(axis=0)
    effect = still["effect_usd_bn"].sel(mover="china", move="subsidise")
    np.testing.assert_allclose(effect.sel(party="china"), wanted, rtol=1e-9)
    np.testing.assert_allclose(effect.sel(party="united_states"), 0, atol=1e-9)
    np.testing.assert_allclose(effect.sel(party="world"), wanted, rtol=1e-9)


@pytest.mark.parametrize("elasticity", [0.5, 1.0, 1 + 1e-9, 1.3, 5.0])
@pytest.mark.parametrize("price", [0.05, 0.7, 1.0, 2.5])
def test_what_buyers_gain_is_the_area_under_their_demand(elasticity: float, price: float) -> None:
    area = quad(lambda at: at**-elasticity, price, 1.0)[0]
    revenue = price ** (1 - elasticity)
    assert float(buyers_gain_usd_bn(revenue, price, elasticity)) == pytest.approx(area, rel=1e-8, abs=1e-12)


@pytest.fixture(scope="module")
def run(world: World) -> Callable[..., tuple]:
    """Outputs of one profile of the shipped blocs, and what accounts are made from."""
    play = play_of(scenarios.blocs())

    def of(*profile: str) -> tuple:
        outputs, _ = ensemble.run(
            world.filed, draws=DRAWS, seed=7, quarters=QUARTERS, changes=changes_under(world, play, profile),
            wanted=READ,
        )  # fmt: skip
        return play, outputs, terms_of(world, play, profile), drawn_values(7, 0, DRAWS, world.changes)

    return of


def test_a_bloc_that_owns_all_the_rest_owns_what_the_loop_says(run: Callable[..., tuple]) -> None:
    play, outputs, terms, drawn = run("open", "open", "open")
    all_chinese = np.zeros((4, DRAWS))
    all_chinese[1] = 1
    growth, life = drawn["builder.rest_of_world.growth"], drawn["finance.it_economic_life_quarters"]
    owned = ownership(outputs, list(play.blocs), all_chinese, terms, growth, life)
    weighted = outputs["active_compute_gw"] * outputs["compute_quality_index"]
    wanted = weighted[..., len(PLAYERS)] / weighted.sum(axis=-1)
    np.testing.assert_allclose(owned.share[1:, 1], wanted[:, :-1].T, rtol=1e-9)
    np.testing.assert_allclose(owned.share[:, 2:], 0)


def test_parts_of_all_parties_add_up_to_those_of_the_loop(run: Callable[..., tuple]) -> None:
    play, outputs, terms, drawn = run("both", "both", "both")
    names = list(play.blocs)
    given = beyond.drawn(7, DRAWS, {"bloc.discount_rate": 0.0})
    shares = beyond.shares(given, names, "owner_share")
    growth, life = drawn["builder.rest_of_world.growth"], drawn["finance.it_economic_life_quarters"]
    owned = ownership(outputs, names, shares, terms, growth, life)
    np.testing.assert_allclose(owned.share.sum(axis=1), 1)
    np.testing.assert_allclose(owned.paid_for_it.sum(axis=1), 1)
    paid = outputs["ai_capital_expenditure_usd_bn"].sum(axis=-1).T
    assert (owned.paid_usd_bn.sum(axis=1) <= paid * (1 + 1e-12)).all()
    assert owned.paid_usd_bn[:2].sum(axis=1) == pytest.approx(paid[:2])
    given["discount_rate"] = np.full(DRAWS, 1e-9)
    value = account(outputs, play.blocs, owned, terms, given, drawn)
    groups = [GROUPS.index(group) for group in (*DESIGNERS, *MAKERS, *SITES)]
    earned = outputs["group_earnings_usd_bn"][..., groups].sum(axis=(1, 2))
    np.testing.assert_allclose(value[..., PARTS.index("suppliers")].sum(axis=1), earned, rtol=1e-6)
    assert (value[:, -1, PARTS.index("states")] == 0).all()


def test_a_control_that_falls_on_a_bloc_takes_its_spending_and_nobody_elses(run: Callable[..., tuple]) -> None:
    paid = {}
    for profile in (("open", "open", "open"), ("restrict", "open", "open")):
        play, outputs, terms, drawn = run(*profile)
        shares = beyond.shares(beyond.drawn(7, DRAWS, {}), list(play.blocs), "owner_share")
        growth, life = drawn["builder.rest_of_world.growth"], drawn["finance.it_economic_life_quarters"]
        paid[profile[0]] = (
            ownership(outputs, list(play.blocs), shares, terms, growth, life).paid_usd_bn[2:22].sum(axis=0)
        )
    fall = 1 - np.median(paid["restrict"] / paid["open"], axis=1)
    assert fall[1] > 0.4
    assert abs(fall[2]) < 0.05


def test_accounts_add_nothing_to_the_parameters_of_the_loop() -> None:
    assert not set(beyond.given()) & set(registry())
    assert {entry.source for entry in beyond.given().values()} <= set(sources.load())
    assert {row.name for row in service.bloc_parameters()} == set(beyond.given())


def planted(value: Callable[[tuple[str, ...]], list[float]], points: Callable[..., list[float]] | None = None) -> tuple:
    """A game of the three, open or restrict, by a rule that is known; everyone else gets nothing."""
    play = play_of(scenarios.blocs(), strategies=["open", "restrict"])
    worth = np.zeros((2, len(play.profiles), 4, len(PARTS)))
    held = np.zeros((2, len(play.profiles), 4))
    for number, profile in enumerate(play.profiles):
        worth[:, number, :3, 0] = value(profile)
        held[:, number, :3] = points(profile) if points else 0
    return Played(worth, held, np.arange(2), 0), play


def told(found: Played, play: Play, worth: float = 100.0) -> xr.Dataset:
    beside = standing(found, play, worth)
    return xr.merge([read(found, play), beside], join="exact").assign_attrs(beside.attrs)


def tempting(profile: tuple[str, ...]) -> list[float]:
    hostile = [one == "restrict" for one in profile]
    return [10.0 + own - 2 * (sum(hostile) - own) for own in hostile]


def generous(profile: tuple[str, ...]) -> list[float]:
    return [10.0 - 3 * (one == "restrict") for one in profile]


def test_who_gains_by_restricting_while_all_lose_is_in_a_dilemma() -> None:
    found = told(*planted(tempting))
    assert (found["class_share"].sel(choice="open or restrict", **{"class": "prisoners_dilemma"}) == 1).all()
    assert (found["tempting_dilemma_share"] == 1).all()
    assert float(found["equilibrium_share"].sel(united_states="restrict", china="restrict", europe="restrict")) == 1
    np.testing.assert_allclose(found["lost_usd_bn"], 9)
    said = {line.key: line.sentence for line in bloc_headlines(found)}
    assert "the popular story holds in most" in said["game"]
    assert "all restrict, in 100% of draws" in said["equilibrium"]
    assert "the United States gains 1 [1 to 1] USD bn, and all others together lose 4 [4 to 4]" in said["restrict"]
    assert "It pays for the United States, China and Europe" in said["restrict"]


def test_a_dilemma_the_other_way_round_is_no_reason_to_restrict() -> None:
    found = told(*planted(lambda profile: [-payoff for payoff in tempting(profile)]))
    assert (found["class_share"].sel(choice="open or restrict", **{"class": "prisoners_dilemma"}) == 1).all()
    assert (found["tempting_dilemma_share"] == 0).all()
    assert "the popular story fails in most" in bloc_headlines(found)[0].sentence


def test_standing_turns_the_game_where_its_worth_is_what_restricting_costs() -> None:
    found = told(*planted(generous, lambda profile: [0.5 * (one == "restrict") for one in profile]))
    np.testing.assert_allclose(found["break_even_usd_bn"], 6)
    assert found.attrs["turns_at_usd_bn"] == pytest.approx(6.31)
    shown = found["standing_equilibrium_share"]
    assert float(shown.sel(united_states="restrict", china="restrict", europe="restrict")) == 1
    said = {line.key: line.sentence for line in bloc_headlines(found)}
    assert "once a point is worth 6.0 [6.0 to 6.0] USD bn" in said["standing"]
    assert "it is that all restrict, in 100% of draws" in said["standing"]


def test_where_standing_cannot_be_had_no_worth_turns_the_game() -> None:
    found = told(*planted(generous))
    assert np.isinf(found["break_even_usd_bn"]).all()
    assert found.attrs["turns_at_usd_bn"] == ""
    assert "nobody leaves that resting point at any worth" in bloc_headlines(found)[-1].sentence


def test_who_cares_for_nothing_plays_no_game() -> None:
    found = told(*planted(lambda _: [1.0, 1.0, 1.0]))
    assert (found["class_share"].sel({"class": "all_equal"}) == 1).all()
    said = {line.key: line.sentence for line in bloc_headlines(found)}
    assert "no game, for nobody cares" in said["game"]
    assert "the United States neither gains nor loses" in said["restrict"]


@pytest.mark.parametrize(
    ("profile", "error"),
    [
        ({}, GameError),
        ({"china": "open"}, GameError),
        ({"china": "open", "europe": "open", "united_states": "opne"}, UnknownNameError),
        ({"china": "open", "europe": "open", "untied_states": "open"}, UnknownNameError),
    ],
)
def test_a_profile_that_is_none_is_refused(profile: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error, match="profile"):
        service.blocs(draws=2, profile=profile)


def test_what_a_profile_pays_is_that_of_the_table() -> None:
    found, play = planted(tempting)
    one = {"europe": "open", "united_states": "restrict", "china": "open"}
    np.testing.assert_allclose(payoffs_at(game_of(found, play), play, one), [[11, 8, 8]] * 2)


@pytest.mark.parametrize(
    ("players", "strategies", "error", "words"),
    [
        (["chnia"], [], UnknownNameError, "did you mean china"),
        (["china"], [], GameError, "two or more of united_states, china, europe"),
        (["china", "china"], [], GameError, "each once"),
        ([], ["opn"], UnknownNameError, "open"),
        ([], ["open"], GameError, "two or more of open, restrict, subsidise, both"),
    ],
)
def test_who_plays_nothing_or_nobody_is_refused(
    players: list[str], strategies: list[str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        play_of(scenarios.blocs(), players, strategies)


def test_every_strategy_of_every_player_is_in_some_profile() -> None:
    play = play_of(scenarios.blocs(), ["europe", "china"], ["both", "open"])
    assert play.profiles == list(product(("open", "both"), repeat=2))
    assert [(who, move.scenario.name) for who, move in play.moves(("both", "open"))] == [
        ("europe", "europe restrict"),
        ("europe", "europe subsidise"),
    ]
    assert len(play_of(scenarios.blocs()).profiles) == len(STRATEGIES) ** 3


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_move_outside_the_run_is_refused(quarters: int) -> None:
    with pytest.raises(ScenarioError, match=r"after the run|outside the run"):
        service.blocs(draws=2, quarters=quarters)


def test_a_term_outside_the_run_is_refused_though_it_moves_nothing() -> None:
    table = scenarios.read_blocs(NOTHING.format(still=""), "nothing.toml")
    short = world_of(draws=2, seed=7, quarters=2)
    with pytest.raises(ScenarioError, match="its term, from 2027Q1 to 2028Q4, is outside the run"):
        terms_of(short, play_of(table), ("open", "subsidise"))


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"bloc.discount": 0.1}, UnknownNameError, "bloc.discount_rate"),
        ({"bloc.discount_rate": -1.0}, ParameterError, "outside its range"),
        ({"bloc.china.owner_share": 0.9}, ParameterError, "add up to"),
    ],
)
def test_an_account_of_nonsense_is_refused(settings: dict[str, float], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        service.blocs(draws=2, quarters=QUARTERS, settings=settings)


@pytest.mark.parametrize("worth", [-1.0, float("nan"), float("inf")])
def test_standing_of_no_worth_is_refused(worth: float) -> None:
    with pytest.raises(GameError, match="a point of share is worth"):
        service.blocs(draws=2, usd_bn_per_point=worth)


def test_a_scenario_that_contradicts_a_move_is_refused() -> None:
    page = {
        "title": "Held",
        "dated": "2026-11-23",
        "summary": "Holds what a bloc moves.",
        "changes": [
            {"parameter": "logic.lead_time_quarters", "value": 9.0, "start": "first", "reason": "planted here"}
        ],
    }
    with pytest.raises(ScenarioError, match="contradict"):
        service.blocs(page, draws=2)


def test_worlds_that_all_end_are_said_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = {name: np.ones((DRAWS, QUARTERS)) for name in READ}
    monkeypatch.setattr("headrace.analyses.blocs.playing.ensemble.run", lambda *_, **__: (ended, {}))
    monkeypatch.setattr("headrace.analyses.blocs.playing.ownership", lambda *_: np.nan)
    monkeypatch.setattr("headrace.analyses.blocs.playing.account", lambda *_: np.nan)
    monkeypatch.setattr("headrace.analyses.blocs.playing._points", lambda *_: np.nan)
    with pytest.raises(EndedError, match="none of the 64 worlds"):
        measured.blocs(world)
