"""EDGAR as a source: every figure a company has tagged, one companyfacts document a company.

A company whose filer number is not in the universe is looked up by its ticker among those of the SEC; whether a
document is that of the company asked for is checked where it is read.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

import msgspec

from headrace.errors import EvidenceError, near_matches, unknown_name
from headrace.evidence import universe
from headrace.evidence.batch import Batch
from headrace.evidence.download.addresses import base_url
from headrace.evidence.download.client import Downloader
from headrace.evidence.filings.quarters import RULES as RULES
from headrace.evidence.filings.quarters import facts_of
from headrace.evidence.universe import NO_FILER_ROLES, Entity

MOST_BYTES = 128 * 2**20
"""The largest companyfacts documents have some 20 MB."""

_ACCESSION = re.compile(rb'"accn"\s*:\s*"(\d{10}-\d{2}-\d{6})"')


class _Company(msgspec.Struct):
    cik_str: int
    ticker: str
    title: str


def items(names: Sequence[str]) -> list[str]:
    """Whose documents to fetch.

    Args:
        names: Tickers or slugs of the universe; all that file with the SEC when empty.

    Returns:
        Slugs, each once.

    Raises:
        UnknownNameError: No entity has such a ticker or slug.
        EvidenceError: A named one is a fund, which files no accounts.
    """
    entities = universe.load()
    filers = [slug for slug, entity in entities.items() if entity.role not in NO_FILER_ROLES]
    if not names:
        return filers
    by_ticker = {entity.ticker: slug for slug, entity in entities.items()}
    found: dict[str, None] = {}
    for name in names:
        slug = name if name in entities else by_ticker.get(name.upper().replace("/", "."))
        if slug is None:
            raise unknown_name("ticker or entity", name, [*entities, *by_ticker])
        if slug not in filers:
            entity = entities[slug]
            raise EvidenceError(f"{name}: {entity.name} is a fund and files no accounts; its prices are a source apart")
        found[slug] = None
    return list(found)


def read(item: str, downloader: Downloader) -> Batch:
    """Fetch one company's document and take its figures.

    Args:
        item: Slug of the entity.
        downloader: Fetches.

    Raises:
        FetchError: The document could not be fetched.
        EvidenceError: It is that of another company, or breaks its schema; or the SEC knows no such ticker.
    """
    entity = _with_filer_number(universe.load()[item], downloader)
    url = f"{base_url('HEADRACE_SEC_URL')}/api/xbrl/companyfacts/CIK{entity.cik}.json"
    document = downloader.get(url, max_bytes=MOST_BYTES)
    rows, findings = facts_of(document.content, entity, url, document.retrieved.date())
    filings = frozenset(number.decode() for number in _ACCESSION.findall(document.content))
    return Batch("facts", "edgar", item, rows, findings, document, filings)


def _with_filer_number(entity: Entity, downloader: Downloader) -> Entity:
    if entity.cik:
        return entity
    url = f"{base_url('HEADRACE_SEC_WWW_URL')}/files/company_tickers.json"
    document = downloader.get(url, once=True)
    try:
        companies = msgspec.json.decode(document.content, type=dict[str, _Company]).values()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise EvidenceError(f"{url}: no list of companies: {fault}; fetch it again") from None
    by_ticker = {company.ticker.upper(): company for company in companies}
    company = by_ticker.get(entity.ticker.replace(".", "-"))
    if company is None or not 0 < company.cik_str < 10**10:
        close = ", ".join(near_matches(entity.ticker, by_ticker)) or "none"
        raise EvidenceError(
            f"{url}: no company has the ticker {entity.ticker!r} of [{entity.slug}]; near: {close}. Either it does not "
            "file with the SEC, or universe.toml lacks its cik"
        )
    return dataclasses.replace(entity, cik=f"{company.cik_str:010d}")
