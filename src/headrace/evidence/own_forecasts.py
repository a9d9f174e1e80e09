"""What headrace forecast, in a ledger that only grows: dated before the fact, each line sealed over the one before it.

A line is one quantity of one quarter as quantiles, with the recipe of the world that made it. Its seal is the SHA-256
of its canonical JSON, in which the seal of the previous line stands; so no line can be changed, moved or taken out
without breaking every seal after it. Lines cut from the end leave no trace here; a published copy of the last seal
shows them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from headrace import variables
from headrace.errors import EvidenceError, PeriodError
from headrace.evidence import forecast_measures, universe
from headrace.evidence.forecasts import Forecast
from headrace.evidence.handed_over import text_of
from headrace.evidence.storage.generations import faults_named, put
from headrace.evidence.storage.lock import held
from headrace.periods import parse_date, quarter_dates, quarter_index, quarter_label, quarter_of_date, quarter_of_flow

PROBABILITIES = ("0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95")
MEDIAN, LOW, HIGH = "0.5", "0.05", "0.95"

FIRST = "0" * 64
"""What stands for the previous seal in the first line."""

MOST_BYTES = 64_000_000

SHIPPED = "own_forecasts.jsonl"
_WANTED = "a ledger, which `headrace record --ledger FILE` makes"
_YEARS = range(2000, 2200)
_DAYS_OF_A_QUARTER = dt.timedelta(days=91)
_SEAL = "sha256"


@dataclass(frozen=True)
class OwnForecast:
    """One line.

    Attributes:
        made_on: ISO date, by the clock of who made it (UTC).
        version: Of headrace.
        world: Recipe of the World: scenario, draws, seed, quarters, as-of day and what else makes it again.
        worlds: How many of the draws still ran in the quarter.
        variable: Of ``variables.toml``, a flow that is filed.
        members: Slugs; the sum over them is forecast, draw by draw.
        unit: Of the variable.
        period: Calendar quarter.
        quantiles: By each of :data:`PROBABILITIES`.
        previous: Seal of the line before, or :data:`FIRST`.
        sha256: Seal of this line.
    """

    made_on: str
    version: str
    world: Mapping[str, Any]
    worlds: int
    variable: str
    members: tuple[str, ...]
    unit: str
    period: str
    quantiles: Mapping[str, float]
    previous: str = ""
    sha256: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What may be said once a day."""
        return (self.made_on, self.world["scenario"], self.variable, self.members, self.period)

    def as_forecast(self, ledger: str) -> Forecast:
        """The median, held against what is filed as anybody's number is."""
        start, end = quarter_dates(self.period)
        return Forecast(
            who=f"headrace, {self.world['scenario']}",
            announced=dt.date.fromisoformat(self.made_on),
            measure=_filed_as(self.variable),
            unit=self.unit,
            period=self.period,
            target_start=start,
            target_end=end,
            quality="",
            source_url="",
            members=self.members,
            low=self.quantiles[LOW],
            point=self.quantiles[MEDIAN],
            high=self.quantiles[HIGH],
            derivation=f"median of {self.worlds:,} worlds, seed {self.world['seed']}, seal {self.sha256[:12]}",
            ledger=ledger,
        )


def load(path: Path | None = None, as_of: str | None = None) -> tuple[Forecast, ...]:
    """Our forecasts as rows that can be scored, in the order in which they were made.

    Args:
        path: A ledger; the shipped one when left out.
        as_of: ISO date: only what had been said by then.

    Raises:
        PeriodError: ``as_of`` is no date.
        EvidenceError: The ledger cannot be read, or a seal does not hold; see :func:`read_ledger`.
    """
    day = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    lines = _load() if path is None else read_ledger(text_of(path, MOST_BYTES, _WANTED), path.name)
    rows = (line.as_forecast(SHIPPED if path is None else path.name) for line in lines)
    return tuple(row for row in rows if row.announced <= day)


def read_ledger(text: str, name: str = SHIPPED) -> tuple[OwnForecast, ...]:
    """The lines of a ledger, each checked and its seal made again.

    Args:
        text: One JSON object a line.
        name: Of the file, for errors.

    Raises:
        EvidenceError: Naming the first line that does not hold: it breaks the schema, its seal is another one, it does
            not follow the line before it, its quarter had ended when it was made, or it says a second time on one day.
    """
    lines: list[OwnForecast] = []
    said: set[tuple[object, ...]] = set()
    for number, written in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        where = f"{name}, line {number}"
        line = _read(written, where)
        before = lines[-1] if lines else None
        if line.previous != (before.sha256 if before else FIRST):
            raise EvidenceError(
                f"{where}: it does not follow the line before it; a line was changed, moved or taken out"
            )
        _check_new(line, before, said, where)
        lines.append(line)
        said.add(line.key)
    return tuple(lines)


def append(path: Path, made: Sequence[OwnForecast]) -> tuple[OwnForecast, ...]:
    """Seal new lines and add them to the end of a ledger, all or none; one writer at a time.

    Args:
        path: The ledger; made if it is not there. Its folder exists.
        made: New lines, their seals empty.

    Returns:
        The lines with their seals.

    Raises:
        EvidenceError: The ledger does not hold as it is, or a new line breaks a rule of :func:`read_ledger`.
        FetchError: Another writer holds the ledger, or it cannot be written.
    """
    with held(path.parent, ledger=path.name):
        text, lines = _as_it_is(path)
        sealed: list[OwnForecast] = []
        said = {line.key for line in lines}
        for new in made:
            before = (*lines, *sealed)[-1] if lines or sealed else None
            _check_new(new, before, said, path.name)
            said.add(new.key)
            sealed.append(_sealed(replace(new, previous=before.sha256 if before else FIRST)))
        grown = text + "".join(f"{_canonical(asdict(line))}\n" for line in sealed)
        read_ledger(grown, path.name)
        with faults_named(path):
            put(path, lambda aside: aside.write_bytes(grown.encode()))
    return tuple(sealed)


def check_recordable(path: Path, made_on: dt.date, scenario: str) -> None:
    """Refuse, before anything is computed, a ledger to which :func:`append` could add nothing today.

    Args:
        path: The ledger.
        made_on: Today.
        scenario: Name of what would be recorded.

    Raises:
        EvidenceError: Its folder does not exist, it does not hold as it is, or it has this scenario of today already.
    """
    if not path.parent.is_dir():
        raise EvidenceError(f"{path}: its folder does not exist; make it, or choose another file")
    _, lines = _as_it_is(path)
    today = made_on.isoformat()
    if any((line.made_on, line.world["scenario"]) == (today, scenario) for line in lines):
        raise EvidenceError(f"{path}: {scenario} was recorded on {today} already; one forecast a day")


def last_day(member: str, quarter: str) -> dt.date:
    """The nominal last day of the fiscal quarter that a company files as a calendar quarter."""
    end_of_year = universe.load()[member].fiscal_year_end
    _, calendar_end = quarter_dates(quarter)
    month = int(end_of_year[:2]) if end_of_year else calendar_end.month
    for shift in (0, -1, 1):
        count = calendar_end.year * 12 + calendar_end.month - 1 + shift
        if (count + 1 - month) % 3 == 0:
            end = dt.date(count // 12, count % 12 + 1, monthrange(count // 12, count % 12 + 1)[1])
            if quarter_of_flow(end - _DAYS_OF_A_QUARTER, end) == quarter:
                return end
    return calendar_end


def first_open_quarter(members: Iterable[str], day: dt.date) -> str:
    """The first quarter that no member has ended on a day, so that none can have filed it."""
    index = quarter_index(quarter_of_date(day)) - 1
    names = list(members)
    while any(last_day(member, quarter_label(index)) < day for member in names):
        index += 1
    return quarter_label(index)


def _check_new(line: OwnForecast, before: OwnForecast | None, said: set[tuple[object, ...]], where: str) -> None:
    made_on = dt.date.fromisoformat(line.made_on)
    if before is not None and before.made_on > line.made_on:
        raise EvidenceError(
            f"{where}: made on {line.made_on}, before the line above it ({before.made_on}); is the clock right?"
        )
    for member in line.members:
        end = last_day(member, line.period)
        if end < made_on:
            raise EvidenceError(
                f"{where}: {line.period} of {member} ended on {end} and may have been filed by {line.made_on}; "
                "a forecast is made before the quarter ends"
            )
    if line.key in said:
        raise EvidenceError(
            f"{where}: {line.variable} of {', '.join(line.members)} in {line.period} under {line.world['scenario']} "
            f"was recorded on {line.made_on} already; one forecast a day"
        )


def _as_it_is(path: Path) -> tuple[str, tuple[OwnForecast, ...]]:
    text = text_of(path, MOST_BYTES, _WANTED) if path.exists() else ""
    if text and not text.endswith("\n"):
        raise EvidenceError(f"{path}: the last line is cut short; put back the ledger as it was")
    return text, read_ledger(text, path.name)


@cache
def _load() -> tuple[OwnForecast, ...]:
    return read_ledger((files("headrace") / "data" / SHIPPED).read_text(encoding="utf-8"))


def _read(written: str, where: str) -> OwnForecast:
    try:
        row = json.loads(written, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise EvidenceError(f"{where}: this is not a JSON object of a forecast") from None
    if not isinstance(row, dict) or row.keys() != {field.name for field in fields(OwnForecast)}:
        raise EvidenceError(f"{where}: wanted the keys {', '.join(field.name for field in fields(OwnForecast))}")
    faults = _faults(row)
    if faults:
        raise EvidenceError(f"{where}: {faults[0]}")
    line = OwnForecast(**{**row, "members": tuple(row["members"])})
    try:
        holds = _sealed(line).sha256 == line.sha256 and _canonical(asdict(line)) == written
    except ValueError:  # a number in the recipe that is none, written so that JSON reads it
        holds = False
    if not holds:
        raise EvidenceError(f"{where}: its seal does not hold; this line is not as it was recorded")
    return line


def _faults(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with the parts of a line, in words."""
    texts = ("made_on", "version", "variable", "unit", "period", "previous", _SEAL)
    if not all(type(row[key]) is str for key in texts):
        return [f"wanted texts in {', '.join(texts)}"]
    world, members, quantiles = row["world"], row["members"], row["quantiles"]
    if not isinstance(world, dict) or type(world.get("scenario")) is not str or type(world.get("seed")) is not int:
        return ["wanted the recipe of a world, with its scenario and seed"]
    if type(members) is not list or not members or not {*map(str, members)} <= universe.load().keys():
        return ["wanted members of the universe"]
    if len({*members}) < len(members):
        return ["wanted each member once"]
    if not isinstance(quantiles, dict) or tuple(quantiles) != PROBABILITIES:
        return [f"wanted quantiles for {', '.join(PROBABILITIES)}"]
    values = list(quantiles.values())
    if not all(type(value) is float and 0 < value < math.inf for value in values) or values != sorted(values):
        return ["wanted quantiles above zero and in order"]
    measure = forecast_measures.load().get(_filed_as(row["variable"]))
    if measure is None or measure.unit != row["unit"]:
        return ["wanted a variable that is filed as a flow, in its unit"]
    try:
        iso = dt.date.fromisoformat(row["made_on"]).isoformat()
        year = quarter_dates(row["period"])[0].year
    except (ValueError, PeriodError):
        iso, year = "", 0
    if iso != row["made_on"] or year not in _YEARS:
        return ["wanted a date in made_on and a quarter in period, such as 2026-11-23 and 2026Q4"]
    return [] if type(row["worlds"]) is int and row["worlds"] > 0 else ["wanted worlds to be counted"]


def _filed_as(variable: str) -> str:
    """The concept of the filings that a variable is of; empty where there is none."""
    known = variables.table().get(variable)
    return (known.history or "") if known else ""


def _sealed(line: OwnForecast) -> OwnForecast:
    content = {key: value for key, value in asdict(line).items() if key != _SEAL}
    return replace(line, sha256=hashlib.sha256(_canonical(content).encode()).hexdigest())


def _canonical(value: Mapping[str, Any]) -> str:
    """One text for one content: keys in order, no blanks, numbers as the shortest text that reads back the same."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
