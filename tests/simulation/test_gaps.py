from __future__ import annotations

import numpy as np
import pytest

from dyadkit.errors import DataError
from dyadkit.simulation.gaps import Gaps, blank_at_random
from dyadkit.simulation.instrument import Instrument

ONE = Instrument({"client": "a"}, ("t1",), 7, (0.8, 0.8, 0.8), (), (), 1)
OTHER = Instrument({"client": "b"}, ("t1",), 5, (0.8, 0.8), (), (), 1)
CELLS = np.full((10, 5), "3", dtype="<U3")


def blanked(gaps, usable=tuple(range(10)), seed=1):
    rng = np.random.default_rng(seed)
    rows = np.array(usable, dtype=np.int64)
    return blank_at_random(CELLS, rows, [ONE, OTHER], gaps, rng, missing="-99", export="clients")


@pytest.mark.parametrize("seed", range(5))
def test_every_count_is_realised_exactly(seed):
    cells = blanked(Gaps(skipped_scales=3, empty=4, declared_missing=5, out_of_range=6), seed=seed)
    # Of three rows the first and the third leave out the scale of three items, one that of two.
    assert (cells == "").sum() == 4 + 3 + 2 + 3
    assert (cells == "-99").sum() == 5
    # In turn too low, far too high and one above the highest code, twice each.
    assert (cells == "0").sum() == (cells == "77").sum() == 2
    assert (cells[:, :3] == "8").sum() + (cells[:, 3:] == "6").sum() == 2
    assert (cells == "3").sum() == 50 - 12 - 5 - 6


def test_only_usable_rows_are_touched_and_the_cells_given_stay():
    cells = blanked(Gaps(1, 3, 0, 0), usable=(2, 7))
    assert (np.delete(cells, [2, 7], axis=0) == "3").all()
    assert (CELLS == "3").all()


def test_more_than_there_is_cannot_be_spoilt():
    assert (blanked(Gaps(0, 10, 0, 0), usable=(2, 7))[[2, 7]] == "").all()
    with pytest.raises(DataError, match=r"11 cells of clients .* only 10 can be"):
        blanked(Gaps(0, 5, 5, 1), usable=(2, 7))
