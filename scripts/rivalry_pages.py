"""Write ``docs/fears.md`` and ``docs/reactions.md``: what the commands print, beside how it is computed and read."""

from __future__ import annotations

import sys
from pathlib import Path

from click.testing import CliRunner

from headrace.cli import main as headrace

FEARS = """# What holds the spending up?

Written by `make baseline`; do not edit.

The four fears are the players of a game whose worth is what the five builders spend. Each of the sixteen coalitions
is a run of the same draws with the other fears off, so the Shapley value of a fear is known in every draw, and over
fears they add up to spending with all of them less spending with none. A fear is off from the first quarter of the
run on ([what carries each](scenarios.md)); the start, which past fear has shaped, stays, and so does the pace at
which builders adjust. What is asked here is what fear adds from now on, not what it has built.

To weaken a fear to a strength of s is to put what carries it on s × its value + (1 - s) × its off value in every
draw. Each fear, and all together, is run at nine strengths; where spending in the eighth quarter is half of what it
is at full strength, on a straight line between two of them, is the strength that halves it. Where no strength does,
that is the answer.

An interval that holds zero is said to: what such a fear adds cannot be told from nothing.

```
$ headrace fears
{fears}```

In Python `hr.fears("baseline")` has every draw, `hr.fears(future)` asks the World of a run, and `headrace run --ask
fears` puts the answer in the report of the run. A scenario that itself moves what carries a fear is refused, for the
fear cannot be switched off in it.
"""

REACTIONS = """# Do builders spend more where their rivals do?

Written by `make baseline`; do not edit.

Own capital expenditure as filed is regressed on that of the rivals, in every combination of these choices: calendar
years or quarters (over the same quarter of the year before); growth on growth of the rivals' sum, or level on its
lagged level with the own lagged level; simple or in logarithms; four or five builders; three spans of years; equal
weights or weights by size; builder effects or none; no control, the group's operating cash flow, or a trend. Errors
are classical, and Newey-West within builders on as many degrees of freedom as there are builders less one.

**It is not an identified best response.** Builders that answer one common shock and builders that answer each other
leave the same figures ([Manski 1993](https://doi.org/10.2307/2298123)). Time effects would not help: with a few
builders the growth of the rivals' sum is nearly the same for all in a year, and what a time effect leaves of it is
minus the builder's own part, a negative slope made by arithmetic. Cash flow and a trend stand in for a common shock
and are weaker than one; cash flow is itself an outcome.

In a placebo each builder grows in an order of its own, permuted or turned in a circle, from its first level on: these
builders ignore each other by construction, and everything else is kept, the sums that leave one out among it. Those
alone make classical errors too small, for the same product of two builders counts on both sides. The verdict takes the
harder of both placebos.

```
$ headrace reactions
{reactions}```

`headrace reactions --format csv` has every specification. Own lagged levels with builder effects are biased in short
panels (Nickell 1981), which the placebo shares.
"""


def main() -> int:
    """Run both commands and write both pages; the exit status."""
    for name, page in {"fears": FEARS, "reactions": REACTIONS}.items():
        result = CliRunner().invoke(headrace, [name])
        if result.exit_code:
            print(f"rivalry_pages: headrace {name}: {result.stderr}", file=sys.stderr)
            return 1
        Path(f"docs/{name}.md").write_text(page.format(**{name: result.stdout}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
