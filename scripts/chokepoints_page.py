"""Write docs/chokepoints.md: what the command prints, and how it is computed."""

from __future__ import annotations

import sys
from pathlib import Path

from click.testing import CliRunner

from headrace.cli import main as headrace

PAGE = """# What is relief worth, and where must the money go?

Written by `make baseline`; do not edit.

**What binds** is the limit to which GW energised over the coming four quarters answer most: one of the ten layers,
demand or funding. What is *tightest* is another thing, demand over capacity, and either can be in the lead. What
follows a limit is counted in every draw, beside who would follow by chance: by how much of the time each other limit
binds.

**What relief is worth** is asked of one native unit of a layer (a wafer, a stack of memory, a transformer's MVA, a
worker for a quarter) that comes in one quarter and is gone in the next:

| name | what it is |
|---|---|
| worth at once | closed form: the slope of the branch's CES × what the mean GW earns until it retires |
| to users | exact gradient of the whole loop: present value of compute in use at the going price, price held |
| to builders | the same for the margin on compute: what users gain, less the fall of the price on the rest |
| in service | the same for GW in service at a date |
| makers do not answer | use of compute, with makers building what they would have without the relief |

The last two tell apart what relief does and what it undoes. A layer that is relieved looks less scarce, so its makers
decide less expansion, and that is missing for years: of a unit that comes for a quarter the loss can outweigh the gain.
A gradient is of the smooth function that is simulated, checked against differences of the same function.

**The cheapest bundle** is a convex programme over the whole loop: capacities raised by a share once expansion that is
decided in the first quarter can come, least median capital (`capital_quarters` of each layer, a judgement), mean gain
over 125 draws on target. Layers whose expansion comes too late are of no use to it.

**Who pays and who earns.** What is paid over the price in balance, V × (1 - 1 / p), below zero where a layer is slack.
Builders bear it as they pay the branch of the layer.

**Forced spend** is what reaches each layer and group by year. It is not divided among companies: most of a group files
elsewhere or nothing, so a share in it would be a guess. A company's own revenue stands beside what its whole group
sells to AI.

```
$ headrace chokepoints
{chokepoints}```

What is worth knowing before believing it. Prices of a unit follow from cost shares that are judgements, and those keep
the margins of designers in systems alone: a stack of 36 GB comes out at more than twice the 15 USD a GB or so at which
HBM is said to sell, so what is put over a price is too low where the price is too high. How strongly makers answer to
scarcity is a judgement too, and it decides the sign: see the two columns of the chart. Most intervals hold zero; the
command says so.

`--date`, `--target-gw`, any scenario and `--set` ask otherwise; `--format csv` has every layer and quarter, `--format
json` also bundle, sequence, spending by group and companies. In Python `hr.chokepoints()` has every draw,
`hr.chokepoints(future)` asks the World of a run, and `headrace run --ask chokepoints` puts the answer in its report.
"""


def main() -> int:
    """Run the command and write the page; the exit status."""
    result = CliRunner().invoke(headrace, ["chokepoints"])
    if result.exit_code:
        print(f"chokepoints_page: {result.stderr}", file=sys.stderr)
        return 1
    Path("docs/chokepoints.md").write_text(PAGE.format(chokepoints=result.stdout), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
