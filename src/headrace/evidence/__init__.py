"""What is known: sources, filed facts, entities, month-end closes, and the past as one Dataset.

Nothing here is simulated, filled or guessed; a cell that nobody filed stays unresolved.
"""
