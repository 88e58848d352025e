"""The distribution of groups' agreement beside what random answers would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dyadkit.agreement.grouping import Grouped
from dyadkit.agreement.groups_shown import GroupFound
from dyadkit.agreement.nulls import Null
from dyadkit.agreement.within_group import rwg
from dyadkit.answers.sample import Sample
from dyadkit.display.agreement_figures import Bar, DistributionPlot, Mark, Reference
from dyadkit.display.binning import bin_counts
from dyadkit.display.labels import wave_label
from dyadkit.display.tables import Cell
from dyadkit.estimation.arrays import FloatArray

_SIMULATED_GROUPS = 20_000
_SIMULATED_PERSONS = 500_000
_EDGES = np.linspace(0.0, 1.0, 11)


def agreement_distribution(
    sample: Sample, found: Sequence[GroupFound], rng: np.random.Generator
) -> DistributionPlot | None:
    """Show r_wg(j) of all groups in each wave of a variable, beside groups that answer by a null.

    None where of no null that was named the probabilities are known.
    """
    first = found[0]
    nulls = [each.null.probabilities is not None for each in first.found.nulls]
    if not any(nulls):
        return None
    chosen = nulls.index(True)
    # No person belongs to two groups of a bin.
    fewest = max(sample.dyads.privacy.minimum_dyads, sample.dyads.privacy.minimum_persons)
    bars: list[Bar] = []
    references: list[Reference] = []
    marks: list[Mark] = []
    for each in found:
        ratings, key, panel = each.ratings, each.ratings.key, wave_label(each.ratings.wave)
        against = each.found.nulls[chosen]
        values = against.rwg.values
        bounds, counts = bin_counts(values, _EDGES, fewest)
        bars += [
            Bar(float(low), float(high), Cell(int(count) / values.size, key), panel)
            for low, high, count in zip(bounds[:-1], bounds[1:], counts, strict=True)
        ]
        drawn = rwg(_at_random(each.found.data, against.null, rng), against.null).values
        shares = tuple((np.histogram(drawn, _EDGES)[0] / drawn.size).tolist())
        label = f"Random answers, {against.null.name} null"
        references.append(Reference(label, tuple(_EDGES.tolist()), shares, None, panel))
        marks.append(Mark("Mean", against.rwg.estimate, key, panel))
    ratings = first.ratings
    role = f"_{ratings.role}" if ratings.role else ""
    return DistributionPlot(
        name=f"rwg_{ratings.variable.name}{role}",
        title=f"Agreement within groups: {ratings.variable.label}",
        alt="Distribution of r_wg over groups, beside groups that answer at random.",
        axis="r_wg(j)" if first.found.data.ratings.shape[1] > 1 else "r_wg",
        bars=tuple(bars),
        references=tuple(references),
        marks=tuple(marks),
        observed="Groups",
        style="correlation",
        caption="Neighbouring bins with too few groups are drawn as one.",
    )


def _at_random(data: Grouped, null: Null, rng: np.random.Generator) -> Grouped:
    """Draw answers for groups of the same sizes, some times over."""
    times = min(_SIMULATED_GROUPS // data.groups, _SIMULATED_PERSONS // int(data.size.sum()))
    times = max(1, times)
    size = np.tile(data.size, times)
    shape = (int(size.sum()), data.ratings.shape[1])
    options = np.arange(1.0, null.options + 1.0)
    answers: FloatArray = rng.choice(options, size=shape, p=null.probabilities)
    return Grouped(answers, size, np.cumsum(size) - size, np.arange(size.size), 0, 0)
