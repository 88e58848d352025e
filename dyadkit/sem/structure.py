r"""A parameter table as matrices: which parameter stands where.

The reticular action model (McArdle & McDonald, 1984) holds every model in three matrices over the
v = p + m variables, observed ones first: paths A (loadings and regressions, :math:`A_{ij}` leads
from variable j to variable i), symmetric S (variances and covariances, residual ones where
something leads to a variable) and means or intercepts t.  `dyadkit.sem.implied` says what they
imply.

A *cell* is a place in one of them that a free parameter fills.  Parameters that share a number
fill several cells.

References
----------
McArdle, J. J., & McDonald, R. P. (1984). Some algebraic properties of the Reticular Action Model
for moment structures. British Journal of Mathematical and Statistical Psychology, 37, 234-251.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.language.partable import Parameter, ParTable
from dyadkit.sem.sample import Sample

PATH, COVARIANCE, MEAN = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where parameters go in one of the matrices, flattened over groups, rows and columns."""

    index: IntArray
    parameter: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CellKinds:
    """The cells of one group that are paths, covariances and means."""

    paths: IntArray
    covariances: IntArray
    means: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Where the q free parameters of a model with G groups stand.

    Cells are ordered by parameter and padded, so that each group has c of them.

    Attributes
    ----------
    n_observed, n_variables, n_free : int
        p, v and q.
    matrix : ndarray of int, shape (G, c)
        ``PATH``, ``COVARIANCE`` or ``MEAN``; padding is a ``MEAN`` of weight 0.
    row, column : ndarray of int, shape (G, c)
        Place of the cell; the column of a mean is 0.
    parameter : ndarray of int, shape (G, c)
        From 0; q for padding.
    selector : ndarray, shape (G, c, q)
        1 where a cell holds a parameter, else 0.
    one_to_one : bool
        Whether cell k is parameter k and nothing else, so that derivatives by cells are
        derivatives by parameters.
    paths, covariances, means : ndarray, shapes (G, v, v), (G, v, v) and (G, v)
        The fixed values; 0 where a cell is free.
    exogenous : ndarray of int, shape (x,)
        Observed variables whose variances, covariances and means are the sample's.
    has_means : bool
        Whether the model has a mean structure; without one means are the sample's.
    u_from, r_from, s_from : ndarray of int, shape (G, c)
        Where the vectors and numbers of a cell's derivatives come from, in the stacks that
        `dyadkit.sem.implied.cell_derivatives` makes.  Means, of weight 0, take any r.
    weight : ndarray, shape (G, c)
        The w of a cell's derivatives.
    kinds : tuple of CellKinds
        The cells of each group by matrix, without padding.
    path_places, covariance_places, mean_places : Places
        Where parameters go; a covariance has its mirror image too.
    """

    n_observed: int
    n_variables: int
    n_free: int
    matrix: IntArray
    row: IntArray
    column: IntArray
    parameter: IntArray
    selector: FloatArray
    one_to_one: bool
    paths: FloatArray
    covariances: FloatArray
    means: FloatArray
    exogenous: IntArray
    has_means: bool
    u_from: IntArray
    r_from: IntArray
    s_from: IntArray
    weight: FloatArray
    kinds: tuple[CellKinds, ...]
    path_places: Places
    covariance_places: Places
    mean_places: Places

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.kinds)


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """The values that no parameter fills, with sample moments where they are taken from there.

    Shapes are (b, G, v, v), (b, G, v, v) and (b, G, v), with b the number of samples, or 1 when
    nothing comes from the samples.
    """

    paths: FloatArray
    covariances: FloatArray
    means: FloatArray

    def rows(self, chosen: IntArray | BoolArray) -> Fixed:
        """Return those of some samples of the stack."""
        if self.paths.shape[0] == 1:
            return self
        return Fixed(self.paths[chosen], self.covariances[chosen], self.means[chosen])


@lru_cache(maxsize=64)
def compile_structure(table: ParTable) -> Structure:
    """Turn a parameter table into matrices of indices.

    Parameters
    ----------
    table : ParTable

    Returns
    -------
    Structure
        Nothing in it depends on data.
    """
    place = {name: number for number, name in enumerate((*table.observed, *table.latent))}
    v, groups = len(place), table.n_groups
    paths, covariances = np.zeros((groups, v, v)), np.zeros((groups, v, v))
    means = np.zeros((groups, v))
    cells: list[list[tuple[int, int, int, int]]] = [[] for _ in range(groups)]
    for row in table.rows:
        matrix, i, j = _cell(row, place)
        g = row.group - 1
        if row.free:
            cells[g].append((row.free - 1, matrix, i, j))
        elif row.exo:
            continue
        elif matrix == PATH:
            paths[g, i, j] = row.value
        elif matrix == COVARIANCE:
            covariances[g, i, j] = covariances[g, j, i] = row.value
        else:
            means[g, i] = row.value
    return _padded(table, cells, paths, covariances, means)


def _padded(
    table: ParTable,
    cells: Sequence[list[tuple[int, int, int, int]]],
    paths: FloatArray,
    covariances: FloatArray,
    means: FloatArray,
) -> Structure:
    q, width = table.n_free, max(len(group) for group in cells)
    filled = [sorted(group) + [(q, MEAN, 0, 0)] * (width - len(group)) for group in cells]
    array = np.array(filled, dtype=np.int64).reshape(len(cells), width, 4)
    parameter, matrix, i, j = np.moveaxis(array, 2, 0)
    v = paths.shape[1]
    g = np.arange(len(cells))[:, None]
    real = parameter < q
    by_kind = [real & (matrix == kind) for kind in (PATH, COVARIANCE, MEAN)]
    square, mirrored = (g * v + i) * v + j, (g * v + j) * v + i
    on_cov = by_kind[COVARIANCE]
    used = {row.lhs for row in table.rows if row.exo}
    return Structure(
        n_observed=len(table.observed),
        n_variables=v,
        n_free=q,
        matrix=matrix,
        row=i,
        column=j,
        parameter=parameter,
        selector=(parameter[:, :, None] == np.arange(q)).astype(np.float64),
        one_to_one=len(cells) == 1 and np.array_equal(parameter[0], np.arange(q)),
        paths=paths,
        covariances=covariances,
        means=means,
        exogenous=np.array(
            [number for number, name in enumerate(table.observed) if name in used], dtype=np.int64
        ),
        has_means=table.meanstructure,
        u_from=i,
        r_from=np.where(matrix == PATH, j, v + j),
        s_from=np.where(matrix == PATH, j, np.where(by_kind[MEAN], v + 1, v)),
        weight=np.where(matrix == MEAN, 0.0, np.where(on_cov & (i == j), 0.5, 1.0)),
        kinds=tuple(
            CellKinds(*(np.flatnonzero(kind[group]) for kind in by_kind))
            for group in range(len(cells))
        ),
        path_places=Places(square[by_kind[PATH]], parameter[by_kind[PATH]]),
        covariance_places=Places(
            np.concatenate([square[on_cov], mirrored[on_cov]]), np.tile(parameter[on_cov], 2)
        ),
        mean_places=Places((g * v + i)[by_kind[MEAN]], parameter[by_kind[MEAN]]),
    )


def _cell(row: Parameter, place: dict[str, int]) -> tuple[int, int, int]:
    """Return matrix, row and column of a row of the table."""
    lhs = place[row.lhs]
    if row.op == "~1":
        return MEAN, lhs, 0
    rhs = place[row.rhs]
    if row.op == "~~":
        return COVARIANCE, lhs, rhs
    return (PATH, rhs, lhs) if row.op == "=~" else (PATH, lhs, rhs)


def fixed_values(structure: Structure, sample: Sample) -> Fixed:
    """Return the fixed values, with the moments of exogenous variables from each sample.

    Parameters
    ----------
    structure : Structure
    sample : Sample
        Complete in the exogenous variables.
    """
    x = structure.exogenous
    if x.size == 0:
        return Fixed(structure.paths[None], structure.covariances[None], structure.means[None])
    covariances, means = _stacked(structure, sample.counts.shape[0])
    means[:, :, x], covariances[:, :, x[:, None], x] = complete_moments(sample, x)
    paths = np.broadcast_to(structure.paths, covariances.shape)
    return Fixed(paths, covariances, means)


def _stacked(structure: Structure, size: int) -> tuple[FloatArray, FloatArray]:
    covariances, means = structure.covariances, structure.means
    return (
        np.broadcast_to(covariances, (size, *covariances.shape)).copy(),
        np.broadcast_to(means, (size, *means.shape)).copy(),
    )


def complete_moments(sample: Sample, variables: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return means (b, G, x) and covariances (b, G, x, x) of variables that miss no score."""
    x = variables
    share = sample.counts / sample.by_group(sample.counts)[:, sample.group]
    mean = sample.by_group(share[:, :, None] * sample.means[:, :, x])
    offset = sample.means[:, :, x] - mean[:, sample.group]
    about = sample.scatter[:, :, x[:, None], x] + offset[:, :, :, None] * offset[:, :, None, :]
    return mean, sample.by_group(share[:, :, None, None] * about)


def estimated_moments(structure: Structure) -> IntArray:
    """Return the moments that the model is about: not those of fixed exogenous variables."""
    p = structure.n_observed
    fixed = np.isin(np.arange(p), structure.exogenous)
    low, high = np.tril_indices(p)
    means = ~fixed if structure.has_means else np.zeros(p, dtype=np.bool_)
    return np.flatnonzero(np.concatenate([~(fixed[low] & fixed[high]), means]))
