"""One world in plain NumPy: an oracle of the loop, written from its documents alone and on none of its code.

What it shares with the loop are names of axes and parameters. Arrays have one axis, loops are loops.
"""

from .loop import world

__all__ = ["world"]
