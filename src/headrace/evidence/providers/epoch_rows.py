"""One table of Epoch AI, row by row: which entity, which period, known since when, and what is left out and why."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from headrace.errors import EvidenceError
from headrace.evidence import concepts
from headrace.evidence.findings import Finding
from headrace.evidence.providers import epoch_tables
from headrace.evidence.providers.csv_document import Line, read_lines, shown
from headrace.evidence.providers.epoch_tables import Measure, Table
from headrace.evidence.providers.observations import Observation, scaled

FIRST_REPORT = dt.date(2000, 1, 1)
"""A report dated before is a slip of the pen: nothing in these tables is older."""

_GENERATED = re.compile(r"Estimates generated on: (\d{2})-(\d{2})-(\d{4})", re.ASCII)
_INCOMPLETE = "Incomplete"
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class _Place:
    """A row's entity, period and day of report."""

    entity: str
    start: dt.date | None
    end: dt.date
    filed: dt.date
    filed_estimated: bool
    seen: dt.date


def read_table(content: bytes, table: Table, seen: dt.date, where: str) -> tuple[list[Observation], list[Finding]]:
    """The figures of a table, and what is left out.

    Args:
        content: CSV.
        table: What its columns mean.
        seen: The day on which it was retrieved.
        where: Address or file, named in errors.

    Raises:
        EvidenceError: It is no CSV, lacks a column, a cell is no number or day, two names make one entity, or its H100
            equivalents are by 16-bit operations.
    """
    columns, lines = read_lines(content, where, [*table.entity, table.end, *filter(None, [table.start, table.chip])])
    chosen = [(measure, _column(measure, columns)) for measure in table.measure]
    chosen = [(measure, column) for measure, column in chosen if column]
    if not chosen:
        wanted = ", ".join(measure.column[0] for measure in table.measure)
        raise EvidenceError(f"{where}: none of the columns {shown(wanted)} is there; the table has changed")
    names: dict[str, str] = {}
    chips: dict[str, tuple[float, float]] = {}
    observed: list[Observation] = []
    findings = [
        Finding(
            "left_out", "", "", where, f"no column {column!r}: rows of other kinds cannot be told from {values[0]!r}"
        )
        for column, values in table.keep.items()
        if column not in columns
    ]
    for line in lines:
        entity = _entity(line, table, names)
        reason = _left_out(line, table)
        end = line.day(table.end)
        if reason or end is None:
            findings.append(Finding("left_out", entity, "", line.where, reason or "no date", refused=True))
            continue
        _note_chip(line, table, chosen, chips)
        place, said = _place(line, table, entity, end, seen)
        findings += said
        for measure, column in chosen:
            value = line.number(column)
            if value is None or (value == 0 and measure.zero_is_missing):
                continue
            if value < 0:
                raise EvidenceError(f"{line.where}, {column}: {value:g} is below 0; {measure.concept} cannot be")
            one = _observation(line, table, measure, value, place)
            if one is None:
                text = f"dated {place.end}, after the day it was retrieved, {seen}"
                findings.append(Finding("future_period", entity, measure.concept, line.where, text, refused=True))
            else:
                observed.append(one)
    _check_basis(chips, where)
    return observed, findings


def settled(observed: Iterable[Observation]) -> tuple[list[Observation], list[Finding]]:
    """One value a figure and day of report: equal ones are one, and of different ones none is taken.

    Args:
        observed: In the order of the tables.
    """
    by_figure: dict[tuple[object, ...], list[Observation]] = {}
    for one in observed:
        by_figure.setdefault((one.entity, one.concept, one.start, one.end, one.filed), []).append(one)
    kept: list[Observation] = []
    findings: list[Finding] = []
    for group in by_figure.values():
        values = sorted({one.value for one in group})
        if len(values) == 1:
            kept.append(group[0])
            continue
        said = " and ".join(f"{value:,.0f}" for value in values)
        text = f"{said} {group[0].unit} for one day, and nothing says which is meant: none is taken"
        findings.append(
            Finding("conflict", group[0].entity, group[0].concept, group[0].end.isoformat(), text, refused=True)
        )
    return kept, findings


def slug_of(name: str) -> str:
    """A name as a slug: small letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_SLUG.sub("_", plain).strip("_")


def _column(measure: Measure, columns: Sequence[str]) -> str:
    return next((name for name in measure.column if name in columns), "")


def _entity(line: Line, table: Table, names: dict[str, str]) -> str:
    """The entity of a row; ``names`` remembers whose slug is whose."""
    known = epoch_tables.load().names
    given = [line.cells[column].strip() for column in table.entity]
    slugs = [known.get(name) or slug_of(name) for name in given]
    if not all(slugs):
        raise EvidenceError(f"{line.where}: {shown(', '.join(given))} names nobody; wanted {', '.join(table.entity)}")
    entity = table.prefix + ".".join(slugs)
    whole = ", ".join(known.get(name, name) for name in given)
    other = names.setdefault(entity, whole)
    if other != whole:
        raise EvidenceError(f"{line.where}: {shown(whole)} and {shown(other)} would both be {entity}; rename one")
    return entity


def _left_out(line: Line, table: Table) -> str:
    """Why a row is none of those that the facts hold; empty where it is."""
    for column, values in table.keep.items():
        if column in line.cells and line.cells[column].strip() not in values:
            return f"{column} is {shown(line.cells[column])}; the facts hold {', '.join(values)}"
    if line.cells.get(_INCOMPLETE, "").strip() or line.cells.get("Notes", "").startswith(_INCOMPLETE):
        return "marked as incomplete by its publisher"
    return ""


def _place(line: Line, table: Table, entity: str, end: dt.date, seen: dt.date) -> tuple[_Place, list[Finding]]:
    start = line.day(table.start) if table.start else None
    if table.start and (start is None or start > end):
        raise EvidenceError(f"{line.where}: the period {line.cells[table.start]!r} to {end} ends before it starts")
    if table.span:
        start = end.replace(year=end.year - 1, day=min(end.day, calendar.monthrange(end.year - 1, end.month)[1]))
        start += dt.timedelta(days=1)
    filed, estimated, findings = seen, True, []
    if table.filed.column in line.cells:
        reported = line.day(table.filed.column)
        if reported is not None and FIRST_REPORT <= reported <= seen:
            filed, estimated = reported, False
        else:
            text = f"its report is dated {shown(line.cells[table.filed.column])}; counted from the day it was seen"
            findings = [Finding("estimated_filing_date", entity, "", line.where, text)]
    elif table.filed.generated and (match := _GENERATED.search(line.cells.get(table.filed.generated, ""))):
        filed, estimated = min(seen, _made_on(match, line)), False
    return _Place(entity, start, end, filed, estimated, seen), findings


def _made_on(match: re.Match[str], line: Line) -> dt.date:
    try:
        return dt.date(int(match[3]), int(match[1]), int(match[2]))
    except ValueError:
        raise EvidenceError(f"{line.where}: {shown(match[0])} is no day") from None


def _observation(line: Line, table: Table, measure: Measure, value: float, place: _Place) -> Observation | None:
    """The figure, under its planned concept where it lies ahead; ``None`` where a plan has no concept."""
    kind = concepts.load()[measure.concept].kind
    if place.end > place.seen and not measure.planned:
        return None
    ahead = place.end > place.filed
    reported = table.reported is not None and line.cells.get(table.reported.column, "").strip() in table.reported.values
    start = None if kind == "stock" else place.start or place.end
    return Observation(
        entity=place.entity,
        concept=measure.planned if ahead and measure.planned else measure.concept,
        start=start,
        end=place.end,
        value=scaled(value, measure.scale),
        unit=measure.unit,
        status="reported" if reported else "estimated",
        quality=table.quality,
        source_id=table.source_id,
        locator=table.page,
        filed=place.filed if measure.planned else max(place.filed, place.end),
        filed_estimated=place.filed_estimated,
    )


def _note_chip(
    line: Line, table: Table, chosen: Sequence[tuple[Measure, str]], chips: dict[str, tuple[float, float]]
) -> None:
    """Remember units and H100 equivalents of a chip where this row has the most of it."""
    by_concept = {measure.concept: line.number(column) for measure, column in chosen}
    units = next((value for name, value in by_concept.items() if name.endswith("_units_median")), None)
    equivalents = next((value for name, value in by_concept.items() if name.endswith("_h100e_8bit_median")), None)
    chip = line.cells.get(table.chip, "")
    if units and equivalents and units > chips.get(chip, (0.0, 0.0))[0]:
        chips[chip] = units, equivalents


def _check_basis(chips: Mapping[str, tuple[float, float]], where: str) -> None:
    """Refuse H100 equivalents that are by 16-bit operations where the concept is by 8-bit ones.

    Args:
        chips: Units and H100 equivalents by chip, of the row with the most units: medians of few chips scatter.
        where: Named in the error.
    """
    for chip, known in epoch_tables.load().per_unit.items():
        units, equivalents = chips.get(chip, (0.0, 0.0))
        ratio = equivalents / units if units else 0.0
        if ratio and abs(math.log(ratio / known.by_16_bit)) < abs(math.log(ratio / known.by_8_bit)):
            raise EvidenceError(
                f"{where}: {chip} counts {ratio:.3g} H100 equivalents a chip; by 8-bit operations it is "
                f"{known.by_8_bit:g}, by 16-bit {known.by_16_bit:g}. The concepts are by 8-bit: do not mix the two"
            )
