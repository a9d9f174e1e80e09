"""Write the number, the examples and the figure of the README as the code makes them now, and fail if one had changed.

An example runs in an empty folder, as a reader would run it; what is shown is its stdout, untouched. The examples of
facts in the page about evidence are kept true too.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import headrace
from generate_docs import ROOT, between, write_if_changed
from headrace.report.tokens import stylesheet
from headrace.variables import PLAYERS

FIGURE = ROOT / "docs" / "figures" / "capital_expenditure.svg"
_ARGUMENTS = ["run"]
_FACTS_EXAMPLE = re.compile(r"(?<=```\n)\$ (headrace facts [^\n]*)\n.*?(?=```)", re.DOTALL)


def main() -> int:
    """Write the README and the examples of the other documents; 1 if one had changed."""
    said, report = example()
    readme, evidence = ROOT / "README.md", ROOT / "docs" / "evidence.md"
    texts = {
        readme: between(between(readme.read_text(encoding="utf-8"), "number", number()), "example", said),
        evidence: refreshed(evidence.read_text(encoding="utf-8")),
        FIGURE: figure(report),
    }
    changed = [path for path, now in texts.items() if write_if_changed(path, now)]
    for path in changed:
        print(f"{path.relative_to(ROOT)} was out of date and has been written anew; commit it", file=sys.stderr)
    return int(bool(changed))


def refreshed(text: str) -> str:
    """``text`` with what each ``headrace facts`` of its examples prints now; pipes are the reader's shell's."""
    return _FACTS_EXAMPLE.sub(lambda match: f"$ {match[1]}\n{printed(match[1])}", text)


def printed(command: str) -> str:
    """What a line of an example prints, from an empty folder and without facts of one's own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["bash", "-c", f'set -o pipefail; headrace() {{ "$PYTHON" -m headrace "$@"; }}; {command}'],
            cwd=folder,
            env=os.environ | {"COLUMNS": "100", "HEADRACE_STORE": f"{folder}/store", "PYTHON": sys.executable},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr}")
    return done.stdout


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


def example() -> tuple[str, str]:
    """The command and what it prints, and the report that it writes."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, "-m", "headrace", *_ARGUMENTS], cwd=folder, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        report = (Path(folder) / "out" / "baseline" / "report.html").read_text(encoding="utf-8")
    return f"```\n$ headrace {' '.join(_ARGUMENTS)}\n{done.stdout.rstrip()}\n```\n", report


def figure(report: str) -> str:
    """The first chart of the report as a picture of its own, with its colours for light and dark."""
    drawn = re.search(r'<div class="wide"><svg ([^>]*)>(.*?)</svg></div>', report, re.DOTALL)
    if not drawn:
        raise SystemExit("the report has no chart where the README's figure is taken from")
    style = f"<style>svg{{background:var(--paper)}}text{{font-family:system-ui,sans-serif}}{stylesheet()}</style>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {drawn[1]}>{style}{drawn[2]}</svg>\n'


if __name__ == "__main__":
    sys.exit(main())
