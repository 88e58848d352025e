"""Whether the variances of latent variables are zero, such as those of random intercepts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyadkit.errors import FitError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.comparable import at_restriction, require_comparable
from dyadkit.models.sem_fit import SemFit
from dyadkit.sem.inference import binding_jacobian, covariance_of_estimates
from dyadkit.sem.variance_cone import cone_p_value, nearest_face


def compare_zero_variances(
    restricted: SemFit,
    full: SemFit,
    latent: Sequence[str] | str,
    *,
    draws: int = 100_000,
    seed: int | np.random.SeedSequence | None = None,
) -> pd.DataFrame:
    r"""Test that one or two latent variables have no variance, with matrices of data only.

    Parameters
    ----------
    restricted : SemFit
        The model without these latent variables, or with their variances and covariance fixed at 0.
    full : SemFit
        The model with them, variances unbounded, fitted to the same rows.
    latent : str or sequence of str
        One or two latent variables.
    draws : int
        Draws that the p-value is from.
    seed : int or SeedSequence, optional

    Returns
    -------
    DataFrame
        ``"unrestricted"``, the ordinary likelihood-ratio test, which is right as long as variances
        may be negative; and ``"chi-bar-square"``, that of a refit in which the covariance matrix of
        the latent variables is positive semidefinite, with the Monte-Carlo error of its p-value.

    Raises
    ------
    Refused
        For robust fits, several groups, more than two latent variables, or when more than these
        variances distinguishes the models.

    Notes
    -----
    See `dyadkit.sem.variance_cone`.  A fixed mixture such as :math:`\tfrac14 \chi^2_0 + \tfrac12
    \chi^2_1 + \tfrac14 \chi^2_2` is not the distribution of either.
    """
    names = [latent] if isinstance(latent, str) else list(latent)
    require_comparable(restricted, full, "The two models")
    table = full.solution.table
    if full.setup.estimator != "ML" or table.n_groups > 1:
        raise Refused("This test is for estimator='ML' and one group.")
    if not 1 <= len(names) <= 2 or len(set(names)) < len(names):
        raise Refused(f"This test takes one or two latent variables, but got {listed(names)}.")
    tested = _tested(full, names)
    df = restricted.solution.measures.df - full.solution.measures.df
    if df != len(tested):
        raise Refused(
            f"The models differ by {df:.0f} degrees of freedom, but {listed(names)} have "
            f"{len(tested)} variances and covariances. Keep everything else alike: covariances of "
            "these latent variables with others must be fixed at 0 in both."
        )
    theta = at_restriction(restricted, full)
    objective, constraints = full.solution.objective, full.solution.constraints
    point = objective.at(theta[None])
    information = objective.information(point, objective.slope(point))[0]
    spread = covariance_of_estimates(information, binding_jacobian(constraints, theta))
    spread = spread[np.ix_(tested, tested)]
    free = 2.0 * (full.summary["loglik"] - restricted.summary["loglik"])
    inside = 2.0 * (_within_cone(full, tested, theta) - restricted.summary["loglik"])
    from scipy.special import chdtrc

    rng = np.random.default_rng(seed)
    p_value, error = cone_p_value(max(inside, 0.0), spread, draws, rng)
    return pd.DataFrame(
        {
            "term": ["unrestricted", "chi-bar-square"],
            "statistic": [free, max(inside, 0.0)],
            "df": [df, np.nan],
            "p_value": [float(chdtrc(df, max(free, 0.0))), p_value],
            "monte_carlo_error": [np.nan, error],
        }
    )


def _tested(full: SemFit, names: Sequence[str]) -> list[int]:
    """Return the places of variance, covariance and variance among the parameters."""
    table = full.solution.table
    pairs = [(names[0], names[0])]
    if len(names) == 2:
        pairs += [(names[0], names[1]), (names[1], names[1])]
    found = []
    for pair in pairs:
        rows = [
            row
            for row in table.rows
            if row.op == "~~" and {row.lhs, row.rhs} == set(pair) and row.free
        ]
        if not rows or not set(pair) <= set(table.latent):
            raise StudyError(
                f"The full model has no free parameter '{pair[0]} ~~ {pair[1]}' of latent "
                "variables. Free it, or leave the variable out of the test."
            )
        found.append(rows[0].free - 1)
    return found


def _within_cone(full: SemFit, tested: list[int], theta: FloatArray) -> float:
    """Return the log-likelihood of the best fit whose latent covariance matrix is one of data."""
    solution = full.solution
    own = solution.theta[tested]
    if len(tested) == 1:
        inside = own[0] >= 0
    else:
        inside = own[0] >= 0 and own[2] >= 0 and own[0] * own[2] >= own[1] ** 2
    if inside:
        return full.summary["loglik"]
    # The tip of the cone is in it; else the best matrix is on its face, of rank one.
    best = -float(solution.objective.at(theta[None]).value[0])
    if len(tested) == 3:
        best = max(best, _on_face(full, tested))
    reached = -float(solution.objective.at(solution.theta[None]).value[0])
    return full.summary["loglik"] + best - reached


def _on_face(full: SemFit, tested: list[int]) -> float:
    """Return minus the objective of the best fit with S = v v', by BFGS in standard errors."""
    solution = full.solution
    objective = solution.objective
    first, between, second = tested
    others = np.setdiff1d(np.arange(solution.theta.size), tested)
    unit = np.sqrt(np.diagonal(solution.covariance))
    spread = solution.covariance[np.ix_(tested, tested)]
    angle, length = nearest_face(solution.theta[tested], np.asarray(np.linalg.inv(spread)))
    if len(solution.constraints):
        raise Refused(
            "The refit within matrices of data is not offered for models with other constraints."
        )

    def place(x: FloatArray) -> FloatArray:
        theta = solution.theta.copy()
        theta[others] = x[2:] * unit[others]
        theta[first], theta[between], theta[second] = x[0] ** 2, x[0] * x[1], x[1] ** 2
        return theta

    def value(x: FloatArray) -> tuple[float, FloatArray]:
        point = objective.at(place(x)[None])
        if not np.isfinite(point.value[0]):
            return 1e300, np.zeros_like(x)
        g = objective.slope(point).by_parameter[0]
        slope = [
            2.0 * x[0] * g[first] + x[1] * g[between],
            2.0 * x[1] * g[second] + x[0] * g[between],
        ]
        return float(point.value[0]), np.concatenate([slope, g[others] * unit[others]])

    from scipy.optimize import minimize

    best = -np.inf
    size = float(np.sqrt(max(length, float(np.sqrt(spread[0, 0] * spread[2, 2]) ** 0.5))))
    for turn in (0.0, 0.5, -0.5):
        v = size * np.array([np.cos(angle + turn), np.sin(angle + turn)])
        start = np.concatenate([v, solution.theta[others] / unit[others]])
        found = minimize(value, start, jac=True, method="BFGS", options={"gtol": 1e-5})
        # BFGS may stop where rounding hides the last gain; the gradient says whether it is there.
        if np.abs(found.jac).max() < 1e-2:
            best = max(best, -float(found.fun))
    if not np.isfinite(best):
        raise FitError("The refit within matrices of data did not converge.")
    return best
