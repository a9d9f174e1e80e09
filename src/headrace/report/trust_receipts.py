"""The receipts of what the report says of its own record: each row that stands behind it, and how it is made again."""

from __future__ import annotations

from headrace._types import AloneLine, PairedForecast, Receipt, ReceiptInput, SkillLine, Trust

SKILL = "hindcast_skill"
LEAGUE = "forecast_league"
"""Keys of the receipts."""


def skill_receipt(found: Trust) -> Receipt:
    """What stands behind a ratio of scores or a share of days: every line of the table, and those that it lacks."""
    rows = (*found.losing, *found.winning)
    lacking = tuple(
        ReceiptInput(f"{series}, {horizon} ahead", "line", "not in the table", "unresolved")
        for series, horizon in found.missing
    )
    return Receipt(
        name=SKILL,
        label="Skill on past days",
        what=(
            "On the last day of every quarter headrace and every baseline forecast capital expenditure from what had "
            "been filed, announced and reported by then. A ratio is the mean CRPS of headrace over that of the "
            "baseline which turned out best; below one headrace is better. The interval is of resamples in blocks of "
            "days. The loop alone is the full loop started on the same days since 2023, which `headrace hindcast "
            "--loop` makes again. The numbers are read from the tables that ship, data/hindcast.toml and "
            "data/hindcast_loop.toml, which `make hindcast` writes."
        ),
        symbol="",
        unit="1",
        formula="mean CRPS of headrace / mean CRPS of the best baseline, same days",
        inputs=(*(_line(row) for row in rows), *lacking, *(_alone(row) for row in found.alone)),
        sources=(),
        as_known_on=f"{found.last_origin}, the last day forecast from",
        reproduce_cli="headrace hindcast",
        reproduce_python="hr.skill(hr.hindcast())",
        status="estimated",
        quality="C",
    )


def league_receipt(found: Trust) -> Receipt:
    """What stands behind the errors of forecasts: every one beside which headrace can be put, with its source."""
    return Receipt(
        name=LEAGUE,
        label="The league of forecasts",
        what=(
            "Published forecasts, and headrace as the hindcast has it for the same companies, period and day, against "
            "what was first filed. Those that name no companies, or whose period is not filed, cannot be scored."
        ),
        symbol="",
        unit="1",
        formula="mean of |log(forecast / outcome)|",
        inputs=tuple(map(_pair, found.pairs)),
        sources=(),
        as_known_on=found.published,
        reproduce_cli="headrace league",
        reproduce_python="hr.league()",
        status="estimated",
        quality="C",
    )


def _line(row: SkillLine) -> ReceiptInput:
    value = (
        f"{row.crps_ratio:.3f} [{row.crps_ratio_low:.3f} - {row.crps_ratio_high:.3f}] over {row.origins} days, "
        f"against {row.best_baseline.replace('_', ' ')}; 90 % band held on {row.coverage_90:.1%} of them"
    )
    return ReceiptInput(f"{row.series}, {row.horizon_quarters} ahead", "line", value, "estimated", "C")


def _alone(row: AloneLine) -> ReceiptInput:
    value = f"{row.share_of_filed:.3f} of what was filed, geometric mean over {row.origins} days"
    return ReceiptInput(f"the loop alone, {row.horizon_quarters} ahead", "line", value, "estimated", "C")


def _pair(one: PairedForecast) -> ReceiptInput:
    return ReceiptInput(
        name=f"{one.who}, {one.announced}: {', '.join(one.members)}, {one.period}",
        kind="fact",
        value=f"{one.forecast:g} {one.unit}, headrace {one.ours:g}, filed {one.outcome:.1f}",
        status="estimated",
        quality=one.quality,
        source_title=one.who,
        url=one.source_url,
    )
