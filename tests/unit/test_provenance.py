"""Every number leads to its sources, and says how to make it again."""

from __future__ import annotations

import shlex
from fnmatch import fnmatchcase

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses import provenance
from headrace.errors import UnknownNameError
from headrace.evidence import sources
from headrace.parameters.registry import registry
from headrace.parameters.schema import BASIS_STRENGTH
from headrace.variables import BUILDERS, PLAYERS, STATUSES, table

pytestmark = pytest.mark.xdist_group("future")


@pytest.mark.parametrize("name", list(table()))
def test_the_receipt_of_a_variable_leads_to_sources_through_all_its_inputs(name: str, future: xr.Dataset) -> None:
    got = provenance.receipt(name, future)
    assert (got.name, got.unit, got.symbol) == (name, table()[name].unit, table()[name].symbol)
    assert got.inputs
    assert got.sources
    assert {source.id for source in got.sources} >= {row.source_id for row in got.inputs if row.source_id}
    assert all(source.title and source.id in sources.load() for source in got.sources)


def reached(name: str) -> set[str]:
    """Parameters that a variable is made from, directly or through others, as this test walks the table."""
    waiting, seen, found = [name], {name}, set()
    while waiting:
        for text in table()[waiting.pop()].inputs:
            if text in table():
                if text not in seen:
                    seen.add(text)
                    waiting.append(text)
            elif not text.startswith("facts:"):
                found |= {parameter for parameter in registry() if fnmatchcase(parameter, text)}
    return found


@pytest.mark.parametrize("name", ["spend_to_pool_ratio", "energised_gw", "capital_charge_usd_bn", "adoption_fraction"])
def test_sources_of_a_variable_are_those_of_every_parameter_it_rests_on(name: str, future: xr.Dataset) -> None:
    cited = {source.id for source in provenance.receipt(name, future).sources}
    assert cited >= {registry()[parameter].source for parameter in reached(name)}


def test_a_variable_made_from_filings_shows_the_filing_of_each_player(future: xr.Dataset) -> None:
    facts = [row for row in provenance.receipt("other_capital_expenditure_usd_bn", future).inputs if row.kind == "fact"]
    assert {row.name.split()[0] for row in facts} == set(PLAYERS)
    for row in facts:
        assert row.name.endswith("2026Q2")
        assert row.status in STATUSES
        assert row.url.startswith("https://")
        assert row.source_id in sources.load()


@pytest.mark.parametrize("name", list(registry()))
def test_the_receipt_of_a_parameter_has_its_source_and_its_quality(name: str) -> None:
    got = provenance.receipt(name)
    entry = registry()[name]
    assert [source.id for source in got.sources] == [entry.source]
    assert (got.unit, got.quality) == (entry.unit, entry.quality)
    assert entry.value_text in got.formula
    assert got.reproduce_cli == f"headrace explain {name}"


def test_a_receipt_says_how_to_make_the_run_again(future: xr.Dataset) -> None:
    got = provenance.receipt("energised_gw", future)
    words = shlex.split(got.reproduce_cli)
    assert words[:3] == ["headrace", "run", "baseline"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert options == {"--draws": "64", "--seed": "7", "--quarters": "40", "--as-of": future.attrs["as_of"]}
    called: dict[str, object] = {}

    class Hr:
        @staticmethod
        def simulate(scenario: str, **request: object) -> dict[str, str]:
            called.update(request, scenario=scenario)
            return {"energised_gw": "found"}

    assert eval(got.reproduce_python, {"hr": Hr}) == "found"
    assert called == {"scenario": "baseline", "draws": 64, "seed": 7, "quarters": 40, "as_of": future.attrs["as_of"]}


@pytest.fixture(scope="module")
def fearless() -> xr.Dataset:
    return service.simulate("baseline", draws=64, quarters=40, settings={"rivalry.loss_aversion": 1.0})


def test_what_a_person_has_set_is_in_the_receipt_and_among_the_assumptions(fearless: xr.Dataset) -> None:
    got = provenance.receipt("band_top_ratio", fearless)
    (row,) = [row for row in got.inputs if row.name == "rivalry.loss_aversion"]
    assert (row.value, row.status) == ("1 1, set for this run", "scenario")
    assert "--set rivalry.loss_aversion=1.0" in got.reproduce_cli
    assert "settings={'rivalry.loss_aversion': 1.0}" in got.reproduce_python
    (assumed,) = [row for row in provenance.assumptions(fearless) if row.name == "rivalry.loss_aversion"]
    assert (assumed.low, assumed.median, assumed.high) == (1, 1, 1)
    assert assumed.value == "1, set for this run"
    assert registry()["rivalry.loss_aversion"].value_text in assumed.reason


def test_a_run_in_32_bits_is_made_again_in_32_bits(future: xr.Dataset) -> None:
    short = future.assign_attrs(world=future.attrs["world"].replace('"precision": 64', '"precision": 32'))
    assert short.attrs["world"] != future.attrs["world"]
    assert "--precision 32" in provenance.receipt("energised_gw", short).reproduce_cli


def test_assumptions_are_every_parameter_weakest_first(future: xr.Dataset) -> None:
    rows = provenance.assumptions(future)
    here = [name for name in registry() if not name.startswith(provenance.READ_ON_PAST_DAYS)]
    assert sorted(row.name for row in rows) == sorted(here)
    ranks = [BASIS_STRENGTH.index(row.basis) for row in rows]  # type: ignore[arg-type]
    assert ranks == sorted(ranks, reverse=True)
    assert rows[0].basis == "judgement"
    first = [row.quality for row in rows if row.basis == rows[0].basis]
    assert first == sorted(first, reverse=True)


def test_the_start_table_has_a_row_for_each_builder_and_a_status_for_each_column(future: xr.Dataset) -> None:
    rows = provenance.start_table(future)
    assert [row.builder for row in rows] == list(BUILDERS)
    for row in rows:
        columns = {name for name in vars(row) if name not in ("builder", "statuses")}
        assert set(row.statuses) == columns
        assert set(row.statuses.values()) <= set(STATUSES)
        filed = "reported" if row.builder in PLAYERS else "estimated"
        assert row.statuses["filed_capex_usd_bn"] == filed
        assert row.statuses["ai_share"] == "estimated"
        assert {row.statuses[name] for name in ("plan_usd_bn", "paid_usd_bn", "residual_usd_bn")} == {"scenario"}


def test_the_residual_is_the_plan_less_what_the_seeds_would_pay(future: xr.Dataset) -> None:
    for row in provenance.start_table(future):
        plan = future["planned_ai_capital_expenditure_usd_bn"].isel(quarter=0).sel(builder=row.builder).values
        residual = plan - future["start_seeds_pay_usd_bn"].sel(builder=row.builder).values
        low, median, high = np.quantile(residual, [0.05, 0.5, 0.95])
        got = row.residual_usd_bn
        assert (got.low, got.median, got.high) == pytest.approx((low, median, high))
        assert row.paid_usd_bn.median == pytest.approx(row.plan_usd_bn.median)


def test_filed_spending_has_no_interval_and_planned_spending_has(future: xr.Dataset) -> None:
    for row in provenance.start_table(future)[: len(PLAYERS)]:
        assert row.filed_capex_usd_bn.low == row.filed_capex_usd_bn.high
        assert row.plan_usd_bn.low < row.plan_usd_bn.median < row.plan_usd_bn.high


def test_a_parameter_explains_itself_and_names_its_users() -> None:
    got = provenance.explain("memory.capacity_stacks_per_quarter")
    text = "\n".join(got.lines)
    entry = registry()["memory.capacity_stacks_per_quarter"]
    for said in (entry.label, entry.value_text, entry.basis, entry.locator, entry.reason):
        assert said in text
    assert "capacity_gw_per_quarter" in text
    assert got.record["kind"] == "parameter"


def test_a_variable_explains_its_formula_and_inputs() -> None:
    got = provenance.explain("spend_to_pool_ratio")
    text = "\n".join(got.lines)
    assert table()["spend_to_pool_ratio"].formula in text
    assert "rivalry.spend_to_pool_ratio" in text
    assert got.record["formula"] == table()["spend_to_pool_ratio"].formula


def test_the_record_of_a_variable_says_that_it_is_one() -> None:
    assert provenance.explain("spend_to_pool_ratio").record["kind"] == "variable"


@pytest.mark.parametrize("answer", [provenance.receipt, provenance.explain])
def test_an_unknown_name_is_answered_with_near_matches(answer) -> None:
    with pytest.raises(UnknownNameError, match=r"rivalry\.loss_aversion"):
        answer("rivalry.loss_aversio")
