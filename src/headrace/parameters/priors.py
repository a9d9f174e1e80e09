"""Draws from the priors, counter-based: draw ``i`` of a parameter depends on the seed, its name and ``i`` alone.

One Philox stream a parameter, keyed by seed and name; uniform number ``i`` of the stream goes through the inverse
distribution function. Neither the number of draws, nor the blocks they come in, nor another parameter added or
removed changes a draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

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
    entries = list(parameters)
    uncertain = [entry for entry in entries if entry.is_uncertain and entry.name not in held]
    drawn: dict[str, Draws] = {}
    for shape in dict.fromkeys(entry.shape for entry in uncertain):
        alike = [entry for entry in uncertain if entry.shape == shape]
        numbers = uniform_numbers([entry.name for entry in alike], seed, first, count)
        drawn.update(zip((entry.name for entry in alike), quantiles(alike, numbers), strict=True))
    for entry in entries:
        if entry.name not in drawn:
            drawn[entry.name] = np.full(count, held.get(entry.name, entry.value))
    return {entry.name: drawn[entry.name] for entry in entries}


def uniform_numbers(names: Sequence[str], seed: int, first: int, count: int) -> Draws:
    """Uniform numbers ``first`` … ``first + count - 1`` of the stream of each name, in (0, 1), (name, draw)."""
    source = np.random.Philox(key=np.array([seed, 0], dtype=np.uint64))
    stream = np.random.Generator(source)
    start = source.state
    skipped = first % _NUMBERS_PER_COUNTER
    start["state"]["counter"][0] = first // _NUMBERS_PER_COUNTER
    numbers = np.empty((len(names), skipped + count))
    for row, name in zip(numbers, names, strict=True):
        # Setting the state costs a tenth of making a stream.
        start["state"]["key"][1] = _key(name)
        source.state = start
        stream.random(out=row)
    tiny = np.finfo(np.float64).tiny
    return np.maximum(numbers[:, skipped:], tiny)


@cache
def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def quantiles(entries: Sequence[Parameter], probability: Draws) -> Draws:
    """Inverse distribution functions of uncertain parameters of one shape, clipped to their hard ranges.

    Args:
        entries: Parameters, all of the same shape and none fixed.
        probability: In (0, 1), (parameter, draw).

    Returns:
        (parameter, draw), each row in its parameter's unit.
    """
    low, mode, high = (np.array([[getattr(entry, field)] for entry in entries]) for field in ("low", "value", "high"))
    if entries[0].shape == "uniform":
        values = low + probability * (high - low)
    elif entries[0].shape == "triangular":
        turn = (mode - low) / (high - low)
        rising = low + np.sqrt(probability * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - probability) * (high - low) * (high - mode))
        values = np.where(probability < turn, rising, falling)
    else:
        from scipy.special import ndtri  # here, because importing it takes a quarter of a second

        centre = np.log(low * high) / 2
        spread = np.log(high / low) / (2 * ndtri(_UPPER_TAIL))
        values = np.exp(centre + spread * ndtri(probability))
    floor, ceiling = np.array([entry.range for entry in entries]).T[..., np.newaxis]
    clipped: Draws = np.clip(values, floor, ceiling)
    return clipped
