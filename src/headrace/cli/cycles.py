"""``headrace cycles``: what the spending core would have said of other capital cycles, and what came."""

from __future__ import annotations

import math
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
_CORE = "core"
_GIVEN = "given"
_BEST, _WALK, _UNCHANGED = "best_baseline", "random_walk_with_drift", "unchanged"


@click.command()
@click.option("--cycle", metavar="NAME", multiple=True, help="Such as railroads; repeatable. All when left out.")
@FORMAT
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to this file, not to stdout.")
@click.pass_context
def cycles(ctx: click.Context, cycle: tuple[str, ...], form: str, out: Path | None) -> None:
    """Try the spending core on oil and gas, telecom, memory and railroads, and score it.

    The table gives its score over that of three rivals, losing lines first: below 1 is better. "unchanged" has the same
    error model and no core. Then parameters: what each cycle taught, beside the prior and the AI builders. CSV has the
    skill of every forecaster against every rival; JSON has every forecast, score, skill and parameter.
    """
    from headrace.compilation_cache import keep_compiled_programs

    if_stopped(ctx, lambda: "nothing was printed", "Ask for fewer --cycle")
    keep_compiled_programs()
    from headrace import service

    with progress("cycles") as report:
        found = started(lambda: service.past_cycles(cycle, progress=report)).result()
    if form == "csv":
        rows = _skill(found)
        deliver(as_csv(list(rows[0]), [list(row.values()) for row in rows]), out)
    elif form == "json":
        said = {"forecasts": _forecasts(found), "skill": _skill(found), "parameters": _parameters(found)}
        deliver(as_json({**said, "spend_to_pool": _ratios(found)}) + "\n", out)
    else:
        deliver(f"{_skill_table(found)}\n{_parameter_table(found)}", out)
        _print_reasons(found)


def _forecasts(found: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record a cycle, origin, horizon and forecaster."""
    scores = ("crps", "crps_of_logarithm", "log_score", "pinball", "pit")
    arrays = {name: found[name].values for name in ("forecast_usd_bn", "outcome_usd_bn", "status", *scores)}
    labels = {name: found[name].values.tolist() for name in ("cycle", "origin", "horizon", "forecaster", "probability")}
    return [
        {"cycle": cycle, "origin": origin, "horizon": horizon, "forecaster": forecaster}
        | {"status": arrays["status"][i, j, k], "outcome_usd_bn": _plain(arrays["outcome_usd_bn"][i, j, k])}
        | {
            f"quantile_{probability:.2f}_usd_bn": _plain(value)
            for probability, value in zip(labels["probability"], arrays["forecast_usd_bn"][i, j, k, m], strict=True)
        }
        | {name: _plain(arrays[name][i, j, k, m]) for name in scores}
        for i, cycle in enumerate(labels["cycle"])
        for j, origin in enumerate(labels["origin"])
        for k, horizon in enumerate(labels["horizon"])
        for m, forecaster in enumerate(labels["forecaster"])
    ]


def _skill(found: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record a cycle, horizon, forecaster and rival."""
    measures = [
        str(name)
        for name in found.data_vars
        if "origin" not in found[name].dims and {"horizon", "forecaster"} <= set(found[name].dims)
    ]
    words, records = ("best_baseline", "interval_status"), []
    for cycle in found["cycle"].values.tolist():
        for horizon in found["horizon"].values.tolist():
            for forecaster in found["forecaster"].values.tolist():
                for rival in found["rival"].values.tolist():
                    place = {"cycle": cycle, "horizon": horizon, "forecaster": forecaster, "rival": rival}
                    cell = found[[*measures, "origins", *words]].sel(place)
                    numbers = {name: _plain(cell[name].item()) for name in measures}
                    named = {name: str(cell[name].item()) for name in words}
                    records.append(place | {"origins": int(cell["origins"])} | named | numbers)
    return records


def _parameters(found: xr.Dataset) -> list[dict[str, Any]]:
    records = []
    for cycle in found["cycle_or_builders"].values.tolist():
        for parameter in found["parameter"].values.tolist():
            cell = found.sel(cycle_or_builders=cycle, parameter=parameter)
            ends = {
                f"{which}_{probability:.2f}": float(cell[which].sel(taught_probability=probability))
                for which in ("prior", "posterior")
                for probability in found["taught_probability"].values.tolist()
            }
            sizes = {
                "effective_sample_size": float(cell["effective_sample_size"]),
                "predicted_quarters": int(cell["predicted_quarters"]),
            }
            records.append({"cycle": cycle, "parameter": parameter, **ends, "overlap": float(cell["overlap"]), **sizes})
    return records


def _ratios(found: xr.Dataset) -> list[dict[str, Any]]:
    plain = {name: found[name].values for name in ("spending_usd_bn", "spend_to_cash_flow")}
    over_pool = found["spend_to_pool"].values
    return [
        {"cycle": cycle, "quarter": quarter, **{name: float(values[i, j]) for name, values in plain.items()}}
        | {
            f"spend_to_pool_{probability:.2f}": _plain(value)
            for probability, value in zip(found["taught_probability"].values.tolist(), over_pool[i, j], strict=True)
        }
        for i, cycle in enumerate(found["cycle_or_builders"].values.tolist())
        for j, quarter in enumerate(found["quarter"].values.tolist())
        if not math.isnan(plain["spend_to_cash_flow"][i, j])
    ]


def _skill_table(found: xr.Dataset) -> str:
    """Lines of the core by its ratio to the best baseline, the worst first; below them what was not scored."""
    columns = [
        "cycle",
        "ahead",
        "origins",
        "to best",
        "5 to 95 %",
        "p",
        "to walk",
        "p of it",
        "to unchanged",
        "in 90 %",
    ]
    core = found.sel(forecaster=_CORE, horizon=list(_SHOWN_HORIZONS))
    lines = []
    for cycle in found["cycle"].values.tolist():
        for horizon in _SHOWN_HORIZONS:
            cell = core.sel(cycle=cycle, horizon=horizon)
            ratio = {rival: float(cell["crps_ratio"].sel(rival=rival)) for rival in (_BEST, _WALK, _UNCHANGED)}
            chance = {rival: float(cell["dm_p_value"].sel(rival=rival)) for rival in (_BEST, _WALK)}
            ends = [float(cell[f"crps_ratio_{end}"].sel(rival=_BEST)) for end in ("low", "high")]
            numbers = [
                _shown(ratio[_BEST]),
                "" if math.isnan(ends[0]) else " to ".join(f"{end:.2f}" for end in ends),
                _shown(chance[_BEST]),
                _shown(ratio[_WALK]),
                _shown(chance[_WALK]),
                _shown(ratio[_UNCHANGED]),
                _shown(float(cell["coverage_90"]), ".0%"),
            ]
            lines.append((ratio[_BEST], [cycle, str(horizon), str(int(cell["origins"])), *numbers]))
    lines.sort(key=lambda line: (math.isnan(line[0]), -line[0]))
    return as_table(columns, [cells for _, cells in lines], right=set(columns[1:]))


def _parameter_table(found: xr.Dataset) -> str:
    columns = ["parameter", "cycle", "prior", "posterior", "overlap"]
    records = _parameters(found)
    records.sort(key=lambda record: found["parameter"].values.tolist().index(record["parameter"]))
    rows = [
        [
            record["parameter"].split(".")[-1],
            record["cycle"],
            *(
                f"{record[f'{which}_0.50']:.2f} [{record[f'{which}_0.05']:.2f} - {record[f'{which}_0.95']:.2f}]"
                for which in ("prior", "posterior")
            ),
            f"{record['overlap']:.2f}",
        ]
        for record in records
    ]
    return as_table(columns, rows, right={"overlap"})


def _print_reasons(found: xr.Dataset) -> None:
    """How much of each cycle was not scored, for as many reasons as quarters, and which lines have no interval."""
    for cycle in found["cycle"].values.tolist():
        statuses = found["status"].sel(cycle=cycle).values.ravel().tolist()
        open_ones = [status for status in statuses if status != "scored"]
        click.echo(printable(f"{cycle}: {len(open_ones)} of {len(statuses)} not scored; JSON says why"), err=True)
        for horizon in _SHOWN_HORIZONS:
            line = found[["best_baseline", "interval_status"]].sel(cycle=cycle, horizon=horizon)
            if line["best_baseline"] and line["interval_status"] != _GIVEN:
                said = f"{cycle}, {horizon} ahead: interval and p {line['interval_status'].item()}"
                click.echo(printable(said), err=True)


def _shown(value: float, form: str = ".2f") -> str:
    return "" if math.isnan(value) else format(value, form)


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain
