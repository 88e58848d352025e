"""Item cells of the mentoring study: answers, gaps, and codes that mean nothing."""

from __future__ import annotations

import numpy as np

from dyadkit.simulation.chance import shuffled
from dyadkit.simulation.gaps import Gaps, blank_at_random
from dyadkit.simulation.instrument import Instrument, IntArray, TextArray, columns_of
from dyadkit.simulation.mentoring_mess import Mess, role_and_wave
from dyadkit.simulation.mentoring_model import INSTRUMENTS

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
    return columns_of(_asked(role), role)


def _asked(role: str) -> list[Instrument]:
    return [instrument for instrument in INSTRUMENTS.values() if role in instrument.stems]


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
    cells[shuffled(cells.size, rng)[:skipped]] = ""
    return cells


def with_gaps(
    place: str, usable: IntArray, cells: TextArray, mess: Mess, rng: np.random.Generator
) -> TextArray:
    """Blank scales and cells of usable units, and spoil some; see `blank_at_random`.

    Parameters
    ----------
    place : str
    usable : ndarray of int64
        Rows of `cells` in which this may happen.
    cells : ndarray of str, shape (n_units, n_items)
    mess : Mess
    rng : Generator
    """
    role, _ = role_and_wave(place)
    gaps = Gaps(
        skipped_scales=getattr(mess.skipped_scales, place),
        empty=getattr(mess.empty_cells, place),
        declared_missing=getattr(mess.declared_missing_cells, place),
        out_of_range=getattr(mess.out_of_range_cells, place),
    )
    missing = DECLARED_MISSING[role]
    return blank_at_random(cells, usable, _asked(role), gaps, rng, missing=missing, export=place)
