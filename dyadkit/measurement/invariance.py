"""Measurement invariance: does a scale measure the same, in every role, wave or group?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import Minimum, hidden_keys
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import DataError, FitError, Refused
from dyadkit.frame import DyadFrame, Variable
from dyadkit.measurement.climbing import Climb, climb
from dyadkit.measurement.invariance_shown import show_climbs
from dyadkit.measurement.ladder import Step
from dyadkit.measurement.ladder_asked import (
    check_estimator,
    free_asked,
    join_asked,
    steps_asked,
)
from dyadkit.measurement.ladder_models import Estimator, LadderModels
from dyadkit.measurement.ordered_answers import answers_in
from dyadkit.measurement.places import Across, Ladder, ladders_of, scale_of
from dyadkit.results import Convergence, Estimates, Note, Support
from dyadkit.study import Part


class InvarianceOptions(Part):
    """What a study file may say about an analysis of type "invariance"."""

    scale: str
    across: tuple[Across, ...] | None = None
    group: str | None = None
    steps: tuple[Step, ...] | None = None
    free: tuple[str, ...] = ()
    estimator: Estimator = "ML"
    join: tuple[tuple[float, ...], ...] = ()


def assess_invariance(
    data: DyadFrame,
    scale: str,
    *,
    across: Sequence[Across] | None = None,
    group: str | None = None,
    steps: Sequence[Step] | None = None,
    free: Sequence[str] = (),
    estimator: Estimator = "ML",
    join: Sequence[Sequence[float]] = (),
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
) -> PresentedResult:
    """Fit the ladder of measurement invariance of a scale.

    Parameters
    ----------
    data : DyadFrame
        With the items of the scale.
    scale : str
        Such as ``"trust"``, ``"trust.client"`` or ``"trust.client.t1"``.
    across : sequence of str, optional
        Among "roles", "waves" and "groups".  Default: roles and waves at once, as far as there are
        several of them; groups alone where `group` is given.  What is not named is held apart: a
        ladder for each role, or each wave.
    group : str, optional
        The variable that has the groups, such as ``"format"`` or ``"gender.client"``.
    steps : sequence of str, optional
        Among "configural", "thresholds" (of ordered answers), "loadings", "intercepts",
        "residuals", "variances" and "means"; each holds what the ones before it do.  Default: up to
        "residuals", as far as the answers allow: items with two answers have one step for all.
    free : sequence of str
        What stays free all the same, such as ``"loadings: tr2"`` (partial invariance).  Nothing is
        freed by itself.
    estimator : {"ML", "MLR", "WLSMV"}
        Incomplete rows count by full information; "MLR" is robust against scores that are not
        normal.  "WLSMV" takes answers for ordered categories, from rows with every answer.
    join : sequence of sequences of float
        Ordered answers that count as one in every place, such as ``[[1, 2]]`` where few gave 1.
    alpha : float
        1 − confidence.
    seed : optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        Tables ``ladder``, ``items`` and ``sizes``; `verdicts` say what may be compared.

    Raises
    ------
    Refused
        When there is nothing to compare, or a scale has fewer than three items.
    StudyError
        When the scale, an item or the group is unknown.
    DataError
        When an item does not vary, there are too few dyads, or an ordered answer is given in one
        place only.
    FitError
        When the first model cannot be fitted.

    Notes
    -----
    All places are factors of one model, with their covariances, and residuals of one item are
    correlated across places; groups are parts of the data.  Equal loadings (metric) let paths and
    covariances be compared, equal intercepts (scalar) means of the factor, equal residual variances
    (strict) those of scores.  Of ordered answers thresholds come first: see
    `dyadkit.measurement.ordered_ladder`.  A step counts as held when CFI falls by no more than .010
    and RMSEA rises by no more than .015 (Cheung & Rensvold, 2002; Chen, 2007), which is a rule of
    thumb for ordered answers; the chi-square difference stands beside it.  `items` tests the
    equalities of each item, and `sizes` has dMACS with its upper limit (see
    `dyadkit.measurement.item_effects`).

    References
    ----------
    Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack of measurement invariance.
    Structural Equation Modeling, 14, 464-504.

    Cheung, G. W., & Rensvold, R. B. (2002). Evaluating goodness-of-fit indexes for testing
    measurement invariance. Structural Equation Modeling, 9, 233-255.
    """
    confidence = confidence_of(alpha)
    dyads = frame_of(data)
    sample = Sample.of(dyads)
    found = scale_of(dyads, scale)
    variable = found.variable
    check_estimator(estimator)
    ladders = ladders_of(dyads, found, across, group)
    sets = join_asked(join, estimator, answers_in(dyads, ladders) if join else ())
    minimum = minimum_of(dyads)
    supports = [_support(sample, each, estimator) for each in ladders]
    hidden = hidden_keys(supports, (), minimum)
    models = []
    for ladder in ladders:
        with _silent(ladder, hidden, minimum):
            models.append(LadderModels.of(ladder, dyads, estimator, sets))
    wanted = steps_asked(steps, [n.size - 1 for each in models for n in each.answers])
    released = free_asked(free, variable, wanted, estimator)
    climbs = []
    for each in models:
        with _silent(each.ladder, hidden, minimum):
            climbs.append(climb(each, wanted, released, confidence))
    shown = show_climbs(climbs, variable, released, estimator, confidence, hidden)
    notes = [*_notes(sample, variable), *shown.notes]
    if sets:
        told = "; ".join(" and ".join(f"{value:g}" for value in part) for part in sets)
        notes.append(Note(f"Answers that count as one: {told}. The choice was the study's."))
    everyone = sample.everyone()
    return PresentedResult(
        type="invariance",
        title="Measurement invariance",
        estimates=Estimates([row for row, _ in shown.rows], [key for _, key in shown.rows]),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": everyone.dyads,
            "n_persons": sample.n_persons,
            "n_models": sum(len(each.steps) for each in climbs),
        },
        table_specs=tuple(shown.tables),
        figure_specs=tuple(shown.figures),
        sentences=tuple(shown.sentences),
        methods=tuple(shown.methods),
        supports=(*supports, everyone),
        minimum=minimum,
        notes=tuple(notes),
        verdicts=tuple(shown.verdicts),
        convergence=_convergence([each for each in climbs if each.ladder.name not in hidden]),
    )


def _support(sample: Sample, ladder: Ladder, estimator: Estimator) -> Support:
    """Count who answered the item that fewest answered; in groups, of the group that has fewest."""
    wide = sample.dyads.wide()
    columns = [name for each in ladder.factors for name in each.indicators if name in wide]
    rows = wide.dropna(subset=columns, how="any" if estimator == "WLSMV" else "all")
    parts = [rows]
    if ladder.group is not None:
        rows = rows.dropna(subset=[ladder.group])
        parts = [part for _, part in rows.groupby(ladder.group, observed=True)]
    answered = (part[part[column].notna()] for part in parts for column in columns)
    return sample.least_support(ladder.name, map(sample.slots_of, answered))


@contextmanager
def _silent(ladder: Ladder, hidden: frozenset[str], minimum: Minimum) -> Iterator[None]:
    """Say nothing of answers, why a ladder cannot be had, where some are those of few."""
    try:
        yield
    except (DataError, FitError):
        if ladder.name not in hidden:
            raise
        raise Refused(
            f"{ladder.label}: some place or group has fewer than {minimum.dyads} dyads or "
            f"{minimum.persons} persons with answers, and no model could be fitted. The reason is "
            "not given, as it would tell of them. Join groups, or leave the place out."
        ) from None


def _notes(sample: Sample, variable: Variable) -> list[Note]:
    return [
        Note(
            f"{role_label(shared)}: some belong to several dyads, which are then not independent "
            "of each other; chi-squares are too large.",
            "warning",
        )
        for shared in sample.shared_roles
        if shared in variable.roles
    ]


def _convergence(climbs: Sequence[Climb]) -> Convergence | None:
    ends = [step.fit.convergence for each in climbs for step in each.steps]
    known = [end for end in ends if end is not None]
    if not known:
        return None
    return Convergence(
        all(end.converged for end in known),
        sum(end.iterations for end in known),
        max(end.gradient_norm for end in known),
        all(end.admissible for end in known),
    )
