"""A text file that somebody hands over: a plain one, of a size that can be meant, in UTF-8."""

from __future__ import annotations

from pathlib import Path

from headrace.errors import EvidenceError


def text_of(path: Path, most_bytes: int, wanted: str) -> str:
    """What a file says, line ends as they are.

    Args:
        path: The file.
        most_bytes: How large it may be.
        wanted: What it should be, for the error where there is none.

    Raises:
        EvidenceError: There is no such file, or it is no plain one, too large or not UTF-8.
    """
    if not path.is_file():
        raise EvidenceError(f"{path}: no such file; wanted {wanted}")
    size = path.stat().st_size
    if size > most_bytes:
        raise EvidenceError(f"{path}: {size:,} bytes; at most {most_bytes:,} are read from one file")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as fault:
        raise EvidenceError(f"{path}: byte {fault.start} is not UTF-8; save the file as UTF-8") from None
