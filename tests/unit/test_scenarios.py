"""A scenario file means something, or says why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace.errors import ParameterError, ScenarioError, UnknownNameError
from headrace.scenarios import read_scenario, scenario, shipped

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
