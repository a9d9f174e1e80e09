"""``headrace calibrate``: what filed spending has taught, and a file of it for ``headrace run --posterior``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.background import started
from headrace.cli.group import if_stopped
from headrace.cli.numbers import count
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table
from headrace.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr


@click.command()
@click.option("--as-of", metavar="DATE", help="Use only what had been filed by then, such as 2024-12-31.")
@click.option("--loop", is_flag=True, help="Run the full loop from 2023Q1 and learn from growth since.")
@click.option("--chains", type=count, metavar="INTEGER", default=4, help="Chains that run together.")
@click.option("--warmup", type=count, metavar="INTEGER", default=1000, help="Steps in which each chain adapts.")
@click.option("--draws", type=count, metavar="INTEGER", default=1000, help="Draws kept of each chain.")
@click.option("--seed", type=count, metavar="INTEGER", default=7, help="Seed of the chains.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the draws to this file, for `headrace run --posterior FILE`.",
)
@FORMAT
@click.pass_context
def calibrate(
    ctx: click.Context,
    as_of: str | None,
    loop: bool,
    chains: int,
    warmup: int,
    draws: int,
    seed: int,
    out: Path | None,
    form: str,
) -> None:
    """Sample the parameters of spending after what builders have filed.

    The table has each parameter before and after, with the share of the posterior that the prior had too: 1.00 where
    filings taught nothing. Chains that disagree are printed and not written.
    """
    from headrace.compilation_cache import keep_compiled_programs

    if_stopped(ctx, lambda: "nothing was written", "Ask for fewer --draws or --chains")
    keep_compiled_programs()
    from headrace import service

    with progress("calibrate") as report:
        report(f"{chains} chains of {warmup:,} + {draws:,} steps", 0.0)
        found = started(
            lambda: service.calibrate(as_of=as_of, loop=loop, chains=chains, warmup=warmup, draws=draws, seed=seed)
        ).result()
    records = _records(found.summary)
    if form == "json":
        click.echo(as_json({**found.summary.attrs, "fault": found.posterior.fault, "parameters": records}))
    elif form == "csv":
        click.echo(as_csv(list(records[0]), [list(record.values()) for record in records]), nl=False)
    else:
        _print(records)
    if found.posterior.fault:
        click.echo(f"not to be relied upon, because {found.posterior.fault}", err=True)
    if out is not None:
        service.save_posterior(found.posterior, out)
        click.echo(f"posterior  {out}", err=True)


def _records(summary: xr.Dataset) -> list[dict[str, Any]]:
    records = []
    for name in summary["parameter"].values:
        row = summary.sel(parameter=name)
        record: dict[str, Any] = {key: str(row[key].item()) for key in ("parameter", "label", "unit")}
        for when in ("prior", "posterior"):
            for probability, value in zip(summary["probability"].values, row[when].values, strict=True):
                record[f"{when}_{probability:.2f}"] = float(value)
        for key in ("r_hat", "effective_sample_size", "overlap", "quick_look_difference"):
            value = float(row[key])
            record[key] = None if math.isnan(value) else value
        records.append(record)
    return records


def _print(records: list[dict[str, Any]]) -> None:
    columns = ["parameter", "unit", "prior", "posterior", "overlap", "R-hat", "ESS"]
    rows = [
        [
            record["parameter"],
            record["unit"],
            *(_span(record, when) for when in ("prior", "posterior")),
            f"{record['overlap']:.2f}",
            "" if record["r_hat"] is None else f"{record['r_hat']:.3f}",
            "" if record["effective_sample_size"] is None else f"{record['effective_sample_size']:,.0f}",
        ]
        for record in sorted(records, key=lambda record: record["overlap"])
    ]
    click.echo(as_table(columns, rows, right={"overlap", "R-hat", "ESS"}), nl=False)


def _span(record: dict[str, Any], when: str) -> str:
    low, median, high = (record[f"{when}_{probability}"] for probability in ("0.05", "0.50", "0.95"))
    return f"{median:.3g} [{low:.3g} to {high:.3g}]"
