"""What enters a delay line leaves it once, after its lead time in the mean."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from headrace.simulation.delay_line import SLOTS, arrival_weights, filled, joined, under_way

LEADS = [1.0, 1.25, 4.0, 7.5, 23.9, 24.0]


@pytest.mark.parametrize("lead", LEADS)
def test_weights_sum_to_one_and_their_mean_is_the_lead_time(lead: float) -> None:
    weights = arrival_weights(jnp.asarray(lead))
    assert float(jnp.sum(weights)) == pytest.approx(1)
    assert float(jnp.sum(weights * jnp.arange(1.0, SLOTS + 1))) == pytest.approx(lead)


def test_a_whole_lead_time_arrives_in_one_quarter() -> None:
    assert arrivals_of(3.0, 2.0, 6) == pytest.approx([0, 0, 2.0, 0, 0, 0])


def test_a_lead_time_between_two_quarters_is_split_in_proportion() -> None:
    assert arrivals_of(3.25, 4.0, 6) == pytest.approx([0, 0, 3.0, 1.0, 0, 0])


@pytest.mark.parametrize("lead", LEADS)
def test_everything_that_enters_arrives(lead: float) -> None:
    assert sum(arrivals_of(lead, 5.0, SLOTS + 1)) == pytest.approx(5)


@pytest.mark.parametrize("lead", LEADS)
def test_the_line_holds_what_entered_and_has_not_arrived(lead: float) -> None:
    line, entered, arrived = jnp.zeros(SLOTS), 0.0, 0.0
    for quarter in range(40):
        amount = 1.0 + quarter % 3
        now, line = joined(line, jnp.asarray(amount), jnp.asarray(lead))
        entered, arrived = entered + amount, arrived + float(now)
        assert float(under_way(line)) == pytest.approx(entered - arrived)


@pytest.mark.parametrize("lead", LEADS)
def test_a_filled_line_delivers_what_entered_each_quarter_for_as_long_as_it_goes_on(lead: float) -> None:
    line = filled(jnp.asarray(0.7), jnp.asarray(lead))
    for _ in range(30):
        now, line = joined(line, jnp.asarray(0.7), jnp.asarray(lead))
        assert float(now) == pytest.approx(0.7)


@pytest.mark.parametrize("lead", LEADS)
def test_a_filled_line_holds_one_lead_time_of_its_flow(lead: float) -> None:
    assert float(under_way(filled(jnp.asarray(0.7), jnp.asarray(lead)))) == pytest.approx(0.7 * lead)


def test_layers_and_worlds_have_lead_times_of_their_own() -> None:
    leads = jnp.asarray([[2.0, 3.0], [4.0, 5.0]])
    line, seen = jnp.zeros((SLOTS, 2, 2)), []
    with jax.numpy_rank_promotion("allow"):  # slots lead, and what trails broadcasts
        for quarter in range(7):
            now, line = joined(line, jnp.full((2, 2), 1.0 if quarter == 0 else 0.0), leads)
            seen.append(now)
    assert jnp.argmax(jnp.stack(seen), axis=0).tolist() == leads.astype(int).tolist()


def arrivals_of(lead: float, amount: float, quarters: int) -> list[float]:
    """What arrives 1, 2, ... quarters after ``amount`` was decided."""
    _, line = joined(jnp.zeros(SLOTS), jnp.asarray(amount), jnp.asarray(lead))
    seen = []
    for _ in range(quarters):
        now, line = joined(line, jnp.asarray(0.0), jnp.asarray(lead))
        seen.append(float(now))
    return seen
