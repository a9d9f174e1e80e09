"""Electricity and data centres: shares of load by state, what data centres used, queues of large loads, prices.

What is a range stays a range, what is a forecast or no clean figure is left out, and every figure keeps its page.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evidence_build.figures import looked_up
from headrace.evidence.providers.observations import Observation, published_by, scaled

STATE_SHARES = Path(__file__).with_name("state_load_shares.toml")

EPRI_2026 = {"dc.us_share.2025": "united_states", "dc.va_share": "virginia"}
"""Rows of the collected parameters that state a share of data centres in the year 2025, and the place."""

EPRI_2026_RELEASED = dt.date(2026, 2, 26)
LBNL_RELEASED = dt.date(2024, 12, 20)

TOPIC = "electricity"
SOURCE_OF = {
    "https://www.publicpower.org/": "lbnl_data_centres_2024",
    "https://mercomindia.com/": "lbnl_data_centres_2024",
    "https://www.latitudemedia.com/": "latitude_media_ercot",
    "https://lli-radar.pallara.xyz/": "pallara_large_loads",
    "https://www.troutman.com/": "troutman_texas",
    "https://www.pjm.com/": "pjm_auction_2028",
    "https://www.eia.gov/electricity/monthly/": "eia_electric_power_monthly",
}
"""Beginning of the address, and the id of the source record."""

PRICE = "retail price, commercial"
PRICED = {
    "Virginia": ("virginia", "electricity_price_commercial"),
    "Ohio": ("ohio", "electricity_price_commercial"),
    "Texas": ("texas", "electricity_price_commercial"),
    "US commercial": ("united_states", "electricity_price_commercial"),
    "US industrial": ("united_states", "electricity_price_industrial"),
    "US all sectors": ("united_states", "electricity_price"),
}
PRICE_MONTHS = (dt.date(2025, 7, 31), dt.date(2026, 7, 31))
USD_PER_MWH = 10.0
"""US cents per kWh times this are USD per MWh."""

DELAY_DAYS = 45
PRICE_DELAY_DAYS = 60
SEEN = dt.date(2026, 10, 5)
"""The day of the newest note that the collected figures were taken from."""


def read_load_shares(parameters: Path, report: Counter[str]) -> Iterator[Observation]:
    """Share of data centres in the electricity of states, by year.

    Args:
        parameters: ``parameters.csv``, for the release of 2026; the list of 2023 lies beside this file.
        report: Counts of what was read; added to.
    """
    for part in tomllib.loads(STATE_SHARES.read_text(encoding="utf-8"))["part"]:
        for place, share in part["share"].items():
            report["rows in: state_load_shares.toml"] += 1
            yield _share(place, part, part["concept"], share)
    with parameters.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["symbol"] not in EPRI_2026:
                continue
            report["rows in: parameters.csv (share of data centres in load)"] += 1
            part = {
                "source_id": "epri_load_2026",
                "url": row["source_url"],
                "unit": "1",
                "year": 2025,
                "filed": EPRI_2026_RELEASED,
                "quality": "B",
            }
            place, low, high = EPRI_2026[row["symbol"]], float(row["low"]), float(row["high"])
            concept = "data_centre_share_of_electricity"
            if row["symbol"] == "dc.us_share.2025":
                yield _share(place, part, f"{concept}_low", low)
                yield _share(place, part, f"{concept}_high", high)
            else:
                yield _share(place, part, concept, float(row["value"]))


def read_electricity(path: Path, report: Counter[str]) -> Iterator[Observation]:
    """Use, queues and prices of ``secondary_figures.csv`` where a row states clean figures.

    Args:
        path: The file.
        report: Counts of what was read and left out; added to.

    Raises:
        EvidenceError: A row is from a page that has no source record.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["topic"] == TOPIC]
    for row in rows:
        report["rows in: secondary_figures.csv (electricity)"] += 1
        found = list(_observed(row))
        if not found:
            report["left out: electricity row that is a forecast or an outlook"] += 1
        yield from found


def _observed(row: Mapping[str, str]) -> Iterator[Observation]:
    metric, entity = row["metric"], row["entity"]
    if metric == "electricity use (LBNL 2024)" and entity == "US data centres":
        year = int(row["period"])
        start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
        yield _one(
            row, "united_states", "data_centre_electricity_use", start, end, row["value"], "TWh", filed=LBNL_RELEASED
        )
    elif metric == "large-load interconnection queue":
        yield _one(row, "ercot", "large_load_queue", None, _day(row["period"]), row["value"], "GW")
    elif metric.startswith("large load approved"):
        approved, operating = row["value"].split(" / ")
        for concept, value in (("large_load_approved", approved), ("large_load_operating", operating)):
            yield _one(row, "ercot", concept, None, _day(row["period"]), value, "GW")
    elif metric.startswith("capacity auction clearing price"):
        day = dt.date(2026, 7, 14)
        yield _one(row, "pjm", "capacity_auction_price", day, day, row["value"], "USD per MW-day", lag=1)
    elif metric.startswith(PRICE):
        place, concept = looked_up(PRICED, entity, "place with a price", row["url_or_ref"], "name it in PRICED")
        for end, value in zip(PRICE_MONTHS, row["value"].split(" -> "), strict=True):
            price = str(scaled(float(value), USD_PER_MWH))
            yield _one(row, place, concept, end.replace(day=1), end, price, "USD per MWh", lag=PRICE_DELAY_DAYS)


def _one(
    row: Mapping[str, str],
    entity: str,
    concept: str,
    start: dt.date | None,
    end: dt.date,
    value: str,
    unit: str,
    lag: int = DELAY_DAYS,
    filed: dt.date | None = None,
) -> Observation:
    url = row["url_or_ref"]
    beginning = next((known for known in SOURCE_OF if url.startswith(known)), url)
    return Observation(
        entity=entity,
        concept=concept,
        start=start,
        end=end,
        value=float(value),
        unit=unit,
        status="estimated" if concept == "data_centre_electricity_use" else "reported",
        quality=row["quality"],
        source_id=looked_up(SOURCE_OF, beginning, "source", "secondary_figures.csv", "add it to SOURCE_OF"),
        locator=url,
        filed=filed or published_by(end, lag, SEEN),
        filed_estimated=filed is None,
    )


def _share(place: str, part: Mapping[str, Any], concept: str, share: float) -> Observation:
    return Observation(
        entity=place,
        concept=concept,
        start=dt.date(part["year"], 1, 1),
        end=dt.date(part["year"], 12, 31),
        value=share,
        unit=part["unit"],
        status="estimated",
        quality=part["quality"],
        source_id=part["source_id"],
        locator=part["url"],
        filed=part["filed"],
        filed_estimated=False,
    )


def _day(period: str) -> dt.date:
    """The day, or the last day of the month."""
    if len(period) == len("2026-07-29"):
        return dt.date.fromisoformat(period)
    year, month = (int(part) for part in period.split("-"))
    return dt.date(year, month, calendar.monthrange(year, month)[1])
