"""Write what commands print into the pages that show it: each block that begins with ``$ headrace`` is run again.

The words around the blocks are written by hand, in the pages themselves.
"""

from __future__ import annotations

import re
import shlex
import sys

from click.testing import CliRunner

from generate_docs import ROOT, write_if_changed
from headrace.cli import main as headrace

PAGES = ("chokepoints", "payback")

_BLOCK = re.compile(r"(?<=```\n)\$ headrace ([^\n]*)\n.*?(?=```)", re.DOTALL)


def main() -> int:
    """Run the commands of every page; the exit status."""
    for name in PAGES:
        path = ROOT / "docs" / f"{name}.md"
        write_if_changed(path, _BLOCK.sub(printed, path.read_text(encoding="utf-8")))
    return 0


def printed(block: re.Match[str]) -> str:
    """A block as its command prints it now."""
    result = CliRunner().invoke(headrace, shlex.split(block[1]))
    if result.exit_code:
        raise SystemExit(f"headrace {block[1]}: {result.stderr}")
    return f"$ headrace {block[1]}\n{result.stdout}"


if __name__ == "__main__":
    sys.exit(main())
