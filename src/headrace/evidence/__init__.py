"""What is known: sources, filed facts, entities, closes, and the past as one Dataset.

Nothing here is simulated, filled or guessed; a cell that nobody filed stays unresolved. The room can be called:
``headrace.evidence(...)`` looks figures up, see :func:`headrace.evidence.selection.evidence`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A package that is also the function of its name: ``headrace.evidence`` is both, as the public face has it."""

    def __call__(self, *names: Any, **how: Any) -> Any:
        """Look figures up; the arguments are those of :func:`headrace.evidence.selection.evidence`."""
        from headrace.evidence.selection import evidence

        return evidence(*names, **how)


sys.modules[__name__].__class__ = _Room
