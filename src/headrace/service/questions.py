"""Questions that may be asked of the World of a run besides, one row each: how each is answered, and on how many draws.

Importing this imports nothing heavy, for the command line lists the names in its help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from headrace.posterior import Posterior
    from headrace.world import World

__all__ = ["QUESTIONS", "answers"]

Report = Callable[[str, float], None]


def answers(
    asked: Iterable[str],
    future: xr.Dataset,
    *,
    posterior: Posterior | str | Path | None = None,
    progress: Report | None = None,
) -> dict[str, xr.Dataset]:
    """What is answered to questions about the World behind a future, by question.

    Args:
        asked: Names in :data:`QUESTIONS`; each counts once.
        future: That :func:`headrace.simulate` returned; the first of its draws are asked.
        posterior: Of the run, if the file it was read from is no longer there.
        progress: Called with what is going on and the share done.

    Raises:
        UnknownNameError: There is no such question.
        HeadraceError: Whatever the question refuses.
    """
    from dataclasses import replace

    from headrace.errors import unknown_name
    from headrace.world import world_behind

    names = list(dict.fromkeys(asked))
    for name in names:
        if name not in QUESTIONS:
            raise unknown_name("question", name, QUESTIONS)
    if not names:
        return {}
    world = world_behind(future, posterior)
    report = progress or (lambda _text, _share: None)
    found = {}
    for name in names:
        most, answer = QUESTIONS[name]
        found[name] = answer(replace(world, draws=min(world.draws, most)), report)
    return found


def _blocs(world: World, report: Report) -> xr.Dataset:
    from headrace.service.nations import blocs

    return blocs(world, progress=report)


def _fears(world: World, report: Report) -> xr.Dataset:
    from headrace.service.rivalries import fears

    return fears(world, progress=report)


def _dilemma(world: World, report: Report) -> xr.Dataset:
    from headrace.service.rivalries import dilemma

    return dilemma(world, other_levels=False, progress=report)


def _chokepoints(world: World, report: Report) -> xr.Dataset:
    from headrace.service.relief import chokepoints

    return chokepoints(world, progress=report)


def _payback(world: World, report: Report) -> xr.Dataset:
    from headrace.service.investments import payback

    return payback(world, progress=report)


QUESTIONS: Mapping[str, tuple[int, Callable[[World, Report], xr.Dataset]]] = {
    "blocs": (256, _blocs),
    "chokepoints": (500, _chokepoints),
    "dilemma": (256, _dilemma),
    "fears": (256, _fears),
    "payback": (1000, _payback),
}
"""By name the most draws that are asked, and who answers."""
