"""What assets of every age cost in a quarter."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations.funding import annuity_rate
from headrace.simulation import vintages


def world(**values: float) -> dict[str, jnp.ndarray]:
    """Parameters of one world, on the axes of the loop."""
    known = {
        "builder.ai_share": [[0.8]] * 5,
        "builder.accounting_life_quarters": [[20.0]] * 5,
        "start.rest_of_world_spending_usd_bn": [0.0],
        "funding.facility_accounting_life_quarters": [60.0],
        "finance.ai_share_2021": [0.8],
        "finance.wacc": [0.08],
        "finance.facility_economic_life_quarters": [56.0],
    }
    known |= {name.replace("__", "."): [value] for name, value in values.items()}
    return {name: jnp.asarray(value) for name, value in known.items()}


def outputs(quarters: int, life: float = 18.0, it_price: float = 30.0, **flows: float) -> dict[str, jnp.ndarray]:
    """Outputs of one world; every flow is that of Microsoft in the first quarter, nothing else is bought."""
    by_builder = {"it_payment_usd_bn": 0.0, "site_payment_usd_bn": 0.0, "energised_gw": 0.0, "site_shipments_gw": 0.0}
    made = {name: np.zeros((quarters, 6, 1)) for name in by_builder}
    for name, value in flows.items():
        made[name][0, 0, 0] = value
    made |= {"it_unit_cost_usd_bn_per_gw": np.full((quarters, 1), it_price)}
    made |= {"site_unit_cost_usd_bn_per_gw": np.full((quarters, 1), 10.0)}
    made |= {"it_economic_life_quarters": np.full((quarters, 1), life)}
    return {name: jnp.asarray(value) for name, value in made.items()}


def depreciation(quarters: int, **flows: float) -> np.ndarray:
    with jnp_allows_ranks():
        return np.asarray(vintages.depreciation_usd_bn(outputs(quarters, **flows), world()))[:, :, 0]


@dataclass(frozen=True)
class Waiting:
    """What was paid for and is not in service at the start, all of it Microsoft's."""

    it_advances: float = 0.0
    site_advances: float = 0.0
    unpowered_gw: float = 0.0

    unit_cost_usd_bn_per_gw = jnp.asarray([[6.0]] * 5 + [[2.0]] * 5)
    power_use_share = jnp.ones((10, 1))

    def __getattr__(self, name: str) -> jnp.ndarray:
        amounts = {
            "it_advances_usd_bn": self.it_advances,
            "site_advances_usd_bn": self.site_advances,
            "unpowered_it_gw": self.unpowered_gw,
        }
        return jnp.zeros((6, 1)).at[0].set(amounts[name])


def charge(
    quarters: int,
    past: float = 0.0,
    known: dict[str, jnp.ndarray] | None = None,
    start: Waiting = Waiting(),
    life: float = 18.0,
    **flows: float,
) -> np.ndarray:
    filed = np.zeros((22, 5))
    filed[-1] = past
    filed[:, 1] += 1e-12  # someone must have spent for others to spend in proportion
    with jnp_allows_ranks():
        charged = vintages.capital_charge_usd_bn(
            outputs(quarters, life, **flows), known or world(), jnp.asarray(filed), start
        )
    return np.asarray(charged)[:, 0]


def jnp_allows_ranks():
    """The loop puts worlds last and lets them broadcast."""
    import jax

    return jax.numpy_rank_promotion("allow")


def test_it_is_written_off_over_its_life_and_a_site_over_its_own() -> None:
    # 60 / 20 = 3 for twenty quarters; 60 / 60 = 1 for sixty
    charged = depreciation(70, it_payment_usd_bn=60.0, site_payment_usd_bn=60.0)[:, 0]
    assert charged[:20] == pytest.approx(4)
    assert charged[20:60] == pytest.approx(1)
    assert charged[60:] == pytest.approx(0)


def test_who_buys_nothing_depreciates_nothing() -> None:
    assert not np.any(depreciation(8, it_payment_usd_bn=60.0)[:, 1:])


def test_a_vintage_pays_its_annuity_while_it_serves() -> None:
    # 2 GW × 30 = 60 of IT for 18 quarters, 1 GW × 10 of site for 56
    charged = charge(60, energised_gw=2.0, site_shipments_gw=1.0)
    it = 60 * float(annuity_rate(jnp.asarray(0.08), jnp.asarray(18.0)))
    site = 10 * float(annuity_rate(jnp.asarray(0.08), jnp.asarray(56.0)))
    assert charged[:18] == pytest.approx(it + site)
    assert charged[18:56] == pytest.approx(site)
    assert charged[56:] == pytest.approx(0, abs=1e-9)


def test_all_payments_of_a_vintage_are_worth_what_it_cost() -> None:
    discount = 1.08 ** (-np.arange(1, 61) / 4)
    assert float(discount @ charge(60, energised_gw=2.0, site_shipments_gw=1.0)) == pytest.approx(70)


def test_ai_bought_before_the_start_is_charged_too_at_its_age() -> None:
    # 5 players × 10 × an AI share of 0.8, split 30 : 10; bought one quarter ago, so 17 and 55 quarters are left
    charged = charge(60, past=10.0)
    it = 30 * float(annuity_rate(jnp.asarray(0.08), jnp.asarray(18.0)))
    site = 10 * float(annuity_rate(jnp.asarray(0.08), jnp.asarray(56.0)))
    assert charged[:17] == pytest.approx(it + site)
    assert charged[17:55] == pytest.approx(site)
    assert charged[55:] == pytest.approx(0, abs=1e-9)


def test_what_waits_at_the_start_is_not_charged_before_it_serves() -> None:
    # 30 of IT was bought: 6 is paid in advance, 0.2 GW × 30 waits; 10 of site, of which 4 in advance
    waiting = Waiting(it_advances=6.0, site_advances=4.0, unpowered_gw=0.2)
    it = (30 - 6 - 6) * float(annuity_rate(jnp.asarray(0.08), jnp.asarray(18.0)))
    site = (10 - 4) * float(annuity_rate(jnp.asarray(0.08), jnp.asarray(56.0)))
    assert charge(4, past=10.0, start=waiting) == pytest.approx(it + site)


def test_a_duty_in_the_first_quarter_changes_nothing_that_was_bought_before_it() -> None:
    waiting = Waiting(it_advances=6.0, site_advances=4.0, unpowered_gw=0.2)
    assert charge(4, past=10.0, start=waiting, it_price=45.0) == pytest.approx(charge(4, past=10.0, start=waiting))


def test_no_more_waits_than_was_ever_bought() -> None:
    assert charge(4, past=10.0, start=Waiting(it_advances=1e4, site_advances=1e4)) == pytest.approx(0, abs=1e-9)


def test_the_rest_of_the_world_bought_in_the_past_in_proportion_to_players() -> None:
    rest = {"start.rest_of_world_spending_usd_bn": jnp.asarray([20.0])}
    # players bought 40 of AI in the last quarter, the rest 20: half as much again
    assert charge(4, past=10.0, known=world() | rest) == pytest.approx(1.5 * charge(4, past=10.0))


def test_a_longer_life_costs_less_a_quarter() -> None:
    assert charge(1, life=24.0, energised_gw=1.0)[0] < charge(1, energised_gw=1.0)[0]
