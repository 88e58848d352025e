"""Item cells of the mentoring study: answers, gaps, and codes that mean nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dyadkit.errors import DataError
from dyadkit.simulation.mentoring_mess import Mess, role_and_wave
from dyadkit.simulation.mentoring_model import INSTRUMENTS

IntArray = NDArray[np.int64]
TextArray = NDArray[np.str_]

#: What stands for "no answer": a user-missing code of the .sav files, a word in the spreadsheet.
DECLARED_MISSING = {"developee": "99", "mentor": "n/a"}
# Items that somebody leaves out who skips much, and who skips little.
_GAPPY, _NEARLY = 4, 1


def items_of(role: str) -> tuple[str, ...]:
    """Return a role's item columns in the order of the questions, without the slot.

    Examples
    --------
    >>> items_of("mentor")[-2:]
    ('pe3', 'pe4')
    """
    return tuple(
        column
        for instrument in INSTRUMENTS.values()
        if role in instrument.stems
        for column in instrument.columns(role)
    )


def answers(kind: str, codes: IntArray, rng: np.random.Generator) -> TextArray:
    """Return the item cells of a unit of some kind.

    Parameters
    ----------
    kind : str
        See `dyadkit.simulation.mentoring_stories`.
    codes : ndarray of int64, shape (n_items,)
    rng : Generator
    """
    if kind in ("again", "gappy"):
        # Another sitting: other answers, all between 1 and 5.
        codes = np.minimum(codes + np.where(codes < 4, 1, -1), 5)
    cells = codes.astype("<U3")
    if kind == "refused":
        cells[:] = ""
    skipped = {"gappy": _GAPPY, "nearly_full": _NEARLY}.get(kind, 0)
    cells[np.argsort(rng.random(cells.size), kind="stable")[:skipped]] = ""
    return cells


def blank_at_random(
    place: str, usable: IntArray, cells: TextArray, mess: Mess, rng: np.random.Generator
) -> TextArray:
    """Blank scales and cells of usable units, and spoil some, all completely at random.

    Parameters
    ----------
    place : str
    usable : ndarray of int64
        Rows of `cells` in which this may happen.
    cells : ndarray of str, shape (n_units, n_items)
    mess : Mess
    rng : Generator

    Returns
    -------
    ndarray of str, shape (n_units, n_items)

    Raises
    ------
    DataError
        When more cells are to be spoilt than there are.
    """
    role, _ = role_and_wave(place)
    asked = [instrument for instrument in INSTRUMENTS.values() if role in instrument.stems]
    owner = np.repeat(np.arange(len(asked)), [len(it.loadings) for it in asked])

    free = np.ones((usable.size, owner.size), dtype=np.bool_)
    skippers = np.argsort(rng.random(usable.size), kind="stable")
    skippers = skippers[: getattr(mess.skipped_scales, place)]
    free[skippers] = owner[None, :] != (np.arange(skippers.size) % len(asked))[:, None]
    order = np.argsort(rng.random(free.size), kind="stable")
    order = order[free.ravel()[order]]

    empty, declared, strange = (
        int(getattr(counts, place))
        for counts in (mess.empty_cells, mess.declared_missing_cells, mess.out_of_range_cells)
    )
    if empty + declared + strange > order.size:
        raise DataError(
            f"{empty + declared + strange} cells of {place} are to be blanked or spoilt, but only "
            f"{order.size} can be. Lower those counts."
        )
    row, item = np.divmod(order[: empty + declared + strange], owner.size)
    too_high = [str(asked[which].highest + 1) for which in owner[item[empty + declared :]]]
    spoilt = [("0", "77", high)[number % 3] for number, high in enumerate(too_high)]
    block = cells[usable]
    block[~free] = ""
    block[row, item] = [""] * empty + [DECLARED_MISSING[role]] * declared + spoilt
    blanked = cells.copy()
    blanked[usable] = block
    return blanked
