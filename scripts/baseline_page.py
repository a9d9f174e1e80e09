"""Write ``docs/baseline.md``: what the baseline does, beside a prototype of the loop and beside sites that are counted.

Where it differs comes first. Every number is computed from the draws when the page is written, and so is what a reason
explains; the words of a reason are ours, and stand or fall with the run beside them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

import headrace as hr
from baseline_arithmetic import REST_VARIABLES, effects, quarter_rows, shipped_gw, worked_out
from baseline_reasons import CHANGED, REASONS, Reason
from headrace._types import Figure
from headrace.analyses.behaviour import BEHAVIOUR_VARIABLES, behaviour
from headrace.analyses.behaviour_build_out import tightest_by_year
from headrace.analyses.beside import Beside
from headrace.analyses.counted_sites import SITES_VARIABLES, against_sites, counted_sites
from headrace.analyses.endings import running
from headrace.analyses.figures import percent_span, span
from headrace.analyses.prototype import PROTOTYPE_VARIABLES, against_prototype
from headrace.analyses.shapes import Draws, at
from headrace.parameters.registry import registry

MEASURED = tuple(dict.fromkeys((*PROTOTYPE_VARIABLES, *SITES_VARIABLES, "tightness", "empty_shells_gw")))
QUARTERS = 28
"""To 2033Q2: the last year before 2032 and what the binding limit looks ahead to."""

BESIDE_SENTENCE = {
    "spending": ("spending_start_usd_bn", "spending_2027_usd_bn", "spending_fall"),
    "debt": ("net_debt_change_usd_bn",),
    "chips": ("chips_2028_usd_bn", "chips_fall"),
    "waiting": ("unpowered_peak_gw",),
    "compute": ("compute_2027_gw", "compute_2030_gw", "stock_at_start", "added_2026", "growth_2026"),
    "revenue": ("revenue_2027_usd_bn", "revenue_2030_usd_bn"),
}
"""Which figures of others stand beside which sentence; about the others they say nothing that is a number."""

PROTOTYPE_LAYERS = (
    (2026, "memory"),
    (2028, "systems"),
    (2029, "systems"),
    (2030, "construction"),
    (2030, "electrical"),
)
"""The prototype with ten layers: tightest first memory, then systems, then construction and electrical."""


def main(arguments: list[str] | None = None) -> int:
    """Run the baseline and every changed world, and write the page; the exit status."""
    options = _options(arguments)
    asked = {"draws": options.draws, "seed": options.seed, "quarters": QUARTERS}
    baseline = hr.simulate(
        "baseline", variables=list(dict.fromkeys((*BEHAVIOUR_VARIABLES, *MEASURED, *REST_VARIABLES))), **asked
    )
    runs = {"baseline": baseline}
    for name, changed in CHANGED.items():
        print(f"baseline_page: {changed.what}", file=sys.stderr)
        runs[name] = hr.simulate(changed.page, variables=list(MEASURED), settings=dict(changed.settings), **asked)
    text = page({name: running(one) for name, one in runs.items()}, options.draws, options.seed)
    options.out.write_text(text, encoding="utf-8")
    return 0


def page(runs: dict[str, xr.Dataset], draws: int, seed: int) -> str:
    """The whole page.

    Args:
        runs: The baseline and the changed worlds by name, draws that run to the end.
        draws: Of each run.
        seed: Of each run.
    """
    baseline = runs["baseline"]
    medians = {name: {row.figure.key: row.figure.median for row in _beside(run)} for name, run in runs.items()}
    rows = _beside(baseline)
    differ = [row for row in rows if not row.agrees]
    count = counted_sites()
    worked = worked_out(baseline, next(row for row in rows if row.figure.key == "net_debt_change_usd_bn"), seed, draws)
    present = f"{count.present[0]} to {count.present[1]}, with {count.present_gw:.1f} GW"
    header = (
        "quarter",
        "counted GW",
        "of it planned",
        "sites with power",
        "added",
        "baseline GW",
        "baseline, energised",
    )
    return "\n".join(
        [
            "# What the baseline does\n",
            f"Written by `scripts/baseline_page.py` from {draws:,} draws of the baseline, seed {seed}; medians with "
            "90% intervals. Beside it stand a two-sector prototype of the loop (one chip layer, one power layer, "
            "points without intervals: `data/prototype.toml`) and the IT power that Epoch AI counts on "
            f"{count.sites} frontier sites (`data/frontier_sites.toml`). A figure *agrees* where the other one lies "
            "inside the interval. Nothing is fitted to either.\n",
            f"## Where it differs: {len(differ)} of {len(rows)}\n",
            *_differences(differ, medians, worked),
            *_layers(runs),
            "",
            "## What to doubt whoever is right\n",
            *(f"- {line}" for line in _doubts(baseline, draws, seed)),
            "",
            f"## Where it agrees: {len(rows) - len(differ)} of {len(rows)}\n",
            *(f"- {_line(row)}" for row in rows if row.agrees),
            "",
            "## In ten sentences\n",
            *_sentences(baseline, {row.figure.key: row for row in rows}),
            "",
            "## Against the counted sites, quarter by quarter\n",
            f"The count's own present is {present}: on those days its milestones say of every site what it says the "
            "site has now. What is dated later is a plan or a projection, also where the quarter has ended since.\n",
            _table(header, quarter_rows(baseline)),
            "## Three changes of which the prototype said what they do\n",
            _table(("change", "prototype", "here"), effects(runs)),
            "## The runs behind the reasons\n",
            "Medians. Each run has the draws of the baseline with one thing changed.\n",
            _runs(medians),
        ]
    )


def _beside(future: xr.Dataset) -> list[Beside]:
    return [*against_prototype(future), *against_sites(future)]


def _line(row: Beside) -> str:
    where = "on counted sites" if row.figure.key.startswith(("stock", "added", "growth")) else "in the prototype"
    unit = "" if row.figure.unit == "1" else f" {row.figure.unit}"
    return f"{row.figure.label}: {_spanned(row.figure)}{unit} here, {_other(row)}{unit} {where}."


def _differences(rows: list[Beside], medians: dict[str, dict[str, float]], worked: dict[str, str]) -> Iterator[str]:
    said: dict[str, str] = {}
    for row in rows:
        yield f"- {_line(row)}"
        for reason in REASONS:
            if row.figure.key in reason.figures:
                first = said.setdefault(reason.why, row.figure.label) if reason.world is None else row.figure.label
                same = f"As for: {first}."
                yield f"  - {_reason(reason, row, medians, worked) if first == row.figure.label else same}"


def _reason(reason: Reason, row: Beside, medians: dict[str, dict[str, float]], worked: dict[str, str]) -> str:
    if reason.world is None:
        return reason.why.format_map(worked)
    found, base = medians[reason.world][row.figure.key], row.figure.median
    closed = (found - base) / (row.other - base)
    carried = "carries it" if closed >= 1 / 2 else "carries part of it" if closed >= 1 / 10 else "does not carry it"
    verdict = f", {reason.caveat}" if reason.caveat and closed >= 1 / 2 else f" and {carried}"
    return (
        f"{reason.why} With {CHANGED[reason.world].what}: {_number(found)}, which closes {round(100 * closed)}% of the "
        f"difference{verdict}."
    )


def _layers(runs: dict[str, xr.Dataset]) -> Iterator[str]:
    tested = (("long_life", "construction"), ("slow_systems", "systems"))
    shares = {name: tightest_by_year(runs[name]) for name in ("baseline", *(world for world, _ in tested))}
    told = ", ".join(f"{layer} in {year} {shares['baseline'][year][layer]:.0%}" for year, layer in PROTOTYPE_LAYERS)
    likeliest = {year: max(found, key=lambda name: found[name]) for year, found in shares["baseline"].items()}
    ours = ", ".join(f"{name} in {year} ({shares['baseline'][year][name]:.0%})" for year, name in likeliest.items())
    yield (
        "- Tightest of ten layers: the prototype went from memory (2026) by systems (2028-29) to construction and "
        f"electrical. Here these have shares of draws of: {told}. Likeliest here: {ours}."
    )
    for world, layer in tested:
        before, after = shares["baseline"][2030][layer], shares[world][2030][layer]
        yield f"  - With {CHANGED[world].what}: {layer} is tightest in 2030 in {after:.0%} of draws, not {before:.0%}."


def _doubts(baseline: xr.Dataset, draws: int, seed: int) -> Iterator[str]:
    shipped = shipped_gw(seed, draws)
    start = next(row.figure for row in against_sites(baseline) if row.figure.key == "stock_at_start")
    waiting = registry()["start.unpowered_it_gw"].value
    every_year = np.sum(list(shipped.values()), axis=0)
    yield (
        f"By our recipes the accelerators shipped from 2022 to 2025 need {_draws(every_year)} GW of IT power, those of "
        f"2025 {_draws(shipped[2025])}; the baseline starts in the middle of 2026 with {_spanned(start)} GW in service "
        f"and {waiting:g} waiting. Either much of what shipped is not in AI service, or the start is too low, or the "
        "recipes are too high."
    )
    empty = at(baseline, "empty_shells_gw", "2030Q4")
    share = np.median(empty / at(baseline, "active_compute_gw", "2030Q4"))
    yield (
        f"{np.median(empty):.0f} GW of powered shells stand empty at the end of 2030 in the median, {share:.0%} of "
        "what is in service. Orders take IT on order for IT on its way and keep shells coming for it, while it is "
        "late; builders say today that chips wait for shells."
    )
    change = next(row for row in against_prototype(baseline) if row.figure.key == "net_debt_change_usd_bn")
    yield (
        f"Net debt of the five changes by {_spanned(change.figure)} USD bn: nothing here buys back shares, so what is "
        "left over stays in the company."
    )
    surest = max(share for shares in tightest_by_year(baseline).values() for share in shares.values())
    yield (
        f"The likeliest tightest layer of a year has at most {surest:.0%} of draws: the order of layers is a tendency, "
        "and the ranges of capacities decide it, many of them judgements."
    )


def _sentences(baseline: xr.Dataset, rows: dict[str, Beside]) -> Iterator[str]:
    for number, line in enumerate(behaviour(baseline), 1):
        yield f"{number}. {line.sentence}"
        beside = [rows[key] for key in BESIDE_SENTENCE.get(line.key, ())]
        if beside:
            told = (f"{row.figure.label}: {_other(row)}, {'agrees' if row.agrees else 'differs'}" for row in beside)
            yield f"   *Others.* {'; '.join(told)}."


def _runs(medians: dict[str, dict[str, float]]) -> str:
    keys = ("spending_start_usd_bn", "spending_2027_usd_bn", "spending_fall", "chips_fall", "unpowered_peak_gw",
            "compute_2030_gw", "net_debt_change_usd_bn", "added_2026")  # fmt: skip
    names = ("baseline", *CHANGED)
    rows = [
        (
            "baseline" if name == "baseline" else f"with {CHANGED[name].what}",
            *(_number(medians[name][key]) for key in keys),
        )
        for name in names
    ]
    return _table(("run", *(f"`{key}`" for key in keys)), rows)


def _spanned(figure: Figure) -> str:
    if figure.unit == "1" and figure.high <= 1:
        return percent_span(figure)
    if figure.low < 0:
        return f"{figure.median:+,.0f} [{figure.low:+,.0f} to {figure.high:+,.0f}]"
    return span(figure, _digits(figure.median))


def _other(row: Beside) -> str:
    return f"{row.other:.0%}" if row.figure.unit == "1" and row.figure.high <= 1 else _number(row.other)


def _draws(values: Draws) -> str:
    low, median, high = np.quantile(values, (0.05, 0.5, 0.95))
    return f"{median:.1f} [{low:.1f} - {high:.1f}]"


def _number(value: float) -> str:
    return f"{value:,.{_digits(value)}f}"


def _digits(value: float) -> int:
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 2 else 2


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (header, ["---"] * len(header), *rows))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000, help="worlds of each run")
    parser.add_argument("--seed", type=int, default=7, help="of every run")
    parser.add_argument("--out", type=Path, default=Path("docs/baseline.md"), help="the page")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
