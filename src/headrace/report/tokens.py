"""Colours of every face, once: a light and a dark value for each name, safe for the colour-blind and in print.

Pages use them as CSS variables; a chart is drawn with a stand-in colour for each and painted afterwards, so that one
drawing serves light, dark and paper.
"""

from __future__ import annotations

COLOURS: dict[str, tuple[str, str]] = {
    # surfaces and ink
    "paper": ("#ffffff", "#15171b"),
    "panel": ("#f7f6f2", "#1d2026"),
    "ink": ("#1a1c20", "#eceae5"),
    "muted": ("#585d66", "#a9aeb7"),
    "grid": ("#e7e4de", "#2b2f37"),
    "edge": ("#bfbab0", "#4b515c"),
    "link": ("#14578c", "#86bdf0"),
    "today": ("#b3123f", "#ff86a3"),
    "world": ("#6b6f78", "#9aa0aa"),
    # waves: compute, physical, monetisation
    "compute": ("#14629c", "#6db4ea"),
    "physical": ("#965400", "#e5a64a"),
    "money": ("#1a7446", "#63c78f"),
    # builders keep their colour everywhere; apart by hue and by lightness, so for the colour-blind too
    "microsoft": ("#0e2e5e", "#5d8bfe"),
    "amazon": ("#a6570e", "#e9b237"),
    "alphabet": ("#0e796d", "#7ef1c1"),
    "meta": ("#a409d2", "#daaced"),
    "oracle": ("#640203", "#eb665f"),
    "rest_of_world": ("#5f6570", "#a7adb8"),
    # status badges
    "reported": ("#1a6b40", "#63c78f"),
    "derived": ("#14578c", "#86bdf0"),
    "estimated": ("#8a4d00", "#e5a64a"),
    "scenario": ("#6a3d9a", "#c3a1ee"),
    "unresolved": ("#5f6570", "#a7adb8"),
    # tightness: slack to short, even at the middle
    "slack3": ("#3f7fae", "#2f6d9c"),
    "slack2": ("#86b2d1", "#264f6e"),
    "slack1": ("#cfe0eb", "#20374a"),
    "even": ("#f1efe9", "#2a2c31"),
    "short1": ("#f3d9ae", "#553d17"),
    "short2": ("#e0a24c", "#93651c"),
    "short3": ("#b46a08", "#cf9232"),
    "short4": ("#713e00", "#f7c877"),
    # probability: none to certain
    "chance0": ("#f4f2ed", "#22252b"),
    "chance1": ("#d9e2ec", "#26394b"),
    "chance2": ("#a9c4dc", "#2a5274"),
    "chance3": ("#6a9cc4", "#3a78a8"),
    "chance4": ("#2f6fa4", "#69addf"),
    "chance5": ("#0e3f6b", "#c4e3fb"),
}

STATUS_SHAPES = {"reported": "◆", "derived": "◇", "estimated": "▲", "scenario": "○", "unresolved": "?"}
"""Shape of each status; its letter is the first of its name."""

STATUS_MEANINGS = {
    "reported": "as filed",
    "derived": "computed from filed figures",
    "estimated": "a figure with an error of its own",
    "scenario": "an output of the simulation",
    "unresolved": "not known; never filled in",
}

QUALITY_MEANINGS = {"A": "filing", "B": "reputable publication", "C": "press or judgement"}


def stand_in(name: str) -> str:
    """The colour that a chart is drawn with in place of ``name``; no chart uses it for anything else."""
    return f"#fe{list(COLOURS).index(name):02x}f0"


def stand_ins() -> dict[str, str]:
    """Name of the colour behind every stand-in."""
    return {stand_in(name): name for name in COLOURS}


def stylesheet() -> str:
    """CSS: the variables in light, in dark on a screen that asks for it, and the classes that paint a chart."""
    light = _variables(0)
    dark = _variables(1)
    paint = "".join(
        f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}.b-{name}{{background:var(--{name})}}"
        for name in COLOURS
    )
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"
        f"{paint}\n"
    )


def _variables(mode: int) -> str:
    return "".join(f"--{name}:{pair[mode]};" for name, pair in COLOURS.items())
