"""Frontier sites: the IT power that others count on large sites, and where the baseline stands beside it.

Expected: the last milestone of each of 51 sites, summed at the end of each quarter; the baseline is not fitted to it.
Source: Epoch AI, frontier data centres (CC BY 4.0), <https://epoch.ai/data/data-centers>.
Differs: The baseline adds several times what is counted, because the count is of large sites and plans thin out the
    further they lie ahead.

These bounds record how far apart the two stand and why; a change of the loop that moves one asks for a new reason, not
for a new parameter.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from headrace.analyses.counted_sites import SITES_VARIABLES, against_sites, counted_sites
from headrace.evidence import sources
from headrace.parameters.registry import registry

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "epoch" / "frontier_data_centers"
needs_the_count = pytest.mark.skipif(not FOLDER.is_dir(), reason="the tables of sites are not here")


@needs_the_count
def test_what_ships_is_the_last_milestone_of_each_site_summed_at_the_end_of_each_quarter() -> None:
    rows = pd.read_csv(FOLDER / "data_center_timelines.csv", parse_dates=["Date"])
    by_day = rows.pivot(index="Date", columns="Data center", values="IT power (MW)").ffill()
    count = counted_sites()
    assert count.sites == by_day.shape[1] == 51
    for quarter, gw in count.gw.items():
        known = by_day[by_day.index <= pd.Period(quarter, "Q").end_time].iloc[-1]
        assert gw == pytest.approx(known.sum() / 1e3, abs=1e-4), quarter
        assert count.energised[quarter] == (known > 0).sum(), quarter


@needs_the_count
def test_the_present_of_the_count_is_where_its_two_tables_agree_and_the_rest_is_plan() -> None:
    rows = pd.read_csv(FOLDER / "data_center_timelines.csv", parse_dates=["Date"])
    now = pd.read_csv(FOLDER / "data_centers.csv").set_index("Name")["Current power (MW)"].fillna(0)
    by_day = rows.pivot(index="Date", columns="Data center", values="Power (MW)").ffill().fillna(0)
    count = counted_sites()
    for day in count.present:
        known = by_day[by_day.index <= pd.Timestamp(day)].iloc[-1][now.index]
        assert (known - now).abs().max() <= 1
    assert count.planned_gw["2026Q1"] == 0
    assert count.planned_gw["2026Q2"] == pytest.approx(count.gw["2026Q2"] - count.present_gw)


def test_the_source_of_the_count_may_ship(root: Path) -> None:
    text = (root / "src/headrace/data/frontier_sites.toml").read_text(encoding="utf-8")
    record = sources.load()["epoch_frontier_data_centres"]
    assert f'source_id = "{record.id}"' in text
    assert record.redistribution == "allowed"
    assert record.licence == "CC BY 4.0"


def test_the_sites_counted_are_a_part_of_all_compute_at_the_start() -> None:
    assert counted_sites().gw["2026Q2"] < registry()["start.active_compute_gw"].low


def test_the_baseline_adds_several_times_what_is_counted_because_the_count_is_a_part_and_plans_thin_out() -> None:
    import jax

    from headrace import service

    with jax.numpy_rank_promotion("allow"):
        future = service.simulate("baseline", draws=64, quarters=40, variables=SITES_VARIABLES)
    found = {row.figure.key: row for row in against_sites(future)}
    ratio = {key: row.figure.median / row.other for key, row in found.items()}
    assert 1.3 < ratio["stock_at_start"] < 2  # large sites hold more than half of what is in service
    assert 2 < ratio["added_2026"] < 4  # 42 sites with power, of 51: the rest of the world builds too
    assert ratio["added_2026"] < ratio["added_2027"] < 5  # fewer milestones are dated the further they lie ahead
    assert 1.05 < ratio["growth_2026"] < 1.3
    # Before plans begin the sites add more than half of what the baseline adds: 2.5 GW in either quarter of 2026.
    assert 0.5 < counted_sites().added_gw("2026Q1", "2026Q2") / found["added_2026"].figure.median < 1
