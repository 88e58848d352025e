"""Trajectories: the means of series wave by wave, as they were observed and as a model has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from dyadkit.answers.sample import BoolArray
from dyadkit.display.figures import Line, LinePlot, Point
from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.estimates import KEY
from dyadkit.panel.request import Request
from dyadkit.panel.series import Series
from dyadkit.sem.implied import jacobian


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """The means of a series in each wave; arrays are of shape (waves,).

    Attributes
    ----------
    series : Series
    label : str
        What a reader sees, with the group.
    group : str
        Empty where there are none.
    n : ndarray of int
        Who answered.
    observed, observed_low, observed_high : ndarray
        Means of those who answered, with intervals by Student's t.
    implied, std_error, implied_low, implied_high : ndarray
        Means of the model, with normal intervals by the delta method.
    """

    series: Series
    label: str
    group: str
    n: np.ndarray
    observed: FloatArray
    observed_low: FloatArray
    observed_high: FloatArray
    implied: FloatArray
    std_error: FloatArray
    implied_low: FloatArray
    implied_high: FloatArray


def implied_means(fit: SemFit) -> tuple[dict[str, int], FloatArray, FloatArray]:
    """Return the means that a model implies, with standard errors by the delta method.

    Returns
    -------
    columns : dict
        Where each observed variable stands.
    means, std_errors : ndarray, shape (groups, variables)
        Groups in the order of ``fit.setup.labels``.
    """
    solution = fit.solution
    means = solution.implied.mu[0]
    size = means.shape[1]
    # The derivatives of means come after those of covariances.
    slopes = jacobian(solution.objective.structure, solution.implied)[0][:, -size:]
    variances = np.einsum("gpq,qr,gpr->gp", slopes, solution.covariance, slopes)
    columns = {name: place for place, name in enumerate(solution.table.observed)}
    return columns, means, np.sqrt(np.maximum(variances, 0.0))


def trajectories_of(
    request: Request,
    fit: SemFit,
    series: Sequence[Series],
    groups: Mapping[str, BoolArray] | None = None,
) -> tuple[Trajectory, ...]:
    """Return observed and implied means of series.

    Parameters
    ----------
    request : Request
    fit : SemFit
        A model of the request's series.
    series : sequence of Series
    groups : mapping, optional
        By the label of a group in `fit` its rows of `DyadFrame.wide`; by default all rows.

    Returns
    -------
    tuple of Trajectory
        Series by series, group by group.
    """
    wide = request.dyads.wide()
    columns, means, errors = implied_means(fit)
    every = groups or {"": np.ones(len(wide), dtype=bool)}
    upper = 0.5 + request.confidence / 2.0
    found = []
    for one in series:
        seen = list(request.measurement.units(one))
        at = [columns[column] for column in seen]
        for label, rows in every.items():
            scores = wide.loc[rows, seen].to_numpy(dtype=float)
            n = np.isfinite(scores).sum(axis=0)
            observed = np.nanmean(scores, axis=0)
            reach = stdtrit(n - 1, upper) * np.nanstd(scores, axis=0, ddof=1) / np.sqrt(n)
            place = fit.setup.labels.index(label) if label else 0
            implied, error = means[place, at], errors[place, at]
            found.append(
                Trajectory(
                    one,
                    f"{one.label} ({label})" if label else one.label,
                    label,
                    n,
                    observed,
                    observed - reach,
                    observed + reach,
                    implied,
                    error,
                    implied - ndtri(upper) * error,
                    implied + ndtri(upper) * error,
                )
            )
    return tuple(found)


def trajectory_plot(
    request: Request,
    trajectories: Sequence[Trajectory],
    *,
    what: str = "Mean",
    name: str = "trajectories",
) -> LinePlot:
    """Draw observed means as points and those of a model as lines, with their intervals.

    Parameters
    ----------
    request : Request
        Which says when the waves were.
    trajectories : sequence of Trajectory
    what : str
        The name of the vertical axis.
    name : str
        Of the figure.
    """
    waves, items = request.wave_labels, request.indicators == "items"
    if request.times is None:
        times, axis = np.arange(len(waves), dtype=float), f"Waves since {waves[0]}"
    else:
        times = request.times - request.times[0]
        axis = f"{request.time_unit.capitalize()}s since {waves[0]}"
    percent = f"{100 * request.confidence:g} %"
    lines, points = [], []
    for one in trajectories:
        lines.append(
            Line(
                one.label,
                tuple(times.tolist()),
                tuple(one.implied.tolist()),
                KEY,
                tuple(one.implied_low.tolist()),
                tuple(one.implied_high.tolist()),
            )
        )
        for wave, time in enumerate(times.tolist()):
            y, low, high = (
                float(part[wave]) for part in (one.observed, one.observed_low, one.observed_high)
            )
            points.append(Point(one.label, time, y, low, high, KEY))
    return LinePlot(
        name=name,
        title="Observed and implied means" + (f": {what}" if what != "Mean" else ""),
        alt="Means of each wave: points with intervals as observed, lines with bands as the model "
        "has them, as in the table of waves.",
        x_axis=axis,
        y_axis=what,
        lines=tuple(lines),
        points=tuple(points),
        caption=f"Points: means of those who answered, with {percent} CI. Lines: means of the "
        f"model, with {percent} bands; where answers are missing the two may differ."
        + " Means are those of the first item, whose units the latent variable has."
        * items,
    )


def trajectory_plots(
    request: Request,
    fit: SemFit,
    series: Sequence[Series],
    groups: Mapping[str, BoolArray] | None = None,
) -> Iterator[LinePlot]:
    """Draw the means of each variable, whose scales differ, on a plot of its own.

    The arguments are those of `trajectories_of`.
    """
    for name in dict.fromkeys(one.variable for one in series):
        own = [one for one in series if one.variable == name]
        found = trajectories_of(request, fit, own, groups)
        yield trajectory_plot(request, found, what=own[0].short, name=f"trajectories_{name}")
