"""Draws depend on seed, name and index alone, and follow the distribution that the entry states."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.parameters.priors import draw_parameters, quantiles, uniform_numbers
from headrace.parameters.registry import parameter, registry
from headrace.parameters.schema import Parameter

NAME = "rivalry.loss_aversion"


@pytest.mark.parametrize("first", [0, 1, 2, 3, 4, 5, 7, 63, 64, 499, 500, 501])
@pytest.mark.parametrize("count", [1, 3, 4, 9])
def test_draw_i_is_the_same_whatever_the_block_it_comes_in(first: int, count: int) -> None:
    everything = uniform_numbers([NAME], 7, 0, 600)
    assert np.array_equal(uniform_numbers([NAME], 7, first, count), everything[:, first : first + count])


def test_a_stream_is_the_philox_stream_of_its_seed_and_name() -> None:
    import hashlib

    key = int.from_bytes(hashlib.blake2b(NAME.encode(), digest_size=8).digest(), "little")
    stream = np.random.Generator(np.random.Philox(key=np.array([7, key], dtype=np.uint64)))
    assert np.array_equal(uniform_numbers(["rivalry.decisiveness", NAME], 7, 0, 99)[1], stream.random(99))


def test_draw_i_is_the_same_whatever_other_parameters_are_drawn() -> None:
    alone = draw_parameters([parameter(NAME)], 7, 0, 50)[NAME]
    assert np.array_equal(draw_parameters(registry().values(), 7, 0, 50)[NAME], alone)


def test_a_setting_holds_one_parameter_and_moves_no_other() -> None:
    free = draw_parameters(registry().values(), 7, 0, 20)
    held = draw_parameters(registry().values(), 7, 0, 20, {NAME: 1.0})
    assert np.array_equal(held[NAME], np.ones(20))
    assert all(np.array_equal(held[name], free[name]) for name in free if name != NAME)


@pytest.mark.parametrize("other", [0, 8, 2**63 - 1])
def test_another_seed_is_another_world(other: int) -> None:
    assert not np.any(uniform_numbers([NAME], 7, 0, 20) == uniform_numbers([NAME], other, 0, 20))


def test_streams_of_two_parameters_are_unrelated() -> None:
    one, two = uniform_numbers([NAME, "rivalry.decisiveness"], 7, 0, 4000)
    # the standard error of a correlation of 4,000 pairs is 1/63
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / 63


def test_uniform_numbers_are_uniform() -> None:
    numbers = np.sort(uniform_numbers([NAME], 7, 0, 4000)[0])
    assert 0 < numbers[0] < numbers[-1] < 1
    # Kolmogorov: 1.95 / √n is passed once in a thousand samples
    assert np.abs(numbers - np.arange(1, 4001) / 4000).max() < 1.95 / np.sqrt(4000)


def entry(shape: str, **numbers: float) -> Parameter:
    return Parameter(
        name="file.key",
        label="A number",
        symbol="a",
        unit="1",
        basis="judgement",
        shape=shape,
        range=(-10.0, 10.0),
        source="headrace_judgement",
        locator="a test",
        reason="only a test",
        quality="C",
        **numbers,
    )


def at(one: Parameter, *probabilities: float) -> list[float]:
    return quantiles([one], np.array([probabilities]))[0].tolist()


def test_a_fixed_parameter_is_its_value() -> None:
    assert draw_parameters([entry("fixed", value=3.0)], 7, 0, 2)["file.key"].tolist() == [3, 3]


def test_a_uniform_parameter_runs_evenly_from_low_to_high() -> None:
    assert at(entry("uniform", low=2.0, high=6.0), 0.0, 0.25, 0.5, 1.0) == [2, 3, 4, 6]


def test_a_triangular_parameter_has_its_mode_where_the_probability_of_less_is_its_place() -> None:
    # mode a quarter of the way: F(mode) = 1/4; F(x) = (x - low)² / (4 × 1), so F = 1/16 half way to the mode
    one = entry("triangular", low=0.0, value=1.0, high=4.0)
    assert at(one, 0.0, 1 / 16, 1 / 4, 1.0) == pytest.approx([0, 0.5, 1, 4])


@pytest.mark.parametrize("mode", [0.0, 4.0])
def test_a_triangular_parameter_may_have_its_mode_at_an_end(mode: float) -> None:
    middle = 4 - np.sqrt(8) if mode == 0 else np.sqrt(8)
    assert at(entry("triangular", low=0.0, value=mode, high=4.0), 0.0, 0.5, 1.0) == pytest.approx([0, middle, 4])


def test_low_and_high_of_a_lognormal_are_its_5th_and_95th_percentile() -> None:
    one = entry("lognormal", low=1.0, high=4.0)
    assert at(one, 0.05, 0.5, 0.95) == pytest.approx([1, 2, 4])


def test_no_draw_leaves_the_hard_range() -> None:
    one = entry("lognormal", low=1.0, high=9.0)
    assert at(one, 1e-300, 1 - 1e-16)[1] == 10
    assert at(one, 1e-300)[0] >= 0


@pytest.mark.parametrize("name", list(registry()))
def test_every_shipped_draw_lies_between_its_ends_or_in_its_range(name: str) -> None:
    one = registry()[name]
    drawn = draw_parameters([one], 7, 0, 200)[name]
    floor, ceiling = one.range if one.shape == "lognormal" else (one.low, one.high)
    assert np.all((floor <= drawn) & (drawn <= ceiling))
    assert (np.ptp(drawn) > 0) == one.is_uncertain
