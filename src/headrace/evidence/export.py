"""The facts for other programs: Parquet and CSV as they are, and the long format of the IAMC that pyam opens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headrace.errors import OutputError, unknown_name
from headrace.evidence import concepts, universe
from headrace.evidence.filings.differences import SHORTEST_YEAR_DAYS
from headrace.evidence.storage.store import write_frame

if TYPE_CHECKING:
    import pandas as pd

FORMS = ("parquet", "csv", "iamc")

MODEL, SCENARIO = "headrace facts", "filed"


def export(known: pd.DataFrame, path: Path, form: str) -> Path:
    """Write facts to a file, whole or not at all.

    Args:
        known: Facts, as :func:`headrace.evidence.selection.evidence` gives them.
        path: The file; it is replaced.
        form: ``parquet`` and ``csv`` have every column of the facts. ``iamc`` is the long format of the Integrated
            Assessment Modeling Consortium: model, scenario, region, variable, unit, time, value, with a company or
            state as region, the concept's label as variable and the last day of the period as time. Whole years
            of what has quarters are left out, as their last day is that of a quarter.

    Returns:
        The file written.

    Raises:
        UnknownNameError: No such form.
        OutputError: The file cannot be written.
    """
    if form not in FORMS:
        raise unknown_name("form of export", form, FORMS)
    table = {"parquet": _as_it_is, "csv": _with_days, "iamc": iamc}[form](known)
    try:
        return write_frame(table, path, "parquet" if form == "parquet" else "csv")
    except OSError as fault:
        raise OutputError(f"{path}: {fault.strerror or fault}; name a file in a folder you may write to") from None


def _as_it_is(known: pd.DataFrame) -> pd.DataFrame:
    return known


def _with_days(known: pd.DataFrame) -> pd.DataFrame:
    """Days as YYYY-MM-DD, without a time that nobody knows."""
    days = [name for name in known.columns if known[name].dtype.kind == "M"]
    return known.assign(**{name: known[name].dt.strftime("%Y-%m-%d") for name in days})


def iamc(known: pd.DataFrame) -> pd.DataFrame:
    """The facts in the long format of the IAMC, one row a figure: its last vintage."""
    table, entities = concepts.load(), universe.load()
    series = known["entity"] + " " + known["concept"]
    is_quarter = known["calendar_quarter"] != ""
    is_year = (known["period_end"] - known["period_start"]).dt.days >= SHORTEST_YEAR_DAYS - 1
    fit = known[~(is_year & ~is_quarter & series.isin(set(series[is_quarter])))]
    longest_first = fit.assign(start=fit["period_start"].fillna(fit["period_end"])).sort_values(["start", "filed"])
    latest = longest_first.drop_duplicates(["entity", "concept", "unit", "period_end"], keep="last")
    names = {slug: entity.name for slug, entity in entities.items()}
    long = latest.assign(
        model=MODEL,
        scenario=SCENARIO,
        region=[names.get(slug, slug.replace("_", " ").title()) for slug in latest["entity"]],
        variable=[table[concept].label for concept in latest["concept"]],
        time=latest["period_end"].dt.strftime("%Y-%m-%d"),
    )
    columns = ["model", "scenario", "region", "variable", "unit", "time", "value"]
    return long[columns].sort_values(columns[:-1]).reset_index(drop=True)
