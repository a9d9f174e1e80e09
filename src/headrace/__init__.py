"""An open, source-linked quantitative engine of the AI infrastructure build-out.

::

    import headrace as hr

    hr.evidence("MSFT", "capital_expenditure", as_of="2025-06-30")
    past = hr.history(as_of="2026-08-31")
    future = hr.simulate("baseline", draws=2000, seed=7, quarters=40)

This page names what is public. It computes nothing, configures nothing and imports nothing heavy: a name is fetched
from the service when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.service import (
        blocs,
        calibrate,
        chokepoints,
        closes,
        compare,
        dilemma,
        endings,
        events,
        evidence,
        explain,
        fears,
        gradient,
        guidance,
        headlines,
        hindcast,
        history,
        league,
        load,
        past_cycles,
        payback,
        reactions,
        read_posterior,
        record,
        rent_order,
        running,
        safety,
        save,
        save_posterior,
        simulate,
        since,
        skill,
    )
    from headrace.service import scenarios as scenario_cards

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "blocs",
    "calibrate",
    "chokepoints",
    "closes",
    "compare",
    "dilemma",
    "endings",
    "events",
    "evidence",
    "explain",
    "fears",
    "gradient",
    "guidance",
    "headlines",
    "hindcast",
    "history",
    "league",
    "load",
    "past_cycles",
    "payback",
    "reactions",
    "read_posterior",
    "record",
    "rent_order",
    "running",
    "safety",
    "save",
    "save_posterior",
    "scenario_cards",
    "simulate",
    "since",
    "skill",
]

# ``scenarios`` and ``evidence`` are rooms of the package, and importing a room sets its name here. So the list of
# scenarios has another name, and the room of the evidence can be called.
_NAME_IN_SERVICE = {"scenario_cards": "scenarios"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'headrace' has no attribute {name!r}; public are {', '.join(__all__)}")
    from importlib import import_module

    if name == "evidence":
        return import_module("headrace.evidence")
    value: object = getattr(import_module("headrace.service"), _NAME_IN_SERVICE.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
