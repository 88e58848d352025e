"""What effects of a dynamic panel come to over several waves.

A model of y alone does not say how x reacts to y, so that x of later waves is held: of a unit more
of x in the first wave y has β more in the second, and the part ρ of it in each further one; of a
unit more of y, ρ, then ρ² and so on.  These are the responses of two series of which x depends on
nothing.  Of x that stays a unit higher y comes to be β / (1 − ρ) higher in the long run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Row, Table
from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.resample import percentile_interval
from dyadkit.panel.dynamic.dynamic_found import Dynamic
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.drawn_effects import EffectDraws, effect_draws
from dyadkit.panel.implied.over_waves import responses_found
from dyadkit.panel.implied.responses_shown import response_rows
from dyadkit.panel.implied.responses_tables import responses_plot, responses_table
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.shown import Shown
from dyadkit.results import Note


@dataclass(frozen=True, slots=True)
class LongRun:
    """What a lasting unit more of x comes to."""

    estimate: float
    std_error: float
    interval: tuple[float, float]


def long_run_of(rho: FloatArray, beta: FloatArray, confidence: float) -> LongRun | None:
    """Return the long-run effect; none where y may not return to a usual level.

    Parameters
    ----------
    rho, beta : ndarray, shape (1 + draws,)
        Of the estimates first, then of each draw, NaN in one that failed.
    confidence : float
        Also of the interval of ρ, which must lie between -1 and 1.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> drawn = 0.02 * rng.normal(size=(2, 1001))
    >>> drawn[:, 0] = 0.0
    >>> found = long_run_of(0.5 + drawn[0], 0.2 + drawn[1], 0.95)
    >>> round(found.estimate, 3)
    0.4
    >>> long_run_of(0.98 + drawn[0], 0.2 + drawn[1], 0.95) is None
    True
    """
    low, high = percentile_interval(rho[1:], confidence)
    if not (low > -1.0 and high < 1.0 and abs(rho[0]) < 1.0):
        return None
    # In the few draws from 1 on there is no limit, and effects are larger than any other.
    limit = np.where(rho < 1.0, beta / (1.0 - rho), np.copysign(np.inf, beta))
    limit[np.isnan(rho)] = np.nan
    # The spread of ratios may be without bound, so that the standard error is the delta method's.
    slope = np.array([beta[0] / (1.0 - rho[0]) ** 2, 1.0 / (1.0 - rho[0])])
    drawn = np.array([rho[1:], beta[1:]])
    covariance = np.cov(drawn[:, np.isfinite(drawn).all(axis=0)])
    error = float(np.sqrt(slope @ covariance @ slope))
    return LongRun(float(limit[0]), error, percentile_interval(limit[1:], confidence))


def show_dynamic_responses(found: Dynamic, shown: Shown, hidden: frozenset[str]) -> None:
    """Add what effects come to over several waves.

    Raises
    ------
    FitError
        When too many bootstrap samples do not converge.
    """
    request = found.request
    panel = Panel(
        series=(found.x, found.y),
        waves=found.waves,
        kind="dynamic_panel",
        equal=not found.form.by_wave,
        models=(),
        other=None,
        confidence=request.confidence,
        estimator=request.estimator,
    )
    (draws,) = effect_draws(request, panel, found.models[-1].fit)
    responses = list(responses_found(panel, draws))
    long_run = _long_run(panel, draws)
    table = responses_table(panel, responses, draws.brief)
    shown.rows += [*response_rows(panel, responses), *_long_run_rows(found, long_run)]
    shown.tables.append(_with_long_run(table, found, long_run))
    shown.figures += responses_plot(panel, responses, hidden)
    shown.sentences += _sentences(found, long_run)
    shown.methods.append(draws.methods(request.confidence))
    if long_run is not None:
        shown.methods.append(
            f"The long-run effect of {found.x.label} is its effect on the next wave, divided by 1 "
            f"less that of {found.y.label} on itself."
        )
    shown.notes += [*draws.notes(), *_notes(found, long_run)]


def _long_run(panel: Panel, draws: EffectDraws) -> LongRun | None:
    if not panel.equal:
        return None
    rho, beta = draws.first[:, 0, 1, 1], draws.first[:, 0, 1, 0]
    return long_run_of(rho, beta, panel.confidence)


def _long_run_rows(found: Dynamic, long_run: LongRun | None) -> Iterator[dict[str, Any]]:
    if long_run is not None:
        yield {
            "term": f"long run: {found.x.name} -> {found.y.name}",
            "quantity": "long-run effect",
            "estimate": long_run.estimate,
            "std_error": long_run.std_error,
            "conf_low": long_run.interval[0],
            "conf_high": long_run.interval[1],
        }


def _with_long_run(table: Table, found: Dynamic, long_run: LongRun | None) -> Table:
    if long_run is None:
        return table
    values = (long_run.estimate, long_run.std_error, long_run.interval)
    cells = (Cell(found.x.label), Cell("Long run"), *(Cell(value, KEY) for value in values))
    words = f"On {found.y.label}, of {found.x.label} that stays higher"
    heading = Row((Cell(words),), heading=True)
    return replace(table, rows=(*table.rows, heading, Row((*cells, Cell("")))))


def _sentences(found: Dynamic, long_run: LongRun | None) -> Iterator[Sentence]:
    if long_run is None:
        return
    x, y = found.x.label, found.y.label
    low, high = long_run.interval
    if low <= 0.0 <= high:
        text = f"No effect of {x} on {y} in the long run was shown within {found.within}"
    else:
        higher = "higher" if long_run.estimate > 0 else "lower"
        text = (
            f"Within {found.within}, {x} that stays one unit above its usual level would go with "
            f"{higher} {y} in the long run"
        )
    yield Sentence(
        f"{text} (long-run effect = {{effect}}, {{interval}}).",
        {
            "effect": Cell(long_run.estimate, KEY, "statistic"),
            "interval": Cell(long_run.interval, KEY, "interval"),
        },
    )


def _notes(found: Dynamic, long_run: LongRun | None) -> Iterator[Note]:
    x, y = found.x.label, found.y.label
    yield Note(
        f"Responses over several waves are those of {y} with {x} of later waves held: it may "
        f"follow from earlier {x} and {y}, but the model does not say how. What {x} does to {y} "
        f"two waves later or more goes by way of {y} in between, and of nothing else."
    )
    if long_run is not None:
        yield Note(
            "The long run goes beyond the waves: it rests on effects that stay as they are "
            f"between these, and on {x} that stays where it is whatever {y} does."
        )
    elif not found.form.by_wave:
        yield Note(
            f"The effect of {x} in the long run is left out: that {y} returns to a usual level was "
            "not shown, since the interval of its effect on itself does not lie between −1 and 1.",
            "info",
            KEY,
        )
