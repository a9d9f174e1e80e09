"""The registry refuses what it cannot use, and says file, key, what was found and what was wanted."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import ParameterError, UnknownNameError
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import checked_value, parameter, parameters_matching, read_parameters, registry
from headrace.simulation.worlds import stacked
from headrace.variables import GROUPS, LAYERS, PLAYERS, REGIONS

ENTRY = """
[learning]
label = "Learning"
symbol = "l"
unit = "1"
basis = "judgement"
shape = "triangular"
low = 0.1
value = 0.2
high = 0.4
range = [0.0, 1.0]
source = "headrace_judgement"
locator = "a test"
reason = "only a test"
quality = "C"
"""


def test_an_entry_is_read_under_file_and_key() -> None:
    one = read_parameters(ENTRY, "chips.toml")["chips.learning"]
    assert (one.low, one.value, one.high, one.range) == (0.1, 0.2, 0.4, (0.0, 1.0))
    assert one.value_text == "0.2 [0.1 - 0.4]"


def test_a_group_adds_a_part_to_the_name() -> None:
    assert list(read_parameters(ENTRY.replace("[learning]", "[meta.learning]"), "builder.toml")) == [
        "builder.meta.learning"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('basis = "judgement"', 'basis = "guess"', "guess"),
        ("low = 0.1", 'low = "little"', "little"),
        ("low = 0.1", "low = nan", "nan"),
        ("high = 0.4", "high = 0.15", "0.15"),
        ("range = [0.0, 1.0]", "range = [0.15, 1.0]", "0.15"),
        ('quality = "C"', "", "quality"),
        ('quality = "C"', 'quality = "D"', "D"),
        ('reason = "only a test"', 'reason = "so"', "reason"),
        ('unit = "1"', 'unit = "1"\ncolour = "red"', "colour"),
        ('shape = "triangular"', "", "no shape"),
        ("low = 0.1\nvalue = 0.2\nhigh = 0.4", "low = 0.2\nvalue = 0.2\nhigh = 0.2", "wanted shape fixed"),
        ('shape = "triangular"\nlow = 0.1', 'shape = "lognormal"\nlow = 0.0', "positive low"),
    ],
)
def test_a_broken_entry_names_file_key_and_what_was_found(old: str, new: str, said: str) -> None:
    assert old in ENTRY
    with pytest.raises(ParameterError) as fault:
        read_parameters(ENTRY.replace(old, new), "chips.toml")
    assert str(fault.value).startswith('chips.toml, "chips.learning"')
    assert said in str(fault.value)


def test_numbers_out_of_order_say_which_order_was_wanted() -> None:
    with pytest.raises(
        ParameterError, match=r"range\[0\] <= low <= value <= high <= range\[1\], found 0, 0.1, 0.2, 0.15"
    ):
        read_parameters(ENTRY.replace("high = 0.4", "high = 0.15"), "chips.toml")


def test_a_number_where_a_table_was_wanted_is_refused() -> None:
    with pytest.raises(ParameterError, match=r'chips.toml, "chips.rate": found 0.2; wanted a table'):
        read_parameters("rate = 0.2", "chips.toml")


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(ParameterError, match=r"chips.toml: not TOML: .*line 1"):
        read_parameters("learning = = 3", "chips.toml")


def test_an_entry_may_not_name_itself() -> None:
    with pytest.raises(ParameterError):
        read_parameters(ENTRY + 'name = "chips.other"\n', "chips.toml")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rivalry.los_aversion", "rivalry.loss_aversion"),
        ("loss_aversion", "rivalry.loss_aversion"),
        ("memory.capacity_stacks", "memory.capacity_stacks_per_quarter"),
        ("builder.amazn.ai_share", "builder.amazon.ai_share"),
    ],
)
def test_a_misspelt_name_is_answered_with_near_matches(typed: str, meant: str) -> None:
    with pytest.raises(UnknownNameError) as fault:
        parameter(typed)
    assert repr(typed) in str(fault.value)
    assert meant in str(fault.value)


def test_a_name_near_nothing_says_so() -> None:
    with pytest.raises(UnknownNameError, match=r"none of the .* known names is near"):
        parameter("zzzzzzzzzzzzzzzz")


def test_a_pattern_finds_one_for_each_builder_or_layer() -> None:
    assert len(parameters_matching("builder.*.ai_share")) == 5
    assert len(parameters_matching("*.lead_time_quarters")) == 10
    assert parameters_matching("no.*.such") == []


@pytest.mark.parametrize("value", [1.0, 1.5, 5.0])
def test_a_value_inside_the_range_passes_ends_included(value: float) -> None:
    assert checked_value("rivalry.loss_aversion", value, "--set") == value


@pytest.mark.parametrize("value", [0.999, 5.001, float("nan"), float("inf"), -float("inf")])
def test_a_value_outside_says_where_what_the_range_the_unit_and_the_shipped_value(value: float) -> None:
    with pytest.raises(ParameterError) as fault:
        checked_value("rivalry.loss_aversion", value, "--set")
    text = str(fault.value)
    assert text.startswith(f'--set: "rivalry.loss_aversion" = {value:g} is outside its range 1 to 5 [1]')
    assert registry()["rivalry.loss_aversion"].value_text in text


def test_a_value_for_an_unknown_name_says_where_it_stood() -> None:
    with pytest.raises(UnknownNameError, match=r"^slow\.toml, change 2: unknown parameter 'rivalry.fear'"):
        checked_value("rivalry.fear", 1.0, "slow.toml, change 2")


def test_every_row_of_an_axis_has_every_entry_of_its_kind() -> None:
    arrays = stacked(draw_parameters(registry().values(), 7, 0, 3))
    rows = {"layer": LAYERS, "builder": PLAYERS, "region": REGIONS, "group": GROUPS}
    for name, array in arrays.items():
        axis = rows.get(name.split(".")[0]) if name.count(".") == 1 else None
        assert array.shape == ((3,) if axis is None else (len(axis), 3)), name


def test_native_capacity_becomes_gigawatts() -> None:
    drawn = draw_parameters(registry().values(), 7, 0, 2)
    drawn |= {
        "grid.capacity_mw_per_quarter": np.array([6000.0, 6000.0]),
        "grid.usable_share": np.array([0.5, 0.75]),
        "grid.recipe_mw_per_gw": np.array([1200.0, 1200.0]),
    }
    # 6,000 MW × 50 % / 1,200 MW a GW = 2.5 GW
    assert stacked(drawn)["layer.capacity_gw"][LAYERS.index("grid")] == pytest.approx([2.5, 3.75])


def test_a_layer_that_lacks_an_entry_is_named() -> None:
    drawn = draw_parameters(registry().values(), 7, 0, 2)
    del drawn["optics.decay"]
    with pytest.raises(ParameterError, match=r"optics\.decay"):
        stacked(drawn)


def test_a_layer_with_two_native_capacities_is_refused() -> None:
    drawn = draw_parameters(registry().values(), 7, 0, 2)
    drawn["logic.capacity_tools_per_quarter"] = np.ones(2)
    with pytest.raises(ParameterError, match=r"logic.toml: found 2 entries that begin with 'capacity_'"):
        stacked(drawn)
