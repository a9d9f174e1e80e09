"""One companyfacts document of EDGAR, read and checked: every number a company has tagged, filing by filing.

Only the tags asked for are decoded. A document that breaks its schema, or holds another company, is an error that names
the place; what single numbers mean is for the rooms that follow.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
import numpy as np

from headrace.errors import EvidenceError
from headrace.evidence.universe import Entity

MOST_BYTES = 256 * 2**20
"""The largest documents of EDGAR are below 20 MB; one above this limit is no companyfacts document."""

MOST_NUMBERS = 100_000
"""The tags of our concepts have some thousands of numbers in the longest documents."""

MOST = 1e18
"""No number of a filing is larger, in any currency."""

_ROW_KEYS = (b"val", b"end", b"start", b"filed", b"accn", b"form")
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


class _Key:
    """A key of a JSON object. It equals no other one, so a key given twice stays twice and can be seen."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _key(_: type, text: str) -> _Key:
    return _Key(text)


_DOCUMENT: msgspec.json.Decoder[dict[_Key, Any]] = msgspec.json.Decoder(
    dict[_Key, dict[_Key, dict[_Key, msgspec.Raw]] | int | str | None], dec_hook=_key
)
_TAG: msgspec.json.Decoder[dict[_Key, Any]] = msgspec.json.Decoder(
    dict[_Key, dict[_Key, list[Filed]] | str | None], dec_hook=_key
)
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read(document: bytes, entity: Entity, tags: Iterable[str], where: str) -> dict[str, Mapping[str, list[Filed]]]:
    """Numbers of ``tags`` by tag and unit, in the order of the document.

    Args:
        document: JSON as EDGAR serves it.
        entity: Whose document it should be.
        tags: Such as ``"us-gaap:Revenues"``; those the document lacks are left out of the answer.
        where: File or address, named in errors.

    Raises:
        EvidenceError: The document is too large, is no JSON, breaks the schema, says something twice, or holds another
            company.
    """
    if len(document) > MOST_BYTES:
        raise EvidenceError(f"{where}: {len(document):,} bytes; a companyfacts document has at most {MOST_BYTES:,}")
    try:
        company = _once(_DOCUMENT.decode(document), where)
    except _BROKEN as fault:
        raise EvidenceError(f"{where}: no companyfacts document: {fault}; fetch it again") from None
    _check_company(company.get("cik"), company.get("entityName"), entity, where)
    facts = company.get("facts")
    if not isinstance(facts, dict):
        raise EvidenceError(f"{where}: no companyfacts document: it has no facts; fetch it again")
    taxonomies = {name: _once(found, f"{where}, {name}") for name, found in _once(facts, where).items()}
    texts: dict[str, bytes] = {}
    numbers: dict[str, Mapping[str, list[Filed]]] = {}
    count = 0
    for tag in tags:
        taxonomy, _, name = tag.partition(":")
        raw = taxonomies.get(taxonomy, {}).get(name)
        if raw is not None:
            numbers[tag] = _numbers(raw, f"{where}, {tag}")
            texts[tag] = bytes(raw)
            count += sum(map(len, numbers[tag].values()))
            if count > MOST_NUMBERS:
                raise EvidenceError(f"{where}: {count:,} numbers and more; a filer has at most {MOST_NUMBERS:,}")
    _check_rows(texts, numbers, where)
    return numbers


def _numbers(raw: msgspec.Raw, where: str) -> dict[str, list[Filed]]:
    try:
        found = _once(_TAG.decode(raw), where).get("units")
    except _BROKEN as fault:
        raise EvidenceError(f"{where}: {fault}; fetch the document again") from None
    if not isinstance(found, dict):
        raise EvidenceError(f"{where}: no units; fetch the document again")
    units: dict[str, list[Filed]] = _once(found, where)
    for unit in units:
        if not unit.strip():
            raise EvidenceError(f"{where}: numbers without a unit; wanted one such as USD or shares")
    return units


def _check_rows(texts: Mapping[str, bytes], numbers: Mapping[str, Mapping[str, list[Filed]]], where: str) -> None:
    """Refuse a row that gives one of its keys twice: the first value would be hidden by the second.

    All keys of a document are counted at once, told apart by their last two letters. Only where that does not add up,
    for there are blanks or other keys like them, each is counted by itself.
    """
    letters = np.frombuffer(b"".join(texts.values()), np.uint8)
    colons = np.flatnonzero(letters == ord(":"))
    before = letters[colons - 1]
    closing = colons[before == ord('"')] - 1
    endings = letters[closing - 1].astype(np.int64) << 8 | letters[closing - 2]
    wanted = Counter[bytes]()
    for units in numbers.values():
        wanted.update(_keys_of(units))
    counted = {key: np.count_nonzero(endings == (key[-1] << 8 | key[-2])) for key in _ROW_KEYS}
    if counted == wanted and not (before <= ord(" ")).any():
        return
    for tag, units in numbers.items():
        for key, count in _keys_of(units).items():
            if len(re.findall(rb'"%b"\s*:' % key, texts[tag])) > count:
                raise EvidenceError(f"{where}, {tag}: a row has {key.decode()!r} twice; fetch the document again")


def _keys_of(units: Mapping[str, list[Filed]]) -> dict[bytes, int]:
    """How often each key of a row has to stand in the text of a tag."""
    keys = dict.fromkeys(_ROW_KEYS, sum(map(len, units.values())))
    keys[b"start"] -= sum([row.start for row in rows].count(None) for rows in units.values())
    return keys


def _once(found: dict[_Key, Any], where: str) -> dict[str, Any]:
    """The values by their keys.

    Raises:
        EvidenceError: A key stands twice: one of its values would hide the other.
    """
    plain = {key.text: value for key, value in found.items()}
    if len(plain) < len(found):
        twice = next(key for key, count in Counter(key.text for key in found).items() if count > 1)
        raise EvidenceError(f"{where}: the key {twice!r} stands twice; fetch the document again")
    return plain


def _check_company(cik: object, name: object, entity: Entity, where: str) -> None:
    digits = str(cik).strip() if isinstance(cik, int | str) else ""
    if not digits.isascii() or not digits.isdigit() or len(digits) > 10:
        raise EvidenceError(f"{where}: cik is {cik!r:.40}; wanted up to ten digits")
    if not isinstance(name, str):
        raise EvidenceError(f"{where}: entityName is {name!r:.40}; wanted the name of the company")
    found = f"{int(digits):010d}"
    names = (entity.name, *entity.entity_names)
    if (entity.cik and found != entity.cik) or not any(_same_company(known, name) for known in names):
        wanted = f"{entity.name!r} with CIK {entity.cik or '(unverified)'}"
        raise EvidenceError(
            f"{where}: holds {name!r:.80} with CIK {found}, wanted {wanted}; "
            f"fetch the right company's document or correct [{entity.slug}] in universe.toml"
        )


def _same_company(expected: str, found: str) -> bool:
    """Whether the first word of the name we know stands in the name that the document gives."""
    words, wanted = _words(found), _words(expected)
    return bool(wanted) and (wanted[0] in words or "".join(words).startswith("".join(wanted)))


def _words(name: str) -> list[str]:
    return _NOT_A_LETTER.sub(" ", name.lower()).split()
