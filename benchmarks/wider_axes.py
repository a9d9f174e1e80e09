"""Time the loop with more builders or layers than the tables have: patches the axes before the loop is imported.

Reads arrays of the tables' own axes from an ``.npz`` and repeats their rows. Copies share the money of their original,
so that a world stays about as large. Run by ``scaling.py`` in a process of its own.
"""

from __future__ import annotations

import json
import sys
from itertools import cycle, islice

import numpy as np

from headrace import variables


def main() -> None:
    """Print seconds of a warm run, worlds that ended, and bytes of state."""
    given = json.loads(sys.argv[1])
    builders, layers = given.get("builders"), given.get("layers")
    player_rows, layer_rows = list(range(len(variables.PLAYERS))), list(range(len(variables.LAYERS)))
    if builders:
        player_rows = list(islice(cycle(player_rows), builders - 1))
        variables.PLAYERS = tuple(_copies(variables.PLAYERS, builders - 1))
        variables.BUILDERS = (*variables.PLAYERS, "rest_of_world")
    if layers:
        layer_rows = _widen_layers(layers)
    with np.load(given["arrays"]) as file:
        arrays = {name: _rows(name, file[name], player_rows, layer_rows) for name in file.files}
    # Only now: the loop reads the axes when it is imported.
    import future_start as begin
    import jax

    from headrace.simulation.simulate import simulate
    from headrace.simulation.start import FiledStart, opening

    filed = FiledStart(arrays.pop("filed.capex"), arrays.pop("filed.cash_flow"))
    wanted = frozenset(given["wanted"])

    def block(part: dict[str, np.ndarray]) -> int:
        outputs, _ = simulate(part, filed, {}, quarters=given["quarters"], wanted=wanted)
        return int(np.sum(np.asarray(outputs["world_status"])[-1] > 0))

    worlds = arrays["adoption.imitation"].shape[-1]
    pieces = begin.blocks(arrays, worlds, given["block"])
    ended = sum(block(piece) for piece in pieces)
    taken = [begin.seconds(lambda: begin.in_threads(block, pieces)) for _ in range(given["repeats"])]
    state = jax.eval_shape(opening, pieces[0], filed)[0]
    size = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(state)) // given["block"]
    print(json.dumps({"times": taken, "ended": ended, "worlds": worlds, "state_bytes": size}))


def _copies(names: tuple[str, ...], count: int) -> list[str]:
    return [name if i < len(names) else f"{name}_{i}" for i, name in enumerate(islice(cycle(names), count))]


def _widen_layers(count: int) -> list[int]:
    """Patch the tables to ``count`` layers, half of them IT; the row of the original of each."""
    it, site = variables.IT_LAYERS, variables.SITE_LAYERS
    alone = tuple(name for name in site if name not in ("generation", "grid"))
    its = _copies(it, count // 2)
    sites = [*_copies(alone, count - count // 2 - 2), "generation", "grid"]
    originals = [variables.LAYERS.index(name.split("_")[0]) for name in its + sites]
    variables.IT_LAYERS, variables.SITE_LAYERS = tuple(its), tuple(sites)
    variables.LAYERS = variables.IT_LAYERS + variables.SITE_LAYERS
    variables.BRANCH_OF = {**dict.fromkeys(its, "it"), **dict.fromkeys(sites, "site")}
    return originals


def _rows(name: str, values: np.ndarray, player_rows: list[int], layer_rows: list[int]) -> np.ndarray:
    if name.startswith("filed."):
        rows, values = player_rows, values.T
    elif name.startswith("builder.") and values.ndim > 1:
        rows = player_rows
    elif name.startswith("layer."):
        rows = layer_rows
    else:
        return values
    taken = values[rows]
    if name.startswith("filed.") or name.endswith("_usd_bn") or name == "layer.cost_share":
        copies = np.bincount(rows)[rows].astype(values.dtype)
        taken = taken / copies.reshape(-1, *[1] * (values.ndim - 1))
    return np.ascontiguousarray(taken.T if name.startswith("filed.") else taken)


if __name__ == "__main__":
    main()
