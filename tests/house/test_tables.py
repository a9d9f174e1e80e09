"""The tables are the truth: every output is in every Dataset, and every key that is cited has its record."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from headrace import variables
from headrace.analyses.chokepoints import bundle
from headrace.evidence import facts, sources
from headrace.parameters.registry import parameters_matching, registry


@pytest.fixture(scope="module")
def datasets() -> dict[str, object]:
    from headrace import service

    return {"history": service.history(), "future": service.simulate("baseline", draws=16, quarters=4)}


@pytest.mark.parametrize("which", ["history", "future"])
def test_a_dataset_holds_every_variable_of_the_table_and_nothing_else(which: str, datasets) -> None:
    assert set(datasets[which].data_vars) == set(variables.table())


@pytest.mark.parametrize("which", ["history", "future"])
def test_axes_units_and_words_of_a_dataset_are_those_of_the_table(which: str, datasets) -> None:
    for name, row in variables.table().items():
        array = datasets[which][name]
        assert array.dims == ("draw", "quarter", *row.dims), name
        assert array.attrs["units"] == row.unit, name
        assert array.attrs["long_name"] == row.label, name
        assert array.attrs["symbol"] == row.symbol, name
        assert array.attrs["kind"] == row.kind, name
        assert array.attrs["definition"] == row.definition, name
        for axis, labels in row.coordinate_of.items():
            assert tuple(array[axis].values) == labels, name


@pytest.mark.parametrize("which", ["history", "future"])
def test_every_cell_of_a_dataset_has_a_status(which: str, datasets) -> None:
    for name, row in variables.table().items():
        status = datasets[which][f"status_{name}"]
        assert status.dims == ("quarter", *row.dims), name
        assert set(status.values.ravel()) <= set(variables.STATUSES), name
        assert set(datasets[which][f"quality_{name}"].values.ravel()) <= {"A", "B", "C", ""}, name


@pytest.mark.parametrize("which", ["history", "future"])
def test_a_dataset_carries_the_recipe_of_its_world(which: str, datasets) -> None:
    import json

    recipe = json.loads(datasets[which].attrs["world"])
    assert recipe.keys() >= {
        "as_of", "scenario", "settings", "seed", "draws", "quarters", "start_quarter", "version"
    }  # fmt: skip


def test_inputs_of_every_variable_exist() -> None:
    concepts = set(facts.load()["concept"])
    missing = []
    for row in variables.table().values():
        for name in row.inputs:
            if name.startswith("facts:"):
                known = name.removeprefix("facts:") in concepts
            elif "." in name:
                known = bool(parameters_matching(name))
            else:
                known = name in variables.table()
            if not known:
                missing.append(f"{row.name}: {name}")
    assert missing == []


def test_every_shipped_parameter_is_in_the_receipt_of_some_variable_or_read_by_a_question() -> None:
    named = {
        entry.name for row in variables.table().values() for text in row.inputs for entry in parameters_matching(text)
    }
    assert sorted(registry().keys() - named - set(bundle.READS)) == []


def test_the_equation_of_every_variable_exists(root: Path) -> None:
    missing = []
    for row in variables.table().values():
        module, _, function = row.equation.partition(".")
        paths = (root / "src" / "headrace" / room / f"{module}.py" for room in ("equations", "simulation"))
        if not any(path.exists() and f"def {function}(" in path.read_text(encoding="utf-8") for path in paths):
            missing.append(f"{row.name}: {row.equation}")
    assert missing == []


def test_the_filed_concept_of_every_variable_exists() -> None:
    concepts = set(facts.load()["concept"])
    filed = {row.name: row.history for row in variables.table().values() if row.history}
    assert {name: concept for name, concept in filed.items() if concept not in concepts} == {}


def test_every_source_of_a_fact_has_its_record() -> None:
    assert set(facts.load()["source_id"]) - sources.load().keys() == set()


def test_every_source_of_a_parameter_has_its_record() -> None:
    assert {entry.name: entry.source for entry in registry().values() if entry.source not in sources.load()} == {}


def test_every_source_of_an_equation_has_its_record(root: Path) -> None:
    cited = {
        f"{path.name}: {key}": key
        for path in (root / "src" / "headrace" / "equations").glob("*.py")
        for keys in re.findall(r"keys? ((?:``\w+``(?:, | and )?)+)", path.read_text(encoding="utf-8"))
        for key in re.findall(r"``(\w+)``", keys)
    }
    assert cited
    assert {place for place, key in cited.items() if key not in sources.load()} == set()


def test_every_shipped_parameter_is_read(root: Path) -> None:
    texts = {
        node.value
        for folder in ("simulation", "analyses", "parameters", "past_start")
        for path in (root / "src" / "headrace" / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 4
    }

    def is_read(name: str) -> bool:
        # By its whole name, by its key ("layer.decay"), or by the part of the key that does not depend on the layer.
        key = name.rsplit(".", 1)[-1]
        parts = (text for text in texts if text.startswith("_") or text.endswith("_"))
        return any(text.rsplit(".", 1)[-1] == key for text in texts) or any(
            key.startswith(part) or key.endswith(part) for part in parts
        )

    assert [name for name in registry() if not is_read(name)] == []
