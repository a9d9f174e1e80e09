"""The page in a browser: one request, nothing refused, receipts open and close, no sideways scrolling on a phone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import xarray as xr

from headrace.report.answers import Answers
from headrace.report.page import compose

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium here")

HARNESS = """<!doctype html><title>harness</title><pre id="found"></pre>
<iframe id="frame" src="/report.html" width="WIDTH" height="800"></iframe>
<script>
addEventListener("load", async () => {
  const frame = document.getElementById("frame"), page = frame.contentDocument, view = frame.contentWindow;
  const pause = () => new Promise((done) => setTimeout(done, 60));
  const seen = {};
  seen.sideways = page.documentElement.scrollWidth - page.documentElement.clientWidth;
  seen.smallest = Math.min(...[...page.querySelectorAll("main svg text")].filter((t) => t.getClientRects().length)
    .map((t) => parseFloat(view.getComputedStyle(t).fontSize) * t.getScreenCTM().a));
  const figure = page.querySelector(".says a.figure"), key = figure.dataset.receipt;
  const panel = page.getElementById("receipt-" + key);
  seen.hidden = view.getComputedStyle(panel).display;
  figure.click(); await pause();
  seen.address = view.location.hash === "#receipt-" + key;
  seen.shown = view.getComputedStyle(panel).display;
  seen.focused = page.activeElement === panel;
  seen.opened = panel.querySelector(".opened").textContent.includes(figure.querySelector("data").textContent);
  page.dispatchEvent(new view.KeyboardEvent("keydown", { key: "Escape", bubbles: true })); await pause();
  seen.closed = view.getComputedStyle(panel).display;
  seen.back = page.activeElement === figure;
  const rests = page.querySelector(".says a.rests"); rests.click(); await pause();
  seen.row = page.querySelector("li:target")?.getClientRects().length > 0;
  const worlds = page.querySelector(".worlds input");
  const line = worlds.closest("figure").querySelector(WIDTH > 760 ? ".wide .s-world" : ".narrow .s-world");
  seen.worlds = view.getComputedStyle(line).display; worlds.click();
  seen.asked = view.getComputedStyle(line).display;
  document.getElementById("found").textContent = JSON.stringify(seen);
});
</script>"""


@pytest.fixture(scope="module")
def visit(
    made_future: Callable[..., xr.Dataset],
    made_history: Callable[..., xr.Dataset],
    made_answers: Callable[..., Answers],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[int], tuple[dict[str, object], list[str], str]]]:
    """``visit(width)``: what the harness saw, the requests made, and what the browser complained of."""
    future, history = made_future(), made_history()
    page = compose(future, history, made_answers(future, history))
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            width = re.fullmatch(r"/(\d+)", self.path)
            body = HARNESS.replace("WIDTH", width[1]) if width else page if self.path == "/report.html" else ""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def go(width: int) -> tuple[dict[str, object], list[str], str]:
        asked.clear()
        done = look(f"http://127.0.0.1:{server.server_port}/{width}", tmp_path_factory.mktemp("profile"))
        found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
        assert found is not None, done.stderr[-2000:]
        return json.loads(found[1] or "{}"), list(asked), done.stderr

    yield go
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("width", [390, 1024, 1600])
def test_receipts_open_by_a_click_and_close_by_escape_at_every_width(
    visit: Callable[[int], tuple[dict[str, object], list[str], str]], width: int
) -> None:
    seen, asked, complaints = visit(width)
    smallest = seen.pop("smallest")
    assert seen == {
        "sideways": 0, "hidden": "none", "address": True, "shown": "block", "focused": True, "opened": True,
        "closed": "none", "back": True, "row": True, "worlds": "none", "asked": "inline",
    }  # fmt: skip
    assert isinstance(smallest, float | int)
    assert smallest >= 12
    assert [path for path in asked if path != "/favicon.ico"] == [f"/{width}", "/report.html"]
    assert "Content Security Policy" not in complaints
    assert "Uncaught" not in complaints


def look(address: str, profile: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-quic", "--enable-logging=stderr",
        f"--user-data-dir={profile}", "--window-size=1700,1000", "--virtual-time-budget=8000", "--dump-dom", address,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
