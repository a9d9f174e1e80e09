"""One small future for every unit test that reads one, strict arithmetic wherever a test computes with JAX, and a
server on this machine for every test that fetches.

Each shape of a run costs a compilation, so tests share one number of draws and of quarters.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

DRAWS, QUARTERS = 64, 40


@pytest.fixture(scope="module", autouse=True)
def strict_numerics(request: pytest.FixtureRequest) -> Iterator[None]:
    """Files that import ``jax.numpy`` run in 64-bit and fail on a broadcast that nobody wrote down."""
    if "jnp" not in vars(request.module):
        yield
        return
    import jax

    with jax.enable_x64(True), jax.numpy_rank_promotion("raise"):
        yield


@pytest.fixture(scope="session")
def past() -> Any:
    from headrace import service

    return service.history()


@pytest.fixture(scope="session")
def future() -> Any:
    """The baseline, 64 draws; tests that change it change a copy."""
    from headrace import service

    return service.simulate("baseline", draws=DRAWS, quarters=QUARTERS)


@dataclass
class Answer:
    """What the loopback server says once; ``play`` writes to the connection by hand instead."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    play: Callable[[Any], None] | None = None


class Loopback:
    """A server on this machine that says what a test tells it to, good or bad, and remembers who asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._lock = threading.Lock()
        self.closing = threading.Event()
        loopback = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                loopback.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that hangs up is what some tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def says(self, path: str, *answers: Answer | bytes) -> str:
        """The answers to one question after the other, the last one for ever; the address."""
        self.answers[path] = [Answer(answer) if isinstance(answer, bytes) else answer for answer in answers]
        return self.url + path

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def answer(self, handler: Any) -> None:
        path = handler.path.partition("?")[0]
        with self._lock:
            self.asked.append((handler.path, {name.lower(): value for name, value in handler.headers.items()}))
            left = self.answers.get(path, [Answer(b"no such page", 404)])
            answer = left.pop(0) if len(left) > 1 else left[0]
        if answer.play is not None:
            answer.play(handler)
            return
        etag = answer.headers.get("ETag")
        same = etag is not None and handler.headers.get("If-None-Match") == etag and answer.status == 200
        body = b"" if same else answer.body
        handler.send_response(304 if same else answer.status)
        for name, value in {"Content-Length": str(len(body)), **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """The server; the sources that a fetch may ask are set to it, and somebody can be written to."""
    server = Loopback()
    for setting in ("SEC", "SEC_WWW", "FRED", "EIA", "EPOCH", "PRICES"):
        monkeypatch.setenv(f"HEADRACE_{setting}_URL", server.url)
    monkeypatch.setenv("HEADRACE_CONTACT", "Jane Doe jane@example.org")
    yield server
    server.close()


@pytest.fixture
def says() -> type[Answer]:
    """An answer of the loopback server."""
    return Answer


@pytest.fixture
def facts_of_one() -> Callable[..., Any]:
    """Rows of the facts table for one concept of one entity, a quarter each, the same but for what a test changes."""
    import pandas as pd

    def rows(ends: list[str], **changed: Any) -> Any:
        end = pd.to_datetime(pd.Series(ends))
        usual: dict[str, Any] = {
            "entity": "microsoft",
            "concept": "revenue",
            "period_start": end - pd.Timedelta(days=91),
            "period_end": end,
            "calendar_quarter": [f"{day.year}Q{day.quarter}" for day in end],
            "value": 1e9,
            "unit": "USD",
            "status": "reported",
            "quality": "A",
            "source_id": "sec_companyfacts",
            "locator": "0000000001-26-000001",
            "filed": end + pd.Timedelta(days=30),
            "filed_estimated": False,
            "first_value": 1e9,
            "derivation": "",
            "tag": "us-gaap:Revenues",
        }
        return pd.DataFrame({**usual, **changed})

    return rows


@pytest.fixture
def batch(facts_of_one: Callable[..., Any]) -> Callable[..., Any]:
    """What a document with the text ``content`` says about an item: four quarters of revenue, of the value given."""
    import datetime as dt
    import hashlib

    from headrace.evidence.batch import Batch, Document

    def make(content: str = "first", value: float = 1e9, **changed: Any) -> Any:
        said = content.encode()
        retrieved = dt.datetime(2026, 8, 31, 12, tzinfo=dt.UTC)
        document = Document(said, f"https://example.org/{content}", hashlib.sha256(said).hexdigest(), retrieved)
        rows = facts_of_one(["2031-03-31", "2031-06-30", "2031-09-30", "2031-12-31"], value=value)
        usual = {"table": "facts", "source": "edgar", "item": "microsoft", "rows": rows, "findings": ()}
        return Batch(**{**usual, "document": document, **changed})

    return make


@pytest.fixture
def companyfacts() -> Callable[..., bytes]:
    """A document as EDGAR serves it: revenue of each quarter, every figure in a filing of its own."""
    import json

    ends = (("03-31", "05-01"), ("06-30", "08-01"), ("09-30", "11-01"), ("12-31", "12-31"))

    def document(
        cik: int, name: str, years: tuple[int, ...] = (2021, 2022), value: int = 1_234_567_891, lost: str = ""
    ) -> bytes:
        rows = []
        for year in years:
            for quarter, (end, filed) in enumerate(ends, 1):
                accession = f"{cik:010d}-{year % 100:02d}-{quarter:06d}"
                period = {"start": f"{year}-{3 * quarter - 2:02d}-01", "end": f"{year}-{end}"}
                form = {"fp": "FY", "form": "10-K"} if quarter == 4 else {"fp": f"Q{quarter}", "form": "10-Q"}
                rows.append({**period, "val": value, "accn": accession, "fy": year, **form, "filed": f"{year}-{filed}"})
        kept = [row for row in rows if row["accn"] != lost]
        revenue = {"label": "Revenues", "description": "Revenue.", "units": {"USD": kept}}
        return json.dumps({"cik": cik, "entityName": name, "facts": {"us-gaap": {"Revenues": revenue}}}).encode()

    return document
