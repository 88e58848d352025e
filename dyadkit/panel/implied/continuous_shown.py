"""What a report shows of a panel as a process in continuous time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from dyadkit.display.figures import Line, LinePlot
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import Refused
from dyadkit.estimation.arrays import FloatArray
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.drawn_effects import EffectDraws, spread_of
from dyadkit.panel.implied.drift import STEPS, Drift, drift_of, has_logarithm, peak_of
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.request import Request
from dyadkit.panel.series import Series
from dyadkit.panel.shown import Shown
from dyadkit.results import Note

_LAGS = 3
_MANY = 0.05
_NONE = (
    "no process of first order in continuous time gives these effects, whose matrix has an "
    "eigenvalue that is not above zero"
)


@dataclass(frozen=True, slots=True, eq=False)
class _Rate:
    """An effect in continuous time: its rate, and the lag at which it is strongest."""

    source: Series
    target: Series
    estimate: float
    std_error: float
    interval: tuple[float, float]
    peak: float

    @property
    def crossed(self) -> bool:
        return self.source is not self.target


def lag_of(request: Request) -> float:
    """Return how far waves are apart, where they are those of one process in equal steps.

    Raises
    ------
    Refused
        When there is one wave, times are not known or not equally far apart, effects differ between
        waves, or there are effects over two waves.
    """
    if len(request.waves) < 2:
        raise Refused(
            "continuous_time: rates are those of change from wave to wave, and there is one wave. "
            "Leave it out."
        )
    gaps, reason = request.gaps, ""
    if gaps is None:
        reason = "and the study does not say it. Say when each wave was (time = …)"
    elif request.lags_differ:
        reason = "but they differ here. Name waves that are equally far apart (waves = …)"
    if gaps is None or reason:
        raise Refused(
            "continuous_time: effects are made rates by the time between waves, which must be the "
            f"same for all, {reason}, or leave continuous_time out."
        )
    if request.second_order:
        raise Refused(
            "continuous_time: a process of first order has no effects over two waves beside those "
            "from wave to wave. Leave second_order out, or continuous_time."
        )
    if not request.equal_lags and len(request.waves) > 2:
        raise Refused(
            "continuous_time: one process has the same effects between all waves. Set "
            "equal_lags = true; the models compared without it tell whether that fits."
        )
    return float(gaps[0])


def show_continuous_time(
    request: Request, panel: Panel, draws: EffectDraws, lag: float, shown: Shown
) -> None:
    """Add rates of change, and effects by the length of the lag; waves are `lag` apart.

    Raises
    ------
    Refused
        When the estimates, or most of the draws, are those of no process.
    """
    if not has_logarithm(draws.first[:1, 0])[0]:
        raise Refused(f"continuous_time: {_NONE}. Leave it out: effects hold for the lag studied.")
    drift = drift_of(draws.first[:, 0], lag)
    usable = np.isfinite(draws.first[1:, 0]).all(axis=(-2, -1))
    n_usable, n_none = int(usable.sum()), int((usable & ~drift.real[1:]).sum())
    if 2 * n_none > n_usable:
        raise Refused(
            f"continuous_time: for most of the {n_usable:,} draws {_NONE}, so that rates have no "
            "interval. Leave it out, or take more dyads."
        )
    rates = list(_rates(panel, drift, lag))
    shown.rows += [_row(rate) for rate in rates]
    shown.tables.append(_table(request, panel, rates, draws.brief))
    shown.figures.append(_figure(request, panel, draws, drift, lag))
    shown.sentences += _sentences(request, panel, rates)
    shown.methods.append(
        "Effects were re-expressed in continuous time by the principal logarithm of their matrix "
        "(Oud & Jansen, 2000; Voelkle, Oud, Davidov, & Schmidt, 2012)."
    )
    shown.notes += _notes(request, drift, n_none, n_usable, lag)


def _rates(panel: Panel, drift: Drift, lag: float) -> Iterator[_Rate]:
    error, low, high = spread_of(drift.rate[1:], panel.confidence)
    rate = drift.rate[0]
    for target in panel.targets:
        i = panel.series.index(target)
        for j, source in enumerate(panel.series):
            yield _Rate(
                source,
                target,
                float(rate[i, j]),
                float(error[i, j]),
                (float(low[i, j]), float(high[i, j])),
                float("nan") if i == j else peak_of(rate, i, j, _LAGS * lag),
            )


def _row(rate: _Rate) -> dict[str, Any]:
    return {
        "term": f"drift: {rate.source.name} -> {rate.target.name}",
        "quantity": "drift",
        "estimate": rate.estimate,
        "std_error": rate.std_error,
        "conf_low": rate.interval[0],
        "conf_high": rate.interval[1],
        "peak_lag": rate.peak,
    }


def _table(request: Request, panel: Panel, rates: list[_Rate], intervals: str) -> Table:
    unit, percent = request.time_unit, f"{100 * panel.confidence:g} % CI"
    crossed = any(rate.crossed for rate in rates)
    rows: list[Row] = []
    for target in panel.series:
        rows.append(Row((Cell(f"On {target.label}"),), heading=True))
        for rate in rates:
            if rate.target is target:
                values = (rate.estimate, rate.std_error, rate.interval)
                cells = [Cell(value, KEY) for value in values]
                if crossed:
                    cells.append(Cell(rate.peak, KEY) if rate.crossed else Cell(""))
                rows.append(Row((Cell(rate.source.label), *cells)))
    return Table(
        name="drift",
        title=f"Continuous time: rates of change per {unit}",
        columns=(
            Column("source", "Effect of"),
            Column("estimate", "Drift", "statistic_3"),
            Column("std_error", "SE", "statistic_3"),
            Column("interval", percent, "statistic_3_interval"),
            *([Column("peak", f"Strongest after ({unit}s)", "statistic")] if crossed else []),
        ),
        rows=tuple(rows),
        notes=(
            panel.about
            + "A series' drift on itself is below 0 where it returns to its level. "
            + f"A dash: the effect still grows after {_LAGS} lags. " * crossed
            + intervals,
        ),
    )


def _figure(
    request: Request, panel: Panel, draws: EffectDraws, drift: Drift, lag: float
) -> LinePlot:
    """Draw effects by the length of the lag, in standard deviations of the first wave."""
    sd = draws.deviations[0]
    scale = sd / sd[:, None] if np.isfinite(sd).all() else np.ones((sd.size, sd.size))
    estimate, low, high = (each * scale for each in _by_lag(drift, panel.confidence))
    x = tuple(np.linspace(0.0, _LAGS * lag, _LAGS * STEPS + 1).tolist())
    lines = [
        Line(
            source.label,
            x,
            tuple(estimate[:, i, j].tolist()),
            KEY,
            tuple(low[:, i, j].tolist()),
            tuple(high[:, i, j].tolist()),
            panel=f"On {target.label}",
        )
        for i, target in enumerate(panel.series)
        for j, source in enumerate(panel.series)
    ]
    percent = f"{100 * panel.confidence:g} %"
    in_sds = "Standardised in the first wave, whose standard deviations are taken as known. "
    return LinePlot(
        name="continuous_time",
        title="Effects by the length of the lag",
        alt=f"Effects by the length of the lag, from none to {_LAGS} times that studied, with "
        f"{percent} bands.",
        x_axis=f"Lag ({request.time_unit}s)",
        y_axis="Effect",
        lines=tuple(lines),
        x_style="statistic_1",
        reference=0.0,
        caption=panel.about
        + in_sds * bool(np.isfinite(sd).all())
        + f"Waves were {_told(lag, request)} apart; other lags rest on the model. Bands are "
        f"{percent} intervals.",
    )


def _by_lag(drift: Drift, confidence: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return effects over lags from none upwards, and their intervals, shapes (lags, k, k)."""
    now = np.broadcast_to(np.eye(drift.step.shape[-1]), drift.step.shape)
    found = [(now[0], now[0], now[0])]
    for _ in range(_LAGS * STEPS):
        now = now @ drift.step
        _, low, high = spread_of(now[1:], confidence)
        found.append((now[0], low, high))
    estimate, low, high = (np.array(each) for each in zip(*found, strict=True))
    return estimate, low, high


def _sentences(request: Request, panel: Panel, rates: list[_Rate]) -> Iterator[Sentence]:
    if len(panel.series) > 3:
        return
    within = f"within {panel.within} " * panel.intercepts
    whose, its = ("the dyad's ", "its ") if panel.kind == "common_fate" else ("", "")
    for rate in rates:
        clear = rate.interval[0] > 0 or rate.interval[1] < 0
        if rate.crossed and clear and not isnan(rate.peak):
            yield Sentence(
                f"As a process in continuous time, {within}the effect of {whose}"
                f"{rate.source.label} on {its}later {rate.target.label} was strongest over a lag "
                f"of {{peak}} {request.time_unit}s (drift = {{drift}}, {{interval}}).",
                {
                    "peak": Cell(rate.peak, KEY, "statistic"),
                    "drift": Cell(rate.estimate, KEY, "statistic_3"),
                    "interval": Cell(rate.interval, KEY, "statistic_3_interval"),
                },
            )


def _told(lag: float, request: Request) -> str:
    return f"{lag:g} {request.time_unit}" + "s" * bool(lag != 1.0)


def _notes(
    request: Request, drift: Drift, n_none: int, n_usable: int, lag: float
) -> Iterator[Note]:
    yield Note(
        "Continuous time rests on one process that runs all the time, alike before, between and "
        f"after the waves; effects over lags other than {_told(lag, request)} were not "
        "studied but follow from it."
    )
    if n_none:
        yield Note(
            f"In {n_none:,} of {n_usable:,} draws effects were those of no process in continuous "
            "time; intervals of rates and by lag leave these out.",
            "warning" if n_none > _MANY * n_usable else "info",
            KEY,
        )
    if np.linalg.eigvals(drift.rate[0]).real.max() >= 0.0:
        yield Note(
            "The process in continuous time does not return to its level: its effects grow with "
            "the lag, and say nothing of longer ones.",
            "warning",
            KEY,
        )
