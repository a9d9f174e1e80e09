"""Which group earns from which flow, and one quarter after another of the market."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.parameters.registry import registry
from headrace.simulation import markets
from headrace.simulation.markets import Sales
from headrace.variables import GROUPS, LAYERS

FIELDS = ("earnings_margin", "long_run_multiple", "start_multiple")


@pytest.fixture(scope="module", autouse=True)
def strict_numerics() -> Iterator[None]:
    """64 bits; the loop lets groups broadcast over parameters of a world."""
    with jax.enable_x64(True):
        yield


def world(**changed: float) -> dict[str, jnp.ndarray]:
    """Point values of the parameters, one world."""
    table = registry()
    found = {name: jnp.asarray([entry.value]) for name, entry in table.items() if name.startswith("market.")}
    for field in FIELDS:
        found[f"group.{field}"] = jnp.asarray([[table[f"group.{group}.{field}"].value] for group in GROUPS])
    found["funding.investor_sensitivity"] = jnp.asarray([table["funding.investor_sensitivity"].value])
    return found | {name.replace("__", "."): jnp.asarray([value]) for name, value in changed.items()}


def sales(value: np.ndarray | None = None, installed: np.ndarray | None = None, **revenue: float) -> Sales:
    nothing = np.zeros(len(LAYERS))
    flows = [jnp.asarray(nothing if one is None else one)[:, None] for one in (value, installed)]
    names = ("compute_usd_bn", "compute_margin_usd_bn", "model_usd_bn", "application_usd_bn")
    return Sales(*flows, *(jnp.asarray([revenue.get(name, 0.0)]) for name in names))


def one_layer(name: str, amount: float = 10.0) -> np.ndarray:
    return np.where(np.asarray(LAYERS) == name, amount, 0.0)


def sold(quarter: Sales, **changed: float) -> dict[str, float]:
    """Revenue of every group that has any."""
    return amounts(quarter, "group_revenue_usd_bn", **changed)


def amounts(quarter: Sales, output: str, **changed: float) -> dict[str, float]:
    parameters = world(**changed)
    market, fixed = markets.opened(parameters, quarter)
    values = markets.traded(market, parameters | fixed, quarter)[1][output][:, 0]
    return {group: float(value) for group, value in zip(GROUPS, values, strict=True) if float(value) != 0}


@pytest.mark.parametrize(
    ("layer", "groups"),
    [
        ("logic", {"foundry": 10.0}),
        ("memory", {"memory": 10.0}),
        ("packaging", {"foundry": 8.0, "osat": 2.0}),
        ("systems", {"accelerator_designers": 8.0, "server_makers": 2.0}),
        ("optics", {"optics": 5.5, "networking": 4.5}),
        ("construction", {"engineering_and_construction": 10.0}),
        ("cooling", {"thermal": 10.0}),
        ("electrical", {"electrical_equipment": 10.0}),
        ("generation", {"power_equipment": 7.0, "independent_power": 3.0}),
        ("grid", {"utilities": 10.0}),
    ],
)
def test_each_layer_pays_its_groups(layer: str, groups: dict[str, float]) -> None:
    assert sold(sales(one_layer(layer))) == pytest.approx(groups)


@pytest.mark.parametrize(
    ("layer", "quarters"), [("logic", 5.0), ("memory", 4.5), ("packaging", 3.0), ("systems", 0.0), ("grid", 0.0)]
)
def test_wafer_equipment_earns_on_the_capacity_that_chips_add(layer: str, quarters: float) -> None:
    expected = {"wafer_equipment": 10.0 * quarters} if quarters else {}
    assert sold(sales(installed=one_layer(layer))) == pytest.approx(expected)


def test_layers_of_revenue_earn_on_what_they_do_not_pay_below() -> None:
    quarter = sales(compute_usd_bn=52.0, compute_margin_usd_bn=28.0, model_usd_bn=34.0, application_usd_bn=18.0)
    assert sold(quarter) == pytest.approx({"compute": 52.0, "models": 34.0, "applications": 18.0})
    # 0.45 × 28; 0.5 × (34 - 0.6 × 52); 0.3 × (18 - 0.35 × 34)
    expected = {"compute": 12.6, "models": 1.4, "applications": 1.83}
    assert amounts(quarter, "group_earnings_usd_bn") == pytest.approx(expected)


def test_a_layer_that_pays_more_than_it_sells_loses_and_still_has_a_price() -> None:
    quarter = sales(compute_usd_bn=90.0, model_usd_bn=34.0)
    assert amounts(quarter, "group_earnings_usd_bn")["models"] == pytest.approx(0.5 * (34 - 54))
    parameters = world()
    market, _ = markets.opened(parameters, quarter)
    assert np.isfinite(market.log_earning_power).all()


def test_prices_of_the_first_quarter_are_held_against_the_earnings_of_the_start() -> None:
    parameters = world()
    market, fixed = markets.opened(parameters, sales(one_layer("memory", 20.0)))
    outputs = markets.traded(market, parameters | fixed, sales(one_layer("memory", 25.0)))[1]
    memory = GROUPS.index("memory")
    # as good as ln 1.25: ten million dollars stand beside ten billion
    assert float(outputs["earnings_growth"][memory, 0]) == pytest.approx(np.log(1.25), abs=1e-3)
    np.testing.assert_array_equal(np.delete(np.asarray(outputs["earnings_growth"]), memory, axis=0), 0)
    assert float(outputs["earnings_breadth"][0]) == pytest.approx(1 / len(GROUPS))
    assert float(outputs["contributors"][0]) == pytest.approx(1)


def test_a_price_rise_is_extrapolated_in_the_next_quarter_and_the_start_has_none() -> None:
    parameters = world(market__extrapolation=0.5, market__reversion=0.0, market__surprise_response=0.0)
    quarters = [sales(one_layer("memory", amount)) for amount in (20.0, 25.0, 25.0)]
    market, fixed = markets.opened(parameters, quarters[0])
    market, first = markets.traded(market, parameters | fixed, quarters[1])
    np.testing.assert_array_equal(first["multiple_growth"], 0)
    _, second = markets.traded(market, parameters | fixed, quarters[2])
    expected = 0.5 * (np.asarray(first["price_growth"]) - 0.02)
    np.testing.assert_allclose(second["multiple_growth"], expected, atol=1e-15)


def test_the_market_hands_on_what_the_next_quarter_reads() -> None:
    parameters = world(market__log_multiple_shift=-0.2)
    market, fixed = markets.opened(parameters, sales(one_layer("memory", 20.0)))
    after, outputs = markets.traded(market, parameters | fixed, sales(one_layer("memory", 25.0)))
    np.testing.assert_array_equal(after.log_multiple, outputs["log_multiple"])
    np.testing.assert_array_equal(after.price_growth, outputs["price_growth"])
    np.testing.assert_array_equal(after.earnings_usd_bn, outputs["group_earnings_usd_bn"])
    np.testing.assert_allclose(after.log_multiple - market.log_multiple, outputs["multiple_growth"], atol=1e-15)
    np.testing.assert_allclose(
        after.log_earning_power - market.log_earning_power, outputs["earnings_growth"], atol=1e-15
    )


def test_investors_leave_builders_alone_at_the_start_and_after_a_drawdown_do_not() -> None:
    parameters = world(market__log_multiple_shift=-0.4)
    quarter = sales(compute_usd_bn=52.0, compute_margin_usd_bn=28.0)
    market, fixed = markets.opened(parameters, quarter)
    assert float(markets.investor_factor(market, parameters | fixed)[0]) == 1
    after, outputs = markets.traded(market, parameters | fixed, quarter)
    fall = float(outputs["multiple_growth"][markets.COMPUTE, 0])
    assert -0.5 < fall < -0.3
    assert float(markets.investor_factor(after, parameters | fixed)[0]) == pytest.approx(1 + np.tanh(0.5 * fall))
    unmoved = parameters | fixed | {"funding.investor_sensitivity": jnp.zeros(1)}
    assert float(markets.investor_factor(after, unmoved)[0]) == 1
