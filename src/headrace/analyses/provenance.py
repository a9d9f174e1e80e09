"""Where a number comes from: assumptions weakest first, the start by builder, receipts of variables and parameters."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import xarray as xr

from headrace import scenarios
from headrace._types import Assumption, Explanation, Interval, Receipt, ReceiptInput, SourceNote, StartRow
from headrace.analyses.figures import interval
from headrace.ensemble import PRECISION
from headrace.errors import unknown_name
from headrace.evidence import facts, sources
from headrace.parameters.registry import parameter, parameters_matching, registry
from headrace.parameters.schema import BASIS_STRENGTH, Parameter
from headrace.results import SIMULATED_QUALITY, recipe
from headrace.units import USD_PER_USD_BN
from headrace.variables import PLAYERS, Variable, table

if TYPE_CHECKING:
    import pandas as pd

STATUS_OF_BASIS = {
    "filing": "reported",
    "statute": "reported",
    "published": "reported",
    "derived": "derived",
    "fitted": "derived",
    "judgement": "estimated",
}
"""The badge of a parameter, by how it is known."""

_FACT = "facts:"

READ_ON_PAST_DAYS = "past."
"""What names begin with that a run reads only where it starts on a past day."""


def assumptions(future: xr.Dataset) -> list[Assumption]:
    """Every parameter of a run, weakest basis first, then lowest quality, then name.

    Parameters that the scenario or a person has set carry the value set and say so in ``reason``; so do those of the
    start where it is on a past day.
    """
    world = recipe(future)
    held: Mapping[str, float] = world["held"]
    then = values_of_start(world)
    rows = [
        _assumption(entry, held.get(name)) if name not in then else _assumption_of_start(entry, then[name], world)
        for name, entry in registry().items()
        if then or not name.startswith(READ_ON_PAST_DAYS)
    ]
    strength = {basis: rank for rank, basis in enumerate(BASIS_STRENGTH)}
    return sorted(rows, key=lambda row: (-strength[row.basis], -ord(row.quality), row.name))  # type: ignore[index]


def start_table(future: xr.Dataset) -> list[StartRow]:
    """How each builder starts: filed spending, AI share, plan, payment, and the residual absorbed.

    The residual is the plan less what the seeds would have paid; unit costs and capacities took it.
    """
    first = future.isel(quarter=0)
    rows = []
    for builder in future["builder"].values:
        plan = first["planned_ai_capital_expenditure_usd_bn"].sel(builder=builder).values
        paid = first["ai_capital_expenditure_usd_bn"].sel(builder=builder).values
        residual = plan - future["start_seeds_pay_usd_bn"].sel(builder=builder).values
        is_player = builder in PLAYERS
        rows.append(
            StartRow(
                builder=str(builder),
                filed_capex_usd_bn=Interval(*interval(future["start_filed_capex_usd_bn"].sel(builder=builder).values)),
                ai_share=Interval(*interval(future["start_ai_share"].sel(builder=builder).values)),
                plan_usd_bn=Interval(*interval(plan)),
                paid_usd_bn=Interval(*interval(paid)),
                residual_usd_bn=Interval(*interval(residual)),
                statuses={
                    "filed_capex_usd_bn": "reported" if is_player else "estimated",
                    "ai_share": "estimated",
                    "plan_usd_bn": "scenario",
                    "paid_usd_bn": "scenario",
                    "residual_usd_bn": "scenario",
                },
            )
        )
    return rows


def receipt(name: str, dataset: xr.Dataset | None = None) -> Receipt:
    """Everything one needs to check a variable or a parameter.

    Args:
        name: Of an output or of a parameter.
        dataset: The run it was read in; its recipe is what reproduces it. The shipped baseline when left out.

    Raises:
        UnknownNameError: Neither table holds the name.
    """
    world = recipe(dataset) if dataset is not None else None
    if name in table():
        return _variable_receipt(table()[name], world)
    if name in registry():
        return _parameter_receipt(registry()[name], world)
    raise unknown_name("variable or parameter", name, [*table(), *registry()])


def asked_again(world: Mapping[str, Any], question: str) -> tuple[str, str]:
    """The command and the call that ask a question of a World again.

    Args:
        world: Its recipe.
        question: Name of the command and of the function: ``blocs``, ``dilemma``, ``fears``, ``payback``.
    """
    return (
        _command(world).replace("headrace run", f"headrace {question}", 1),
        _call(world).replace("hr.simulate", f"hr.{question}", 1),
    )


def explain(name: str) -> Explanation:
    """A parameter or variable in lines for a terminal and as a record for a program.

    Raises:
        UnknownNameError: Neither table holds the name; near matches are listed.
    """
    if name in table():
        variable = table()[name]
        lines = (
            f"{variable.name}  [{variable.unit}]  {variable.symbol}",
            variable.label,
            variable.definition,
            f"formula    {variable.formula}",
            f"equation   headrace.equations.{variable.equation}",
            f"inputs     {', '.join(variable.inputs)}",
        )
        record = {**_fields(variable), "kind": "variable", "flow_or_stock": variable.kind}
        return Explanation(name, lines, record)
    if name not in registry():
        raise unknown_name("parameter or variable", name, [*registry(), *table()])
    entry = parameter(name)
    source = sources.load()[entry.source]
    users = [row.name for row in table().values() if any(entry in _matching(text) for text in row.inputs)]
    about = (
        f"{entry.name}  [{entry.unit}]  {entry.symbol}",
        entry.label,
        f"value      {entry.value_text}{_shape_text(entry)}",
        f"range      {entry.range[0]:g} to {entry.range[1]:g}",
        f"basis      {entry.basis}, quality {entry.quality}",
        f"reason     {entry.reason}",
        f"source     {source.title} ({source.publisher}){f', {source.url}' if source.url else ''}",
        f"locator    {entry.locator}",
        f"used by    {', '.join(users) or 'the start of the run'}",
    )
    return Explanation(
        name, about, {"kind": "parameter", **entry.model_dump(), "source_title": source.title, "used_by": users}
    )


def source_note(source_id: str) -> SourceNote:
    """A source as a reader may check it."""
    source = sources.load()[source_id]
    return SourceNote(
        id=source.id,
        title=source.title,
        publisher=source.publisher,
        url=source.url,
        licence=source.licence,
        licence_url=source.licence_url,
        retrieved=source.retrieved,
    )


def _fields(variable: Variable) -> dict[str, object]:
    return {key: value for key, value in vars(variable).items() if value is not None}


def _shape_text(entry: Parameter) -> str:
    if entry.shape == "lognormal":
        return ", lognormal: low and high are its 5th and 95th percentile"
    return f", {entry.shape}" if entry.is_uncertain else ", the same in every draw"


def _assumption(entry: Parameter, held_at: float | None) -> Assumption:
    held = held_at is not None
    value, low, high = (held_at, held_at, held_at) if held_at is not None else (entry.value, entry.low, entry.high)
    return Assumption(
        name=entry.name,
        label=entry.label,
        unit=entry.unit,
        basis=entry.basis,
        value=f"{held_at:g}, set for this run" if held else entry.value_text,
        low=low,
        median=value,
        high=high,
        source_id=entry.source,
        source_title=sources.load()[entry.source].title,
        locator=entry.locator,
        quality=entry.quality,
        reason=f"Set for this run; shipped as {entry.value_text}. {entry.reason}" if held else entry.reason,
    )


def values_of_start(world: Mapping[str, Any]) -> Mapping[str, tuple[float, float, float]]:
    """Median, 5 and 95 % of parameters that were others on the past day a run starts from; empty for other runs."""
    values: Mapping[str, tuple[float, float, float]] = (world.get("start") or {}).get("values", {})
    return values


def _assumption_of_start(entry: Parameter, value: tuple[float, float, float], world: Mapping[str, Any]) -> Assumption:
    median, low, high = value
    row = _assumption(entry, None)
    reason = f"As known on {world['as_of']}, for a start from {world['start_quarter']}; today {entry.value_text}"
    return replace(
        row, basis="derived", value=_value_of_start(entry, value), low=low, median=median, high=high, reason=reason
    )


def _value_of_start(entry: Parameter, value: tuple[float, float, float]) -> str:
    median, low, high = value
    unit = "" if entry.unit == "1" else f" {entry.unit}"
    return f"{median:,.4g}{unit}" if low == high else f"{median:,.4g} [{low:,.4g} - {high:,.4g}]{unit}"


def _variable_receipt(variable: Variable, world: Mapping[str, Any] | None) -> Receipt:
    inputs = tuple(row for text in variable.inputs for row in _inputs(text, world))
    named = dict.fromkeys(key for text in _leaves(variable.name) for key in _source_ids(text, world))
    return Receipt(
        name=variable.name,
        label=variable.label,
        what=variable.definition,
        symbol=variable.symbol,
        unit=variable.unit,
        formula=variable.formula,
        inputs=inputs,
        sources=tuple(source_note(source_id) for source_id in named),
        as_known_on=str(world["as_of"]) if world else _last_filed(),
        reproduce_cli=_command(world),
        reproduce_python=f'{_call(world)}["{variable.name}"]',
        status="scenario",
        quality=SIMULATED_QUALITY,
    )


def _parameter_receipt(entry: Parameter, world: Mapping[str, Any] | None) -> Receipt:
    row = _parameter_input(entry, world)
    return Receipt(
        name=entry.name,
        label=entry.label,
        what=entry.reason,
        symbol=entry.symbol,
        unit=entry.unit,
        formula=f"{row.value}{_shape_text(entry)}; {entry.basis}, {entry.locator}",
        inputs=(),
        sources=(source_note(entry.source),),
        as_known_on=sources.load()[entry.source].retrieved,
        reproduce_cli=f"headrace explain {entry.name}",
        reproduce_python=f'hr.explain("{entry.name}")',
        status=row.status,
        quality=entry.quality,
    )


def _inputs(text: str, world: Mapping[str, Any] | None) -> Iterator[ReceiptInput]:
    if text.startswith(_FACT):
        as_of, until = (str(world["as_of"]), str(world["start_quarter"])) if world else (None, None)
        yield from _fact_inputs(text.removeprefix(_FACT), as_of, until)
    elif text in table():
        variable = table()[text]
        yield ReceiptInput(
            variable.name, "variable", f"{variable.label} [{variable.unit}]", "scenario", SIMULATED_QUALITY
        )
    else:
        for entry in _matching(text):
            if values_of_start(world or {}) or not entry.name.startswith(READ_ON_PAST_DAYS):
                yield _parameter_input(entry, world)


@cache
def _leaves(name: str) -> tuple[str, ...]:
    """Parameters and facts under a variable and all it is made from; each variable once, for the loop has cycles."""
    waiting, seen, found = [name], {name}, []
    while waiting:
        for text in table()[waiting.pop()].inputs:
            if text not in table():
                found.append(text)
            elif text not in seen:
                seen.add(text)
                waiting.append(text)
    return tuple(dict.fromkeys(found))


def _source_ids(text: str, world: Mapping[str, Any] | None) -> Iterator[str]:
    if text.startswith(_FACT):
        yield from (row.source_id for row in _inputs(text, world))
    else:
        yield from (entry.source for entry in _matching(text))


@cache
def _matching(text: str) -> tuple[Parameter, ...]:
    return tuple(parameters_matching(text)) if "*" in text else tuple(filter(None, (registry().get(text),)))


def _parameter_input(entry: Parameter, world: Mapping[str, Any] | None) -> ReceiptInput:
    source = sources.load()[entry.source]
    value, status = entry.value_text, STATUS_OF_BASIS[entry.basis]
    held = (world or {}).get("settings", {}).get(entry.name)
    learnt = (world or {}).get("posterior") or {}
    if held is not None:
        value, status = f"{held:g} {entry.unit}, set for this run", "scenario"
    elif entry.name in learnt.get("parameters", ()):
        value = f"{learnt['draws']:,} draws learnt from filings to {learnt['as_of']}; before them {value}"
        status = STATUS_OF_BASIS["fitted"]
    elif entry.name in (then := values_of_start(world or {})):
        value = f"{_value_of_start(entry, then[entry.name])} as known on {(world or {})['as_of']}; today {value}"
        status = STATUS_OF_BASIS["derived"]
    return ReceiptInput(
        name=entry.name,
        kind="parameter",
        value=value,
        status=status,
        quality=entry.quality,
        source_id=entry.source,
        source_title=source.title,
        url=source.url,
        retrieved=source.retrieved,
    )


@cache
def _fact_inputs(concept: str, as_of: str | None, until: str | None) -> tuple[ReceiptInput, ...]:
    """The last filed figure of each player, as known on a day, up to a quarter."""
    known = _player_facts(as_of)
    rows = known[known["concept"] == concept]
    if until:
        rows = rows[rows["calendar_quarter"] <= until]
    return tuple(_fact_input(own.sort_values("period_end").iloc[-1]) for _, own in rows.groupby("entity"))


@cache
def _player_facts(as_of: str | None) -> pd.DataFrame:
    known = facts.load(as_of)
    return known[known["entity"].isin(PLAYERS)]


def _fact_input(row: pd.Series[Any]) -> ReceiptInput:
    source = sources.load()[str(row["source_id"])]
    return ReceiptInput(
        name=f"{row['entity']} {row['concept']} {row['calendar_quarter']}",
        kind="fact",
        value=f"{row['value'] / USD_PER_USD_BN:,.3f} USD bn, filed {row['filed']:%Y-%m-%d}, {row['locator']}",
        status=str(row["status"]),
        quality=str(row["quality"]),
        source_id=str(row["source_id"]),
        source_title=source.title,
        url=sources.locator_url(str(row["locator"])) or source.url,
        retrieved=source.retrieved,
    )


def _last_filed() -> str:
    filed = facts.load()
    return f"{filed.loc[~filed['filed_estimated'], 'filed'].max():%Y-%m-%d}"


def _command(world: Mapping[str, Any] | None) -> str:
    if world is None:
        return "headrace run baseline"
    words = ["headrace", "run", str(world["scenario"])]
    words += ["--draws", str(world["draws"]), "--seed", str(world["seed"]), "--quarters", str(world["quarters"])]
    words += ["--as-of", str(world["as_of"])]
    if world["precision"] != PRECISION:
        words += ["--precision", str(world["precision"])]
    if world.get("posterior"):
        words += ["--posterior", str(world["posterior"]["file"])]
    for fear in world["without"]:
        words += ["--without", fear]
    for name, value in world["settings"].items():
        words += ["--set", f"{name}={value!r}"]
    return shlex.join(words)


def _call(world: Mapping[str, Any] | None) -> str:
    if world is None:
        return 'hr.simulate("baseline")'
    settings = f", settings={world['settings']!r}" if world["settings"] else ""
    settings += f", without={world['without']!r}" if world["without"] else ""
    settings += f", posterior={world['posterior']['file']!r}" if world.get("posterior") else ""
    settings += f", precision={world['precision']}" if world["precision"] != PRECISION else ""
    is_shipped = set(str(world["scenario"]).split("+")) <= set(scenarios.names())
    scenario = f'"{world["scenario"]}"' if is_shipped else repr(world["page"])
    return (
        f"hr.simulate({scenario}, draws={world['draws']}, seed={world['seed']}, "
        f'quarters={world["quarters"]}, as_of="{world["as_of"]}"{settings})'
    )
