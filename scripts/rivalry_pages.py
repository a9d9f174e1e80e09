"""Write the pages of the dilemma, blocs, fears and reactions: what the commands print, and how it is computed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from headrace import scenarios, service
from headrace.cli import main as headrace
from headrace.evidence import sources

DILEMMA = """# Is it a prisoner's dilemma, and what would break it?

Written by `make baseline`; do not edit.

Payoffs are not assumed. Each of the five builders restrains, follows or races, and every one of the 243 profiles is
simulated on the same draws. A payoff is the present value of a builder's free cash flow over the run (operating cash
flow before interest less capital expenditure, at its cost of capital) and of what its compute in service is worth at
the end, running off over its economic life with nothing more spent; `--terminal-growth` lets cash flow go on instead.

| to | a builder would spend |
|---|---|
| restrain | its share at the start of what all together would choose, β × the pool expected |
| follow | what holds its share against what rivals spent last, s / (1 - s) × their sum |
| race | its share of the most that fear carries, the top of the band × the pool expected |

Funding, inertia, orders under way and suppliers stand between that and what is paid, as in any run; the start is the
same under every profile. The levels are conventions, so the game is also shown with each a quarter lower and higher
(`--format json`, `class_share_by_level`).

The name of a game is read off one builder's own ranking of the four outcomes of two strategies against the rest, who
choose alike. *All five in one dilemma* asks more: racing is best for everybody whatever others do, and everybody would
rather have all restrain. Side payment and tax are the least that make restraint a best reply to restraint. Patience is
that of a grim trigger (Friedman 1971), with values of the whole run in the place of those of a period. A best reply is
looked for among seven levels of own spending while the others hold theirs, at half of the top of the band and at all of
it; its slope is what "I build because you build" would have as one.

```
$ headrace dilemma
{dilemma}```

**The same on the last day of 2023**, from what had been filed and said by then:

```
$ headrace dilemma --as-of 2023-12-31 --quick
{then}```

The end of 2019 cannot be played: nobody had adopted, so there is no compute market to start from. The full loop of a
past day also spends far less than came ([hindcast](hindcast-loop.md)), so read 2023 as what the machine of 2026 says of
the figures of 2023.

What is worth knowing before believing it: payoffs are cash alone, and a builder that dreads losing its place does not
count in cash; loss aversion is in the level of racing, not in what racing pays. Restraint saves money because, at the
prices and lives judged today, what is paid for AI seldom comes back ([payback](payback.md)); a world in which it does
is one in which racing pays more. Blocs of nations (open or restrict, subsidise or not) have [a page](blocs.md) of their
own.

In Python `hr.dilemma()` has every draw and profile, `hr.dilemma(future)` asks the World of a run, and `headrace run
--ask dilemma` puts the answer in the report of the run.

## What is left of safety?

A what-if, and no measurement. The share contest is played once more with trust as an input of all: each builder also
chooses how much safety s to keep, from none to all, and the pie is there with the chance of the winner's safety.

    payoff = A X^β [p s + (1 - e) Σ others' p s] - x,   p = (x exp(κ (c - s)))^r / Σ (the same of all)

| | what it is | known how |
|---|---|---|
| r, β | decisiveness of scale, elasticity of the pool | drawn as in any run; judgements |
| e | enmity: what a rival's win costs a builder, of what ruin costs it | assumed; on the axes |
| 1 - exp(-κ) | effective compute that full safety takes | assumed; on the axes |
| c | ability, 0 to μ in units of what full safety costs | μ is assumed; 1 in the tables |

With μ = 1 and a safety that takes 90 % the ablest's compute is worth ten times the least able's. Where the sentences
speak of the stakes drawn, enmity is (V + λωF) / (V + λF): V is the prize, ruin is assumed to take the franchises F and
a rival's win the part ω of them, and losses weigh λ.

With e = 1 and nothing to skimp for it is the stage game of the loop. Where full safety takes all of compute, r κ is
beyond all bounds and the highest c - s wins: the race to the precipice (Armstrong, Bostrom and Shulman 2016), with its
closed forms. At r κ = 100 the solver is within 0.001 of theirs for n = 5, e = 0.8 and c = 0.7 where each knows its own
ability, and from r κ = 3,000 on where nobody does ([S7](oracles.md)). Safety alone always has one symmetric
equilibrium; with spending chosen too it has none in some draws, and the last sentence counts them where safety takes
half. Where each knows its own ability, an equilibrium is solved for and other safeties are tried against it; that it
is the only one is not proved.

```
$ headrace dilemma --safety
{safety}```

Read from left to right the tables go from a market that is shared by compute to a winner that takes all, which is where
the race to the bottom of the popular story is run. What is left out: safety that earns customers, a regulator, harm to
those outside the race, and racers who are not alike.

In Python `hr.safety()` has every draw and cell.
"""

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


BLOCS = """# Should a bloc restrict or subsidise?

Written by `make baseline`; do not edit.

Three blocs may each stay open, restrict, subsidise, or do both: 64 profiles, each simulated on the same draws. Nothing
about who gains is assumed. What a bloc does is a list of dated changes of parameters, in the form of a
[scenario](scenarios.md), so every size can be moved and has its source; a file of one's own goes in with `--blocs`.

{moves}

**What is counted.** A bloc's payoff is the present value, at a public rate, of

- *buyers*: the area under their demand between the price of the start and that of the quarter, R (1 - (p/p0)^(ε-1)) /
  (ε - 1), by the bloc's share in what buyers gain;
- *owners*: the margin on AI compute that firms of the bloc own, less what they pay for it. The five builders are
  American; who owns what the rest of the world builds is followed quarter by quarter in a ledger that adds up to the
  loop, so spending that a control stops is missed, and saved, by the bloc it falls on;
- *suppliers*: what the chain earns: designers and makers by the bloc's share in them, those who build and power sites
  where new compute stands; what a mandate turns to a bloc's own suppliers is theirs;
- *states*: public money, and what raising it costs beyond itself. What compute it buys earns is the bloc's.

Compute in service at the end runs off over its economic life for owners and buyers, and nothing more is spent.

{accounts}

These are drawn like parameters of the loop, but stand apart: `--set bloc.discount_rate=0.09` holds one.

**The game with standing.** States may count where they stand. A point of the world's quality-weighted compute, mean of
the run, is then worth a sum to a bloc. Nobody knows that sum, so it is varied; the least at which a bloc leaves the
resting point of the game in money is what dread has to be worth, and is an output.

```
$ headrace blocs
{blocs}```

**The same under other conventions**, 256 draws each:

{conventions}

What is worth knowing before believing it: moves last five years and are not answered by moves of another kind;
standing is a share, so it can be raised by hurting others as well as by building. The loop has one price and one
quality of compute for the world: a market that shuts itself off pays the world's price here, and safety, secrecy and
war are in no account. A control of two years ago is already in today's figures, so what is asked is what more of it
would do. Most shares in the accounts are judgements, and so is the size of the European restriction, the weakest of
the six moves.

In Python `hr.blocs()` has every draw and profile, `hr.blocs(future)` asks the World of a run, and `headrace run --ask
blocs` puts the answer in the report of the run.
"""


COMMANDS = {
    "blocs": ["blocs"],
    "dilemma": ["dilemma"],
    "safety": ["dilemma", "--safety"],
    "then": ["dilemma", "--as-of", "2023-12-31", "--quick"],
    "fears": ["fears"],
    "reactions": ["reactions"],
}
"""What each name in a page stands for."""


CONVENTIONS: dict[str, dict[str, Any]] = {
    "as above": {},
    "at a builder's cost of capital, 9 %": {"settings": {"bloc.discount_rate": 0.09}},
    "public money costs nothing beyond itself": {"settings": {"bloc.excess_burden": 0.0}},
    "demand hardly answers price, elasticity 1.1": {"settings": {"demand.price_elasticity": 1.1}},
    "demand answers price much, elasticity 1.8": {"settings": {"demand.price_elasticity": 1.8}},
    "adoption is slow": {"of": "slow_adoption"},
    "adoption is fast": {"of": "fast_adoption"},
}
"""What else could be taken, and how it is asked."""


def moves() -> str:
    """What each bloc does, as a table."""
    rows = ["| bloc | move | what changes | by how much and when | quality |", "|---|---|---|---|---|"]
    for bloc in scenarios.blocs().values():
        for name, move in bloc.moves.items():
            for change in move.scenario.changes:
                graded = f"{sources.load()[change.source].quality}, `{change.source}`"
                rows.append(
                    f"| {bloc.name} | {name} | `{change.parameter}` | {change.action} {change.when} | {graded} |"
                )
            for kind, (reason, source) in move.reasons.items():
                size = (
                    f"{move.public_usd_bn:g} USD bn a quarter"
                    if kind == "public"
                    else (f"quality × {move.own_quality:g}, {move.at_home:.0%} of IT bought at home")
                )
                what = "public money" if kind == "public" else "its own firms' machines"
                graded = f"{sources.load()[source].quality}, `{source}`"
                rows.append(f"| {bloc.name} | {name} | {what}: {reason} | {size} | {graded} |")
    return "\n".join(rows)


def accounts() -> str:
    """What accounts take beyond the loop, as a table."""
    rows = ["| parameter | value | unit | quality | reason |", "|---|---|---|---|---|"]
    for row in service.bloc_parameters():
        rows.append(f"| `{row.name}` | {row.value} | {row.unit} | {row.quality}, `{row.source_id}` | {row.reason} |")
    return "\n".join(rows)


def conventions() -> str:
    """Where the game settles, and at what worth of a point it turns, under other conventions."""
    head = [
        "",
        "likeliest resting point",
        "its share",
        "the United States restricting alone gains",
        "turns at, a point",
    ]
    rows = [f"| {' | '.join(head)} |", "|---|---|---|---|---|"]
    for label, options in CONVENTIONS.items():
        found = service.blocs(**options)
        names = found["bloc"].values.tolist()
        share = found["equilibrium_share"].stack(profile=names)
        likeliest = share["profile"].values[int(share.values.argmax())]
        own = found["effect_usd_bn"].sel(mover=names[0], move="restrict", party=names[0])
        low, median, high = (round(float(own.quantile(level))) + 0 for level in (0.05, 0.5, 0.95))
        turns = found.attrs["turns_at_usd_bn"]
        worth = f"{turns:g} USD bn" if turns != "" else "never"
        cells = [label, ", ".join(likeliest), f"{float(share.max()):.0%}", f"{median} [{low} to {high}] USD bn", worth]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> int:
    """Run the commands and write the pages; the exit status."""
    said = {}
    for key, arguments in COMMANDS.items():
        result = CliRunner().invoke(headrace, arguments)
        if result.exit_code:
            print(f"rivalry_pages: headrace {' '.join(arguments)}: {result.stderr}", file=sys.stderr)
            return 1
        said[key] = result.stdout
    said |= {"moves": moves(), "accounts": accounts(), "conventions": conventions()}
    for name, page in {"blocs": BLOCS, "dilemma": DILEMMA, "fears": FEARS, "reactions": REACTIONS}.items():
        Path(f"docs/{name}.md").write_text(page.format(**said), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
