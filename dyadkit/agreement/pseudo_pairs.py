"""Are real pairs more alike than pairs put together at random?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.agreement.profiles import row_correlations
from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import FloatArray, IntArray, read_only

_CELLS = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class PseudoCouples:
    """The mean similarity of real pairs beside that of pairs put together at random.

    Attributes
    ----------
    estimate : float
        How far the real pairs' mean lies above that of pairs at random.
    conf_low, conf_high : float
        NaN: the permutations give a test, not an interval.
    real, baseline : float
        The two means.
    baseline_low, baseline_high : float
        Between which 95 % of the means of pairs at random lie.
    p_value : float
        Two-sided, (b + 1)/(m + 1) with b permutations as far from the baseline as the real pairs.
    p_error : float
        Monte-Carlo standard error of the p-value.
    shares : ndarray, shape (bins,)
        Share of all pairs at random in each bin of `edges`.
    edges : ndarray, shape (bins + 1,)
    n, draws : int
        Dyads; permutations.
    method : str
    """

    estimate: float
    conf_low: float
    conf_high: float
    real: float
    baseline: float
    baseline_low: float
    baseline_high: float
    p_value: float
    p_error: float
    shares: FloatArray
    edges: FloatArray
    n: int
    draws: int
    method: str


def pseudo_couples(
    first: ArrayLike,
    second: ArrayLike,
    *,
    draws: int,
    rng: np.random.Generator,
    cluster: ArrayLike | None = None,
    exchangeable: bool = False,
    bins: int = 20,
) -> PseudoCouples:
    """Test the similarity of real pairs' profiles against permutations.

    Parameters
    ----------
    first, second : array_like, shape (n, p)
        Profiles, such as deviations from the items' means; NaN is missing.  A dyad whose profiles
        do not correlate, because one does not vary, is left out.
    draws : int
        Permutations.
    rng : numpy.random.Generator
    cluster : array_like of int, shape (n,), optional
        Dyads with the same code share a person.  Partners are then exchanged between clusters only,
        whole clusters at a time.
    exchangeable : bool
        Whether members share one role: who comes first is then drawn too.
    bins : int
        Of the distribution of similarities at random, from −1 to 1.

    Raises
    ------
    DataError
        If fewer than three dyads, or two clusters, are left.
    StudyError
        If there is no permutation to draw.

    Notes
    -----
    All similarities of a first with a second member are computed once, by matrix products, a block
    of rows at a time; a permutation's mean is then a sum of entries.  Permutations are uniform, so
    that some leave a pair together, and p counts the real one among them (Phipson & Smyth, 2010).
    With clusters of unequal sizes a partner may stand beside several others, or beside none.

    References
    ----------
    Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero: Calculating
    exact p-values when permutations are randomly drawn. Statistical Applications in Genetics and
    Molecular Biology, 9, Article 39.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(60, 8))
    >>> found = pseudo_couples(x, x + rng.normal(size=x.shape), draws=999, rng=rng)
    >>> found.p_value, found.n
    (0.001, 60)
    """
    if draws < 1:
        raise StudyError(f"A permutation test needs at least 1 permutation, but draws={draws}.")
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    kept = ~np.isnan(row_correlations(one, other))
    one, other = one[kept], other[kept]
    n = len(one)
    who = np.arange(n) if cluster is None else np.asarray(cluster)[kept]
    codes = np.unique(who, return_inverse=True)[1]
    if n < 3 or codes.max(initial=0) < 2:
        raise DataError(
            f"Pairs at random need at least 3 dyads (of different persons) with patterns to "
            f"compare, but {n} dyads of {int(codes.max(initial=-1)) + 1} sets of persons are left."
        )
    people = np.concatenate([one, other]) if exchangeable else one
    others = np.concatenate([other, one]) if exchangeable else other
    edges = np.linspace(-1.0, 1.0, bins + 1)
    owner = np.resize(codes, len(people))
    together = np.zeros(len(people))
    at_random = np.zeros(bins)
    means: list[FloatArray] = []
    blocks = _Blocks(people, others)
    for start, block in blocks:
        place = np.arange(len(block))
        together[start : start + len(block)] = block[place, start + place]
        apart = owner[start : start + len(block), np.newaxis] != owner
        at_random += np.histogram(block[apart & ~np.isnan(block)], edges)[0]
    size = max(1, _CELLS // n)
    for done in range(0, draws, size):
        rows, columns = _partners(codes, n, min(size, draws - done), rng, exchangeable)
        means.append(_means(blocks, rows, columns))
    drawn = np.concatenate(means)
    return _tested(float(together.mean()), drawn, at_random / at_random.sum(), edges, n)


def _tested(
    real: float, drawn: FloatArray, shares: FloatArray, edges: FloatArray, n: int
) -> PseudoCouples:
    draws = drawn.size
    baseline = float(drawn.mean())
    # Equal means that were summed in another order count as equal.
    as_far = np.abs(drawn - baseline) >= abs(real - baseline) * (1.0 - 1e-12)
    p = (int(as_far.sum()) + 1) / (draws + 1)
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
    for array in (shares, edges):
        read_only(array)
    return PseudoCouples(
        estimate=real - baseline,
        conf_low=nan,
        conf_high=nan,
        real=real,
        baseline=baseline,
        baseline_low=low,
        baseline_high=high,
        p_value=p,
        p_error=sqrt(p * (1.0 - p) / draws),
        shares=shares,
        edges=edges,
        n=n,
        draws=draws,
        method=f"{draws:,} permutations",
    )


def _partners(
    codes: IntArray, n: int, draws: int, rng: np.random.Generator, exchangeable: bool
) -> tuple[IntArray, IntArray]:
    """Draw whose first member stands beside whose second one.

    Returns
    -------
    rows, columns : ndarray of int, shape (draws, n)
        Positions among the first and the second members; where members are exchangeable, those of
        the dyads' other members follow by n.
    """
    sizes = np.bincount(codes)
    clusters = sizes.size
    order = np.argsort(codes, kind="stable")
    begins = np.cumsum(sizes) - sizes
    within = np.empty(n, dtype=np.int64)
    within[order] = np.arange(n) - begins[codes[order]]
    exchanged = rng.permuted(np.tile(np.arange(clusters), (draws, 1)), axis=1)
    if clusters == n:
        columns = begins[exchanged][:, codes]
        columns = order[columns]
    else:
        partner = exchanged[:, codes]
        start = rng.integers(0, sizes.max() * clusters, size=(draws, clusters))[:, codes]
        columns = order[begins[partner] + (within + start) % sizes[partner]]
    rows = np.broadcast_to(np.arange(n), (draws, n))
    if not exchangeable:
        return rows, columns
    turned = rng.integers(0, 2, size=(draws, n))
    # The second member of a turned dyad is its first one, which stands n further on there.
    return rows + n * turned, columns + n * np.take_along_axis(turned, columns, axis=1)


def _means(blocks: _Blocks, rows: IntArray, columns: IntArray) -> FloatArray:
    """Return the mean similarity of each draw's pairs."""
    draws = len(rows)
    sums, counts = np.zeros(draws), np.zeros(draws)
    for start, block in blocks:
        inside = (rows >= start) & (rows < start + len(block))
        whole = bool(inside.all())
        at = (rows - start, columns) if whole else (rows[inside] - start, columns[inside])
        values = block[at]
        known = ~np.isnan(values)
        values = np.where(known, values, 0.0)
        if whole:
            return np.asarray(values.sum(axis=1) / known.sum(axis=1))
        draw = np.nonzero(inside)[0]
        sums += np.bincount(draw, weights=values, minlength=draws)
        counts += np.bincount(draw, weights=known, minlength=draws)
    return np.asarray(sums / counts)


class _Blocks:
    """Correlations of all profiles of one side with all of the other, some rows at a time.

    With the items that either lacks set to 0 and masks M, N of those answered, every sum over the
    items that both have is an entry of a matrix product: of products XYᵀ, of squares X²Nᵀ, of
    values XNᵀ, and of items MNᵀ.
    """

    def __init__(self, people: FloatArray, others: FloatArray) -> None:
        self._seen = ~np.isnan(people), ~np.isnan(others)
        # A common origin costs nothing here and spares digits.
        origin = float(np.nanmean(people))
        self._values = (
            np.where(self._seen[0], people - origin, 0.0),
            np.where(self._seen[1], others - origin, 0.0),
        )
        self._rows = max(1, _CELLS // len(others))
        self._whole: FloatArray | None = None

    def __iter__(self) -> Iterator[tuple[int, FloatArray]]:
        """Yield the first row of each block, and the block."""
        n = len(self._values[0])
        if n <= self._rows:
            if self._whole is None:
                self._whole = self._block(slice(0, n))
            yield 0, self._whole
            return
        for start in range(0, n, self._rows):
            yield start, self._block(slice(start, start + self._rows))

    def _block(self, rows: slice) -> FloatArray:
        x, y = self._values[0][rows], self._values[1]
        m, k = self._seen[0][rows].astype(np.float64), self._seen[1].astype(np.float64)
        count = m @ k.T
        sum_x, sum_y = x @ k.T, m @ y.T
        square_x, square_y = (x * x) @ k.T, m @ (y * y).T
        with np.errstate(divide="ignore", invalid="ignore"):
            spread_x = square_x - sum_x**2 / count
            spread_y = square_y - sum_y**2 / count
            r = (x @ y.T - sum_x * sum_y / count) / np.sqrt(spread_x * spread_y)
        # What is left of a pattern that does not vary is rounding.
        flat = (spread_x <= 1e-10 * square_x) | (spread_y <= 1e-10 * square_y) | (count < 2)
        return np.where(flat, nan, np.clip(r, -1.0, 1.0))
