from __future__ import annotations

import numpy as np

from dyadkit.simulation.truth_values import partner_values, rounded_rows


def test_numbers_are_rounded_and_no_zero_is_negative():
    rows = rounded_rows(np.array([[1 / 3, -1e-12]]))
    assert rows == [[0.33333333, 0.0]]
    assert str(rows[0][1]) == "0.0"


def test_partners_correlate_where_both_answer_a_scale():
    names = ["trust_coach_t1", "trust_client_t1", "care_client_t1", "trust_client_t2"]
    matrix = np.arange(16).reshape(4, 4) / 100
    assert partner_values(names, matrix, ("coach", "client")) == [
        {"scale": "trust", "wave": "t1", "correlation": 0.01}
    ]
