"""Do builders spend more where their rivals do? A specification curve of filed spending on that of rivals.

It is not an identified best response. Builders that answer one common shock and builders that answer each other leave
the same figures (the reflection problem, Manski 1993), so a slope here says what goes together and no more. Time
effects, the usual remedy, are left out: with a few builders the growth of the rivals' sum is nearly the same for all
in a period, and what a time effect leaves of it is minus the builder's own part, a slope made by arithmetic. In their
place stand the cash flow of the group and a trend, and as a placebo builders that grow each in an order of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.errors import EvidenceError, RequestError
from headrace.units import QUARTERS_PER_YEAR

FOUR = ("microsoft", "amazon", "alphabet", "meta")
FIVE = (*FOUR, "oracle")

FIRST_YEAR = 2018
"""The first calendar year of which all four have filed every quarter."""

LEVEL = 0.05
"""Of significance."""

FEWEST_PERIODS = 4
"""Of growth in a window; below it a slope has hardly a degree of freedom left."""

SHUFFLES, SEED = 99, 7

_PLACEBOS = ("permuted", "shifted")

_LAGS = {"annual": 1, "quarterly": QUARTERS_PER_YEAR}
"""Of the Newey-West errors, in periods: growth over a year overlaps for four quarters."""

Array = NDArray[np.float64]
Panel = tuple[NDArray[np.int64], Array, Array]


@dataclass(frozen=True)
class Specification:
    """One way to ask.

    Attributes:
        frequency: ``annual`` (calendar-year sums) or ``quarterly`` (growth over the same quarter of the year before).
        relation: ``growth`` on growth of the rivals' sum, or ``level`` on its lagged level and the own lagged level.
        form: ``simple`` growth or level in USD bn, or ``log``.
        builders: Four or five.
        first: First calendar year whose level is used.
        last: The last one.
        weights: ``equal``, or ``size``: own spending in the period before.
        fixed_effects: ``none`` or ``builder``.
        control: ``none``, ``cash_flow`` of the group (in the form of the spending), or ``trend``.
    """

    frequency: str
    relation: str
    form: str
    builders: int
    first: int
    last: int
    weights: str
    fixed_effects: str
    control: str

    @property
    def question(self) -> str:
        """Frequency and relation: slopes of one question may stand in one row."""
        return f"{self.frequency} {self.relation}"


@dataclass(frozen=True)
class _Data:
    """What one specification regresses: arrays (period, builder), controls (period, builder, control)."""

    own: Array
    rivals: Array
    controls: Array
    weights: Array
    periods: NDArray[np.int64]


def reactions(
    spending: xr.DataArray,
    cash_flow: xr.DataArray,
    *,
    only: Mapping[str, object] | None = None,
    permutations: int = SHUFFLES,
    seed: int = SEED,
) -> xr.Dataset:
    r"""Slopes of own spending on that of rivals over every specification, beside those on shuffled rivals.

    .. math:: g_{it} = \alpha + \beta \, g\Big(\sum_{j \ne i} c_{jt}\Big) + \gamma' z_{it} + \varepsilon_{it}

    Args:
        spending: Cash capital expenditure (quarter, builder) [USD bn/quarter], NaN where nothing was filed.
        cash_flow: Operating cash flow in the same shape [USD bn/quarter].
        only: Choices that are kept, by the name of a field of :class:`Specification`; every one when left out.
        permutations: Shuffles of each placebo, >= 19.
        seed: Of them.

    Returns:
        By specification, whose choices are coordinates: ``slope`` [1], ``standard_error``, ``t_value`` and ``p_value``
        (specification, errors: ``classical``, ``newey_west``) and ``observations``.

        Of the same in panels in which each builder grows in an order of its own: ``placebo_p_value`` (specification,
        placebo), the two-sided p of the slope by its rank among shuffles, and ``placebo_significant`` (specification,
        placebo), the share of them whose classical p is below 0.05. A ``permuted`` placebo takes growth in random
        order, a ``shifted`` one turns it in a circle and keeps what follows what. Both keep the arithmetic of sums
        that leave one out, by which classical errors are too small even among builders that ignore each other.

        ``curve`` (question, statistic), a question being a frequency and a relation: how many specifications, the share
        of positive slopes, the median slope, the shares with p below 0.05 by errors and among permuted placebos, where
        the median slope of permuted curves lies, and the two-sided p of the median slope by its rank among those of
        permuted and of shifted curves.

    Raises:
        RequestError: Fewer than two builders, too few permutations, or choices that no specification makes.
        EvidenceError: There are no figures, or too few years of them.

    Source:
        Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208-1214; Newey and West (1987), Econometrica
        55, 703-708; Manski (1993), Review of Economic Studies 60, 531-542.
    """
    names = _known_builders(spending)
    if permutations < 19:
        raise RequestError(f"permutations is {permutations}; wanted 19 or more, with which 0.05 can be told")
    panels = {kind: _panel(spending, cash_flow, names, kind) for kind in _LAGS}
    last = _last_year(panels["annual"])
    wanted = [one for one in _specifications(len(names), panels, last) if _is_wanted(one, only or {})]
    rng = np.random.default_rng(seed)
    shuffled = {
        kind: [_shuffled(panel[1], rng, permutations, how) for how in _PLACEBOS] for kind, panel in panels.items()
    }
    rows: list[dict[str, object]] = []
    slopes: dict[str, list[Array]] = {}
    for asked in wanted:
        years, spent, cash = panels[asked.frequency]
        data = _data(asked, years, spent, cash)
        if len(data.own) < FEWEST_PERIODS:
            continue
        placebos = [[_data(asked, years, one, cash) for one in some] for some in shuffled[asked.frequency]]
        row, found = _row(data, asked, placebos)
        rows.append({**asdict(asked), **row})
        slopes.setdefault(asked.question, []).append(found)
    if not rows:
        raise RequestError(f"no specification is left of those with {dict(only or {})}; wanted choices that one makes")
    return _dataset(rows, slopes)


def _shuffled(spent: Array, rng: np.random.Generator, count: int, how: str) -> list[Array]:
    """Panels in which each builder grows in an order of its own from its first level on, (period, builder) each."""
    growth = np.diff(np.log(spent), axis=0)
    places = np.arange(len(growth))[:, np.newaxis]
    panels = []
    for _ in range(count):
        if how == "permuted":
            order = rng.permuted(np.broadcast_to(places, growth.shape), axis=0)
        else:
            order = (places + rng.integers(0, len(growth), growth.shape[1])) % len(growth)
        grown = np.cumsum(np.take_along_axis(growth, order, axis=0), axis=0)
        panels.append(spent[:1] * np.exp(np.vstack([np.zeros((1, growth.shape[1])), grown])))
    return panels


def _known_builders(spending: xr.DataArray) -> list[str]:
    there = [str(name) for name in spending["builder"].values]
    names = [name for name in FIVE if name in there]
    if len(names) < 2:
        raise RequestError(
            f"builders are {', '.join(there) or 'none'}; wanted two or more of {', '.join(FIVE)}: one has no rival"
        )
    if not np.isfinite(spending.sel(builder=names).values).any():
        raise EvidenceError("the panel holds no figure of capital expenditure; wanted that of hr.history()")
    return names


def _panel(spending: xr.DataArray, cash_flow: xr.DataArray, names: Sequence[str], kind: str) -> Panel:
    """Calendar year of each period from FIRST_YEAR on, spending and cash flow (period, builder) [USD bn]."""
    quarters = [str(quarter) for quarter in spending["quarter"].values]
    years = np.array([int(quarter[:4]) for quarter in quarters])
    values = [
        np.asarray(one.sel(builder=list(names)).transpose("quarter", "builder").values, dtype=np.float64)
        for one in (spending, cash_flow)
    ]
    if kind == "quarterly":
        return _complete(years[years >= FIRST_YEAR], *(one[years >= FIRST_YEAR] for one in values))
    whole = np.array([year for year in np.unique(years) if year >= FIRST_YEAR and (years == year).sum() == 4], int)
    sums = [np.array([one[years == year].sum(axis=0) for year in whole]).reshape(-1, len(names)) for one in values]
    return _complete(whole, *sums)


def _complete(years: NDArray[np.int64], spent: Array, cash: Array) -> Panel:
    """The periods that all builders have filed.

    Raises:
        EvidenceError: One in between is missing, so that growth over it is not known.
    """
    known = np.flatnonzero(np.isfinite(spent).all(axis=1))
    if len(known) and known[-1] - known[0] + 1 > len(known):
        raise EvidenceError(
            f"capital expenditure has a gap between {years[known[0]]} and {years[known[-1]]}: a period that not all "
            "builders have filed; wanted consecutive periods, as hr.history() has them"
        )
    return years[known], spent[known], cash[known]


def _last_year(annual: Panel) -> int:
    complete = [int(year) for year in annual[0]]
    if len(complete) <= FEWEST_PERIODS:
        raise EvidenceError(
            f"{len(complete)} whole calendar years from {FIRST_YEAR} on are filed by all builders; wanted "
            f"{FEWEST_PERIODS + 1} or more, so that {FEWEST_PERIODS} of growth are there: choose a later as_of"
        )
    return complete[-1]


def _is_wanted(one: Specification, only: Mapping[str, object]) -> bool:
    return all(asdict(one).get(name) == value for name, value in only.items())


def _specifications(builders: int, panels: Mapping[str, Panel], last: int) -> list[Specification]:
    """Every combination of choices; quarters go on to the last that everyone has filed, years to the last whole one."""
    ends = {"annual": last, "quarterly": int(panels["quarterly"][0].max())}
    return [one for kind, end in ends.items() for one in _of_frequency(kind, builders, end)]


def _of_frequency(kind: str, builders: int, last: int) -> list[Specification]:
    windows = dict.fromkeys([(FIRST_YEAR, last), (FIRST_YEAR, min(FIRST_YEAR + 4, last)), (last - 5, last)])
    choices = product(
        ("growth", "level"),
        ("simple", "log"),
        sorted({min(len(FOUR), builders), builders}),
        [window for window in windows if window[0] >= FIRST_YEAR],
        ("equal", "size"),
        ("none", "builder"),
        ("none", "cash_flow", "trend"),
    )
    return [
        Specification(kind, relation, form, count, window[0], window[1], *rest)
        for relation, form, count, window, *rest in choices
    ]


def _data(asked: Specification, years: NDArray[np.int64], spent: Array, cash: Array) -> _Data:
    inside = (years >= asked.first) & (years <= asked.last)
    own, flow = spent[inside][:, : asked.builders], cash[inside][:, : asked.builders]
    rivals = own.sum(axis=1, keepdims=True) - own
    group = np.broadcast_to(flow.sum(axis=1, keepdims=True), own.shape)
    step = QUARTERS_PER_YEAR if asked.frequency == "quarterly" and asked.relation == "growth" else 1

    def seen(values: Array) -> Array:
        if asked.relation == "growth":
            ratio = values[step:] / values[:-step]
            return np.log(ratio) if asked.form == "log" else ratio - 1
        return (np.log(values) if asked.form == "log" else values)[1:]

    def before(values: Array) -> Array:
        return (np.log(values) if asked.form == "log" else values)[:-1]

    level = asked.relation == "level"
    outcome, regressor = seen(own), before(rivals) if level else seen(rivals)
    controls = [before(own)] if level else []
    if asked.control == "cash_flow":
        controls.append(seen(group))
    elif asked.control == "trend":
        controls.append(np.broadcast_to(np.arange(len(outcome))[:, np.newaxis].astype(float), outcome.shape))
    if asked.fixed_effects == "builder":
        controls += [np.broadcast_to(one, outcome.shape) for one in np.eye(asked.builders)[1:]]
    stacked = np.stack(controls, axis=2) if controls else np.empty((*outcome.shape, 0))
    weights = own[:-step] if asked.weights == "size" else np.ones_like(outcome)
    known = np.isfinite(np.concatenate([outcome[..., None], regressor[..., None], stacked], axis=2)).all(axis=(1, 2))
    periods = np.flatnonzero(inside)[step:][known]
    return _Data(outcome[known], regressor[known], stacked[known], weights[known], periods)


def _row(data: _Data, asked: Specification, placebos: Sequence[Sequence[_Data]]) -> tuple[dict[str, object], Array]:
    """What one specification finds, and the slopes of its placebos, (placebo, shuffle)."""
    import statsmodels.api as sm

    periods, builders = data.own.shape
    by_builder = [np.moveaxis(part, 0, 1).reshape(periods * builders, -1) for part in (data.own, data.rivals)]
    controls = np.moveaxis(data.controls, 0, 1).reshape(periods * builders, -1)
    design = np.column_stack([by_builder[1], np.ones(periods * builders), controls])
    weights = data.weights.T.ravel()
    model = sm.WLS(by_builder[0][:, 0], design, weights=weights)
    who = np.repeat(np.arange(builders), periods)
    robust = {"groups": who, "maxlags": min(_LAGS[asked.frequency], periods - 1)}
    fits = (model.fit(), model.fit(cov_type="hac-panel", cov_kwds=robust, use_t=True))
    slope = float(fits[0].params[0])
    found = [_plain_slopes(some) for some in placebos]
    return {
        "slope": slope,
        "standard_error": [float(fit.bse[0]) for fit in fits],
        "t_value": [float(fit.tvalues[0]) for fit in fits],
        "p_value": [float(fit.pvalues[0]) for fit in fits],
        "observations": periods * builders,
        "placebo_p_value": [_p_value(slopes, slope) for slopes, _ in found],
        "placebo_significant": [float((p < LEVEL).mean()) for _, p in found],
    }, np.array([one for one, _ in found])


def _plain_slopes(some: Sequence[_Data]) -> tuple[Array, Array]:
    """Slope and classical p in each panel, after the controls (Frisch, Waugh, Lovell)."""
    from scipy.stats import t as student

    slopes, ratios, freedom = [], [], 1
    for data in some:
        count = data.own.size
        root = np.sqrt(data.weights).reshape(count)
        controls = np.column_stack([np.ones(count), data.controls.reshape(count, -1)]) * root[:, np.newaxis]
        span, _ = np.linalg.qr(controls)
        both = np.column_stack([data.rivals.reshape(count), data.own.reshape(count)]) * root[:, np.newaxis]
        left, outcome = (both - span @ (span.T @ both)).T
        slope = float(left @ outcome / (left @ left))
        freedom = count - span.shape[1] - 1
        slopes.append(slope)
        ratios.append(slope / np.sqrt(((outcome - left * slope) ** 2).sum() / freedom / (left @ left)))
    return np.array(slopes), 2 * student.sf(np.abs(ratios), freedom)


def _dataset(rows: Sequence[Mapping[str, object]], placebos: Mapping[str, Sequence[Array]]) -> xr.Dataset:
    choices = list(Specification.__dataclass_fields__)
    dims = {
        "standard_error": "errors",
        "t_value": "errors",
        "p_value": "errors",
        "placebo_p_value": "placebo",
        "placebo_significant": "placebo",
    }
    measured = [name for name in rows[0] if name not in choices]
    told = {"units": "1", "status": "derived", "quality": "A"}
    found = xr.Dataset(
        {
            name: (
                ("specification", dims[name]) if name in dims else "specification",
                [row[name] for row in rows],
                told,
            )
            for name in measured
        },
        {
            "specification": np.arange(len(rows)),
            **{name: ("specification", [row[name] for row in rows]) for name in choices},
            "errors": ["classical", "newey_west"],
            "placebo": list(_PLACEBOS),
        },
    )
    asked = np.array([f"{row['frequency']} {row['relation']}" for row in rows])
    statistics = {one: _curve(found.isel(specification=asked == one), slopes) for one, slopes in placebos.items()}
    found["curve"] = (
        ("question", "statistic"),
        [list(one.values()) for one in statistics.values()],
        told,
    )
    return found.assign_coords(question=list(statistics), statistic=list(next(iter(statistics.values())))).assign_attrs(
        title="Spending of builders on that of their rivals",
        what="Slopes of a builder's capital expenditure on that of its rivals, as filed. Not an identified best "
        "response: a common shock and an answer to rivals leave the same figures (the reflection problem, Manski "
        "1993).",
        formula="own growth = a + slope × growth of the rivals' sum + controls; own level = a + slope × lagged level "
        "of the rivals' sum + b × own lagged level + controls",
    )


def _curve(found: xr.Dataset, placebos: Sequence[Array]) -> dict[str, float]:
    slope, p_value = found["slope"].values, found["p_value"]
    median = float(np.median(slope))
    permuted, shifted = np.median(np.array(placebos), axis=0)
    return {
        "specifications": float(len(slope)),
        "positive": float((slope > 0).mean()),
        "median_slope": median,
        "significant_classical": float((p_value.sel(errors="classical") < LEVEL).mean()),
        "significant_newey_west": float((p_value.sel(errors="newey_west") < LEVEL).mean()),
        "placebo_significant_classical": float(found["placebo_significant"].sel(placebo="permuted").mean()),
        "placebo_median_low": float(np.quantile(permuted, 0.05)),
        "placebo_median_high": float(np.quantile(permuted, 0.95)),
        "p_value_permuted": _p_value(permuted, median),
        "p_value_shifted": _p_value(shifted, median),
    }


def _p_value(slopes: Array, filed: float) -> float:
    """Two-sided, by rank, for a placebo need not lie around zero; what was filed is one of the orders."""
    above, below = (slopes >= filed).sum(), (slopes <= filed).sum()
    return float(min(1, 2 * (1 + min(above, below)) / (1 + len(slopes))))
