"""Shares of a whole between causes: a textbook game, axes that trail, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import GameError, UnknownNameError
from headrace.games.shapley import coalitions, leave_one_out, shapley_values


def gloves(group: frozenset[str]) -> float:
    """Two have a left glove, one a right one; a pair is worth 6."""
    return 6.0 * ("right" in group and len(group) > 1)


MEMBERS = ("left", "other_left", "right")
WORTH = {group: gloves(group) for group in coalitions(MEMBERS)}


def test_coalitions_run_from_none_to_all() -> None:
    every = coalitions(MEMBERS)
    assert len(every) == len(set(every)) == 2**3
    assert every[0] == frozenset()
    assert every[-1] == frozenset(MEMBERS)


def test_the_glove_market_pays_the_scarce_side() -> None:
    # of six orders, left completes a pair in one and right in four
    assert shapley_values(MEMBERS, WORTH) == {"left": 1, "other_left": 1, "right": 4}


def test_without_one_of_two_alike_nothing_is_lost() -> None:
    assert leave_one_out(MEMBERS, WORTH) == {"left": 0, "other_left": 0, "right": 6}


def test_what_nobody_is_worth_belongs_to_nobody() -> None:
    shifted = {group: value + 100 for group, value in WORTH.items()}
    assert shapley_values(MEMBERS, shifted) == pytest.approx({"left": 1, "other_left": 1, "right": 4})


def test_axes_that_trail_are_answered_apart() -> None:
    worth = {group: np.outer([1, 2], [1, 10, 100]) * value for group, value in WORTH.items()}
    assert shapley_values(MEMBERS, worth)["right"].tolist() == [[4, 40, 400], [8, 80, 800]]


def test_one_member_gets_all() -> None:
    assert shapley_values(["a"], {frozenset(): 2, frozenset("a"): 5}) == {"a": 3}


@pytest.mark.parametrize("share", [shapley_values, leave_one_out])
@pytest.mark.parametrize(
    ("members", "change", "kind", "said"),
    [
        ([], {}, GameError, "there are no members"),
        (["left", "left"], {}, GameError, "wanted each name once"),
        (MEMBERS, {frozenset({"rigth"}): 1}, UnknownNameError, "coalition {rigth}: unknown member 'rigth'; did you"),
        (MEMBERS, {frozenset(): [1, 2]}, GameError, r"worth of {left} has the shape \(\); wanted \(2,\)"),
        (MEMBERS, {frozenset({"left"}): np.nan}, GameError, "worth of {left} is not a finite number"),
    ],
)
def test_worth_that_cannot_be_shared_is_refused(
    share: object, members: list[str], change: dict, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        share(members, WORTH | change)  # type: ignore[operator]


def test_a_coalition_that_is_missing_is_named() -> None:
    worth = {group: value for group, value in WORTH.items() if group != frozenset({"left", "right"})}
    with pytest.raises(GameError, match=r"worth lacks 1 of 8 coalitions, \{left, right\} first; wanted all"):
        shapley_values(MEMBERS, worth)
