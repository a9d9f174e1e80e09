"""How long questions of a World take: profiles of builders and of blocs, an inversion, the slopes of every layer.

``python benchmarks/strategy.py`` prints the median of five, after one call that compiles.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from headrace.analyses.blocs.playing import played
from headrace.analyses.blocs.profiles import play_of
from headrace.analyses.chokepoints import shadow_prices
from headrace.analyses.dilemma.payoffs import every_profile, payoffs
from headrace.analyses.payback.followed import Followed
from headrace.analyses.payback.inversion import what_must_be_true
from headrace.analyses.payback.question import TARGET_YEARS
from headrace.analyses.payback.reading import read
from headrace.scenarios import blocs
from headrace.world import world_of

ROUNDS = 5


def median_seconds(work: Callable[[], object]) -> float:
    """Of :data:`ROUNDS` calls after a first one."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Print the timings."""
    world = world_of(draws=256, seed=7, quarters=40)
    for names in (("restrain", "follow", "race"), ("restrain", "race")):
        profiles = every_profile(names)
        seconds = median_seconds(lambda profiles=profiles: payoffs(world, profiles))
        print(f"{len(profiles)} profiles x {world.draws} draws: {seconds:.2f} s")
    reading = read(world, players_only=False, margin_growth=None, posterior=None, progress=lambda _text, _share: None)
    followed = Followed(reading, 0, reading.checked_target(TARGET_YEARS, 0))
    for name in ("price", "it_life"):
        seconds = median_seconds(lambda name=name: what_must_be_true(followed, [name], interest=False))
        print(f"one inversion, {name}, {followed.draws} draws and the median world: {seconds:.2f} s")
    play = play_of(blocs())
    print(f"{len(play.profiles)} profiles of blocs: {median_seconds(lambda: played(world, play, {})):.2f} s")
    print(f"slopes of every layer and quarter: {median_seconds(lambda: shadow_prices.dynamic(world, 9)):.2f} s")


if __name__ == "__main__":
    main()
