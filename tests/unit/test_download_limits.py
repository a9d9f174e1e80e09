"""Documents that are cut, too large, a page or elsewhere; addresses that may not be asked; who may know a secret."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headrace.errors import FetchError, UnknownNameError
from headrace.evidence.download.addresses import base_url
from headrace.evidence.download.client import Downloader

DOCUMENT = json.dumps({"cik": 1, "filler": "x" * 5000}).encode()
PACKED = gzip.compress(DOCUMENT, mtime=0)
GZIP = {"Content-Encoding": "gzip"}
SECRET = "s3cr3t"


@pytest.fixture
def client(tmp_path: Path) -> Downloader:
    return Downloader(tmp_path / "cache", attempts=2, first_backoff=0.0, requests_per_second=1e6, total_seconds=20)


def raw(text: bytes) -> Callable[[Any], None]:
    """Write these bytes and hang up."""

    def play(handler: Any) -> None:
        handler.wfile.write(text)

    return play


def test_a_connection_dropped_in_the_body_is_asked_again(loopback: Any, client: Downloader, says: Any) -> None:
    cut = says(play=raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"1" * 500))
    url = loopback.says("/a", cut, DOCUMENT)
    assert client.get(url).content == DOCUMENT
    with pytest.raises(FetchError, match=r"/b: broke off: .*; asked 2 times"):
        client.get(loopback.says("/b", cut))


@pytest.mark.parametrize("text", [b"", b"HTTP/1.1 200 OK\r\nConte", b"SSH-2.0-OpenSSH_9\r\n", b"\x00" * 100])
def test_what_is_no_http_is_a_broken_connection(loopback: Any, client: Downloader, says: Any, text: bytes) -> None:
    with pytest.raises(FetchError, match="broke off"):
        client.get(loopback.says("/a", says(play=raw(text))))


def test_json_that_is_cut_is_refused_whatever_the_header_says(
    loopback: Any, client: Downloader, says: Any, tmp_path: Path
) -> None:
    url = loopback.says("/a.json", DOCUMENT[:-10])
    with pytest.raises(FetchError, match=r"no whole JSON: Input data was truncated; 5,0.. bytes came; asked 2 times"):
        client.get(url)
    answer = says(DOCUMENT[:-10], headers={"Content-Type": "application/json; charset=utf-8"})
    with pytest.raises(FetchError, match="no whole JSON"):
        client.get(loopback.says("/v2/data", answer))
    assert not (tmp_path / "cache" / "documents").exists()


def test_json_nested_without_end_is_refused(loopback: Any, client: Downloader) -> None:
    with pytest.raises(FetchError, match="no whole JSON"):
        client.get(loopback.says("/a.json", b"[" * 200_000 + b"]" * 200_000))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (PACKED[:-5], "the gzip is cut short"),
        (PACKED[:-12], "the gzip is cut short"),
        (b"no gzip at all", "damaged gzip"),
        (PACKED[:-8] + b"\0" * 8, "damaged gzip"),
        (PACKED + b"stray", "damaged gzip"),
    ],
    ids=["without its end", "without its sums", "none at all", "with wrong sums", "with more behind it"],
)
def test_gzip_that_is_cut_or_damaged_is_refused(
    loopback: Any, client: Downloader, says: Any, body: bytes, message: str
) -> None:
    with pytest.raises(FetchError, match=message):
        client.get(loopback.says("/a", says(body, headers=GZIP)))


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(loopback: Any, client: Downloader, says: Any) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(b"\0" * 2**20) for _ in range(200)) + packer.flush()
    assert len(bomb) < 2**19
    with pytest.raises(FetchError, match=r"bytes unpack to more than 1,048,576; that is no such document$"):
        client.get(loopback.says("/a", says(bomb, headers=GZIP)), max_bytes=2**20)
    assert len(loopback.asked) == 1


def test_a_body_without_end_is_cut_at_the_limit(loopback: Any, client: Downloader, says: Any) -> None:
    def endless(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not loopback.closing.is_set():
            handler.wfile.write(b"1,2,3\n" * 1000)

    with pytest.raises(FetchError, match="sends more than 100,000 bytes"):
        client.get(loopback.says("/a", says(play=endless)), max_bytes=100_000)
    assert len(loopback.asked) == 1


def test_a_body_announced_as_too_large_is_not_awaited(loopback: Any, client: Downloader, says: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    with pytest.raises(FetchError, match="announces 99,999,999,999 bytes, the limit is 67,108,864"):
        client.get(loopback.says("/a", says(play=raw(head))))


def test_an_encoding_that_nobody_asked_for_is_refused(loopback: Any, client: Downloader, says: Any) -> None:
    with pytest.raises(FetchError, match="sent as 'br', wanted gzip or no compression"):
        client.get(loopback.says("/a", says(DOCUMENT, headers={"Content-Encoding": "br"})))


def test_an_empty_answer_is_no_document(loopback: Any, client: Downloader) -> None:
    with pytest.raises(FetchError, match="an empty answer"):
        client.get(loopback.says("/a", b""))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!DOCTYPE html><title>Request Rate\n Threshold Exceeded</title>", "application/json"),
        (b"\xef\xbb\xbf \n<html><title>Request Rate Threshold Exceeded</title>", "text/csv"),
        ("<html><title>Request Rate Threshold Exceeded</title>".encode("utf-16"), "text/csv"),
        (b"date,value\n2026-01-01,1\n", "text/html; charset=utf-8"),
    ],
)
def test_a_page_in_place_of_data_is_refused(
    loopback: Any, client: Downloader, says: Any, body: bytes, kind: str
) -> None:
    with pytest.raises(FetchError, match="answers with a page, not with data"):
        client.get(loopback.says("/a.csv", says(body, headers={"Content-Type": kind})))
    assert len(loopback.asked) == 1


def test_the_title_of_a_page_is_told(loopback: Any, client: Downloader) -> None:
    page = b"<html><head><TITLE>Undeclared\x1b[31m\nAutomated Tool</TITLE>"
    with pytest.raises(FetchError, match=r"'Undeclared\[31m Automated Tool'"):
        client.get(loopback.says("/a", page))


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("file:///etc/passwd", "'file:///etc/passwd', which may not be asked"),
        ("http://example.org/a?api_key=1", "'http://example.org/a', which may not be asked"),
        ("https://example.org/a", "'https://example.org/a', another place"),
        ("//127.0.0.2/a", "another place"),
        ("http://127.0.0.1:1/a", "another place"),
        ("http://user:" + SECRET + "@127.0.0.1/a", "may not be asked"),
        ("ftp://127.0.0.1/a", "may not be asked"),
        ("http://[::1", "may not be asked"),
        ("", "another place"),
    ],
)
def test_a_redirect_to_another_place_is_refused(
    loopback: Any, client: Downloader, says: Any, location: str, message: str
) -> None:
    url = loopback.says("/a", says(status=302, headers={"Location": location}))
    with pytest.raises(FetchError, match=f"redirects to .*{message}.*refused"):
        client.get(url)
    assert len(loopback.asked) == 1


def test_a_redirect_within_the_host_is_followed_and_a_circle_is_left(
    loopback: Any, client: Downloader, says: Any
) -> None:
    loopback.says("/b", DOCUMENT)
    url = loopback.says("/a", says(status=301, headers={"Location": "/b"}))
    assert (client.get(url).content, client.get(url).url) == (DOCUMENT, url)
    with pytest.raises(FetchError, match="more than 5 redirects"):
        client.get(loopback.says("/c", says(status=307, headers={"Location": "/c"})))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "names no host"),
        ("file://localhost/etc/passwd", "scheme 'file'"),
        ("ftp://example.org/a", "scheme 'ftp'"),
        ("http://example.org/a", "wanted https"),
        ("http://127.0.0.1.example.org/a", "wanted https"),
        ("https://user:" + SECRET + "@example.org/a", "user name or password"),
        ("https://example.org\\@127.0.0.1/a", "."),
        ("https:///a", "names no host"),
        ("//example.org/a", "scheme ''"),
        ("https://example.org/a b", "blanks"),
        ("https://example.org/a\r\nX: 1", "blanks"),
        ("https://example.org/ä", "ASCII"),
        ("https://[::1/a", "no address"),
        ("https://example.org:port/a", "no address"),
        ("https://example.org/a?api_key=1", "give it as a secret"),
        ("https://example.org/a?x=1&Token=1", "give it as a secret"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(client: Downloader, url: str, message: str) -> None:
    with pytest.raises(FetchError, match=message) as fault:
        client.get(url)
    assert "s3cr3t" not in str(fault.value)


def test_a_setting_is_an_address_or_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADRACE_SEC_URL", raising=False)
    assert base_url("HEADRACE_SEC_URL") == "https://data.sec.gov"
    monkeypatch.setenv("HEADRACE_SEC_URL", "http://localhost:8000/mirror/")
    assert base_url("HEADRACE_SEC_URL") == "http://localhost:8000/mirror"
    monkeypatch.setenv("HEADRACE_SEC_URL", "http://mirror.example.org")
    with pytest.raises(FetchError, match=r"HEADRACE_SEC_URL: .*wanted https"):
        base_url("HEADRACE_SEC_URL")
    monkeypatch.delenv("HEADRACE_PRICES_URL", raising=False)
    with pytest.raises(FetchError, match="HEADRACE_PRICES_URL is not set"):
        base_url("HEADRACE_PRICES_URL")
    with pytest.raises(UnknownNameError, match="did you mean HEADRACE_SEC_URL"):
        base_url("HEADRACE_SEC_ULR")


@pytest.mark.parametrize(
    ("contact", "message"),
    [
        (None, "is not set"),
        ("  ", "is not set"),
        ("Jane Doe", "no e-mail address"),
        ("jane@example", "no e-mail address"),
        ("jane@example.org\r\nX-Evil: 1", "no e-mail address"),
        ("jané@example.org", "no e-mail address"),
    ],
)
def test_the_sec_is_not_asked_without_a_contact(
    loopback: Any, client: Downloader, monkeypatch: pytest.MonkeyPatch, contact: str | None, message: str
) -> None:
    url = loopback.says("/a", DOCUMENT)
    monkeypatch.delenv("HEADRACE_CONTACT")
    if contact is not None:
        monkeypatch.setenv("HEADRACE_CONTACT", contact)
    with pytest.raises(FetchError, match=f"not asked, for HEADRACE_CONTACT .*{message}.*jane@example.org"):
        client.get(url)
    with pytest.raises(FetchError, match="HEADRACE_CONTACT"):
        client.get("https://www.sec.gov/files/company_tickers.json")
    assert loopback.asked == []


def test_the_contact_goes_to_the_sec_and_to_nobody_else(
    loopback: Any, client: Downloader, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(loopback.says("/a", DOCUMENT))
    monkeypatch.delenv("HEADRACE_SEC_URL")
    monkeypatch.delenv("HEADRACE_SEC_WWW_URL")
    client.get(loopback.says("/b", DOCUMENT))
    agents = [headers["user-agent"] for _, headers in loopback.asked]
    assert agents[0].startswith("headrace/")
    assert agents[0].endswith(" Jane Doe jane@example.org")
    assert agents[1] == agents[0].partition(" ")[0]


def test_a_secret_is_sent_and_never_told(
    loopback: Any, client: Downloader, says: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "s3cr3t/+ value"
    caplog.set_level(1)
    url = loopback.says("/a.json", DOCUMENT, says(status=302, headers={"Location": f"https://example.org/{secret}"}))
    document = client.get(url, params={"series": "x"}, secret_params={"api_key": secret})
    assert loopback.paths() == ["/a.json?series=x&api_key=s3cr3t%2F%2B+value"]
    told = [document.url, caplog.text]
    with pytest.raises(FetchError) as fault:
        client.get(url, params={"series": "x"}, secret_params={"api_key": secret})
    told += [str(fault.value), repr(fault.value.__cause__)]
    told += [path.name + path.read_text("utf-8") for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert "https://example.org/***" in str(fault.value)
    assert [text for text in told if "s3cr3t" in text] == []


def test_one_address_with_two_keys_is_one_document(loopback: Any, client: Downloader, says: Any) -> None:
    url = loopback.says("/a.json", says(DOCUMENT, headers={"ETag": '"v1"'}))
    client.get(url, secret_params={"api_key": "one"})
    assert client.get(url, secret_params={"api_key": "two"}).from_cache


def test_a_cache_that_cannot_be_written_is_named(loopback: Any, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(FetchError, match=r"cache.*: cannot be written"):
        Downloader(tmp_path / "cache").get(loopback.says("/a", DOCUMENT))
