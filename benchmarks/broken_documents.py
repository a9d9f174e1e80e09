"""What may break in a companyfacts document: bytes lost, changed and repeated, and numbers that say something else."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator
from typing import Any


def mutated(document: bytes, chance: random.Random) -> tuple[bytes, str]:
    """The document with one to three things broken, and what they were."""
    struck = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        strike = chance.choice(_STRIKES)
        try:
            document = strike(document, chance)
            struck.append(strike.__name__.strip("_"))
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            document = _flip(document, chance)  # broken beyond structure by the strike before
            struck.append("flip")
    return document, " and ".join(struck)


# --- Strikes at bytes


def _flip(document: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(document) + 1)
    return document[:place] + bytes([chance.randrange(256)]) + document[place + 1 :]


def _digit(document: bytes, chance: random.Random) -> bytes:
    digits = [
        place
        for place in chance.sample(range(len(document)), min(200, len(document)))
        if chr(document[place]).isdigit()
    ]
    place = chance.choice(digits)
    return document[:place] + str(chance.randrange(10)).encode() + document[place + 1 :]


def _cut_out(document: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(document))
    return document[:place] + document[place + chance.randrange(1, 200) :]


def _say_again(document: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(document))
    return document[: place + chance.randrange(1, 300)] + document[place:]


def _truncate(document: bytes, chance: random.Random) -> bytes:
    return document[: chance.randrange(len(document))]


def _put_in(document: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(document))
    return document[:place] + chance.choice(_ODD) + document[place:]


def _twice(document: bytes, chance: random.Random) -> bytes:
    """A key with another value before or behind it."""
    keys = (b'"val":', b'"end":"', b'"filed":"', b'"accn":"', b'"USD":[', b'"units":{', b'"Revenues":{', b'"us-gaap":{')
    key = chance.choice([key for key in keys if key in document])
    place = chance.choice([at for at in _places(document, key)])
    value = {b":": b"1,", b'"': b'2020-01-01",', b"[": b"],", b"{": b"},"}[key[-1:]]
    return document[:place] + key + value + document[place:]


def _places(document: bytes, key: bytes) -> Iterator[int]:
    place = document.find(key)
    while place >= 0:
        yield place
        place = document.find(key, place + 1)


_ODD = (
    b"NaN",
    b"1e999",
    b"-",
    b"null",
    b'"',
    b"\\",
    b"{}",
    b"[[[[",
    b"\xff",
    b"\x00",
    b"0",
    b"000",
    b",",
    b"e5",
    b"\xef\xbb\xbf",
)

# --- Strikes at the structure


def _structural(change: Callable[[dict[str, Any], random.Random], None]) -> Callable[[bytes, random.Random], bytes]:
    def strike(document: bytes, chance: random.Random) -> bytes:
        company = json.loads(document)
        change(company, chance)
        return json.dumps(company, separators=(",", ":")).encode()

    strike.__name__ = change.__name__
    return strike


def _rows(company: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    tag = chance.choice(list(company["facts"]["us-gaap"].values()))
    rows: list[dict[str, Any]] = chance.choice(list(tag["units"].values()))
    return rows


def _any_row(company: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return chance.choice(_rows(company, chance))


@_structural
def _scale(company: dict[str, Any], chance: random.Random) -> None:
    _any_row(company, chance)["val"] *= chance.choice((1e-6, 1e-3, 0.1, 10, 1e3, 1e6, 1e9))


@_structural
def _scale_report(company: dict[str, Any], chance: random.Random) -> None:
    accession, factor = _any_row(company, chance)["accn"], chance.choice((1e-6, 1e-3, 1e3, 1e6))
    for tag in company["facts"]["us-gaap"].values():
        for row in (row for rows in tag["units"].values() for row in rows):
            row["val"] *= factor if row["accn"] == accession else 1


@_structural
def _value(company: dict[str, Any], chance: random.Random) -> None:
    row = _any_row(company, chance)
    row["val"] = chance.choice(
        (0, -row["val"], row["val"] + 1, row["val"] * 1.03, None, "12", True, [], 1e19, 10**30, 1e-300)
    )


@_structural
def _date(company: dict[str, Any], chance: random.Random) -> None:
    row = _any_row(company, chance)
    part = chance.choice([part for part in ("start", "end", "filed") if part in row])
    day = dt.date.fromisoformat(row[part]) + dt.timedelta(
        days=chance.choice((-1, 1, 3, -8, 30, -91, 91, 365, -365, 9000, -9000))
    )
    row[part] = chance.choice(
        (f"{day}", f"{day}", f"{day}", "2024-02-30", "0001-01-01", "9999-12-31", "", None, 20240101)
    )


@_structural
def _accession(company: dict[str, Any], chance: random.Random) -> None:
    row, other = _any_row(company, chance), _any_row(company, chance)
    row["accn"] = chance.choice((other["accn"], other["accn"], "0000000009-21-000009", "", "x", None, 7))


@_structural
def _form(company: dict[str, Any], chance: random.Random) -> None:
    _any_row(company, chance)["form"] = chance.choice(("10-K", "10-Q", "DEF 14A", "20-F", "8-K", "", None))


@_structural
def _leave_out(company: dict[str, Any], chance: random.Random) -> None:
    rows = _rows(company, chance)
    del rows[chance.randrange(len(rows))]


@_structural
def _leave_out_part(company: dict[str, Any], chance: random.Random) -> None:
    row = _any_row(company, chance)
    del row[chance.choice(list(row))]


@_structural
def _repeat(company: dict[str, Any], chance: random.Random) -> None:
    rows = _rows(company, chance)
    row = dict(chance.choice(rows))
    row["val"] *= chance.choice((1, 1.1, 2, 1000, -1))
    rows.insert(chance.randrange(len(rows) + 1), row)


@_structural
def _shuffle(company: dict[str, Any], chance: random.Random) -> None:
    chance.shuffle(_rows(company, chance))


@_structural
def _swap_values(company: dict[str, Any], chance: random.Random) -> None:
    rows = _rows(company, chance)
    one, other = chance.choice(rows), chance.choice(rows)
    one["val"], other["val"] = other["val"], one["val"]


@_structural
def _unit(company: dict[str, Any], chance: random.Random) -> None:
    units = chance.choice(list(company["facts"]["us-gaap"].values()))["units"]
    unit = chance.choice(list(units))
    rows = units[unit]
    new = chance.choice(("EUR", "", "usd", "shares", "USD/shares", "CNY"))
    half = chance.choice((0, len(rows) // 2, len(rows) - 1))
    units[unit], units[new] = rows[:half], [*units.get(new, []), *rows[half:]]


@_structural
def _tag(company: dict[str, Any], chance: random.Random) -> None:
    facts = company["facts"]["us-gaap"]
    name = chance.choice(list(facts))
    facts[chance.choice(("Revenues", "SalesRevenueNet", "GrossProfit", "Assets", "Nothing"))] = facts.pop(name)


@_structural
def _company(company: dict[str, Any], chance: random.Random) -> None:
    company[chance.choice(("cik", "entityName", "facts"))] = chance.choice((None, 7, "7", "Nobody Inc", [], {}))


@_structural
def _context(company: dict[str, Any], chance: random.Random) -> None:
    """A year under the dates of its last quarter, or a number under those of another row."""
    rows = _rows(company, chance)
    one, other = chance.choice(rows), chance.choice(rows)
    one["end"] = other["end"]
    if "start" in one and "start" in other:
        one["start"] = other["start"]


_STRIKES = (
    _flip, _flip, _digit, _digit, _digit, _cut_out, _say_again, _truncate, _put_in, _twice,
    _scale, _scale_report, _value, _date, _date, _accession, _form, _leave_out, _leave_out_part, _repeat, _shuffle,
    _swap_values, _unit, _tag, _company, _context,
)  # fmt: skip
