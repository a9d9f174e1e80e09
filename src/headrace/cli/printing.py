"""How results are printed: records and labelled texts, as a table, JSON or CSV, and never a control character.

What a document says is text to be shown, whatever it would make of a terminal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", help="How to print it."
)
"""The option that most commands share."""

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that move the cursor, turn the reading around, or cannot be printed at all."""


def print_records(records: Sequence[Mapping[str, Any]], form: str) -> None:
    """Print records with the same keys.

    Args:
        records: At least one, for CSV takes its header from the first.
        form: ``table``: one key and value a line. ``json`` or ``csv``.
    """
    if form == "json":
        click.echo(as_json(list(records)))
    elif form == "csv":
        click.echo(as_csv(list(records[0]), [list(record.values()) for record in records]), nl=False)
    else:
        for record in records:
            print_aligned([(key, str(value)) for key, value in record.items()])
            click.echo()


def as_json(value: Any) -> str:
    """JSON with letters as they are and every control character escaped; dates are ISO texts."""
    import json

    text = json.dumps(value, indent=2, ensure_ascii=False, default=str, allow_nan=False)
    return "".join(letter if letter == "\n" or _is_seen(letter) else _json_escape(letter) for letter in text)


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A header and rows; ``None`` is an empty cell, a truth value is true or false."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def as_table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str] = ()) -> str:
    """Columns under each other, one line a row; on a terminal the last column is wrapped where it begins.

    Args:
        columns: Headings.
        rows: Texts.
        right: Columns of numbers, whose ends stand under each other.
    """
    import shutil
    import sys
    import textwrap

    lines = [list(columns), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    begin = sum(widths[:-1]) + 2 * (len(widths) - 1)
    room = max(30, shutil.get_terminal_size().columns - begin) if sys.stdout.isatty() else 10**9
    said = []
    for line in lines:
        cells = [
            cell.rjust(width) if name in right else cell.ljust(width)
            for name, cell, width in zip(columns, line, widths, strict=True)
        ]
        last = textwrap.wrap(cells[-1], room, break_on_hyphens=False) if len(cells[-1]) > room else [cells[-1]]
        said.append("  ".join([*cells[:-1], last[0]]).rstrip())
        said += [" " * begin + rest for rest in last[1:]]
    return "".join(f"{line}\n" for line in said)


def print_aligned(rows: Sequence[tuple[str, str]]) -> None:
    """Labels in one column, texts in the next, wrapped there."""
    import shutil
    import textwrap

    label_width = max(len(label) for label, _ in rows)
    text_width = max(40, min(shutil.get_terminal_size((100, 24)).columns, 110) - label_width - 2)
    for label, text in rows:
        wrapped = textwrap.wrap(printable(text), text_width, break_long_words=False, break_on_hyphens=False)
        first, *rest = wrapped or [""]
        click.echo(f"{label:<{label_width}}  {first}")
        for line in rest:
            click.echo(" " * (label_width + 2) + line)


def printable(text: str) -> str:
    r"""``text`` on one line, with what a terminal would act upon written out, such as ``\x1b``."""
    return "".join(letter if _is_seen(letter) else _written_out(letter) for letter in text)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return printable(value) if isinstance(value, str) else value


def _is_seen(letter: str) -> bool:
    if letter.isascii():
        return letter.isprintable()
    from unicodedata import category

    return category(letter) not in _UNSEEN


def _written_out(letter: str) -> str:
    return " " if letter in "\t\n" else letter.encode("unicode_escape").decode("ascii")


def _json_escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
