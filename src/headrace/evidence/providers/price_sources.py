"""Daily closes from a vendor, with the key of whoever asks. A second vendor is one more small class in ``VENDORS``.

An empty answer and an error with the look of an answer are errors: nobody gets an empty table.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

from headrace.errors import EvidenceError, FetchError, unknown_name
from headrace.evidence import universe
from headrace.evidence.batch import Batch
from headrace.evidence.download.addresses import base_url
from headrace.evidence.providers.closes import rows_of_closes
from headrace.evidence.providers.csv_document import number, read_lines, shown

if TYPE_CHECKING:
    from headrace.evidence.download.client import Downloader

BASE_URL = "HEADRACE_PRICES_URL"
VENDOR = "HEADRACE_PRICES_VENDOR"

FIRST_DAY = "1990-01-01"
"""Asked for from here on: one address a ticker, so that a copy can be confirmed and need not come again."""


class Vendor(ABC):
    """Who sells closes: where to ask, what to ask, and how to read the answer."""

    address: ClassVar[str]
    key_setting: ClassVar[str]
    sign_up: ClassVar[str]
    source_id: ClassVar[str]
    quality: ClassVar[str]
    page: ClassVar[str]

    @abstractmethod
    def question(self, ticker: str, key: str) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
        """Path, parameters, and parameters that nobody may see."""

    @abstractmethod
    def answer(self, content: bytes, where: str) -> list[tuple[dt.date, float]]:
        """Day and adjusted close [USD per share].

        Args:
            content: What came.
            where: Named in errors.

        Raises:
            EvidenceError: It is no list of prices.
        """


@final
class Tiingo(Vendor):
    """End-of-day prices of Tiingo, adjusted for splits and dividends; JSON, or CSV from a mirror."""

    address = "https://api.tiingo.com"
    key_setting = "TIINGO_API_KEY"
    sign_up = "https://www.tiingo.com"
    source_id = "tiingo_closes"
    quality = "B"
    page = "https://www.tiingo.com/documentation/end-of-day"

    def question(self, ticker: str, key: str) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
        """A class of shares is written with a hyphen; the key goes apart."""
        path = f"tiingo/daily/{ticker.lower().replace('.', '-')}/prices"
        return path, {"startDate": FIRST_DAY, "format": "json"}, {"token": key}

    def answer(self, content: bytes, where: str) -> list[tuple[dt.date, float]]:
        """``date`` and ``adjClose`` of each row."""
        if content.lstrip()[:4].lower() == b"date":
            _, lines = read_lines(content, where, ["date", "adjClose"])
            rows: list[Mapping[str, Any]] = [line.cells for line in lines]
        else:
            rows = self._objects(content, where)
        found = []
        for place, row in enumerate(rows):
            here = f"{where}, row {place}"
            close = number(str(row.get("adjClose")), f"{here}, adjClose")
            if close is None:
                raise EvidenceError(f"{here}: no adjClose")
            found.append((_day(row.get("date"), here), close))
        return found

    def _objects(self, content: bytes, where: str) -> list[Mapping[str, Any]]:
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            text = content[:200].decode("utf-8", errors="replace").strip()
            raise EvidenceError(f"{where}: no prices came but {shown(text)}; check the ticker and the key") from None
        if isinstance(answer, dict):
            raise EvidenceError(f"{where}: {shown(str(answer.get('detail', answer)))}; check the ticker and the key")
        if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
            raise EvidenceError(f"{where}: {shown(str(answer))} is no list of prices")
        return answer


VENDORS: dict[str, Vendor] = {"tiingo": Tiingo()}


def items(names: Sequence[str]) -> list[str]:
    """The tickers to fetch, in small letters.

    Args:
        names: Tickers in any case, or slugs of entities; everyone in the universe when empty.

    Raises:
        UnknownNameError: Nobody in the universe has that ticker or slug.
    """
    entities = universe.load()
    known = {entity.ticker.lower(): entity.ticker for entity in entities.values()}
    known |= {slug: entity.ticker for slug, entity in entities.items() if slug not in known}
    for name in names:
        if name.lower() not in known:
            raise unknown_name("ticker", name, [entity.ticker for entity in entities.values()])
    wanted = [known[name.lower()] for name in names] or [entity.ticker for entity in entities.values()]
    return [ticker.lower() for ticker in dict.fromkeys(wanted)]


def read(item: str, downloader: Downloader) -> Batch:
    """Fetch every close of one ticker from the vendor that ``HEADRACE_PRICES_VENDOR`` names, Tiingo when it names none.

    Args:
        item: A ticker in small letters.
        downloader: Who asks.

    Raises:
        EvidenceError: The answer is empty, an error, or holds what cannot be a close.
        FetchError: It could not be fetched, or the key is not set.
    """
    name = os.environ.get(VENDOR, "").strip().lower() or "tiingo"
    if name not in VENDORS:
        raise unknown_name("vendor of prices", name, VENDORS, VENDOR)
    vendor, ticker = VENDORS[name], item.upper()
    key = os.environ.get(vendor.key_setting, "").strip()
    if not key:
        raise FetchError(
            f"{ticker}: {vendor.key_setting} is not set; get a key at {vendor.sign_up}, or import a file of closes"
        )
    path, params, secret_params = vendor.question(ticker, key)
    base = base_url(BASE_URL) if os.environ.get(BASE_URL) else vendor.address
    document = downloader.get(f"{base}/{path}", params=params, secret_params=secret_params)
    where = f"{name}, {ticker}"
    rows, findings = rows_of_closes(
        vendor.answer(document.content, where),
        ticker,
        adjusted=True,
        quality=vendor.quality,
        source_id=vendor.source_id,
        locator=vendor.page,
        seen=document.retrieved.date(),
        where=where,
    )
    return Batch("closes", "prices", item, rows, tuple(findings), document)


def _day(value: object, where: str) -> dt.date:
    text = str(value)[:10]
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise EvidenceError(f"{where}: {shown(str(value))} is no day; wanted YYYY-MM-DD") from None
