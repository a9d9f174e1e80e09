"""Every command, option, make target and room is written down where a person looks for it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from headrace.cli import main


def below(group: click.Group, name: str = "") -> dict[str, click.Command]:
    """Every command by its words, those of groups too."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None, word
        found[f"{name}{word}"] = command
        if isinstance(command, click.Group):
            found |= below(command, f"{name}{word} ")
    return found


COMMANDS = below(main)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_in_the_documents(name: str, root: Path) -> None:
    assert f"## headrace {name}\n" in (root / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_in_the_documents(name: str, root: Path) -> None:
    text = (root / "docs" / "commands.md").read_text(encoding="utf-8")
    flags = [flag for parameter in COMMANDS[name].params for flag in parameter.opts if flag.startswith("--")]
    assert [flag for flag in flags if flag not in text] == []


def test_every_make_target_says_what_it_does(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    described = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert set(phony[1].split()) == described


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    broken = [
        f"{page.relative_to(root)}: {target}"
        for page in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
