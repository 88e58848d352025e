"""What differences would be if partners were paired at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray, as_pair


def chance_shares(first: ArrayLike, second: ArrayLike, distances: ArrayLike) -> FloatArray:
    r"""Give the share of random pairs whose answers lie within each distance of one another.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        The two sides' answers; a dyad with a NaN is dropped.
    distances : array_like, shape (d,)
        In the units of the answers.

    Returns
    -------
    ndarray, shape (d,)
        Shares from 0 to 1.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left.

    Notes
    -----
    Every answer of one side is set beside those of all other dyads' other side:
    :math:`\sum_{i \ne j} 1(|a_i - b_j| \le \delta) / (n(n-1))`, which is what all permutations of
    the partners give on average.  Answers are sorted once, so that the pairs need not be made.

    Examples
    --------
    >>> chance_shares([1, 2, 3], [1, 2, 3], [0.0, 1.0]).round(3).tolist()
    [0.0, 0.667]
    """
    a, b = as_pair(first, second)
    n = a.size
    if n < 2:
        raise DataError(
            f"Pairs at random need at least 2 complete dyads, but {n} are left. Check the pairing "
            "and the missing answers."
        )
    reach = np.asarray(distances, dtype=np.float64)
    ordered = np.sort(b)
    # Differences of averaged answers miss a whole number by rounding.
    slack = 1e-9 * max(1.0, float(np.abs(a).max()), float(np.abs(b).max()))
    shares = np.empty(reach.size)
    for place, distance in enumerate(reach + slack):
        highest = np.searchsorted(ordered, a + distance, side="right")
        lowest = np.searchsorted(ordered, a - distance, side="left")
        own = np.abs(a - b) <= distance
        shares[place] = (int((highest - lowest).sum()) - int(own.sum())) / (n * (n - 1))
    return shares
