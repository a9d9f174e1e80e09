"""The page as a reader meets it: every number has a receipt, every text is inert, nothing is asked of anyone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from headrace._types import SourceNote
from headrace.errors import OutputError
from headrace.report import page
from headrace.report.answers import Answers
from headrace.report.page import compose, safe_address

VOID = {"meta", "link", "input", "br", "hr", "img"}
NOT_SHOWN = {"script", "style", "title", "head"}

LABELS = re.compile(r"\b(?:19|20)\d\d(?:Q[1-4]|-\d\d-\d\d)?\b|\b(?:50|90)\s%")
"""What may stand without a receipt: years, quarters and dates as labels, and the names of the two bands."""

NAMES = {"cite"}
"""Titles of sources, publishers and licences are names; digits in them are no figures."""


class Walk(HTMLParser):
    """Collects bare numbers, receipts opened, and ids; an element with ``data-receipt`` covers what is inside it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.bare: list[str] = []
        self.opened: set[str] = set()
        self.ids: list[str] = []
        self.linked: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if "data-receipt" in found:
            self.opened.add(str(found["data-receipt"]))
        if tag == "a":
            self.linked.append(str(found.get("href")))
        if tag not in VOID and tag not in {"path", "line", "rect", "circle"}:
            self.open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        tags = {name for name, _ in self.open}
        covered = any("data-receipt" in attributes for _, attributes in self.open)
        if not covered and not tags & (NOT_SHOWN | NAMES) and re.search(r"\d", LABELS.sub("", data)):
            self.bare.append(data.strip())


Make = Callable[..., xr.Dataset]
Answer = Callable[..., Answers]


@pytest.fixture(scope="module")
def made_page(made_future: Make, made_history: Make, made_answers: Answer) -> str:
    future, history = made_future(), made_history()
    return compose(future, history, made_answers(future, history))


def test_every_number_on_the_page_opens_a_receipt(made_page: str) -> None:
    assert Walk(made_page).bare == []


@pytest.mark.parametrize(
    "planted",
    [
        "<p>42</p>",
        "<td>3.14</td>",
        "<p>up 12 % in 2027</p>",
        "<figure>7</figure>",
        "<p>USD 1,234 bn</p>",
        "<p>20261</p>",
    ],
)
def test_a_planted_bare_number_is_found(made_page: str, planted: str) -> None:
    assert len(Walk(made_page.replace("</main>", f"{planted}</main>")).bare) == 1


def test_every_receipt_opened_is_on_the_page_once(made_page: str) -> None:
    walk = Walk(made_page)
    assert len(walk.ids) == len(set(walk.ids))
    assert {f"receipt-{key}" for key in walk.opened} - set(walk.ids) == set()


def test_every_link_inside_the_page_leads_somewhere(made_page: str) -> None:
    walk = Walk(made_page)
    inside = {link[1:] for link in walk.linked if link.startswith("#")} - {"closed"}
    missing = {link for link in inside - set(walk.ids) if link.removeprefix("receipt-") not in walk.opened}
    assert missing == set()


def test_every_receipt_says_what_it_is_and_how_it_is_made_again(made_page: str) -> None:
    slips = re.findall(r'<section class="receipt.*?</section>', made_page, re.DOTALL)
    assert len(slips) > 20
    for slip in slips:
        assert "Formula" in slip
        assert "import headrace as hr" in slip
        assert "Inputs" in slip or "Sources behind it" in slip


def test_every_figure_carries_a_status_in_shape_letter_and_word(made_page: str) -> None:
    figures = re.findall(r'<a class="figure.*?</a>', made_page, re.DOTALL)
    assert len(figures) > 300
    run = [text for text in figures if 'href="#receipt-run"' in text]
    for text in set(figures) - set(run):
        assert re.search(r">[◆◇▲○?][RDESU]", text), text
        assert re.search(r'class="unseen">(?:reported|derived|estimated|scenario|unresolved)', text), text


def test_the_page_asks_nothing_of_anyone(made_page: str) -> None:
    for tag, attributes in Walk(made_page).tags:
        assert tag not in {"iframe", "object", "embed", "img", "image", "use", "base", "form"}
        assert not any(name.startswith("on") for name in attributes)
        assert "style" not in attributes
        assert "src" not in attributes
        if tag == "link":
            assert attributes["href"] == "data:,"
    assert "url(http" not in made_page
    assert "@import" not in made_page


def test_the_policy_names_the_one_style_and_the_one_script(made_page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', made_page)
    assert policy is not None
    allowed = policy[1].replace("&#39;", "'")
    assert allowed.startswith("default-src 'none'")
    assert "unsafe" not in allowed
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", made_page, re.DOTALL)
        assert "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in allowed


HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


def test_hostile_words_in_a_title_or_a_source_are_inert(
    made_future: Make, made_history: Make, made_answers: Answer
) -> None:
    future, history = made_future(title=HOSTILE), made_history()
    note = SourceNote("sec_companyfacts", HOSTILE, HOSTILE, "javascript:alert(1)", HOSTILE, "data:text/html,x", HOSTILE)
    usual = made_answers(future, history)
    rows = [replace(row, label=HOSTILE, reason=HOSTILE, locator=HOSTILE) for row in usual.assumptions]
    receipt = usual.receipt

    def hostile(name: str) -> object:
        inputs = tuple(replace(row, value=HOSTILE, url="javascript:alert(1)") for row in receipt(name).inputs)
        return replace(receipt(name), what=HOSTILE, inputs=inputs, sources=(note,), reproduce_cli=HOSTILE)

    text = compose(future, history, replace(usual, sources=[note], assumptions=rows, receipt=hostile))  # type: ignore[arg-type]
    tags = Walk(text).tags
    assert [tag for tag, _ in tags].count("script") == 1
    assert not any(tag == "img" for tag, _ in tags)
    assert not any("javascript:" in str(value) for _, found in tags for name, value in found.items() if name == "href")
    assert "&lt;script&gt;alert" in text
    assert "{{7*7}}" in text


def test_a_run_that_loses_worlds_says_how_many_on_top(
    made_future: Make, made_history: Make, made_answers: Answer
) -> None:
    future, history = made_future(), made_history()
    left = future.isel(draw=slice(0, 23))
    text = compose(left, history, made_answers(left, history))
    assert re.search(r'of which <a class="figure" href="#receipt-world_status"[^>]*><data value="7">7</data>', text)
    assert "end early" not in compose(future, history, made_answers(future, history))
    assert Walk(text).bare == []


def test_a_receipt_lists_the_sources_of_its_own_inputs_and_counts_the_rest(
    made_future: Make, made_history: Make, made_answers: Answer
) -> None:
    future, history = made_future(), made_history()
    usual = made_answers(future, history)
    behind = [SourceNote(f"far_{i}", f"Far source {i}") for i in range(3)]

    def receipt(name: str) -> object:
        return replace(usual.receipt(name), sources=(*usual.sources, *behind))

    told = replace(usual, receipt=receipt, sources=[*usual.sources, *behind])  # type: ignore[arg-type]
    text = compose(future, history, told)
    slip = re.search(r'id="receipt-ai_capital_expenditure_usd_bn".*?</section>', text, re.DOTALL)
    assert slip is not None
    assert "Far source" not in slip[0]
    assert re.search(r'(?:And 3 more|4) through its inputs: <a href="#sources">', slip[0])
    assert "Far source 2" in text.split('id="sources"')[1]


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://www.sec.gov/x", True), ("http://example.org", True), ("javascript:alert(1)", False), ("", False),
        ("data:text/html,x", False), ("//example.org", False), ("https://", False), ("http://[", False),
        ("JAVASCRIPT:alert(1)", False), ("file:///etc/passwd", False),
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(address: str, is_safe: bool) -> None:
    assert bool(safe_address(address)) is is_safe


def test_the_same_run_makes_the_same_page(
    made_page: str, made_future: Make, made_history: Make, made_answers: Answer
) -> None:
    future, history = made_future(), made_history()
    assert compose(future, history, made_answers(future, history)) == made_page


def test_data_links_hold_every_quarter_and_their_status(made_page: str) -> None:
    found = re.search(
        r'href="data:text/csv;charset=utf-8;base64,([^"]*)" download="capital_expenditure.csv"', made_page
    )
    assert found is not None
    lines = base64.b64decode(found[1]).decode().splitlines()
    assert lines[0] == "series,quarter,p05,p25,median,p75,p95,unit,status,quality"
    assert any(line.startswith("Meta,2026Q2,") and line.endswith("USD bn,reported,A") for line in lines)
    assert any(line.startswith("Meta,2036Q2,") and line.endswith("USD bn,scenario,C") for line in lines)


ODD_WORLDS: dict[str, dict[str, float]] = {
    "nothing resolved": {
        "tightness": np.nan, "binding_layer": -1, "tightest_it_layer": -1, "tightest_site_layer": -1,
    },
    "nothing known": {"compute_margin_usd_bn": np.nan, "active_compute_gw": np.nan, "spend_to_pool_ratio": np.nan},
    "below zero": {"operating_cash_flow_usd_bn": -5.0, "net_debt_usd_bn": -300.0, "capital_charge_usd_bn": 0.0},
    "nothing anywhere": dict.fromkeys(("regional_compute_gw", "group_earnings_usd_bn", "earnings_growth"), 0.0),
    "no market": dict.fromkeys(("log_multiple", "price_growth", "earnings_breadth", "regional_compute_gw"), np.nan),
    "no width": dict.fromkeys(("spend_to_pool_ratio", "tightness", "unpowered_it_gw", "empty_shells_gw"), 1.0),
}  # fmt: skip


@pytest.mark.parametrize("values", ODD_WORLDS.values(), ids=ODD_WORLDS)
def test_a_page_of_odd_worlds_still_stands_and_every_number_has_its_receipt(
    values: dict[str, float], made_future: Make, made_history: Make, made_answers: Answer
) -> None:
    future, history = made_future(**values), made_history()
    text = compose(future, history, made_answers(future, history))
    assert Walk(text).bare == []
    assert not re.search(r"\bnan\b|\binf\b|NaN|Infinity", re.sub(r"base64,[^\"]*", "", text))
    if values.get("active_compute_gw", 0.0) != 0.0:
        assert re.search(r'<data value="">–</data>.{0,80}is-unresolved', text, re.DOTALL)


@pytest.mark.parametrize(
    "odd",
    [
        {"losing": (), "winning": ()},
        {"pairs": (), "scored": 0, "own_open": 0},
        {"own_scored": 3, "missing": ()},
        {"losing": (), "missing": tuple(("capital_expenditure", horizon) for horizon in (1, 2, 4, 8))},
    ],
    ids=["no line", "no pair", "own scored", "no line of the five"],
)
def test_a_page_on_whose_record_little_is_known_still_stands(
    odd: dict[str, object], made_future: Make, made_history: Make, made_answers: Answer
) -> None:
    future, history = made_future(2, 2), made_history()
    usual = made_answers(future, history)
    text = compose(future, history, replace(usual, trust=replace(usual.trust, **odd)))  # type: ignore[arg-type]
    assert Walk(text).bare == []
    assert not re.search(r"\bnan\b|\binf\b|NaN|Infinity", re.sub(r"base64,[^\"]*", "", text))


@pytest.mark.parametrize(("draws", "quarters"), [(1, 40), (30, 1), (1, 3), (3, 80)])
def test_one_draw_or_a_few_quarters_make_a_page(
    draws: int, quarters: int, made_future: Make, made_history: Make, made_answers: Answer
) -> None:
    future, history = made_future(draws, quarters), made_history("2026Q2")
    assert Walk(compose(future, history, made_answers(future, history))).bare == []


def test_a_report_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_future: Make, made_history: Make
) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")
    monkeypatch.setattr(page, "render", lambda *_: "new")
    monkeypatch.setattr("pathlib.Path.replace", _full)
    with pytest.raises(OutputError, match="untouched"):
        page.write_report(made_future(1, 1), made_history(), target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_in_a_folder_that_is_not_there_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_future: Make, made_history: Make
) -> None:
    monkeypatch.setattr(page, "render", lambda *_: "new")
    with pytest.raises(OutputError, match="No such file"):
        page.write_report(made_future(1, 1), made_history(), tmp_path / "nowhere" / "report.html")


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")
