"""Who is in the facts and prices: every entity with its filer number, fiscal year, layer and wave.

A filer number that nobody could check against a filing is left empty and marked unverified; a fetch looks it up.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from headrace.errors import EvidenceError, near_matches
from headrace.variables import BUILDERS, LAYERS

ROLES = ("builder", "supplier", "compute_provider", "software", "comparison", "index")
"""Builder: a player. Compute provider: builds to rent out, part of rest_of_world. Software: earns from what runs on the
build-out. Comparison: outside the chain."""

NO_FILER_ROLES = ("index",)
"""Roles with prices and without filings of their own."""

CIK_STATUSES = ("edgar", "accession", "unverified")
TAXONOMIES = ("us-gaap", "ifrs-full")
WAVES = (0, 1, 2, 3)

_CIK = re.compile(r"[0-9]{10}")
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_TICKER = re.compile(r"[A-Z0-9][A-Z0-9.\-]{0,9}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_SHAPES = {
    "ticker": (_TICKER, "up to ten capital letters, digits, dots and hyphens"),
    "cik": (_CIK, "ten digits, or nothing where it is unverified"),
    "reporting_currency": (_CURRENCY, "three capital letters, such as TWD"),
}


@dataclass(frozen=True)
class Entity:
    """One company or fund.

    ``fiscal_year_end`` is MM-DD, the nominal end where the year has 52 or 53 weeks, empty for a fund. ``layer`` and
    ``wave`` are empty and 0 where the entity earns in none of them. ``builder`` is the builder it is, or is part of.
    ``entity_names`` are other names its filings carry; ``taxonomy`` is the one its figures are most likely tagged in.
    """

    slug: str
    name: str
    ticker: str
    role: str
    group: str
    fiscal_year_end: str
    cik: str = ""
    cik_status: str = "unverified"
    layer: str = ""
    wave: int = 0
    builder: str = ""
    reporting_currency: str = "USD"
    taxonomy: str = "us-gaap"
    entity_names: tuple[str, ...] = ()


def load() -> dict[str, Entity]:
    """Every entity by slug, builders first.

    Raises:
        EvidenceError: An entry of ``universe.toml`` breaks its schema, or two share a ticker or filer number.
    """
    return dict(_load())


@cache
def _load() -> Mapping[str, Entity]:
    text = (files("headrace") / "data" / "universe.toml").read_text(encoding="utf-8")
    return read_entities(text)


def read_entities(text: str) -> dict[str, Entity]:
    """The entities in ``text``, in its order.

    Args:
        text: TOML, one table an entity.

    Raises:
        EvidenceError: An entry has a missing or unknown key or a value of the wrong shape, or two share a slug, a
            ticker or a filer number.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise EvidenceError(f"universe.toml: {fault}; every entity is one [slug] with key = value lines") from None
    found: dict[str, Entity] = {}
    taken: dict[tuple[str, str], str] = {}
    for slug, row in tables.items():
        entity = _entity(slug, row)
        for key, value in (("ticker", entity.ticker), ("cik", entity.cik)):
            other = taken.setdefault((key, value), slug) if value else slug
            if other != slug:
                raise EvidenceError(f"universe.toml, [{slug}]: {key} {value!r} is that of [{other}] already")
        found[slug] = entity
    return found


def _entity(slug: str, row: object) -> Entity:
    where = f"universe.toml, [{slug}]"
    if not isinstance(row, dict):
        raise EvidenceError(f"{where}: a value outside any table; wanted one [slug] for each entity")
    if _SLUG.fullmatch(slug) is None:
        raise EvidenceError(f"{where}: a slug has small letters, digits and underscores, and begins with a letter")
    known = {field.name: field for field in fields(Entity) if field.name != "slug"}
    for key in sorted(row.keys() - known.keys()):
        close = ", ".join(near_matches(key, known)) or "none"
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {close}")
    for key in ("name", "ticker", "role", "group", "fiscal_year_end"):
        if key not in row:
            raise EvidenceError(f"{where}: {key!r} is missing")
    for key, value in row.items():
        _check_type(key, value, where)
    entity = Entity(slug=slug, **{**row, "entity_names": tuple(row.get("entity_names", ()))})
    for fault in _faults(entity):
        raise EvidenceError(f"{where}: {fault}")
    return entity


def _check_type(key: str, value: object, where: str) -> None:
    if key == "wave":
        right, wanted = isinstance(value, int) and not isinstance(value, bool), "a whole number"
    elif key == "entity_names":
        right, wanted = isinstance(value, list) and all(isinstance(name, str) for name in value), "a list of names"
    else:
        right, wanted = isinstance(value, str), "text"
    if not right:
        raise EvidenceError(f"{where}: {key} is {value!r}; wanted {wanted}")


def _faults(entity: Entity) -> Iterator[str]:
    """What is wrong with an entry, the first fault first."""
    for key in ("name", "group"):
        if not getattr(entity, key).strip():
            yield f"{key} is empty"
    for key, (shape, wanted) in _SHAPES.items():
        value = getattr(entity, key)
        if value and shape.fullmatch(value) is None:
            yield f"{key} is {value!r}; wanted {wanted}"
    choices: tuple[tuple[str, Collection[object]], ...] = (
        ("role", ROLES),
        ("cik_status", CIK_STATUSES),
        ("taxonomy", TAXONOMIES),
        ("layer", ("", *LAYERS)),
        ("wave", WAVES),
        ("builder", ("", *BUILDERS)),
    )
    for key, allowed in choices:
        value = getattr(entity, key)
        if value not in allowed:
            yield f"{key} is {value!r}; wanted one of {', '.join(str(one) or 'nothing' for one in allowed)}"
    if (entity.cik == "") != (entity.cik_status == "unverified"):
        yield f"cik is {entity.cik!r} and cik_status {entity.cik_status!r}; only a checked number is given"
    if not entity.ticker:
        yield "ticker is empty"
    if entity.role == "supplier" and not entity.layer:
        yield f"a supplier has a layer; wanted one of {', '.join(LAYERS)}"
    if not _is_day(entity.fiscal_year_end, may_lack=entity.role in NO_FILER_ROLES):
        yield f"fiscal_year_end is {entity.fiscal_year_end!r}; wanted MM-DD such as 12-31, and nothing for a fund"


def _is_day(text: str, may_lack: bool) -> bool:
    if not text:
        return may_lack
    match = _DAY.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 12:
        return False
    return 1 <= int(match[2]) <= calendar.monthrange(2023, int(match[1]))[1]
