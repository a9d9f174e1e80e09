"""How it came out, for what is forecast: figures as first filed, and counts of chips where nobody files.

A filing has a day, so a forecast can be held against what was known on its own. A count has none of the past: it was
made once, looking back, and a quarter of it is taken as known when a filing of that quarter would have been.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headrace.analyses.recipes import shipments
from headrace.evidence import facts, forecast_measures
from headrace.periods import parse_date, quarter_dates, quarter_range
from headrace.units import USD_PER_USD_BN

FILED_AFTER = dt.timedelta(days=45)
"""When a quarter is filed where the day is not known, by the rule of the facts."""

_CHIPS_PER_UNIT = 1e6


@dataclass(frozen=True)
class Outcome:
    """A figure of one quarter.

    Attributes:
        value: In the unit of its measure.
        known: Day from which a naive forecast may use it.
        published: Day from which it can be said how it came out.
    """

    value: float
    known: dt.date
    published: dt.date

    @property
    def basis(self) -> str:
        """What kind of figure it is."""
        return "first filed" if self.known == self.published else f"counted {self.published}, no earlier vintage"


Outcomes = Mapping[tuple[str, str, str], Outcome]
"""By entity, measure and calendar quarter."""


def outcomes(as_of: str | None = None) -> Outcomes:
    """Every figure as it was first published.

    Args:
        as_of: ISO date: only what had been published by then.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing.
    """
    last = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    counted = {cell: outcome for cell, outcome in _counted() if outcome.published <= last}
    return {**counted, **dict(_filed(as_of))}


def _filed(as_of: str | None) -> Iterator[tuple[tuple[str, str, str], Outcome]]:
    table = facts.load(as_of, vintages=True)
    flows = table[(table["unit"] == "USD") & table["period_start"].notna()].sort_values("filed")
    first = flows.drop_duplicates(["entity", "concept", "calendar_quarter"])
    columns = (first[name].tolist() for name in ("entity", "concept", "calendar_quarter", "value"))
    days = first["filed"].dt.date.tolist()
    for entity, concept, quarter, value, filed in zip(*columns, days, strict=True):
        yield (entity, concept, quarter), Outcome(value / USD_PER_USD_BN, filed, filed)


def _counted() -> Iterator[tuple[tuple[str, str, str], Outcome]]:
    chips = {one.chip: one for one in shipments()}
    for measure in forecast_measures.load().values():
        if measure.counted is None:
            continue
        made = chips[measure.chip]
        for quarter, units in zip(quarter_range(made.first_quarter, len(made.units)), made.units.tolist(), strict=True):
            known = quarter_dates(quarter)[1] + FILED_AFTER
            yield (made.maker, measure.name, quarter), Outcome(units / _CHIPS_PER_UNIT, known, measure.counted)
