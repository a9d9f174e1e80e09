"""What may be wrong with filed figures: a closed list of kinds, so that a reader can count, filter and act on them.

A finding names its place. Refused rows are not in the facts; all others are, and the finding stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

from headrace.errors import unknown_name

KINDS = {
    "year_in_quarter_context": "a year's figure is tagged with the dates of a quarter",
    "scale": "a figure is larger or smaller than its neighbours or its other report by a power of a thousand",
    "outlier": "a figure lies beyond the stated multiple of its neighbours",
    "sign": "a figure has a sign that its concept does not allow",
    "future_period": "a period ends after the day its report was filed",
    "filed_in_future": "a report is dated after the document that lists it was fetched",
    "period_length": "a period is neither a quarter, a half, nine months nor a year of the filer",
    "off_cycle": "a balance-sheet date is no end of a period that the filer reports",
    "overlap": "two periods of one concept overlap without either being part of the other",
    "conflict": "one report gives two values for one figure",
    "report_date": "one report carries two days of filing, or a day that its number or its periods rule out",
    "other_basis": "a filer gives a concept on a basis of its own, which other figures cannot be compared with",
    "tags_disagree": "two tags of one concept give different values for one period",
    "mixed_filings": "a difference of two reports that were not filed on the same basis",
    "sum_mismatch": "the quarters of a year do not add up to the year",
    "identity_mismatch": "figures that one definition ties together do not agree",
    "jump": "a quarter is beyond the stated multiple of the quarters around it",
    "stale": "a series has stopped although its filer still files",
    "gap": "a quarter between filed quarters is missing",
    "late": "a figure was first filed long after its period",
    "estimated_filing_date": "the day of filing is not recorded and was estimated",
    "filings_lost": "a newer document lacks filings that an older one held",
    "unit": "a figure is filed in a unit that its concept does not use",
    "left_out": "a row of a table says something that the facts do not hold",
}
"""Kind, and what it means. The list is closed: a new kind is a new line here."""


@dataclass(frozen=True)
class Finding:
    """One thing a reader of the figures must know, and where it stands.

    ``where`` is a file and place in it, or a figure's period. ``refused`` says that the row was kept out.
    """

    kind: str
    entity: str
    concept: str
    where: str
    text: str
    refused: bool = False

    def __post_init__(self) -> None:
        """Refuse a kind that is not in the list."""
        if self.kind not in KINDS:
            raise unknown_name("kind of finding", self.kind, KINDS)
