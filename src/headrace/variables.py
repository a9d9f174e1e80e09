"""The axes of headrace and the table of every output, read from ``data/variables.toml``.

Code, docs, receipts and checks read this table. It computes nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PLAYERS = ("microsoft", "amazon", "alphabet", "meta", "oracle")
"""Builders whose filings are known and who decide their own spending."""

BUILDERS = (*PLAYERS, "rest_of_world")
"""The players, and everyone else as one exogenous builder."""

IT_LAYERS = ("logic", "memory", "packaging", "systems", "optics")
SITE_LAYERS = ("construction", "cooling", "electrical", "generation", "grid")
LAYERS = IT_LAYERS + SITE_LAYERS
"""The chain, in order: chips and what joins them, then what houses and powers them."""

BRANCH_OF = {**dict.fromkeys(IT_LAYERS, "it"), **dict.fromkeys(SITE_LAYERS, "site")}

REGIONS = ("virginia", "texas", "us_other", "europe", "china", "gulf", "asia_pacific")
"""Where compute is energised: two states that hold much of it, and the rest of the world in five parts."""

GROUPS = (
    "foundry",
    "wafer_equipment",
    "memory",
    "osat",
    "accelerator_designers",
    "server_makers",
    "optics",
    "networking",
    "engineering_and_construction",
    "thermal",
    "electrical_equipment",
    "power_equipment",
    "independent_power",
    "utilities",
    "compute",
    "models",
    "applications",
)
"""Who earns: suppliers of chips and machines, of the physical system around them, and the three layers of revenue."""

LIMITS = (*LAYERS, "demand", "funding")
"""What can bind: position in this tuple is the code of ``binding_layer``."""

ENDINGS = {
    "runs": "the world runs",
    "unfunded": (
        "a builder owes more than lenders carry on its operating cash flow and still has to borrow: what it committed "
        "to in earlier quarters cannot be financed any more"
    ),
    "demand_collapsed": (
        "compute revenue has fallen to a remnant of what it was at the start: prices fell faster than use grew, or "
        "adopters stayed away"
    ),
    "supply_stopped": (
        "a branch of the chain delivers nothing: nothing is on order, or a layer that nothing can replace has no "
        "capacity left"
    ),
    "out_of_numbers": (
        "a stock, a flow or a price has left the range of numbers: usually a scarcity price that feeds on itself, or "
        "growth over a very long horizon"
    ),
}
"""How a world stands, and what that means: position in this table is the code of ``world_status``."""

UNRESOLVED_CODE = -1

STATUSES = ("reported", "derived", "estimated", "scenario", "unresolved")
"""How a value is known, strongest first."""


@dataclass(frozen=True)
class Variable:
    """One row of the table: what an output is, how it is made and what fills it in the past."""

    name: str
    symbol: str
    dims: tuple[str, ...]
    unit: str
    kind: str
    label: str
    definition: str
    formula: str
    inputs: tuple[str, ...]
    equation: str
    history: str | None = None
    codes: str = "limits"

    @property
    def coordinate_of(self) -> dict[str, tuple[str, ...]]:
        """Labels of each axis in :attr:`dims`."""
        labels = {"builder": BUILDERS, "layer": LAYERS, "region": REGIONS, "group": GROUPS}
        return {dim: labels[dim] for dim in self.dims}

    @property
    def attributes(self) -> dict[str, object]:
        """What a Dataset says of the variable: name, unit, symbol, kind, definition, and the meaning of codes."""
        described: dict[str, object] = {
            "long_name": self.label,
            "units": self.unit,
            "symbol": self.symbol,
            "kind": self.kind,
            "definition": self.definition,
        }
        if self.kind == "code":
            names = {"limits": LIMITS, "endings": tuple(ENDINGS)}[self.codes]
            described["flag_values"] = [UNRESOLVED_CODE, *range(len(names))]
            described["flag_meanings"] = " ".join(("unresolved", *names))
        return described


@cache
def table() -> dict[str, Variable]:
    """Every output by name, in the order of the file."""
    text = (files("headrace") / "data" / "variables.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)
    return {
        name: Variable(name=name, **{**row, "dims": tuple(row["dims"]), "inputs": tuple(row["inputs"])})
        for name, row in rows.items()
    }
