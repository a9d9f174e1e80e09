"""How ``headrace facts`` refuses: one sentence on stderr, an exit code, nothing on stdout and nothing left behind.

2 where the request was wrong, 1 where the world was.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from headrace.cli import main
from headrace.cli.printing import as_json, printable

Invoke = Callable[..., Result]

QUERY = ["query", "--entity", "msft"]
CLOSES = "Date,Ticker,Adj Close\n2026-08-20,MSFT,500.5\n"
HOSTILE = "\x1b]0;owned\x07\x1b[31mMicro\u202esoft\x9b2J"


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run ``headrace facts`` in this process, in an empty folder; nobody is named to whom the SEC could write."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADRACE_CONTACT", raising=False)
    for key in ("EIA_API_KEY", "TIINGO_API_KEY"):
        monkeypatch.delenv(key, raising=False)

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["facts", *arguments])

    return command


def refused(result: Result, code: int, *words: str) -> None:
    """One sentence on stderr that holds ``words``, nothing on stdout, no traceback, and this exit code."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert [word for word in words if word not in result.stderr] == [], result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["query", "--entity", "microsft"], ["unknown entity 'microsft'", "microsoft"]),
        ([*QUERY, "--concept", "capital_expnditure"], ["unknown concept", "capital_expenditure"]),
        ([*QUERY, "--as-of", "2025-02-30"], ["2025-02-30", "YYYY-MM-DD"]),
        ([*QUERY, "--as-of", "yesterday"], ["yesterday", "YYYY-MM-DD"]),
        ([*QUERY, "--as-of", "1990-01-01"], ["1990-01-01", "before the first filing"]),
        ([*QUERY, "--format", "xml"], ["--format", "xml", "parquet"]),
        (["check", "--entity", "microsft"], ["unknown entity 'microsft'", "microsoft"]),
        (["check", "--kind", "sum_missmatch"], ["unknown kind of finding 'sum_missmatch'", "sum_mismatch"]),
        (["check", "--format", "parquet"], ["--format", "parquet"]),
        (["check", "--as-of", "1990-01-01"], ["before the first filing"]),
        (["status", "--by", "entty"], ["'entty'", "entity"]),
        (["status", "--as-of", "soon"], ["soon", "YYYY-MM-DD"]),
        (["export", "--out", "facts.txt"], ["facts.txt", ".parquet", "--format"]),
        (["export"], ["--out"]),
        (["export", "--out", "facts.csv", "--format", "xlsx"], ["xlsx", "iamc"]),
        (["export", "--out", "facts.csv", "--concept", "revenues"], ["unknown concept 'revenues'", "revenue"]),
        (["fetch", "--source", "edger"], ["unknown source 'edger'", "edgar"]),
        (["fetch", "--source", "macro", "dgs11"], ["unknown series 'dgs11'", "dgs10"]),
        (["fetch", "--offline", "MSFFT"], ["'MSFFT'", "MSFT"]),
        (["fetch", "--source", "edgar", "--from", "closes.csv"], ["edgar", "prices", "epoch"]),
        (["fetc"], ["fetc"]),
    ],
    ids=lambda value: " ".join(value) if value[0] in {"query", "check", "status", "export", "fetch", "fetc"} else "",
)
def test_a_wrong_request_is_refused_with_what_was_wanted(
    arguments: list[str], words: list[str], facts: Invoke, tmp_path: Path
) -> None:
    refused(facts(*arguments), 2, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["query"], ["check"], ["status"], ["fetch", "--offline", "MSFT"]])
def test_a_store_that_is_a_file_is_refused(arguments: list[str], facts: Invoke, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    refused(facts(*arguments, "--store", "mine"), 1, "mine: is a file; a store is a folder")
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize("arguments", [["query"], ["check"], ["status"], ["fetch", "--offline", "MSFT"]])
def test_a_store_of_a_newer_headrace_is_refused(arguments: list[str], facts: Invoke, own_store: Path) -> None:
    own_store.mkdir()
    (own_store / "VERSION").write_text("99\n")
    refused(facts(*arguments), 1, "schema version 99", "upgrade headrace")
    assert [path.name for path in own_store.iterdir()] == ["VERSION"]


def test_a_folder_of_something_else_is_no_store(facts: Invoke, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("mine")
    refused(facts("fetch", "--offline", "MSFT", "--store", "papers"), 1, "papers: is no store", "thesis.txt")


def test_the_shipped_tables_cannot_be_fetched_into(facts: Invoke, tmp_path: Path) -> None:
    refused(facts("fetch", "MSFT", "--store", "shipped"), 1, "'shipped'", "never written", "name a folder")
    assert list(tmp_path.iterdir()) == []


def test_without_a_contact_the_sec_is_not_asked_and_it_is_said_once(facts: Invoke, own_store: Path) -> None:
    result = facts("fetch")
    refused(result, 1, "HEADRACE_CONTACT is not set", "jane@example.org")
    assert len(result.stderr.splitlines()) == 1
    assert not own_store.exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("file:///etc", ["HEADRACE_SEC_URL", "names no host"]),
        ("http://data.example.org", ["HEADRACE_SEC_URL", "scheme 'http'", "wanted https"]),
        ("ftp://data.example.org", ["HEADRACE_SEC_URL", "scheme 'ftp'", "wanted https"]),
        ("https://" + "jane:secret@data.example.org", ["HEADRACE_SEC_URL", "user name or password"]),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(
    address: str, words: list[str], facts: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADRACE_CONTACT", "Jane Doe jane@example.org")
    monkeypatch.setenv("HEADRACE_SEC_URL", address)
    result = facts("fetch", "MSFT")
    refused(result, 1, *words)
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("source", "item", "words"),
    [
        ("edgar", "MSFT", ["offline", "fetch it once without --offline"]),
        ("macro", "dgs10", ["offline", "fetch it once without --offline"]),
        ("prices", "MSFT", ["TIINGO_API_KEY is not set"]),
    ],
)
def test_what_cannot_be_had_is_a_failed_item_and_says_what_to_do(
    source: str, item: str, words: list[str], facts: Invoke
) -> None:
    result = facts("fetch", "--source", source, "--offline", item)
    assert result.exit_code == 1
    assert "failed" in result.stdout
    assert [word for word in words if word not in result.stdout] == []
    assert "1 items: 1 failed; 0 rows" in result.stderr


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.csv", None, ["nowhere.csv: no such file"]),
        ("closes.txt", CLOSES, ["closes.txt", ".csv or .parquet"]),
        ("closes.csv", CLOSES.replace("500.5", "-1"), ["closes.csv", "above 0"]),
        ("closes.csv", CLOSES.replace("Adj Close", "Close"), ["closes.csv", "adjusted"]),
        ("closes.parquet", "no parquet", ["closes.parquet", "no Parquet file"]),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_refused(
    name: str, content: str | None, words: list[str], facts: Invoke, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    refused(facts("fetch", "--source", "prices", "--from", name), 1, *words)


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "--out", "no/such/facts.csv"],
        ["export", "--out", "no/such/facts.parquet"],
        [*QUERY, "--format", "csv", "--out", "no/such/facts.csv"],
        [*QUERY, "--format", "parquet", "--out", "no/such/facts.parquet"],
    ],
)
def test_a_file_in_a_folder_that_is_not_there_is_refused(arguments: list[str], facts: Invoke, tmp_path: Path) -> None:
    refused(facts(*arguments), 1, "no/such/facts", "name a file in a folder you may write to")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["export"], [*QUERY, "--format", "csv"]])
def test_a_folder_that_may_not_be_written_is_refused(
    arguments: list[str], facts: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    for step in ("touch", "write_bytes"):
        monkeypatch.setattr(Path, step, refuse)
    refused(facts(*arguments, "--out", "facts.csv"), 1, "facts.csv: Permission denied", "name a file")


def test_a_file_that_was_there_stays_when_the_new_one_cannot_take_its_place(facts: Invoke, tmp_path: Path) -> None:
    (tmp_path / "facts.csv").mkdir()
    refused(facts(*QUERY, "--format", "csv", "--out", "facts.csv"), 1, "facts.csv", "directory")
    refused(facts("export", "--out", "facts.csv"), 1, "facts.csv", "directory")
    assert [path.name for path in tmp_path.iterdir()] == ["facts.csv"]


def test_what_a_document_says_cannot_command_the_terminal(
    facts: Invoke, httpserver: HTTPServer, filings: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = filings.Filings.of("microsoft").says("Revenues", "2024-01-01/2024-03-31", 5, "2024-04-25")
    httpserver.expect_request("/api/xbrl/companyfacts/CIK0000789019.json").respond_with_data(
        document.document(entityName=HOSTILE), content_type="application/json"
    )
    monkeypatch.setenv("HEADRACE_CONTACT", "Jane Doe jane@example.org")
    monkeypatch.setenv("HEADRACE_SEC_URL", httpserver.url_for("").rstrip("/"))
    for form in ("table", "json", "csv"):
        result = facts("fetch", "MSFT", "--format", form)
        assert result.exit_code == 1
        assert "owned" in result.stdout
        assert [letter for letter in "\x1b\x07\x9b\u202e" if letter in result.output] == []


def test_hostile_text_is_written_out_and_plain_text_stays() -> None:
    assert printable(HOSTILE) == r"\x1b]0;owned\x07\x1b[31mMicro\u202esoft\x9b2J"
    assert printable("Société Générale, 台積電, 1 × 2\nnext") == "Société Générale, 台積電, 1 × 2 next"
    assert printable("\ud800") == r"\ud800"


def test_json_keeps_what_it_escapes() -> None:
    import json

    text = as_json([HOSTILE, "台", "\ud800", "\U000e0001"])
    assert json.loads(text) == [HOSTILE, "台", "\ud800", "\U000e0001"]
    assert [letter for letter in "\x1b\x07\x9b\u202e\ud800\U000e0001" if letter in text] == []


def test_ctrl_c_while_fetching_says_what_stays(
    facts: Invoke, own_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headrace.evidence.storage import local_store

    append = local_store.append

    def interrupt_second(batch: object, *given: object, **how: object) -> object:
        if getattr(batch, "item", "") == "nvda":
            raise KeyboardInterrupt
        return append(batch, *given, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(local_store, "append", interrupt_second)
    (tmp_path / "closes.csv").write_text(CLOSES + "2026-08-20,NVDA,180.25\n")
    result = facts("fetch", "--source", "prices", "--from", "closes.csv")
    refused(result, 130, "stopped; 1 of 2 items are done and stay")
    assert len(list((own_store / "closes").iterdir())) == 1
    assert "1 generations of 1 items" in facts("status").stdout


def test_running_out_of_memory_says_what_to_ask_for_instead(facts: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhaust(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("headrace.service.fetch_facts", exhaust)
    refused(facts("fetch", "MSFT"), 1, "out of memory; the store is as it was", "Name fewer items")
