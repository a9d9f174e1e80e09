"""Write the results in ``docs/past-cycles.md``: the spending core on past cycles, losing lines first.

Every figure is computed when the section is written, in the sentences too.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

import headrace as hr
from headrace.analyses.hindcast.skill import FEWEST_BLOCKS, FEWEST_ORIGINS
from headrace.calibration.spending import PRIOR_DRAWS
from headrace.units import QUARTERS_PER_YEAR
from past_cycles_page import RESULTS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "past-cycles.md"
HORIZONS = (1, 2, 4, 8)
BEST, WALK, UNCHANGED = "best_baseline", "random_walk_with_drift", "unchanged"
BUILDERS = "ai_builders"
SPEED, CEILING, IDLE = (
    "rivalry.adjustment_speed",
    "loss_aversion_times_franchise_at_stake",
    "funding.debt_limit_headroom",
)
SEASONAL = ("seasonal_naive", "exponential_smoothing", "theta")

CHANCE = 0.05
"""Below it a difference is called one that chance does not explain."""

FEWEST_QUARTERS = 4
"""Quarters of one year without which no mean of it is given."""


@dataclass(frozen=True)
class Line:
    """The core in one cycle at one horizon; ratios below 1 are wins, NaN where too few origins were scored."""

    cycle: str
    horizon: int
    origins: int
    cell: xr.Dataset

    def of(self, name: str, rival: str = BEST) -> float:
        """A measure of the core against a rival."""
        return float(self.cell[name].sel(rival=rival))


def main() -> int:
    """Try every cycle and write the section; the exit status."""
    text = PAGE.read_text(encoding="utf-8")
    if not RESULTS.search(text):
        print(f"{PAGE} has no place for results; run make docs", file=sys.stderr)
        return 1
    found = hr.past_cycles(progress=lambda said, share: print(f"{share:4.0%} {said}", file=sys.stderr))
    written = f"<!-- results: written by make cycles -->\n{section(found)}<!-- /results -->\n"
    PAGE.write_text(RESULTS.sub(lambda _: written, text), encoding="utf-8")
    return 0


def section(found: xr.Dataset) -> str:
    """The results, headings included."""
    lines = _lines(found)
    scored = [line for line in lines if not np.isnan(line.of("crps_ratio"))]
    lost = [line for line in scored if line.of("crps_ratio") > 1]
    predicted = found["predicted_quarters"].values
    return "\n".join([
        f"## Results: the core loses {len(lost)} of {len(scored)} lines to the best baseline", "",
        "Forecasts of the players' total, from the end of every quarter with what had been filed by then, when the "
        "quarter before was complete. A line is a cycle and a number of quarters ahead; a ratio is the core's mean "
        "CRPS over that of the rival on the same origins, below 1 where the core is better, with its interval of 5 to "
        "95 %. *Best* is the baseline that turned out best, which nobody could have chosen; *walk* the random walk "
        "with drift; *unchanged* says that everybody spends what it spent last, with an error model learnt in the same "
        "way, so that it shows what the core itself adds. p is that of Diebold and Mariano. Fewer than "
        f"{FEWEST_ORIGINS} origins: no ratio. Where origins fill fewer than {FEWEST_BLOCKS} blocks as long as the "
        "horizon, no interval and no p. Lines of one cycle are not independent, nor are a cycle and the same without a "
        f"company. Of the spending figures these are known to be of the first report: {_vintages(found)}.", "",
        _skill_table(lines),
        "## What transfers, and what does not", "",
        "The figures are computed when this is written; the words between them are ours.", "",
        *(f"{number}. {sentence}" for number, sentence in enumerate(_sentences(found, scored), 1)), "",
        "## Parameters", "",
        "Posteriors on everything that was ever filed, median and 90 % interval. Overlap is the probability that prior "
        "and posterior share: at 1 the filings said nothing. Draws is the effective number of prior draws, of "
        f"{PRIOR_DRAWS:,}; quarters is what the likelihood saw, {predicted.min()} to {predicted.max()}. The last "
        "parameter moves nothing where net debt is unknown: its overlap in the cycles is what chance does.", "",
        _parameter_table(found),
        "## Spending over cash flow, and over the pool", "",
        "Means over the quarters of a year of spending over the cash flow of the four quarters to its end; in brackets "
        "over the pool, which here is the franchise cash flow at stake, posterior median. The pool of the AI builders "
        "holds revenue too and is not given.", "",
        _path_table(found),
        "## Not scored, because", "",
        "Origins by the reason of their first quarter ahead. Gaps are not filled: a quarter of cash flow that is "
        "missing or was tagged late is missing for a year, and a baseline begins anew after a gap of spending.", "",
        _reasons(found),
    ])  # fmt: skip


def _lines(found: xr.Dataset) -> list[Line]:
    """Worst first; those without a ratio last."""
    core = found.sel(forecaster="core")
    lines = [
        Line(str(cycle), horizon, int(cell["origins"]), cell)
        for cycle in found["cycle"].values
        for horizon in HORIZONS
        for cell in (core.sel(cycle=cycle, horizon=horizon),)
    ]
    return sorted(lines, key=lambda line: (np.isnan(line.of("crps_ratio")), -line.of("crps_ratio")))


def _skill_table(lines: Iterable[Line]) -> str:
    header = (
        "cycle",
        "ahead",
        "n",
        "to best",
        "p",
        "best",
        "to best, logarithms",
        "to walk",
        "p",
        "to unchanged",
        "p",
        "in 50 %",
        "in 90 %",
    )
    return _table(
        header,
        (
            (
                line.cycle,
                str(line.horizon),
                str(line.origins),
                _ratio(line, "crps"),
                _number(line.of("dm_p_value")),
                str(line.cell["best_baseline"].item()).replace("_", " "),
                _number(line.of("crps_of_logarithm_ratio")),
                _ratio(line, "crps", WALK),
                _number(line.of("dm_p_value", WALK)),
                _ratio(line, "crps", UNCHANGED),
                _number(line.of("dm_p_value", UNCHANGED)),
                _number(float(line.cell["coverage_50"]), ".0%"),
                _number(float(line.cell["coverage_90"]), ".0%"),
            )
            for line in lines
        ),
    )


def _sentences(found: xr.Dataset, scored: Sequence[Line]) -> Iterator[str]:
    lost = [line for line in scored if line.of("crps_ratio") > 1]
    seasonal = sum(str(line.cell["best_baseline"].item()) in SEASONAL for line in lost)
    won = [line for line in scored if line not in lost]
    verdict = "does not beat" if len(lost) >= len(won) else "mostly beats"
    yield (
        f"As a forecaster the core {verdict} what costs nothing: of {len(scored)} lines it loses {len(lost)} to the "
        f"best baseline, {_beyond_chance(lost, BEST)}, and wins {len(won)}, {_beyond_chance(won, BEST)}. In "
        f"{seasonal} of the lost ones the best baseline is one that can follow seasons, which the core cannot."
    )
    yield _against_two(scored)
    speed, ceiling, idle = (found.sel(parameter=name) for name in (SPEED, CEILING, IDLE))
    cycles = [name for name in found["cycle_or_builders"].values.tolist() if name != BUILDERS]
    middle = {name: _quantiles(speed, name)[1] for name in (*cycles, BUILDERS)}
    low, high = (of(middle[name] for name in cycles) for of in (min, max))
    yield (
        f"The cycles hardly teach an adjustment speed: medians are {low:.2f} to {high:.2f} beside "
        f"{middle[BUILDERS]:.2f} of the AI builders, but prior and posterior overlap by {_overlaps(speed, cycles)}, "
        f"and by {_overlaps(idle, cycles)} for a parameter of which nothing can be learnt, so that agreement is mostly "
        "that of the prior with itself."
    )
    begin, centre, end = _quantiles(ceiling, BUILDERS)
    alike = [name for name in cycles if begin <= _quantiles(ceiling, name)[1] <= end]
    apart = [f"{name} ({_spanned(_quantiles(ceiling, name))})" for name in cycles if name not in alike]
    yield (
        "Where spending stops, loss aversion times the franchise at stake, is taught in part (overlap "
        f"{_overlaps(ceiling, cycles)}): {_spanned((begin, centre, end))} for the AI builders, an interval that holds "
        f"the medians of {len(alike)} of {len(cycles)} cycles ({', '.join(alike)}) and not of "
        f"{', '.join(apart) or 'any other'}; it says little more than how much of its cash flow an industry spends."
    )
    yield _after_spending_it_all(found, cycles)


def _after_spending_it_all(found: xr.Dataset, cycles: Sequence[str]) -> str:
    """Where the ratio of spending to cash flow stands, and what others did a year after it was as high."""
    ratio = found["spend_to_cash_flow"].sel(cycle_or_builders=BUILDERS).dropna("quarter")
    later = found["spending_usd_bn"].shift(quarter=-QUARTERS_PER_YEAR) / found["spending_usd_bn"] - 1
    said = []
    for name in cycles:
        changes = later.sel(cycle_or_builders=name).where(found["spend_to_cash_flow"].sel(cycle_or_builders=name) >= 1)
        known = changes.values[np.isfinite(changes.values)]
        if len(known):
            said.append(f"{name} in {(known < 0).sum()} of {len(known)}, in the median by {np.median(known):+.0%}")
    first, last = (f"{float(ratio[at]):.2f} of cash flow in {ratio['quarter'].values[at]}" for at in (0, -1))
    return (
        f"The AI builders went from {first} to {last}; of the quarters in which others spent all their cash flow or "
        f"more, spending was lower a year later in: {'; '.join(said)}. What decides between the "
        "two is not tried here: net debt is unknown, so that funding binds nobody, and no revenue makes a pool."
    )


def _against_two(scored: Sequence[Line]) -> str:
    walk = [line for line in scored if line.of("crps_ratio", WALK) < 1]
    rest = [line for line in scored if line not in walk]
    alone = [line for line in scored if line.of("crps_ratio", UNCHANGED) < 1]
    others = [line for line in scored if line not in alone]
    losing = f"; it loses {_named(rest)}, {_beyond_chance(rest, WALK)}" if rest else ""
    worse = f" and does harm in {_named(others)}, {_beyond_chance(others, UNCHANGED)}" if others else ""
    return (
        f"It beats the random walk with drift in {len(walk)} of {len(scored)} lines, {_beyond_chance(walk, WALK)}"
        f"{losing}. Beside the same errors without a core, following the cash flow helps in {len(alone)} of "
        f"{len(scored)}, {_beyond_chance(alone, UNCHANGED)}{worse}."
    )


def _vintages(found: xr.Dataset) -> str:
    return ", ".join(f"{share:.0%} of {name}" for name, share in found["first_vintages"].to_series().items())


def _named(lines: Iterable[Line]) -> str:
    by_cycle: dict[str, list[int]] = {}
    for line in lines:
        by_cycle.setdefault(line.cycle, []).append(line.horizon)
    return ", ".join(f"{cycle} at {', '.join(map(str, sorted(horizons)))}" for cycle, horizons in by_cycle.items())


def _beyond_chance(lines: Iterable[Line], rival: str) -> str:
    found = [line for line in lines if line.of("dm_p_value", rival) < CHANCE]
    return f"{len(found)} of them with p below {CHANCE} ({_named(found)})" if found else f"none with p below {CHANCE}"


def _quantiles(of_parameter: xr.Dataset, cycle: str) -> tuple[float, float, float]:
    low, middle, high = of_parameter["posterior"].sel(cycle_or_builders=cycle).values.tolist()
    return low, middle, high


def _overlaps(of_parameter: xr.Dataset, cycles: Sequence[str]) -> str:
    shared = of_parameter["overlap"].sel(cycle_or_builders=list(cycles)).values
    return f"{shared.min():.2f} to {shared.max():.2f}"


def _parameter_table(found: xr.Dataset) -> str:
    header = ("parameter", "of", "prior", "posterior", "overlap", "draws", "quarters")
    return _table(
        header,
        (
            (
                parameter.split(".")[-1].replace("_", " "),
                cycle,
                _spanned(cell["prior"].values),
                _spanned(cell["posterior"].values),
                f"{float(cell['overlap']):.2f}",
                f"{float(cell['effective_sample_size']):,.0f}",
                str(int(cell["predicted_quarters"])),
            )
            for parameter in found["parameter"].values.tolist()
            for cycle in found["cycle_or_builders"].values.tolist()
            for cell in (found.sel(parameter=parameter, cycle_or_builders=cycle),)
        ),
    )


def _path_table(found: xr.Dataset) -> str:
    names = found["cycle_or_builders"].values.tolist()
    years = sorted({quarter[:4] for quarter in found["quarter"].values.tolist()})

    def cell(name: str, year: str) -> str:
        inside = [quarter for quarter in found["quarter"].values.tolist() if quarter.startswith(year)]
        here = found.sel(cycle_or_builders=name, quarter=inside)
        over_cash_flow = here["spend_to_cash_flow"].values
        if np.isfinite(over_cash_flow).sum() < FEWEST_QUARTERS:
            return ""
        over_pool = here["spend_to_pool"].sel(taught_probability=0.5).values.mean()
        return f"{over_cash_flow.mean():.2f}" + ("" if np.isnan(over_pool) else f" ({over_pool:.2f})")

    rows = [(year, *(cell(name, year) for name in names)) for year in years]
    return _table(("year", *names), (row for row in rows if any(row[1:])))


def _reasons(found: xr.Dataset) -> str:
    rows = []
    for cycle in found["cycle"].values.tolist():
        statuses = found["status"].sel(cycle=cycle, horizon=1).values.tolist()
        said = Counter(_without_quarter(status) for status in statuses if status != "scored")
        rows += [(cycle, str(count), reason) for reason, count in said.most_common()]
    return _table(("cycle", "n", "reason"), rows)


def _without_quarter(status: str) -> str:
    """A reason as it applies to several origins: players and counts stay, the quarter does not."""
    reason = status.removeprefix("not scored, because ")
    for pattern, instead in ((r"^\d{4}Q\d is not complete", "the quarter before is not complete"),
                             (r" in \d{4}Q\d is not", " in the quarter ahead is not"),
                             (r"^\d{4}Q\d lies", "the quarter ahead lies"),
                             (r"(had seen|^)(.*?)\d+ (quarters|errors)", r"\1\2few \3")):  # fmt: skip
        reason = re.sub(pattern, instead, reason)
    return reason.partition(": choose")[0]


def _ratio(line: Line, score: str, rival: str = BEST) -> str:
    middle, low, high = (line.of(f"{score}_ratio{end}", rival) for end in ("", "_low", "_high"))
    if np.isnan(middle):
        return ""
    return f"{middle:.2f}" if np.isnan(low) else f"{middle:.2f} [{low:.2f} - {high:.2f}]"


def _spanned(quantiles: Iterable[float]) -> str:
    low, middle, high = quantiles
    return f"{middle:.2f} [{low:.2f} - {high:.2f}]"


def _number(value: float, form: str = ".2f") -> str:
    return "" if np.isnan(value) else format(value, form)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
