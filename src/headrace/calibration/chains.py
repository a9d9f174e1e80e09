"""What a sampler found: draws by chain, and whether the chains agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

Draws = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Chains:
    """What a sampler found.

    Attributes:
        values: By parameter, and the spread of errors, (chain, draw).
        probability: The same as probabilities of the prior, (chain, draw).
        divergences: After warm-up.
        leapfrog_steps: In all, after warm-up: evaluations of the gradient.
    """

    values: Draws
    probability: Draws
    divergences: int
    leapfrog_steps: int

    def r_hat(self, name: str) -> float:
        """Split R-hat of a parameter."""
        return float(split_gelman_rubin(self.probability[name]))

    def effective_sample_size(self, name: str) -> float:
        """Of a parameter, over all chains."""
        return float(effective_sample_size(self.probability[name]))
