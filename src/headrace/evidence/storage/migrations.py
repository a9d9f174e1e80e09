"""The schema version of a local store, and the steps that bring an older one over.

A step may be killed at any moment: it changes file by file, leaves alone what it has changed already, and the store
has its new version only when all of it is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from headrace.errors import EvidenceError
from headrace.evidence.storage import store as tables
from headrace.evidence.storage.generations import TABLES, listed, put

VERSION = 1
"""Counted up with every change of a table, together with a step in :data:`STEPS`."""

_OURS = {"VERSION", "lock", "cache", *TABLES}


def version_of(store: Path) -> int | None:
    """Schema version of a store; ``None`` where there is no store yet.

    Raises:
        EvidenceError: The folder is no store, its version is no number, or one that only a newer headrace knows.
    """
    if not store.exists():
        return None
    if not store.is_dir():
        raise EvidenceError(f"{store}: is a file; a store is a folder")
    try:
        text = (store / "VERSION").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        strangers = sorted(path.name for path in store.iterdir() if path.name not in _OURS and path.suffix != ".part")
        if strangers:
            raise EvidenceError(
                f"{store}: is no store, it holds {', '.join(strangers[:3])}; name an empty folder or a new one"
            ) from None
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise EvidenceError(f"{store / 'VERSION'}: holds {text[:40]!r}, wanted a number such as {VERSION}")
    if int(text) > VERSION:
        raise EvidenceError(
            f"{store}: schema version {text}, this headrace knows up to {VERSION}; upgrade headrace, or name "
            "another store"
        )
    return int(text)


def check_readable(store: Path) -> None:
    """Refuse a store that must be brought over first.

    Raises:
        EvidenceError: The store is older, newer, or none at all.
    """
    version = version_of(store)
    if version not in (None, VERSION):
        raise EvidenceError(
            f"{store}: schema version {version}, this headrace reads {VERSION}; the next fetch into it brings it over"
        )


def bring_over(store: Path) -> None:
    """Bring a store to :data:`VERSION`; only who holds it may do so.

    Raises:
        EvidenceError: The store is newer than this headrace, or one of its files cannot be read.
    """
    version = version_of(store)
    if version is None:
        _write_version(store, VERSION)
        return
    for number in range(version, VERSION):
        STEPS[number](store)
        _write_version(store, number + 1)


def _write_version(store: Path, version: int) -> None:
    put(store / "VERSION", lambda aside: aside.write_text(f"{version}\n", encoding="utf-8"))


def _add_derivation_and_tag(store: Path) -> None:
    """Version 0 did not say how a fact was derived and from which tag; unknown is empty."""
    for generation in listed(store / "facts"):
        record = json.loads(tables.record_of(generation.path))
        if record["schema"] == 0:
            text = json.dumps(record | {"schema": 1})
            added = {"derivation": "", "tag": ""}
            put(generation.path, partial(tables.add_columns, generation.path, values=added, record=text))


STEPS: dict[int, Callable[[Path], None]] = {0: _add_derivation_and_tag}
"""By version: what brings a store to the next one."""
