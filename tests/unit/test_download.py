"""A document from a server that behaves, and what becomes of one from a server that does not."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from headrace.errors import FetchError
from headrace.evidence.download.client import GIVE_UP_AFTER, Downloader, _redirected

DOCUMENT = json.dumps({"cik": 1, "facts": {"us-gaap": {}}, "filler": "x" * 500}).encode()


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1.8e9
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Callable[..., Downloader]:
    def make(**changed: Any) -> Downloader:
        usual = {"requests_per_second": 1e6, "clock": clock, "sleep": clock.sleep}
        return Downloader(tmp_path / "cache", **{**usual, **changed})

    return make


def waits(clock: Clock) -> list[float]:
    """Waits that a person would notice; the line before a host is shorter here."""
    return [round(wait, 3) for wait in clock.waits if wait > 1e-3]


def test_a_document_comes_whole_with_where_and_when(loopback: Any, client: Any, clock: Clock) -> None:
    url = loopback.says("/a.json", DOCUMENT)
    document = client().get(url, params={"series": "x y"})
    assert document.content == DOCUMENT
    assert document.url == f"{url}?series=x+y"
    assert document.retrieved == dt.datetime.fromtimestamp(clock.now, dt.UTC)
    assert not document.from_cache
    assert loopback.paths() == ["/a.json?series=x+y"]


def test_gzip_is_unpacked_and_may_be_several_files_in_a_row(loopback: Any, client: Any, says: Any) -> None:
    packed = gzip.compress(DOCUMENT[:100]) + gzip.compress(DOCUMENT[100:])
    url = loopback.says("/a.json", says(packed, headers={"Content-Encoding": "gzip"}))
    assert client().get(url).content == DOCUMENT


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_copy_is_asked_about_and_not_fetched_again(loopback: Any, client: Any, says: Any, header: str) -> None:
    value = {"ETag": '"v1"', "Last-Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}[header]
    url = loopback.says("/a.json", says(DOCUMENT, headers={header: value}), says(status=304))
    first, again = client().get(url), client().get(url)
    assert again.from_cache
    assert (again.content, again.sha256, again.retrieved) == (first.content, first.sha256, first.retrieved)
    condition = {"ETag": "if-none-match", "Last-Modified": "if-modified-since"}[header]
    assert [headers.get(condition) for _, headers in loopback.asked] == [None, value]


def test_a_changed_document_takes_the_place_of_the_copy(loopback: Any, client: Any, says: Any) -> None:
    new = b'{"cik": 2}'
    url = loopback.says("/a.json", says(DOCUMENT, headers={"ETag": '"v1"'}), says(new, headers={"ETag": '"v2"'}))
    assert [client().get(url).content for _ in range(3)] == [DOCUMENT, new, new]
    assert client(offline=True).get(url).content == new


def test_not_modified_without_a_question_is_no_answer(loopback: Any, client: Any, says: Any) -> None:
    url = loopback.says("/a.json", DOCUMENT, says(status=304))
    client().get(url)
    with pytest.raises(FetchError, match="HTTP 304"):
        client().get(url)


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: text.replace(b"x", b"y"), lambda _: b""])
def test_a_damaged_copy_is_fetched_again(loopback: Any, client: Any, says: Any, tmp_path: Path, damage: Any) -> None:
    url = loopback.says("/a.json", says(DOCUMENT, headers={"ETag": '"v1"'}))
    client().get(url)
    (copy,) = (tmp_path / "cache" / "documents").iterdir()
    copy.write_bytes(damage(copy.read_bytes()))
    document = client().get(url)
    assert (document.content, document.from_cache) == (DOCUMENT, False)
    assert "if-none-match" not in loopback.asked[-1][1]
    assert copy.read_bytes() == DOCUMENT


@pytest.mark.parametrize(
    "damage",
    [
        lambda note: note[: len(note) // 2],
        lambda _: b"[]",
        lambda note: json.dumps(json.loads(note) | {"sha256": "../../../secret"}).encode(),
        lambda note: json.dumps(json.loads(note) | {"retrieved": "yesterday"}).encode(),
        lambda note: json.dumps(json.loads(note) | {"url": "https://example.org/other"}).encode(),
    ],
)
def test_a_damaged_note_is_no_copy(loopback: Any, client: Any, tmp_path: Path, damage: Any) -> None:
    url = loopback.says("/a.json", DOCUMENT)
    client().get(url)
    (note,) = (tmp_path / "cache" / "index").iterdir()
    note.write_bytes(damage(note.read_bytes()))
    with pytest.raises(FetchError, match="offline, and no copy"):
        client(offline=True).get(url)
    assert not client().get(url).from_cache


def test_offline_gives_the_copy_and_asks_nobody(loopback: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = loopback.says("/a.json", DOCUMENT)
    client().get(url)
    monkeypatch.delenv("HEADRACE_CONTACT")
    document = client(offline=True).get(url)
    assert (document.content, document.from_cache) == (DOCUMENT, True)
    with pytest.raises(FetchError, match=r"/b\.json: offline, and no copy.*without --offline"):
        client(offline=True).get(loopback.url + "/b.json")
    assert len(loopback.asked) == 1


def test_once_is_once(loopback: Any, client: Any) -> None:
    url = loopback.says("/a.json", DOCUMENT)
    one = client()
    assert [one.get(url, once=True).from_cache for _ in range(3)] == [False, True, True]
    assert len(loopback.asked) == 1
    client().get(url, once=True)
    assert len(loopback.asked) == 2


def test_too_many_requests_waits_as_long_as_the_server_asks(
    loopback: Any, client: Any, says: Any, clock: Clock
) -> None:
    busy = [says(status=429, headers={"Retry-After": "7"}), says(status=503, headers={"Retry-After": "11"})]
    url = loopback.says("/a.json", *busy, DOCUMENT)
    assert client().get(url).content == DOCUMENT
    assert waits(clock) == [7, 11]


def test_a_date_to_come_back_at_is_understood(loopback: Any, client: Any, says: Any, clock: Clock) -> None:
    moment = dt.datetime.fromtimestamp(clock.now + 30, dt.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    url = loopback.says("/a.json", says(status=429, headers={"Retry-After": moment}), DOCUMENT)
    client().get(url)
    assert waits(clock) == [30]


@pytest.mark.parametrize("header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-5"}])
def test_without_a_time_to_come_back_at_waits_double(
    loopback: Any, client: Any, says: Any, clock: Clock, header: dict[str, str]
) -> None:
    url = loopback.says("/a.json", says(status=429, headers=header))
    with pytest.raises(FetchError, match=r"HTTP 429.*slow down; asked 5 times"):
        client().get(url)
    assert waits(clock) == [0.5, 1, 2, 4]
    assert len(loopback.asked) == 5


def test_a_server_that_asks_for_an_hour_is_not_waited_for(loopback: Any, client: Any, says: Any, clock: Clock) -> None:
    url = loopback.says("/a.json", says(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(FetchError, match="asks to wait 3,600 s"):
        client().get(url)
    assert (len(loopback.asked), waits(clock)) == (1, [])


@pytest.mark.parametrize(
    ("status", "asked", "message"),
    [
        (500, 5, "busy"),
        (502, 5, "busy"),
        (504, 5, "busy"),
        (404, 1, "no such document"),
        (410, 1, "no such document"),
        (401, 1, "check the key"),
        (403, 1, "HEADRACE_CONTACT is no real contact.*ten requests a second"),
        (206, 1, "wanted 200"),
        (204, 1, "wanted 200"),
        (400, 1, "wanted 200"),
    ],
)
def test_each_status_has_its_meaning(
    loopback: Any, client: Any, says: Any, status: int, asked: int, message: str
) -> None:
    headers = {} if status != 204 else {"Content-Length": "0"}
    url = loopback.says("/a.json", says(b"" if status == 204 else b"text", status, headers))
    with pytest.raises(FetchError, match=f"HTTP {status}.*{message}"):
        client().get(url)
    assert len(loopback.asked) == asked


def test_a_host_that_refuses_again_and_again_is_left_alone(loopback: Any, client: Any, says: Any) -> None:
    url = loopback.says("/a.json", says(status=403))
    one = client()
    for _ in range(GIVE_UP_AFTER):
        with pytest.raises(FetchError, match="HTTP 403"):
            one.get(url)
    with pytest.raises(FetchError, match=f"not asked, for 127.0.0.1:.* refused the last {GIVE_UP_AFTER}"):
        one.get(loopback.says("/b.json", DOCUMENT))
    assert len(loopback.asked) == GIVE_UP_AFTER


def test_one_answer_between_refusals_keeps_a_host_in_the_game(loopback: Any, client: Any, says: Any) -> None:
    bad, good = loopback.says("/a.json", says(status=403)), loopback.says("/b.json", DOCUMENT)
    one = client()
    for _ in range(GIVE_UP_AFTER):
        with pytest.raises(FetchError, match="HTTP 403"):
            one.get(bad)
        if len(loopback.asked) == 3:
            one.get(good)
    assert one.get(good).content == DOCUMENT


def test_where_nobody_answers_the_address_is_named(tmp_path: Path, client: Any, clock: Clock) -> None:
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:9/a: cannot be reached: .*; asked 5 times"):
        client().get("http://127.0.0.1:9/a")
    assert waits(clock) == [0.5, 1, 2, 4]


def test_a_slow_server_is_given_up_in_its_headers_and_in_its_body(loopback: Any, client: Any, says: Any) -> None:
    def drip(head: bytes) -> Callable[[Any], None]:
        def play(handler: Any) -> None:
            handler.wfile.write(head)
            while not loopback.closing.wait(0.02):
                handler.wfile.write(b"x")

        return play

    for head in (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"):
        url = loopback.says("/a", says(play=drip(head)))
        start = time.monotonic()
        with pytest.raises(FetchError, match=r"took longer than 0\.2 s"):
            client(total_seconds=0.2).get(url)
        assert time.monotonic() - start < 5


def test_stop_ends_what_is_on_its_way_and_begins_nothing(loopback: Any, client: Any, says: Any) -> None:
    arrived = threading.Event()

    def stall(_: Any) -> None:
        arrived.set()
        loopback.closing.wait(20)

    url = loopback.says("/a", says(play=stall))
    one, faults = client(), []

    def ask() -> None:
        with pytest.raises(FetchError) as fault:
            one.get(url)
        faults.append(str(fault.value))

    thread = threading.Thread(target=ask)
    thread.start()
    assert arrived.wait(10)
    one.stop()
    thread.join(10)
    assert faults == [f"{url}: given up, for the fetch was stopped"]
    with pytest.raises(FetchError, match="for the fetch was stopped"):
        one.get(url)
    assert len(loopback.asked) == 1


def test_stop_ends_a_wait(loopback: Any, says: Any, tmp_path: Path) -> None:
    url = loopback.says("/a", says(status=429, headers={"Retry-After": "60"}))
    one = Downloader(tmp_path / "cache")
    line = tmp_path / "cache" / "pace" / url.split("/")[2].replace(":", "_")

    def stop_when_it_waits() -> None:
        while not (line.exists() and float(line.read_text() or 0) > time.time() + 30):
            time.sleep(0.01)
        one.stop()

    other = threading.Thread(target=stop_when_it_waits)
    other.start()
    with pytest.raises(FetchError, match="not fetched, for the fetch was stopped"):
        one.get(url)
    other.join()
    assert len(loopback.asked) == 1


def test_a_proxy_of_the_environment_is_not_between_us_and_this_machine(
    loopback: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert client().get(loopback.says("/a", DOCUMENT)).content == DOCUMENT


def test_a_proxy_that_cannot_be_used_is_an_error_and_not_ignored(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("https_proxy", "gopher://127.0.0.1:9")
    with pytest.raises(FetchError, match="proxy that the environment names cannot be used"):
        client().get("https://example.org/a")


def test_no_redirect_leaves_https() -> None:
    with pytest.raises(FetchError, match="another place; refused"):
        _redirected(httpx2.URL("https://127.0.0.1/a"), "http://127.0.0.1/a", "https://127.0.0.1/a")
    upgraded = _redirected(httpx2.URL("http://127.0.0.1/a"), "https://127.0.0.1/b", "http://127.0.0.1/a")
    assert str(upgraded) == "https://127.0.0.1/b"
