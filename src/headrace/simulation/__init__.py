"""The loop: what a world holds, how it starts, one quarter, many quarters. The only room that scans over time."""
