"""Descriptive statistics: n, M, SD, skew, quantiles, reliability and correlations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from dyadkit.answers.places import Place, confidence_of, frame_of, places_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Answers, Sample
from dyadkit.description.categories import categories_table, category_rows, count_categories
from dyadkit.description.correlation_tables import (
    correlation_map,
    correlation_table,
    p_and_n_table,
    partner_table,
)
from dyadkit.description.correlations import (
    correlate,
    correlate_partners,
    correlation_notes,
    correlation_rows,
)
from dyadkit.description.items import describe_items, items_table
from dyadkit.description.means import (
    Described,
    describe_place,
    mean_plots,
    moment_rows,
    moments_table,
)
from dyadkit.description.reliabilities import (
    ScaleReliability,
    by_place,
    method,
    reliability_at,
    reliability_rows,
    reliability_table,
    scale_notes,
)
from dyadkit.display.disclosure import Minimum
from dyadkit.display.figures import HeatMap, IntervalPlot
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Table
from dyadkit.errors import StudyError
from dyadkit.frame import DyadFrame
from dyadkit.results import Estimates, Note
from dyadkit.study import Part


class DescriptivesOptions(Part):
    """What a study file may say about an analysis of type "descriptives"."""

    variables: tuple[str, ...] | None = None
    draws: int = Field(default=1000, ge=0, le=100_000)


def describe(
    data: DyadFrame | pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    draws: int = 1000,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence = 20260101,
    dyad: str | None = None,
    role: str | None = None,
    wave: str | None = None,
    person: str | None = None,
) -> PresentedResult:
    """Describe variables in every role and wave.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        Of a plain DataFrame every row is a person; `dyad`, `role`, `wave` and `person` name its
        columns, as in `DyadFrame.from_individual`.  Is not changed.
    variables : sequence of str, optional
        References such as ``"trust"`` or ``"trust.client.t1"``; default: all that are no items.
    draws : int
        Bootstrap draws for the interval of ω; 0 for none.
    alpha : float
        1 − confidence.
    seed : int or numpy.random.SeedSequence
        For the bootstrap.

    Returns
    -------
    PresentedResult
        Tables ``descriptives``, ``reliability``, ``correlations``, ``correlations-p-and-n``,
        ``correlations-partners`` (exchangeable members), ``categories`` and ``items``, as far as
        there is something to show; in `tidy`, column ``quantity`` tells the estimates apart.

    Raises
    ------
    StudyError
        When a variable is unknown or none can be described.
    DataError
        When the frame is empty, or a number is infinite.

    Notes
    -----
    Skewness is the adjusted Fisher–Pearson coefficient G1; quantiles interpolate linearly
    (type 7).  Answers are counted once per person (`DyadFrame.answers`).  The standard error of a
    mean treats dyads that share a person as one cluster (Liang & Zeger, 1986), which without
    shared persons, and for distinguishable members, is SD/√n.

    References
    ----------
    Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson reliability
    coefficient twenty. Psychometrika, 30, 357-370.

    Liang, K.-Y., & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear
    models. Biometrika, 73, 13-22.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"trust": [4.0, 5.0, 6.0, 5.0], "age": [31, 44, 28, 39]})
    >>> result = describe(df)
    >>> tidy = result.tidy()
    >>> float(tidy.loc[tidy["term"] == "mean: trust (person)", "estimate"].item())
    5.0
    """
    sample = Sample.of(frame_of(data, dyad=dyad, role=role, wave=wave, person=person))
    confidence = confidence_of(alpha)
    if draws < 0:
        raise StudyError(f"draws = {draws} is impossible; use 0 for no interval of ω.")
    minimum = minimum_of(sample.dyads)
    places = places_of(sample.dyads, variables)
    notes: list[Note] = []
    rows: list[tuple[dict[str, Any], str]] = []
    tables: list[Table] = []
    figures: list[HeatMap | IntervalPlot] = []

    numeric = [(place, sample.answers(place)) for place in places if place.variable.numeric]
    found = _described(sample, numeric, confidence, notes)
    answered = [(place, answers) for place, answers in numeric if answers.seen.any()]
    described = [entry.place for entry in found]
    for entry in found:
        rows += moment_rows(entry)
    supports = [support for entry in found for support in entry.supports]

    reliabilities = _reliabilities(sample, described, confidence, draws, seed)
    notes += [note for entry in reliabilities for note in entry.notes]
    notes += scale_notes(sample, described)
    supports += [entry.support for entry in reliabilities]
    rows += reliability_rows(reliabilities)

    if found:
        tables.append(moments_table(found))
        figures += mean_plots(found, confidence)
    if reliabilities:
        tables.append(reliability_table(reliabilities, confidence))
    if len(found) > 1:
        alike = sample.dyads.exchangeable
        pairs = correlate(sample, answered, confidence)
        notes += correlation_notes(sample, described)
        supports += [pair.support for pair in pairs]
        rows += correlation_rows(pairs)
        tables += [
            correlation_table(found, pairs, by_place(reliabilities), exchangeable=alike),
            p_and_n_table(found, pairs, tested=not (alike and sample.paired)),
        ]
        figures.append(correlation_map(described, pairs))
    if sample.dyads.exchangeable and sample.paired and any(place.role for place in described):
        across = correlate_partners(sample, answered, confidence)
        supports += [pair.support for pair in across]
        rows += correlation_rows(across, partner=True)
        tables.append(partner_table([place for place in described if place.role], across))

    counted = [
        count_categories(sample, place, answers, minimum)
        for place in places
        if place.variable.kind == "category" and (answers := sample.answers(place)).seen.any()
    ]
    if counted:
        tables.append(categories_table(counted, minimum))
    for counts in counted:
        supports += [counts.whole, *(one.support for one in counts.categories)]
        rows += category_rows(counts)
    if not tables:
        raise StudyError(
            "There is nothing to describe: none of the chosen variables is numeric or a category "
            "and was answered."
        )
    items = [item for entry in reliabilities for item in describe_items(sample, entry.place)]
    if items:
        tables.append(items_table(items))
        rows += [item.row for item in items]
        supports += [item.support for item in items]
    notes += _not_described(places, variables)
    everyone = sample.everyone()
    return PresentedResult(
        type="descriptives",
        title="Descriptive statistics",
        estimates=Estimates([row for row, _ in rows], [key for _, key in rows]),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": everyone.dyads,
            "n_persons": sample.n_persons,
        },
        table_specs=tuple(tables),
        figure_specs=tuple(figures),
        sentences=_sentences(reliabilities, minimum),
        methods=(
            "Skewness is the adjusted Fisher–Pearson coefficient; quartiles interpolate linearly "
            f"and are shown from {4 * max(minimum.dyads, minimum.persons)} persons on.",
            *((method(draws),) if reliabilities else ()),
        ),
        supports=(*supports, everyone),
        totals=tuple(counts.total for counts in counted),
        minimum=minimum,
        notes=tuple(notes),
    )


def _described(
    sample: Sample,
    numeric: Sequence[tuple[Place, Answers]],
    confidence: float,
    notes: list[Note],
) -> list[Described]:
    clusters = sample.clusters()
    found = []
    for place, answers in numeric:
        entry, said = describe_place(sample, place, answers, clusters, confidence)
        notes += said
        if entry is not None:
            found.append(entry)
    return found


def _reliabilities(
    sample: Sample,
    places: Sequence[Place],
    confidence: float,
    draws: int,
    seed: int | np.random.SeedSequence,
) -> list[ScaleReliability]:
    stream = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    return [
        reliability_at(sample, place, confidence, draws, stream)
        for place in places
        if len(place.variable.items) > 1 and sample.holds_items(place.variable)
    ]


def _not_described(places: Sequence[Place], variables: Sequence[str] | None) -> tuple[Note, ...]:
    """Say which of the variables that were asked for are neither numbers nor categories."""
    if variables is None:
        return ()
    left_out = [
        p.variable for p in places if not p.variable.numeric and p.variable.kind != "category"
    ]
    return tuple(
        Note(f"{variable.label}: of type {variable.kind}, and therefore not described.")
        for variable in {variable.name: variable for variable in left_out}.values()
    )


def _sentences(reliabilities: Sequence[ScaleReliability], minimum: Minimum) -> tuple[Sentence, ...]:
    shown = [
        (entry.alpha.estimate, entry)
        for entry in reliabilities
        if entry.alpha is not None and minimum.allows(entry.support.dyads, entry.support.persons)
    ]
    if not shown:
        return ()
    (low, lowest), *_, (high, highest) = sorted(shown * 2, key=lambda pair: pair[0])
    if len(shown) == 1:
        return (
            Sentence(
                "Cronbach's α was {alpha} ({place}).",
                {
                    "alpha": Cell(low, lowest.support.key, "correlation"),
                    "place": Cell(lowest.place.label),
                },
            ),
        )
    return (
        Sentence(
            "Cronbach's α lay between {low} ({low_place}) and {high} ({high_place}).",
            {
                "low": Cell(low, lowest.support.key, "correlation"),
                "low_place": Cell(lowest.place.label),
                "high": Cell(high, highest.support.key, "correlation"),
                "high_place": Cell(highest.place.label),
            },
        ),
    )
