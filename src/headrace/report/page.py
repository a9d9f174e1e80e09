"""The report as one HTML file that asks nothing of anyone: no request, no script but its own, every text escaped.

``render`` makes the page and ``write_report`` puts it in place whole or not at all; the questions and charts live in
their own files.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import xarray as xr
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from headrace._types import Assumption, Headline, Receipt, SourceNote
from headrace.errors import OutputError
from headrace.report import figures, tokens
from headrace.report.answers import Answers, gather
from headrace.report.assumed import grouped, start_table
from headrace.report.changed import changed
from headrace.report.questions import (
    blocs,
    chokepoints,
    dilemma,
    fears,
    market,
    payback,
    prices,
    regions,
    relief,
    spending,
    trust,
    vintages,
)
from headrace.report.receipts import near_sources, receipts
from headrace.report.section import Section, Table
from headrace.report.sentences import lead, linked
from headrace.report.series import Pair

_QUESTIONS = (
    (
        "Who must spend, why, and what would stop them?",
        (
            spending.capital_expenditure,
            spending.spend_to_pool,
            dilemma.game,
            dilemma.beliefs,
            fears.fears,
            blocs.blocs,
            spending.over_cash_flow,
        ),
    ),
    (
        "Where does the money have no choice but to go?",
        (chokepoints.tightness, chokepoints.binding, relief.worth, relief.forced, chokepoints.waiting),
    ),
    ("Where is it energised?", (regions.compute_by_region, regions.grid)),
    (
        "What must be true for it to pay back?",
        (
            payback.active_compute,
            payback.revenue,
            payback.cover,
            vintages.returns,
            vintages.must_be_true,
            payback.net_debt,
        ),
    ),
    ("Does the market answer?", (market.earnings, prices.prices, market.breadth)),
    ("How far to trust this", (trust.hindcast, trust.league)),
)


def write_report(
    future: xr.Dataset,
    history: xr.Dataset,
    path: str | os.PathLike[str],
    headlines: Sequence[Headline] | None = None,
    asked: Mapping[str, xr.Dataset] | None = None,
) -> Path:
    """Write the report, whole or not at all.

    Args:
        future: A simulated Dataset.
        history: The filings it starts from.
        path: The file to make or to replace.
        headlines: Those of the run, where someone has computed them already.
        asked: What was asked of its World besides, by the name of the question; each gets a section.

    Raises:
        OutputError: It cannot be written; what was there is untouched.
    """
    target = Path(path)
    text = render(future, history, headlines, asked)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        aside = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            aside.chmod(0o644)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as fault:
        raise OutputError(
            f"{target}: cannot be written ({fault.strerror or fault}); what was there is untouched"
        ) from fault
    return target


def render(
    future: xr.Dataset,
    history: xr.Dataset,
    headlines: Sequence[Headline] | None = None,
    asked: Mapping[str, xr.Dataset] | None = None,
) -> str:
    """The report as HTML.

    Args:
        future: A simulated Dataset.
        history: The filings it starts from.
        headlines: Those of the run, where someone has computed them already.
        asked: What was asked of its World besides, by the name of the question; each gets a section.

    Raises:
        EndedError: No world runs to the end.
    """
    from headrace import service

    said = service.headlines(future, history) if headlines is None else headlines
    whole = service.running(future)
    return compose(whole, history, gather(whole, history, said, asked))


def compose(future: xr.Dataset, history: xr.Dataset, answers: Answers) -> str:
    """The report as HTML, from answers already given.

    Args:
        future: A simulated Dataset.
        history: The filings it starts from.
        answers: Of the service, or written by hand in a test.
    """
    pair = Pair(future, history)
    questions = [
        (title, [section for ask in asks if (section := ask(pair, answers)) is not None]) for title, asks in _QUESTIONS
    ]
    sections = [section for _, members in questions for section in members]
    start = start_table(answers.start)
    block = changed(future, answers.changes)
    headlines = [(line, linked(line), lead(line)) for line in answers.headlines]
    keys = [
        figures.RECEIPT_OF_RUN,
        *(figure.receipt for _, words, first in headlines for figure in _shown_in([*words, first or ""])),
        *(key for section in sections for key in _keys(section)),
        *(figure.receipt for _, row in start.rows for figure in _shown_in(row)),
    ]
    shown = [key for key in dict.fromkeys(keys) if key not in {row.name for row in answers.assumptions}]
    slips = receipts(shown, answers, pair)
    cited = _cited(sections, answers.assumptions)
    world = json.loads(future.attrs["world"])
    style, script = _style(), _resource("report.js")
    return _environment().get_template("page.html.j2").render(
        title=str(future.attrs.get("title", world.get("scenario", ""))),
        world=world,
        last_filed=pair.past_quarters[-1] if pair.past_quarters else "",
        left_out=int(world.get("draws", future.sizes["draw"])) - future.sizes["draw"],
        headlines=headlines,
        block=block,
        questions=questions,
        start=start,
        cited=cited,
        groups=grouped(answers.assumptions),
        receipts=slips,
        footings={section.receipt: section.footing for section in sections if section.footing.movers},
        shown=set(shown),
        sources=_used(slips.values(), answers),
        notes={note.id: note for note in answers.sources},
        statuses=tokens.STATUS_MEANINGS,
        shapes=tokens.STATUS_SHAPES,
        qualities=tokens.QUALITY_MEANINGS,
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
    )  # fmt: skip


def safe_address(address: str) -> str:
    """An address that is safe to link to: http or https with a host, else nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.netloc else ""


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("headrace.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["safe_address"] = safe_address
    environment.filters["near_sources"] = near_sources
    environment.tests["figure"] = lambda part: isinstance(part, figures.Shown)
    environment.tests["resting"] = lambda part: isinstance(part, figures.Resting)
    environment.tests["pointer"] = lambda part: isinstance(part, figures.Pointer)
    return environment


def _style() -> str:
    return tokens.stylesheet() + _resource("report.css")


def _resource(name: str) -> str:
    return (files("headrace.report") / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    def allowed(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {allowed(style)}; script-src {allowed(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _keys(section: Section) -> Iterator[str]:
    yield section.receipt
    yield from section.variables
    parts = [*section.sentence, *section.note]
    if section.chart:
        parts += [*section.chart.finding, *section.chart.subtitle]
    for figure in [*_shown_in(parts), *_in_table(section.table)]:
        yield figure.receipt


def _in_table(found: Table) -> Iterator[figures.Shown]:
    for _, cells in found.rows:
        yield from _shown_in(cells)


def _shown_in(parts: Iterable[figures.Part]) -> Iterator[figures.Shown]:
    return (part for part in parts if isinstance(part, figures.Shown))


def _cited(sections: Sequence[Section], assumptions: Sequence[Assumption]) -> list[tuple[Assumption, figures.Shown]]:
    names = {part.name for section in sections for part in section.sentence if isinstance(part, figures.Resting)}
    return [(row, figures.of_assumption(row)) for row in assumptions if row.name in names]


def _used(slips: Iterable[Receipt], answers: Answers) -> list[SourceNote]:
    named = {row.source_id for row in answers.assumptions}
    named |= {note.id for slip in slips for note in slip.sources}
    named |= {note.source_id for note in answers.changes}
    return sorted((note for note in answers.sources if note.id in named), key=lambda note: note.title.casefold())
