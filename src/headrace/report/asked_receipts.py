"""The receipts of what was asked of a World besides: how it was computed, and the command that computes it again.

Every such Dataset says of itself what the receipt repeats: ``title``, ``what``, ``formula``, ``command`` and ``call``.
"""

from __future__ import annotations

import json

from headrace._types import Receipt, ReceiptInput
from headrace.report.answers import Answers

ASKED = "asked."
"""Before the name of a question in the key of its receipt."""

_TOLD = ("scenario", "as_of", "seed", "draws", "quarters")


def asked_receipt(question: str, answers: Answers) -> Receipt:
    """The receipt of an answer.

    Args:
        question: Its name among what was asked.
        answers: Of the service.
    """
    answer = answers.asked[question]
    world = json.loads(answer.attrs["world"])
    return Receipt(
        name=ASKED + question,
        label=str(answer.attrs["title"]),
        what=str(answer.attrs["what"]),
        symbol="",
        unit="",
        formula=str(answer.attrs["formula"]),
        inputs=tuple(ReceiptInput(name, "setting", str(world[name]), "scenario") for name in _TOLD),
        sources=(),
        as_known_on=str(world["as_of"]),
        reproduce_cli=str(answer.attrs["command"]),
        reproduce_python=str(answer.attrs["call"]),
        status="scenario",
        quality="C",
    )
