"""``headrace fears``: what the four fears hold up of spending, and whether weaker ones would halve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.simulating import Simulating, answered, simulating

if TYPE_CHECKING:
    import xarray as xr

_TOTAL = "total"


@click.command()
@click.argument("scenario", default="baseline")
@simulating(256, "Worlds; each is simulated 51 times.")
@FORMAT
@click.pass_context
def fears(ctx: click.Context, scenario: str, worlds: Simulating, form: str) -> None:
    """Say what each fear adds to the capital expenditure of the five, and what is left when it goes.

    SCENARIO is a name that `headrace scenarios` lists, a .toml file, or several of either with + between them. Shapley
    values over the corporate, technological, investor and national fear add up to spending with all of them less
    spending with none, in every draw; a fear is off from the first quarter of the run on. Numbers are medians and 90 %
    intervals. CSV has what each fear adds by calendar year and in all, JSON everything.
    """
    from headrace import service

    found = answered(
        ctx, [scenario], worlds, lambda **how: service.fears(scenario, **how), unanswered="nothing was answered"
    )
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
