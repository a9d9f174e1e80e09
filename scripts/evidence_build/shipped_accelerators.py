"""Accelerators shipped by chip and calendar quarter, from Epoch AI's chip counts: medians and percentiles as published.

A quarter that its maker's fiscal quarters do not fill is left out, and so are chips of which no generation here is
made; both are counted. Nothing is added up: percentiles of parts do not make a percentile of the whole.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from evidence_build.figures import looked_up
from headrace.errors import EvidenceError
from headrace.periods import quarter_index

FILES = {
    "nvidia": "nvidia_calendar_quarter_chip_timelines.csv",
    "amd": "amd_chip_timelines.csv",
    "google": "tpu_calendar_quarter_chip_timelines.csv",
    "amazon": "trainium_chip_timelines.csv",
}
TOTALS = "nvidia_cumulative_totals.csv"
"""Of the one maker whose count reaches back to 2022 and whose total is published with its power."""

GENERATION_OF = {
    "A100": "a100",
    "A800": "a100",
    "H100": "h100",
    "H800": "h100",
    "H20": "h20",
    "B200": "gb200",
    "B300": "gb300",
    "Instinct MI300A": "mi300",
    "Instinct MI300X": "mi300",
    "Instinct MI325X": "mi300",
    "Instinct MI350X": "mi350",
    "Instinct MI355X": "mi350",
    "TPU v4": "tpu_v4",
    "TPU v5e": "tpu_v5e",
    "TPU v5p": "tpu_v5p",
    "TPU v6e": "tpu_v6",
    "TPU v7": "tpu_v7",
    "Trainium1": "trainium1",
    "Trainium2": "trainium2",
}
"""A chip trimmed for export with the power of its parent is its parent; the counts give the H200 as H100, the GB200 as
B200 and the GB300 as B300."""

NO_GENERATION = frozenset({"Instinct MI250X", "Instinct MI308X", "TPU v4i"})
"""Chips made in tens of thousands, unlike any of the generations: under a hundredth of what shipped."""

_UNITS = {
    "units_low": "Number of Units (5th percentile)",
    "units": "Number of Units",
    "units_high": "Number of Units (95th percentile)",
}

HEADER = """# Accelerators shipped by chip and calendar quarter, and what the source makes of one maker's total; made by
# scripts/build_evidence.py from the chip counts of Epoch AI (CC BY 4.0).
#
# generation   of recipe.toml
# units        median by quarter from first_quarter on; units_low and units_high are the 5th and 95th percentile
# [[total]]    cumulative from 2022Q1: H100 equivalents by 8-bit operations, MW of the chips alone
"""


def write_shipped_accelerators(folder: Path, out: Path, report: Counter[str]) -> None:
    """Write ``shipped_accelerators.toml`` into ``out``.

    Args:
        folder: With the tables of chip counts.
        out: The folder.
        report: Counts of what was read and left out; added to.

    Raises:
        EvidenceError: A chip is new, or its quarters have a gap.
    """
    parts = [HEADER]
    for maker, name in FILES.items():
        for chip, rows in _by_chip(folder / name, report).items():
            parts.append(_table(maker, chip, rows, name))
            report["rows out: shipped_accelerators.toml"] += len(rows)
    parts += [_total(row) for row in _rows(folder / TOTALS, report)]
    (out / "shipped_accelerators.toml").write_text("\n".join(parts), encoding="utf-8")


def _by_chip(path: Path, report: Counter[str]) -> dict[str, dict[str, Mapping[str, str]]]:
    chips: dict[str, dict[str, Mapping[str, str]]] = {}
    for row in _rows(path, report):
        chip = row["Chip type"]
        if chip in NO_GENERATION:
            report["left out: shipments of a chip with no generation"] += 1
            continue
        chips.setdefault(chip, {})[_quarter(row["End date"])] = row
    return chips


def _rows(path: Path, report: Counter[str]) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            report[f"rows in: {path.name}"] += 1
            if row["Notes"].startswith("Incomplete"):
                report["left out: shipments of a calendar quarter that fiscal quarters do not fill"] += 1
                continue
            yield row


def _table(maker: str, chip: str, rows: Mapping[str, Mapping[str, str]], where: str) -> str:
    generation = looked_up(GENERATION_OF, chip, "chip", where, "name it in GENERATION_OF or NO_GENERATION")
    quarters = sorted(rows, key=quarter_index)
    if quarter_index(quarters[-1]) - quarter_index(quarters[0]) != len(quarters) - 1:
        raise EvidenceError(f"{where}: {chip} has a gap among {quarters}; wanted every quarter from first to last")
    lines = [f'["{chip}"]', f'maker = "{maker}"', f'generation = "{generation}"', f'first_quarter = "{quarters[0]}"']
    for key, column in _UNITS.items():
        units = ", ".join(str(round(float(rows[quarter][column]))) for quarter in quarters)
        lines.append(f"{key} = [{units}]")
    return "\n".join([*lines, ""])


def _total(row: Mapping[str, str]) -> str:
    lines = {
        "maker": '"nvidia"',
        "quarter": f'"{_quarter(row["End date"])}"',
        "h100e": row["Compute estimate in H100e (median)"],
        "chip_power_mw": row["Power in MW (median)"],
    }
    return "\n".join(["[[total]]", *(f"{key} = {value}" for key, value in lines.items()), ""])


def _quarter(day: str) -> str:
    month, _, year = day.split("/")
    return f"{year}Q{(int(month) + 2) // 3}"
