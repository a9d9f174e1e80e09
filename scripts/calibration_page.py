"""Write ``docs/calibration.md``: what filings have taught, and whether the sampler that says so can be believed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

import headrace as hr
from headrace.analyses.calibration import FIGURES
from headrace.calibration import loop, simulation_based
from headrace.calibration.spending import spending_record
from headrace.evidence import archive
from headrace.parameters.registry import registry

PAGE = Path(__file__).resolve().parent.parent / "docs" / "calibration.md"
CHAINS, WARMUP, DRAWS = 4, 1000, 1000
PRIOR_DRAWS = 1000
SIMULATIONS = {"quick look": 256, "NUTS": 128}
DAYS = ("2019-12-31", "2023-12-31")
"""On which the same is asked, beside today."""

LEAD = (
    "Written by `make calibration`; `headrace calibrate` and `hr.calibrate()` make the same numbers. Twelve parameters "
    "that the five share are sampled with NUTS after their filed spending: each quarter's total, one quarter ahead, as "
    "the spending core predicts it from what was filed ({quarters} as of {as_of}). *Overlap* is the share of the "
    "posterior that the prior has too; independent draws of one distribution overlap at 0.96 to 0.97 here, so nothing "
    "above that has been taught. Why it is done so: [decision 016](decisions/016-calibration.md)."
)


def main() -> int:
    """Sample, check, write; the exit status."""
    record = spending_record(archive.load())
    hr.calibrate(chains=CHAINS, warmup=WARMUP, draws=DRAWS)  # compiles
    start = time.perf_counter()
    today = hr.calibrate(chains=CHAINS, warmup=WARMUP, draws=DRAWS)
    seconds = time.perf_counter() - start
    before = [hr.calibrate(as_of=day, chains=CHAINS, warmup=WARMUP, draws=DRAWS) for day in DAYS]
    samplers = {"quick look": simulation_based.by_importance, "NUTS": simulation_based.by_sampler}
    p_values = {}
    for name, sampler in samplers.items():
        ranks = simulation_based.ranks(record, sampler, simulations=SIMULATIONS[name], seed=11)
        p_values[name] = {parameter: simulation_based.uniformity(rank) for parameter, rank in ranks.items()}
    quarters = f"to {today.summary.attrs['last_quarter']}"
    PAGE.write_text(
        "\n".join([
            "# Calibration", "", LEAD.format(quarters=quarters, as_of=today.summary.attrs["as_of"]), "",
            *taught(today.summary), "", *on_other_days(today.summary, [one.summary for one in before]), "",
            *trusted(today.summary, seconds), "", *simulated(p_values), "", *full_loop(), "",
        ]),
        encoding="utf-8",
    )  # fmt: skip
    return 0


def taught(summary: xr.Dataset) -> list[str]:
    """Prior and posterior, what was taught first."""
    order = summary["parameter"].values[np.argsort(summary["overlap"].values)]
    rows = (
        (
            f"`{name}`", str(row["unit"].item()), span(row["prior"].values), span(row["posterior"].values),
            f"{float(row['overlap']):.2f}",
        )
        for name, row in ((name, summary.sel(parameter=name)) for name in order)
    )  # fmt: skip
    head = ("parameter", "unit", "prior", "posterior", "overlap")
    return ["## What filings have taught", "", *table(head, rows), "", "Medians with 90 % intervals."]


def on_other_days(today: xr.Dataset, before: Sequence[xr.Dataset]) -> list[str]:
    """The same on earlier days."""
    names = [name for name in today["parameter"].values if float(today["overlap"].sel(parameter=name)) < 0.9]
    days = [*(str(summary.attrs["as_of"]) for summary in before), str(today.attrs["as_of"])]
    rows = (
        (f"`{name}`", *(span(summary["posterior"].sel(parameter=name).values) for summary in (*before, today)))
        for name in names
    )
    return ["## What had been taught by earlier days", "", *table(("parameter", *days), rows)]


def trusted(summary: xr.Dataset, seconds: float) -> list[str]:
    """Diagnostics of the chains."""
    worst = {name: summary[name].max().item() if name == "r_hat" else summary[name].min().item() for name in FIGURES}
    largest = float(np.abs(summary["quick_look_difference"]).max())
    worth = summary.attrs["quick_look_effective_sample_size"]
    return [
        "## The chains", "",
        f"{CHAINS} chains of {WARMUP:,} + {DRAWS:,} steps took {seconds:.0f} s on two cores, compiled before; "
        f"{summary.attrs['divergences']} draws diverged. R-hat is at most {worst['r_hat']:.3f}, the least effective "
        f"sample size {worst['effective_sample_size']:,.0f} of {summary.attrs['draws']:,} draws. The quick look "
        f"(importance resampling of the priors, worth {worth:,.0f} draws) has means that "
        f"differ by at most {largest:.2f} posterior deviations.",
    ]  # fmt: skip


def simulated(p_values: dict[str, dict[str, float]]) -> list[str]:
    """Ranks of planted truths."""
    names = list(next(iter(p_values.values())))
    rows = ((f"`{name}`", *(f"{values[name]:.3f}" for values in p_values.values())) for name in names)
    lines = []
    for name, values in p_values.items():
        low = sum(value < 0.05 for value in values.values())
        lines.append(
            f"{name}: the smallest of {len(names)} p-values is {min(values.values()):.4f}, and {low} are below 0.05 "
            f"where chance makes {0.05 * len(names):.1f}; {said(values)}."
        )
    head = ("parameter", *(f"{name}, {SIMULATIONS[name]} truths" for name in p_values))
    return [
        "## Truths found again", "",
        "Truths drawn from the priors, a record made from each by the core with errors of the drawn size, and the rank "
        "of the truth among 63 draws of its posterior; p of the chi-squared test that ranks are uniform.", "",
        *table(head, rows), "", *(f"- {line}" for line in lines),
    ]  # fmt: skip


def full_loop() -> list[str]:
    """What growth since 2023 teaches of the parameters of the full loop, and how much of it the loop makes."""
    start = time.perf_counter()
    found = hr.calibrate(loop=True, chains=CHAINS, warmup=WARMUP, draws=DRAWS)
    seconds = time.perf_counter() - start
    summary = found.summary
    record = loop.loop_record(archive.load())
    modes = {name: jnp.asarray(registry()[name].value) for names in loop.SAMPLED.values() for name in names}
    with jax.enable_x64(True):
        held = jax.tree.map(jnp.asarray, record)
        drawn = {name: jnp.asarray(values) for name, values in loop.prior(PRIOR_DRAWS, 7).items()}
        made = np.asarray(loop.log_growth(held, modes))
        every = np.asarray(jax.jit(jax.vmap(lambda values: loop.log_growth(held, values)))(drawn))
    filed = np.asarray(record.log_growth)
    growth = table(
        ("series", "quarters", "filed or reported", "loop at the modes", f"fastest of {PRIOR_DRAWS:,} draws"),
        (
            (
                series.replace("_", " "), f"{int(seen.sum())}", f"× {np.exp(came[seen].sum()):.1f}",
                f"× {np.exp(loops[seen].sum()):.1f}", f"× {np.exp(fastest[:, seen].sum(axis=1).max()):.1f}",
            )
            for series, came, loops, fastest in zip(loop.SERIES, filed, made, every.swapaxes(0, 1), strict=True)
            for seen in (np.isfinite(came),)
        ),
    )  # fmt: skip
    least = str(summary["parameter"].values[np.argmin(summary["overlap"].values)])
    return [
        "## The full loop", "",
        "`headrace calibrate --loop` starts the full loop on what had been filed of 2023Q1, runs it freely, and "
        "compares growth of spending, of NVIDIA's data-centre revenue and of what model makers earn; errors are a "
        "random walk of each series whose size is integrated over. Sampled is what such data could tell: speed of "
        "adjustment, loss aversion and franchise at stake, growth of IT capacity (five layers by one probability), "
        "imitation, price elasticity, and the cost of IT, which splits spending.", "",
        *taught(summary)[2:], "",
        f"Growth teaches next to nothing: the least overlap is {float(summary['overlap'].min()):.2f}, of `{least}`. "
        "The reason is not noise. Nowhere in the priors of these does the loop grow as the world has, so no value is "
        "much better than another:", "", *growth, "",
        f"{CHAINS} chains of {WARMUP:,} + {DRAWS:,} steps took {seconds:.0f} s, compilation included; "
        f"{summary.attrs['divergences']} draws diverged, R-hat is at most {float(summary['r_hat'].max()):.3f}, the "
        f"least effective sample size {float(summary['effective_sample_size'].min()):,.0f}.",
    ]  # fmt: skip


def said(values: dict[str, float]) -> str:
    """Whether ranks are uniform, after Bonferroni."""
    if min(values.values()) > 0.05 / len(values):
        return "after correction for their number none speaks against uniform ranks"
    guilty = ", ".join(f"`{name}`" for name, value in values.items() if value <= 0.05 / len(values))
    return f"after correction for their number ranks are not uniform for {guilty}"


def span(quantiles: Iterable[float]) -> str:
    """Median and interval."""
    low, median, high = quantiles
    return f"{median:.3g} [{low:.3g} - {high:.3g}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


if __name__ == "__main__":
    sys.exit(main())
