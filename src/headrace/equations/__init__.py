"""Pure equations, one process a file: arrays in, arrays out, each beside its source.

Axes lead and whatever trails broadcasts: ``builder``, ``player`` or ``layer`` first, worlds after. Nothing here
knows a state, a scenario or a draw.
"""
