"""Cells that people leave empty or that mean nothing, completely at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dyadkit.errors import DataError
from dyadkit.simulation.chance import shuffled
from dyadkit.simulation.instrument import Instrument, IntArray, TextArray


@dataclass(frozen=True, slots=True)
class Gaps:
    """How much of an export is blanked or spoilt.

    Attributes
    ----------
    skipped_scales : int
        Rows in which one scale is left out, the scales in turn.
    empty, declared_missing, out_of_range : int
        Single cells.
    """

    skipped_scales: int
    empty: int
    declared_missing: int
    out_of_range: int


def blank_at_random(
    cells: TextArray,
    usable: IntArray,
    asked: Sequence[Instrument],
    gaps: Gaps,
    rng: np.random.Generator,
    *,
    missing: str,
    export: str,
) -> TextArray:
    """Blank scales and cells of usable rows, and spoil some, all completely at random.

    Parameters
    ----------
    cells : ndarray of str, shape (n_rows, n_items)
    usable : ndarray of int64
        The rows in which this may happen.
    asked : sequence of Instrument
        Whose items the columns are, in their order.
    gaps : Gaps
    rng : Generator
    missing : str
        What the export declares to mean "no answer".
    export : str
        What the message calls the export.

    Returns
    -------
    ndarray of str, shape (n_rows, n_items)

    Raises
    ------
    DataError
        When more cells are to be spoilt than there are.
    """
    owner = np.repeat(np.arange(len(asked)), [len(it.loadings) for it in asked])
    free = np.ones((usable.size, owner.size), dtype=np.bool_)
    skippers = shuffled(usable.size, rng)[: gaps.skipped_scales]
    free[skippers] = owner[None, :] != (np.arange(skippers.size) % len(asked))[:, None]
    order = shuffled(free.size, rng)
    order = order[free.ravel()[order]]
    wanted = gaps.empty + gaps.declared_missing + gaps.out_of_range
    if wanted > order.size:
        raise DataError(
            f"{wanted} cells of {export} are to be blanked or spoilt, but only {order.size} can "
            "be. Lower those counts."
        )
    row, item = np.divmod(order[:wanted], owner.size)
    spoilt = _spoilt(asked, owner[item[gaps.empty + gaps.declared_missing :]])
    block = cells[usable]
    block[~free] = ""
    block[row, item] = [""] * gaps.empty + [missing] * gaps.declared_missing + spoilt
    blanked = cells.copy()
    blanked[usable] = block
    return blanked


def _spoilt(asked: Sequence[Instrument], owner: NDArray[np.intp]) -> list[str]:
    """Return codes out of range: in turn too low, far too high, and one too high."""
    too_high = [str(asked[place].highest + 1) for place in owner]
    return [("0", "77", high)[number % 3] for number, high in enumerate(too_high)]
