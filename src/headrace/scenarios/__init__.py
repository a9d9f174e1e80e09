"""Scenarios: what is changed in the world and when, read from one page of TOML each, combined, and put on quarters.

Changes are checked here, against each other, against the ranges of their parameters and against the quarters of a run;
what they do in the loop is not decided here.
"""

from headrace.scenarios.bloc_moves import MOVES, Bloc, Move, blocs, blocs_in, read_blocs
from headrace.scenarios.changes import Change, Scenario
from headrace.scenarios.combination import combined
from headrace.scenarios.pages import Spec, names, read_scenario, scenario, shipped
from headrace.scenarios.switches import Fear, fears, weakened, without
from headrace.scenarios.timetable import Schedule, schedule

__all__ = [
    "MOVES",
    "Bloc",
    "Change",
    "Fear",
    "Move",
    "Scenario",
    "Schedule",
    "Spec",
    "blocs",
    "blocs_in",
    "combined",
    "fears",
    "names",
    "read_blocs",
    "read_scenario",
    "scenario",
    "schedule",
    "shipped",
    "weakened",
    "without",
]
