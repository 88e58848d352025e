"""What every function of the room refuses, and what counts as no variance."""

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import (
    as_pair,
    as_scores,
    centred,
    complete_rows,
    constant,
    require_confidence,
)


def test_infinite_scores_are_located() -> None:
    with pytest.raises(DataError, match=r"2 infinite value\(s\), in position\(s\) 2, 3"):
        as_scores([1.0, np.inf, -np.inf], 1)


def test_wrong_dimension_is_a_wrong_call() -> None:
    with pytest.raises(StudyError, match=r"2 dimension.*shape \(3,\)"):
        as_scores([1.0, 2.0, 3.0], 2)


def test_unequal_lengths_are_a_wrong_call() -> None:
    with pytest.raises(StudyError, match="3 and 2 values"):
        as_pair([1, 2, 3], [1, 2])


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95, -0.1, float("nan")])
def test_confidence_outside_the_unit_interval(confidence: float) -> None:
    with pytest.raises(StudyError, match=r"between 0 and 1"):
        require_confidence(confidence)


def test_deletion_leaves_the_callers_array_alone() -> None:
    scores = np.array([[1.0, np.nan], [3.0, 4.0]])
    before = scores.copy()
    assert complete_rows(scores).tolist() == [[3.0, 4.0]]
    np.testing.assert_array_equal(scores, before)


def test_means_of_equal_answers_are_constant_and_large_scores_are_not() -> None:
    assert bool(constant(np.array([0.1 + 0.2, 0.3])))
    assert not bool(constant(1e9 + np.array([1.0, 2.0, 3.0])))
    assert constant(np.array([[1.0, 5.0], [1.0, 6.0]])).tolist() == [True, False]


def test_centred_deviations_of_large_scores_are_exact() -> None:
    # By hand: the mean of 1, 2, 6 is 3, whatever is added to all.
    assert centred(1e9 + np.array([1.0, 2.0, 6.0])).tolist() == [-2.0, -1.0, 3.0]
