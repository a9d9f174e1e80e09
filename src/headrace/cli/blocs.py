"""``headrace blocs``: whether a bloc of nations should restrict or subsidise, when the others may do the same."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from headrace.cli.background import started
from headrace.cli.bloc_records import at_profile, effects, everything, likeliest, strategies_of
from headrace.cli.group import if_stopped
from headrace.cli.numbers import count, setting, settings_by_name
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

_MOST_SHOWN = 6
_OPEN = "open"


def choice(text: str) -> tuple[str, str]:
    """A bloc and what it does, from ``BLOC=STRATEGY``.

    Raises:
        click.BadParameter: There is no ``=`` in it.
    """
    name, separator, strategy = text.partition("=")
    if not (name and separator and strategy):
        raise click.BadParameter(f"{text!r} is not bloc=strategy; an example is china=restrict")
    return name, strategy


@click.command()
@click.argument("scenario", default="baseline")
@click.option(
    "--bloc",
    "players",
    metavar="NAME",
    multiple=True,
    help="Who plays: united_states, china, europe; name two or more. All if none is named, others stay open.",
)
@click.option(
    "--strategy",
    "strategies",
    metavar="NAME",
    multiple=True,
    help="What they can do: open, restrict, subsidise, both; name two or more. All if none is named.",
)
@click.option(
    "--profile",
    "chosen_profile",
    type=choice,
    metavar="BLOC=STRATEGY",
    multiple=True,
    help="Say also what this profile pays each bloc; one for every bloc that plays.",
)
@click.option(
    "--per-point", type=float, default=100.0, metavar="USD_BN", help="What a point of share in compute is worth to it."
)
@click.option(
    "--blocs", "file", type=click.Path(path_type=Path), metavar="FILE", help="Blocs and moves of one's own (TOML)."
)
@click.option("--draws", type=count, metavar="INTEGER", default=256, help="Worlds, each under every profile.")
@click.option("--seed", type=count, metavar="INTEGER", default=7, help="Seed of the draws.")
@click.option("--quarters", type=count, metavar="INTEGER", default=40, help="Quarters to simulate.")
@click.option("--as-of", metavar="DATE", help="Use only what had been filed by then, such as 2026-08-31.")
@click.option(
    "--set",
    "settings",
    type=setting,
    metavar="NAME=VALUE",
    multiple=True,
    help="Put a parameter on a number, bloc.* among them; repeatable.",
)
@click.option("--without", metavar="FEAR", multiple=True, help="Switch a fear off; repeatable.")
@click.option(
    "--posterior",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw what filings have taught from this file, which `headrace calibrate` wrote.",
)
@click.option("--precision", type=click.Choice(["32", "64"]), default="64", help="Bits of a number.")
@FORMAT
@click.pass_context
def blocs(
    ctx: click.Context,
    scenario: str,
    players: tuple[str, ...],
    strategies: tuple[str, ...],
    chosen_profile: tuple[tuple[str, str], ...],
    per_point: float,
    file: Path | None,
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
    """Say whether blocs of nations should restrict or subsidise under SCENARIO, and what it costs whom.

    Every profile of strategies is simulated on the same draws; payoffs are present values of what buyers, owners and
    suppliers of a bloc gain, less public money. The table shows five sentences, what each move alone does to each
    party, and where the game settles; CSV has a line a move and party, JSON everything but the draws.
    """
    from headrace.compilation_cache import keep_compiled_programs

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if_stopped(ctx, lambda: "nothing was played", "Ask for fewer --draws or --quarters")
    chosen = settings_by_name(settings)
    bits: Literal[32, 64] = 32 if precision == "32" else 64
    keep_compiled_programs()
    from headrace import service

    with progress(scenario) as report:
        work = partial(
            service.blocs,
            scenario,
            file=file,
            players=players,
            strategies=strategies,
            profile=dict(chosen_profile) or None,
            usd_bn_per_point=per_point,
            draws=draws,
            seed=seed,
            quarters=quarters,
            as_of=as_of,
            settings=chosen,
            without=without,
            posterior=posterior,
            precision=bits,
            progress=report,
        )
        found = started(work).result()
    said = service.bloc_headlines(found)
    if form == "json":
        click.echo(as_json(everything(found, said)))
    elif form == "csv":
        rows = effects(found)
        heads = list(rows[0]) if rows else ["mover", "move", "party"]
        click.echo(as_csv(heads, [list(row.values()) for row in rows]), nl=False)
    else:
        _print_tables(found, said)
        _print_profile(found)


def _print_tables(found: xr.Dataset, said: Sequence[Headline]) -> None:
    print_aligned([(headline.label, headline.sentence) for headline in said])
    names = found["bloc"].values.tolist()
    rows = effects(found)
    if rows:
        parties = found["party"].values.tolist()
        cells = [
            [row["mover"], row["move"], *(_span(rows[number + place]) for place in range(len(parties)))]
            for number, row in enumerate(rows)
            if row["party"] == parties[0]
        ]
        click.echo()
        click.echo("What one bloc alone does to each party, USD bn of present value; * cannot be told from zero")
        click.echo(as_table(["bloc", "move", *parties], cells, right=set(parties)))
        click.echo("What that is made of for the bloc itself, median of each part, USD bn")
        own = found["own_effect_usd_bn"].median("draw")
        parts = own["part"].values.tolist()
        made = [
            [mover, move, *(f"{round(float(value)) + 0:,d}" for value in own.sel(mover=mover, move=move))]
            for mover in own["mover"].values.tolist()
            for move in own["move"].values.tolist()
        ]
        click.echo(as_table(["bloc", "move", *parts], made, right=set(parts)))
    heads = [str(name).replace("_", " ") for name in _shown(found)]
    games = [
        [str(choice) if name == names[0] else "", name]
        + [
            f"{float(found['class_share'].sel(choice=choice, bloc=name).sel({'class': one})):.0%}"
            for one in _shown(found)
        ]
        for choice in found["choice"].values
        if _OPEN in str(choice).split(" or ") or _OPEN not in strategies_of(found)
        for name in names
    ]
    click.echo("Which game against the rest, share of draws")
    click.echo(as_table(["to", "bloc", *heads], games, right=set(heads)))
    click.echo("Resting points, share of draws: in money, and where a point of share is worth something as well")
    worth = f"at {found.attrs['usd_bn_per_point']:g} USD bn a point"
    money, counted = (
        {tuple(row["profile"].values()): row["share"] for row in likeliest(found[key], names)}
        for key in ("equilibrium_share", "standing_equilibrium_share")
    )
    first = [*list(money)[:_MOST_SHOWN], *(one for one in list(counted)[:2] if one not in list(money)[:_MOST_SHOWN])]
    points = [[*profile, f"{money.get(profile, 0):.0%}", f"{counted.get(profile, 0):.0%}"] for profile in first]
    click.echo(as_table([*names, "in money", worth], points, right={"in money", worth}), nl=False)


def _shown(found: xr.Dataset) -> list[str]:
    return [str(one) for one in found["class"].values if float(found["class_share"].sel({"class": one}).max()) > 0]


def _span(row: dict[str, Any]) -> str:
    median, low, high = (f"{round(row[f'{name}_usd_bn']) + 0:,d}" for name in ("median", "low", "high"))
    return f"{median} [{low} to {high}]{' ' if row['told_from_zero'] else '*'}"


def _print_profile(found: xr.Dataset) -> None:
    rows = at_profile(found)
    if rows:
        cells = [
            [row["bloc"], row["strategy"], "{median:,.0f} [{low:,.0f} to {high:,.0f}]".format(**row)] for row in rows
        ]
        click.echo()
        click.echo("What the profile asked about pays, USD bn of present value")
        click.echo(as_table(["bloc", "it plays", "value"], cells, right={"value"}), nl=False)
