"""Facts for other programs, and what becomes of a file that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from headrace.errors import OutputError, UnknownNameError
from headrace.evidence.export import export, iamc
from headrace.evidence.selection import SHIPPED, evidence


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    return evidence(["MSFT", "NVDA"], ["capital_expenditure", "inventory"], store=SHIPPED, vintages=True, years=True)


def test_csv_has_every_column_and_row(known: pd.DataFrame, tmp_path: Path) -> None:
    back = pd.read_csv(export(known, tmp_path / "facts.csv", "csv"))
    assert list(back.columns) == list(known.columns)
    assert back["value"].tolist() == known["value"].tolist()


def test_parquet_has_every_column_and_row(known: pd.DataFrame, tmp_path: Path) -> None:
    import duckdb

    path = export(known, tmp_path / "facts.parquet", "parquet")
    back = duckdb.sql(f"SELECT * FROM read_parquet('{path}')").df()
    assert list(back.columns) == list(known.columns)
    assert back["value"].tolist() == known["value"].tolist()


def test_the_long_format_has_one_value_for_each_place_and_day(known: pd.DataFrame) -> None:
    long = iamc(known)
    assert list(long.columns) == ["model", "scenario", "region", "variable", "unit", "time", "value"]
    assert not long.duplicated(["model", "scenario", "region", "variable", "unit", "time"]).any()
    assert set(long["region"]) == {"Microsoft", "Nvidia"} or set(long["region"]) == {"Microsoft", "NVIDIA"}
    latest = (
        known[known["calendar_quarter"] != ""]
        .sort_values("filed")
        .drop_duplicates(["entity", "concept", "period_end"], keep="last")
    )
    assert sorted(long["value"]) == sorted(latest["value"])


def test_a_file_is_whole_or_as_it_was(known: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("as it was")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match=r"facts\.csv: No space left"):
        export(known, path, "csv")
    assert path.read_text() == "as it was"
    assert [file.name for file in tmp_path.iterdir()] == ["facts.csv"]


def test_a_folder_that_is_not_there_is_named(known: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no_such"):
        export(known, tmp_path / "no_such" / "facts.csv", "csv")


def test_an_unknown_form_is_named(known: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="parquet"):
        export(known, tmp_path / "facts.xlsx", "xlsx")
