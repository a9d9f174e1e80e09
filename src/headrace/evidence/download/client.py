"""The polite client, and the only file that speaks HTTP: one document for one address, whole, or an error saying why.

Hosts are asked at a walking pace, a copy is asked about before it is fetched again, and what a server may do (redirect,
stall, send too much, send a page) has a limit. Secrets go into the request and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx2
import stamina

from headrace.errors import FetchError
from headrace.evidence.batch import Document
from headrace.evidence.download.addresses import check_url, is_loopback
from headrace.evidence.download.answers import (
    REDIRECTS,
    PassingError,
    RefusedError,
    UnreachableError,
    fault_of,
    shown,
    user_agent,
)
from headrace.evidence.download.body import Unpacked, check_document
from headrace.evidence.download.document_cache import DocumentCache
from headrace.evidence.download.pace import Pace
from headrace.evidence.download.stopwatch import Stopwatch

REQUESTS_PER_SECOND = 9.0
"""To one host; the SEC allows ten, and requests may bunch on their way."""

ATTEMPTS = 5
MOST_BYTES = 64 * 2**20
TOTAL_SECONDS = 120.0
TIMEOUTS = {"connect": 10.0, "read": 30.0, "write": 10.0, "pool": 30.0}
LONGEST_BACKOFF = 30.0
MOST_REDIRECTS = 5
GIVE_UP_AFTER = 5
"""A host that refused so many documents in a row, or could not be reached for them, is not asked again."""

_SECRET_NAMES = {"api_key", "apikey", "api_token", "token", "access_token", "key", "secret", "password"}

# A retry is our business and no warning to the user; whoever has set up logging still hears of it.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class _Request:
    """What to ask for: ``address`` is shown and kept, ``url`` is it with the secrets."""

    url: httpx2.URL
    address: str
    headers: Mapping[str, str]
    max_bytes: int
    known: Document | None


class Downloader:
    """Fetches documents, and keeps them in a cache. Threads may share one."""

    def __init__(
        self,
        cache: Path,
        *,
        offline: bool = False,
        attempts: int = ATTEMPTS,
        first_backoff: float = 0.5,
        total_seconds: float = TOTAL_SECONDS,
        requests_per_second: float = REQUESTS_PER_SECOND,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            cache: Folder of the cache; made when it is needed.
            offline: Ask nobody; only what is in the cache.
            attempts: How often a document is asked for while the faults may pass.
            first_backoff: Wait after the first such fault [s]; it doubles each time.
            total_seconds: Limit for one answer, from the connection to its last byte [s].
            requests_per_second: To one host at the most.
            clock: Seconds since 1970.
            sleep: Waits so many seconds; a wait that :meth:`stop` ends when left out.
        """
        self._cache = DocumentCache(cache)
        self._pace = Pace(cache / "pace", requests_per_second, clock, sleep or self._wait)
        self._offline, self._attempts, self._first_backoff = offline, attempts, first_backoff
        self._total_seconds, self._clock = total_seconds, clock
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._running: set[Stopwatch] = set()
        self._confirmed: set[str] = set()
        self._refusals: dict[str, int] = {}
        self._transports: dict[str, httpx2.HTTPTransport] = {}

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] = {},
        secret_params: Mapping[str, str] = {},
        max_bytes: int = MOST_BYTES,
        once: bool = False,
    ) -> Document:
        """The document at an address: from the server, or from the cache where the server says that it is the same.

        Args:
            url: https, or http on this machine.
            params: Added to the query.
            secret_params: Added to the query of the request; never part of an error, a name in the cache or a log.
            max_bytes: Limit for what is sent and for what it unpacks to.
            once: Ask the server no more than once in the life of this downloader.

        Raises:
            FetchError: No document; the text says what happened and what to do about it.
        """
        bare = _address(url, params)
        address = str(bare)
        known = self._cache.find(address)
        if known is not None and (self._offline or (once and address in self._confirmed)):
            return known
        if self._offline:
            raise FetchError(f"{address}: offline, and no copy of it is here; fetch it once without --offline")
        request = _Request(
            url=bare.copy_merge_params(dict(secret_params)),
            address=address,
            headers=_headers(address, known),
            max_bytes=max_bytes,
            known=known,
        )
        try:
            found = self._persistently(request)
        except FetchError as fault:
            raise FetchError(_without(secret_params, str(fault))) from None
        if found is not known:
            self._cache.keep(found)
        self._confirmed.add(address)
        return found

    def stop(self) -> None:
        """End every request that is on its way and begin no other: for who will not wait."""
        self._stopped.set()
        with self._lock:
            running = list(self._running)
        for watch in running:
            watch.cut()

    def _persistently(self, request: _Request) -> Document:
        host = request.url.netloc.decode("ascii")
        if self._refusals.get(host, 0) >= GIVE_UP_AFTER:
            raise FetchError(
                f"{request.address}: not asked, for {host} has refused the last {GIVE_UP_AFTER} documents or could not "
                "be reached; the first of those errors says why"
            )
        try:
            found = self._retried(request, host)
        except (RefusedError, UnreachableError):
            with self._lock:
                self._refusals[host] = self._refusals.get(host, 0) + 1
            raise
        with self._lock:
            self._refusals[host] = 0
        return found

    def _retried(self, request: _Request, host: str) -> Document:
        attempts = stamina.retry_context(
            on=lambda fault: 0.0 if isinstance(fault, PassingError) else False,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._first_backoff,
            wait_max=LONGEST_BACKOFF,
            wait_jitter=0.0,
        )
        try:
            for attempt in attempts:
                with attempt:
                    try:
                        return self._followed(request)
                    except PassingError as fault:
                        # All who ask this host wait, not this request alone: they would meet the same.
                        if attempt.num < self._attempts:
                            self._pace.hold(host, attempt.next_wait if fault.wait is None else fault.wait)
                        raise
        except PassingError as fault:
            raise type(fault)(f"{fault}; asked {self._attempts} times, try again later") from None
        raise AssertionError("a retry ends with a document or an error")

    def _followed(self, request: _Request) -> Document:
        url = request.url
        for _ in range(MOST_REDIRECTS + 1):
            found = self._exchange(url, request)
            if isinstance(found, Document):
                return found
            url = _redirected(url, found, request.address)
        raise FetchError(f"{request.address}: more than {MOST_REDIRECTS} redirects; the address leads nowhere")

    def _exchange(self, url: httpx2.URL, request: _Request) -> Document | str:
        """One question and its answer: a document, or the address to ask instead."""
        self._pace.wait(url.netloc.decode("ascii"))
        with Stopwatch(self._total_seconds) as watch:
            with self._lock:
                self._running.add(watch)
            try:
                if self._stopped.is_set():
                    raise FetchError("not begun")
                extensions = {"timeout": TIMEOUTS, "trace": watch.trace}
                sent = httpx2.Request("GET", url, headers=dict(request.headers), extensions=extensions)
                response = self._transport(url).handle_request(sent)
                try:
                    response.request = sent
                    found = self._answer(response, request)
                finally:
                    response.close()
                if watch.is_over:  # a body without a stated length ends where the connection was cut
                    raise httpx2.ReadTimeout("cut")
                return found
            except (httpx2.TransportError, FetchError) as fault:
                raise self._broken(fault, watch, request.address) from None
            finally:
                with self._lock:
                    self._running.discard(watch)

    def _answer(self, response: httpx2.Response, request: _Request) -> Document | str:
        status, headers, known = response.status_code, response.headers, request.known
        if status == 200:
            return self._received(response, request)
        if status == 304 and known is not None and (known.etag or known.last_modified):
            return known
        if status in REDIRECTS:
            return str(headers.get("Location", ""))
        raise fault_of(status, headers.get("Retry-After", ""), request.address, self._clock())

    def _received(self, response: httpx2.Response, request: _Request) -> Document:
        headers, address = response.headers, request.address
        unpacked = Unpacked(headers.get("Content-Encoding", ""), request.max_bytes, address)
        unpacked.expect(headers.get("Content-Length", ""))
        for chunk in response.iter_raw():
            unpacked.add(chunk)
        content = unpacked.whole()
        check_document(content, headers.get("Content-Type", ""), address, request.url.path.endswith(".json"))
        return Document(
            content=content,
            url=address,
            sha256=hashlib.sha256(content).hexdigest(),
            retrieved=dt.datetime.fromtimestamp(self._clock(), dt.UTC),
            etag=_sendable(headers.get("ETag", "")),
            last_modified=_sendable(headers.get("Last-Modified", "")),
        )

    def _broken(self, fault: httpx2.TransportError | FetchError, watch: Stopwatch, address: str) -> FetchError:
        """What is to be said of a fault; whatever a cut connection looks like, the cut was the cause."""
        said = shown(str(fault) or type(fault).__name__)
        if self._stopped.is_set():
            return FetchError(f"{address}: given up, for the fetch was stopped")
        if watch.is_over:
            return FetchError(f"{address}: took longer than {self._total_seconds:g} s; try again when it is quicker")
        if isinstance(fault, FetchError):
            return fault
        if isinstance(fault, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            return UnreachableError(f"{address}: cannot be reached: {said}; check the network and the address")
        return PassingError(f"{address}: broke off: {said}")

    def _transport(self, url: httpx2.URL) -> httpx2.HTTPTransport:
        """The way to a host: straight, or through the proxy that the environment names."""
        proxy = ""
        if not is_loopback(url.host) and not urllib.request.proxy_bypass(url.host):
            proxies = urllib.request.getproxies()
            proxy = proxies.get(url.scheme) or proxies.get("all") or ""
        with self._lock:
            if proxy not in self._transports:
                # No connection is kept: each is new, so that the stopwatch knows which one to cut.
                limits = httpx2.Limits(max_keepalive_connections=0)
                try:
                    self._transports[proxy] = httpx2.HTTPTransport(limits=limits, proxy=proxy or None)
                except (ImportError, ValueError, httpx2.InvalidURL) as fault:
                    raise FetchError(
                        f"the proxy that the environment names cannot be used: {shown(str(fault))}"
                    ) from None
            return self._transports[proxy]

    def _wait(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise FetchError("not fetched, for the fetch was stopped")


def _address(url: str, params: Mapping[str, str]) -> httpx2.URL:
    """The address with its query, checked, without secrets."""
    check_url(url)
    try:
        address = httpx2.URL(url).copy_merge_params(dict(params)).copy_with(fragment=None)
    except httpx2.InvalidURL as fault:
        raise FetchError(f"no address: {shown(str(fault))}; wanted https://host/path") from None
    check_url(str(address))
    for name in address.params:
        if name.lower() in _SECRET_NAMES:
            raise FetchError(f"{address.host}: {name!r} stands in the open part of the address; give it as a secret")
    return address


def _headers(address: str, known: Document | None) -> dict[str, str]:
    headers = {"User-Agent": user_agent(address), "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}
    if known is not None and known.etag:
        headers["If-None-Match"] = known.etag
    if known is not None and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _redirected(url: httpx2.URL, location: str, address: str) -> httpx2.URL:
    """Where a redirect leads, if it may lead there: the same host, and never from https to http."""
    try:
        target = url.join(location)
        check_url(str(target))
    except (FetchError, httpx2.InvalidURL):
        raise FetchError(f"{address}: redirects to {shown(location)!r}, which may not be asked; refused") from None
    upgraded = (url.scheme, target.scheme) == ("http", "https")
    same_place = target.host == url.host and (upgraded or (target.scheme, target.port) == (url.scheme, url.port))
    if not location or not same_place:
        raise FetchError(
            f"{address}: redirects to {shown(location)!r}, another place; refused. "
            "If the source has moved, set its address anew"
        )
    return target


def _without(secrets: Mapping[str, str], text: str) -> str:
    written = {form(value) for value in secrets.values() if value for form in (str, quote, quote_plus)}
    for secret in sorted(written, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _sendable(header: str) -> str:
    """A header that may be sent back as it is; empty where it may not."""
    return header if len(header) <= 256 and header.isascii() and header.isprintable() else ""
