"""Null distributions against the published table, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dyadkit.agreement.nulls import (
    NAMES,
    null_named,
    null_with_probabilities,
    null_with_variance,
)
from dyadkit.errors import Refused, StudyError

# LeBreton & Senter (2008), Table 2: options; variances of the uniform null (two decimals), slight,
# moderate and heavy skew, triangular, normal.
TABLE = """
5 2.00 1.34 .90 .44 1.32 1.04
6 2.92 1.85 1.26 .69 1.45 1.25
7 4.00 2.90 2.14 1.39 2.10 1.40
8 5.25 3.47 2.79 2.35 2.81 1.73
9 6.67 5.66 4.73 3.16 3.00 1.58
10 8.25 6.30 5.09 3.46 2.89 1.45
11 10.00 7.31 6.32 4.02 3.32 1.40
"""
ROWS = [line.split() for line in TABLE.split("\n") if line]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} options")
def test_published_variances(row: list[str]) -> None:
    options = int(row[0])
    assert len(row) == 1 + len(NAMES)
    for name, published in zip(NAMES, row[1:], strict=True):
        assert null_named(name, options).variance == pytest.approx(float(published), abs=5.001e-3)


@pytest.mark.parametrize("options", [2, 3, 5, 7, 100])
def test_uniform_variance_is_that_of_a_die(options: int) -> None:
    null = null_named("uniform", options)
    assert null.variance == pytest.approx(float(Fraction(options**2 - 1, 12)), rel=1e-12)
    assert null.probabilities is not None
    assert len(null.probabilities) == options


@pytest.mark.parametrize("name", NAMES)
def test_variance_comes_from_the_probabilities_where_these_are_known(name: str) -> None:
    null = null_named(name, 5)
    assert null.probabilities is not None
    exact = [Fraction(round(share * 100), 100) for share in null.probabilities]
    assert sum(exact) == 1
    mean = sum(place * share for place, share in enumerate(exact))
    variance = sum((place - mean) ** 2 * share for place, share in enumerate(exact))
    assert null.variance == pytest.approx(float(variance), rel=1e-12)


def test_turning_the_options_round_keeps_the_variance() -> None:
    shares = (0.1, 0.2, 0.3, 0.4)
    one, turned = null_with_probabilities(shares), null_with_probabilities(shares[::-1])
    # By hand: mean 2, E(x²) = .2 + 1.2 + 3.6 = 5.
    assert one.variance == pytest.approx(1.0, rel=1e-12)
    assert turned.variance == pytest.approx(one.variance, rel=1e-12)


@pytest.mark.parametrize("options", [2, 4, 12])
def test_shapes_are_not_made_up_for_other_scales(options: int) -> None:
    with pytest.raises(Refused, match=f"5 to 11 response options.*has {options}"):
        null_named("heavy skew", options)


def test_only_the_variance_is_known_of_longer_scales() -> None:
    assert null_named("slight skew", 7).probabilities is None
    assert null_named("uniform", 7).probabilities is not None


@pytest.mark.parametrize(
    ("probabilities", "said"),
    [
        ([0.5, 0.4], "sum to 0.9"),
        ([1.5, -0.5], "the smallest is -0.5"),
        ([0.5, float("nan"), 0.5], "sum to nan"),
        ([0.0, 1.0, 0.0], "room for disagreement"),
        ([1.0], "at least 2 options"),
    ],
)
def test_wrong_probabilities(probabilities: list[float], said: str) -> None:
    with pytest.raises(StudyError, match=said):
        null_with_probabilities(probabilities)


@pytest.mark.parametrize("variance", [0.0, -1.0, 4.01, float("nan")])
def test_impossible_variances(variance: float) -> None:
    with pytest.raises(StudyError, match="cannot exceed 4"):
        null_with_variance(variance, 5)
    assert null_with_variance(4.0, 5).variance == 4.0


def test_a_misspelt_name_is_answered_with_the_right_one() -> None:
    with pytest.raises(StudyError, match="Did you mean 'triangular'"):
        null_named("triangluar", 5)
