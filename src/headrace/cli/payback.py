"""``headrace payback``: when what is paid for AI comes back, and what must be true for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.simulating import Simulating, answered, simulating

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

Record = dict[str, Any]

_TOLD = ("title", "scenario", "vintage", "target_years", "owners", "draws_kept", "draws_left_out", "draws_inverted")


@click.command()
@click.argument("scenario", default="baseline")
@click.option("--vintage", metavar="QUARTER", help="Quarter of payment asked about; the first of the run if left out.")
@click.option("--target-years", type=float, default=4.2, help="Payback looked for, in years.")
@click.option(
    "--driver",
    "drivers",
    metavar="NAME",
    multiple=True,
    help="Look for it with this: utilisation, price, adoption, it_life, cost_of_capital, unit_cost (those six if none "
    "is named), elasticity, margin, progress, power, fear, facility_life or tax; repeatable.",
)
@click.option("--interest", is_flag=True, help="Look for a payback with interest at the cost of capital.")
@click.option("--players-only", is_flag=True, help="Follow what the five players pay for, not all builders.")
@click.option(
    "--terminal-growth",
    type=float,
    metavar="FRACTION",
    help="Growth a quarter of the margin of a GW after the run; that of its last year, at most 0, if left out.",
)
@simulating(1000, "Worlds to simulate.")
@FORMAT
@click.pass_context
def payback(
    ctx: click.Context,
    scenario: str,
    vintage: str | None,
    target_years: float,
    drivers: tuple[str, ...],
    interest: bool,
    players_only: bool,
    terminal_growth: float | None,
    worlds: Simulating,
    form: str,
) -> None:
    """Say when what is paid for AI in a quarter comes back, and what must be true for a stated payback.

    SCENARIO is a name that `headrace scenarios` lists, a .toml file, or several of either with + between them. Numbers
    are medians and 90 % intervals over draws. CSV has the vintages alone, JSON everything; a payback that never comes
    is null there.
    """
    from headrace import service

    answer = answered(
        ctx,
        [scenario],
        worlds,
        lambda **how: service.payback(
            scenario,
            vintage=vintage,
            target_years=target_years,
            drivers=drivers,
            interest=interest,
            players_only=players_only,
            terminal_growth=terminal_growth,
            **how,
        ),
        unanswered="nothing was answered",
        check=lambda: service.check_drivers(drivers),
    )
    tables, headlines = service.payback_records(answer), service.payback_headlines(answer)
    if form == "json":
        click.echo(as_json(_everything(answer, tables, headlines)))
    elif form == "csv":
        rows = tables["vintages"]
        click.echo(as_csv(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
    else:
        _print_tables(answer, tables, headlines)


def _everything(
    answer: xr.Dataset, tables: Mapping[str, list[Record]], headlines: Sequence[Headline]
) -> dict[str, Any]:
    import json

    return {
        **{name: answer.attrs[name] for name in _TOLD},
        "headlines": {headline.key: headline.sentence for headline in headlines},
        **tables,
        "world": json.loads(answer.attrs["world"]),
    }


def _print_tables(answer: xr.Dataset, tables: Mapping[str, list[Record]], headlines: Sequence[Headline]) -> None:
    print_aligned([("scenario", answer.attrs["scenario"]), ("vintages of", answer.attrs["owners"])])
    click.echo()
    print_aligned([(headline.label, headline.sentence) for headline in headlines])
    click.echo()
    columns = ["vintage", "cost USD bn", "return a year", "value over cost", "ever", "in life", "with interest", "late"]
    rows = [
        [
            row["vintage"],
            _span(row, "cost_usd_bn", "{:,.0f}"),
            _span(row, "rate_of_return", "{:.0%}"),
            _span(row, "profitability", "{:.2f}"),
            *(f"{row[name]:.0%}" for name in ("share_paid_back", "share_within_life", "share_discounted")),
            f"{row['share_beyond_run_median']:.0%}",
        ]
        for row in tables["vintages"]
    ]
    click.echo(as_table(columns, rows, right=set(columns[4:])))
    columns = ["driver", "unit", "now", f"for {answer.attrs['target_years']:g} years", "over draws", "of draws"]
    rows = [
        [
            row["label"],
            row["unit"],
            f"{row['value_now']:.3g}",
            _required(row),
            _span(row, "required_value_by_draw", "{:.3g}", none=""),
            f"{row['share_with_value']:.0%}",
        ]
        for row in tables["must_be_true"]
    ]
    click.echo(as_table(columns, rows, right={"now", "of draws"}))
    columns = ["driver", "unit", "5th to 95th percentile", "value over cost", "return a year", "rank correlation"]
    rows = [
        [
            row["label"],
            row["unit"],
            _ends(row, "driver_value", "{:.3g}"),
            _ends(row, "profitability_at", "{:+.2f}"),
            _ends(row, "rate_of_return_at", "{:+.1%}"),
            _cell(row["rank_correlation"], "{:+.2f}"),
        ]
        for row in tables["tornado"]
    ]
    click.echo(as_table(columns, rows, right={"rank correlation"}))
    columns = ["year", "revenue USD bn", "required", "margin", "capital charge", "cover"]
    flows = ("fleet_revenue", "required_revenue", "fleet_margin", "capital_charge")
    rows = [
        [str(row["year"]), *(_span(row, name, "{:,.0f}") for name in flows), _span(row, "capital_cover", "{:.2f}")]
        for row in tables["fleet"]
    ]
    click.echo(as_table(columns, rows))
    columns = ["player", "year", "spends USD bn", "own cash", "shares", "leases, prepaid", "borrows", "wanted beyond"]
    money = ("uses", "own_cash", "shares_sold", "leases_and_prepayments", "borrowing", "funding_gap")
    rows = [
        [row["player"], str(row["year"]), *(_cell(row[f"{name}_median"], "{:,.0f}") for name in money)]
        for row in tables["financing"]
    ]
    click.echo(as_table(columns, rows, right=set(columns[1:])))
    click.echo(answer.attrs["not_known"])


def _required(row: Record) -> str:
    if row["required_value"] is not None:
        return f"{row['required_value']:.3g}"
    nearest = f"{row['nearest_value']:.3g}"
    years = row["nearest_payback_years"]
    there = "never" if years is None else f"{years:.1f} years"
    ends = {"lowest_value": " (lowest)", "highest_value": " (highest)"}
    end = next((word for name, word in ends.items() if row[name] == row["nearest_value"]), "")
    return f"none; {there} at {nearest}{end or ', the nearest'}"


def _span(row: Record, name: str, form: str, none: str = "-") -> str:
    median, low, high = (row[f"{name}_{word}"] for word in ("median", "low", "high"))
    return none if median is None else f"{_cell(median, form)} [{_cell(low, form)} to {_cell(high, form)}]"


def _ends(row: Record, name: str, form: str) -> str:
    return " to ".join(_cell(row[f"{name}_{end}"], form) for end in ("low", "high"))


def _cell(value: float | None, form: str) -> str:
    if value is None:
        return "-"
    text = form.format(value)
    return text if any(digit in text for digit in "123456789") else form.format(0.0)
