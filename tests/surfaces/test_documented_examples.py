"""What the page about evidence says is so: its commands print what it shows, its code runs, its TOML is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from headrace.evidence import concepts, universe
from headrace.evidence.filings import tags
from headrace.evidence.providers import series

SETTING = re.compile(r'"(HEADRACE_[A-Z_]+|[A-Z]+_API_KEY)"')


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "evidence.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def additions(page: str) -> Mapping[str, str]:
    """The TOML that the page shows, by the file it belongs to."""
    blocks = re.findall(r"```toml\n# (\w+\.toml)\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 4
    return dict(blocks)


def extended(name: str, additions: Mapping[str, str]) -> str:
    return (files("headrace") / "data" / name).read_text(encoding="utf-8") + "\n" + additions[name]


def test_every_example_of_facts_prints_what_is_shown(page: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "scripts"))
    monkeypatch.setenv("PYTHONPATH", str(root / "src"))
    from readme_example import refreshed

    assert "$ headrace facts query" in page
    assert refreshed(page) == page, "run `make docs`"


def test_the_code_runs(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(code, {})
    assert float(capsys.readouterr().out) > 1e9


def test_a_company_added_as_shown_is_one_of_the_universe(additions: Mapping[str, str]) -> None:
    found = universe.read_entities(extended("universe.toml", additions))
    assert set(found) - set(universe.load()) == {"atkore"}


def test_a_tag_added_as_shown_is_taken(additions: Mapping[str, str]) -> None:
    found = tags.read_table(extended("tags.toml", additions))
    assert found["filer"]["atkore"]["capital_expenditure"]["tags"] == ["us-gaap:PaymentsToAcquireProductiveAssets"]


def test_a_series_added_as_shown_is_taken_with_its_concept(
    additions: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = concepts.read_concepts(extended("concepts.toml", additions))
    assert set(known) - set(concepts.load()) == {"treasury_yield_30_year"}
    monkeypatch.setattr(concepts, "load", lambda: known)
    assert set(series.read_series(extended("series.toml", additions))) - set(series.load()) == {"dgs30"}


def test_every_setting_is_explained(page: str, root: Path) -> None:
    settings = {
        name
        for path in (root / "src" / "headrace" / "evidence").rglob("*.py")
        for name in SETTING.findall(path.read_text(encoding="utf-8"))
    }
    assert {"HEADRACE_STORE", "HEADRACE_CONTACT", "EIA_API_KEY"} < settings
    assert sorted(name for name in settings if f"`{name}`" not in page) == []
