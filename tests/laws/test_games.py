"""Laws of games: names and equilibria that no unit and no order of strategies changes, shares that make a whole."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headrace.games.against_the_rest import against_the_rest
from headrace.games.anarchy import payoff_lost
from headrace.games.dominance import dominant, dominated
from headrace.games.mixed_equilibria import mixed_equilibria
from headrace.games.normal_form import Game, normal_form
from headrace.games.pure_equilibria import deviation_gain, equilibrium_shares, is_equilibrium
from headrace.games.repeated import critical_discount_factor, longest_detection_lag
from headrace.games.shapley import coalitions, leave_one_out, shapley_values
from headrace.games.two_by_two import CLASSES, game_class, preference

# whole numbers, so that ties are common and arithmetic is exact
RANKS = arrays(np.float64, (2, 2, 2), elements=st.integers(0, 4).map(float))
STRICT = st.tuples(st.permutations([0.0, 1, 2, 3]), st.permutations([0.0, 1, 2, 3])).map(
    lambda ranks: np.array(ranks).reshape(2, 2, 2)
)


def two(payoffs: np.ndarray) -> Game:
    return normal_form("ab", ["xy", "xy"], payoffs)


def name_of(payoffs: np.ndarray) -> str:
    return str(game_class(two(payoffs))[0])


@given(RANKS, arrays(np.float64, (2, 2), elements=st.floats(0.01, 100)))
def test_a_game_keeps_its_name_in_other_units(payoffs: np.ndarray, change: np.ndarray) -> None:
    scale, shift = change[:, 0].reshape(2, 1, 1), change[:, 1].reshape(2, 1, 1) - 50
    assert name_of(scale * payoffs + shift) == name_of(payoffs)
    moved = preference(two(scale * payoffs + shift), "b")
    assert moved.tolist() == preference(two(payoffs), "b").tolist()


@given(RANKS)
def test_a_game_keeps_its_name_however_strategies_and_players_are_listed(payoffs: np.ndarray) -> None:
    for mine, theirs in product((slice(None), slice(None, None, -1)), repeat=2):
        assert name_of(payoffs[:, mine, theirs]) == name_of(payoffs)
    assert name_of(payoffs[::-1].transpose(0, 2, 1)) == name_of(payoffs)


@given(STRICT)
def test_a_name_says_what_can_happen(payoffs: np.ndarray) -> None:
    game = two(payoffs)
    name, stable = name_of(payoffs), int(is_equilibrium(game).sum())
    if name in {"prisoners_dilemma", "harmony", "deadlock"}:
        assert stable == 1
        assert dominant(game, "a").any()
        assert dominant(game, "b").any()
        worse_for_both = any((payoffs[:, row, column] > payoffs[:, is_equilibrium(game)[0]][:, 0]).all()
                             for row, column in product((0, 1), repeat=2))  # fmt: skip
        assert worse_for_both == (name == "prisoners_dilemma")
    elif name in {"chicken", "stag_hunt", "coordination", "battle_of_the_sexes"}:
        assert stable == 2
    elif name == "matching_pennies":
        assert stable == 0
    else:
        assert name == "other"


@given(st.permutations([0.0, 1, 2, 3]))
def test_every_strict_ranking_that_both_share_has_a_name(ranks: list[float]) -> None:
    own = np.array(ranks).reshape(2, 2)
    assert name_of(np.stack([own, own.T])) in CLASSES[:-2]


@st.composite
def tensors(draw: st.DrawFn) -> Game:
    """Games of two to four players with one to three strategies each, three draws, ties common."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    table = draw(arrays(np.float64, (3, len(sizes), *sizes), elements=st.integers(-3, 3).map(float)))
    return normal_form("abcd"[: len(sizes)], ["xyz"[:size] for size in sizes], table)


@given(tensors())
def test_pure_equilibria_are_those_that_a_plain_search_finds(game: Game) -> None:
    stable = is_equilibrium(game)
    sizes = [len(own) for own in game.strategies]
    for draw in range(len(game.payoffs)):
        for profile in product(*map(range, sizes)):
            nobody_gains = all(
                game.payoffs[(draw, player, *profile[:player], other, *profile[player + 1 :])]
                <= game.payoffs[(draw, player, *profile)]
                for player, size in enumerate(sizes)
                for other in range(size)
            )
            assert stable[(draw, *profile)] == nobody_gains
    np.testing.assert_allclose(sum(equilibrium_shares(game).values()) * len(stable), stable.sum())


@given(tensors())
def test_who_pays_the_gain_of_leaving_makes_any_profile_an_equilibrium(game: Game) -> None:
    sizes = [len(own) for own in game.strategies]
    gain = deviation_gain(game)
    assert (gain >= 0).all()
    for profile in product(*map(range, sizes)):
        paid = game.payoffs.copy()
        paid[(..., *profile)] += gain[(..., *profile)]
        assert is_equilibrium(normal_form(game.players, game.strategies, paid))[(..., *profile)].all()


@given(tensors())
def test_who_has_a_strictly_dominant_strategy_plays_it_at_every_equilibrium(game: Game) -> None:
    stable = is_equilibrium(game)
    for place, player in enumerate(game.players):
        best, bad = dominant(game, player), dominated(game, player)
        assert (best.sum(axis=1) <= 1).all()
        assert not (best & bad).any()
        assert (dominant(game, player, strict=False) >= best).all()
        played = np.moveaxis(stable, place + 1, 1).reshape(*bad.shape, -1).any(axis=2)
        assert not (played & bad).any()
    lost = payoff_lost(game)
    assert (np.isnan(lost) | (lost >= 0)).all()


@given(tensors().filter(lambda game: len(set(game.strategies)) == 1))
def test_against_the_rest_a_dominant_strategy_stays_dominant(game: Game) -> None:
    for player in game.players:
        reduced = against_the_rest(game, player)
        assert (dominant(reduced, player) >= dominant(game, player)).all()


@given(
    st.integers(2, 4).flatmap(
        lambda rows: st.integers(2, 4).flatmap(
            lambda columns: arrays(np.float64, (2, rows, columns), elements=st.floats(-10, 10), unique=True)
        )
    )
)
def test_mixed_equilibria_hold_every_pure_one_and_leave_nobody_a_gain(payoffs: np.ndarray) -> None:
    game = normal_form("ab", ["wxyz"[:size] for size in payoffs.shape[1:]], payoffs)
    found = mixed_equilibria(game)
    assert found
    spread = np.ptp(payoffs, axis=(1, 2))
    for one in found:
        row, column = (np.array(list(played.values())) for played in one.probabilities.values())
        np.testing.assert_allclose([row.sum(), column.sum()], 1)
        gains = (payoffs[0] @ column).max() - one.payoffs["a"], (row @ payoffs[1]).max() - one.payoffs["b"]
        assert (np.array(gains) <= 1e-5 * spread).all()
    pure = {tuple(max(played, key=played.__getitem__) for played in one.probabilities.values()) for one in found
            if all(max(played.values()) > 1 - 1e-9 for played in one.probabilities.values())}  # fmt: skip
    assert pure >= set(equilibrium_shares(game))


PAYOFF = st.floats(-100, 100)


@given(PAYOFF, PAYOFF, PAYOFF, st.floats(0.01, 100), PAYOFF)
def test_patience_asked_for_knows_no_unit(one: float, two_: float, three: float, scale: float, shift: float) -> None:
    punishment, reward, temptation = sorted([one, two_, three])
    if min(temptation - reward, reward - punishment) < 1e-6:
        return
    factor = critical_discount_factor(temptation, reward, punishment)
    assert 0 < factor < 1
    scaled = critical_discount_factor(*(scale * payoff + shift for payoff in (temptation, reward, punishment)))
    np.testing.assert_allclose(scaled, factor, rtol=1e-6)
    # a lag of one period is borne exactly where patience is enough
    for patience in (0.5 * factor, 0.5 + 0.5 * factor):
        assert (longest_detection_lag(patience, factor) >= 1) == (patience >= factor)


def worths(members: str) -> st.SearchStrategy[dict[frozenset[str], np.ndarray]]:
    every = coalitions(members)
    values = arrays(np.float64, (len(every), 2, 3), elements=st.floats(-1e3, 1e3))
    return values.map(lambda table: dict(zip(every, table, strict=True)))


MEMBERS = "abcd"


@given(worths(MEMBERS))
def test_shares_sum_to_the_whole_and_are_means_over_every_order(worth: dict[frozenset[str], np.ndarray]) -> None:
    shares = shapley_values(MEMBERS, worth)
    np.testing.assert_allclose(
        sum(shares.values()), worth[frozenset(MEMBERS)] - worth[frozenset()], rtol=1e-12, atol=1e-10
    )
    orders = list(permutations(MEMBERS))
    for member in MEMBERS:
        before = [frozenset(order[: order.index(member)]) for order in orders]
        added = [worth[group | {member}] - worth[group] for group in before]
        np.testing.assert_allclose(shares[member], np.mean(added, axis=0), rtol=1e-12, atol=1e-10)


@given(worths("abc"))
def test_who_adds_nothing_gets_nothing_and_others_get_what_they_got(worth: dict[frozenset[str], np.ndarray]) -> None:
    with_null = {group: worth[group - {"d"}] for group in coalitions(MEMBERS)}
    shares = shapley_values(MEMBERS, with_null)
    np.testing.assert_allclose(shares["d"], 0, atol=1e-10)
    np.testing.assert_allclose(leave_one_out(MEMBERS, with_null)["d"], 0, atol=0)
    for member, share in shapley_values("abc", worth).items():
        np.testing.assert_allclose(shares[member], share, rtol=1e-10, atol=1e-9)


@given(worths(MEMBERS))
def test_two_who_always_add_the_same_get_the_same(worth: dict[frozenset[str], np.ndarray]) -> None:
    swap = {"a": "b", "b": "a"}
    alike = {
        group: (worth[group] + worth[frozenset(swap.get(name, name) for name in group)]) / 2
        for group in coalitions(MEMBERS)
    }
    shares = shapley_values(MEMBERS, alike)
    np.testing.assert_allclose(shares["a"], shares["b"], rtol=1e-10, atol=1e-9)
