"""``headrace blocs``: whether a bloc of nations should restrict or subsidise, when the others may do the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.bloc_records import at_profile, effects, everything, likeliest, strategies_of
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.simulating import Simulating, answered, simulating

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
@simulating(256, "Worlds, each under every profile.")
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
    worlds: Simulating,
    form: str,
) -> None:
    """Say whether blocs of nations should restrict or subsidise under SCENARIO, and what it costs whom.

    Every profile of strategies is simulated on the same draws; payoffs are present values of what buyers, owners and
    suppliers of a bloc gain, less public money. The table shows five sentences, what each move alone does to each
    party, and where the game settles; CSV has a line a move and party, JSON everything but the draws.
    """
    from headrace import service

    found = answered(
        ctx,
        [scenario],
        worlds,
        lambda **how: service.blocs(
            scenario,
            file=file,
            players=players,
            strategies=strategies,
            profile=dict(chosen_profile) or None,
            usd_bn_per_point=per_point,
            **how,
        ),
        unanswered="nothing was played",
    )
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
