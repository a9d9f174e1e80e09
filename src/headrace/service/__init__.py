"""The one façade: what every face may import, and nothing else of the house.

It has fourteen counters: :mod:`~headrace.service.worlds` for history and futures, :mod:`~headrace.service.comparisons`
for two futures side by side, :mod:`~headrace.service.slopes` for derivatives, :mod:`~headrace.service.rivalries` for
what drives builders, :mod:`~headrace.service.nations` for what blocs of nations do,
:mod:`~headrace.service.relief` for what binds and what relief is worth, :mod:`~headrace.service.investments` for what
must be true for it to pay back, :mod:`~headrace.service.questions` for what a run may be asked besides,
:mod:`~headrace.service.facts` for filed figures, :mod:`~headrace.service.ledgers` for what happened, was announced and
was traded at, :mod:`~headrace.service.calibrations` for what filings teach, :mod:`~headrace.service.hindcasts` for what
would have been said on past days, :mod:`~headrace.service.cycles` for the same of other capital cycles and
:mod:`~headrace.service.track_record` for forecasts and how they came out. A name is fetched from its counter when it is
first used, so that whoever asks for facts waits for no compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.service.calibrations import calibrate, read_posterior, save_posterior
    from headrace.service.comparisons import compare
    from headrace.service.cycles import past_cycles
    from headrace.service.facts import (
        check_facts,
        contradictions,
        evidence,
        export_facts,
        facts_status,
        fetch_facts,
        fetchable,
        finding_kinds,
        store_contents,
    )
    from headrace.service.hindcasts import hindcast, rent_order, since, skill
    from headrace.service.investments import check_drivers, payback, payback_headlines, payback_records
    from headrace.service.ledgers import closes, events, guidance
    from headrace.service.nations import bloc_headlines, bloc_parameters, blocs
    from headrace.service.questions import QUESTIONS, answers
    from headrace.service.relief import chokepoint_headlines, chokepoints
    from headrace.service.rivalries import (
        dilemma,
        dilemma_headlines,
        fear_headlines,
        fears,
        is_told_from_zero,
        reaction_headlines,
        reactions,
        safety,
        safety_headlines,
    )
    from headrace.service.slopes import gradient
    from headrace.service.track_record import league, record, trust
    from headrace.service.worlds import (
        assumptions,
        binding_probabilities,
        builder_sum,
        capex_over_cash_flow,
        changed,
        check_request,
        check_scenarios,
        complete_quarters,
        confirmation,
        endings,
        explain,
        four_quarter_sum,
        guidance_check,
        headlines,
        history,
        load,
        movers,
        receipt,
        running,
        save,
        scenarios,
        simulate,
        siting,
        sources,
        start_table,
    )

_FACTS = (
    "check_facts",
    "contradictions",
    "evidence",
    "export_facts",
    "facts_status",
    "fetch_facts",
    "fetchable",
    "finding_kinds",
    "store_contents",
)

_INVESTMENTS = ("check_drivers", "payback", "payback_headlines", "payback_records")

_RIVALRIES = (
    "dilemma",
    "dilemma_headlines",
    "fear_headlines",
    "fears",
    "is_told_from_zero",
    "reaction_headlines",
    "reactions",
    "safety",
    "safety_headlines",
)

_LEDGERS = ("closes", "events", "guidance")

_COUNTERS = {
    **dict.fromkeys(_FACTS, "facts"),
    **dict.fromkeys(_LEDGERS, "ledgers"),
    **dict.fromkeys(("calibrate", "read_posterior", "save_posterior"), "calibrations"),
    **dict.fromkeys(("chokepoint_headlines", "chokepoints"), "relief"),
    "compare": "comparisons",
    **dict.fromkeys(("bloc_headlines", "bloc_parameters", "blocs"), "nations"),
    **dict.fromkeys(_INVESTMENTS, "investments"),
    "past_cycles": "cycles",
    **dict.fromkeys(("QUESTIONS", "answers"), "questions"),
    **dict.fromkeys(_RIVALRIES, "rivalries"),
    "gradient": "slopes",
    "hindcast": "hindcasts",
    "rent_order": "hindcasts",
    "since": "hindcasts",
    "skill": "hindcasts",
    "league": "track_record",
    "record": "track_record",
    "trust": "track_record",
}
"""Where a name is fetched; all others from the counter of worlds."""

__all__ = [
    "QUESTIONS",
    "answers",
    "assumptions",
    "binding_probabilities",
    "bloc_headlines",
    "bloc_parameters",
    "blocs",
    "builder_sum",
    "calibrate",
    "capex_over_cash_flow",
    "changed",
    "check_drivers",
    "check_facts",
    "check_request",
    "check_scenarios",
    "chokepoint_headlines",
    "chokepoints",
    "closes",
    "compare",
    "complete_quarters",
    "confirmation",
    "contradictions",
    "dilemma",
    "dilemma_headlines",
    "endings",
    "events",
    "evidence",
    "explain",
    "export_facts",
    "facts_status",
    "fear_headlines",
    "fears",
    "fetch_facts",
    "fetchable",
    "finding_kinds",
    "four_quarter_sum",
    "gradient",
    "guidance",
    "guidance_check",
    "headlines",
    "hindcast",
    "history",
    "is_told_from_zero",
    "league",
    "load",
    "movers",
    "past_cycles",
    "payback",
    "payback_headlines",
    "payback_records",
    "reaction_headlines",
    "reactions",
    "read_posterior",
    "receipt",
    "record",
    "rent_order",
    "running",
    "safety",
    "safety_headlines",
    "save",
    "save_posterior",
    "scenarios",
    "simulate",
    "since",
    "siting",
    "skill",
    "sources",
    "start_table",
    "store_contents",
    "trust",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'headrace.service' has no attribute {name!r}")
    from importlib import import_module

    counter = _COUNTERS.get(name, "worlds")
    value: object = getattr(import_module(f"headrace.service.{counter}"), name)
    globals()[name] = value
    return value
