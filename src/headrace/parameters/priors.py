"""Draws from the priors, counter-based: draw ``i`` of a parameter depends on the seed, its name and ``i`` alone.

One Philox stream a parameter, keyed by seed and name; uniform number ``i`` of the stream goes through the inverse
distribution function. Neither the number of draws, nor the blocks they come in, nor another parameter added or
removed changes a draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from headrace.parameters.schema import Parameter

Draws = NDArray[np.float64]

_NUMBERS_PER_COUNTER = 4
"""A Philox-4x64 counter yields four 64-bit numbers."""

_UPPER_TAIL = 0.95


def draw_parameters(
    parameters: Iterable[Parameter], seed: int, first: int, count: int, settings: Mapping[str, float] | None = None
) -> dict[str, Draws]:
    """Draws ``first`` … ``first + count - 1`` of each parameter.

    Args:
        parameters: What to draw.
        seed: Any integer in 0 .. 2**63 - 1.
        first: Index of the first draw, >= 0.
        count: Number of draws, >= 1.
        settings: Parameters held at a value in every draw.

    Returns:
        By name, an array of shape (draw,) in 64-bit, in the parameter's unit.
    """
    held = settings or {}
    return {
        entry.name: np.full(count, held[entry.name])
        if entry.name in held
        else quantile(entry, uniform_numbers(entry.name, seed, first, count))
        for entry in parameters
    }


def uniform_numbers(name: str, seed: int, first: int, count: int) -> Draws:
    """Uniform numbers ``first`` … ``first + count - 1`` of the stream of ``name``, each in (0, 1), shape (draw,)."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    stream = np.random.Philox(key=np.array([seed, int.from_bytes(digest, "little")], dtype=np.uint64))
    skipped = first % _NUMBERS_PER_COUNTER
    stream.advance(first // _NUMBERS_PER_COUNTER)
    numbers = np.random.Generator(stream).random(skipped + count)[skipped:]
    tiny = np.finfo(np.float64).tiny
    return np.maximum(numbers, tiny)


def quantile(entry: Parameter, probability: Draws) -> Draws:
    """Inverse distribution function of a parameter, clipped to its hard range, shape of ``probability``."""
    low, mode, high = entry.low, entry.value, entry.high
    if entry.shape == "fixed":
        values = np.full_like(probability, mode)
    elif entry.shape == "uniform":
        values = low + probability * (high - low)
    elif entry.shape == "triangular":
        turn = (mode - low) / (high - low)
        rising = low + np.sqrt(probability * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - probability) * (high - low) * (high - mode))
        values = np.where(probability < turn, rising, falling)
    else:
        from scipy.special import ndtri  # here, because importing it takes a quarter of a second

        centre = np.log(low * high) / 2
        spread = np.log(high / low) / (2 * ndtri(_UPPER_TAIL))
        values = np.exp(centre + spread * ndtri(probability))
    return np.clip(values, *entry.range)
