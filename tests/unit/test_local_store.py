"""Generations that are only added: what readers see, what is refused, and what is left of a writer that died."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from headrace.errors import EvidenceError, FetchError
from headrace.evidence import facts
from headrace.evidence.findings import Finding
from headrace.evidence.storage import generations, local_store
from headrace.evidence.storage import store as tables
from headrace.evidence.storage.local_store import append, newest, record


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store"


def values(store: Path) -> list[float]:
    """What a reader sees of the figures that only the tests have."""
    known = facts.load(store=store)
    return [float(value) for value in known.loc[known["calendar_quarter"] >= "2031Q1", "value"]]


def test_a_store_that_is_not_there_holds_nothing_and_is_not_made_by_reading(store: Path) -> None:
    assert newest("facts", store) == []
    assert record("edgar", "microsoft", store) is None
    assert len(facts.load(store=store)) == len(facts.load())
    assert not store.exists()


def test_an_appended_batch_is_seen_with_where_it_came_from(store: Path, batch: Any) -> None:
    finding = Finding("stale", "microsoft", "revenue", "2031Q4", "it's \"stale\"; {or} 'not'\n")
    appended = append(batch(findings=(finding,), filings=frozenset({"b", "a"})), store, rules="7")
    assert appended.path is not None
    assert appended.path.name == "00000001-edgar-microsoft-a7937b64.parquet"
    assert newest("facts", store) == [appended.path]
    assert (store / "VERSION").read_text() == "1\n"
    known = record("edgar", "microsoft", store)
    assert known is not None
    assert (known.rules, known.rows, known.filings, known.findings) == ("7", 4, ("a", "b"), (finding,))
    assert known.url == "https://example.org/first"
    assert known.retrieved == "2026-08-31T12:00:00+00:00"
    assert values(store) == [1e9] * 4


def test_the_same_document_twice_adds_nothing(store: Path, batch: Any) -> None:
    append(batch(), store)
    again = append(batch(), store)
    assert (again.path, again.rows, again.text) == (None, 4, "4 rows as before")
    assert len(generations.listed(store / "facts")) == 1


@pytest.mark.parametrize(
    "changed", [{"value": 2e9}, {"findings": (Finding("stale", "microsoft", "revenue", "2031Q4", "new"),)}]
)
def test_the_same_document_read_otherwise_is_a_new_generation(store: Path, batch: Any, changed: dict[str, Any]) -> None:
    append(batch(), store)
    assert append(batch(**changed), store).path is not None
    assert len(generations.listed(store / "facts")) == 2


def test_readers_see_the_newest_generation_and_the_old_one_stays(store: Path, batch: Any) -> None:
    first = append(batch("first", 1e9), store).path
    append(batch("second", 2e9), store)
    assert first is not None
    assert first.exists()
    assert values(store) == [2e9] * 4
    for number in range(3, 12):
        append(batch(f"document {number}", number * 1e9), store)
    assert values(store) == [11e9] * 4


def test_a_document_that_lost_filings_is_refused_and_the_old_figures_stay(store: Path, batch: Any) -> None:
    before = append(batch("first", filings=frozenset({"1", "2", "3", "4", "5", "6"})), store).path
    refused = append(batch("second", 2e9, filings=frozenset({"6", "7"})), store)
    assert (refused.path, refused.rows) == (None, 0)
    assert refused.lost is not None
    assert (refused.lost.kind, refused.lost.refused) == ("filings_lost", True)
    assert f"lacks 1, 2, 3 and 2 more, which the document of {before.name} listed" in refused.text
    assert str(before) in refused.text
    assert values(store) == [1e9] * 4
    assert append(batch("third", 3e9, filings=frozenset("1234567")), store).path is not None


def test_items_and_sources_have_generations_of_their_own(store: Path, batch: Any) -> None:
    append(batch(item="a-b.c_d"), store)
    append(batch(item="a", source="macro"), store)
    append(batch(item="a"), store)
    assert [path.name.split("-", 1)[1][:-17] for path in newest("facts", store)] == [
        "edgar-a",
        "edgar-a-b.c_d",
        "macro-a",
    ]


@pytest.mark.parametrize(
    "changed",
    [{"item": "../x"}, {"item": ""}, {"item": "A"}, {"item": ".x"}, {"source": "ed-gar"}, {"item": "x" * 200}],
)
def test_what_cannot_name_a_file_is_refused(store: Path, batch: Any, changed: dict[str, str]) -> None:
    with pytest.raises(EvidenceError, match="cannot name a file"):
        append(batch(**changed), store)


def test_a_table_that_no_store_has_is_refused(store: Path, batch: Any) -> None:
    with pytest.raises(EvidenceError, match="table 'prices'; wanted one of facts, closes"):
        append(batch(table="prices"), store)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"value": float("nan")}, "a row has no value: microsoft, revenue"),
        ({"value": float("inf")}, "a row has no finite value: microsoft, revenue"),
        ({"value": "much"}, "do not fit the table facts"),
        ({"unit": ""}, "no entity, concept, unit or source"),
        ({"filed": None}, "no filed"),
        ({"quality": "D"}, "an unknown quality"),
        ({"period_start": "2032-03-31"}, "a period that ends before it starts"),
    ],
)
def test_rows_that_break_the_schema_are_refused_with_the_row(
    store: Path, batch: Any, changed: dict[str, Any], message: str
) -> None:
    broken = batch().rows.assign(**changed)
    with pytest.raises(EvidenceError, match=f"https://example.org/first, edgar microsoft: .*{message}"):
        append(batch(rows=broken), store)
    assert newest("facts", store) == []


def test_a_missing_column_and_a_doubled_row_are_refused(store: Path, batch: Any) -> None:
    import pandas as pd

    rows = batch().rows
    with pytest.raises(EvidenceError, match=r"do not fit the table facts.*tag"):
        append(batch(rows=rows.drop(columns="tag")), store)
    with pytest.raises(EvidenceError, match="two rows are one and the same: microsoft, revenue"):
        append(batch(rows=pd.concat([rows, rows.head(1)])), store)


def test_closes_are_kept_like_facts(store: Path, batch: Any) -> None:
    import pandas as pd

    rows = pd.DataFrame(
        {"ticker": "MSFT", "day": pd.to_datetime(["2026-08-03", "2026-08-04"]), "close": [500.0, 501.0], "unit": "USD",
         "adjusted": True, "quality": "B", "source_id": "x", "locator": "file.csv",
         "retrieved": pd.Timestamp("2026-08-31")}
    )  # fmt: skip
    append(batch(table="closes", source="prices", item="msft", rows=rows), store)
    assert len(newest("closes", store)) == 1
    assert record("prices", "msft", store) is not None
    with pytest.raises(EvidenceError, match="no finite close above 0"):
        append(batch("second", table="closes", source="prices", item="msft", rows=rows.assign(close=0.0)), store)


def test_what_a_killed_writer_left_is_not_seen_and_is_cleared_away(store: Path, batch: Any) -> None:
    append(batch(), store)
    leftover = store / "facts" / "00000002-edgar-microsoft-aaaaaaaa.parquet.part"
    leftover.write_bytes(b"PAR1 half a file")
    assert values(store) == [1e9] * 4
    append(batch("second", 2e9), store)
    assert not leftover.exists()
    assert values(store) == [2e9] * 4


@pytest.mark.parametrize("step", ["write_bytes", "fsync", "replace", "fsync folder"])
def test_a_writer_that_dies_at_any_step_leaves_what_was_there(
    store: Path, batch: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    append(batch(), store)
    calls: list[object] = []

    def die(*given: object, **_: object) -> None:
        calls.append(given)
        if step != "fsync folder" or len(calls) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if step == "write_bytes":
            patched.setattr(tables, "write_generation", die)
        elif step == "replace":
            patched.setattr(Path, "replace", die)
        else:
            patched.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            append(batch("second", 2e9), store)
    assert values(store) in ([1e9] * 4, [2e9] * 4)
    append(batch("third", 3e9), store)
    assert values(store) == [3e9] * 4
    assert not list(store.rglob("*.part"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda file: file[: len(file) // 2],
        lambda file: b"\0" * len(file),
        lambda _: b"PAR1 rubbish PAR1",
    ],
)
def test_a_damaged_generation_is_named_and_the_next_one_mends_the_store(
    store: Path, batch: Any, damage: Callable[[bytes], bytes]
) -> None:
    path = append(batch(), store).path
    assert path is not None
    append(batch(item="other", rows=batch().rows.assign(entity="meta")), store)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(EvidenceError, match=f"{path.name}: cannot be read: .*move the file away"):
        facts.load(store=store)
    mended = append(batch(), store)
    assert "in place of a damaged file" in mended.text
    assert values(store) == [1e9] * 8


def test_a_damaged_page_of_a_generation_is_named(store: Path, batch: Any) -> None:
    path = append(batch(), store).path
    assert path is not None
    content = bytearray(path.read_bytes())
    content[4:40] = b"\xff" * 36
    path.write_bytes(bytes(content))
    with pytest.raises(EvidenceError, match=f"{path.name}: cannot be read"):
        facts.load(store=store)


def test_a_file_that_no_writer_made_is_named(store: Path, batch: Any) -> None:
    append(batch(), store)
    (store / "facts" / "notes.txt").write_text("mine")
    assert values(store) == [1e9] * 4
    (store / "facts" / "mine.parquet").write_bytes(b"")
    with pytest.raises(EvidenceError, match=r"mine\.parquet: no writer of a store gives such a name"):
        facts.load(store=store)


@pytest.mark.parametrize("text", ["no json", "{}", '{"findings": [{"kind": "of another version"}]}', None])
def test_a_generation_with_a_foreign_record_is_named_and_mended(store: Path, batch: Any, text: str | None) -> None:
    path = append(batch(), store).path
    assert path is not None
    with duckdb.connect() as connection:
        record_clause = "" if text is None else f", KV_METADATA {{headrace: '{text}'}}"
        connection.execute(f"COPY (SELECT 1 AS x) TO '{path}' (FORMAT parquet{record_clause})")
    with pytest.raises(EvidenceError, match=f"{path.name}.*record"):
        record("edgar", "microsoft", store)
    assert "in place of a damaged file" in append(batch(), store).text


@pytest.mark.parametrize("name", ["a b", "it's", "[brackets]", "st*r?", "ünïcode", 'quo"te', "semi;colon"])
def test_a_store_may_have_any_name(tmp_path: Path, batch: Any, name: str) -> None:
    store = tmp_path / name / "store"
    append(batch(), store)
    append(batch("second", 2e9), store)
    append(batch("second", 2e9), store)
    assert values(store) == [2e9] * 4


def test_a_folder_with_a_like_name_is_not_read(tmp_path: Path, batch: Any) -> None:
    append(batch(value=1e9), tmp_path / "x")
    append(batch(value=2e9), tmp_path / "[x]")
    assert values(tmp_path / "[x]") == [2e9] * 4


def test_a_folder_that_is_no_store_is_left_alone(tmp_path: Path, batch: Any) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    for use in (lambda: append(batch(), tmp_path), lambda: facts.load(store=tmp_path)):
        with pytest.raises(EvidenceError, match=r"is no store, it holds diary\.txt"):
            use()
    with pytest.raises(EvidenceError, match="is a file; a store is a folder"):
        append(batch(), tmp_path / "diary.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["diary.txt"]


def test_a_folder_that_cannot_be_written_is_named(store: Path, batch: Any) -> None:
    store.mkdir(parents=True)
    (store / "facts").write_text("in the way")
    with pytest.raises(FetchError, match="facts: cannot be written"):
        append(batch(), store)


def test_a_full_disk_is_an_error_that_names_the_file(store: Path, batch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    append(batch(), store)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FetchError, match=r"00000002-edgar.*cannot be written: No space left"):
        append(batch("second"), store)


def test_the_store_of_a_user_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_STORE", "~/figures")
    assert local_store.default_path() == Path.home() / "figures"
    monkeypatch.delenv("HEADRACE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert local_store.default_path().name == "headrace"


def test_a_record_is_readable_text(store: Path, batch: Any) -> None:
    path = append(batch(), store).path
    assert path is not None
    assert json.loads(tables.record_of(path))["source"] == "edgar"
