"""One parameter: a number with its unit, basis, distribution, hard range, source and locator.

A disclosed range stays a range: ``value`` is where a point is needed, ``low`` and ``high`` are what the distribution
covers, and ``range`` is what the equations can bear.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Basis = Literal["filing", "statute", "published", "fitted", "derived", "judgement"]
Shape = Literal["fixed", "uniform", "triangular", "lognormal"]
Quality = Literal["A", "B", "C"]

BASIS_STRENGTH: tuple[Basis, ...] = ("filing", "statute", "published", "fitted", "derived", "judgement")
"""Bases, strongest first; a result carries the weakest basis of its inputs."""

Finite = Annotated[float, Field(allow_inf_nan=False, strict=False)]


class Parameter(BaseModel):
    """One entry of a table in ``data/parameters``.

    Attributes:
        name: Dotted name, ``file.key`` or ``file.group.key``.
        label: What a person calls it.
        symbol: Its letter in the equations, with the axis it runs over (k layer, i builder).
        unit: Unit of every number in the entry; ``"1"`` for a fraction, which lies in 0..1.
        basis: How the number is known.
        shape: ``fixed``; ``uniform`` on low..high; ``triangular`` with mode ``value``; ``lognormal`` with low and
        high its 5th and
            95th percentile.
        value: Point value: the mode of a triangular, otherwise the median.
        low: Lower end of the distribution.
        high: Upper end of the distribution.
        range: Hard bounds: no value outside is accepted from anyone.
        source: Key of a record in a ``data/sources*.toml``.
        locator: Where in the source.
        reason: Why this number; for a judgement, what it rests on.
        quality: A filing or statute, B reputable, C press or judgement.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    label: str = Field(min_length=3)
    symbol: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    basis: Basis
    shape: Shape = "fixed"
    value: Finite
    low: Finite
    high: Finite
    range: tuple[float, float]
    source: str = Field(min_length=2)
    locator: str = Field(min_length=2)
    reason: str = Field(min_length=8)
    quality: Quality

    @model_validator(mode="before")
    @classmethod
    def _fixed_needs_no_ends(cls, data: dict[str, object]) -> dict[str, object]:
        if data.get("shape", "fixed") == "fixed" and "value" in data:
            if "low" in data or "high" in data:
                raise ValueError("has low or high but no shape; wanted shape uniform, triangular or lognormal")
            return {**data, "low": data["value"], "high": data["value"]}
        if data.get("shape") == "lognormal" and "value" not in data and {"low", "high"} <= data.keys():
            return {**data, "value": math.sqrt(float(str(data["low"])) * float(str(data["high"])))}
        if data.get("shape") == "uniform" and "value" not in data and {"low", "high"} <= data.keys():
            return {**data, "value": (float(str(data["low"])) + float(str(data["high"]))) / 2}
        return data

    @model_validator(mode="after")
    def _numbers_are_in_order(self) -> Self:
        floor, ceiling = self.range
        if not floor <= self.low <= self.value <= self.high <= ceiling:
            raise ValueError(
                f"wanted range[0] <= low <= value <= high <= range[1], found {floor:g}, {self.low:g}, {self.value:g}, "
                f"{self.high:g}, {ceiling:g}"
            )
        if self.shape != "fixed" and self.low == self.high:
            raise ValueError(f"shape {self.shape} with low = high = {self.low:g}; wanted shape fixed")
        if self.shape == "lognormal" and self.low <= 0:
            raise ValueError(f"lognormal with low {self.low:g}; wanted a positive low")
        return self

    @property
    def is_uncertain(self) -> bool:
        """Whether draws differ."""
        return self.shape != "fixed"

    @property
    def value_text(self) -> str:
        """The value with its range and unit, for a person."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        if not self.is_uncertain:
            return f"{_short(self.value)}{unit}"
        return f"{_short(self.value)} [{_short(self.low)} - {_short(self.high)}]{unit}"


def _short(number: float) -> str:
    magnitude = abs(number)
    if magnitude >= 1_000_000:
        return f"{number / 1_000_000:,.4g} million"
    if magnitude >= 1_000:
        return f"{number:,.0f}"
    return f"{number:.4g}"
