"""What a source hands over: one document as it came, and every row and finding read from it.

Nothing is fetched, judged or written here; these are the nouns that downloads, sources and the local store share.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headrace.evidence.findings import Finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Document:
    """Bytes as a server gave them, decompressed, and where and when they came from.

    ``url`` holds no secret. ``retrieved`` is UTC, the moment these bytes arrived, not that of a later "not modified".
    ``from_cache`` says that they were here already: the server confirmed them, or nobody was asked.
    """

    content: bytes = field(repr=False)
    url: str
    sha256: str
    retrieved: dt.datetime
    etag: str = ""
    last_modified: str = ""
    from_cache: bool = False


@dataclass(frozen=True)
class Batch:
    """Everything one document says, ready to append.

    ``table`` is "facts" or "closes"; ``source`` one of the fetchable sources; ``item`` what the source calls one thing
    to fetch (entity slug, series id, ticker), of ``a-z 0-9 _ . -``. ``filings`` are the reports that the document
    lists, by accession number; a later document of the item that lacks one of them is refused. Leave it empty where
    the source has no such list.
    """

    table: str
    source: str
    item: str
    rows: pd.DataFrame
    findings: tuple[Finding, ...]
    document: Document
    filings: frozenset[str] = frozenset()
