"""The dilemma: planted games are named right, simulated payoffs are those of the loop, and nonsense is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.dilemma import payoffs as playing
from headrace.analyses.dilemma import replies
from headrace.analyses.dilemma.measured import dilemma
from headrace.analyses.dilemma.payoffs import Payoffs, every_profile, payoffs
from headrace.analyses.dilemma.replies import best_replies
from headrace.analyses.dilemma.sentences import dilemma_headlines
from headrace.analyses.dilemma.table import game_of, mixed, read
from headrace.analyses.dilemma.today import spending_today
from headrace.changes import drawn_values
from headrace.errors import GameError, InvestmentError, UnknownNameError
from headrace.simulation.strategies import STRATEGIES
from headrace.variables import PLAYERS
from headrace.world import World, world_of

N = len(PLAYERS)
TWO = ("restrain", "race")
DRAWS, QUARTERS = 6, 12
WACC = np.array([0.09])


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(draws=DRAWS, seed=7, quarters=QUARTERS)


@pytest.fixture(scope="module")
def future() -> xr.Dataset:
    cash = ("operating_cash_flow_usd_bn", "interest_usd_bn", "capital_expenditure_usd_bn")
    return service.simulate(draws=DRAWS, quarters=QUARTERS, variables=[*cash, "spend_to_pool_ratio", "band_top_ratio"])


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    """Blocks that divide neither draws nor profiles, so that their seams are tested; one program serves them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(playing, "MOST_DRAWS_TOGETHER", 4)
        patch.setattr(playing, "WORLDS_TOGETHER", 20)
        yield


@pytest.fixture(scope="module")
def played(world: World) -> Payoffs:
    return payoffs(world, every_profile(TWO))


def planted(value: Callable[[Sequence[int]], Sequence[float]], spend: Sequence[float] = (1.0, 2.0)) -> Payoffs:
    """Payoffs of every profile of two strategies by a simulator that is known: 0 restrains, 1 races."""
    profiles = list(product(range(2), repeat=N))
    values = np.array([value(profile) for profile in profiles], float)[np.newaxis]
    spent = np.array([[spend[one] for one in profile] for profile in profiles], float)[np.newaxis]
    return Payoffs(values, spent, spent, spent.sum(axis=-1), np.array([0]), 0)


def alike(own_restrain: Callable[[int], float], own_race: Callable[[int], float]) -> Payoffs:
    """Everyone alike: a payoff of what one plays and how many others race."""

    def value(profile: Sequence[int]) -> list[float]:
        racing = sum(profile)
        return [own_race(racing - 1) if one else own_restrain(racing) for one in profile]

    return planted(value)


def share_contest(elasticity: float, levels: tuple[float, float]) -> Payoffs:
    """A share of a pool that grows with all spending, less own spending: THEORY's stage game with two levels."""

    def value(profile: Sequence[int]) -> list[float]:
        spending = np.array([levels[one] for one in profile])
        return list(spending / spending.sum() * spending.sum() ** elasticity - spending)

    return planted(value, levels)


def linear_cournot() -> Payoffs:
    """Price 1 - Q, no cost: an even part of the monopoly quantity, or the Cournot quantity."""
    levels = np.array([0.5 / N, 1 / (N + 1)])

    def value(profile: Sequence[int]) -> list[float]:
        quantity = levels[list(profile)]
        return list((1 - quantity.sum()) * quantity)

    return planted(value, tuple(levels))


GAMES = {
    "prisoners_dilemma": alike(lambda others: 3 - others, lambda others: 4 - others),
    "chicken": alike(lambda others: 3 - 0.5 * others, lambda others: 4 - 2 * others),
    "stag_hunt": alike(lambda others: 4 - 2 * others, lambda others: 2 - 0.25 * others),
    "harmony": alike(lambda others: 4 - 0.5 * others, lambda others: 3 - 0.5 * others),
    "deadlock": alike(lambda others: 0.1 - 0.1 * others, lambda others: 2 - 0.1 * others),
}


@pytest.mark.parametrize("name", GAMES)
def test_a_planted_game_gets_its_name(name: str) -> None:
    found = read(game_of(GAMES[name], TWO), GAMES[name], WACC)
    assert (found["class_share"].sel(pair="restrain or race", **{"class": name}) == 1).all()


@pytest.mark.parametrize("simulator", [linear_cournot(), share_contest(0.5, (0.25 / N, 0.81 / N))])
def test_a_small_simulator_of_rivals_is_a_prisoners_dilemma(simulator: Payoffs) -> None:
    found = read(game_of(simulator, TWO), simulator, WACC)
    assert (found["class_share"].sel(pair="restrain or race", **{"class": "prisoners_dilemma"}) == 1).all()
    assert found["dilemma_of_five"].all()
    assert (found["dominant_share"].sel(own_strategy="race") == 1).all()
    assert float(found["equilibrium_share"].values[(1,) * N]) == 1
    spent = simulator.spending_value_usd_bn[0].sum(axis=-1)
    assert float(found["overspend"][0]) == pytest.approx(spent[-1] / spent[0])
    assert (found["temptation_usd_bn"] > 0).all()


def test_patience_that_keeps_restraint_is_that_of_friedman() -> None:
    game = linear_cournot()
    levels = 0.5 / N, 1 / (N + 1)
    restrained, raced = ((1 - N * level) * level for level in levels)
    tempted = (1 - (N - 1) * levels[0] - levels[1]) * levels[1]
    found = read(game_of(game, TWO), game, WACC)
    wanted = (tempted - restrained) / (tempted - raced)
    np.testing.assert_allclose(found["critical_discount_factor"], wanted)
    np.testing.assert_allclose(found["detection_lag_quarters"], np.log(wanted) / (-0.25 * np.log(1.09)))
    np.testing.assert_allclose(found["temptation_usd_bn"], tempted - restrained)
    np.testing.assert_allclose(found["restraint_tax"], (tempted - restrained) / (levels[1] - levels[0]))


def test_who_cares_for_nothing_plays_no_game() -> None:
    game = planted(lambda _profile: [1.0] * N)
    found = read(game_of(game, TWO), game, WACC)
    assert (found["class_share"].sel(pair="restrain or race", **{"class": "all_equal"}) == 1).all()
    assert mixed(game_of(game, TWO)) == {player: [] for player in PLAYERS}
    assert not found["temptation_usd_bn"].any()


def test_mixed_equilibria_are_all_there() -> None:
    to_meet = alike(lambda others: 4 - 2 * others, lambda others: 2 * others - 4)
    rows = mixed(game_of(to_meet, TWO))["meta"]
    assert sorted(row["race"] for row in rows) == pytest.approx([0, 0.5, 1])


def test_who_plays_nothing_plays_as_the_loop_does(world: World, future: xr.Dataset) -> None:
    found = payoffs(world, np.full((5, N), -1), terminal_growth=0.0)
    players = future.sel(builder=list(PLAYERS))
    cash = (
        players["operating_cash_flow_usd_bn"] + players["interest_usd_bn"] - players["capital_expenditure_usd_bn"]
    ).transpose("quarter", "builder", "draw")
    rate = drawn_values(7, 0, DRAWS, world.changes)["finance.wacc"]
    discount = (1 + rate) ** (-np.arange(1, QUARTERS + 1)[:, np.newaxis, np.newaxis] / 4)
    at_the_end = 4 * cash.values[-4:].mean(axis=0) / rate * discount[-1]
    np.testing.assert_allclose(found.value_usd_bn[:, 0].T, (discount * cash.values).sum(axis=0) + at_the_end, rtol=1e-9)
    np.testing.assert_allclose(found.ratio[:, 0], future["spend_to_pool_ratio"].values[:, :8].mean(axis=1), rtol=1e-9)


def test_a_profile_is_worth_the_same_whatever_is_played_beside_it(world: World, played: Payoffs) -> None:
    rows = [31, 0, 7, 2, 30]
    alone = payoffs(world, every_profile(TWO)[rows])
    np.testing.assert_allclose(alone.value_usd_bn, played.value_usd_bn[:, rows], rtol=1e-12)
    fewer = payoffs(replace(world, draws=5), every_profile(TWO)[rows])
    np.testing.assert_allclose(fewer.value_usd_bn, alone.value_usd_bn[:5], rtol=1e-12)


def test_who_races_spends_more_and_a_level_of_nothing_cuts(world: World, played: Payoffs) -> None:
    calm, hard = played.spending_value_usd_bn[:, 0], played.spending_value_usd_bn[:, -1]
    assert (hard >= calm).all()
    assert hard.sum() > 1.05 * calm.sum()
    stopped = payoffs(world, every_profile(TWO)[:5], np.zeros((5, N)))
    assert (stopped.spending_value_usd_bn[:, 0] <= calm).all()
    assert stopped.spending_value_usd_bn[:, 0].sum() < calm.sum()


def test_the_dilemma_of_a_world_is_whole_and_can_be_told(world: World) -> None:
    found = dilemma(world, strategies=TWO)
    assert found["payoff_usd_bn"].shape == (DRAWS, N, *[2] * N)
    for name in ("class_share", "class_share_by_level"):
        np.testing.assert_allclose(found[name].sum("class"), 1)
    middle = found["class_share_by_level"].sel(first_level=1.0, last_level=1.0)
    np.testing.assert_allclose(middle, found["class_share"].sel(pair="restrain or race"))
    said = dilemma_headlines(found)
    assert [line.key for line in said] == ["game", "equilibrium", "anarchy", "restraint", "reply", "today"]
    assert all("nan" not in line.sentence for line in said)
    assert all(found[name].attrs["units"] for name in found)


@pytest.mark.parametrize(("answer", "slope"), [(0.5, 1.0), (0.0, 0.0), (-0.4, None)])
def test_a_planted_best_reply_and_its_slope_are_found(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: float, slope: float | None
) -> None:
    def spending_best(rivals: np.ndarray) -> np.ndarray:
        return (0.0 if slope == 1.0 else 0.8) + answer * rivals

    def quadratic(_world: World, _choice: np.ndarray, level: np.ndarray, **_: object) -> Payoffs:
        others = (level.sum(axis=1, keepdims=True) - level) / (N - 1)
        value = (-((level - spending_best(others)) ** 2))[np.newaxis]
        spent = 1 + level[np.newaxis] if slope is None else level[np.newaxis]
        return Payoffs(value, spent, spent, spent.sum(axis=-1), np.array([0]), 0)

    monkeypatch.setattr(replies, "payoffs", quadratic)
    found = best_replies(world)
    rivals = np.array(replies.RIVALS_LEVELS)
    wanted = spending_best(rivals)
    np.testing.assert_allclose(found["best_reply_level"].sel(builder="meta")[0], wanted)
    assert not found["best_reply_at_end"].any()
    if slope is None:
        own, others = np.log(1 + wanted), np.log(1 + rivals)
        slope = float((own[1] - own[0]) / (others[1] - others[0]))
        assert slope < 0
    np.testing.assert_allclose(found["best_reply_slope"], slope, atol=1e-12)


def test_a_best_reply_at_an_end_of_the_grid_has_no_slope(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def falling(_world: World, _choice: np.ndarray, level: np.ndarray, **_: object) -> Payoffs:
        spent = 1 + level[np.newaxis]
        return Payoffs(-spent, spent, spent, spent.sum(axis=-1), np.array([0]), 0)

    monkeypatch.setattr(replies, "payoffs", falling)
    found = best_replies(world)
    assert (found["best_reply_level"] == 0).all()
    assert found["best_reply_at_end"].all()
    assert found["best_reply_slope"].isnull().all()


def test_the_story_turns_round_with_the_figures(world: World) -> None:
    game = GAMES["prisoners_dilemma"]
    now = spending_today(replace(world, draws=1))
    told = {line.key: line.sentence for line in dilemma_headlines(read(game_of(game, TWO), game, WACC).merge(now))}
    assert "is a prisoner's dilemma, in 100% of draws by builder. The popular story holds." in told["game"]
    assert "To race is best whatever others do in 100%" in told["game"]
    assert "all five race, in 100% of draws" in told["equilibrium"]


def test_spending_today_is_the_ratio_of_the_loop(world: World, future: xr.Dataset) -> None:
    now = spending_today(world)
    np.testing.assert_allclose(now["spend_to_pool"], future["spend_to_pool_ratio"].values[:, 0], rtol=1e-9)
    np.testing.assert_allclose(now["band_top"], future["band_top_ratio"].values[:, 0], rtol=0.05)
    needed = now["loss_aversion_needed"]
    assert (needed.diff("expected_growth") <= 1e-12).all()
    assert (needed.diff("franchise_at_stake") <= 1e-12).all()
    assert float(needed.min()) == 1


def test_what_cannot_be_played_is_refused(world: World) -> None:
    with pytest.raises(GameError, match=r"the only strategy is race; wanted two or three of restrain, follow, race"):
        dilemma(world, strategies=["race"])
    with pytest.raises(GameError, match="none; wanted two or three"):
        every_profile([])
    with pytest.raises(GameError, match="wanted each once"):
        every_profile(["race", "race"])
    with pytest.raises(UnknownNameError, match="race"):
        every_profile(["restrain", "raec"])
    with pytest.raises(InvestmentError, match=r"is not above growth 0\.2"):
        payoffs(world, every_profile(TWO), terminal_growth=0.2)
    assert len(every_profile(STRATEGIES)) == 3**N
