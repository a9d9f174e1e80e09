"""The page on scenarios: every shipped one with its changes, their sizes and what these rest on, and the four fears."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from headrace.scenarios import Change, Scenario, fears, names, scenario

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]

LEAD = (
    "What ships in `src/headrace/data/scenarios/*.toml`; `headrace scenarios NAME` says the same. A change without "
    "quarters describes another world: it acts on every draw before the start is solved. A change with quarters leaves "
    "the start alone and acts on the value that the parameter has in each of them: it is held, multiplied or added to. "
    "Where several act on one parameter, factors multiply and sums add; two values in the same quarter, or a value and "
    "a factor, contradict each other and are refused. What takes a parameter out of its hard range is refused too."
)

OWN = """## One of your own

A page has a title, the day it was written and a summary; then the scenarios it includes, if any, and its changes.
`parameter` is a name of `docs/parameters.md`, or a pattern in which `*` stands for any run of characters. A change has
exactly one of `value`, `multiply` and `add`. `start` is a quarter or `"first"`, the first one simulated; `end` is the
last quarter it applies to. `source` is a key of `docs/sources.md` or an address.

```toml
title = "A mild winter for credit"
dated = 2026-09-30
summary = "Half the usual room for new debt for two quarters, and slow users."
includes = ["slow_adoption"]

[[changes]]
parameter = "funding.debt_room_factor"
value = 0.5
start = "2027Q1"
end = "2027Q2"
reason = "Half of what was lent the year before"
```

`headrace run mine.toml`, `headrace run credit_crunch+tariff` and `headrace compare baseline mine.toml` take it from
there; in Python, `hr.simulate({...})` takes the same page as a dict.
"""


def scenarios_page(table: Table) -> str:
    """Single shocks and policies, combinations, fears, and how to write another page."""
    read = [scenario(name) for name in names()]
    single = [page for page in read if page.changes and not page.includes]
    overview = [(f"[`{page.name}`](#{page.name})", page.title, page.summary) for page in single]
    together = [
        (f"`{page.name}`", page.title, page.summary, " ".join(f"`{name}`" for name in page.includes))
        for page in read
        if page.includes
    ]
    switches = [
        (f"`{fear.name}`", fear.meaning, ", ".join(f"`{name}` = {value:g}" for name, value in fear.off.items()))
        for fear in fears().values()
    ]
    return "\n".join(
        [
            table(("name", "title", "what happens"), overview),
            "## Several at once\n",
            table(("name", "title", "what happens", "includes"), together),
            "## The four fears\n",
            "`headrace run --without FEAR` holds these from the first quarter on; the start is left alone.\n",
            table(("fear", "what it is", "off"), switches),
            OWN,
            *(_section(page, table) for page in single),
        ]
    )


def _section(page: Scenario, table: Table) -> str:
    header = ("parameter", "change", "when", "why this size", "where it has happened", "source")
    return f"## {page.name}\n\n{page.summary} Dated {page.dated}.\n\n{table(header, map(_row, page.changes))}"


def _row(change: Change) -> tuple[str, ...]:
    source = f"<{change.source}>" if "://" in change.source else f"`{change.source}`" if change.source else "-"
    return f"`{change.parameter}`", change.action, change.when, change.reason, change.history or "-", source
