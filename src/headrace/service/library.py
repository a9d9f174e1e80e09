"""The scenario library for the faces: one scenario as a page."""

from __future__ import annotations

from typing import Any

from headrace import scenarios

__all__ = ["scenario_page"]


def scenario_page(spec: scenarios.Spec) -> dict[str, Any]:
    """What a scenario changes, when, by how much and why.

    Args:
        spec: A name, a ``.toml`` file, several of them, or a page as a dict; see :func:`headrace.simulate`.

    Returns:
        ``name``, ``title``, ``dated``, ``summary``, ``includes`` and ``changes``; a change has the keys of a file, and
        ``what`` and ``when`` in words.

    Raises:
        UnknownNameError: No scenario or parameter has the name.
        ScenarioError: A page breaks its schema or contradicts itself.
        ParameterError: A change takes a parameter out of its range.
    """
    chosen = scenarios.scenario(spec)
    known = {"source": "", "history": ""}
    changes = [{**known, **change.document, "what": change.action, "when": change.when} for change in chosen.changes]
    return {"name": chosen.name, **chosen.document, "includes": list(chosen.includes), "changes": changes}
