"""The receipts of a page: those of the table's variables from the service, and those of what the page itself derives.

Every receipt that a figure opens is here, and so is every variable that one of them is made from.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import xarray as xr

from headrace._types import Receipt, ReceiptInput, SourceNote
from headrace.report.answers import Answers
from headrace.report.asked_receipts import ASKED, asked_receipt
from headrace.report.figures import FILED, RECEIPT_OF_RUN
from headrace.report.series import Pair
from headrace.report.trust_receipts import LEAGUE, SKILL, league_receipt, skill_receipt
from headrace.variables import table

JUDGEMENTS = "judgements"
"""Key of the receipt of how many parameters are judgements."""

_ANY = "active_compute_gw"
"""A variable that every run holds; its receipt knows how the run is made again."""

_TOLD_ELSEWHERE = {"settings", "held", "page", "start"}
"""Parts of a recipe that are rows of their own, or stand in the block of what was changed."""


@dataclass(frozen=True)
class Derived:
    """What the page computes from variables: a sum over builders, a ratio, a share of worlds."""

    label: str
    unit: str
    what: str
    formula: str
    inputs: tuple[str, ...]
    code: str


@cache
def derived() -> Mapping[str, Derived]:
    """Every quantity that the report derives, by key, from ``derived.toml``."""
    text = (files("headrace.report") / "derived.toml").read_text(encoding="utf-8")
    return {key: Derived(**{**row, "inputs": tuple(row["inputs"])}) for key, row in tomllib.loads(text).items()}


def receipts(shown: Iterable[str], answers: Answers, pair: Pair) -> dict[str, Receipt]:
    """The receipts that a page carries, those of shown figures first.

    Args:
        shown: Keys that figures open: variables, derived quantities, the run; parameters are rows of their table.
        answers: Of the service.
        pair: The run and the filings before it.
    """
    filed_names = pair.filed_names
    waiting = list(dict.fromkeys(shown))
    found: dict[str, Receipt] = {}
    while waiting:
        key = waiting.pop(0)
        if key in found:
            continue
        if key == RECEIPT_OF_RUN:
            found[key] = _run_receipt(pair.future, answers.receipt(_ANY))
        elif key == JUDGEMENTS:
            found[key] = _judgements_receipt(answers)
        elif key == SKILL:
            found[key] = skill_receipt(answers.trust)
        elif key == LEAGUE:
            found[key] = league_receipt(answers.trust)
        elif key.startswith(ASKED):
            found[key] = asked_receipt(key.removeprefix(ASKED), answers)
        elif key in derived():
            found[key] = _derived_receipt(key, answers, filed_names)
            waiting += [row.name for row in found[key].inputs]
        elif key.startswith(FILED):
            found[key] = _filed_receipt(key.removeprefix(FILED), answers)
        elif key in table():
            found[key] = answers.receipt(key)
            waiting += [row.name for row in found[key].inputs if row.kind == "variable"]
    return found


def near_sources(receipt: Receipt) -> tuple[tuple[SourceNote, ...], int]:
    """Sources of a receipt's own inputs, and how many more lie behind those inputs: in a loop nearly all of them."""
    named = {row.source_id for row in receipt.inputs if row.source_id}
    near = tuple(note for note in receipt.sources if note.id in named)
    return near, len(receipt.sources) - len(near)


def _derived_receipt(key: str, answers: Answers, filed_names: Set[str]) -> Receipt:
    row = derived()[key]
    parents = [answers.receipt(name) for name in row.inputs]
    filed = [FILED + name for name in row.inputs if name in filed_names]
    rows = tuple(
        ReceiptInput(parent.name, "variable", f"{parent.label} [{parent.unit}]", parent.status, parent.quality)
        for parent in parents
    )
    sources: dict[str, SourceNote] = {note.id: note for parent in parents for note in parent.sources}
    call = _call(parents[0])
    return Receipt(
        name=key,
        label=row.label,
        what=row.what,
        symbol="",
        unit=row.unit,
        formula=row.formula,
        inputs=(*rows, *(ReceiptInput(name, "variable", "As filed", "reported", "A") for name in filed)),
        sources=tuple(sources.values()),
        as_known_on=parents[0].as_known_on,
        reproduce_cli=parents[0].reproduce_cli,
        reproduce_python=f"from headrace import service\n{_past(parents[0])}\nfuture = {call}\n{row.code}",
        status=parents[0].status,
        quality=max(parent.quality for parent in parents),
    )


def _filed_receipt(name: str, answers: Answers) -> Receipt:
    """What stands behind the filed cells of a variable: the facts that the service names for it, and their sources."""
    variable = table()[name]
    own = answers.receipt(name)
    near = [own, *(answers.receipt(row.name) for row in table().values() if f"facts:{variable.history}" in row.inputs)]
    facts = {row.name: row for slip in near for row in slip.inputs if row.kind == "fact"}
    facts = {key: row for key, row in facts.items() if f" {variable.history} " in key}
    used = {row.source_id for row in facts.values()} or {"sec_companyfacts"}
    return Receipt(
        name=FILED + name,
        label=f"{variable.label}, as filed",
        what=variable.definition,
        symbol="",
        unit=variable.unit,
        formula="as reported; derived where a filing states only the year to date: this year to date less the last one",
        inputs=tuple(facts.values()),
        sources=tuple(note for note in answers.sources if note.id in used),
        as_known_on=own.as_known_on,
        reproduce_cli="",
        reproduce_python=f'hr.history(as_of="{own.as_known_on}")["{name}"]',
        status="reported",
        quality="A",
    )


def _judgements_receipt(answers: Answers) -> Receipt:
    run = answers.receipt(_ANY)
    counts = Counter(row.basis for row in answers.assumptions)
    return Receipt(
        name=JUDGEMENTS,
        label="Parameters by how they are known",
        what="What the value of every parameter in use rests on; a judgement has no source, or none that agree.",
        symbol="",
        unit="1",
        formula="count of parameters by basis",
        inputs=tuple(ReceiptInput(basis, "basis", f"{count} parameters", "derived") for basis, count in counts.items()),
        sources=(),
        as_known_on=run.as_known_on,
        reproduce_cli=run.reproduce_cli,
        reproduce_python=f"from headrace import service\nfuture = {_call(run)}\n"
        '[row.basis for row in service.assumptions(future)].count("judgement")',
        status="derived",
    )


def _call(parent: Receipt) -> str:
    """The call that makes the run, from the receipt of a variable in it."""
    return parent.reproduce_python.removesuffix(f'["{parent.name}"]')


def _past(parent: Receipt) -> str:
    return f'past = hr.history(as_of="{parent.as_known_on}")'


def _run_receipt(future: xr.Dataset, of_variable: Receipt) -> Receipt:
    world = json.loads(future.attrs["world"])
    rows = tuple(
        ReceiptInput(name, "setting", json.dumps(value, ensure_ascii=False), "scenario")
        for name, value in world.items()
        if name not in _TOLD_ELSEWHERE
    )
    held = tuple(
        ReceiptInput(name, "parameter", f"{value:g}, set for this run", "scenario")
        for name, value in world.get("settings", {}).items()
    )
    return Receipt(
        name=RECEIPT_OF_RUN,
        label="This run",
        what="The recipe of the World behind every simulated figure here: the same recipe gives the same draws.",
        symbol="",
        unit="",
        formula="initial state as of a day, scenario, parameters, seed",
        inputs=(*rows, *held),
        sources=(),
        as_known_on=str(world.get("as_of")),
        reproduce_cli=of_variable.reproduce_cli,
        reproduce_python=_call(of_variable),
        status="scenario",
    )
