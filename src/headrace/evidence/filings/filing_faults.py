"""Numbers that cannot be figures, whatever their neighbours say: impossible dates and signs, two values for one figure.

Every number left out is named in a finding.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from headrace.evidence.filings.filed_numbers import NEAR_DAYS, FiledNumbers, Tell, first_of

LONGEST_DAYS = 380
"""A year of 53 weeks has 371 days; a longer period is no period of a fiscal year."""

_LONGEST_LOOK_BACK_DAYS = 15 * 366
"""No report compares with a period this old: such a date is a slip, or the report's own date is."""

_EPOCH = dt.date(1970, 1, 1).toordinal()


def without_faults(found: FiledNumbers, seen_on: dt.date, refuse: Tell) -> FiledNumbers:
    """The numbers less those that cannot be figures.

    Args:
        found: The numbers of a document, in any order.
        seen_on: Day the document was fetched; a filing dated later cannot be in it.
        refuse: Told of every number left out.
    """
    length = found.end - found.start
    signed = np.array([concept.sign == "any" for concept in found.concepts], np.bool_)
    report_day = _report_days(found)[found.accession]
    year = (found.filed - _EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 70
    number_year = np.array([int(accession[11:13]) for accession in found.accessions], np.int64)[found.accession]
    faults = {
        ("future_period", "the period ends after the filing"): found.end > found.filed,
        ("filed_in_future", f"the filing is later than {seen_on}, when the document was seen"): (
            found.filed > seen_on.toordinal()
        ),
        ("period_length", f"wanted {NEAR_DAYS + 1} to {LONGEST_DAYS + 1} days"): (
            (found.start > 0) & ((length < NEAR_DAYS) | (length > LONGEST_DAYS))
        ),
        ("sign", "the concept cannot be below zero"): (found.value < 0) & ~signed[found.concept],
        ("report_date", "its report was filed on another day, as its other figures say"): found.filed != report_day,
        ("report_date", "the number of the report is of another year"): (number_year - year + 1) % 100 > 2,
        ("report_date", "the period is too old for a report"): found.filed - found.end > _LONGEST_LOOK_BACK_DAYS,
    }
    wrong = np.zeros(len(found), np.bool_)
    for (kind, text), mask in faults.items():
        for row in np.flatnonzero(mask & ~wrong):
            concept, filed = found.concepts[found.concept[row]], dt.date.fromordinal(int(found.filed[row]))
            place = f"{concept.tags[found.rank[row]]}, {found.where(row)}"
            refuse(kind, int(found.concept[row]), place, f"{found.value[row]:,.0f}, filed {filed}: {text}")
        wrong |= mask
    return found.taken(~wrong) if wrong.any() else found


def without_conflicts(found: FiledNumbers, refuse: Tell) -> FiledNumbers:
    """The numbers less those for which one filing gives two values under one tag.

    Args:
        found: The numbers of a document, in order.
        refuse: Told of every number left out.
    """
    first = first_of(found.period, found.accession, found.rank)
    disputed = ~first[1:] & (found.value[1:] != found.value[:-1])
    if not disputed.any():
        return found
    group = np.cumsum(first)
    for row in np.flatnonzero(disputed):
        text = f"one filing says both {found.value[row]:,.0f} and {found.value[row + 1]:,.0f}"
        tag = found.concepts[found.concept[row]].tags[found.rank[row]]
        refuse("conflict", int(found.concept[row]), f"{tag}, {found.where(row)}", text)
    return found.taken(~np.isin(group, group[1:][disputed]))


def _report_days(found: FiledNumbers) -> npt.NDArray[np.int64]:
    """The day of filing of each report, as most of its numbers give it."""
    day = np.zeros(len(found.accessions), np.int64)
    day[found.accession] = found.filed
    if (day[found.accession] != found.filed).any():
        days, counts = np.unique(np.stack((found.accession, found.filed)), axis=1, return_counts=True)
        order = np.argsort(counts, kind="stable")
        day[days[0, order]] = days[1, order]
    return day
