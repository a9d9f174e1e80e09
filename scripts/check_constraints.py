"""Hold ``constraints.txt`` against ``pyproject.toml`` and the environment it made, without a network.

Current means: every distribution that headrace asks for, directly or through another, is pinned; each pin is what is
installed here; nothing is pinned that nobody asks for; and no line names an address or a path.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
_PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][0-9a-z.+!]*)")


def main() -> int:
    """Print what is wrong, and return 1 if anything is."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    faults = malformed_lines(text)
    pins = {match["name"]: match["version"] for match in map(_PIN.fullmatch, text.splitlines()) if match}
    faults += disagreements(pins, wanted_by("headrace"))
    for fault in faults:
        print(f"constraints.txt: {fault}", file=sys.stderr)
    if faults:
        print("constraints.txt: run `make constraints`, then `make test` again", file=sys.stderr)
        return 1
    print(f"constraints.txt: {len(pins)} pins, all current")
    return 0


def malformed_lines(text: str) -> list[str]:
    """Every line that is anything but ``name==version``: an address, a path, a marker or a comment."""
    return [
        f"line {number}, {line!r}: wanted name==version and nothing else"
        for number, line in enumerate(text.splitlines(), 1)
        if not _PIN.fullmatch(line)
    ]


def disagreements(pins: dict[str, str], wanted: dict[str, str | None]) -> list[str]:
    """What is unpinned, pinned to another version than the installed one, or pinned for nobody.

    Args:
        pins: Version by distribution name, as in the file.
        wanted: Installed version by name of all that is asked for; None where it is not installed.
    """
    faults = [f"{name} is asked for and not pinned" for name in sorted(wanted.keys() - pins.keys())]
    faults += [f"{name} is pinned and nobody asks for it" for name in sorted(pins.keys() - wanted.keys())]
    for name in sorted(pins.keys() & wanted.keys()):
        installed = wanted[name]
        if installed is None:
            faults.append(f"{name} is asked for and not installed")
        elif Version(installed) != Version(pins[name]):
            faults.append(f"{name} is pinned at {pins[name]}, installed is {installed}")
    return faults


def wanted_by(root: str) -> dict[str, str | None]:
    """Installed version of everything that ``root`` with all its extras asks for, itself left out."""
    extras = frozenset(distribution(root).metadata.get_all("Provides-Extra") or ())
    versions: dict[str, str | None] = {}
    queue: list[tuple[str, frozenset[str]]] = [(root, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while queue:
        item = queue.pop()
        if item in seen:
            continue
        seen.add(item)
        name, wanted_extras = item
        try:
            found = distribution(name)
        except PackageNotFoundError:
            versions[name] = None
            continue
        versions[name] = found.version
        for text in found.requires or ():
            requirement = Requirement(text)
            if _applies(requirement, wanted_extras):
                queue.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    versions.pop(root)
    return versions


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras | {""})


if __name__ == "__main__":
    sys.exit(main())
