"""The page on past cycles: who is in them, over which quarters, what is missing, and what was left out and why."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import xarray as xr

from headrace.evidence import past_cycles
from headrace.evidence.past_cycles import PANEL, Ledger, Remark
from headrace.evidence.storage.schema import LATE_DAYS
from headrace.units import USD_PER_USD_BN

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]

LEAD = (
    "Quarterly spending, cash flow and revenue of companies in capital cycles of the past, from filings: "
    "`src/headrace/data/past_cycles.parquet`, read by `headrace.evidence.past_cycles`. On them the "
    "spending core, which was made for the builders of AI infrastructure, is tried where nobody had it in mind: "
    "`headrace cycles`, `hr.past_cycles()`, [decision 015](decisions/015-past-cycles.md)."
)


RESULTS = re.compile(r"<!-- results: [^>]*-->\n.*?<!-- /results -->\n", re.DOTALL)
"""Where ``make cycles`` writes; everything else is made of what the code reads."""


def past_cycles_page(table: Table, results: str) -> str:
    """Results, then cycles, then each with its entities and gaps, then what was left out and what is surprising.

    Args:
        table: Makes one.
        results: The section that ``make cycles`` wrote, kept as it is, between its marks.
    """
    known = past_cycles.ledger()
    panels = {cycle: past_cycles.panel(cycle) for cycle in known.cycles}
    return "\n".join([
        results,
        "## Cycles", "", _cycles(known, panels, table), "",
        "An entity ships with 24 quarters or more of both capital expenditure and operating cash flow. Memory and "
        "storage has two such filers: the others report outside the United States.", "",
        "## Vintages", "", _vintages(known), "",
        *_by_cycle(known, panels, table),
        "## Left out, and why", "", _findings(known.left_out, table), "",
        *_whole_filers(known, table),
        "## Surprising, and kept", "",
        "Far from the quarters on one side, or as filed from both: prices, mergers and a pandemic did that.", "",
        _findings(known.surprising, table), "",
    ])  # fmt: skip


def kept_results(page: str) -> str:
    """The section of results in a page, or room for it."""
    found = RESULTS.search(page)
    return found[0] if found else "<!-- results: written by make cycles -->\n<!-- /results -->\n"


def _cycles(known: Ledger, panels: dict[str, xr.Dataset], table: Table) -> str:
    return table(
        ("cycle", "key", "entities", "quarters", "n with spending and cash flow", "complete quarters"),
        (
            (
                known.cycles[cycle],
                f"`{cycle}`",
                str(panel.sizes["entity"]),
                f"{panel['quarter'].values[0]} to {panel['quarter'].values[-1]}",
                str(int(_both(panel).sum())),
                str(int(_both(panel).all("entity").sum())),
            )
            for cycle, panel in panels.items()
        ),
    )


def _both(panel: xr.Dataset) -> xr.DataArray:
    return panel["capital_expenditure"].notnull() & panel["operating_cash_flow"].notnull()


def _vintages(known: Ledger) -> str:
    rows = past_cycles.load()
    first, late = rows["first_vintage"].mean(), rows["late"].mean()
    return (
        "The collected table gives the value of the last report on a quarter and the day of the first. The first value "
        "is known where another table holds it or where the last report is the first: "
        f"{first:.0%} of {len(rows):,} rows. Of {known.compared} quarters whose first value could be compared, "
        f"{known.restated} ({known.restated / known.compared:.0%}) have been restated since; those hold the first "
        f"value here. {late:.0%} of rows were first tagged more than {LATE_DAYS} days after the quarter, most of them "
        "of 2008 to 2010: a view as of a day before that lacks what was known on paper."
    )


def _by_cycle(known: Ledger, panels: dict[str, xr.Dataset], table: Table) -> list[str]:
    return [
        line
        for cycle, panel in panels.items()
        for line in (f"## {known.cycles[cycle]}", "", _entities(panel, table), "")
    ]


def _entities(panel: xr.Dataset, table: Table) -> str:
    return table(
        ("entity", "of", "quarters", "n", "missing between"),
        (
            (
                entity,
                name.replace("_", " "),
                f"{known[0]} to {known[-1]}" if known else "",
                str(len(known)),
                ", ".join(quarter for quarter in quarters if known[0] < quarter < known[-1] and quarter not in known),
            )
            for entity in panel["entity"].values.tolist()
            for name in PANEL
            for quarters in (panel["quarter"].values.tolist(),)
            for known in (panel[name].sel(entity=entity).dropna("quarter")["quarter"].values.tolist(),)
        ),
    )


def _findings(found: Iterable[Remark], table: Table) -> str:
    """One line for what one reason says of one series."""
    alike: dict[tuple[str, str, str], list[Remark]] = defaultdict(list)
    for one in found:
        alike[one.entity, one.concept, one.reason].append(one)
    return table(
        ("entity", "of", "quarters to", "n", "USD bn", "why", "filing"),
        (
            (
                entity,
                concept.replace("_", " "),
                " to ".join(dict.fromkeys(str(one.period_end) for one in (ones[0], ones[-1]))),
                str(len(ones)),
                " to ".join(
                    dict.fromkeys(f"{of(one.value for one in ones) / USD_PER_USD_BN:,.3f}" for of in (min, max))
                ),
                reason,
                ones[0].locator if len(ones) == 1 else "",
            )
            for (entity, concept, reason), ones in alike.items()
        ),
    )


def _whole_filers(known: Ledger, table: Table) -> list[str]:
    rows = [
        (known.cycles[one.cycle], one.name, "too few quarters of spending") for one in known.filers if not one.ships
    ]
    rows += [(name, ", ".join(who), "fewer than three filers") for name, who in known.others.items()]
    return [table(("cycle", "filers", "why"), rows), ""]
