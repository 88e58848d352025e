"""Figures of agreement, in which dyads are counted and none is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.agreement.chance_pairs import chance_shares
from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.limits import Limits
from dyadkit.agreement.pseudo_pairs import PseudoCouples
from dyadkit.answers.sample import Sample
from dyadkit.display.agreement_figures import (
    Bar,
    Bin,
    DistributionPlot,
    Level,
    LimitsPlot,
    Mark,
    Reference,
    Slope,
)
from dyadkit.display.binning import GridCell, bin_counts, grid_counts
from dyadkit.display.labels import wave_label
from dyadkit.display.tables import Cell
from dyadkit.estimation.arrays import BoolArray, FloatArray

# Columns and rows of the limits plot, the finest first; an odd number of rows has one about 0.
_GRIDS = ((14, 21), (12, 17), (10, 13), (8, 11), (6, 9), (5, 7))
_LEFT_OUT = 0.2
_STEPS = 12
_FINEST = 200
# Standard deviations about the mean that an axis shows where the scale has no range.
_SPREAD = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Similarity of the answer patterns of each dyad, and of pairs at random."""

    comparison: Comparison
    similarity: FloatArray
    found: PseudoCouples


def smallest_bin(sample: Sample, slots: BoolArray) -> int:
    """Return how many dyads a bin needs so that enough of them and of their persons are in it.

    With at most m dyads to a person, m times the minimum of persons cannot be fewer persons.
    """
    privacy = sample.dyads.privacy
    shared = [int(np.bincount(side).max(initial=1)) for side in sample.people[slots].T]
    return max(privacy.minimum_dyads, privacy.minimum_persons * max(shared, default=1))


def limits_plot(
    sample: Sample, found: Sequence[tuple[Comparison, Limits]], hidden: frozenset[str]
) -> LimitsPlot | None:
    """Show differences over means in all waves of one subject."""
    subject = found[0][0].subject
    drawn = [(c, limits) for c, limits in found if not c.level]
    # What is hidden may not stretch an axis either.
    seen = [(c, limits) for c, limits in drawn if c.key not in hidden]
    if not drawn:
        return None
    low, high = _range_of([side for c, _ in seen for side in c.ratings], subject.first.range)
    reach = _reach(sample, seen, high - low)
    y_limits = (-reach, reach) if subject.roles else (0.0, reach)
    bins: list[Bin] = []
    levels: list[Level] = []
    slopes: list[Slope] = []
    counted, left_out = _counted(sample, drawn, (low, high), y_limits)
    for (comparison, limits), cells in zip(drawn, counted, strict=True):
        panel, key = wave_label(comparison.wave), comparison.key
        first, second = comparison.ratings
        bins += [
            Bin(cell.x_low, cell.x_high, cell.y_low, cell.y_high, Cell(cell.count, key), panel)
            for cell in cells
        ]
        levels += _levels(comparison, limits, panel)
        if subject.roles and np.isfinite(limits.slope):
            middle = float((first + second).mean()) / 2.0
            ends = [limits.estimate + limits.slope * (x - middle) for x in (low, high)]
            slopes.append(Slope(low, ends[0], high, ends[1], key, "Trend", panel))
    one, other = (side.lower() for side in subject.sides)
    return LimitsPlot(
        name=f"limits_{subject.name}",
        title=f"Limits of agreement: {subject.label}",
        alt=(
            "Differences between the two members over the means of their answers, as counts of "
            "dyads in squares, with bias and limits of agreement."
        ),
        x_axis="Mean of both",
        y_axis=f"{one.capitalize()} − {other}" if subject.roles else "Absolute difference",
        bins=tuple(bins),
        lines=tuple(levels),
        x_limits=(low, high),
        y_limits=y_limits,
        slopes=tuple(slopes),
        caption=(
            "Squares are shaded by the number of dyads. Bands are the lines' confidence intervals."
            + (
                " Dyads in squares with too few of them to be shown, or beyond the axes, are left "
                "out of the drawing, not of the lines."
                if left_out
                else ""
            )
        ),
    )


def _levels(comparison: Comparison, limits: Limits, panel: str) -> list[Level]:
    """Return the lines: bias and both limits, or the one limit of differences without a sign."""
    key = comparison.key
    upper = (limits.upper, limits.upper_low, limits.upper_high)
    if not comparison.subject.roles:
        return [Level(f"{100 * limits.share:g} % limit", *upper, key, panel)]
    return [
        Level("Bias", limits.estimate, limits.conf_low, limits.conf_high, key, panel),
        Level("Upper limit", *upper, key, panel),
        Level("Lower limit", limits.lower, limits.lower_low, limits.lower_high, key, panel),
    ]


def _counted(
    sample: Sample,
    drawn: Sequence[tuple[Comparison, Limits]],
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
) -> tuple[list[tuple[GridCell, ...]], int]:
    """Count dyads in the finest grid in which few lie in squares too small to be shown."""
    n = sum(int(comparison.slots.sum()) for comparison, _ in drawn)
    signed = y_limits[0] < 0.0
    for across, up in _GRIDS:
        counted = [
            _cells(
                np.mean(comparison.ratings, axis=0),
                np.subtract(*comparison.ratings) if signed else _apart(comparison),
                np.linspace(*x_limits, across + 1),
                np.linspace(*y_limits, (up if signed else up // 2 + 1) + 1),
                smallest_bin(sample, comparison.slots),
            )
            for comparison, _ in drawn
        ]
        left_out = sum(lost for _, lost in counted)
        if left_out <= _LEFT_OUT * n:
            break
    return [cells for cells, _ in counted], left_out


def _cells(
    x: FloatArray, y: FloatArray, x_edges: FloatArray, y_edges: FloatArray, fewest: int
) -> tuple[tuple[GridCell, ...], int]:
    """Count dyads in squares, without those beyond the axes and those in sparse squares."""
    cells, left_out = grid_counts(x, y, _open(x, x_edges), _open(y, y_edges), fewest)
    inside = tuple(
        cell
        for cell in cells
        if x_edges[0] < (cell.x_low + cell.x_high) / 2 < x_edges[-1]
        and y_edges[0] < (cell.y_low + cell.y_high) / 2 < y_edges[-1]
    )
    return inside, left_out + sum(cell.count for cell in cells) - sum(c.count for c in inside)


def _open(values: FloatArray, edges: FloatArray) -> FloatArray:
    """Add a bin at either end for what lies beyond, if anything does."""
    low, high = float(values.min(initial=edges[0])), float(values.max(initial=edges[-1]))
    width = edges[-1] - edges[0]
    # What lies on an outer edge but for rounding is within.
    first, last = edges[0] - 1e-12 * width, edges[-1] + 1e-12 * width
    below = [low - width, first] if low < first else [low]
    above = [last, high + width] if high > last else [high]
    return np.concatenate([below, edges[1:-1], above])


def _apart(comparison: Comparison) -> FloatArray:
    return np.asarray(np.abs(np.subtract(*comparison.ratings)))


def difference_plot(
    sample: Sample, comparisons: Sequence[Comparison], hidden: frozenset[str]
) -> DistributionPlot | None:
    """Show how far apart partners are, beside partners paired at random."""
    drawn = [c for c in comparisons if not c.level and c.slots.sum() > 1]
    seen = [c for c in drawn if c.key not in hidden]
    if not drawn:
        return None
    subject = drawn[0].subject
    low, high = _range_of([side for c in seen for side in c.ratings], subject.first.range)
    edges = _edges([_apart(comparison) for comparison in seen], high - low)
    bars: list[Bar] = []
    references: list[Reference] = []
    for comparison in drawn:
        panel, key = wave_label(comparison.wave), comparison.key
        apart = np.minimum(_apart(comparison), edges[-1])
        own = _bars(sample, comparison, apart, edges, panel)
        bars += own
        if not own:
            continue
        bounds = np.array([own[0].low, *(bar.high for bar in own)])
        # Up to each edge but not with it, as bins count.
        below = _at_random(comparison, bounds[1:] - 1e-6 * bounds[-1])
        below[-1] = 1.0
        shares = tuple(np.diff(below, prepend=0.0).tolist())
        references.append(
            Reference("Partners paired at random", tuple(bounds.tolist()), shares, key, panel)
        )
    return DistributionPlot(
        name=f"differences_{subject.name}",
        title=f"How far apart partners are: {subject.label}",
        alt=(
            "Distribution of the absolute difference between partners, beside that of partners "
            "paired at random."
        ),
        axis="Absolute difference",
        bars=tuple(bars),
        references=tuple(references),
        observed="Dyads",
        caption="Neighbouring bins with too few dyads are drawn as one.",
    )


def _edges(apart: Sequence[FloatArray], span: float) -> FloatArray:
    """Return the edges of bins, each of which holds equally many of the differences possible."""
    distinct = np.unique(np.round(np.concatenate([np.zeros(1), *apart]), 6))
    step = float(np.diff(distinct).min(initial=span))
    places = distinct / step
    width = span / _STEPS
    if span / step <= _FINEST and np.abs(places - np.rint(places)).max() < 1e-3:
        width = step * max(1.0, np.rint(span / step / _STEPS))
    return np.asarray(width * np.arange(np.ceil(span / width - 1e-9) + 1.0))


def _at_random(comparison: Comparison, distances: FloatArray) -> FloatArray:
    """Return the shares of pairs at random; of members who share one role, of any two persons."""
    first, second = comparison.ratings
    if comparison.subject.roles:
        return chance_shares(first, second, distances)
    both = np.concatenate([first, second]), np.concatenate([second, first])
    shares, n = chance_shares(*both, distances), 2 * first.size
    # Among the pairs are those of persons with themselves, at distance 0.
    return np.asarray((shares * n * (n - 1) - n) / (n * (n - 2)))


def pattern_plot(sample: Sample, patterns: Sequence[Patterns]) -> DistributionPlot | None:
    """Show the distinctive similarity of partners beside that of pseudo-couples."""
    drawn = [each for each in patterns if not each.comparison.level]
    if not drawn:
        return None
    subject = drawn[0].comparison.subject
    bars: list[Bar] = []
    references: list[Reference] = []
    marks: list[Mark] = []
    for each in drawn:
        panel, key = wave_label(each.comparison.wave), each.comparison.key
        found = each.found
        bars += _bars(sample, each.comparison, each.similarity, found.edges, panel)
        edges, shares = tuple(found.edges.tolist()), tuple(found.shares.tolist())
        references.append(Reference("Pseudo-couples", edges, shares, key, panel))
        marks.append(Mark("Mean of partners", found.real, key, panel))
        marks.append(Mark("Mean of pseudo-couples", found.baseline, key, panel))
    return DistributionPlot(
        name=f"profiles_{subject.name}",
        title=f"Distinctive similarity of answer patterns: {subject.label}",
        alt="Distribution of the similarity of partners' answer patterns, beside pseudo-couples'.",
        axis="Distinctive similarity (r)",
        bars=tuple(bars),
        references=tuple(references),
        marks=tuple(marks),
        observed="Partners",
        style="correlation",
        caption="Neighbouring bins with too few dyads are drawn as one.",
    )


def _bars(
    sample: Sample, comparison: Comparison, values: FloatArray, edges: FloatArray, panel: str
) -> list[Bar]:
    known = values[~np.isnan(values)]
    bounds, counts = bin_counts(known, edges, smallest_bin(sample, comparison.slots))
    return [
        Bar(float(low), float(high), Cell(int(count) / known.size, comparison.key), panel)
        for low, high, count in zip(bounds[:-1], bounds[1:], counts, strict=True)
    ]


def _range_of(
    sides: Sequence[FloatArray], declared: tuple[float, float] | None
) -> tuple[float, float]:
    """Return the range of the scale, or one that does not give away the extremes.

    Where nothing may be seen, it tells of nothing.
    """
    values = np.concatenate([np.empty(0), *sides])
    if not values.size:
        return declared or (0.0, 1.0)
    if declared is not None and declared[0] <= values.min() and values.max() <= declared[1]:
        return declared
    mean, reach = float(values.mean()), _SPREAD * float(values.std())
    return mean - reach, mean + reach


def _reach(sample: Sample, seen: Sequence[tuple[Comparison, Limits]], width: float) -> float:
    """Return how far the axis of differences goes: a round part of the scale's width.

    It holds the limits, and all differences but so few that no square would show them: the end of
    an axis that held all would tell the largest.
    """
    needed = [0.0]
    for comparison, limits in seen:
        apart = np.sort(_apart(comparison))
        needed.append(float(apart[-min(smallest_bin(sample, comparison.slots), apart.size)]))
        needed += [abs(end) for end in (limits.lower_low, limits.upper_high) if np.isfinite(end)]
    # A difference on a quarter but for rounding does not need the next.
    quarters = np.ceil(max(1.0, 4.0 * max(needed) / width - 1e-9))
    return float(quarters / 4.0) * width
