"""Nothing lies about that nobody calls: not in the package, not in the scripts."""

from __future__ import annotations

from pathlib import Path

from vulture import Vulture

CALLED_FROM_OUTSIDE = {
    "__getattr__",  # the import system
    "__dir__",
    "format_commands",  # click
    "main",  # the installed command
}
PUBLIC = {"explain", "headlines", "history", "load", "save", "scenarios", "simulate"}
"""Of the service, reached through ``headrace.<name>``."""

THEORY = {"games", "investment"}
"""Rooms of closed forms and solvers, which a test holds against the truth before an analysis asks: it uses them too."""

DECORATORS = ["@click.command", "@model_validator", "@field_validator", "@pytest.fixture"]


def test_every_function_and_class_is_used(root: Path) -> None:
    unused = unused_code(root, "src", "scripts")
    theory = {place for place in unused if Path(place).parts[2] in THEORY}
    assert sorted(unused - theory) == []
    assert sorted(theory & unused_code(root, "src", "scripts", "tests")) == []


def unused_code(root: Path, *folders: str) -> set[str]:
    """What no file of the folders calls."""
    search = Vulture(ignore_decorators=DECORATORS)
    search.scavenge([root / folder for folder in folders])
    return {
        f"{Path(item.filename).relative_to(root)}:{item.first_lineno}: {item.typ} {item.name}"
        for item in search.get_unused_code(min_confidence=60)
        if item.typ in {"function", "class", "method", "property", "import", "unreachable_code"}
        and item.name not in CALLED_FROM_OUTSIDE | PUBLIC
    }
