r"""Score tests: what the likelihood would gain from freeing parameters or letting constraints go.

With the gradient g of the log-likelihood and the information I at the estimates, by every parameter
that is free or could be, and a basis Z of the directions that the remaining constraints leave,

.. math:: T = g' Z (Z' I Z)^{-1} Z' g

is about chi-square with as many degrees of freedom as constraints are let go, and
:math:`Z (Z' I Z)^{-1} Z' g` is the expected change of the parameters (Rao, 1948; Saris, Satorra &
Sörbom, 1987; Bentler & Chou, 1992, for constraints).

References
----------
Bentler, P. M., & Chou, C.-P. (1992). Some new covariance structure model improvement statistics.
Sociological Methods & Research, 21, 259-282.

Rao, C. R. (1948). Large sample tests of statistical hypotheses concerning several parameters with
applications to problems of estimation. Mathematical Proceedings of the Cambridge Philosophical
Society, 44, 50-57.

Saris, W. E., Satorra, A., & Sörbom, D. (1987). The detection and correction of specification errors
in structural equation models. Sociological Methodology, 17, 105-129.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.inference import covariance_of_estimates, free_directions
from dyadkit.sem.language.further import Key, unshared, with_freed
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.objective import Objective, make_objective
from dyadkit.sem.solution import Information, Solution
from dyadkit.sem.structure import compile_structure

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Extended:
    """A fitted model with a parameter for every row, and further ones freed where they stand.

    Attributes
    ----------
    table : ParTable
    objective : Objective
        Of a stack of one.
    theta : ndarray, shape (q,)
        The estimates, then the values of what was freed.
    gradient : ndarray, shape (q,)
        Of the log-likelihood.
    information : ndarray, shape (q, q)
    constraints : ndarray, shape (r, q)
        Gradients of the constraints: first of shared labels, then of equations.
    names : tuple of str
        Of the constraints.
    n_estimated : int
        Parameters before those freed.
    """

    table: ParTable
    objective: Objective
    theta: FloatArray
    gradient: FloatArray
    information: FloatArray
    constraints: FloatArray
    names: tuple[str, ...]
    n_estimated: int


def extend(solution: Solution, freed: list[Key], information: Information = "expected") -> Extended:
    """Evaluate the likelihood with more freedom than the model has.

    Parameters
    ----------
    solution : Solution
    freed : list of (lhs, op, rhs, group)
        Fixed or absent parameters.
    information : {"expected", "observed"}
    """
    single, shared = unshared(solution.table)
    table = with_freed(single, freed)
    fixed = {
        (row.lhs, row.op, row.rhs, row.group): row.value
        for row in solution.table.rows
        if not row.free and not row.exo
    }
    values = [fixed.get(key, 0.0) for key in freed]
    theta = np.concatenate([solution.theta[shared], np.asarray(values, dtype=np.float64)])
    objective = make_objective(compile_structure(table), solution.objective.sample)
    point = objective.at(theta[None])
    slope = objective.slope(point)
    matrix = (
        objective.hessian(point, slope)
        if information == "observed"
        else objective.information(point, slope)
    )[0]
    constraints, names = _constraints(solution, single, shared, theta.size)
    return Extended(
        table=table,
        objective=objective,
        theta=theta,
        gradient=-slope.by_parameter[0],
        information=matrix,
        constraints=constraints,
        names=names,
        n_estimated=len(shared),
    )


def _constraints(
    solution: Solution, single: ParTable, shared: list[int], size: int
) -> tuple[FloatArray, tuple[str, ...]]:
    rows, names = [], []
    first: dict[int, int] = {}
    for number, parameter in enumerate(shared):
        begin = first.setdefault(parameter, number)
        if begin == number:
            continue
        row = np.zeros(size)
        row[begin], row[number] = 1.0, -1.0
        rows.append(row)
        names.append(f"{single.names[begin]} == {single.names[number]}")
    place = [first[parameter] for parameter in range(solution.table.n_free)]
    for equality in solution.constraints.equalities:
        row = np.zeros(size)
        row[place] = equality.evaluate(solution.theta)[1]
        rows.append(row)
        names.append(equality.text)
    return np.array(rows).reshape(-1, size), tuple(names)


def release(extended: Extended, let_go: IntArray, freed: IntArray) -> tuple[float, int, FloatArray]:
    """Return T, its degrees of freedom and the expected changes.

    Parameters
    ----------
    extended : Extended
    let_go : ndarray of int
        Constraints that no longer hold.
    freed : ndarray of int
        Parameters, among those beyond `n_estimated`, that are free.

    Notes
    -----
    Letting all constraints go may leave parameters that the data do not determine, such as all
    intercepts beside latent means: the generalised inverse leaves these directions out, and the
    degrees of freedom count those that the data determine.
    """
    kept = np.setdiff1d(np.arange(extended.constraints.shape[0]), let_go)
    chosen = np.concatenate([np.arange(extended.n_estimated), freed])
    information = extended.information[np.ix_(chosen, chosen)]
    basis = free_directions(information, extended.constraints[np.ix_(kept, chosen)])
    roots, vectors = np.linalg.eigh(basis.T @ information @ basis)
    known = roots > _NOTHING * roots[-1]
    directions = basis @ vectors[:, known]
    n = extended.n_estimated
    before = free_directions(extended.information[:n, :n], extended.constraints[:, :n]).shape[1]
    gradient = extended.gradient[chosen]
    along = directions.T @ gradient
    change = np.zeros(extended.theta.size)
    change[chosen] = directions @ (along / roots[known])
    return float((along**2 / roots[known]).sum()), int(known.sum()) - before, change


def one_by_one(extended: Extended) -> tuple[FloatArray, FloatArray]:
    r"""Return T and the expected change of each parameter beyond those estimated.

    Notes
    -----
    With E the estimated ones along their constraints and j another, the information about j that E
    leaves is :math:`I_{jj} - I_{jE} Z (Z' I_{EE} Z)^{-1} Z' I_{Ej}`, and E's own gradient vanishes
    along Z.  NaN where nothing is left: freeing j would not be identified.
    """
    n = extended.n_estimated
    inside = covariance_of_estimates(extended.information[:n, :n], extended.constraints[:, :n])
    cross = extended.information[:n, n:]
    pulled = inside @ cross
    own = np.diagonal(extended.information)[n:]
    left = own - np.einsum("ij,ij->j", cross, pulled)
    gradient = extended.gradient[n:]
    known = left > _NOTHING * np.maximum(own, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(known, gradient**2 / left, np.nan)
        change = np.where(known, gradient / left, np.nan)
    return statistic, change
