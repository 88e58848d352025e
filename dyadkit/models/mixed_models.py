"""Linear mixed models of dyads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray, require_confidence
from dyadkit.frame import DyadFrame
from dyadkit.mixed.solution import solve
from dyadkit.mixed.terms import Problem, SerialKind
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.models.mixed_formula import matrices_of, parse
from dyadkit.models.mixed_rows import (
    Columns,
    codes_of,
    independent_clusters,
    long_rows,
    take_rows,
)
from dyadkit.models.mixed_setup import DfMethod, MixedSetup
from dyadkit.models.mixed_structure import (
    Members,
    Residual,
    Wanted,
    check_wanted,
    random_of,
    residual_of,
)
from dyadkit.models.used_rows import Rows

_METHODS = ("REML", "ML")
_DF = ("satterthwaite", "kenward_roger")
_COLLINEAR = 1e-10
_EXACT = 1e-9
_FEWEST_DYADS = 3


def fit_mixed(
    formula: str,
    data: pd.DataFrame | DyadFrame,
    *,
    dyad: str | None = None,
    role: str | None = None,
    person: str | None = None,
    time: str | None = None,
    random: str | Sequence[str] | None = None,
    residual: Residual = "unstructured",
    serial: SerialKind | None = None,
    variance_by: str | None = None,
    method: Literal["REML", "ML"] = "REML",
    df: DfMethod = "satterthwaite",
    confidence: float = 0.95,
) -> MixedFit:
    r"""Fit a Gaussian linear mixed model to the members of dyads.

    Parameters
    ----------
    formula : str
        Outcome and fixed effects, as R and formulaic write them:
        ``"trust ~ 0 + role + role:openness_actor + role:openness_partner"``.
    data : DataFrame or DyadFrame
        One row per person (and occasion).  Of a DyadFrame its `pairwise` layout is taken, in which
        a variable is called ``{variable}_actor`` and ``{variable}_partner``.
    dyad, role, person, time : str, optional
        The columns that both members share, that tells them apart, that says who answered, and of
        the occasion or time stamp (days, of time stamps).  Of a DyadFrame they are known: its
        roles, unless members are exchangeable, and the occasions of a diary.
    random : str or sequence of str, optional
        Random effects, as glmmTMB writes them: ``"1 | team"``, ``"0 + role | dyad"``; all
        covariances are estimated, none with ``||`` or ``diag(1 + day | person)``;
        ``exchangeable(1 + day | dyad)`` gives both members of a dyad effects with equal
        covariance matrices and signed covariances between the two members.
    residual : {"unstructured", "compound_symmetry", "independent"}
        Of the two members' residuals (at one occasion): two variances and a signed correlation, one
        variance and a signed correlation, or one variance.  Without roles the first is the second.
    serial : {"ar1", "exponential"}, optional
        Decay of all residual covariances with the gap in time: :math:`\varphi^{gap}` for numbered
        occasions, :math:`\exp(-gap/\theta)` for any times.  Without it, residuals of different
        occasions are independent.
    variance_by : str, optional
        A factor by whose levels residual standard deviations differ, by one ratio each.
    method : {"REML", "ML"}
        Restricted or full maximum likelihood.
    df : {"satterthwaite", "kenward_roger"}
        Degrees of freedom of t and F tests; see Notes.
    confidence : float
        Level of the intervals.

    Returns
    -------
    MixedFit
        In `tidy`, ``effect`` is ``"fixed"`` or ``"covariance"``.

    Raises
    ------
    StudyError
        When a formula, a column or a choice is wrong.
    DataError
        When dyads have more than two members, a member two rows at one occasion, roles are
        missing, predictors are collinear or rows are too few.
    FitError
        When the search does not converge.
    Refused
        For Kenward–Roger under ML, or with `serial` or `variance_by`.

    Notes
    -----
    The correlation of two members' residuals is a parameter of its own and may be negative, as no
    random intercept's variance can (Kenny, Kashy & Cook, 2006, ch. 4).  A dyad with one member
    adds what it knows; a row is lost only where outcome or predictors are missing.
    Satterthwaite's degrees of freedom come from the observed Hessian of the (restricted)
    likelihood, for several effects at once by Fai & Cornelius (1996); Kenward & Roger's (1997) from
    the expected one.  The restricted log-likelihood leaves out the constant of X'X, as SAS,
    SPSS, nlme and lme4 do.

    References
    ----------
    Fai, A. H.-T., & Cornelius, P. L. (1996). Approximate F-tests of multiple degree of freedom
    hypotheses in generalized least squares analyses of unbalanced split-plot experiments. Journal
    of Statistical Computation and Simulation, 54, 363-378.

    Kenny, D. A., Kashy, D. A., & Cook, W. L. (2006). Dyadic data analysis. Guilford.

    Kenward, M. G., & Roger, J. H. (1997). Small sample inference for fixed effects from restricted
    maximum likelihood. Biometrics, 53, 983-997.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> pairs = rng.multivariate_normal([5, 4], [[1.0, -0.4], [-0.4, 2.0]], 50)
    >>> df = pd.DataFrame({"pair": np.repeat(np.arange(50), 2), "role": ["coach", "client"] * 50,
    ...                    "trust": pairs.ravel()})
    >>> fit = fit_mixed("trust ~ 0 + role", df, dyad="pair", role="role")
    >>> fit.tidy()["term"].tolist()[:2]
    ['role[client]', 'role[coach]']
    """
    columns, roles = _columns(data, dyad, role, person, time, variance_by)
    wanted = Wanted(residual, serial)
    return fit_rows(
        formula,
        long_rows(data),
        columns,
        wanted,
        random=random,
        roles=roles,
        method=method,
        df=df,
        confidence=confidence,
    )


def fit_rows(
    formula: str,
    frame: pd.DataFrame,
    columns: Columns,
    wanted: Wanted,
    *,
    random: str | Sequence[str] | None = None,
    roles: Sequence[str] | None = None,
    method: Literal["REML", "ML"] = "REML",
    df: DfMethod = "satterthwaite",
    confidence: float = 0.95,
    called: Mapping[str, str] = MappingProxyType({}),
) -> MixedFit:
    """Fit a mixed model to rows whose columns are known; see `fit_mixed`.

    `called` has the names by which messages call columns of the formula.
    """
    for name, value, choices in (("method", method, _METHODS), ("df", df, _DF)):
        if value not in choices:
            raise StudyError(
                f"{name}={value!r} is not a choice.{nearest(str(value), list(choices))} It takes "
                f"{' or '.join(choices)}."
            )
    require_confidence(confidence)
    check_wanted(wanted, columns)
    parsed = parse(formula, random)
    rows = take_rows(frame, parsed, columns, roles)
    y, x, names, spec = matrices_of(parsed, rows)
    dyads = codes_of(rows, [columns.dyad])
    members = residual_of(rows, columns, wanted, dyads)
    terms = [random_of(term, rows, members) for term in parsed.random]
    clusters = independent_clusters([dyads, *(term.group for term, _ in terms)])
    problem = Problem(
        y, x, clusters, members.term, tuple(term for term, _ in terms), reml=method == "REML"
    )
    seen = _seen(dyads, members)
    n_dyads = seen.shape[0]
    _require_enough(x, n_dyads, wanted.unit)
    _require_rank(problem, names, called)
    _require_spread(y, x, listed(sorted(called.get(p, p) for p in parsed.outcome)))
    setup = MixedSetup(
        formula=formula,
        outcome=listed(sorted(parsed.outcome)),
        names=names,
        random=parsed.random,
        effects=tuple(effects for _, effects in terms),
        members=members.names,
        levels=members.levels,
        columns=columns,
        wanted=wanted,
        method=method,
        df=df,
        confidence=confidence,
        n_read=rows.n_read,
        n_rows=y.size,
        n_dyads=n_dyads,
        n_one_sided=int((seen.sum(axis=1) < 2).sum()),
        n_clusters=int(clusters.max()) + 1,
        n_persons=_persons(rows, columns, members, seen),
        dropped=rows.dropped,
        spec=spec,
    )
    solution = solve(problem)
    return MixedFit(solution, setup, rows)


def _columns(
    data: pd.DataFrame | DyadFrame,
    dyad: str | None,
    role: str | None,
    person: str | None,
    time: str | None,
    variance_by: str | None,
) -> tuple[Columns, Sequence[str] | None]:
    if isinstance(data, DyadFrame):
        if role is None and not data.exchangeable:
            role = "role"
        if person is None and data.exchangeable:
            person = "member"
        if time is None and data.diary:
            time = "occasion"
        return Columns(dyad or "dyad", role, person, time, variance_by), data.roles
    if dyad is None:
        raise StudyError(
            "dyad=… is missing: the column of the data that both members of a dyad share."
        )
    return Columns(dyad, role, person, time, variance_by), None


def _require_rank(problem: Problem, names: Sequence[str], called: Mapping[str, str]) -> None:
    """Refuse predictors of which one is a combination of others, and name them."""
    if not names or problem.spectrum.roots[0] > _COLLINEAR:
        return
    names = [":".join(called.get(part, part) for part in name.split(":")) for name in names]
    zero = [name for name, column in zip(names, problem.x.T, strict=True) if not column.any()]
    if zero:
        raise DataError(
            f"The predictor(s) {listed(zero)} are 0 in every row used. Leave them out of the "
            "formula, or check their codes."
        )
    weights = np.abs(problem.spectrum.vectors[:, 0])
    involved = [names[place] for place in np.flatnonzero(weights > 0.01).tolist()]
    raise DataError(
        f"The predictors {listed(involved, 8)} determine each other, so that their effects cannot "
        "be told apart: one may be constant (within a role), a copy, or a total of others. Leave "
        "one of them out."
    )


def _require_spread(y: FloatArray, x: FloatArray, name: str) -> None:
    centred = y - y.sum() / y.size
    spread = float(np.sqrt(centred @ centred / y.size))
    if spread <= 1e-12 * max(1.0, float(np.abs(y).max())):
        raise DataError(f"The outcome {name} has the same value in every row used.")
    n, p = x.shape
    if p > 0 and n <= 2 * p:
        left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        if float(np.std(left)) <= _EXACT * spread:
            raise DataError(f"The predictors determine the outcome {name} exactly.")


def _seen(units: IntArray, members: Members) -> BoolArray:
    """Tell which members of each unit are there (n_units, n_members)."""
    seen = np.zeros((int(units.max()) + 1, members.term.n_members), dtype=np.bool_)
    seen[units, members.term.member] = True
    return seen


def _persons(rows: Rows, columns: Columns, members: Members, seen: BoolArray) -> int:
    """Count distinct persons, in the role that has fewest."""
    if columns.role is None:
        return int(seen.sum())
    if columns.person is not None:
        seen = _seen(codes_of(rows, [columns.person]), members)
    return int(seen.sum(axis=0).min())


def _require_enough(x: FloatArray, n_dyads: int, unit: str) -> None:
    n, p = x.shape
    if n <= p or n_dyads < _FEWEST_DYADS:
        raise DataError(
            f"The model has {p} fixed effects, but only {n} rows in {n_dyads} {unit}(s) can "
            "be used. Take fewer predictors, or check where rows were lost."
        )
