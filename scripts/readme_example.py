"""Write the number, the example and the figure of the README as the code makes them now, and fail if one had changed.

The example runs in an empty folder, as a reader would run it; what the README shows is its stdout, untouched.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile

import headrace
from generate_docs import ROOT, write_if_changed
from headrace.variables import PLAYERS

_ARGUMENTS = ["run"]


def main() -> int:
    """Write the README; 1 if it had changed."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = between(text, "number", number())
    text = between(text, "example", example())
    if write_if_changed(readme, text):
        print("README.md was out of date and has been written anew; commit it", file=sys.stderr)
        return 1
    return 0


def between(text: str, mark: str, content: str) -> str:
    """``text`` with ``content`` between the comments that open and close ``mark``."""
    pattern = re.compile(rf"(<!-- {mark}: [^>]*-->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md has no place for {mark}")
    return pattern.sub(lambda match: f"{match[1]}{content}{match[2]}", text)


def number() -> str:
    """What the builders paid over the last four quarters, beside what their operations brought in."""
    past = headrace.history().sel(builder=list(PLAYERS)).isel(draw=0)
    paid = past["capital_expenditure_usd_bn"].sum("builder", skipna=False).rolling(quarter=4).sum().dropna("quarter")
    earned = past["operating_cash_flow_usd_bn"].sum("builder", skipna=False).rolling(quarter=4).sum()
    quarter = str(paid["quarter"].values[-1])
    paid_usd_bn = float(paid.sel(quarter=quarter))
    share = paid_usd_bn / float(earned.sel(quarter=quarter))
    *others, last = (name.capitalize() for name in PLAYERS)
    return (
        f"Over the four quarters to {quarter}, {', '.join(others)} and {last} paid **USD {paid_usd_bn:,.0f} bn** for "
        f"property and\nequipment, {share:.0%} of the cash their operations brought in (their filings with the SEC).\n"
    )


def example() -> str:
    """The command and what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, "-m", "headrace", *_ARGUMENTS], cwd=folder, env=environment, capture_output=True, text=True
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    return f"```\n$ headrace {' '.join(_ARGUMENTS)}\n{done.stdout.rstrip()}\n```\n"


if __name__ == "__main__":
    sys.exit(main())
