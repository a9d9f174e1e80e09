"""Everything that was ever known, and what of it was known on a day.

A forecaster of the past is handed the archive as of its day and nothing else: what came later is not in it, so it
cannot be used by mistake.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headrace.evidence import facts, guidance, run_rates
from headrace.evidence.guidance import Guide
from headrace.evidence.net_debt import net_debt
from headrace.evidence.run_rates import RunRate
from headrace.periods import quarter_index, quarter_range
from headrace.units import USD_PER_USD_BN

if TYPE_CHECKING:
    import pandas as pd

_KEYS = ["entity", "concept", "calendar_quarter"]


@dataclass(frozen=True)
class Archive:
    """What was known on a day, or ever.

    Attributes:
        figures: Every vintage of every figure in USD, in the columns of :func:`headrace.evidence.facts.load`, values
            in USD bn, in the order of filing.
        guides: What companies had announced.
        run_rates: What model makers were reported to earn.
    """

    figures: pd.DataFrame
    guides: tuple[Guide, ...]
    run_rates: tuple[RunRate, ...]

    def as_of(self, day: dt.date) -> Archive:
        """The archive as it stood at the end of ``day``."""
        import pandas as pd

        return replace(
            self,
            figures=self.figures[self.figures["filed"] <= pd.Timestamp(day)],
            guides=tuple(guide for guide in self.guides if guide.announced <= day),
            run_rates=tuple(report for report in self.run_rates if report.known <= day),
        )

    def only(self, concepts: Sequence[str], entities: Sequence[str]) -> Archive:
        """The archive with these figures alone; all that was announced stays. Whoever asks often asks a small one."""
        figures = self.figures
        kept = figures["concept"].isin(list(concepts)) & figures["entity"].isin(list(entities))
        return replace(self, figures=figures[kept])

    def panel(self, concept: str, entities: Sequence[str]) -> pd.DataFrame:
        """The last vintage of each figure.

        Returns:
            Rows consecutive quarters from the first that anyone filed to the last, columns ``entities`` in that order
            [USD bn, a flow per quarter]; NaN where nobody filed. Empty where nobody filed anything.
        """
        return _wide(self._vintages(concept, entities), entities, last=True)

    def net_debt(self, entities: Sequence[str]) -> pd.DataFrame:
        """Net debt in the shape of :meth:`panel` [USD bn]; NaN where a balance sheet lacks debt or cash."""
        known = self.figures[self.figures["entity"].isin(list(entities))]
        return _wide(net_debt(known.drop_duplicates(_KEYS, keep="last")), entities, last=True)

    def first_filed(self, concept: str, entities: Sequence[str]) -> pd.DataFrame:
        """The first vintage of each figure, in the shape of :meth:`panel`: what a forecast is held against."""
        return _wide(self._vintages(concept, entities), entities, last=False)

    def _vintages(self, concept: str, entities: Sequence[str]) -> pd.DataFrame:
        return self.figures[(self.figures["concept"] == concept) & self.figures["entity"].isin(list(entities))]


def load() -> Archive:
    """The shipped evidence, every vintage of it."""
    table = facts.load(None, vintages=True)
    figures = table[table["unit"] == "USD"].sort_values("filed", kind="stable")
    return Archive(figures.assign(value=figures["value"] / USD_PER_USD_BN), guidance.load(), run_rates.load())


def _wide(rows: pd.DataFrame, entities: Sequence[str], *, last: bool) -> pd.DataFrame:
    """One vintage of each figure by quarter and entity, quarters without a gap."""
    kept = rows.drop_duplicates(_KEYS, keep="last" if last else "first")
    wide = kept.pivot(index="calendar_quarter", columns="entity", values="value")
    if len(wide):
        first, end = quarter_index(min(wide.index)), quarter_index(max(wide.index))
        wide = wide.reindex(quarter_range(min(wide.index), end - first + 1))
    return wide.reindex(columns=list(entities))
