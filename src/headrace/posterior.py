"""A posterior as a file: draws of parameters together, and what made them.

Text that a reader can open: JSON with the draws by parameter, the model they belong to and how well the chains agree.
Nothing in it is executed, and nothing of it is believed before it has been checked.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.errors import OutputError, PosteriorError, near_matches
from headrace.parameters.priors import uniform_numbers
from headrace.parameters.registry import registry

FORMAT = 1
LARGEST_BYTES = 64 * 2**20
HIGHEST_R_HAT = 1.05
"""Above it chains have not found the same distribution (Vehtari et al. 2021 ask for 1.01 of long ones)."""

MOST_DIVERGENT = 0.01
"""Share of draws after which the sampler has missed part of the distribution."""

_STREAM = "posterior"
_FIELDS = ("format", "model", "version", "as_of", "seed", "chains", "draws_per_chain", "r_hat", "divergences", "draws")


@dataclass(frozen=True)
class Posterior:
    """Draws of some parameters, together.

    Attributes:
        draws: By dotted name, (draw,), each in the parameter's unit; row ``i`` of all of them is one draw.
        as_of: Day up to which filings were used, ISO.
        seed: Of the sampler.
        chains: How many there were; draws of one chain follow each other.
        r_hat: The largest over parameters.
        divergences: Draws after which the sampler had lost its way.
        model: Fingerprint of the priors it belongs to.
        version: Of headrace.
        where: File it came from.
    """

    draws: Mapping[str, NDArray[np.float64]]
    as_of: str
    seed: int
    chains: int
    r_hat: float
    divergences: int
    model: str
    version: str
    where: str = field(default="posterior.json", compare=False)

    @property
    def count(self) -> int:
        """Draws there are."""
        return len(next(iter(self.draws.values())))

    @property
    def recipe(self) -> dict[str, object]:
        """What the recipe of a World says of it."""
        return {
            "file": self.where,
            "model": self.model,
            "as_of": self.as_of,
            "seed": self.seed,
            "draws": self.count,
            "parameters": sorted(self.draws),
        }

    @property
    def fault(self) -> str:
        """Why it cannot be relied upon; empty where it can."""
        if not self.r_hat <= HIGHEST_R_HAT:
            return f"its chains disagree: R-hat is {self.r_hat:.2f}, wanted at most {HIGHEST_R_HAT}"
        if self.divergences > MOST_DIVERGENT * self.count:
            return f"{self.divergences} of {self.count:,} draws diverged, wanted at most {MOST_DIVERGENT:.0%}"
        return ""

    def drawn(self, seed: int, first: int, count: int) -> dict[str, NDArray[np.float64]]:
        """Draws ``first`` … of a run: draw ``i`` takes the same row whatever their number."""
        (numbers,) = uniform_numbers([_STREAM], seed, first, count)
        rows = np.minimum((numbers * self.count).astype(int), self.count - 1)
        return {name: values[rows] for name, values in self.draws.items()}


def fingerprint(names: Sequence[str]) -> str:
    """Of the priors of some parameters: another distribution, unit or range gives another one."""
    entries = [
        [name, *(getattr(registry()[name], key) for key in ("unit", "shape", "low", "value", "high", "range"))]
        for name in sorted(names)
    ]
    return hashlib.sha256(json.dumps([FORMAT, entries]).encode()).hexdigest()[:16]


def write(posterior: Posterior, path: Path) -> None:
    """Write it whole or not at all.

    Raises:
        PosteriorError: It cannot be relied upon.
        OutputError: The file cannot be written.
    """
    if posterior.fault:
        raise PosteriorError(f"{path}: not written, because {posterior.fault}; ask for more --warmup or another --seed")
    content = {
        "format": FORMAT,
        "model": posterior.model,
        "version": posterior.version,
        "as_of": posterior.as_of,
        "seed": posterior.seed,
        "chains": posterior.chains,
        "draws_per_chain": posterior.count // posterior.chains,
        "r_hat": posterior.r_hat,
        "divergences": posterior.divergences,
        "draws": {name: values.tolist() for name, values in posterior.draws.items()},
    }
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            aside.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as fault:
        raise OutputError(f"{path}: {fault.strerror or fault}; name a file in a folder you may write to") from None


def read(path: Path) -> Posterior:
    """The posterior in a file.

    Raises:
        PosteriorError: The file is none, belongs to another model, holds a value outside its range, or comes from
            chains that cannot be relied upon.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise PosteriorError(f"{path}: larger than {LARGEST_BYTES // 2**20} MB; a posterior is a few")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise PosteriorError(
            f"{path}: {fault.strerror or fault}; make one with `headrace calibrate --out FILE`"
        ) from None
    except (ValueError, RecursionError) as fault:
        raise PosteriorError(
            f"{path}: not a posterior: {str(fault)[:100]}; make one with `headrace calibrate`"
        ) from None
    found = _checked(content, str(path))
    if found.fault:
        raise PosteriorError(f"{path}: {found.fault}; make another with `headrace calibrate --warmup 2000`")
    return found


def _checked(content: Any, where: str) -> Posterior:
    if not isinstance(content, dict) or content.keys() != set(_FIELDS):
        raise PosteriorError(f"{where}: not a posterior; wanted an object with {', '.join(_FIELDS)}")
    if content["format"] != FORMAT:
        raise PosteriorError(f"{where}: format {content['format']!r:.20}; this headrace reads {FORMAT}")
    counts = [content[name] for name in ("seed", "chains", "draws_per_chain", "divergences")]
    if (
        any(type(value) is not int or value < 0 for value in counts)
        or content["chains"] * content["draws_per_chain"] < 1
    ):
        raise PosteriorError(
            f"{where}: seed, chains, draws_per_chain and divergences are {counts}; wanted whole numbers"
        )
    if type(content["r_hat"]) is not float or not math.isfinite(content["r_hat"]):
        raise PosteriorError(f"{where}: r_hat is {content['r_hat']!r:.20}; wanted a number")
    texts = [content[name] for name in ("model", "version", "as_of")]
    if (
        any(not isinstance(text, str) for text in texts)
        or not isinstance(content["draws"], dict)
        or not content["draws"]
    ):
        raise PosteriorError(f"{where}: model, version and as_of are texts, draws an object of lists")
    size = content["chains"] * content["draws_per_chain"]
    draws = {name: _values(name, values, size, where) for name, values in content["draws"].items()}
    if content["model"] != fingerprint(list(draws)):
        raise PosteriorError(
            f"{where}: made for other priors than those of this headrace (by version {content['version']:.20}); "
            "run `headrace calibrate` again"
        )
    return Posterior(
        draws, content["as_of"], content["seed"], content["chains"], content["r_hat"], content["divergences"],
        content["model"], content["version"], where,
    )  # fmt: skip


def _values(name: str, values: Any, size: int, where: str) -> NDArray[np.float64]:
    if name not in registry():
        near = ", ".join(near_matches(name, registry())) or "none"
        raise PosteriorError(f"{where}: unknown parameter {name!r:.60}; near: {near}")
    if not isinstance(values, list) or len(values) != size or any(type(value) not in (int, float) for value in values):
        raise PosteriorError(f"{where}: {name}: wanted {size} numbers, one a draw")
    array = np.array(values, float)
    floor, ceiling = registry()[name].range
    if not ((array >= floor) & (array <= ceiling)).all():
        raise PosteriorError(f"{where}: {name}: a draw lies outside {floor:g} to {ceiling:g} [{registry()[name].unit}]")
    return array
