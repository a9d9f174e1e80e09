"""A store of another version: an older one is brought over, a newer one is left alone."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from headrace.errors import EvidenceError
from headrace.evidence import facts
from headrace.evidence.storage import generations, local_store, migrations
from headrace.evidence.storage import store as tables

ITEMS = ("amazon", "meta", "microsoft")


@pytest.fixture
def old_store(tmp_path: Path, facts_of_one: Any) -> Path:
    """A store of version 0, whose facts did not say how they were derived and from which tag."""
    folder = tmp_path / "store" / "facts"
    folder.mkdir(parents=True)
    (folder.parent / "VERSION").write_text("0\n")
    for number, item in enumerate(ITEMS, 1):
        rows = facts_of_one(["2031-03-31", "2031-06-30"], entity=item).drop(columns=["derivation", "tag"])
        sha256 = hashlib.sha256(item.encode()).hexdigest()
        record = {
            "schema": 0, "source": "edgar", "item": item, "url": f"https://example.org/{item}", "sha256": sha256,
            "retrieved": "2026-08-31T12:00:00+00:00", "rules": "1", "rows": 2, "filings": ["f"], "findings": [],
        }  # fmt: skip
        with duckdb.connect() as connection:
            connection.register("given", rows)
            dates = ", ".join(f"{name}::DATE AS {name}" for name in ("period_start", "period_end", "filed"))
            select = f"SELECT * REPLACE ({dates}) FROM given"
            connection.execute(
                f"COPY ({select}) TO $path (FORMAT parquet, KV_METADATA {{headrace: $record}})",
                {"path": str(folder / f"{number:08d}-edgar-{item}-{sha256[:8]}.parquet"), "record": json.dumps(record)},
            )
    return folder.parent


def own_rows(store: Path) -> Any:
    known = facts.load(store=store)
    return known[known["calendar_quarter"] >= "2031Q1"]


def test_an_old_store_is_not_read_before_it_is_brought_over(old_store: Path) -> None:
    with pytest.raises(EvidenceError, match="schema version 0, this headrace reads 1; the next fetch into it brings"):
        facts.load(store=old_store)


def test_a_writer_brings_an_old_store_over_and_keeps_its_rows(old_store: Path, batch: Any) -> None:
    local_store.append(batch(item="extra", rows=batch().rows.assign(entity="oracle")), old_store)
    assert (old_store / "VERSION").read_text() == f"{migrations.VERSION}\n"
    known = own_rows(old_store)
    assert known.groupby("entity").size().to_dict() == {"amazon": 2, "meta": 2, "microsoft": 2, "oracle": 4}
    assert set(known.loc[known["entity"] != "oracle", "tag"]) == {""}
    assert list(known.columns) == [*tables.TABLES["facts"], "late"]
    for item in ITEMS:
        record = local_store.record("edgar", item, old_store)
        assert record is not None
        assert (record.schema, record.rows, record.filings) == (1, 2, ("f",))


@pytest.mark.parametrize("moment", range(1, 9))
def test_a_migration_that_is_killed_is_taken_up_again(
    old_store: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    left, fsync = moment, os.fsync

    def die_in_time(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", die_in_time)
        with pytest.raises(KeyboardInterrupt), local_store.opened(old_store):
            pass
    if (old_store / "VERSION").read_text() != "1\n":
        with pytest.raises(EvidenceError, match="schema version 0"):
            facts.load(store=old_store)
    with local_store.opened(old_store):
        pass
    assert own_rows(old_store).groupby("entity").size().to_dict() == dict.fromkeys(ITEMS, 2)
    assert len(generations.listed(old_store / "facts")) == len(ITEMS)


def test_a_newer_store_is_left_alone(old_store: Path, batch: Any) -> None:
    (old_store / "VERSION").write_text(f"{migrations.VERSION + 1}\n")
    before = sorted(old_store.rglob("*"))
    for use in (lambda: local_store.append(batch(), old_store), lambda: facts.load(store=old_store)):
        with pytest.raises(EvidenceError, match="schema version 2, this headrace knows up to 1; upgrade headrace"):
            use()
    assert sorted(old_store.rglob("*")) == before


@pytest.mark.parametrize("text", ["", "one", "-1", "1.0", "9" * 50, "²", "\x00"])
def test_a_version_that_is_no_number_is_named(old_store: Path, text: str) -> None:
    (old_store / "VERSION").write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"VERSION: holds .*wanted a number"):
        facts.load(store=old_store)


def test_every_older_version_has_a_step() -> None:
    assert sorted(migrations.STEPS) == list(range(migrations.VERSION))
