"""Members of teams: own scores, and those of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError, nearest
from dyadkit.frame import DyadFrame
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.models.mixed_models import fit_rows
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_setup import DfMethod
from dyadkit.models.mixed_structure import Wanted
from dyadkit.multilevel.teams_members import members_of, members_of_frame
from dyadkit.multilevel.teams_rows import TeamRows, lay_out_teams
from dyadkit.multilevel.teams_shown import present_teams
from dyadkit.study import Part


class TeamsOptions(Part):
    """What a study file may say about an analysis of type "teams"."""

    outcome: str
    predictors: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    own_others: bool = False
    size: bool = True
    by_role: bool = False
    method: Literal["REML", "ML"] = "REML"
    df: DfMethod = "satterthwaite"


def fit_teams(
    data: DyadFrame | pd.DataFrame,
    outcome: str,
    predictors: Sequence[str] | str = (),
    *,
    covariates: Sequence[str] | str = (),
    own_others: bool = False,
    size: bool = True,
    by_role: bool = False,
    method: Literal["REML", "ML"] = "REML",
    df: DfMethod = "satterthwaite",
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
    team: str | None = None,
    person: str | None = None,
    role: str | None = None,
) -> PresentedResult:
    r"""Estimate how own scores and those of the other members go together with an outcome.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        A DyadFrame with groups, whose persons count once (their answers about several partners are
        averaged); of a DataFrame with one row per member `team`, `person` and `role` name the
        columns.
    outcome : str
        A number: ``"trust"`` or ``"trust.t2"``.
    predictors : sequence of str
        Numbers; each has an effect of the own score and one of the mean of the other members' who
        answered.  What is the same for all members of a team has one effect.
    covariates : sequence of str
        Numbers of which the own score counts alone.
    own_others : bool
        Whether each predictor has an own × others interaction.
    size : bool
        Whether the size of the team is a predictor, where sizes differ: its members in the data,
        whether they answered or not.
    by_role : bool
        Whether intercepts, effects of own and others' scores and residual variances differ by role.
        The others' mean is over all roles.
    method : {"REML", "ML"}
    df : {"satterthwaite", "kenward_roger"}
    alpha : float
        1 − confidence.
    seed : int or SeedSequence, optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        In `tidy`, ``effect`` is "intercept", "own", "others", "own × others", "team", "covariate",
        "size", "own + others" (all members' scores higher by one), "difference in own" and so on
        (by role) and "residual", "empty model" or "ICC(1)".

    Raises
    ------
    StudyError
        When there are no teams, or a variable or an option is wrong.
    Refused
        For a diary, persons in several teams of a DyadFrame or in two roles of a team, and
        Kenward–Roger by role.
    DataError
        When the data cannot carry the model.
    FitError
        When the search does not converge.

    Notes
    -----
    For member i of team j with k members, of whom :math:`k'` others answered,

    .. math:: y_{ij} = b_0 + b_1 x_{ij} + b_2 \frac{1}{k'}\sum_{l \ne i} x_{lj} + b_3 k + e_{ij},

    the basic group actor–partner model (Kenny & Garcia, 2012).  Residuals of one team have one
    correlation, which may be negative, as no variance of teams can; its bound is
    :math:`-1/(k - 1)` for the largest team.

    References
    ----------
    Kenny, D. A., & Garcia, R. L. (2012). Using the actor–partner interdependence model to study the
    effects of group composition. Small Group Research, 43, 468-496.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> df = pd.DataFrame({"team": np.repeat(np.arange(40), 4), "x": rng.normal(size=160)})
    >>> df["y"] = 0.5 * df["x"] + rng.normal(size=40)[df["team"]] + rng.normal(size=160)
    >>> fit_teams(df, "y", "x", team="team").tidy()["effect"].tolist()[:4]
    ['intercept', 'own', 'others', 'own + others']
    """
    if method not in ("REML", "ML"):
        raise StudyError(
            f"method={method!r} is not a choice.{nearest(str(method), ['REML', 'ML'])} It takes "
            "REML or ML."
        )
    if by_role and df == "kenward_roger":
        raise Refused(
            "Kenward & Roger's degrees of freedom are not known for variances that differ by role. "
            "Take df='satterthwaite', or leave by_role out."
        )
    wanted = (predictors,) if isinstance(predictors, str) else tuple(predictors)
    others = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    names = [outcome, *wanted, *others]
    members = (
        members_of(data, names)
        if isinstance(data, DyadFrame)
        else members_of_frame(data, names, team, person, role)
    )
    rows = lay_out_teams(
        members, outcome, wanted, others, own_others=own_others, size=size, by_role=by_role
    )
    columns = [f"x{number + 1}" for number in range(len(rows.regressors))]
    fit, empty = (
        _fit(rows, " + ".join(["y ~ 0", *chosen]), method, df, 1.0 - alpha)
        for chosen in (columns, columns[: max(len(rows.roles), 1)])
    )
    return present_teams(rows, fit, empty)


def _fit(
    rows: TeamRows, formula: str, method: Literal["REML", "ML"], df: DfMethod, confidence: float
) -> MixedFit:
    return fit_rows(
        formula,
        rows.frame,
        Columns("team", person="person", variance_by="role" if rows.roles else None),
        Wanted("compound_symmetry", largest=None),
        method=method,
        df=df,
        confidence=confidence,
        called={
            "y": rows.members.names[0],
            **{f"x{n + 1}": r.term for n, r in enumerate(rows.regressors)},
        },
    )
