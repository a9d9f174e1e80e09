"""Where figures come from: one record per source, with its licence and what it lets us do.

Records stand in ``data/sources*.toml``. A source that forbids passing its figures on stops the table that uses it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from headrace.errors import EvidenceError, near_matches

REDISTRIBUTION = ("allowed", "figures", "not_allowed")
"""What a licence lets us do: ship a whole table; ship single figures with attribution; ship nothing."""

QUALITIES = ("A", "B", "C")
"""A filing, B a reputable second hand, C press or a vendor whose method is not known."""


@dataclass(frozen=True)
class Source:
    """One source as a reader may check it."""

    id: str
    title: str
    publisher: str
    url: str
    licence: str
    redistribution: str
    retrieved: str
    quality: str
    licence_url: str = ""
    note: str = ""


def load() -> dict[str, Source]:
    """Every source by id, from all ``data/sources*.toml``.

    Raises:
        EvidenceError: A record breaks the schema, or two records share an id.
    """
    return dict(_load())


def read_records(text: str, file: str) -> dict[str, Source]:
    """The records of one file.

    Args:
        text: TOML, one table a source.
        file: Named in errors.

    Raises:
        EvidenceError: A key is missing or unknown, or a value is none of those allowed.
    """
    return {name: _record(name, row, file) for name, row in tomllib.loads(text).items()}


def check_may_ship(table: str, source_ids: Iterable[str], known: Mapping[str, Source] | None = None) -> None:
    """Stop a table that uses a source which nobody recorded or whose licence forbids passing it on.

    Args:
        table: Named in the error, such as ``"facts.parquet"``.
        source_ids: Sources of the rows of the table.
        known: Records to check against; those of :func:`load` when left out.

    Raises:
        EvidenceError: A source is unknown, or its ``redistribution`` is ``not_allowed``.
    """
    records = load() if known is None else known
    for source_id in sorted(set(source_ids)):
        if source_id not in records:
            close = ", ".join(near_matches(source_id, records)) or "none is near"
            raise EvidenceError(f"{table}: source {source_id!r} has no record in data/sources*.toml; near: {close}")
        source = records[source_id]
        if source.redistribution == "not_allowed":
            raise EvidenceError(
                f"{table}: source {source_id!r} ({source.title}) may not be passed on: {source.licence}. "
                "Leave its rows out, or find the figure in a source that allows it"
            )


def locator_url(locator: str, cik: str = "") -> str:
    """An address a reader can open for a locator: the locator itself, or the filing's folder on EDGAR.

    Args:
        locator: A URL, or text with one or more accession numbers; the first one is opened.
        cik: The filer; without it EDGAR still finds the accession by search.
    """
    if locator.startswith("http"):
        return locator
    accession = re.search(r"\d{10}-\d{2}-\d{6}", locator)
    if accession is None:
        return ""
    if not cik:
        return f"https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&accession={accession[0]}"
    return f"https://www.sec.gov/Archives/edgar/data/{int(cik)}/{accession[0].replace('-', '')}/"


@cache
def _load() -> Mapping[str, Source]:
    found: dict[str, Source] = {}
    for file in _files():
        for name, source in read_records(file.read_text(encoding="utf-8"), file.name).items():
            if name in found:
                raise EvidenceError(f"{file.name}: source {name!r} has a record already; rename one or merge them")
            found[name] = source
    return found


def _files() -> list[Traversable]:
    data = files("headrace") / "data"
    named = (file for file in data.iterdir() if file.name.startswith("sources") and file.name.endswith(".toml"))
    return sorted(named, key=lambda file: file.name)


def _record(name: str, row: Mapping[str, object], file: str) -> Source:
    known = {field.name for field in fields(Source)} - {"id"}
    wanted = known - {"licence_url", "note"}
    for key in sorted(row.keys() - known):
        close = ", ".join(near_matches(key, known)) or "none"
        raise EvidenceError(f"{file}, [{name}]: unknown key {key!r}; near: {close}")
    for key in sorted(wanted - row.keys()):
        raise EvidenceError(f"{file}, [{name}]: {key!r} is missing; a source states {', '.join(sorted(wanted))}")
    source = Source(id=name, **{key: str(value) for key, value in row.items()})
    for key, value, allowed in (
        ("redistribution", source.redistribution, REDISTRIBUTION),
        ("quality", source.quality, QUALITIES),
    ):
        if value not in allowed:
            raise EvidenceError(f"{file}, [{name}]: {key} is {value!r}; wanted one of {', '.join(allowed)}")
    return source
