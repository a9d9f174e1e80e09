"""Files of a local store: how a generation is named, which one of an item is the newest, and how a file is put down.

A name says sequence number, source, item and the beginning of the document's hash:
``00000042-edgar-microsoft-1f0c9a2b.parquet``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import EvidenceError, FetchError

TABLES = ("facts", "closes")
"""What a local store holds, each in a folder of its name."""

_NAME = re.compile(r"(\d{8,12})-([a-z0-9_]+)-([a-z0-9_][a-z0-9_.-]{0,99})-([0-9a-f]{8})\.parquet")


@dataclass(frozen=True)
class Generation:
    """One file of a store, by what its name says."""

    number: int
    source: str
    item: str
    path: Path


def listed(folder: Path) -> list[Generation]:
    """The generations in a folder, oldest first; none where there is no folder.

    Files that are still being written end in ``.part`` and are not among them.

    Raises:
        EvidenceError: A Parquet file has a name that no writer gives.
    """
    found = []
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    for name in names:
        match = _NAME.fullmatch(name)
        if match is not None:
            found.append(Generation(int(match[1]), match[2], match[3], folder / name))
        elif name.endswith(".parquet"):
            raise EvidenceError(f"{folder / name}: no writer of a store gives such a name; move the file away")
    return sorted(found, key=lambda generation: generation.number)


def newest(folder: Path) -> dict[tuple[str, str], Path]:
    """The last generation of every source and item."""
    last = {(generation.source, generation.item): generation.path for generation in listed(folder)}
    return {key: last[key] for key in sorted(last)}


def next_path(folder: Path, source: str, item: str, sha256: str) -> Path:
    """The file of a new generation; only who holds the store may ask, for the number is given once.

    Raises:
        EvidenceError: Source or item hold a letter that no file name may have.
    """
    number = max((generation.number for generation in listed(folder)), default=0) + 1
    name = f"{number:08d}-{source}-{item}-{sha256[:8]}.parquet"
    match = _NAME.fullmatch(name)
    if match is None or (match[2], match[3]) != (source, item):
        raise EvidenceError(
            f"source {source!r}, item {item!r}: cannot name a file; a source has a-z, 0-9 and _, an item also . and -"
        )
    return folder / name


def put(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file aside, make sure that it is on the disk, and only then give it its name.

    Args:
        path: The file; an old one of that name is replaced.
        write: Called with the path to write to.
    """
    aside = path.with_name(f"{path.name}.part")
    write(aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    if hasattr(os, "O_DIRECTORY"):  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def faults_named(path: Path) -> Iterator[None]:
    """Turn what the system says about a file into an error that names the file.

    Raises:
        FetchError: The system refused.
    """
    try:
        yield
    except OSError as fault:
        raise FetchError(
            f"{fault.filename or path}: cannot be written: {fault.strerror or fault}; check the folder and the disk"
        ) from None
