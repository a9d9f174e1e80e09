"""The whole answer to what must be true for it to pay back, as one Dataset, and the sentences that say it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from headrace._types import Figure, Headline
from headrace.analyses import provenance
from headrace.analyses.figures import drawn_figure, percent_span, span
from headrace.analyses.payback.drivers import driver
from headrace.analyses.payback.financing import NOT_KNOWN, financing
from headrace.analyses.payback.fleet import by_year
from headrace.analyses.payback.followed import Followed
from headrace.analyses.payback.inversion import what_must_be_true
from headrace.analyses.payback.reading import read
from headrace.analyses.payback.tornado import tornado
from headrace.analyses.payback.vintages import by_vintage
from headrace.posterior import Posterior
from headrace.results import SIMULATED_QUALITY
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS
from headrace.world import World

TARGET_YEARS = 4.2
"""Payback that is printed of such campuses, and that nobody has to believe."""

RECEIPT = "asked.payback"
"""Key that the figures of the headlines open on a page."""

WHAT = (
    "What was paid for AI in one quarter, and what its compute earns after tax until its IT has retired: payback, "
    "return, what moves it, and the value of one driver at which it would pay back in a stated time."
)
FORMULA = (
    "cash = (1 - tax) (margin + shells left to newer IT) + tax x deductions - IT, site and used shells; margin = "
    "price x utilisation x its GW x its quality x margin share; GW retire at K/N; after the run margin of hardware "
    "falls on as in its last year"
)


def payback(
    of: World | xr.Dataset,
    *,
    vintage: str | None = None,
    target_years: float = TARGET_YEARS,
    drivers: Sequence[str] = (),
    interest: bool = False,
    players_only: bool = False,
    terminal_growth: float | None = None,
    posterior: Posterior | str | Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """The answer; see :func:`headrace.payback`, whose arguments these are.

    Args:
        of: A World, or a Dataset whose recipe says which.
        vintage: Such as ``"2027Q1"``; the first of the run when left out.
        target_years: Payback looked for [year].
        drivers: To look for it with.
        interest: Whether that payback is with interest at the cost of capital.
        players_only: Follow what the five players have paid for alone.
        terminal_growth: Of the margin of hardware in service after the run [1/quarter].
        posterior: Of the run, if the file it was read from is no longer there.
        progress: Called with what is going on and the share done.
    """
    report = progress or (lambda _text, _share: None)
    for name in drivers:
        driver(name)
    reading = read(
        of,
        players_only=players_only,
        margin_growth=terminal_growth,
        posterior=posterior,
        progress=lambda text, share: report(text, share / 2),
    )
    place = reading.place(vintage)
    followed = Followed(reading, place, reading.checked_target(target_years, place))
    report("following vintages", 0.5)
    vintages = by_vintage(reading)
    stated = reading.quarters[place]
    report("running the loop for each driver", 0.7)
    parts = [
        vintages,
        tornado(followed, vintages["profitability"].sel(vintage=stated).values),
        what_must_be_true(followed, drivers, interest=interest),
        by_year(reading),
        financing(reading),
    ]
    report("done", 1.0)
    answer = xr.merge(parts, combine_attrs="drop_conflicts")
    command, call = provenance.asked_again(json.loads(reading.run.attrs["world"]), "payback")
    options = _options(stated, target_years, drivers, interest, players_only, terminal_growth)
    return answer.assign_attrs(
        title=f"What must be true for {stated} to pay back",
        what=WHAT,
        formula=FORMULA,
        command=" ".join([command, *options[0]]),
        call=f"{call.removesuffix(')')}, {', '.join(options[1])})",
        world=reading.run.attrs["world"],
        scenario=reading.run.attrs["title"],
        vintage=stated,
        target_years=target_years,
        draws_kept=reading.run.sizes["draw"],
        draws_left_out=reading.left_out,
        draws_inverted=followed.draws,
        owners="the five players" if players_only else "all builders",
        not_known=NOT_KNOWN,
    )


def headlines(answer: xr.Dataset) -> list[Headline]:
    """The answer in sentences: the stated vintage, what must be true, the fleet, and the money.

    Args:
        answer: What :func:`payback` returned.
    """
    return [_vintage(answer), _must_be_true(answer), _fleet(answer), _money(answer)]


def _options(
    vintage: str,
    target_years: float,
    drivers: Sequence[str],
    interest: bool,
    players_only: bool,
    terminal_growth: float | None,
) -> tuple[list[str], list[str]]:
    """How a person says them, on the command line and in Python."""
    command = ["--vintage", vintage, "--target-years", f"{target_years:g}"]
    call = [f'vintage="{vintage}"', f"target_years={target_years:g}"]
    for name in drivers:
        command += ["--driver", name]
    call += [f"drivers={list(drivers)!r}"] if drivers else []
    for word, flag in (("interest", interest), ("players_only", players_only)):
        command += [f"--{word.replace('_', '-')}"] if flag else []
        call += [f"{word}=True"] if flag else []
    if terminal_growth is not None:
        command += ["--terminal-growth", f"{terminal_growth:g}"]
        call += [f"terminal_growth={terminal_growth:g}"]
    return command, call


def _vintage(answer: xr.Dataset) -> Headline:
    own = answer.sel(vintage=answer.attrs["vintage"])
    cost = drawn_figure("cost", "Cost of the vintage", own["cost_usd_bn"].values, "USD bn", RECEIPT)
    rates = own["rate_of_return"].values
    ever, within, interest = (
        _share(name, label, float(own[name]))
        for name, label in (
            ("share_paid_back", "Draws in which it ever pays back"),
            ("share_within_life", "Draws in which it pays back within its economic life"),
            ("share_discounted", "Draws in which it pays back with interest"),
        )
    )
    said = (
        f"AI assets that {answer.attrs['owners']} pay for in {answer.attrs['vintage']} cost {span(cost, 0)} USD bn and "
        f"ever pay back in {ever.median:.0%} of draws, in {within.median:.0%} within their economic life and in "
        f"{interest.median:.0%} with interest at the cost of capital"
    )
    figures = [cost, ever, within, interest]
    some = np.isfinite(rates)
    if some.any():
        rate = drawn_figure("rate_of_return", "Internal rate of return a year", rates[some], "1", RECEIPT)
        figures.append(rate)
        said += f"; they return {percent_span(rate)} a year"
    if not some.all():
        said += f" ({(~some).mean():.0%} of draws have no one rate of return)"
    life = float(np.median(own["economic_life_quarters"].values)) / QUARTERS_PER_YEAR
    years = own["payback_quarters"].values / QUARTERS_PER_YEAR
    middle = float(np.quantile(years, 0.5, method="inverted_cdf"))
    said += (
        f". In the median draw they never pay back over an economic life of {life:.1f} years."
        if np.isinf(middle)
        else f". In the median draw they pay back in {middle:.1f} years, of an economic life of {life:.1f}."
    )
    return Headline("vintage", f"What was paid in {answer.attrs['vintage']}", said, tuple(figures))


def _must_be_true(answer: xr.Dataset) -> Headline:
    can: list[str] = []
    cannot: list[str] = []
    figures: list[Figure] = []
    for name in answer["driver"].values:
        own = answer.sel(driver=name)
        label, unit = (str(own[f"driver_{word}"].values) for word in ("label", "unit"))
        now, required = float(own["value_now"]), float(own["required_value"])
        if np.isnan(required):
            cannot.append(label[0].lower() + label[1:])
            continue
        low, high = (float(own["required_value_by_draw"].sel(statistic=end)) for end in ("low", "high"))
        figures.append(Figure(str(name), label, required, low, high, unit, RECEIPT, "scenario", SIMULATED_QUALITY))
        of_unit = "" if unit == "1" else f" {unit}"
        can.append(
            f"{label[0].lower()}{label[1:]} were {required:.3g}{of_unit} ({required / now:.2g} times the "
            f"{now:.3g} of the median world)"
        )
    target = f"in {answer.attrs['target_years']:g} years"
    said = f"In the median world they would pay back {target} if {', or if '.join(can)}" if can else ""
    if cannot:
        none = f"no value in range of {_listed(cannot)} does it"
        said = f"{said}; {none} alone" if can else f"To pay back {target}, {none} alone in the median world"
    return Headline("must_be_true", "What must be true", f"{said}.", tuple(figures))


def _fleet(answer: xr.Dataset) -> Headline:
    label = "The whole fleet"
    if not answer.sizes["year"]:
        return Headline("fleet", label, "The run has no whole calendar year.", ())
    first, last = (answer.isel(year=place) for place in (0, -1))
    covers = [
        drawn_figure(
            f"cover_{year}", f"Margin over capital charge in {year}", one["capital_cover"].values, "1", RECEIPT
        )
        for year, one in ((int(first["year"]), first), (int(last["year"]), last))
    ]
    ratio = first["revenue_over_required"].values
    over = drawn_figure("revenue_over_required", "Compute revenue over required revenue", ratio, "1", RECEIPT)
    said = (
        f"The margin on compute is {span(covers[0], 2)} times the capital charge of all AI assets in "
        f"{int(first['year'])} and {span(covers[1], 2)} times in {int(last['year'])}; revenue of {int(first['year'])} "
        f"is {span(over, 2)} times what that year's spending asks for."
    )
    return Headline("fleet", label, said, (*covers, over))


def _money(answer: xr.Dataset) -> Headline:
    label = "Out of whose money"
    if not answer.sizes["year"]:
        return Headline("money", label, "The run has no whole calendar year.", ())
    own = answer.isel(year=0)
    uses = own["uses"].sum("player").values
    shares = {
        name: drawn_figure(name, f"{name} of uses", own[name].sum("player").values / uses, "1", RECEIPT)
        for name in ("own_cash", "shares_sold", "leases_and_prepayments", "borrowing")
    }
    short = own["funding_gap"].sum("player").values
    gap = drawn_figure("funding_gap", "AI spending wanted beyond the funding limit", short, "USD bn", RECEIPT)
    most = PLAYERS[int(np.argmax(np.median(own["funding_gap"].values, axis=0)))]
    cash, sold, leases, debt = (percent_span(figure) for figure in shares.values())
    said = (
        f"Of what the five spend in {int(own['year'])}, operating cash flow after payouts is {cash}, shares sold "
        f"{sold}, leases and prepayments {leases}, borrowing {debt}; AI spending wanted beyond funding limits is "
        f"{span(gap, 0)} USD bn"
    )
    said += f", most of it at {most}." if gap.median > 0 else "."
    return Headline("money", label, said, (*shares.values(), gap))


def _share(key: str, label: str, value: float) -> Figure:
    return Figure(key, label, value, value, value, "1", RECEIPT, "scenario", SIMULATED_QUALITY)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
