"""Random mixed models, data that they could have made, and the same likelihood written densely."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.linalg import block_diag

from dyadkit.mixed.blocks import blocks_of
from dyadkit.mixed.covariance import basis_of, layout_of
from dyadkit.mixed.likelihood import Data, slope_at
from dyadkit.mixed.products import products_of
from dyadkit.mixed.search import curvature_of
from dyadkit.mixed.solution import Solution, coordinates_of
from dyadkit.mixed.terms import Problem, RandomTerm, ResidualTerm
from dyadkit.mixed.working import Working, matrix_of, working_of

KINDS = (
    "unstructured",
    "compound_symmetry",
    "independent",
    "intercept",
    "slopes",
    "diagonal",
    "exchangeable",
    "ar1",
    "exponential",
    "ratios",
    "everything",
)
_DIARIES = ("intercept", "slopes", "diagonal", "exchangeable", "ar1", "exponential", "everything")


def problem_of(
    kind: str, seed: int = 1, *, clusters: int = 40, reml: bool = True, holes: float = 0.1
) -> Problem:
    """Make a problem: dyads with two members once, or on some days where terms need it.

    Rows are left out at random with probability `holes`, and shuffled.
    """
    rng = np.random.default_rng(seed)
    days = 5 if kind in _DIARIES else 1
    cluster, day, member = (
        axis.ravel() for axis in np.meshgrid(range(clusters), range(days), range(2), indexing="ij")
    )
    n = cluster.size
    time = day.astype(float)
    if kind in {"exponential", "everything"}:
        time = (1.0 + 0.5 * rng.integers(0, 2, size=n // 2)).cumsum().repeat(2)
    x = np.column_stack([np.ones(n), member, rng.normal(size=n), rng.normal(size=n)])
    dyad = rng.normal(size=clusters)[cluster]
    own = rng.normal(size=(clusters, 2))[cluster, member]
    slope = rng.normal(size=clusters)[cluster] * day
    y = x @ [1.0, 0.3, 0.5, -0.2] + 0.8 * dyad + 0.7 * own + 0.4 * slope
    y += rng.normal(size=n) * np.array([1.0, 1.5])[member]
    if days == 1:
        y -= 1.2 * dyad * member
    pair = cluster * days + day
    sign = 1.0 - 2.0 * member
    dated = np.column_stack([np.ones(n), day - 2.0])
    residual = ResidualTerm("unstructured", member, pair)
    random: tuple[RandomTerm, ...] = ()
    if kind == "compound_symmetry":
        residual = ResidualTerm("compound_symmetry", member, pair)
    elif kind == "independent":
        residual = ResidualTerm("independent", member, np.arange(n))
    elif kind == "intercept":
        residual = ResidualTerm("independent", member, np.arange(n))
        random = (RandomTerm(np.ones((n, 1)), cluster),)
    elif kind == "slopes":
        random = (RandomTerm(dated, cluster),)
    elif kind == "diagonal":
        random = (RandomTerm(dated, cluster, "diagonal"), RandomTerm(dated[:, :1], pair))
        residual = ResidualTerm("independent", member, np.arange(n))
    elif kind == "exchangeable":
        random = (RandomTerm(dated, cluster, "exchangeable", sign),)
        residual = ResidualTerm("compound_symmetry", member, pair)
    elif kind == "ar1":
        residual = ResidualTerm("unstructured", member, cluster, "ar1", time)
    elif kind == "exponential":
        residual = ResidualTerm("compound_symmetry", member, cluster, "exponential", time)
        random = (RandomTerm(dated[:, :1], cluster),)
    elif kind == "ratios":
        level = rng.integers(0, 3, size=clusters)[cluster]
        residual = ResidualTerm("unstructured", member, pair, level=level)
    elif kind == "everything":
        level = rng.integers(0, 3, size=n)
        residual = ResidualTerm("unstructured", member, cluster, "exponential", time, level)
        random = (RandomTerm(dated, cluster, "exchangeable", sign),)
    problem = Problem(y, x, cluster, residual, random, reml)
    kept = rng.random(n) >= holes
    # A cluster code must not be lost.
    kept[np.unique(cluster, return_index=True)[1]] = True
    return rows_of(problem, rng.permutation(np.flatnonzero(kept)))


def rows_of(problem: Problem, rows: np.ndarray) -> Problem:
    """Return some rows of a problem, in that order."""
    residual = problem.residual
    residual = replace(
        residual,
        member=residual.member[rows],
        pair=residual.pair[rows],
        time=None if residual.time is None else residual.time[rows],
        level=None if residual.level is None else residual.level[rows],
    )
    random = tuple(
        replace(
            term,
            z=term.z[rows],
            group=term.group[rows],
            sign=None if term.sign is None else term.sign[rows],
        )
        for term in problem.random
    )
    return Problem(
        problem.y[rows], problem.x[rows], problem.cluster[rows], residual, random, problem.reml
    )


def repeated(problem: Problem, counts: np.ndarray) -> Problem:
    """Return the data set in which cluster i stands `counts[i]` times, each as its own cluster."""
    chosen, clusters, copies = [], [], []
    number = 0
    for code, count in enumerate(counts.tolist()):
        own = np.flatnonzero(problem.cluster == code)
        for copy in range(count):
            chosen.append(own)
            clusters.append(np.full(own.size, number))
            copies.append(np.full(own.size, copy))
            number += 1
    found = rows_of(problem, np.concatenate(chosen))
    copy = np.concatenate(copies)

    def told_apart(codes: np.ndarray) -> np.ndarray:
        return codes + copy * (int(codes.max()) + 1)

    return replace(
        found,
        cluster=np.concatenate(clusters),
        residual=replace(found.residual, pair=told_apart(found.residual.pair)),
        random=tuple(replace(term, group=told_apart(term.group)) for term in found.random),
    )


def data_of(problem: Problem) -> tuple[Data, Working]:
    """Return what `solve` searches with."""
    blocks = blocks_of(problem)
    rows = coordinates_of(problem).rows
    data = Data(
        tuple(basis_of(problem, block) for block in blocks),
        tuple(products_of(block, rows) for block in blocks),
        np.array([float(problem.y.size)]),
        problem.x.shape[1],
        problem.reml,
    )
    return data, working_of(layout_of(problem))


def dense_random(problem: Problem, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Z and G of all random terms and units, unit by unit; members' own effects if any."""
    at, columns, matrices = 0, [], []
    for term in problem.random:
        q = term.size
        count = q if term.kind == "diagonal" else q * (q + 1) // 2
        values = theta[at : at + count]
        g = np.diag(values) if term.kind == "diagonal" else matrix_of(values, q)
        at += count
        if term.kind == "exchangeable":
            d = matrix_of(theta[at : at + count], q)
            at += count
            g = np.block([[g + d, g - d], [g - d, g + d]])
        for unit in np.unique(term.group):
            inside = term.group == unit
            if term.kind == "exchangeable":
                first, second = term.sign > 0, term.sign < 0
                columns.append(term.z * (inside & first)[:, None])
                columns.append(term.z * (inside & second)[:, None])
            else:
                columns.append(term.z * inside[:, None])
            matrices.append(g)
    n = problem.y.size
    if not columns:
        return np.zeros((n, 0)), np.zeros((0, 0))
    return np.column_stack(columns), block_diag(*matrices)


def dense_residual(problem: Problem, theta: np.ndarray) -> np.ndarray:
    """Return the residual covariance matrix of all rows, element by element."""
    residual, n = problem.residual, problem.y.size
    linear = {"unstructured": residual.n_members * (residual.n_members + 1) // 2}.get(
        residual.kind, 2 if residual.kind == "compound_symmetry" else 1
    )
    tail = theta[theta.size - linear - (residual.serial is not None) - residual.n_ratios :]
    values, tail = tail[:linear], tail[linear:]
    r = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            a, b = residual.member[i], residual.member[j]
            if residual.pair[i] != residual.pair[j]:
                continue
            if residual.kind == "unstructured":
                value = matrix_of(values, residual.n_members)[a, b]
            elif residual.kind == "compound_symmetry":
                value = values[0] if a == b else values[1]
            elif residual.serial is not None:
                value = values[0] if a == b else 0.0
            else:
                value = values[0] if i == j else 0.0
            if residual.serial == "ar1":
                value *= tail[0] ** abs(residual.time[i] - residual.time[j])
            elif residual.serial == "exponential":
                value *= np.exp(-abs(residual.time[i] - residual.time[j]) / np.exp(tail[0]))
            r[i, j] = value
    if residual.level is not None:
        ratios = np.exp(np.concatenate([[0.0], tail[tail.size - residual.n_ratios :]]))
        sd = ratios[residual.level]
        r = r * np.outer(sd, sd)
    return r


def dense_v(problem: Problem, theta: np.ndarray) -> np.ndarray:
    """Return the covariance matrix of all rows."""
    z, g = dense_random(problem, theta)
    return z @ g @ z.T + dense_residual(problem, theta)


def dense_loglik(problem: Problem, theta: np.ndarray) -> float:
    """Return the (restricted) log-likelihood from the covariance matrix of all rows."""
    v, x, y = dense_v(problem, theta), problem.x, problem.y
    n, p = x.shape
    information = x.T @ np.linalg.solve(v, x)
    beta = np.linalg.solve(information, x.T @ np.linalg.solve(v, y))
    e = y - x @ beta
    deviance = np.linalg.slogdet(v)[1] + e @ np.linalg.solve(v, e)
    if problem.reml:
        deviance += np.linalg.slogdet(information)[1] - p * np.log(2 * np.pi)
    return float(-0.5 * (deviance + n * np.log(2 * np.pi)))


def at_theta(solution: Solution, w: np.ndarray) -> Solution:
    """Return a solution moved to other working parameters."""
    working, point = solution.working, w[None]
    slope = slope_at(solution.data, working.natural(point))
    curvature = curvature_of(slope, working, point, working.jacobian(point))
    return replace(solution, w=w, slope=slope, curvature=curvature)
