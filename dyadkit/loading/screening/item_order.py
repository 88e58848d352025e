"""Do the items of a scale stand in the same place in every wave?

This is read from correlations, which can mislead; a finding asks to look at the questionnaire.
"""

from __future__ import annotations

import numpy as np

from dyadkit.errors import listed
from dyadkit.loading.screening.findings import Finding
from dyadkit.loading.screening.pairwise import FloatArray, pairwise_moments
from dyadkit.study import Scale

_FEWEST_PEOPLE = 50
_FEWEST_ERRORS = 3.0


def displaced_items(early: FloatArray, late: FloatArray) -> tuple[int, ...]:
    r"""Tell which item of the earlier wave stands at each position of the later one.

    Answers of one person to one item in two waves go together more than answers to two items.
    The order is sought in which the sum of these correlations (Fisher's z) is largest.  It is
    believed when its sum, for m displaced items, is larger than that of the declared order by
    more than :math:`\max(3, \sqrt{k \ln k})` standard errors :math:`\sqrt{2 m / (n - 3)}`, with k
    items and n people: about what looking for the best of all orders gains in k independent
    numbers where there is nothing to find.  (In 4,000 simulated pairs of waves with scales of 4 to
    12 items and 60 to 1,000 people, a third of them without anything that makes an item go with
    itself, it never gained as much.)  Two items that changed places are found when much of an item
    is its own, or many people answered; a shift of all columns sooner.

    Parameters
    ----------
    early, late : ndarray of float, shape (n, k)
        The same people in the same rows, the same items in the same columns; NaN is missing.

    Returns
    -------
    tuple of int
        The declared order (0, 1, 2, ...) when nothing speaks against it, or fewer than 50 people
        answered both waves.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(80, 3))
    >>> displaced_items(x, x[:, [1, 0, 2]])
    (1, 0, 2)
    """
    k = early.shape[1]
    declared = tuple(range(k))
    moments = pairwise_moments(np.column_stack([early, late]))
    r, n = moments.correlation[:k, k:], moments.n[:k, k:]
    if k < 2 or not np.isfinite(r).all() or n.min() < _FEWEST_PEOPLE:
        return declared
    z = np.arctanh(np.clip(r, -0.99, 0.99))
    believed = max(_FEWEST_ERRORS, float(np.sqrt(k * np.log(k))))
    # No order gains more than every position's best item would; two items or more are displaced.
    most = float(z.max(axis=0).sum() - np.trace(z))
    if most <= believed * np.sqrt(4.0 / (n.min() - 3.0)):
        return declared
    from scipy.optimize import linear_sum_assignment

    # Row j of the transposed matrix is position j of the later wave.
    rows, best = linear_sum_assignment(z.T, maximize=True)
    m = int((best != rows).sum())
    if not m:
        return declared
    gain = (z[best, rows].sum() - z[rows, rows].sum()) / np.sqrt(2.0 * m / (n.min() - 3.0))
    if gain <= believed:
        return declared
    return tuple(int(position) for position in best)


def wrong_order(
    scale: Scale, role: str, waves: tuple[str, str], early: FloatArray, late: FloatArray
) -> list[Finding]:
    """Find items that seem to stand in another order in a later wave.

    Parameters
    ----------
    scale : Scale
    role : str
        Who answered, empty when it does not matter.
    waves : tuple of str
        The earlier and the later one.
    early, late : ndarray of float, shape (n, k)
        As for `displaced_items`.

    Returns
    -------
    list of Finding
        None or one, of kind "item_order"; it counts items, and names no rows.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(80, 3))
    >>> scale = Scale(name="trust", items=("a", "b", "c"), range=(-9, 9))
    >>> print(wrong_order(scale, "client", ("t1", "t2"), x, x[:, [1, 0, 2]])[0].text)
    Scale trust (client): at t2 items seem to stand in another order than at t1: a goes with b ...
    """
    order = displaced_items(early, late)
    moved = [(place, other) for place, other in enumerate(order) if place != other]
    if not moved:
        return []
    pairs = [
        f"{scale.items[place]} goes with {scale.items[other]} of {waves[0]}"
        for place, other in moved
    ]
    whom = f" ({role})" if role else ""
    text = (
        f"Scale {scale.name}{whom}: at {waves[1]} items seem to stand in another order than at "
        f"{waves[0]}: {listed(pairs)}. Compare the columns with the questionnaire; if the names "
        f"differ between the waves, declare a [[scale.{scale.name}.version]]."
    )
    return [Finding("item_order", text, (), len(moved))]
