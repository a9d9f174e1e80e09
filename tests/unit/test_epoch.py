"""Epoch AI's tables: sites, chips with percentiles, and companies that file nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from headrace.errors import EvidenceError, UnknownNameError
from headrace.evidence import concepts, sources
from headrace.evidence.batch import Batch, Document
from headrace.evidence.providers import epoch, epoch_tables
from headrace.evidence.storage.store import TABLES

SEEN = dt.datetime(2026, 8, 21, 12, tzinfo=dt.UTC)
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "epoch"
needs_copies = pytest.mark.skipif(not SHARED.is_dir(), reason="the copies of Epoch AI's tables are not here")

SITES = "Date,IT power (MW),Power (MW),H100 equivalents,Total capital cost (2025 USD billions),Data center\n"
OWNERS = (
    "Chip manufacturer,Owner,Start date,End date,Compute estimate in H100e (median),H100e (5th percentile),"
    "H100e (95th percentile),Number of Units,Number of Units (5th percentile),Number of Units (95th percentile),"
    "Chip type,Incomplete,Notes\n"
)
FUNDING = (
    "Id,Company,Close date,Status,Funding (equity),Funding (debt),Valuation (post-money),Report date,Notes,Confidence\n"
)
SPENDING = (
    "Company,Period type,Date,Report date,Confidence,Inference compute spend,R&D compute spend,Total compute spend\n"
)
REVENUE = "Company,Date,Annualized revenue (USD),Scope,Confidence,Report date\n"
MADE = "Estimates generated on: 04-15-2026 18:24"


class Answer:
    """Stands in for the downloader."""

    def __init__(self, content: bytes) -> None:
        self.content, self.asked = content, ""

    def get(self, url: str, params: Mapping[str, str] = {}, secret_params: Mapping[str, str] = {}) -> Document:
        self.asked = url
        return Document(self.content, url, hashlib.sha256(self.content).hexdigest(), SEEN)


def read(item: str, text: str) -> Batch:
    return epoch.read(item, Answer(text.encode()))


def owned(units: float = 1000, equivalents: float = 2530, chip: str = "B200", note: str = MADE) -> str:
    of_h100, of_units = (f"{x},{x * 0.8},{x * 1.2}" for x in (equivalents, units))
    return f"Nvidia,Meta,1/1/2022,3/31/2026,{of_h100},{of_units},{chip},,{note}\n"


def test_a_site_has_three_powers_apart_and_what_lies_ahead_is_a_plan() -> None:
    rows = read(
        "data_centres", SITES + "2026-05-01,80,100,5e4,2.5,Meta Temple\n2028-05-01,800,1000,5e5,25,Meta Temple\n"
    ).rows
    values = rows.set_index(["concept", rows["period_end"].dt.year])["value"].to_dict()
    assert set(rows["entity"]) == {"site_meta_temple"}
    assert (values["site_facility_power", 2026], values["site_it_power", 2026]) == (100.0, 80.0)
    assert values["site_facility_power_planned", 2028] == 1000.0
    assert values["site_capital_cost", 2026] == 2.5e9
    assert not any(concept.endswith("power") and year == 2028 for concept, year in values)
    assert set(rows["status"]) == {"estimated"}
    assert set(rows["filed"].dt.date) == {SEEN.date()}
    assert list(rows.columns) == list(TABLES["facts"])


def test_power_of_the_facility_and_of_its_it_is_never_added() -> None:
    rows = read("data_centres", SITES + "2026-05-01,80,100,,,Meta Temple\n").rows
    with pytest.raises(EvidenceError, match="both measure power of AI computing"):
        concepts.total(rows, "entities")


def test_percentiles_are_concepts_of_their_own_that_have_no_sum() -> None:
    rows = read("chip_owners_by_chip", OWNERS + owned()).rows
    assert set(rows["entity"]) == {"meta.nvidia.b200"}
    assert rows.set_index("concept")["value"].to_dict() == {
        "ai_chips_owned_units_median": 1000.0,
        "ai_chips_owned_units_p5": 800.0,
        "ai_chips_owned_units_p95": 1200.0,
        "ai_chips_owned_h100e_8bit_median": 2530.0,
        "ai_chips_owned_h100e_8bit_p5": 2024.0,
        "ai_chips_owned_h100e_8bit_p95": 3036.0,
    }
    for concept in rows["concept"]:
        with pytest.raises(EvidenceError, match="percentile of a sum is not the sum of percentiles"):
            concepts.total(rows[rows["concept"] == concept], "entities")


def test_an_estimate_counts_from_the_day_on_which_it_was_made() -> None:
    rows = read("chip_owners_by_chip", OWNERS + owned()).rows
    assert set(rows["filed"].dt.date) == {dt.date(2026, 4, 15)}
    assert not rows["filed_estimated"].any()
    unknown = read("chip_owners_by_chip", OWNERS + owned(note="")).rows
    assert set(unknown["filed"].dt.date) == {SEEN.date()}
    assert unknown["filed_estimated"].all()


@pytest.mark.parametrize(("chip", "by_16_bit"), [("B200", 2270), ("TPU v4", 278), ("TPU v4i", 139.5)])
def test_h100_equivalents_by_16_bits_are_refused_under_a_concept_by_8_bits(chip: str, by_16_bit: float) -> None:
    with pytest.raises(EvidenceError, match=rf"{chip} counts .* by 8-bit operations it is .* do not mix the two"):
        read("chip_owners_by_chip", OWNERS + owned(equivalents=by_16_bit, chip=chip))


def test_medians_of_few_chips_may_scatter_around_the_ratio() -> None:
    rows = read("chip_owners_by_chip", OWNERS + owned() + owned(units=10, equivalents=23).replace("3/31", "6/30")).rows
    assert len(rows) == 12


def test_a_period_that_is_marked_incomplete_is_left_out_and_said() -> None:
    batch = read(
        "chip_owners_by_chip", OWNERS + owned() + owned(chip="B300", note="Incomplete: based on fiscal quarters")
    )
    assert set(batch.rows["entity"]) == {"meta.nvidia.b200"}
    assert [(one.kind, one.entity, one.refused) for one in batch.findings] == [("left_out", "meta.nvidia.b300", True)]


def test_two_values_for_one_day_are_both_refused_and_equal_ones_are_one() -> None:
    text = FUNDING + (
        "a,Mistral AI,6/11/2024,Closed,500000000,,6000000000,6/11/2024,,Confident\n"
        "b,Mistral AI,6/11/2024,Closed,500000000,,640000000,6/11/2024,,Likely\n"
    )
    batch = read("company_funding", text)
    assert batch.rows["concept"].tolist() == ["equity_raised"]
    assert batch.rows["status"].tolist() == ["reported"]
    assert [(one.kind, one.concept) for one in batch.findings] == [("conflict", "post_money_valuation")]
    assert "640,000,000 and 6,000,000,000 USD" in batch.findings[0].text


def test_a_round_that_has_not_closed_is_no_money_raised() -> None:
    text = FUNDING + (
        "a,OpenAI,,Late discussions,1E+11,,,9/22/2025,,Confident\n"
        "b,OpenAI,10/1/2025,Closed,0,,5E+11,10/2/2025,,Confident\n"
    )
    batch = read("company_funding", text)
    assert batch.rows["concept"].tolist() == ["post_money_valuation"]
    assert "Status is 'Late discussions'; the facts hold Closed" in batch.findings[0].text


def test_spending_stated_before_the_year_ended_is_a_plan() -> None:
    text = SPENDING + (
        "OpenAI,Year,12/31/2025,9/19/2025,Likely,7000000000,,\n"
        "OpenAI,Year,12/31/2022,5/4/2023,Likely,,,416000000\n"
        "Anthropic,Annualized,7/31/2025,,Likely,2000000000,,\n"
    )
    batch = read("company_compute", text)
    rows = batch.rows.set_index("concept")
    assert rows["value"].to_dict() == {"compute_spending_inference_planned": 7e9, "compute_spending": 416e6}
    assert rows.loc["compute_spending", "period_start"].date() == dt.date(2022, 1, 1)
    assert rows.loc["compute_spending", "calendar_quarter"] == ""
    assert rows.loc["compute_spending", "filed"].date() == dt.date(2023, 5, 4)
    assert [one.kind for one in batch.findings] == ["left_out"]


def test_a_report_date_that_is_a_slip_of_the_pen_is_not_believed() -> None:
    batch = read("company_compute", SPENDING + "OpenAI,Year,12/31/2025,0202-07-30,Likely,,,16000000000\n")
    assert batch.rows["filed"].dt.date.tolist() == [SEEN.date()]
    assert batch.rows["filed_estimated"].tolist() == [True]
    assert [one.kind for one in batch.findings] == ["estimated_filing_date"]


def test_revenue_of_one_product_is_not_that_of_the_company() -> None:
    batch = read(
        "company_revenue",
        REVENUE
        + "Anthropic,10/15/2025,1000000000,Product,Likely,10/15/2025\n"
        + "Anthropic,10/21/2025,7000000000,Full company,Likely,10/21/2025\n",
    )
    assert batch.rows["value"].tolist() == [7e9]
    assert "Scope is 'Product'" in batch.findings[0].text
    thin = read(
        "company_revenue", "Company,Date,Revenue amount (normalize to annual),,,\nOpenAI,12/31/2022,28000000,,,\n"
    )
    assert thin.rows["value"].tolist() == [28e6]
    assert "no column 'Scope'" in thin.findings[0].text


@pytest.mark.parametrize(
    ("item", "text", "message"),
    [
        ("data_centres", "<html>gone</html>", "Epoch AI, data_centres: a web page came"),
        ("data_centres", "", "the document is empty"),
        ("data_centres", "Date,Power\n2026-01-01,1\n", "column 'Data center' is missing"),
        ("data_centres", "Date,Data center\n2026-01-01,x\n", "none of the columns 'Power .MW., IT power"),
        ("data_centres", SITES + "2026-05-01,80,NaN,,,Meta\n", r"line 2, Power \(MW\): 'NaN' is no finite number"),
        ("data_centres", SITES + "2026-05-01,80,=1+1,,,Meta\n", "is a formula"),
        ("data_centres", SITES + "2026-05-01,80,-5,,,Meta\n", "-5 is below 0"),
        ("data_centres", SITES + "31/05/2026,80,5,,,Meta\n", "is no day"),
        ("data_centres", SITES + "2026-05-01,80,5,,,!!!\n", "names nobody"),
        ("data_centres", SITES + "2026-05-01,8,5,,,Meta A\n2026-06-01,8,5,,,Meta-A\n", "would both be site_meta_a"),
        ("data_centres", SITES, "no figure in it"),
        ("chip_owners_quarters", OWNERS + owned().replace("1/1/2022", "1/1/2027"), "ends before it starts"),
        ("chip_owners_quarters", OWNERS + owned(note="Estimates generated on: 13-45-2026"), "is no day"),
    ],
)
def test_what_is_not_the_table_is_refused_with_its_place(item: str, text: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        read(item, text)


def test_a_release_that_lies_ahead_is_no_fact() -> None:
    text = "Hardware name,Release date,TDP (W)\nNVIDIA B200,2024-11-15,1000\nNVIDIA R200,2027-01-01,2000\n"
    batch = read("hardware", text)
    assert batch.rows["entity"].tolist() == ["chip_nvidia_b200"]
    assert [(one.kind, one.refused) for one in batch.findings] == [("future_period", True)]


def test_tables_are_asked_for_below_the_address_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_EPOCH_URL", "http://127.0.0.1:8/")
    answer = Answer((SITES + "2026-05-01,80,100,,,Meta\n").encode())
    epoch.read("data_centres", answer)
    assert answer.asked == "http://127.0.0.1:8/data/data_centers/data_center_timelines.csv"


def test_a_folder_of_copies_is_read_by_the_same_code(tmp_path: Path) -> None:
    place = tmp_path / "frontier_data_centers" / "data_center_timelines.csv"
    place.parent.mkdir()
    place.write_text(SITES + "2026-05-01,80,100,,,Meta Temple\n", encoding="utf-8")
    (batch,) = epoch.read_folder(tmp_path, SEEN)
    pd.testing.assert_frame_equal(batch.rows, read("data_centres", place.read_text(encoding="utf-8")).rows)
    with pytest.raises(EvidenceError, match="no table of Epoch AI lies there; wanted files such as frontier"):
        list(epoch.read_folder(tmp_path / "empty", SEEN))


def test_unknown_tables_are_named_and_all_are_read_when_none_is() -> None:
    assert set(epoch.items([])) == set(epoch_tables.load().table)
    with pytest.raises(UnknownNameError, match="did you mean chip_owners"):
        epoch.items(["chip_owner"])


def test_what_is_ours_to_pass_on_is_said_of_every_table() -> None:
    sources.check_may_ship("facts.parquet", {table.source_id for table in epoch_tables.load().table.values()})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('concept = "chip_power"', 'concept = "chip_powr"', "unknown concept 'chip_powr'; near: chip_power"),
        ('source_id = "epoch_hardware"', 'source_id = "epoch"', "unknown source 'epoch'"),
        ("quality", "qualty", "unknown key 'qualty'; near: quality"),
        ('unit = "W"', "", "'unit' is missing"),
        ('end = "Release date"', 'end = "Release date"\nspan = "month"', "span is 'month'"),
    ],
)
def test_a_broken_declaration_is_refused(old: str, new: str, message: str) -> None:
    text = (
        '[names]\n[per_unit]\n[table.hardware]\nurl = "x"\npage = "x"\nentity = ["Hardware name"]\n'
        'end = "Release date"\nfiles = []\nfiled = { seen = true }\nquality = "B"\nsource_id = "epoch_hardware"\n'
        '[[table.hardware.measure]]\ncolumn = ["TDP (W)"]\nconcept = "chip_power"\nunit = "W"\n'
    )
    assert set(epoch_tables.read_tables(text).table) == {"hardware"}
    with pytest.raises(EvidenceError, match=rf"epoch\.toml, \[table\.hardware\].*{message}"):
        epoch_tables.read_tables(text.replace(old, new))


@needs_copies
def test_every_table_of_the_copies_is_read_and_nothing_leaves_without_a_word() -> None:
    batches = {batch.item: batch for batch in epoch.read_folder(SHARED, SEEN)}
    assert set(batches) == set(epoch_tables.load().table)
    rows = pd.concat([batch.rows for batch in batches.values()])
    assert len(rows) > 9_000
    assert set(rows["concept"]) <= set(concepts.load())
    assert not rows.duplicated(["entity", "concept", "period_start", "period_end", "filed"]).any()
    sites = batches["data_centres"].rows
    osmium = sites[(sites["entity"] == "site_microsoft_project_osmium") & (sites["concept"] == "site_facility_power")]
    assert 57.0 in osmium["value"].tolist()
    kinds = {finding.kind for batch in batches.values() for finding in batch.findings}
    assert kinds == {"left_out", "conflict", "estimated_filing_date"}


@needs_copies
def test_owners_of_a_maker_differ_from_the_makers_total_so_medians_are_not_added() -> None:
    batches = {batch.item: batch.rows for batch in epoch.read_folder(SHARED, SEEN)}
    day = pd.Timestamp("2025-12-31")
    made, owners = batches["chip_sales"], batches["chip_owners"]
    total = made[(made["entity"] == "nvidia") & (made["period_end"] == day)].set_index("concept")["value"]
    held = owners[owners["entity"].str.endswith(".nvidia") & (owners["period_end"] == day)]
    summed = held.groupby("concept")["value"].sum()
    assert summed["ai_chips_owned_units_p95"] > 1.02 * total["ai_chips_made_units_p95"]
    assert summed["ai_chips_owned_units_p5"] < 0.98 * total["ai_chips_made_units_p5"]
