"""``headrace fears``: what the four fears hold up of spending, and whether weaker ones would halve it."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from headrace.cli.background import started
from headrace.cli.group import if_stopped
from headrace.cli.numbers import count, setting, settings_by_name
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr

_TOTAL = "total"


@click.command()
@click.argument("scenario", default="baseline")
@click.option("--draws", type=count, metavar="INTEGER", default=256, help="Worlds; each is simulated 51 times.")
@click.option("--seed", type=count, metavar="INTEGER", default=7, help="Seed of the draws.")
@click.option("--quarters", type=count, metavar="INTEGER", default=40, help="Quarters to simulate.")
@click.option("--as-of", metavar="DATE", help="Use only what had been filed by then, such as 2026-08-31.")
@click.option(
    "--set",
    "settings",
    type=setting,
    metavar="NAME=VALUE",
    multiple=True,
    help="Put a parameter on a number; repeatable.",
)
@click.option("--without", metavar="FEAR", multiple=True, help="Leave a fear off throughout; repeatable.")
@click.option(
    "--posterior",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw what filings have taught from this file, which `headrace calibrate` wrote.",
)
@click.option("--precision", type=click.Choice(["32", "64"]), default="64", help="Bits of a number.")
@FORMAT
@click.pass_context
def fears(
    ctx: click.Context,
    scenario: str,
    draws: int,
    seed: int,
    quarters: int,
    as_of: str | None,
    settings: tuple[tuple[str, float], ...],
    without: tuple[str, ...],
    posterior: Path | None,
    precision: str,
    form: str,
) -> None:
    """Say what each fear adds to the capital expenditure of the five, and what is left when it goes.

    SCENARIO is a name that `headrace scenarios` lists, a .toml file, or several of either with + between them. Shapley
    values over the corporate, technological, investor and national fear add up to spending with all of them less
    spending with none, in every draw; a fear is off from the first quarter of the run on. Numbers are medians and 90 %
    intervals. CSV has what each fear adds by calendar year and in all, JSON everything.
    """
    from headrace.compilation_cache import keep_compiled_programs

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if_stopped(ctx, lambda: "nothing was answered", "Ask for fewer --draws or --quarters")
    chosen = settings_by_name(settings)
    keep_compiled_programs()
    from headrace import service

    bits: Literal[32, 64] = 32 if precision == "32" else 64
    service.check_request(draws=draws, seed=seed, quarters=quarters)
    service.check_scenarios([scenario], without)
    learnt = service.read_posterior(posterior) if posterior else None
    with progress(scenario) as report:
        work = partial(
            service.fears,
            scenario,
            draws=draws,
            seed=seed,
            quarters=quarters,
            as_of=as_of,
            settings=chosen,
            without=without,
            posterior=learnt,
            precision=bits,
            progress=report,
        )
        found = started(work).result()
    if form == "json":
        click.echo(as_json(_everything(found)))
    elif form == "csv":
        rows = _contributions(found)
        click.echo(as_csv(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
    else:
        print_aligned([(one.label, one.sentence) for one in service.fear_headlines(found)])
        click.echo()
        click.echo(_by_fear(found), nl=False)
        click.echo()
        click.echo(_by_year(found), nl=False)


def _contributions(found: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record a fear and year, and one for all years."""
    from headrace.service import is_told_from_zero

    added = found["contribution_usd_bn"]
    rows = []
    for fear in found["fear"].values.tolist():
        own = added.sel(fear=fear)
        years = {str(year): own.sel(year=year) for year in found["year"].values.tolist()}
        for year, values in {**years, _TOTAL: own.sum("year")}.items():
            ends = _ends(values.values)
            rows.append(
                {
                    "fear": fear,
                    "year": year,
                    "quarters": int(found["quarters"].sum() if year == _TOTAL else values["quarters"]),
                    **{f"{name}_usd_bn": value for name, value in ends.items()},
                    "told_from_zero": is_told_from_zero(ends["low"], ends["high"]),
                }
            )
    return rows


def _everything(found: xr.Dataset) -> dict[str, Any]:
    import json

    from headrace.service import fear_headlines

    ratio, strength = found["ratio"], found["halving_strength"]
    halving = []
    for name in found["weakened"].values.tolist():
        known = strength.sel(weakened=name).dropna("draw").values
        halving.append(
            {
                "weakened": name,
                "share_of_draws": len(known) / found.sizes["draw"] if ratio.notnull().any() else None,
                "strength": _ends(known) if len(known) else None,
                "ratio": [
                    {"strength": at, **_ends(ratio.sel(weakened=name, strength=at).values)}
                    for at in found["strength"].values.tolist()
                ]
                if ratio.notnull().any()
                else [],
            }
        )
    spent = found["spending_usd_bn"].sum("year")
    return {
        **found.attrs,
        "world": json.loads(found.attrs["world"]),
        "headlines": {one.key: one.sentence for one in fear_headlines(found)},
        "contributions": _contributions(found),
        "left": {fear: _ends(found["left_share"].sel(fear=fear).values) for fear in found["fear"].values.tolist()},
        "spending_usd_bn": {
            name: _ends(spent.sel(coalition=name).values) for name in found["coalition"].values.tolist()
        },
        "halving": halving,
    }


def _by_fear(found: xr.Dataset) -> str:
    whole = {row["fear"]: row for row in _contributions(found) if row["year"] == _TOTAL}
    rows = []
    for fear, row in whole.items():
        left = _ends(found["left_share"].sel(fear=fear).values)
        cells = (f"{100 * left[name]:.1f}" for name in ("median", "low", "high"))
        rows.append([fear, _span(row), "yes" if row["told_from_zero"] else "no", "{} [{} to {}]".format(*cells)])
    return as_table(["fear", "adds, USD bn", "told from zero", "left without it, %"], rows)


def _by_year(found: xr.Dataset) -> str:
    rows: dict[str, list[str]] = {}
    for row in _contributions(found):
        if row["year"] != _TOTAL:
            part = "" if row["quarters"] == 4 else f" ({row['quarters']} quarters)"
            rows.setdefault(row["year"] + part, []).append(_span(row))
    names = [f"{fear}, USD bn" for fear in found["fear"].values.tolist()]
    return as_table(["year", *names], [[year, *cells] for year, cells in rows.items()])


def _span(row: dict[str, Any]) -> str:
    median, low, high = (f"{round(row[f'{name}_usd_bn'], 1) + 0.0:,.1f}" for name in ("median", "low", "high"))
    return f"{median} [{low} to {high}]"


def _ends(values: Any) -> dict[str, float]:
    import numpy as np

    low, median, high = (float(level) for level in np.quantile(values, (0.05, 0.5, 0.95)))
    return {"median": median, "low": low, "high": high}
