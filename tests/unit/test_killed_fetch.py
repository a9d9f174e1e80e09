"""A fetch that is killed at any moment: the store opens, no row is lost or doubled, and the next fetch completes it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from headrace.evidence import facts, fetch, universe
from headrace.evidence.download.client import Downloader
from headrace.evidence.storage import local_store
from headrace.evidence.storage.generations import listed

BEFORE, AFTER = (2021, 2022), (2021, 2022, 2023)
VALUE = 1_234_567_891
ROWS = {"before": 8, "after": 12}

FETCH = """
import os, pathlib, signal, sys
from headrace.evidence.providers import edgar
from headrace.evidence import fetch
from headrace.evidence.storage import generations, local_store
from headrace.evidence.download.client import Downloader

store, moment = pathlib.Path(sys.argv[1]), int(sys.argv[2])
left = moment

def until(step):
    def counted(*given, **how):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*given, **how)
    return counted

if moment:
    os.fsync = until(os.fsync)
    pathlib.Path.replace = until(pathlib.Path.replace)
    pathlib.Path.write_bytes = until(pathlib.Path.write_bytes)
import filelock, httpx2, pandas, duckdb  # so that the clock of a test starts with the fetch
print("ready", flush=True)
fetch.fetch("edgar", sys.argv[3:], store, Downloader(store / "cache", first_backoff=0.0, requests_per_second=1e6))
"""
"""Kills itself at the given step of what it does to the disk; at none where the step is 0."""


@pytest.fixture
def companies(loopback: Any, says: Any, companyfacts: Any) -> dict[str, Any]:
    """Twelve companies, whose documents gain a year of filings when told to."""
    chosen = [entity for entity in universe.load().values() if entity.cik_status == "edgar"][:12]
    assert len(chosen) == 12

    def publish(years: tuple[int, ...]) -> None:
        for entity in chosen:
            document = companyfacts(int(entity.cik), entity.name, years=years)
            path = f"/api/xbrl/companyfacts/CIK{entity.cik}.json"
            loopback.says(path, says(document, headers={"ETag": f'"{years}"'}))

    return {"items": [entity.slug for entity in chosen], "publish": publish}


@pytest.fixture
def store(companies: dict[str, Any], tmp_path: Path) -> Path:
    """A store with every company as it was before the new filings."""
    store = tmp_path / "store"
    companies["publish"](BEFORE)
    assert {outcome.result for outcome in fetched(companies, store)} == {"added"}
    companies["publish"](AFTER)
    return store


def fetched(companies: dict[str, Any], store: Path) -> list[fetch.Outcome]:
    client = Downloader(store / "cache", first_backoff=0.0, requests_per_second=1e6)
    return fetch.fetch("edgar", companies["items"], store, client)


def start(root: Path, store: Path, companies: dict[str, Any], moment: int = 0) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", FETCH, str(store), str(moment), *companies["items"]],
        env=os.environ | {"PYTHONPATH": str(root / "src")}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def rows_of_each(store: Path) -> dict[str, int]:
    known = facts.load(store=store, vintages=True)
    own = known[known["value"] == VALUE]
    assert not own.duplicated(["entity", "concept", "period_end"]).any()
    return {str(entity): int(rows) for entity, rows in own.groupby("entity").size().items()}


def check_after_kill(companies: dict[str, Any], store: Path) -> int:
    """How many companies had been brought up to date when the kill came."""
    rows = rows_of_each(store)
    assert set(rows) == set(companies["items"])
    assert set(rows.values()) <= set(ROWS.values())
    done = [item for item, count in rows.items() if count == ROWS["after"]]
    outcomes = {outcome.item: outcome.result for outcome in fetched(companies, store)}
    assert outcomes == {item: "unchanged" if item in done else "added" for item in companies["items"]}
    assert rows_of_each(store) == dict.fromkeys(companies["items"], ROWS["after"])
    generations = listed(store / "facts")
    assert [generation.number for generation in generations] == list(range(1, 25))
    assert len(local_store.newest("facts", store)) == 12
    assert not list((store / "facts").glob("*.part"))
    return len(done)


@pytest.mark.parametrize("moment", [2, 17, 30])
def test_a_fetch_killed_at_a_step_of_its_writing_loses_nothing(
    root: Path, store: Path, companies: dict[str, Any], moment: int
) -> None:
    process = start(root, store, companies, moment)
    with process:
        assert process.wait(60) == -9
    check_after_kill(companies, store)


@pytest.mark.slow
def test_a_fetch_killed_at_fifty_random_moments_loses_nothing(
    root: Path, store: Path, companies: dict[str, Any], tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(store, whole)
    with start(root, whole, companies) as process:
        begun = time.monotonic()
        assert process.wait(60) == 0
        seconds = time.monotonic() - begun
    moments, done, killed = random.Random(7), [], 0
    for number in range(50):
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(store, copy)
        with start(root, copy, companies) as process:
            time.sleep(moments.uniform(0.0, seconds))
            process.kill()
            came_in_time = process.wait(60) == -9
        killed += came_in_time
        if not came_in_time:
            seconds *= 0.9  # the machine has become faster than when it was timed
        done.append(check_after_kill(companies, copy))
        shutil.rmtree(copy)
    assert killed > 40
    assert len(set(done)) > 5, done
