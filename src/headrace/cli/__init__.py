"""The command line: results on stdout, progress and messages on stderr, exit 0 done, 1 failed, 2 usage.

Only click is imported at the top, so that ``--help`` is there at once; a command is imported when it is asked for, and
imports what it needs. Nothing is computed here.
"""

from __future__ import annotations

from headrace.cli.group import main

_COMMANDS = {
    "blocs": ("blocs", "Restrict or subsidise? The game of three blocs of nations"),
    "calibrate": ("calibrate", "What filings teach of the parameters of spending"),
    "chokepoints": ("chokepoints", "What binds, what relief is worth, where the money must go"),
    "cite": ("look_up", "How to cite this version"),
    "compare": ("compare", "What one scenario changes against another, draw by draw"),
    "cycles": ("cycles", "The spending core on capital cycles of the past"),
    "dilemma": ("dilemma", "Which game the builders play, and what would keep restraint"),
    "explain": ("look_up", "What a parameter or variable is, with value and source"),
    "facts": ("facts", "Look up filed figures, fetch newer ones, see what is kept"),
    "fears": ("fears", "What each of the four fears adds to spending"),
    "hindcast": ("hindcast", "Forecasts from past days, scored against what came"),
    "league": ("league", "Published forecasts, ranked"),
    "payback": ("payback", "When it pays back, and what must be true for that"),
    "reactions": ("reactions", "Whether builders spend more where their rivals do"),
    "record": ("record", "Append today's forecast to a ledger that only grows"),
    "run": ("run", "Simulate scenarios and write the report of each"),
    "scenarios": ("scenarios", "Shocks and policies, and what each of them changes"),
}
"""By name the module of the command here, and what it is for in half a line."""

for _name, (_module, _purpose) in _COMMANDS.items():
    main.add_later(_name, f"headrace.cli.{_module}", _purpose)

__all__ = ["main"]
