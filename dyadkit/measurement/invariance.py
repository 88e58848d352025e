"""Measurement invariance: does a scale measure the same, in every role, wave or group?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import StudyError, listed, nearest
from dyadkit.frame import DyadFrame, Variable
from dyadkit.measurement.climbing import Climb, climb
from dyadkit.measurement.invariance_shown import show_climbs
from dyadkit.measurement.ladder import KINDS, STEPS, Free, Step
from dyadkit.measurement.places import Across, Ladder, ladders_of, scale_of
from dyadkit.results import Convergence, Estimates, Note, Support
from dyadkit.study import Part

_DEFAULT: tuple[Step, ...] = ("configural", "loadings", "intercepts", "residuals")


class InvarianceOptions(Part):
    """What a study file may say about an analysis of type "invariance"."""

    scale: str
    across: tuple[Across, ...] | None = None
    group: str | None = None
    steps: tuple[Step, ...] = _DEFAULT
    free: tuple[str, ...] = ()
    estimator: Literal["ML", "MLR"] = "ML"


def assess_invariance(
    data: DyadFrame,
    scale: str,
    *,
    across: Sequence[Across] | None = None,
    group: str | None = None,
    steps: Sequence[Step] = _DEFAULT,
    free: Sequence[str] = (),
    estimator: Literal["ML", "MLR"] = "ML",
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
    steps : sequence of str
        Among "configural", "loadings", "intercepts", "residuals", "variances" and "means"; each
        holds what the ones before it do.
    free : sequence of str
        What stays free all the same, such as ``"loadings: tr2"`` (partial invariance).  Nothing is
        freed by itself.
    estimator : {"ML", "MLR"}
        Incomplete rows count by full information; "MLR" is robust against scores that are not
        normal.
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
        When an item does not vary, or there are too few dyads.
    FitError
        When the first model cannot be fitted.

    Notes
    -----
    All places are factors of one model, with their covariances, and residuals of one item are
    correlated across places; groups are parts of the data.  Equal loadings (metric) let paths and
    covariances be compared, equal intercepts (scalar) means of the factor, equal residual variances
    (strict) those of scores.  A step counts as held when CFI falls by no more than .010 and RMSEA
    rises by no more than .015 (Cheung & Rensvold, 2002; Chen, 2007); the chi-square difference
    stands beside it.

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
    ladders = ladders_of(dyads, found, across, group)
    wanted = _steps(steps)
    released = _free(variable, free, wanted)
    climbs = [climb(ladder, dyads, wanted, released, estimator=estimator) for ladder in ladders]
    shown = show_climbs(climbs, variable, released, estimator, confidence)
    notes = [*_notes(sample, variable), *shown.notes]
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
        supports=(
            *(_support(sample, ladder) for ladder in ladders),
            everyone,
        ),
        minimum=minimum_of(dyads),
        notes=tuple(notes),
        verdicts=tuple(shown.verdicts),
        convergence=_convergence(climbs),
    )


def _steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    unknown = [step for step in steps if step not in STEPS]
    if unknown or not steps:
        raise StudyError(
            f"steps: '{unknown[0] if unknown else ''}' is no step of the ladder."
            f"{nearest(unknown[0], list(STEPS)) if unknown else ''} They are {listed(list(STEPS))}."
        )
    return tuple(steps)


def _free(variable: Variable, texts: Sequence[str], steps: Sequence[Step]) -> tuple[Free, ...]:
    """Read what stays free, such as ``"loadings: tr2"``."""
    kinds = {str(kind): kind for kind in KINDS}
    found = []
    for text in texts:
        kind, _, item = (part.strip() for part in text.partition(":"))
        if kind not in kinds or item not in variable.items:
            raise StudyError(
                f"free: '{text}' is not understood. Write a kind ({listed(list(kinds))}) and an "
                f"item ({listed(list(variable.items))}), such as 'loadings: {variable.items[0]}'."
            )
        found.append(Free(kinds[kind], variable.items.index(item)))
    for kind in (kind for kind in KINDS if kind in steps):
        left = len(variable.items) - len({each.item for each in found if each.kind == kind})
        # One equal loading sets the factor's scale and one equal intercept its mean: no more.
        fewest = 1 if kind == "residuals" else 2
        if left < fewest:
            raise StudyError(
                f"free: of {len(variable.items)} items {left} would keep equal {kind}, but a step "
                f"that can be tested needs {fewest}. Free fewer, or leave the step out of steps."
            )
    return tuple(found)


def _support(sample: Sample, ladder: Ladder) -> Support:
    """Count who answered any of the items; in groups, of the group that has fewest."""
    wide = sample.dyads.wide()
    answered = wide[[name for factor in ladder.factors for name in factor.indicators]].notna()
    rows = wide[answered.any(axis=1)]
    groups = [rows]
    if ladder.group is not None:
        groups = [part for _, part in rows.groupby(ladder.group, sort=False, observed=True)]
    return sample.least_support(ladder.name, map(sample.slots_of, groups))


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
