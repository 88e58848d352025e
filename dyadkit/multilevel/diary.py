"""Diaries of dyads: what goes together within persons, between them, and across partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError, nearest
from dyadkit.estimation.arrays import require_confidence
from dyadkit.frame import DyadFrame
from dyadkit.mixed.terms import SerialKind
from dyadkit.models.mixed_setup import DfMethod
from dyadkit.multilevel.diary_compliance import compliance_of
from dyadkit.multilevel.diary_model import Fitting, fit_diary_rows
from dyadkit.multilevel.diary_rows import lay_out
from dyadkit.multilevel.diary_shown import present
from dyadkit.study import Part


class DiaryOptions(Part):
    """What a study file may say about an analysis of type "diary"."""

    outcome: str
    predictors: tuple[str, ...] = ()
    lagged: tuple[str, ...] = ()
    max_gap: float | None = None
    covariates: tuple[str, ...] = ()
    slopes: tuple[str, ...] = ()
    trend: bool = True
    clock: Literal["occasion", "time"] = "occasion"
    serial: SerialKind | None = None
    distinguishable: bool | None = None
    expected: int | None = None
    method: Literal["REML", "ML"] = "REML"
    df: DfMethod = "satterthwaite"


def fit_diary(
    data: DyadFrame | pd.DataFrame,
    outcome: str,
    predictors: Sequence[str] | str = (),
    *,
    lagged: Sequence[str] | str = (),
    max_gap: float | None = None,
    covariates: Sequence[str] | str = (),
    slopes: Sequence[str] | str = (),
    trend: bool = True,
    clock: Literal["occasion", "time"] = "occasion",
    serial: SerialKind | None = None,
    distinguishable: bool | None = None,
    expected: int | None = None,
    method: Literal["REML", "ML"] = "REML",
    df: DfMethod = "satterthwaite",
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
    dyad: str | None = None,
    role: str | None = None,
    person: str | None = None,
    occasion: str | None = None,
    time: str | None = None,
) -> PresentedResult:
    r"""Estimate actor and partner effects in a diary, within persons and between them.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        A diary.  Of a DataFrame, with one row per person and occasion, `dyad`, `role`, `person`,
        `occasion` (numbers or dates) and `time` (time stamps) name the columns.
    outcome : str
        A number that both members answered on every occasion.
    predictors : sequence of str
        Numbers that both members answered on every occasion; each has an actor and a partner
        effect within persons, and the same between persons.
    lagged : sequence of str
        Numbers whose previous values are predictors, with effects as those of `predictors`.
    max_gap : float, optional
        The longest time between an occasion and the previous one; a lag over more is missing.  By
        default 1 occasion (or day, of dates).
    covariates : sequence of str
        A person's own score, or the dyad's, of this wave or another.  One that varies over
        occasions has an effect within and one between; categories are compared with the first.
    slopes : sequence of str
        Those of `predictors` whose actor effect within persons varies between persons.
    trend : bool
        Whether there is a linear trend over time, about the mean time.
    clock : {"occasion", "time"}
        Whether gaps and the trend are measured by occasions (of dates, in days) or by time stamps,
        in days.
    serial : {"ar1", "exponential"}, optional
        Decay of residual covariances with the gap in time; see `dyadkit.fit_mixed`.
    distinguishable : bool, optional
        Whether effects differ by role; by default whether there are two roles.
    expected : int, optional
        Occasions expected of each person; by default all numbered occasions in the data.
    method : {"REML", "ML"}
    df : {"satterthwaite", "kenward_roger"}
    alpha : float
        1 − confidence.
    seed : int or SeedSequence, optional
        Taken from a study; nothing here is random.

    Returns
    -------
    PresentedResult
        In `tidy`, ``effect`` is "intercept", "trend", "actor, within", "partner, within", "actor,
        between", "partner, between", "lagged actor, within", "covariate", …; of what follows from
        these "actor, between − within", "difference in actor, within" and so on; then "random
        effect", "residual", "share between persons", "pseudo-R² within", "trajectory",
        "compliance", "reliability within" and "reliability between".

    Raises
    ------
    Refused
        When the data are no diary, a variable was not asked of both members, or the outcome's own
        previous value is to predict it.
    StudyError
        When a variable or an option is wrong.
    DataError
        When the data cannot carry the model.
    FitError
        When the search does not converge.

    Notes
    -----
    Of member i with partner j in dyad d on occasion t, in role r,

    .. math::

        y_{idt} = b_{0r} + u_{id} + a^w_r (x_{idt} - \bar x_{id}) + p^w_r (x_{jdt} - \bar x_{jd})
            + a^b_r (\bar x_{id} - \bar x) + p^b_r (\bar x_{jd} - \bar x) + e_{idt},

    with random intercepts u of either role and their covariance, and residuals that are correlated
    between the two members on the same occasion (Bolger & Laurenceau, 2013, ch. 8).  Means of
    persons are over all occasions on which they answered x; :math:`\bar x` is the mean of the
    persons' means.  Previous values are the last answer before the occasion, as deviations from
    the same means.  The outcome's own previous value is refused: beside a random intercept its
    effect is biased whatever the number of dyads (Nickell, 1981).

    References
    ----------
    Bolger, N., & Laurenceau, J.-P. (2013). Intensive longitudinal methods: An introduction to diary
    and experience sampling research. Guilford.

    Lüdtke, O., Marsh, H. W., Robitzsch, A., Trautwein, U., Asparouhov, T., & Muthén, B. (2008). The
    multilevel latent covariate model: A new, more reliable approach to group-level effects in
    contextual studies. Psychological Methods, 13, 203-229.

    Nickell, S. (1981). Biases in dynamic models with fixed effects. Econometrica, 49, 1417-1426.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> pair, day, side = (part.ravel() for part in np.indices((40, 7, 2)))
    >>> stress = rng.normal(size=560) + rng.normal(size=80)[2 * pair + side]
    >>> mood = -0.5 * stress + rng.normal(size=560) + rng.normal(size=80)[2 * pair + side]
    >>> df = pd.DataFrame({"pair": pair, "day": day, "role": np.array(["coach", "client"])[side],
    ...                    "stress": stress, "mood": mood})
    >>> result = fit_diary(df, "mood", "stress", dyad="pair", role="role", occasion="day")
    >>> result.tidy()["term"].tolist()[4:6]
    ['actor, within: stress (client)', 'actor, within: stress (coach)']
    """
    for name, value, choices in (
        ("method", method, ("REML", "ML")),
        ("clock", clock, ("occasion", "time")),
    ):
        if value not in choices:
            raise StudyError(
                f"{name}={value!r} is not a choice.{nearest(str(value), list(choices))} It takes "
                f"{' or '.join(choices)}."
            )
    require_confidence(1.0 - alpha)
    if serial == "ar1" and clock == "time":
        raise StudyError(
            'serial = "ar1" counts occasions. With clock = "time" take serial = "exponential", '
            "which uses the real gaps."
        )
    dyads = _frame(data, dyad, role, person, occasion, time)
    told = not dyads.exchangeable if distinguishable is None else distinguishable
    if told and dyads.exchangeable:
        raise Refused(
            "The members of these dyads share one role, so that nothing tells them apart. Leave "
            "distinguishable out, or name the column that holds their roles."
        )
    rows = lay_out(
        dyads,
        outcome,
        _names(predictors),
        distinguishable=told,
        lagged=_names(lagged),
        max_gap=max_gap,
        covariates=_names(covariates),
        slopes=_names(slopes),
        trend=trend,
        clock=clock,
    )
    compliance = compliance_of(dyads, rows, expected)
    model = fit_diary_rows(rows, Fitting(serial, method, df, 1.0 - alpha))
    return present(dyads, model, compliance)


def _names(given: Sequence[str] | str) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _frame(
    data: DyadFrame | pd.DataFrame,
    dyad: str | None,
    role: str | None,
    person: str | None,
    occasion: str | None,
    time: str | None,
) -> DyadFrame:
    if isinstance(data, DyadFrame):
        return data
    if not isinstance(data, pd.DataFrame):
        raise StudyError(
            f"The data must be a DyadFrame or a DataFrame, but they are {type(data).__name__}."
        )
    for name, value, what in (
        ("dyad", dyad, "the column that both members of a dyad share"),
        ("occasion", occasion, "the column that numbers the occasions of the diary"),
    ):
        if value is None:
            raise StudyError(f"{name}=… is missing: {what}.")
    if role is None and person is None:
        raise StudyError(
            "With several occasions and no roles, person=… must say which rows are one person's."
        )
    return DyadFrame.from_individual(
        data, dyad=str(dyad), role=role, person=person, occasion=occasion, time=time
    )
