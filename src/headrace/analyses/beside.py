"""One measure of a future beside what somebody else says of the same thing."""

from __future__ import annotations

from dataclasses import dataclass

from headrace._types import Figure


@dataclass(frozen=True)
class Beside:
    """One measure of a future beside a figure of somebody else.

    Attributes:
        figure: Of the future.
        other: What the other says, in the unit of the figure.
    """

    figure: Figure
    other: float

    @property
    def agrees(self) -> bool:
        """Whether the other lies in the 90 % interval."""
        return self.figure.low <= self.other <= self.figure.high
