"""The command line: results on stdout, progress and messages on stderr, exit 0 done, 1 failed, 2 usage.

Only click is imported at the top, so that ``--help`` is there at once; every command imports what it needs. Nothing is
computed here.
"""

from __future__ import annotations

from headrace.cli import (
    blocs,
    calibrate,
    chokepoints,
    compare,
    cycles,
    dilemma,
    facts,
    fears,
    hindcast,
    league,
    look_up,
    payback,
    reactions,
    record,
    run,
    scenarios,
)
from headrace.cli.group import main

for _command in (
    run.run,
    compare.compare,
    dilemma.dilemma,
    blocs.blocs,
    fears.fears,
    chokepoints.chokepoints,
    payback.payback,
    reactions.reactions,
    calibrate.calibrate,
    scenarios.scenarios,
    hindcast.hindcast,
    cycles.cycles,
    league.league,
    record.record,
    facts.facts,
    look_up.explain,
    look_up.cite,
):
    main.add_command(_command)

__all__ = ["main"]
