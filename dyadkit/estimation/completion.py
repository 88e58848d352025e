r"""What missing scores are expected to be, given the others: the E step of EM.

With :math:`K = \Sigma^{-1}` and a pattern's missing variables m and observed ones o, the missing
deviations have, given the observed ones, mean :math:`-K_{mm}^{-1} K_{mo} d_o` and covariance
:math:`K_{mm}^{-1}`; and :math:`|\Sigma_{oo}| = |\Sigma|\,|K_{mm}|` (Schur).  Where few scores are
missing these matrices are small, whatever the number of variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.estimation.pattern_statistics import PatternStatistics

_WIDTH = 8
_SHARE = 8
_CELLS = 2**19


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """What is missing in m patterns that miss about as many variables, w at most.

    Attributes
    ----------
    patterns : ndarray of int, shape (m,)
        Rising, so that patterns of several rows, which have a scatter, come first.
    index : ndarray of int, shape (m, w)
        The missing variables; padding is the number of variables, p.
    padding : ndarray of bool, shape (m, w)
    number : ndarray of int, shape (m,)
        How many variables each misses.
    cells : ndarray of int, shape (m, w, w)
        Their places in a flattened matrix of p + 1 variables.
    places : ndarray of int, shape (m, w)
        The same in a flattened array of all patterns by p + 1 variables.
    several : int
        How many of the patterns have a scatter.
    across : ndarray of int, shape (several, w, p)
        Places of the rows of their missing variables in a flattened matrix of p + 1 rows.
    """

    patterns: IntArray
    index: IntArray
    padding: BoolArray
    number: IntArray
    cells: IntArray
    places: IntArray
    several: int
    across: IntArray


class Completed(NamedTuple):
    """Expected sums over all rows, about the mean, and the log-likelihood without constants.

    Shapes: total (p,); square (p, p).
    """

    total: FloatArray
    square: FloatArray
    loglik: float


def gaps_of(observed: BoolArray, several: int = 0) -> tuple[Gaps, ...]:
    """Sort the patterns with missing scores by how many they miss.

    Parameters
    ----------
    observed : ndarray of bool, shape (m, p)
        The variables that each pattern has.
    several : int
        How many of them, the first ones, have a scatter.
    """
    p = observed.shape[1]
    missing = ~observed
    number = missing.sum(axis=1)
    step = max(_WIDTH, p // _SHARE)
    size = -(-number // step)
    first = np.argsort(~missing, axis=1, kind="stable")
    found = []
    for level in range(1, int(size.max(initial=0)) + 1):
        among = np.flatnonzero(size == level)
        at_once = max(1, _CELLS // (p * step * level))
        for begin in range(0, among.size, at_once):
            patterns = among[begin : begin + at_once]
            width = int(number[patterns].max())
            padding = np.arange(width) >= number[patterns, None]
            index = np.where(padding, p, first[patterns, :width])
            scattered = int((patterns < several).sum())
            found.append(
                Gaps(
                    patterns=patterns,
                    index=index,
                    padding=padding,
                    number=number[patterns],
                    cells=index[:, :, None] * (p + 1) + index[:, None, :],
                    places=patterns[:, None] * (p + 1) + index,
                    several=scattered,
                    across=index[:scattered, :, None] * p + np.arange(p),
                )
            )
    return tuple(found)


def complete_sums(
    data: PatternStatistics,
    gaps: tuple[Gaps, ...],
    within: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
) -> Completed:
    """Return the expected sums of complete data, and the log-likelihood of the observed ones.

    Parameters
    ----------
    data : PatternStatistics
    gaps : tuple of Gaps
        Of `data`.
    within : ndarray, shape (p, p)
        The counts times the scatters, summed.
    mean, covariance : ndarray, shapes (p,) and (p, p)
        The latter positive definite.
    """
    p = mean.size
    counts = data.counts
    precision = np.zeros((p + 1, p + 1))
    precision[:p, :p] = np.linalg.inv(covariance)
    offset = np.zeros((counts.size, p + 1))
    offset[:, :p] = np.where(data.observed, data.means - mean, 0.0)
    pulled, leads = offset @ precision, precision[:, :p]
    logdet = float(counts.sum() * np.linalg.slogdet(covariance)[1])
    filled = 0.0
    inside = np.zeros((p + 1) ** 2)
    across = np.zeros((p + 1) * p)
    for gap in gaps:
        matrix = precision.take(gap.cells)
        diagonal = np.arange(gap.index.shape[1])
        matrix[:, diagonal, diagonal] += gap.padding
        own = np.linalg.inv(matrix)
        share = counts[gap.patterns]
        logdet += float(share @ np.linalg.slogdet(matrix)[1])
        filled += float(share @ gap.number)
        given = own @ pulled.take(gap.places)[..., None]
        offset.reshape(-1)[gap.places] = -given[..., 0]
        spread = share[:, None, None] * own
        if gap.several:
            some = slice(0, gap.several)
            leading = leads.take(gap.index[some], axis=0)
            scatter = data.scatter.take(gap.patterns[some], axis=0)
            mixed = -(spread[some] @ (leading @ scatter))
            across += np.bincount(gap.across.reshape(-1), mixed.reshape(-1), across.size)
            spread[some] -= mixed @ leading.mT @ own[some]
        inside += np.bincount(gap.cells.reshape(-1), spread.reshape(-1), inside.size)
    deviation = offset[:, :p]
    known = across[: p * p].reshape(p, p)
    square = within + deviation.T @ (counts[:, None] * deviation) + known + known.T
    square += inside.reshape(p + 1, p + 1)[:p, :p]
    # Of the quadratic form of completed scores, what is missing makes 1 each on average.
    quadratic = float((precision[:p, :p] * square).sum()) - filled
    return Completed(counts @ deviation, square, -0.5 * (logdet + quadratic))
