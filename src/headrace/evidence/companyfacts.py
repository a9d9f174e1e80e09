"""One companyfacts document of EDGAR, read and checked: every number a company has tagged, filing by filing.

Only the tags asked for are decoded. A document that breaks its schema, or holds another company, is an error that names
the place; what single numbers mean is for the rooms that follow.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from headrace.errors import EvidenceError
from headrace.evidence.universe import Entity

MOST_BYTES = 256 * 2**20
"""The largest documents of EDGAR are below 20 MB; one above this limit is no companyfacts document."""

MOST = 1e18
"""No number of a filing is larger, in any currency."""

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


class Filed(msgspec.Struct, frozen=True, gc=False):
    """One number as one filing states it.

    ``start`` is missing for a balance-sheet figure; ``val`` is in the unit under which the number stands.
    """

    end: dt.date
    val: Annotated[float, msgspec.Meta(ge=-MOST, le=MOST)]
    accn: str
    form: str
    filed: dt.date
    start: dt.date | None = None


class _Document(msgspec.Struct):
    entity_name: str = msgspec.field(name="entityName")
    cik: int | str
    facts: dict[str, dict[str, msgspec.Raw]]


class _Tag(msgspec.Struct):
    units: dict[str, list[Filed]]


_DOCUMENT = msgspec.json.Decoder(_Document)
_TAG = msgspec.json.Decoder(_Tag)


def read(document: bytes, entity: Entity, tags: Iterable[str], where: str) -> dict[str, Mapping[str, list[Filed]]]:
    """Numbers of ``tags`` by tag and unit, in the order of the document.

    Args:
        document: JSON as EDGAR serves it.
        entity: Whose document it should be.
        tags: Such as ``"us-gaap:Revenues"``; those the document lacks are left out of the answer.
        where: File or address, named in errors.

    Raises:
        EvidenceError: The document is too large, is no JSON, breaks the schema, or holds another company.
    """
    if len(document) > MOST_BYTES:
        raise EvidenceError(f"{where}: {len(document):,} bytes; a companyfacts document has at most {MOST_BYTES:,}")
    try:
        company = _DOCUMENT.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise EvidenceError(f"{where}: no companyfacts document: {fault}; fetch it again") from None
    _check_company(company, entity, where)
    found: dict[str, Mapping[str, list[Filed]]] = {}
    for tag in tags:
        taxonomy, _, name = tag.partition(":")
        raw = company.facts.get(taxonomy, {}).get(name)
        if raw is not None:
            found[tag] = _numbers(raw, f"{where}, {tag}")
    return found


def _numbers(raw: msgspec.Raw, where: str) -> dict[str, list[Filed]]:
    try:
        units = _TAG.decode(raw).units
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise EvidenceError(f"{where}: {fault}; fetch the document again") from None
    for unit in units:
        if not unit.strip():
            raise EvidenceError(f"{where}: numbers without a unit; wanted one such as USD or shares")
    return units


def _check_company(company: _Document, entity: Entity, where: str) -> None:
    digits = str(company.cik).strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 10:
        raise EvidenceError(f"{where}: cik is {company.cik!r}; wanted up to ten digits")
    cik = f"{int(digits):010d}"
    names = (entity.name, *entity.entity_names)
    if (entity.cik and cik != entity.cik) or not any(_same_company(name, company.entity_name) for name in names):
        wanted = f"{entity.name!r} with CIK {entity.cik or '(unverified)'}"
        raise EvidenceError(
            f"{where}: holds {company.entity_name!r} with CIK {cik}, wanted {wanted}; "
            f"fetch the right company's document or correct [{entity.slug}] in universe.toml"
        )


def _same_company(expected: str, found: str) -> bool:
    """Whether the first word of the name we know stands in the name that the document gives."""
    words, wanted = _words(found), _words(expected)
    return bool(wanted) and (wanted[0] in words or "".join(words).startswith("".join(wanted)))


def _words(name: str) -> list[str]:
    return _NOT_A_LETTER.sub(" ", name.lower()).split()
