"""Guidance as known at each date, on the definition of who gave it."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from headrace.errors import EvidenceError
from headrace.evidence import concepts, guidance, universe

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_collected_figures = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")

ROW = """
[[guide]]
entity = "meta"
concept = "capital_expenditure_including_finance_leases"
announced = 2026-04-29
period = "CY2026"
target_start = 2026-01-01
target_end = 2026-12-31
low_usd_bn = 125.0
high_usd_bn = 145.0
direction = "raised"
quality = "A"
source_url = "https://example.org"
"""


def guides(entity: str, period: str, as_of: str | None = None) -> list[guidance.Guide]:
    return [guide for guide in guidance.load(as_of) if (guide.entity, guide.period) == (entity, period)]


def test_a_view_as_of_a_day_sees_the_guide_of_that_day() -> None:
    assert guides("meta", "CY2026", "2026-05-01")[-1].low_usd_bn == 125.0
    assert guides("meta", "CY2026")[-1].low_usd_bn == 130.0
    assert guides("meta", "CY2026", "2025-12-31") == []


def test_the_disputed_guides_of_microsoft_have_no_number() -> None:
    disputed = guides("microsoft", "FY2027")
    assert len(disputed) == 2
    assert all(guide.disputed and guide.direction == "unclear" for guide in disputed)
    for guide in guidance.load():
        numbers = (guide.low_usd_bn, guide.point_usd_bn, guide.high_usd_bn)
        assert not guide.disputed or numbers == (None, None, None), guide


def test_every_company_guides_on_a_definition_of_its_own_that_is_never_added_to_cash() -> None:
    spending = {guide.entity: set[str]() for guide in guidance.load()}
    for guide in guidance.load():
        if guide.concept != "revenue":
            spending[guide.entity].add(guide.concept)
    assert spending["microsoft"] == {"capital_expenditure_management_defined"}
    assert spending["meta"] == {"capital_expenditure", "capital_expenditure_including_finance_leases"}
    with pytest.raises(EvidenceError, match="both measure capital expenditure"):
        concepts.check_additive(spending["meta"], "entities")
    with pytest.raises(EvidenceError, match="both measure capital expenditure"):
        concepts.check_additive(spending["amazon"] | spending["alphabet"], "entities")


def test_meta_changed_what_it_guides_when_it_added_leases() -> None:
    meta = [guide for guide in guidance.load() if guide.entity == "meta" and guide.concept != "revenue"]
    cash = [guide.announced for guide in meta if guide.concept == "capital_expenditure"]
    leases = [guide.announced for guide in meta if guide.concept != "capital_expenditure"]
    assert max(cash) < dt.date(2020, 1, 1) <= min(leases)


def test_directions_follow_from_the_numbers() -> None:
    assert [guide.direction for guide in guides("meta", "CY2025") if guide.low_usd_bn] == [
        "first",
        "raised",
        "narrowed",
        "narrowed",
    ]
    coreweave = [guide.direction for guide in guides("coreweave", "CY2025") if guide.concept != "revenue"]
    assert coreweave == ["first", "kept", "lowered"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('entity = "meta"', 'entity = "metta"', "unknown entity 'metta'; near: meta"),
        ('concept = "capital_expenditure_including_finance_leases"', 'concept = "capex"', "unknown concept 'capex'"),
        ('direction = "raised"', 'direction = "up"', "unknown direction 'up'"),
        ("low_usd_bn = 125.0", "low_usd_bn = 150.0", "wanted positive numbers in order"),
        ("low_usd_bn = 125.0", "low_usd_bn = -125.0", "wanted positive numbers in order"),
        ('quality = "A"', 'quality = "A"\ndisputed = true', "sources contradict each other, so it has no number"),
        ("target_end = 2026-12-31", "target_end = 2025-12-31", "ends before it starts"),
        ('source_url = "https://example.org"', 'source_url = "a public file"', "a page that a reader can open"),
        ("high_usd_bn", "hi_usd_bn", "unknown key 'hi_usd_bn'; near: high_usd_bn"),
        ('period = "CY2026"', "", "'period' is missing"),
    ],
)
def test_a_broken_row_is_refused(old: str, new: str, message: str) -> None:
    assert len(guidance.read_guides(ROW)) == 1
    with pytest.raises(EvidenceError, match=rf"guidance\.toml, guide 1 .*{message}"):
        guidance.read_guides(ROW.replace(old, new))


def test_two_guides_of_one_day_for_one_period_are_refused() -> None:
    with pytest.raises(EvidenceError, match="meta guides CY2026 twice on 2026-04-29"):
        guidance.read_guides(ROW + ROW)


@needs_collected_figures
def test_the_ledger_is_made_again_from_the_collected_list(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "scripts"))
    from evidence_build.guidance_vintages import write_guidance

    report: Counter[str] = Counter()
    by_ticker = {entity.ticker: entity for entity in universe.load().values()}
    write_guidance(SHARED / "guidance_vintages.csv", by_ticker, tmp_path, report)
    shipped = root / "src/headrace/data/guidance.toml"
    assert (tmp_path / "guidance.toml").read_bytes() == shipped.read_bytes()
    left_out = sum(count for line, count in report.items() if line.startswith("left out"))
    assert report["rows in: guidance_vintages.csv"] == report["rows out: guidance.toml"] + left_out


@needs_collected_figures
def test_no_sentence_of_the_collected_list_is_in_the_ledger(root: Path) -> None:
    text = (root / "src/headrace/data/guidance.toml").read_text(encoding="utf-8")
    with (SHARED / "guidance_vintages.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for sentence in (row["direction_text"], row["note"]):
                assert len(sentence) < 12 or sentence not in text, sentence
