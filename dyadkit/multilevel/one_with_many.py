"""The one-with-many design: focal persons, each with several partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.display.labels import role_plural
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import StudyError, nearest
from dyadkit.frame import DyadFrame
from dyadkit.models.mixed_models import fit_rows
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_setup import DfMethod
from dyadkit.models.mixed_structure import Wanted
from dyadkit.multilevel.member_rows import frame_of
from dyadkit.multilevel.one_with_many_rows import FocalRows, lay_out_focal
from dyadkit.multilevel.one_with_many_shown import present_focal
from dyadkit.study import Part


class OneWithManyOptions(Part):
    """What a study file may say about an analysis of type "one_with_many"."""

    outcome: str
    predictors: tuple[str, ...] = ()
    focal: str | None = None
    within_between: bool = False
    method: Literal["REML", "ML"] = "REML"
    df: DfMethod = "satterthwaite"


def fit_one_with_many(
    data: DyadFrame | pd.DataFrame,
    outcome: str,
    predictors: Sequence[str] | str = (),
    *,
    focal: str | None = None,
    within_between: bool = False,
    method: Literal["REML", "ML"] = "REML",
    df: DfMethod = "satterthwaite",
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
    dyad: str | None = None,
    role: str | None = None,
    person: str | None = None,
) -> PresentedResult:
    r"""Divide what focal persons and their partners answer into persons and relationships.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        Of a DataFrame, with one row per person and partner, `dyad`, `role` and `person` name the
        columns.
    outcome : str
        A number that both sides, or one of them, answered about each partner: ``"quality.t1"``.
    predictors : sequence of str
        Numbers of the focal person, of the partner or of the dyad; what both sides answered is two
        predictors.  Each has an effect on either side's outcome.
    focal : str, optional
        The role of the focal persons; by default the one whose persons have several partners.
    within_between : bool
        Whether predictors that differ between the partners of one focal person are divided into
        the focal person's mean (over all dyads that have the predictor) and the deviations from it.
    method : {"REML", "ML"}
    df : {"satterthwaite", "kenward_roger"}
    alpha : float
        1 − confidence.
    seed : int or SeedSequence, optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        In `tidy`, ``effect`` is "intercept", "focal person", "relationship", "within" or "between"
        of fixed effects; "actor variance", "partner variance", "generalised reciprocity",
        "relationship variance", "dyadic reciprocity", "share of focal persons" and "anova ICC(1)"
        of the rest.  ``level`` says whose a predictor is: "focal person" (the same in all of a
        focal person's dyads), "partner", "relationship" or "dyad"; ``role`` whose answers it
        predicts.

    Raises
    ------
    Refused
        When members are exchangeable, or only focal persons answered, once for all partners
        (declared so, or because each gave one answer throughout); if partners answered too, the
        model is of their answers.
    StudyError
        When a variable or an option is wrong.
    DataError
        When no role's persons have several partners, or too few are left to tell their variances
        from those of relationships: on each side three focal persons with several partners, and
        three dyads that both sides answered; two focal persons when one side answered.
    FitError
        When the search does not converge.

    Notes
    -----
    For focal person j and partner i, with ratings of the partner by the focal person and of the
    focal person by the partner,

    .. math::

        y_{ji} &= \mu_1 + \alpha_j + \gamma_{ji} \\
        y_{ij} &= \mu_2 + \beta_j + \gamma_{ij}

    where the variance of :math:`\alpha` is the focal persons' actor variance, that of :math:`\beta`
    their partner variance, the correlation of the two generalised reciprocity, and that of
    :math:`\gamma_{ji}` and :math:`\gamma_{ij}`, signed, dyadic reciprocity (Kenny, Kashy & Cook,
    2006, ch. 10).  Without replicated answers the variances of :math:`\gamma` include error.

    References
    ----------
    Kenny, D. A., Kashy, D. A., & Cook, W. L. (2006). Dyadic data analysis. Guilford.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> mentor = np.repeat(np.arange(40), 3)
    >>> about = rng.normal(size=(40, 2))[mentor] + rng.normal(size=(120, 2))
    >>> df = pd.DataFrame({"pair": np.repeat(np.arange(120), 2),
    ...                    "role": ["mentor", "developee"] * 120,
    ...                    "who": np.column_stack([mentor, 1000 + np.arange(120)]).ravel(),
    ...                    "quality": about.ravel()})
    >>> result = fit_one_with_many(df, "quality", dyad="pair", role="role", person="who")
    >>> result.tidy()["effect"].tolist()[2:4]
    ['actor variance', 'partner variance']
    """
    if method not in ("REML", "ML"):
        raise StudyError(
            f"method={method!r} is not a choice.{nearest(str(method), ['REML', 'ML'])} It takes "
            "REML or ML."
        )
    dyads = frame_of(data, dyad, role, person)
    wanted = (predictors,) if isinstance(predictors, str) else tuple(predictors)
    rows = lay_out_focal(dyads, outcome, wanted, focal=focal, within_between=within_between)
    columns = [f"x{number + 1}" for number in range(len(rows.regressors))]
    two = rows.reciprocal
    formula = "y ~ 0 + role" if two else "y ~ 1"
    fit = fit_rows(
        " + ".join([formula, *(f"role:{name}" if two else name for name in columns)]),
        rows.frame,
        Columns("dyad", "role" if two else None),
        Wanted("unstructured" if two else "independent"),
        random="0 + role | focal" if two else "1 | focal",
        roles=rows.roles if two else None,
        method=method,
        df=df,
        confidence=1.0 - alpha,
        called=_called(rows),
    )
    return present_focal(dyads, rows, fit)


def _called(rows: FocalRows) -> dict[str, str]:
    names = {f"x{n + 1}": regressor.term for n, regressor in enumerate(rows.regressors)}
    return {"y": rows.outcome, "focal": f"the {role_plural(rows.focal)}", **names}
