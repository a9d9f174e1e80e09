"""Write the documents that are tables of what the code reads, and fail if one of them was out of date.

Nothing here is a source of facts: change ``data/*.toml`` or a docstring, run ``make docs``, and commit what it wrote.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import click

from headrace import cli, variables
from headrace.citation import citation
from headrace.evidence import concepts, sources, universe
from headrace.evidence.filings import tags
from headrace.evidence.findings import KINDS
from headrace.parameters.registry import registry
from headrace.parameters.schema import BASIS_STRENGTH, Parameter
from oracles_page import LEAD as ORACLES
from oracles_page import oracles_page
from past_cycles_page import LEAD as PAST_CYCLES
from past_cycles_page import kept_results, past_cycles_page
from recipes_page import recipes_page
from rents_page import LEAD as RENTS
from rents_page import rents_page
from scenarios_page import LEAD as SCENARIOS
from scenarios_page import scenarios_page
from tightness_page import LEAD as TIGHTNESS
from tightness_page import tightness_page
from track_record_page import LEAD as TRACK_RECORD
from track_record_page import track_record_page

ROOT = Path(__file__).resolve().parent.parent
_WIDTH = 96
RECIPES = (
    "One GW of IT as native units of each layer that depends on the accelerator, from "
    "`src/headrace/data/parameters/recipe.toml` and `shipped_accelerators.toml`. Medians and 90 % intervals of 2,000 "
    "draws; every entry with its source and reason is in `docs/parameters.md`."
)
_NATIVE = re.compile(r"^(capacity|recipe)_\w+")


def main() -> int:
    """Write every generated document; 1 if one had changed, so that continuous integration sees it."""
    changed = [path for path, make in documents().items() if write_if_changed(ROOT / path, make())]
    for path in changed:
        print(f"{path} was out of date and has been written anew; commit it", file=sys.stderr)
    return 1 if changed else 0


def documents() -> dict[str, Callable[[], str]]:
    """Each generated document by its path from the root of the repository."""
    return {
        "CITATION.cff": lambda: citation("cff") + "\n",
        "docs/commands.md": commands_page,
        "docs/variables.md": variables_page,
        "docs/parameters.md": parameters_page,
        "docs/symbols.md": symbols_page,
        "docs/recipes.md": lambda: _page("Recipes", RECIPES, recipes_page(_table)),
        "docs/track-record.md": lambda: _page("Track record", TRACK_RECORD, track_record_page(_table)),
        "docs/oracles.md": lambda: _page("Oracles", ORACLES, oracles_page(ROOT / "tests" / "oracles", _table)),
        "docs/past-cycles.md": past_cycles_document,
        "docs/tightness.md": lambda: _page("Tightness", TIGHTNESS, tightness_page(_table)),
        "docs/rents.md": lambda: _page("Rents", RENTS, rents_page(_table)),
        "docs/scenarios.md": lambda: _page("Scenarios", SCENARIOS, scenarios_page(_table)),
        "docs/sources.md": sources_page,
        "docs/concepts.md": concepts_page,
        "docs/universe.md": universe_page,
        "docs/evidence.md": evidence_page,
    }


def write_if_changed(path: Path, text: str) -> bool:
    """Write ``text`` to ``path`` unless it is there already; True if it was not."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def between(text: str, mark: str, content: str) -> str:
    """``text`` with ``content`` between the comments that open and close ``mark``."""
    pattern = re.compile(rf"(<!-- {mark}: [^>]*-->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"a document has no place for {mark}")
    return pattern.sub(lambda match: f"{match[1]}{content}{match[2]}", text)


def commands_page() -> str:
    """What ``--help`` says of each command."""
    parts = [
        "# Commands\n\nWhat `--help` says. Results go to stdout, progress and messages to stderr.\n"
        "Exit 0 is done, 1 failed, 2 usage, 130 stopped by Ctrl-C.\n"
    ]
    top = click.Context(cli.main, info_name="headrace", terminal_width=_WIDTH)
    parts.append(f"```\n{cli.main.get_help(top)}\n```\n")
    parts += [f"## {context.command_path}\n\n```\n{context.get_help()}\n```\n" for context in _commands(cli.main, top)]
    return "\n".join(parts)


def _commands(group: click.Group, above: click.Context) -> Iterator[click.Context]:
    """Every command below a group by its name, one that is a group before its own."""
    for name in group.list_commands(above):
        command = group.get_command(above, name)
        assert command is not None, name
        context = click.Context(command, info_name=name, parent=above, terminal_width=_WIDTH)
        yield context
        if isinstance(command, click.Group):
            yield from _commands(command, context)


def variables_page() -> str:
    """Every output: history and futures carry the same ones."""
    rows = [
        (
            f"`{row.name}`",
            row.symbol,
            " × ".join(("draw", "quarter", *row.dims)),
            row.unit,
            row.kind,
            f"{row.definition} Made as: {row.formula}.",
            f"filed `{row.history}`" if row.history else "unresolved",
        )
        for row in variables.table().values()
    ]
    return _page(
        "Variables",
        "Every output of headrace, from `src/headrace/data/variables.toml`. A flow is per quarter, a stock is at the "
        "end of the quarter, a fraction has no unit and lies in 0 to 1. History and futures are one schema.",
        _table(("name", "symbol", "axes", "unit", "kind", "what it is", "past"), rows),
    )


def parameters_page() -> str:
    """Every parameter, weakest basis first within a file."""
    parts = []
    by_file: dict[str, list[Parameter]] = {}
    for entry in registry().values():
        by_file.setdefault(entry.name.split(".", 1)[0], []).append(entry)
    for stem, entries in by_file.items():
        weakest_first = sorted(entries, key=lambda entry: -BASIS_STRENGTH.index(entry.basis))
        rows = [
            (
                f"`{entry.name}`",
                entry.symbol,
                entry.label,
                entry.value_text,
                _unit(entry.unit),
                entry.shape,
                f"{entry.basis} {entry.quality}",
                f"`{entry.source}`: {entry.locator}",
                entry.reason,
            )
            for entry in weakest_first
        ]
        header = ("name", "symbol", "what it is", "value [range]", "unit", "distribution", "basis", "source", "why")
        parts.append(f"## {stem}\n\n{_table(header, rows)}")
    return _page(
        "Parameters",
        "Every number the equations use, from `src/headrace/data/parameters/*.toml`; `headrace explain NAME` says the "
        "same. Within a file the weakest basis comes first. A letter is the quality of the source: A filing or "
        "statute, B reputable, C press or judgement.",
        "\n".join(parts),
    )


def symbols_page() -> str:
    """Each quantity that layers or builders have, beside each other."""
    table = registry()
    parts = []
    for axis, labels, prefix in (("layer", variables.LAYERS, ""), ("builder", variables.BUILDERS, "builder.")):
        cells: dict[str, dict[str, Parameter]] = {}
        for label in labels:
            stem = f"{prefix}{label}."
            for entry in table.values():
                if entry.name.startswith(stem):
                    cells.setdefault(_quantity(entry.name.removeprefix(stem)), {})[label] = entry
        rows = [_symbol_row(quantity, by_label, labels) for quantity, by_label in cells.items()]
        parts.append(f"## By {axis}\n\n{_table(('quantity', 'symbol', 'unit', *labels), rows)}")
    others = [
        (f"`{entry.name}`", entry.symbol, entry.value_text, _unit(entry.unit), entry.basis)
        for entry in table.values()
        if entry.name.split(".", 1)[0] not in (*variables.LAYERS, "builder")
    ]
    parts.append(f"## One for all\n\n{_table(('name', 'symbol', 'value [range]', 'unit', 'basis'), others)}")
    return _page(
        "Symbols by layer and builder",
        "Value, [range] and basis of every quantity, side by side. Where no source exists the basis is judgement, and "
        "`docs/parameters.md` gives the reason. A dash: the quantity does not exist there.",
        "\n".join(parts),
    )


def sources_page() -> str:
    """One record per source, with its licence."""
    rows = [
        (
            f"`{key}`",
            row.title,
            row.publisher,
            f"<{row.url}>" if row.url else "",
            row.licence,
            row.redistribution,
            str(row.retrieved),
        )
        for key, row in sorted(sources.load().items())
    ]
    return _page(
        "Sources",
        "Every source of a fact or a parameter, from `src/headrace/data/sources*.toml`.",
        _table(("key", "title", "publisher", "where", "licence", "what may be shipped", "retrieved"), rows),
    )


def concepts_page() -> str:
    """What the facts measure, and under which tags filers file it."""
    filed = tags.read_table((files("headrace") / "data" / "tags.toml").read_text(encoding="utf-8"))["concept"]
    rows = [
        (
            f"`{row.name}`",
            row.label,
            row.kind,
            "yes" if row.additive else "no",
            row.family,
            row.definition,
            " ".join(f"`{tag}`" for tag in filed.get(row.name, {}).get("tags", ())),
        )
        for row in concepts.load().values()
    ]
    return _page(
        "Concepts",
        "What the facts measure, from `src/headrace/data/concepts.toml`. A flow passed in its period, a stock stood at "
        "the end of it, a rate is a price, index, yield or share. Concepts of one family measure one thing in several "
        "ways, or one holds the others: they are never added to each other. Tags are those of `tags.toml`, the first "
        "that a filing uses counts; a filer or group may have others there.",
        _table(("name", "label", "kind", "may be summed", "family", "what it is", "tags in filings"), rows),
    )


def universe_page() -> str:
    """Everyone whose figures and prices can be fetched, by role."""
    entities = universe.load().values()
    parts = []
    for role in universe.ROLES:
        rows = [
            (
                f"`{row.slug}`",
                row.name,
                row.ticker,
                row.group,
                row.layer,
                str(row.wave or ""),
                row.fiscal_year_end,
                row.reporting_currency,
                row.taxonomy if row.fiscal_year_end else "",
                row.cik or row.cik_status,
            )
            for row in entities
            if row.role == role
        ]
        header = ("slug", "name", "ticker", "group", "layer", "wave", "year ends", "currency", "tags", "filer number")
        parts.append(f"## {role.replace('_', ' ').capitalize()}: {len(rows)}\n\n{_table(header, rows)}")
    return _page(
        "Universe",
        f"The {len(entities)} companies and funds of `src/headrace/data/universe.toml`. Wave: 1 compute, 2 the "
        "physical system around it, 3 monetisation. A filer number that is unverified is looked up by its ticker when "
        "it is fetched, and the name in the document is checked.",
        "\n".join(parts),
    )


def evidence_page() -> str:
    """The page about facts, which people write, with the table of kinds as the code has it."""
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    return between(
        text, "kinds", _table(("kind", "what it means"), [(f"`{kind}`", said) for kind, said in KINDS.items()])
    )


def past_cycles_document() -> str:
    """The page on past cycles; its results take minutes, so they stay as ``make cycles`` wrote them."""
    page = ROOT / "docs" / "past-cycles.md"
    results = kept_results(page.read_text(encoding="utf-8"))
    return _page("Past cycles", PAST_CYCLES, past_cycles_page(_table, results))


def _page(title: str, lead: str, body: str) -> str:
    return f"# {title}\n\n{lead}\n\nGenerated by `make docs`; do not edit.\n\n{body}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(_escaped(cell) for cell in line)} |\n" for line in lines)


def _escaped(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _quantity(key: str) -> str:
    """The row of a key: capacities and recipes have a native unit in their names, which their cell says."""
    return _NATIVE.sub(r"\1", key)


def _symbol_row(quantity: str, by_label: dict[str, Parameter], labels: Sequence[str]) -> tuple[str, ...]:
    units = {entry.unit for entry in by_label.values()}
    unit = _unit(units.pop()) if len(units) == 1 else "native"
    suffix = "" if unit == "native" or not unit else f" {unit}"
    cells = []
    for label in labels:
        entry = by_label.get(label)
        cells.append("-" if entry is None else f"{entry.value_text.removesuffix(suffix)}, {entry.basis}")
    symbol = next(iter(by_label.values())).symbol
    return (f"`{quantity}`", symbol, unit, *cells)


if __name__ == "__main__":
    sys.exit(main())
