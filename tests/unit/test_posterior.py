"""Posteriors as files: what is written comes back, draws keep their rows, and everything else is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headrace import posterior
from headrace.changes import Changes, drawn_values
from headrace.errors import OutputError, PosteriorError
from headrace.posterior import Posterior

NAMES = ("rivalry.adjustment_speed", "rivalry.loss_aversion")


@pytest.fixture
def made_up() -> Posterior:
    draws = {NAMES[0]: np.linspace(0.2, 0.5, 200), NAMES[1]: np.linspace(1.2, 2.2, 200)}
    return Posterior(draws, "2026-06-30", 7, 4, 1.001, 0, posterior.fingerprint(NAMES), "0.1.0")


def test_what_is_written_is_read(made_up: Posterior, tmp_path: Path) -> None:
    file = tmp_path / "posterior.json"
    posterior.write(made_up, file)
    again = posterior.read(file)
    assert again.draws.keys() == made_up.draws.keys()
    for name, values in made_up.draws.items():
        np.testing.assert_array_equal(again.draws[name], values)
    assert replace(again, draws={}) == replace(made_up, draws={})
    assert list(tmp_path.iterdir()) == [file]


def test_a_draw_is_one_row_whatever_their_number(made_up: Posterior) -> None:
    many, few = made_up.drawn(7, 0, 500), made_up.drawn(7, 100, 50)
    for name in NAMES:
        np.testing.assert_array_equal(many[name][100:150], few[name])
    rows = np.searchsorted(made_up.draws[NAMES[0]], many[NAMES[0]])
    np.testing.assert_array_equal(made_up.draws[NAMES[1]][rows], many[NAMES[1]])
    assert len(set(rows)) > 150


def test_a_run_draws_the_posterior_and_holds_what_is_held(made_up: Posterior) -> None:
    plain = drawn_values(7, 0, 300, Changes())
    learnt = drawn_values(7, 0, 300, Changes(posterior=made_up))
    held = drawn_values(7, 0, 300, Changes(held={NAMES[1]: 1.0}, posterior=made_up))
    assert set(learnt[NAMES[0]]) <= set(made_up.draws[NAMES[0]])
    np.testing.assert_array_equal(held[NAMES[1]], 1.0)
    np.testing.assert_array_equal(held[NAMES[0]], learnt[NAMES[0]])
    for name in plain.keys() - set(NAMES):
        np.testing.assert_array_equal(learnt[name], plain[name])


def test_chains_that_disagree_are_neither_written_nor_read(made_up: Posterior, tmp_path: Path) -> None:
    file = tmp_path / "posterior.json"
    with pytest.raises(PosteriorError, match=r"its chains disagree: R-hat is 1\.30"):
        posterior.write(replace(made_up, r_hat=1.3), file)
    with pytest.raises(PosteriorError, match="9 of 200 draws diverged"):
        posterior.write(replace(made_up, divergences=9), file)
    with pytest.raises(PosteriorError, match="R-hat is nan"):
        posterior.write(replace(made_up, r_hat=float("nan")), file)
    assert not file.exists()
    posterior.write(made_up, file)
    content = json.loads(file.read_text()) | {"r_hat": 1.3}
    file.write_text(json.dumps(content))
    with pytest.raises(PosteriorError, match="its chains disagree"):
        posterior.read(file)


def test_one_made_for_other_priors_is_refused(
    made_up: Posterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "posterior.json"
    posterior.write(made_up, file)
    table = dict(posterior.registry())
    table[NAMES[0]] = table[NAMES[0]].model_copy(update={"high": 0.7})
    monkeypatch.setattr(posterior, "registry", lambda: table)
    with pytest.raises(PosteriorError, match=r"made for other priors .* run `headrace calibrate` again"):
        posterior.read(file)


def changed(**parts: Any) -> Callable[[dict[str, Any]], str]:
    return lambda content: json.dumps(content | parts)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda content: "{", "not a posterior"),
        (lambda content: "[" * 100_000, "not a posterior"),
        (lambda content: json.dumps([content]), "wanted an object with format, model"),
        (lambda content: json.dumps({**content, "code": "import os"}), "wanted an object with format, model"),
        (changed(format=2), "format 2"),
        (changed(chains=True), "wanted whole numbers"),
        (changed(draws_per_chain=-1), "wanted whole numbers"),
        (changed(chains=0), "wanted whole numbers"),
        (changed(r_hat="low"), "r_hat is 'low'"),
        (changed(model=3), "are texts"),
        (changed(draws={}), "are texts, draws an object of lists"),
        (changed(draws={"rivalry.los_aversion": [1.5] * 200}), "near: rivalry.loss_aversion"),
        (changed(draws={"rivalry.loss_aversion": [1.5] * 199}), "wanted 200 numbers"),
        (changed(draws={"rivalry.loss_aversion": ["1.5"] * 200}), "wanted 200 numbers"),
        (changed(draws={"rivalry.loss_aversion": [0.5] * 200}), "outside 1 to 5"),
        (changed(draws={"rivalry.loss_aversion": [float("nan")] * 200}), "outside 1 to 5"),
        (changed(draws={"rivalry.loss_aversion": [1.5] * 200}), "made for other priors"),
    ],
)
def test_a_file_that_is_no_posterior_is_refused(
    spoil: Callable[[dict[str, Any]], str], said: str, made_up: Posterior, tmp_path: Path
) -> None:
    file = tmp_path / "posterior.json"
    posterior.write(made_up, file)
    file.write_text(spoil(json.loads(file.read_text())))
    with pytest.raises(PosteriorError, match=said):
        posterior.read(file)


def test_a_file_that_is_not_there_or_far_too_large_is_refused(tmp_path: Path, made_up: Posterior) -> None:
    with pytest.raises(PosteriorError, match="make one with `headrace calibrate"):
        posterior.read(tmp_path / "none.json")
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(posterior.LARGEST_BYTES + 1)
    with pytest.raises(PosteriorError, match="larger than 64 MB"):
        posterior.read(huge)
    with pytest.raises(OutputError, match="name a file in a folder"):
        posterior.write(made_up, tmp_path / "nowhere" / "posterior.json")
