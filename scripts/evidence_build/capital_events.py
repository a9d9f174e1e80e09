"""The ledger of events from a collected list: figures, dates, parties and sources; no sentence of the list is taken."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence_build.figures import looked_up
from evidence_build.toml_rows import toml_row
from headrace.evidence import universe
from headrace.evidence.events import read_events

JUDGEMENTS = Path(__file__).with_name("capital_events.toml")

APPROXIMATE = re.compile(
    r"day (approximate|general knowledge|is general|from the Q1|not in source|read as)|date approximate"
)
HEADER = """# A dated ledger of financings, campuses, contracts and policy; made by scripts/build_evidence.py.
#
# basis   total where left out | up_to | plan | per_year | level | charge | market_value
# group   rows that speak of the same money or power; the one with counts = true stands for all. Never add the others.
# firm = false: talks, intent, an option, a bid that failed | disputed = true: sources differ on the amount
"""


def write_capital_events(path: Path, out: Path, report: Counter[str]) -> None:
    """Write ``events.toml`` into ``out``.

    Args:
        path: ``capital_events.csv``.
        out: The folder.
        report: Counts of what was read and left out; added to.

    Raises:
        EvidenceError: A kind or party is new to the judgements, or a row breaks the schema of the ledger.
    """
    judgements = tomllib.loads(JUDGEMENTS.read_text(encoding="utf-8"))
    judged = {(row.pop("date"), row.pop("parties")): row for row in judgements["row"]}
    with path.open(encoding="utf-8", newline="") as lines:
        collected = list(csv.DictReader(lines))
    rows: list[dict[str, Any]] = []
    for row in collected:
        report["rows in: capital_events.csv"] += 1
        url = re.match(r"https?://\S+", row["source_url"])
        if url is None:
            report["left out: event whose source cannot be opened"] += 1
            continue
        rows.append(_event(row, url[0], judgements, judged.pop((row["date"], row["parties"]), {}), path.name))
    for date, parties in judged:
        looked_up({}, f"{date} {parties}", "event", JUDGEMENTS.name, "it is not in the list any more")
    text = "\n".join([HEADER, *(toml_row("event", row) for row in sorted(rows, key=lambda row: row["date"]))])
    report["rows out: events.toml"] = len(read_events(text))
    (out / "events.toml").write_text(text, encoding="utf-8")


def _event(
    row: Mapping[str, str], url: str, judgements: Mapping[str, Any], judged: Mapping[str, Any], where: str
) -> dict[str, Any]:
    kind = looked_up(judgements["kinds"], row["kind"], "kind of event", where, f"name it in {JUDGEMENTS.name}")
    given = [part.strip() for part in re.split("[;,]", row["parties"])]
    parties = list(dict.fromkeys(judgements["names"].get(name, name) for name in given))
    slugs = {entity.name: slug for slug, entity in universe.load().items()} | judgements["entities"]
    known: dict[str, Any] = {
        "date": dt.date.fromisoformat(row["date"]),
        "kind": kind,
        "parties": parties,
        "entities": [slugs[name] for name in parties if name in slugs],
        "segment": row["layer"],
    }
    if row["amount_usd_bn"]:
        known["amount_usd_bn"] = float(row["amount_usd_bn"])
    if row["capacity_gw"]:
        known["capacity_gw"] = float(row["capacity_gw"])
    if kind == "campus":
        known["basis"] = "plan"
    known |= judged
    if APPROXIMATE.search(row["note"]):
        known["day_approximate"] = True
    return known | {"quality": row["quality"], "source_url": url}
