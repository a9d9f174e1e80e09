"""Debt less cash of one and the same balance sheet; no filer tags it, so it is derived here once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

CASH = "cash_and_cash_equivalents"
DEBT = ("long_term_debt", "long_term_debt_noncurrent")


def net_debt(known: pd.DataFrame) -> pd.DataFrame:
    """Net debt by filer and balance sheet.

    Each filer's debt is the one of the two debt concepts that it files more often, never a mixture: they differ by what
    is due within a year.

    Args:
        known: One vintage of each figure, in the columns of :func:`headrace.evidence.facts.load`.

    Returns:
        The rows of debt with the value less cash, the weaker quality of both, and status ``derived``; none where a
        balance sheet lacks one of them.
    """
    keys = ["entity", "period_end"]
    debt = known[known["concept"].isin(DEBT)]
    counts = debt.groupby(["entity", "concept"]).size()
    filers = counts.index.get_level_values("entity").unique()
    usual = {filer: _usual_debt(counts[filer].to_dict()) for filer in filers}
    debt = debt[debt["concept"] == debt["entity"].map(usual)]
    cash = known[known["concept"] == CASH][[*keys, "value", "quality"]]
    both = debt.merge(cash, on=keys, suffixes=("", "_cash"))
    both["value"] = both["value"] - both["value_cash"]
    both["quality"] = both[["quality", "quality_cash"]].max(axis="columns")
    both["status"] = "derived"
    return both


def _usual_debt(count: dict[str, int]) -> str:
    return max(DEBT, key=lambda concept: count.get(concept, 0))
