"""Errors a caller can act on: one tree, exit codes, near matches."""

from __future__ import annotations

import pytest

from headrace import errors

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.HeadraceError)]


def test_every_error_is_drawn_in_the_tree_and_caught_by_its_base() -> None:
    assert len(EVERY) > 5
    for kind in EVERY:
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_a_wrong_request_exits_with_2_and_a_broken_world_with_1(kind: type[errors.HeadraceError]) -> None:
    assert kind.exit_code == (
        1 if issubclass(kind, (errors.EndedError, errors.EvidenceError, errors.OutputError)) else 2
    )


KNOWN = ["rivalry.loss_aversion", "rivalry.decisiveness", "grid.decay", "logic.decay"]


def test_the_nearest_name_comes_first() -> None:
    assert errors.near_matches("rivalry.loss_aversoin", KNOWN)[0] == "rivalry.loss_aversion"


def test_part_of_a_name_finds_every_name_that_holds_it() -> None:
    assert set(errors.near_matches("decay", KNOWN)) == {"grid.decay", "logic.decay"}


def test_no_more_names_than_asked_for() -> None:
    assert len(errors.near_matches("a", [f"a{n}" for n in range(20)], most=3)) == 3


def test_case_does_not_hide_a_near_name() -> None:
    assert errors.near_matches("DGS11", ["dgs10", "gdp"]) == ["dgs10"]


def test_nothing_typed_is_near_nothing() -> None:
    assert errors.near_matches("", KNOWN) == []


def test_where_nothing_is_near_a_short_list_is_shown_whole() -> None:
    text = str(errors.unknown_name("layer", "xxxxxxxx", ["logic", "memory"]))
    assert text == "unknown layer 'xxxxxxxx'; known: logic, memory"


def test_where_nothing_is_near_a_long_list_is_counted() -> None:
    text = str(errors.unknown_name("layer", "xxxxxxxx", [f"name{n}" for n in range(13)]))
    assert text == "unknown layer 'xxxxxxxx'; none of the 13 known names is near"


def test_the_place_comes_first() -> None:
    assert str(errors.unknown_name("layer", "logik", ["logic"], "a.toml")).startswith("a.toml: unknown layer 'logik'")
