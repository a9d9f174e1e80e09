"""Where a result goes: to stdout, or whole and at once into the file that was named."""

from __future__ import annotations

import os
from pathlib import Path

import click

from headrace.errors import OutputError


def deliver(content: str | bytes, out: Path | None) -> None:
    """Print a result, or put it into a file.

    Args:
        content: Text, or bytes that no terminal can show.
        out: The file; it is replaced only when the new one is whole. ``None`` for stdout.

    Raises:
        OutputError: The file cannot be written.
    """
    if out is None:
        click.echo(content, nl=False)
        return
    aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        try:
            aside.write_bytes(content.encode() if isinstance(content, str) else content)
            aside.replace(out)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as fault:
        raise OutputError(f"{out}: {fault.strerror or fault}; name a file in a folder you may write to") from None
