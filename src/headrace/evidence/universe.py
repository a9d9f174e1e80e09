"""Who is in the facts and prices: every entity with its filer number, fiscal year, layer and wave.

A filer number that nobody could check against a filing is left empty and marked unverified.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from headrace.errors import EvidenceError, near_matches

ROLES = ("builder", "supplier", "compute_provider", "comparison", "index")
"""Builder: a player. Compute provider: builds to rent out, part of rest_of_world. Comparison: outside the chain."""


@dataclass(frozen=True)
class Entity:
    """One company or fund.

    ``fiscal_year_end`` is MM-DD, the nominal end where the year has 52 or 53 weeks, empty for a fund. ``layer`` and
    ``wave`` are empty and 0 where the entity earns in none of them. ``builder`` is the builder it is, or is part of.
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


def load() -> dict[str, Entity]:
    """Every entity by slug, builders first.

    Raises:
        EvidenceError: An entry of ``universe.toml`` has an unknown key or role, or two share a ticker.
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
        EvidenceError: An entry has an unknown key or role, or two share a ticker.
    """
    known = [field.name for field in fields(Entity)]
    found: dict[str, Entity] = {}
    slug_of_ticker: dict[str, str] = {}
    for slug, row in tomllib.loads(text).items():
        for key in row.keys() - set(known):
            raise EvidenceError(f"universe.toml, [{slug}]: unknown key {key!r}; near: {near_matches(key, known)}")
        entity = Entity(slug=slug, **row)
        if entity.role not in ROLES:
            raise EvidenceError(f"universe.toml, [{slug}]: role is {entity.role!r}; wanted one of {', '.join(ROLES)}")
        if entity.ticker in slug_of_ticker:
            other = slug_of_ticker[entity.ticker]
            raise EvidenceError(f"universe.toml, [{slug}]: ticker {entity.ticker!r} is that of [{other}] already")
        slug_of_ticker[entity.ticker] = slug
        found[slug] = entity
    return found
