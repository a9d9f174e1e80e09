"""A scenario file means something, or says why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace.errors import ParameterError, ScenarioError, UnknownNameError
from headrace.scenarios import Scenario, combined, names, read_scenario, scenario, shipped

TEXT = """
title = "Slow adoption"
dated = "2026-09-30"
summary = "Users take longer than in the baseline."

[[changes]]
parameter = "adoption.imitation"
value = 0.07
reason = "the low end of the prior"
"""


def test_a_scenario_is_named_by_its_file_and_holds_its_settings() -> None:
    read = read_scenario(TEXT, "slow.toml")
    assert read.name == "slow"
    assert read.dated.isoformat() == "2026-09-30"
    assert read.settings == {"adoption.imitation": 0.07}


def test_the_baseline_comes_first_and_changes_nothing() -> None:
    assert next(iter(shipped())) == "baseline"
    assert shipped()["baseline"].settings == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title =", 'titles = "Two"\ntitle =', ('"titles"', "unknown key", "wanted title")),
        ("value =", "valeu = 1\nvalue =", ('"changes.0.valeu"', "unknown key", "wanted value")),
        ('reason = "the low end of the prior"', "", ('"changes.0.reason"', "required")),
        ('reason = "the low end of the prior"', 'reason = ""', ('"changes.0.reason"', "8 characters")),
        ("value = 0.07", 'value = "low"', ('"changes.0.value"', "low")),
        ("value = 0.07", "value = nan", ('"changes.0.value"', "nan")),
        ('dated = "2026-09-30"', 'dated = "2026-02-30"', ('"dated"', "2026-02-30")),
        ('dated = "2026-09-30"', 'dated = "soon"', ('"dated"', "soon")),
        ('dated = "2026-09-30"', "", ('"dated"', "required")),
        ('title = "Slow adoption"', 'title = "S"', ('"title"', "3 characters")),
        ("[[changes]]", "[changes]", ('"changes"',)),
    ],
)
def test_a_fault_names_file_key_and_what_was_found(old: str, new: str, said: tuple[str, ...]) -> None:
    assert old in TEXT
    with pytest.raises(ScenarioError) as fault:
        read_scenario(TEXT.replace(old, new), "slow.toml")
    assert str(fault.value).startswith("slow.toml, key ")
    assert [word for word in said if word not in str(fault.value)] == []


@pytest.mark.parametrize(("key", "typed"), [("title", "titel"), ("parameter", "paramter")])
def test_a_misspelt_key_is_told_before_the_one_that_is_missing(key: str, typed: str) -> None:
    with pytest.raises(ScenarioError, match=rf'{typed}": unknown key; wanted {key}'):
        read_scenario(TEXT.replace(f"{key} =", f"{typed} ="), "slow.toml")


def test_a_name_key_is_refused_because_the_file_names_the_scenario() -> None:
    with pytest.raises(ScenarioError, match=r'slow.toml, key "name": a scenario is named by its file'):
        read_scenario('name = "other"\n' + TEXT, "slow.toml")


def test_a_value_outside_its_range_names_file_change_and_range() -> None:
    with pytest.raises(ParameterError) as fault:
        read_scenario(TEXT.replace("0.07", "1.5"), "slow.toml")
    assert str(fault.value).startswith('slow.toml, change 1: "adoption.imitation" = 1.5 is outside its range 0 to 0.6 ')


def test_an_unknown_parameter_is_answered_with_near_matches() -> None:
    with pytest.raises(UnknownNameError, match=r"slow.toml, change 1: .*adoption.imitation"):
        read_scenario(TEXT.replace("adoption.imitation", "adoption.imitaton"), "slow.toml")


def test_what_is_not_toml_says_where() -> None:
    with pytest.raises(ScenarioError, match=r"slow.toml: not TOML: .*line 2"):
        read_scenario("title = 'a'\ndated = = 3", "slow.toml")


def test_one_parameter_may_not_be_changed_twice() -> None:
    again = TEXT[TEXT.index("[[changes]]") :].replace("0.07", "0.09")
    with pytest.raises(ScenarioError):
        read_scenario(TEXT + again, "slow.toml")


def test_a_file_is_read_where_the_name_ends_in_toml(tmp_path: Path) -> None:
    path = tmp_path / "slow.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert scenario(str(path)).settings == {"adoption.imitation": 0.07}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"gone\.toml: cannot be read"):
        scenario(str(tmp_path / "gone.toml"))


def test_a_folder_is_no_scenario_file(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ScenarioError, match="cannot be read"):
        scenario(str(tmp_path / "folder.toml"))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe\x00title")
    with pytest.raises(ScenarioError, match="cannot be read"):
        scenario(str(path))


def test_an_unknown_scenario_lists_near_matches() -> None:
    with pytest.raises(UnknownNameError, match="unknown scenario 'basline'; did you mean baseline"):
        scenario("basline")


def page(*changes: dict[str, object], **more: object) -> dict[str, object]:
    """A page as a dict."""
    rows = [{"reason": "for this test alone", **change} for change in changes]
    return {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for a test.", "changes": rows, **more}


def test_a_dict_is_read_like_a_file() -> None:
    read = scenario(page({"parameter": "adoption.imitation", "value": 0.07}, name="mine"))
    assert read.name == "mine"
    assert read.settings == {"adoption.imitation": 0.07}


def test_a_dict_breaks_the_schema_as_a_file_does() -> None:
    with pytest.raises(ScenarioError, match=r'^given, key "changes.0.vaule": unknown key; wanted value'):
        scenario(page({"parameter": "adoption.imitation", "vaule": 0.07}))


def test_the_document_of_a_scenario_makes_it_again() -> None:
    for name in names():
        read = scenario(name)
        again = scenario({**read.document, "name": name})
        assert again.document == read.document


def test_what_is_no_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"5 is no scenario; wanted a name"):
        scenario(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("acts", "found"),
    [
        ({}, "none"),
        ({"value": 0.1, "multiply": 2}, "value and multiply"),
        ({"multiply": 2, "add": 1}, "multiply and add"),
    ],
)
def test_a_change_acts_in_exactly_one_way(acts: dict[str, float], found: str) -> None:
    with pytest.raises(ScenarioError, match=rf"given, key .changes.0.: wanted exactly one of .*; found {found}"):
        scenario(page({"parameter": "adoption.imitation", **acts}))


def test_a_pattern_changes_every_parameter_that_it_matches() -> None:
    read = scenario(page({"parameter": "builder.*.pause_share", "value": 0.5}))
    assert sorted(read.settings) == [
        f"builder.{player}.pause_share" for player in ("alphabet", "amazon", "meta", "microsoft", "oracle")
    ]


def test_a_pattern_that_matches_nothing_is_answered_with_near_names() -> None:
    with pytest.raises(UnknownNameError, match=r"given, change 1: unknown parameter 'builder.\*.pause_shore'; did you"):
        scenario(page({"parameter": "builder.*.pause_shore", "value": 0.5}))


def test_a_quarter_that_is_none_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"given, change 1: quarter '2027' is not of the form"):
        scenario(page({"parameter": "adoption.imitation", "value": 0.1, "start": "2027"}))


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"starts in 2028Q1 and ends in 2027Q4; wanted an end after the start"):
        scenario(page({"parameter": "adoption.imitation", "value": 0.1, "start": "2028Q1", "end": "2027Q4"}))


def test_a_source_that_nobody_recorded_is_refused_and_an_address_is_not() -> None:
    change = {"parameter": "adoption.imitation", "value": 0.1}
    with pytest.raises(UnknownNameError, match=r"given, change 1 .*unknown source 'bas1969'; did you mean bass1969"):
        scenario(page({**change, "source": "bas1969"}))
    assert scenario(page({**change, "source": "https://example.org/x"})).changes[0].source == "https://example.org/x"


def test_undated_factors_multiply_and_sums_add() -> None:
    read = scenario(
        page(
            {"parameter": "adoption.imitation", "multiply": 0.5},
            {"parameter": "adoption.imitation", "add": 0.01},
            {"parameter": "adoption.imitation", "multiply": 0.8},
        )
    )
    assert read.moved == {"adoption.imitation": (0.4, 0.01)}
    assert read.settings == {}


@pytest.mark.parametrize(
    ("change", "reach"),
    [
        # grid.lead_time_quarters: 12 to 24 in a range of 1 to 24
        ({"multiply": 1.2}, "reaches 14.4 to 28.8 before the start"),
        ({"multiply": 1.2, "start": "2027Q1"}, "reaches 14.4 to 28.8 in 2027Q1"),
        ({"multiply": 1.2, "start": "first"}, "reaches 14.4 to 28.8 in the first quarter"),
        ({"add": -12, "end": "2028Q4"}, "reaches 0 to 12 in the first quarter"),
        ({"multiply": -1}, "reaches -24 to -12"),
    ],
)
def test_a_factor_or_sum_that_leaves_the_range_is_refused(change: dict[str, object], reach: str) -> None:
    with pytest.raises(ParameterError) as fault:
        scenario(page({"parameter": "grid.lead_time_quarters", **change}))
    said = str(fault.value)
    assert said.startswith("given, change 1: ")
    assert [word for word in (reach, "range 1 to 24 [quarter]", "for this test alone") if word not in said] == []


def test_changes_that_only_together_leave_the_range_are_refused() -> None:
    one = {"parameter": "adoption.imitation", "multiply": 2.0, "start": "2027Q1", "end": "2027Q4"}
    # 0.25 × 2 × 2 = 1 in 2027Q4, beyond 0.6; each alone reaches 0.5
    with pytest.raises(ParameterError, match=r"given, change 2 together with given, change 1: .* in 2027Q4, outside"):
        scenario(page(one, {**one, "start": "2027Q4", "end": "2028Q4"}))
    assert scenario(page(one, {**one, "start": "2028Q1", "end": "2028Q4"}))


def test_a_factor_is_judged_on_the_value_that_another_change_holds() -> None:
    held = {"parameter": "adoption.imitation", "value": 0.5}
    later = {"parameter": "adoption.imitation", "multiply": 1.5, "start": "2027Q1"}
    assert scenario(page(later)).moved == {}
    with pytest.raises(ParameterError, match=r"reaches 0.75 to 0.75 in 2027Q1"):
        scenario(page(held, later))


HOLD = {"parameter": "adoption.imitation", "value": 0.1}
DATED = {**HOLD, "start": "2027Q1", "end": "2027Q4"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HOLD, {**HOLD, "value": 0.2}),
        (HOLD, {"parameter": "adoption.imitation", "multiply": 2}),
        (HOLD, {"parameter": "adoption.i*", "multiply": 0.9}),
        (DATED, {**DATED, "value": 0.2, "start": "2027Q4", "end": "2028Q4"}),
        (DATED, {**DATED, "value": 0.2, "start": "first", "end": "2027Q1"}),
        (DATED, {"parameter": "adoption.imitation", "add": 0.1, "start": "2027Q2"}),
    ],
)
def test_changes_that_contradict_each_other_are_refused(one: dict[str, object], other: dict[str, object]) -> None:
    with pytest.raises(ScenarioError, match=r'change 1, and given, change 2, contradict each other: "adoption.im'):
        scenario(page(one, other))


@pytest.mark.parametrize(
    "other",
    [
        {**DATED, "value": 0.2, "start": "2028Q1", "end": "2028Q4"},
        {**DATED, "value": 0.2, "start": "first", "end": "2026Q4"},
        {**HOLD, "value": 0.2},  # another world at the start, and a change after it
        DATED,
    ],
)
def test_changes_with_quarters_of_their_own_agree(other: dict[str, object]) -> None:
    assert len(scenario(page(DATED, other)).changes) in (1, 2)


def test_scenarios_are_combined_in_order_with_their_names() -> None:
    read = scenario("tariff+slow_adoption")
    assert read.name == "tariff+slow_adoption"
    assert read.changes == (*scenario("tariff").changes, *scenario("slow_adoption").changes)
    assert scenario(["tariff", "slow_adoption"]).changes == read.changes


def test_combined_scenarios_that_contradict_name_both_files() -> None:
    mine = scenario(page({"parameter": "logic.availability", "value": 0.9, "start": "2027Q1"}, name="mine"))
    with pytest.raises(ScenarioError, match=r"^foundry_outage.toml, change 1, and mine, change 1, contradict"):
        combined([scenario("foundry_outage"), mine])


def test_a_change_that_two_scenarios_include_applies_once() -> None:
    assert scenario("bust+slow_adoption").changes == scenario("bust").changes
    assert scenario(["cheap_compute", "bust"]).moved == {}
    imitation = [c for c in scenario("cheap_compute+bust").changes if c.parameter == "adoption.imitation"]
    assert len(imitation) == 1


def test_a_scenario_is_named_once_in_a_combination() -> None:
    with pytest.raises(ScenarioError, match=r"tariff\+tariff: tariff is named more than once"):
        scenario("tariff+tariff")


def test_nothing_cannot_be_combined() -> None:
    with pytest.raises(ScenarioError, match="nothing to combine"):
        combined([])


def test_an_unknown_part_of_a_combination_lists_near_matches() -> None:
    with pytest.raises(UnknownNameError, match="unknown scenario 'tarif'; did you mean tariff"):
        scenario("baseline+tarif")


def test_a_file_includes_shipped_scenarios_and_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "slow.toml").write_text(TEXT, encoding="utf-8")
    head = TEXT[: TEXT.index("[[changes]]")]
    (tmp_path / "sub" / "tariff.toml").write_text(head + 'includes = ["tariff", "slow.toml"]', encoding="utf-8")
    read = scenario(str(tmp_path / "sub" / "tariff.toml"))
    assert read.changes[:-1] == scenario("tariff").changes
    assert read.changes[-1].origin == "slow.toml, change 1"


def test_an_include_that_leads_back_is_refused(tmp_path: Path) -> None:
    head = TEXT[: TEXT.index("[[changes]]")]
    for name, included in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.toml").write_text(head + f'includes = ["{included}.toml"]', encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"a\.toml includes .*b\.toml includes .*a\.toml: that leads back"):
        scenario(str(tmp_path / "a.toml"))


def test_an_unknown_include_names_the_file_that_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TEXT[: TEXT.index("[[changes]]")] + 'includes = ["tarif"]', encoding="utf-8")
    with pytest.raises(UnknownNameError, match=r"a.toml: unknown scenario 'tarif'; did you mean tariff"):
        scenario(str(tmp_path / "a.toml"))


MODEL_LISTS = {
    "export_control", "tariff", "foundry_outage", "packaging_outage", "hbm_shortage", "grid_moratorium",
    "permitting_reform", "credit_crunch", "equity_drawdown", "efficiency_jump", "slow_adoption", "fast_adoption",
    "shorter_hardware_life", "coordinated_pause", "one_builder_pauses", "sovereign_programme", "toolchain_mandate",
    "green_relocation", "bonus_depreciation_ends",
}  # fmt: skip


def test_every_shock_and_policy_ships_as_a_page_of_its_own() -> None:
    assert set(names()) >= MODEL_LISTS
    assert [name for name in MODEL_LISTS if scenario(name).includes] == []


@pytest.mark.parametrize("name", [name for name in names() if name != "baseline"])
def test_a_shipped_scenario_is_dated_sized_and_sourced(name: str) -> None:
    read: Scenario = shipped()[name]
    assert read.changes
    assert [change.parameter for change in read.changes if not (change.source and change.history)] == []
    assert [change.parameter for change in read.changes if not any(c.isdigit() for c in change.reason)] == []
    assert [change.parameter for change in read.changes if not change.is_dated] == []
