"""``headrace hindcast``: what would have been said at the end of every past quarter, and what came."""

from __future__ import annotations

import math
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.background import started
from headrace.cli.group import if_stopped
from headrace.cli.output import deliver
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, printable
from headrace.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr

_SHOWN_HORIZONS = (1, 2, 4, 8)
_OWN = "headrace"
_GIVEN = "given"


@click.command()
@click.option("--from", "first", metavar="DATE", help="First day to look from; the first possible when left out.")
@click.option("--to", "last", metavar="DATE", default="2026-06-30", help="Last day to look from.")
@click.option("--series", metavar="NAME", multiple=True, help="Such as capital_expenditure_meta; repeatable.")
@click.option("--loop", is_flag=True, help="The full loop since 2023: NVIDIA, group revenues, spending.")
@FORMAT
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to this file, not to stdout.")
@click.pass_context
def hindcast(
    ctx: click.Context,
    first: str | None,
    last: str,
    series: tuple[str, ...],
    loop: bool,
    form: str,
    out: Path | None,
) -> None:
    """Forecast from the end of every past quarter, with what had been filed by then, and score it.

    The table compares headrace with the best baseline, losing lines first: below 1 is better than every baseline. With
    few days between --from and --to it shows the forecasts themselves beside what came. CSV and JSON have every
    forecast and every score.
    """
    from headrace.compilation_cache import keep_compiled_programs

    if_stopped(ctx, lambda: "nothing was printed", "Ask for fewer --series")
    keep_compiled_programs()
    from headrace import service

    with progress("hindcast") as report:
        forecast = partial(service.hindcast, first=first, last=last, series=series, loop=loop, progress=report)
        scores = started(forecast).result()
    if form == "csv":
        rows = _records(scores)
        deliver(as_csv(list(rows[0]), [list(row.values()) for row in rows]), out)
    elif form == "json":
        deliver(as_json({"forecasts": _records(scores), "skill": _skill_records(service.skill(scores))}) + "\n", out)
    else:
        skill = service.skill(scores)
        table = _skill_table(skill)
        deliver(table or _forecast_table(scores), out)
        _print_reasons(scores, skill)


def _records(scores: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record a series, day, horizon and forecaster."""
    measures = [
        str(name) for name in scores.data_vars if "forecaster" in scores[name].dims and name != "forecast_usd_bn"
    ]
    arrays = {name: scores[name].values for name in (*measures, "outcome_usd_bn", "status", "forecast_usd_bn")}
    records = []
    for at in _cells(scores):
        place = {
            "series": str(scores["series"].values[at[0]]),
            "origin": str(scores["origin"].values[at[1]]),
            "horizon": int(scores["horizon"].values[at[2]]),
            "target_quarter": str(scores["target_quarter"].values[at[1:]]),
            "status": str(arrays["status"][at]),
            "outcome_usd_bn": _plain(arrays["outcome_usd_bn"][at]),
        }
        for number, forecaster in enumerate(scores["forecaster"].values):
            quantiles = zip(scores["probability"].values, arrays["forecast_usd_bn"][(*at, number)], strict=True)
            records.append(
                place
                | {"forecaster": str(forecaster)}
                | {f"quantile_{probability:.2f}_usd_bn": _plain(value) for probability, value in quantiles}
                | {name: _plain(arrays[name][(*at, number)]) for name in measures}
            )
    return records


def _cells(scores: xr.Dataset) -> list[tuple[int, int, int]]:
    sizes = (scores.sizes[name] for name in ("series", "origin", "horizon"))
    series, origins, horizons = (range(size) for size in sizes)
    return [(one, origin, horizon) for one in series for origin in origins for horizon in horizons]


def _skill_records(skill: xr.Dataset) -> list[dict[str, Any]]:
    records = []
    for one in skill["series"].values:
        for horizon in skill["horizon"].values:
            for forecaster in skill["forecaster"].values:
                cell = skill.sel(series=one, horizon=horizon, forecaster=forecaster)
                words = ("series", "forecaster", "best_baseline", "interval_status")
                named = {name: str(cell[name].item()) for name in words}
                numbers = {str(name): _plain(cell[name].item()) for name in cell.data_vars if name not in words}
                records.append(named | {"horizon": int(horizon)} | numbers)
    return records


def _skill_table(skill: xr.Dataset) -> str:
    """Lines by ratio, the worst first; empty where there are too few origins for any."""
    shown = [
        record
        for record in _skill_records(skill)
        if record["forecaster"] == _OWN and record["horizon"] in _SHOWN_HORIZONS and record["crps_ratio"] is not None
    ]
    shown.sort(key=lambda record: -record["crps_ratio"])
    columns = ["series", "ahead", "origins", "CRPS ratio", "5 to 95 %", "p", "in 90 % band", "best baseline"]
    rows = [
        [
            record["series"],
            str(record["horizon"]),
            str(record["origins"]),
            f"{record['crps_ratio']:.2f}",
            f"{record['crps_ratio_low']:.2f} to {record['crps_ratio_high']:.2f}"
            if record["interval_status"] == _GIVEN
            else "",
            "" if record["dm_p_value"] is None else f"{record['dm_p_value']:.2f}",
            f"{record['coverage_90']:.0%}",
            record["best_baseline"].replace("_", " "),
        ]
        for record in shown
    ]
    return as_table(columns, rows, right=set(columns[1:7])) if rows else ""


def _forecast_table(scores: xr.Dataset) -> str:
    columns = ["series", "from", "quarter", "5 %", "median", "95 %", "filed", "CRPS", "best CRPS of others"]
    rows = []
    for at in _cells(scores):
        cell = scores.isel(series=at[0], origin=at[1], horizon=at[2])
        own, others = cell.sel(forecaster=_OWN), cell["crps"].sel(forecaster=scores.attrs["baselines"])
        if not str(cell["target_quarter"].item()):
            continue
        quantiles = (float(own["forecast_usd_bn"].sel(probability=at)) for at in (0.05, 0.5, 0.95))
        rows.append([
            str(cell["series"].item()),
            str(cell["origin"].item()),
            str(cell["target_quarter"].item()),
            *(f"{value:,.1f}" for value in quantiles),
            _shown(cell["outcome_usd_bn"].item(), ",.1f"),
            _shown(own["crps"].item(), ",.2f"),
            _shown(float(others.min()), ",.2f"),
        ])  # fmt: skip
    return as_table(columns, rows, right=set(columns[3:]))


def _print_reasons(scores: xr.Dataset, skill: xr.Dataset) -> None:
    """What was not scored, which lines of the table have no interval, and why, by reason, on stderr."""
    shown = skill.sel(horizon=list(_SHOWN_HORIZONS))
    of_lines = shown["interval_status"].values[(shown["best_baseline"] != "").values]
    reasons = Counter(status for status in scores["status"].values.ravel() if status != "scored")
    reasons.update(f"interval and p {status}" for status in of_lines if status != _GIVEN)
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        click.echo(printable(f"{count} {reason}"), err=True)


def _shown(value: float, form: str) -> str:
    return "" if math.isnan(value) else format(value, form)


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain
