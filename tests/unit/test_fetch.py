"""A store brought up to date item by item: what became of each, and what a second fetch does."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headrace.errors import EvidenceError, FetchError, UnknownNameError
from headrace.evidence import facts, fetch, universe
from headrace.evidence.batch import Batch, Document
from headrace.evidence.download.client import Downloader
from headrace.evidence.findings import Finding
from headrace.evidence.providers import edgar
from headrace.evidence.storage.generations import listed

CIK = {"amazon": 1018724, "alphabet": 1652044, "meta": 1326801, "microsoft": 789019, "oracle": 1341439}
NAMES = sorted(CIK)


def path_of(item: str) -> str:
    return f"/api/xbrl/companyfacts/CIK{CIK[item]:010d}.json"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def client(store: Path) -> Callable[..., Downloader]:
    def make(**changed: Any) -> Downloader:
        usual = {"attempts": 3, "first_backoff": 0.0, "requests_per_second": 1e6, "total_seconds": 20}
        return Downloader(store / "cache", **{**usual, **changed})

    return make


@pytest.fixture
def company(says: Any, companyfacts: Any) -> Callable[..., Any]:
    """An answer with the document of a company, and a tag by which it is known."""

    def answer(item: str, **changed: Any) -> Any:
        document = companyfacts(CIK[item], universe.load()[item].name, **changed)
        return says(document, headers={"ETag": f'"{hash(document)}"', "Content-Type": "application/json"})

    return answer


@pytest.fixture
def served(loopback: Any, company: Any) -> Any:
    for item in NAMES:
        loopback.says(path_of(item), company(item))
    return loopback


def results(outcomes: list[fetch.Outcome]) -> dict[str, str]:
    return {outcome.item: outcome.result for outcome in outcomes}


def own_rows(store: Path) -> Any:
    """Figures with the value that the synthetic documents give, and no real one has."""
    known = facts.load(store=store)
    return known[known["value"] == 1_234_567_891]


def test_each_item_is_added_in_the_order_asked_for(served: Any, store: Path, client: Any) -> None:
    told: list[tuple[str, int, int]] = []
    outcomes = fetch.fetch("edgar", NAMES, store, client(), lambda *step: told.append(step))
    assert [(outcome.item, outcome.result, outcome.rows) for outcome in outcomes] == [(n, "added", 8) for n in NAMES]
    assert told == [(name, number, 5) for number, name in enumerate(NAMES, 1)]
    assert [generation.item for generation in listed(store / "facts")] == NAMES
    assert own_rows(store).groupby("entity").size().to_dict() == dict.fromkeys(NAMES, 8)


def test_a_second_fetch_asks_whether_anything_changed_and_derives_nothing(
    served: Any, store: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fetch.fetch("edgar", NAMES, store, client())
    derived: list[object] = []
    monkeypatch.setattr(edgar, "facts_of", lambda *given: derived.append(given))
    again = fetch.fetch("edgar", NAMES, store, client())
    assert set(results(again).values()) == {"unchanged"}
    assert [outcome.rows for outcome in again] == [8] * 5
    assert [outcome.findings for outcome in again] == [outcome.findings for outcome in first]
    assert all("if-none-match" in headers for _, headers in served.asked[5:])
    assert (len(served.asked), derived, len(listed(store / "facts"))) == (10, [], 5)


def test_a_new_filing_is_a_new_generation_of_that_item_alone(
    served: Any, store: Path, client: Any, company: Any
) -> None:
    fetch.fetch("edgar", NAMES, store, client())
    served.says(path_of("meta"), company("meta", years=(2021, 2022, 2023)))
    outcomes = fetch.fetch("edgar", NAMES, store, client())
    assert results(outcomes) == {name: "added" if name == "meta" else "unchanged" for name in NAMES}
    assert own_rows(store).groupby("entity").size().to_dict() == dict.fromkeys(NAMES, 8) | {"meta": 12}


def test_other_rules_derive_again_and_the_same_rows_add_nothing(
    served: Any, store: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch.fetch("edgar", ["meta", "oracle"], store, client())
    monkeypatch.setattr(edgar, "RULES", 99)
    read, facts_of = [], edgar.facts_of

    def otherwise(document: bytes, entity: Any, *given: Any) -> Any:
        read.append(entity.slug)
        rows, findings = facts_of(document, entity, *given)
        return (rows.assign(value=2e9) if entity.slug == "meta" else rows), findings

    monkeypatch.setattr(edgar, "facts_of", otherwise)
    assert results(fetch.fetch("edgar", ["meta", "oracle"], store, client())) == {
        "meta": "added",
        "oracle": "unchanged",
    }
    assert sorted(read) == ["meta", "oracle"]
    assert set(own_rows(store)["entity"]) == {"oracle"}
    assert len(facts.load(store=store).query("entity == 'meta' and value == 2e9")) == 8


def test_lost_filings_are_refused_and_named(served: Any, store: Path, client: Any, company: Any) -> None:
    fetch.fetch("edgar", ["meta"], store, client())
    served.says(path_of("meta"), company("meta", lost="0001326801-22-000002"))
    (outcome,) = fetch.fetch("edgar", ["meta"], store, client())
    assert (outcome.result, outcome.rows) == ("refused", 0)
    assert "lacks 0001326801-22-000002" in outcome.text
    assert outcome.findings[-1].kind == "filings_lost"
    assert len(own_rows(store)) == 8


def test_a_bad_item_does_not_stop_the_others(served: Any, store: Path, client: Any, says: Any, company: Any) -> None:
    def hang_up(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")

    whole = company("amazon").body
    bad = {
        "drops": (says(play=hang_up), "failed", "broke off"),
        "busy": (says(status=429), "failed", "HTTP 429"),
        "down": (says(status=503, headers={"Retry-After": "0"}), "failed", "HTTP 503"),
        "refuses": (says(status=403), "failed", "HEADRACE_CONTACT"),
        "lacks it": (says(status=404), "failed", "no such document"),
        "cuts": (says(whole[: len(whole) // 2]), "failed", "no whole JSON"),
        "cuts gzip": (says(gzip.compress(whole)[:-9], headers={"Content-Encoding": "gzip"}), "failed", "cut short"),
        "page": (says(b"<html><title>Maintenance</title>"), "failed", "a page, not with data: 'Maintenance'"),
        "elsewhere": (says(status=302, headers={"Location": "https://example.org/"}), "failed", "another place"),
        "another company": (says(company("oracle").body), "refused", "holds 'Oracle'"),
        "nonsense": (says(b'{"cik": 1018724, "entityName": "Amazon", "facts": []}'), "refused", "CIK0001018724.json"),
    }
    for case, (answer, result, message) in bad.items():
        served.says(path_of("amazon"), answer)
        outcomes = fetch.fetch("edgar", ["amazon", "microsoft"], store, client())
        assert (outcomes[0].result, outcomes[0].rows) == (result, 0), case
        assert message in outcomes[0].text, case
        assert outcomes[1].result in ("added", "unchanged"), case
    assert set(own_rows(store)["entity"]) == {"microsoft"}


def test_a_reader_that_breaks_is_an_outcome_and_not_the_end(
    served: Any, store: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts_of = edgar.facts_of

    def broken(document: bytes, entity: Any, *given: Any) -> Any:
        rows, findings = facts_of(document, entity, *given)
        if entity.slug == "meta":
            raise ZeroDivisionError("division by zero")
        return (rows.drop(columns="tag") if entity.slug == "oracle" else rows), findings

    monkeypatch.setattr(edgar, "facts_of", broken)
    outcomes = fetch.fetch("edgar", ["meta", "oracle", "microsoft"], store, client())
    assert results(outcomes) == {"meta": "refused", "oracle": "refused", "microsoft": "added"}
    assert "ZeroDivisionError: division by zero; a document that headrace cannot read" in outcomes[0].text
    assert "do not fit the table facts" in outcomes[1].text


def test_a_damaged_generation_is_fetched_anew(served: Any, store: Path, client: Any) -> None:
    fetch.fetch("edgar", ["meta"], store, client())
    (generation,) = listed(store / "facts")
    generation.path.write_bytes(b"")
    (outcome,) = fetch.fetch("edgar", ["meta"], store, client())
    assert outcome.result == "added"
    assert generation.path.name in outcome.text
    assert len(own_rows(store)) == 8


def test_offline_reads_the_copies_and_says_what_is_missing(
    served: Any, store: Path, client: Any, tmp_path: Path
) -> None:
    fetch.fetch("edgar", ["meta"], store, client())
    asked = len(served.asked)
    elsewhere = tmp_path / "elsewhere"
    outcomes = fetch.fetch("edgar", ["meta", "oracle"], elsewhere, client(offline=True))
    assert results(outcomes) == {"meta": "added", "oracle": "failed"}
    assert "offline, and no copy" in outcomes[1].text
    assert len(served.asked) == asked


def test_without_a_contact_nobody_is_asked(
    served: Any, store: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEADRACE_CONTACT")
    outcomes = fetch.fetch("edgar", NAMES, store, client())
    assert set(results(outcomes).values()) == {"failed"}
    assert "HEADRACE_CONTACT is not set" in outcomes[0].text
    assert served.asked == []


def test_what_does_not_exist_is_refused_before_anybody_is_asked(served: Any, store: Path, client: Any) -> None:
    with pytest.raises(UnknownNameError, match="unknown source 'edgr'; did you mean edgar"):
        fetch.fetch("edgr", [], store, client())
    with pytest.raises(UnknownNameError, match="unknown ticker or entity 'MTEA'"):
        fetch.fetch("edgar", ["META", "MTEA"], store, client())
    store.mkdir()
    (store / "VERSION").write_text("99")
    with pytest.raises(EvidenceError, match="schema version 99"):
        fetch.fetch("edgar", ["META"], store, client())
    assert served.asked == []


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, facts_of_one: Any) -> Any:
    """A source of 24 items that counts how many of its batches are alive."""

    class Counted:
        alive = most = 0
        lock = threading.Lock()
        fault: BaseException | None = None

        def items(self, _: Any) -> list[str]:
            return [f"item_{number}" for number in range(24)]

        def read(self, item: str, _: Any) -> Batch:
            with self.lock:
                self.alive += 1
                self.most = max(self.most, self.alive)
            rows = facts_of_one(["2031-03-31"], entity=item)
            return Batch("facts", "edgar", item, rows, (), Document(b"x", "https://x", "0" * 64, time_of()))

    def time_of() -> Any:
        import datetime as dt

        return dt.datetime(2026, 8, 31, tzinfo=dt.UTC)

    source = Counted()
    monkeypatch.setattr(fetch, "import_module", lambda _: source)
    return source


def test_no_more_than_a_few_documents_are_held_at_a_time(
    counted: Any, store: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = fetch.local_store.append

    def appended(*given: Any, **how: Any) -> Any:
        time.sleep(0.002)
        result = append(*given, **how)
        with counted.lock:
            counted.alive -= 1
        return result

    monkeypatch.setattr(fetch.local_store, "append", appended)
    assert set(results(fetch.fetch("edgar", [], store, client())).values()) == {"added"}
    assert 1 < counted.most <= fetch.SIDE_BY_SIDE
    assert counted.alive == 0


def test_an_interrupted_fetch_keeps_what_was_added_and_ends_at_once(
    served: Any, store: Path, client: Any, says: Any
) -> None:
    def stall(_: Any) -> None:
        served.closing.wait(20)

    served.says(path_of("meta"), says(play=stall))

    def interrupt(item: str, *_: int) -> None:
        if item == "amazon":
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fetch.fetch("edgar", NAMES, store, client(), interrupt)
    assert time.monotonic() - start < 10
    assert [generation.item for generation in listed(store / "facts")] == ["alphabet", "amazon"]
    assert own_rows(store).groupby("entity").size().to_dict() == {"alphabet": 8, "amazon": 8}
    assert threading.active_count() < 10


def test_a_store_that_cannot_be_written_ends_the_fetch(
    served: Any, store: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise FetchError("disk full")

    monkeypatch.setattr(fetch.local_store, "append", full)
    with pytest.raises(FetchError, match="disk full"):
        fetch.fetch("edgar", NAMES, store, client())


def test_an_outcome_carries_the_findings_of_its_document(counted: Any, store: Path, client: Any) -> None:
    finding = Finding("gap", "item_0", "revenue", "2031Q2", "missing")
    read = counted.read

    def with_finding(item: str, downloader: Any) -> Batch:
        made: Batch = read(item, downloader)
        return Batch(made.table, made.source, made.item, made.rows, (finding,), made.document)

    counted.read = with_finding
    assert {outcome.findings for outcome in fetch.fetch("edgar", [], store, client())} == {(finding,)}
