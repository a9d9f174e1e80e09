"""Places that facts are about: the country, its states and its grid operators, under one slug each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Place:
    """One place. ``code`` is that of the postal service, which the energy statistics use too; a grid has none."""

    slug: str
    name: str
    kind: str
    code: str = ""


def load() -> dict[str, Place]:
    """Every place by slug, the country first, from ``places.toml``."""
    return dict(_load())


def slug_of_code() -> dict[str, str]:
    """Slug by code, such as ``"VA"``."""
    return {place.code: slug for slug, place in _load().items() if place.code}


@cache
def _load() -> Mapping[str, Place]:
    text = (files("headrace") / "data" / "places.toml").read_text(encoding="utf-8")
    return {slug: Place(slug=slug, **row) for slug, row in tomllib.loads(text).items()}
