"""How often intervals of actor and partner effects miss the truth: 5 % is what they promise.

An interval misses a value just when the test at 5 % rejects it, so that one rate is both one less
the coverage and the type-I error; two of four effects (one of two, of exchangeable members) are
zero in truth.  Predictors and residuals are drawn anew for each of 2,000 samples a cell; 3.5
Monte-Carlo standard errors are allowed, which is 1.7 percentage points.  In every other cell a
fifth of the dyads has one member, with the partner's predictor known.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.special import stdtrit

from dyadkit.mixed.degrees import KenwardRoger, Satterthwaite
from dyadkit.mixed.solution import Solution, solve
from dyadkit.mixed.terms import Problem, ResidualTerm

DRAWS = 2000
SLACK = 3.5 * sqrt(0.05 * 0.95 / DRAWS)
SIZES = (40, 100, 355)
CORRELATIONS = (-0.4, 0.0, 0.6)
ONE_SIDED = 0.2
# Intercepts and effects by role: coach's actor, partner, client's actor, partner.
DISTINGUISHABLE = np.array([3.0, 4.0, 0.4, 0.0, 0.0, 0.2])
EXCHANGEABLE = np.array([3.0, 0.4, 0.0])
CELLS = [
    pytest.param(n, correlation, (row + column) % 2 == 1, id=f"{n}, {correlation}")
    for row, n in enumerate(SIZES)
    for column, correlation in enumerate(CORRELATIONS)
]


def sample(
    rng: np.random.Generator, n: int, correlation: float, one_sided: bool, alike: bool
) -> Problem:
    """Draw an actor–partner model of n dyads."""
    predictor = rng.normal(size=(n, 2)) @ np.array([[1.0, 0.3], [0.0, sqrt(0.91)]])
    residual = rng.normal(size=(n, 2))
    residual[:, 1] = correlation * residual[:, 0] + sqrt(1.0 - correlation**2) * residual[:, 1]
    if not alike:
        residual[:, 1] *= 1.4
    actor, partner = predictor.ravel(), predictor[:, ::-1].ravel()
    dyad, member = np.repeat(np.arange(n), 2), np.tile([0, 1], n)
    if alike:
        x = np.column_stack([np.ones(2 * n), actor, partner])
        y = x @ EXCHANGEABLE
    else:
        own = [member == 0, member == 1]
        slopes = [column * role for role in own for column in (actor, partner)]
        x = np.column_stack([*own, *slopes]).astype(float)
        y = x @ DISTINGUISHABLE
    y = y + residual.ravel()
    kept = np.ones(2 * n, dtype=bool)
    if one_sided:
        lonely = rng.permutation(n)[: round(ONE_SIDED * n)]
        kept[2 * lonely + rng.integers(0, 2, size=lonely.size)] = False
    term = ResidualTerm("compound_symmetry" if alike else "unstructured", member[kept], dyad[kept])
    return Problem(y[kept], x[kept], dyad[kept], term)


def missed(solution: Solution, degrees: Satterthwaite | KenwardRoger, truth: np.ndarray):
    """Tell which effects' 95 % intervals leave the truth out."""
    reach = stdtrit(degrees.df(np.eye(truth.size)), 0.975)
    return np.abs(solution.beta - truth) > reach * np.sqrt(np.diag(degrees.covariance))


@pytest.mark.slow
@pytest.mark.parametrize("alike", [False, True], ids=["roles", "exchangeable"])
@pytest.mark.parametrize(("n", "correlation", "one_sided"), CELLS)
def test_intervals_miss_as_often_as_they_say(n, correlation, one_sided, alike):
    truth = EXCHANGEABLE if alike else DISTINGUISHABLE
    methods = (Satterthwaite, KenwardRoger) if n == min(SIZES) else (Satterthwaite,)
    rng = np.random.default_rng([n, round(10 * correlation) + 10, alike])
    found = np.zeros((len(methods), truth.size))
    for _ in range(DRAWS):
        solution = solve(sample(rng, n, correlation, one_sided, alike))
        found += [missed(solution, method(solution), truth) for method in methods]
    assert np.abs(found / DRAWS - 0.05).max() < SLACK, np.round(100 * found / DRAWS, 2)


@pytest.mark.slow
def test_normal_intervals_and_intervals_of_least_squares_miss_too_often():
    # What degrees of freedom and the correlation are for: of 12 dyads 1.96 standard errors are too
    # few, and without the correlation those of least squares are too short or too long.
    rng = np.random.default_rng(1)
    normal, plain = 0, 0
    for _ in range(DRAWS):
        problem = sample(rng, 12, 0.6, False, True)
        solution = solve(problem)
        apart = np.abs(solution.beta - EXCHANGEABLE)
        normal += apart[0] > 1.96 * sqrt(solution.covariance[0, 0])
        x, y = problem.x, problem.y
        beta = np.linalg.lstsq(x, y)[0]
        rest = y - x @ beta
        variance = rest @ rest / (y.size - 3) * np.linalg.inv(x.T @ x)[0, 0]
        plain += abs(beta[0] - EXCHANGEABLE[0]) > 2.08 * sqrt(variance)
    assert normal / DRAWS > 0.05 + SLACK
    assert plain / DRAWS > 0.08
