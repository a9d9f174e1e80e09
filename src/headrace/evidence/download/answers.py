"""What a server's answer means where it is no document, whether it may pass, and how we say who is asking.

Text of a server is data: it is shown short, without control characters, and never acted upon.
"""

from __future__ import annotations

import os
import re
from email.utils import parsedate_to_datetime

from headrace import __version__
from headrace.errors import FetchError
from headrace.evidence.download.addresses import is_sec
from headrace.evidence.download.pace import LONGEST_HOLD

REDIRECTS = {301, 302, 303, 307, 308}

_PASSING = {408, 429, 500, 502, 503, 504}
_CONTACT = re.compile(r"[ -~]{0,100}?[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}>?")


class PassingError(FetchError):
    """A fault that may pass; ``wait`` is what the server asks for [s], where it does."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        """With what to show, and how long to wait."""
        super().__init__(text)
        self.wait = wait


class UnreachableError(PassingError):
    """Nobody answers at the address."""


class RefusedError(FetchError):
    """The host does not want to talk to us, whatever is asked of it."""


def fault_of(status: int, retry_after: str, address: str, now: float) -> FetchError:
    """The error for an answer that is neither a document nor a redirect.

    Args:
        status: Of HTTP.
        retry_after: The header of that name, empty where there is none.
        address: What was asked.
        now: Seconds since 1970.
    """
    if status in _PASSING:
        wait = _seconds(retry_after, now)
        if wait is not None and wait > LONGEST_HOLD:
            return FetchError(f"{address}: HTTP {status}, and the server asks to wait {wait:,.0f} s; try again then")
        return PassingError(f"{address}: HTTP {status}, the server is busy or asks to slow down", wait)
    if status in (404, 410):
        return FetchError(f"{address}: HTTP {status}, there is no such document; check what was asked for")
    if status == 403 and is_sec(address):
        return RefusedError(
            f"{address}: HTTP 403, the SEC refuses to answer. It does so where HEADRACE_CONTACT is no real contact, "
            "and for some minutes after more than ten requests a second from one network; wait, then try again"
        )
    if status in (401, 403):
        return RefusedError(f"{address}: HTTP {status}, the server refuses to answer; check the key and its terms")
    return FetchError(f"{address}: HTTP {status}, wanted 200 and a document")


def user_agent(address: str) -> str:
    """Who is asking: headrace, and to the SEC also a person who can be written to.

    Raises:
        FetchError: The SEC is to be asked and ``HEADRACE_CONTACT`` names nobody.
    """
    if not is_sec(address):
        return f"headrace/{__version__}"
    contact = os.environ.get("HEADRACE_CONTACT", "").strip()
    if not _CONTACT.fullmatch(contact):
        found = "holds no e-mail address in plain letters" if contact else "is not set"
        raise FetchError(
            f"{address}: not asked, for HEADRACE_CONTACT {found}. The SEC wants to know whom to write to; set it to "
            "your name and e-mail address, such as 'Jane Doe jane@example.org'"
        )
    return f"headrace/{__version__} {contact}"


def shown(text: str) -> str:
    """Text of a server, short, on one line, without the query of an address in it."""
    return "".join(letter if letter.isprintable() else " " for letter in text.partition("?")[0])[:200]


def _seconds(retry_after: str, now: float) -> float | None:
    """What the header asks for; ``None`` where it says nothing that can be understood."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
