"""The scaling of a model's chi-square at other parameters than its estimates."""

from __future__ import annotations

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.auxiliary import baseline_moments
from dyadkit.sem.cases import Cases
from dyadkit.sem.inference import (
    binding_jacobian,
    covariance_of_estimates,
    free_directions,
)
from dyadkit.sem.robust import Robust, robust_inference
from dyadkit.sem.solution import Solution


def trace_at(solution: Solution, cases: Cases, theta: FloatArray, kind: Robust) -> float:
    """Return scaling times degrees of freedom at theta, shape (q,)."""
    objective, table = solution.objective, solution.table
    point = objective.at(theta[None])
    slope = objective.slope(point)
    expected = solution.information == "expected"
    matrix = (objective.information(point, slope) if expected else objective.hessian(point, slope))[
        0
    ]
    jacobian = binding_jacobian(solution.constraints, theta)
    return robust_inference(
        kind,
        objective=objective,
        cases=cases,
        implied=point.implied,
        saturated=solution.saturated,
        baseline=solution.baseline,
        within=covariance_of_estimates(matrix, jacobian),
        along=free_directions(matrix, jacobian),
        expected=expected,
        baseline_free=baseline_moments(table),
    ).trace
