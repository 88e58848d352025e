"""A scale as it stands in questionnaires: its columns, its codes, and what a score of it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dyadkit.simulation.population import Measure

IntArray = NDArray[np.int64]
TextArray = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A scale as it stands in the questionnaires.

    Attributes
    ----------
    stems : mapping
        Role to the beginning of its item columns: ``"tr"`` for ``tr1``, ``tr2``, ...
    waves : tuple of str
        Where it is asked.
    highest : int
        Codes run from 1 to here.
    reverse : tuple of int
        Positions, from 1, of the items keyed the other way round.
    minimum_answered : int
        Items a person must have answered for a score.
    """

    stems: Mapping[str, str]
    waves: tuple[str, ...]
    highest: int
    loadings: tuple[float, ...]
    thresholds: tuple[float, ...]
    shifts: tuple[float, ...]
    minimum_answered: int
    reverse: tuple[int, ...] = ()

    def columns(self, role: str) -> tuple[str, ...]:
        """Names of the role's item columns."""
        return tuple(f"{self.stems[role]}{number + 1}" for number in range(len(self.loadings)))

    def item_thresholds(self) -> tuple[tuple[float, ...], ...]:
        """Each item's thresholds: the scale's, moved by the item's shift."""
        return tuple(
            tuple(round(threshold + shift, 10) for threshold in self.thresholds)
            for shift in self.shifts
        )


def columns_of(instruments: Iterable[Instrument], role: str) -> tuple[str, ...]:
    """Return the item columns of a role in the order of its questions.

    Parameters
    ----------
    instruments : iterable of Instrument
        Those that the role is asked.
    role : str
    """
    return tuple(column for instrument in instruments for column in instrument.columns(role))


def written_codes(
    drawn: IntArray, measures: Sequence[Measure], instruments: Mapping[str, Instrument]
) -> dict[str, IntArray]:
    """Split drawn answers by measure, and turn reverse-keyed items round as people wrote them.

    Parameters
    ----------
    drawn : ndarray of int64, shape (..., n_items)
        Items of all measures next to each other.
    measures : sequence of Measure
    instruments : mapping
        Scale to its instrument.

    Returns
    -------
    dict
        Name of the measure to its codes, shape (..., n_items of the measure).
    """
    codes: dict[str, IntArray] = {}
    first = 0
    for measure in measures:
        instrument = instruments[measure.scale]
        block = drawn[..., first : first + len(measure.loadings)].copy()
        first += len(measure.loadings)
        reverse = [position - 1 for position in instrument.reverse]
        block[..., reverse] = instrument.highest + 1 - block[..., reverse]
        codes[measure.name] = block
    return codes


def count_scored(
    cells: TextArray, columns: Sequence[str], instrument: Instrument, role: str
) -> int:
    """Count the rows in which enough items are answered, within their range, for a score.

    Parameters
    ----------
    cells : ndarray of str, shape (n_rows, n_columns)
    columns : sequence of str
        What the columns of `cells` are called.
    instrument : Instrument
    role : str

    Examples
    --------
    >>> trust = Instrument({"client": "tr"}, ("t1",), 7, (0.8, 0.8), (), (), minimum_answered=1)
    >>> count_scored(np.array([["7", ""], ["8", ""], ["", "1"]]), ("tr1", "tr2"), trust, "client")
    2
    """
    places = [columns.index(column) for column in instrument.columns(role)]
    valid = [str(code) for code in range(1, instrument.highest + 1)]
    answered = np.isin(cells[:, places], valid).sum(axis=1)
    return int((answered >= instrument.minimum_answered).sum())
