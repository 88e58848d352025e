"""Places for labels that want to stand at a point but must not overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import isotonic_regression


def spread(
    middles: Sequence[float], sizes: Sequence[float], low: float, high: float
) -> list[float]:
    """Return where labels begin, as near to their middles as they can stand side by side.

    Parameters
    ----------
    middles, sizes : sequence of float
        Where each label would best have its middle, and how much room it takes.
    low, high : float
        The ends of the room; where it is too small, labels go on beyond `high`.

    Returns
    -------
    list of float
        In the order given; the sum of squared shifts is the least possible.

    Examples
    --------
    >>> spread([5.0, 6.0], [4.0, 4.0], 0.0, 20.0)
    [1.5, 5.5]
    >>> spread([19.0, 1.0], [4.0, 4.0], 0.0, 20.0)
    [16.0, 0.0]
    """
    if not middles:
        return []
    order = np.argsort(np.asarray(middles, dtype=float), kind="stable")
    room = np.asarray(sizes, dtype=float)[order]
    before = np.cumsum(room) - room
    wanted = np.asarray(middles, dtype=float)[order] - room / 2 - before
    fitted = np.clip(isotonic_regression(wanted).x, low, max(low, high - room.sum()))
    begins = np.empty(len(middles))
    begins[order] = fitted + before
    return begins.tolist()
