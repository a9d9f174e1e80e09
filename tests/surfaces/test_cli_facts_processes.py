"""What only a process of its own can show of ``headrace facts``: a fetch that is stopped or killed, what it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Command = Callable[..., "subprocess.CompletedProcess[str]"]

CIK = {"microsoft": 789019, "meta": 1326801}
HEAVY = ["jax", "xarray", "httpx2", "stamina", "scipy", "pydantic", "rich"]
"""What a question about facts needs nothing of."""


@pytest.fixture
def held_back(filings: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A server that gives Microsoft's document at once and Meta's only after the event that is handed out."""
    let_go = threading.Event()

    def document(slug: str) -> Response:
        filed = filings.Filings.of(slug).says("Revenues", "2031-01-01/2031-03-31", 5_000_000, "2031-04-25")
        return Response(filed.document(), content_type="application/json")

    def wait(_: Request) -> Response:
        let_go.wait(30)
        return document("meta")

    with HTTPServer(threaded=True) as server:
        monkeypatch.setenv("HEADRACE_SEC_URL", server.url_for("").rstrip("/"))
        monkeypatch.setenv("HEADRACE_CONTACT", "Jane Doe jane@example.org")
        address = "/api/xbrl/companyfacts/CIK{:010d}.json"
        server.expect_request(address.format(CIK["microsoft"])).respond_with_handler(lambda _: document("microsoft"))
        server.expect_request(address.format(CIK["meta"])).respond_with_handler(wait)
        yield let_go
        let_go.set()


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=["Ctrl-C", "terminate", "kill"],
)
def test_a_fetch_that_is_stopped_leaves_the_store_whole(
    sent: signal.Signals, code: int, held_back: threading.Event, headrace: Command, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "headrace", "facts", "fetch", "MSFT", "META"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": source()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    with process:
        first = process.stderr.readline()
        time.sleep(1)  # by now it waits for the last document
        process.send_signal(sent)
        start = time.monotonic()
        out, error = process.communicate(timeout=60)
        waited = time.monotonic() - start
    assert first == "edgar: microsoft (1 of 2)\n", error
    assert process.returncode == code, error
    assert waited < 5
    assert out == ""
    assert "Traceback" not in error
    if sent == signal.SIGINT:
        assert "stopped; 1 of 2 items are done and stay" in error
    status = json.loads(headrace("facts", "status", "--format", "json").stdout)
    assert (status["store"]["generations"], status["store"]["items"]) == (1, 1)
    held_back.set()
    done = headrace("facts", "fetch", "MSFT", "META", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert [row["result"] for row in json.loads(done.stdout)] == ["unchanged", "added"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "--out", "facts.parquet"],
        ["export", "--out", "facts.csv"],
        ["query", "--format", "csv", "--out", "facts.csv"],
    ],
    ids=" ".join,
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    arguments: list[str], headrace: Command, tiny_disk: Path
) -> None:
    done = headrace("facts", *arguments, cwd=tiny_disk)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "No space left on device; name a file" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tiny_disk.iterdir()) == []


def test_a_query_imports_no_compiler_and_no_client(root: Path, tmp_path: Path) -> None:
    code = (
        "import sys, atexit; from headrace.cli import main; "
        f"atexit.register(lambda: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)); "
        "main(['facts', 'query', '--entity', 'msft', '--concept', 'capital_expenditure', '--format', 'csv'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": source()},
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("entity,concept,"), done.stderr
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_reader_who_goes_away_is_no_fault(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "headrace", "facts", "query", "--format", "csv"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": source()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("entity,concept,")
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def source() -> str:
    return str(Path(__file__).resolve().parents[2] / "src")
