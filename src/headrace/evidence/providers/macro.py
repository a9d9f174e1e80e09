"""Money, prices and power: the series of ``data/series.toml``, fetched from FRED and the energy statistics (EIA).

A series has no filings: the day from which a figure counts is estimated and badged, and a revised series shows today's
values at any past date. Both are said in the findings.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headrace.errors import EvidenceError, FetchError, unknown_name
from headrace.evidence.batch import Batch, Document
from headrace.evidence.download.addresses import base_url
from headrace.evidence.findings import Finding
from headrace.evidence.providers import eia, fred, series
from headrace.evidence.providers.observations import facts_rows
from headrace.evidence.providers.series import EiaSeries, FredSeries

if TYPE_CHECKING:
    from headrace.evidence.download.client import Downloader

EIA_KEY = "EIA_API_KEY"


def items(names: Sequence[str]) -> list[str]:
    """The series to fetch.

    Args:
        names: Slugs of ``series.toml`` in any case, such as ``"DGS10"``; all series when empty.

    Raises:
        UnknownNameError: There is no such series.
    """
    known = series.load()
    for name in names:
        if name.lower() not in known:
            raise unknown_name("series", name, known)
    return [name.lower() for name in names] or list(known)


def read(item: str, downloader: Downloader) -> Batch:
    """Fetch one series and read it.

    Args:
        item: Slug of a series.
        downloader: Who asks.

    Raises:
        EvidenceError: The answer is not the series that was asked for, or breaks its schema.
        FetchError: It could not be fetched, or its key is not set.
    """
    wanted = series.load()[item]
    if isinstance(wanted, FredSeries):
        document = downloader.get(f"{base_url('HEADRACE_FRED_URL')}/graph/fredgraph.csv", params={"id": wanted.series})
        seen, where = document.retrieved.date(), f"FRED, {wanted.series}"
        observed = fred.observations(document.content, wanted, seen, where)
    else:
        document, rows = _all_pages(wanted, downloader)
        seen, where = document.retrieved.date(), f"EIA, {wanted.slug}"
        observed = list(eia.observations(rows, wanted, seen, where))
    return Batch("facts", "macro", item, facts_rows(observed, where), _findings(wanted), document)


def _all_pages(wanted: EiaSeries, downloader: Downloader) -> tuple[Document, list[Mapping[str, Any]]]:
    """Every row of an answer, and its pages as one document."""
    key = os.environ.get(EIA_KEY, "").strip()
    if not key:
        raise FetchError(
            f"EIA, {wanted.slug}: {EIA_KEY} is not set; a key is free at https://www.eia.gov/opendata/register.php"
        )
    url = f"{base_url('HEADRACE_EIA_URL')}/v2/{wanted.route}/data/"
    pages: list[Document] = []
    rows: list[Mapping[str, Any]] = []
    total = -1
    while total < 0 or len(rows) < total:
        where = f"EIA, {wanted.slug}, from row {len(rows):,}"
        page = downloader.get(url, params=eia.parameters(wanted, len(rows)), secret_params={"api_key": key})
        count, some = eia.page_rows(page.content, wanted, where)
        if total not in (-1, count):
            raise EvidenceError(f"{where}: {count:,} rows in all, {total:,} a page before; ask again")
        if not some and len(rows) < count:
            raise EvidenceError(f"{where}: an empty page before the end of {count:,} rows; ask again")
        total = count
        pages.append(page)
        rows += some
    if len(rows) > total:
        raise EvidenceError(f"EIA, {wanted.slug}: {len(rows):,} rows came where {total:,} were said to be; ask again")
    content = b"\n".join(page.content for page in pages)
    return replace(
        pages[-1],
        content=content,
        url=url,
        sha256=hashlib.sha256(content).hexdigest(),
        from_cache=all(page.from_cache for page in pages),
    ), rows


def _findings(wanted: FredSeries | EiaSeries) -> tuple[Finding, ...]:
    entity, concept = (
        (wanted.entity, wanted.concept) if isinstance(wanted, FredSeries) else ("", wanted.column[0].concept)
    )
    text = f"counted from {wanted.lag_days} days after the period, the usual delay of publication"
    if wanted.revised:
        text += "; old values are revised, and a view as of a past date shows those of the day of fetching"
    return (Finding("estimated_filing_date", entity, concept, wanted.slug, text),)
