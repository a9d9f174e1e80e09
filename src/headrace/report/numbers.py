"""How a number is written: no more digits than its interval deserves, thousands separated, units named once.

Nothing here knows what the number means.
"""

from __future__ import annotations

import math

NOT_KNOWN = "–"
WITHOUT_LIMIT = "∞"
MINUS = "\N{MINUS SIGN}"


def decimals_for(value: float, low: float, high: float) -> int:
    """Decimals that a value deserves: two digits of its interval's width, or three of the value where it has none.

    Args:
        value: The number shown.
        low: Lower end of its interval; not a number where there is none.
        high: Upper end of its interval.

    Returns:
        Between 0 and 3.
    """
    width = high - low if math.isfinite(high) else value - low
    if math.isfinite(width) and width > 0:
        return _clip(1 - math.floor(math.log10(width)), 3)
    if not math.isfinite(value) or value == 0:
        return 0
    return _clip(2 - math.floor(math.log10(abs(value))), 2)


def plain(value: float, decimals: int) -> str:
    """A number with thousands separated, a true minus sign and no negative zero; a dash where it is not known."""
    if math.isinf(value):
        return WITHOUT_LIMIT if value > 0 else MINUS + WITHOUT_LIMIT
    if math.isnan(value):
        return NOT_KNOWN
    text = f"{abs(value):,.{decimals}f}"
    return MINUS + text if value < 0 and any(digit in text for digit in "123456789") else text


def interval(low: float, high: float, decimals: int) -> str:
    """Both ends of an interval, or nothing where it is empty or not known."""
    if math.isnan(low) or math.isnan(high) or low == high:
        return ""
    joint = " to " if low < 0 or high < 0 else "–"
    return f"{plain(low, decimals)}{joint}{plain(high, decimals)}"


def percent(share: float) -> str:
    """A share of 0 to 1 as per cent; never "0 %" or "100 %" unless it is."""
    if not math.isfinite(share):
        return NOT_KNOWN
    if 0 < share < 0.01:
        return "<1\N{NO-BREAK SPACE}%"
    if 0.99 < share < 1:
        return ">99\N{NO-BREAK SPACE}%"
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def percent_interval(low: float, high: float) -> str:
    """Both ends of an interval of shares as per cent, or nothing where it is empty or not known."""
    if not math.isfinite(low) or not math.isfinite(high) or low == high:
        return ""
    first = percent(low).removesuffix("\N{NO-BREAK SPACE}%")
    return f"{first}–{percent(high)}"


def signed(value: float) -> str:
    """Two decimals with a sign, as a correlation is written."""
    return f"{'+' if value >= 0 else MINUS}{abs(value):.2f}"


def _clip(decimals: int, most: int) -> int:
    return max(0, min(most, decimals))
