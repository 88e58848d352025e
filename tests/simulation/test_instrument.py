from __future__ import annotations

import numpy as np

from dyadkit.simulation.instrument import Instrument, columns_of, count_scored, written_codes
from dyadkit.simulation.population import Measure

TRUST = Instrument(
    stems={"coach": "ctr", "client": "tr"},
    waves=("t1",),
    highest=5,
    loadings=(0.8, 0.7),
    thresholds=(-1.0, 0.0, 1.0, 2.0),
    shifts=(0.0, -0.25),
    minimum_answered=2,
    reverse=(2,),
)
CARE = Instrument({"client": "ca"}, ("t1",), 3, (0.9,), (-0.5, 0.5), (0.1,), 1)


def measure(scale, instrument):
    return Measure(scale, "client", "t1", instrument.loadings, instrument.item_thresholds())


def test_names_and_thresholds_of_items():
    assert TRUST.columns("coach") == ("ctr1", "ctr2")
    assert columns_of([TRUST, CARE], "client") == ("tr1", "tr2", "ca1")
    assert TRUST.item_thresholds() == ((-1.0, 0.0, 1.0, 2.0), (-1.25, -0.25, 0.75, 1.75))


def test_reverse_keyed_items_are_written_turned_round_whatever_the_shape():
    drawn = np.array([[5, 5, 3], [1, 2, 1]])
    measures = [measure("trust", TRUST), measure("care", CARE)]
    codes = written_codes(drawn, measures, {"trust": TRUST, "care": CARE})
    # The second item of trust runs from 1 to 5: 6 less the code.
    assert codes["trust_client_t1"].tolist() == [[5, 1], [1, 4]]
    assert codes["care_client_t1"].tolist() == [[3], [1]]
    assert drawn.tolist() == [[5, 5, 3], [1, 2, 1]]
    cubes = written_codes(drawn[:, None, :], measures, {"trust": TRUST, "care": CARE})
    assert cubes["trust_client_t1"].tolist() == [[[5, 1]], [[1, 4]]]


def test_a_score_needs_enough_answers_in_range():
    cells = np.array([["1", "5", "9"], ["1", "", "2"], ["0", "5", "2"], ["6", "n/a", "2"]])
    assert count_scored(cells, ("tr1", "tr2", "ca1"), TRUST, "client") == 1
    assert count_scored(cells, ("tr1", "tr2", "ca1"), CARE, "client") == 3
