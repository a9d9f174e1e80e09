"""Names as a reader sees them, and where the words of the questions stand in their order."""

from __future__ import annotations

from headrace.variables import LIMITS

BUILDER_NAMES = {
    "microsoft": "Microsoft",
    "amazon": "Amazon",
    "alphabet": "Alphabet",
    "meta": "Meta",
    "oracle": "Oracle",
    "rest_of_world": "Rest of world",
}

LIMIT_NAMES = {name: name.capitalize() for name in LIMITS}
