"""The nouns that pass from the service to every face: frozen records, nothing computed.

A face (report, command line, later web and agents) shows these and only these; it never reaches behind the service
for a number. Texts are plain; whoever puts them on a page escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Interval:
    """Median and 90 % interval of one quantity over the draws; all three equal where it is a filed fact."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Figure:
    """One number with its interval, its unit and the variable that made it.

    ``text`` replaces the number where it is no number, such as a layer's name or "not by 2036".
    """

    key: str
    label: str
    median: float
    low: float
    high: float
    unit: str
    variable: str
    status: str
    quality: str = ""
    text: str = ""


@dataclass(frozen=True)
class Headline:
    """One of the five answers on top: a computed sentence and the figures in it."""

    key: str
    label: str
    sentence: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Assumption:
    """One parameter in use: its value, its basis and where it comes from."""

    name: str
    label: str
    unit: str
    basis: str
    value: str
    low: float
    median: float
    high: float
    source_id: str
    source_title: str
    locator: str
    quality: str
    reason: str


@dataclass(frozen=True)
class StartRow:
    """How one builder starts: what is filed, what it plans, what the first quarter pays, what was absorbed.

    ``statuses`` gives the status of each of the five columns by its field name.
    """

    builder: str
    filed_capex_usd_bn: Interval
    ai_share: Interval
    plan_usd_bn: Interval
    paid_usd_bn: Interval
    residual_usd_bn: Interval
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceNote:
    """One source as a reader may check it."""

    id: str
    title: str
    publisher: str = ""
    url: str = ""
    licence: str = ""
    licence_url: str = ""
    retrieved: str = ""


@dataclass(frozen=True)
class ReceiptInput:
    """One thing that a figure is made from: ``kind`` is variable, parameter or fact."""

    name: str
    kind: str
    value: str
    status: str
    quality: str = ""
    source_id: str = ""
    source_title: str = ""
    url: str = ""
    retrieved: str = ""


@dataclass(frozen=True)
class Receipt:
    """Everything one needs to check a variable or a parameter, and to make it again."""

    name: str
    label: str
    what: str
    symbol: str
    unit: str
    formula: str
    inputs: tuple[ReceiptInput, ...]
    sources: tuple[SourceNote, ...]
    as_known_on: str
    reproduce_cli: str
    reproduce_python: str
    status: str = ""
    quality: str = ""


@dataclass(frozen=True)
class Explanation:
    """What a parameter or variable is, as lines for a terminal and as a mapping for a program."""

    name: str
    lines: tuple[str, ...]
    record: Mapping[str, object]


@dataclass(frozen=True)
class Ending:
    """One cause for which worlds of a run ended: ``draws`` of them, a ``share`` of all, first and in the median when.

    The quarter named is the one in which the cause appears; the one before it is the last good one.
    """

    name: str
    text: str
    draws: int
    share: float
    first_quarter: str
    median_quarter: str


@dataclass(frozen=True)
class ScenarioCard:
    """One scenario file as a reader chooses it."""

    name: str
    title: str
    dated: str
    summary: str


@dataclass(frozen=True)
class ChangeNote:
    """One thing that a run changes against the baseline, as a reader may check it.

    ``action`` is held, multiplied or added; ``amount`` is what by, in ``unit`` unless multiplied. ``usual`` is the
    value otherwise, empty where the ``names`` that ``parameter`` stands for differ in it.
    """

    parameter: str
    names: tuple[str, ...]
    label: str
    action: str
    amount: float
    unit: str
    usual: str
    when: str
    reason: str
    history: str
    source_id: str
    source_title: str
    url: str


@dataclass(frozen=True)
class SkillLine:
    """How forecasts of one series, so many quarters ahead, compared with the baseline that turned out best.

    ``crps_ratio`` is a mean score over that baseline's [1], below 1 where headrace is better, with its 90 % interval;
    ``coverage_90`` is the share of the ``origins``, the days forecast from, on which the 90 % band held.
    """

    series: str
    label: str
    horizon_quarters: int
    origins: int
    best_baseline: str
    crps_ratio: float
    crps_ratio_low: float
    crps_ratio_high: float
    coverage_90: float


@dataclass(frozen=True)
class PairedForecast:
    """What another forecast, what headrace would have said on the same day, and what came of it [unit].

    Errors are logarithms of forecast over outcome, without sign.
    """

    who: str
    announced: str
    members: tuple[str, ...]
    period: str
    unit: str
    quality: str
    source_url: str
    forecast: float
    ours: float
    outcome: float
    error: float
    ours_error: float


@dataclass(frozen=True)
class AloneLine:
    """What the full loop, started on past days and left alone, said of the spending of the five.

    Attributes:
        horizon_quarters: Quarters ahead.
        origins: Days it was asked on whose quarter was filed.
        share_of_filed: What it said over what was filed, geometric mean of medians.
    """

    horizon_quarters: int
    origins: int
    share_of_filed: float


@dataclass(frozen=True)
class Trust:
    """How forecasts of headrace have done so far.

    Attributes:
        first_origin: ISO date, the first day of the hindcast.
        last_origin: ISO date, the last one.
        losing: Lines no better than the best baseline, worst first.
        winning: The others, worst first.
        missing: Series and quarters ahead of which the table that ships has no ratio.
        forecasts: How many published forecasts the ledger holds.
        scored: How many of them could be scored.
        pairs: Those beside which headrace can be put, the ones it loses by most first.
        own_scored: How many forecasts of our own, recorded before the fact, could be scored.
        own_open: How many of them wait for their quarter to be filed.
        published: ISO date of the last outcome.
        alone: What the full loop said of spending without errors learnt, as a run is, by quarters ahead.
    """

    first_origin: str
    last_origin: str
    losing: tuple[SkillLine, ...]
    winning: tuple[SkillLine, ...]
    missing: tuple[tuple[str, int], ...]
    forecasts: int
    scored: int
    pairs: tuple[PairedForecast, ...]
    own_scored: int
    own_open: int
    published: str
    alone: tuple[AloneLine, ...] = ()
