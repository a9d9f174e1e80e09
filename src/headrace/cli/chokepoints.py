"""``headrace chokepoints``: what binds, what relief is worth, and where the money must go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.simulating import Simulating, answered, simulating
from headrace.units import QUARTERS_PER_YEAR

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

Record = dict[str, Any]

_DRAWN = (
    "tightness",
    "scarcity_price",
    "static_shadow_price",
    "unit_price_usd",
    "static_value_usd",
    "use_value_usd",
    "gross_profit_usd",
    "compute_w",
    "use_value_over_price",
    "unanswered_over_price",
    "scarcity_rent_usd_bn",
)
_STATISTICS = {"median": 0.5, "low": 0.05, "high": 0.95}


@click.command()
@click.argument("scenario", default="baseline")
@click.option("--date", default="2028Q4", metavar="QUARTER", help="Count compute in service at the end of it.")
@click.option("--target-gw", type=float, default=1.0, help="Compute that the cheapest bundle is to add by then.")
@simulating(500)
@FORMAT
@click.pass_context
def chokepoints(ctx: click.Context, scenario: str, date: str, target_gw: float, worlds: Simulating, form: str) -> None:
    """Say what holds the build-out under SCENARIO, what follows, what relief is worth, and where the money must go.

    SCENARIO is a name that `headrace scenarios` lists, a .toml file, or several of either with + between them. Values
    are of one unit of a layer that comes in a quarter and is gone in the next. Numbers are medians and 90 % intervals
    over draws. CSV has every layer and quarter, JSON everything.
    """
    from headrace import service

    found = answered(
        ctx,
        [scenario],
        worlds,
        lambda **how: service.chokepoints(scenario, date=date, target_gw=target_gw, **how),
        unanswered="nothing was answered",
    )
    said = service.chokepoint_headlines(found)
    if form == "json":
        click.echo(as_json(_everything(found, said)))
    elif form == "csv":
        rows = _by_layer(found)
        click.echo(as_csv(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
    else:
        _print_tables(found, said)


def _by_layer(found: xr.Dataset) -> list[Record]:
    """One flat record a quarter and layer."""
    levels = {
        name: found[name].quantile(list(_STATISTICS.values()), "draw").transpose("quarter", "layer", ...).values
        for name in _DRAWN
    }
    tightest, binding = (
        found["tightest_probability"].values,
        found["binding_probability"].sel(limit=found["layer"].values),
    )
    rows = []
    for i, quarter in enumerate(found["quarter"].values):
        for k, layer in enumerate(found["layer"].values):
            record: Record = {"quarter": str(quarter), "layer": str(layer), "unit": str(found["unit"].values[k])}
            record |= {
                "tightest_probability": float(tightest[i, k]),
                "binding_probability": float(binding.values[i, k]),
            }
            for name in _DRAWN:
                record |= dict(zip((f"{name}_{key}" for key in _STATISTICS), levels[name][i, k].tolist(), strict=True))
            rows.append(record)
    return rows


def _spend(found: xr.Dataset, name: str, row: str) -> list[Record]:
    """One record a year and layer or group."""
    return [
        {
            "year": int(year),
            "quarters": int(count),
            row: str(label),
            **_levels(found[name].sel({"year": year, row: label})),
        }
        for year, count in zip(found["year"].values, found["quarters"].values, strict=True)
        for label in found[row].values
    ]


def _companies(found: xr.Dataset) -> list[Record]:
    return [
        {
            "company": str(name),
            "group": str(found["group_of_company"].sel(company=name).values),
            "last_quarter": str(found["last_quarter"].sel(company=name).values),
            "revenue_usd_bn": float(found["revenue_usd_bn"].sel(company=name)),
            **{
                f"group_spend_over_revenue_{key}": value
                for key, value in _levels(found["group_spend_over_revenue"].sel(company=name)).items()
            },
        }
        for name in found["company"].values
    ]


def _bundle(found: xr.Dataset) -> list[Record]:
    return [
        {
            "layer": str(layer),
            "raised_share": _plain(found["raised_share"].sel(layer=layer)),
            "in_time_share": _plain(found["in_time_share"].sel(layer=layer)),
            **{f"cost_usd_bn_{key}": v for key, v in _levels(found["bundle_cost_usd_bn"].sel(layer=layer)).items()},
        }
        for layer in found["layer"].values
    ]


def _sequence(found: xr.Dataset) -> list[Record]:
    """What follows each limit that is ever left, likeliest first."""
    rows = []
    for limit in found["limit"].values:
        own = found.sel(limit=limit)
        record: Record = {"limit": str(limit)}
        record |= {name: float(own[name]) for name in ("ever_share", "time_share", "leaves_share")}
        quarters = [_plain(place) for place in own["first_quarter"]]
        record["first_quarter"] = [None if at is None else str(found["quarter"].values[int(at)]) for at in quarters]
        record["followed_by"] = {
            str(name): {
                "share": float(own["follows_share"].sel(following=name)),
                "by_chance": float(own["follows_by_chance"].sel(following=name)),
            }
            for name in found["following"].values
            if float(own["follows_share"].fillna(0).sel(following=name)) > 0
        }
        rows.append(record)
    return rows


def _everything(found: xr.Dataset, said: Sequence[Headline]) -> Record:
    import json

    attributes = dict(found.attrs)
    attributes["world"] = json.loads(attributes["world"])
    paid = found["scarcity_paid_usd_bn"].isel(quarter=slice(0, QUARTERS_PER_YEAR)).sum("quarter")
    return {
        **attributes,
        "headlines": {one.key: one.sentence for one in said},
        "layers": _by_layer(found),
        "sequence": _sequence(found),
        "bundle": _bundle(found),
        "gained_gw": _levels(found["gained_gw"]),
        "scarcity_paid_usd_bn": {str(name): _levels(paid.sel(builder=name)) for name in found["builder"].values},
        "layer_spend": _spend(found, "layer_spend_usd_bn", "layer"),
        "group_spend": _spend(found, "group_spend_usd_bn", "group"),
        "companies": _companies(found),
    }


def _print_tables(found: xr.Dataset, said: Sequence[Headline]) -> None:
    print_aligned([(one.label, one.sentence) for one in said])
    click.echo()
    first = found["quarter"].values[0]
    click.echo(f"{first}: what binds, and what one unit more is worth in this quarter, USD")
    click.echo(_units(found))
    click.echo("When each limit first binds, and what takes over")
    click.echo(_order(found), nl=False)


def _units(found: xr.Dataset) -> str:
    first = found.isel(quarter=0)
    rows = []
    for k, layer in enumerate(found["layer"].values):
        own = first.sel(layer=layer)
        rows.append(
            [
                str(layer),
                f"{float(first['binding_probability'].sel(limit=layer)):.0%}",
                f"{float(own['tightness'].median()):.2f}",
                str(found["unit"].values[k]),
                _short(float(own["unit_price_usd"].median())),
                _short(float(own["static_value_usd"].median())),
                _span(own["use_value_usd"]),
                _span(own["use_value_over_price"]),
            ]
        )
    head = ["layer", "binds", "tight", "unit", "price", "worth at once", "worth in the loop", "over price"]
    return as_table(head, rows, right=set(head[1:3]) | {"price", "worth at once"})


def _order(found: xr.Dataset) -> str:
    rows = []
    for record in sorted(_sequence(found), key=lambda row: -float(row["time_share"])):
        if not record["ever_share"]:
            continue
        followers = sorted(record["followed_by"].items(), key=lambda item: -item[1]["share"])[:2]
        middle, low, high = record["first_quarter"]
        rows.append(
            [
                record["limit"],
                f"{record['ever_share']:.0%}",
                f"{record['time_share']:.0%}",
                f"{middle} [{low} to {high}]",
                ", ".join(f"{name} {one['share']:.0%} ({one['by_chance']:.0%})" for name, one in followers),
            ]
        )
    head = ["limit", "ever", "of quarters", "first binds", "then (by chance)"]
    return as_table(head, rows, right={"ever", "of quarters"})


def _levels(values: xr.DataArray) -> dict[str, float | None]:
    """Median and 90 % interval of what is known."""
    import numpy as np

    known = values.values[np.isfinite(values.values)]
    if not known.size:
        return dict.fromkeys(_STATISTICS)
    return dict(zip(_STATISTICS, np.quantile(known, list(_STATISTICS.values())).tolist(), strict=True))


def _span(values: xr.DataArray) -> str:
    median, low, high = (_short(float(level or 0)) for level in _levels(values).values())
    return f"{median} [{low} to {high}]"


def _short(value: float) -> str:
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:,.1f} M"
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}"


def _plain(value: xr.DataArray) -> float | None:
    number = float(value)
    return None if number != number else number
