"""The cost of ignoring non-independence, and the within-dyad correlation."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.correlation import pearson
from dyadkit.estimation.intraclass import double_entry
from dyadkit.estimation.nonindependence import cost_of_ignoring, within_dyad_correlation

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("case", range(3))
def test_cost_against_r(oracle, agrees, case) -> None:
    # R 4.2.2: quadratic forms in the full compound-symmetric covariance matrix, not the formula.
    reference = oracle["nonindependence"]["cost"][case]
    cost = cost_of_ignoring(reference["rho"], reference["n_dyads"], reference["members"])
    agrees(cost, reference["expected"])
    assert len(reference["expected"]) == 4


def test_independent_members_cost_nothing() -> None:
    cost = cost_of_ignoring(0.0, 50)
    assert (cost.design_effect, cost.effective_n) == (1.0, 100.0)
    assert (cost.se_ratio_between, cost.se_ratio_within) == (1.0, 1.0)


def test_bounds() -> None:
    same, mirror = cost_of_ignoring(1.0, 50), cost_of_ignoring(-1.0, 50)
    assert (same.effective_n, same.se_ratio_within) == (50.0, 0.0)
    assert (mirror.design_effect, mirror.effective_n) == (0.0, inf)


@pytest.mark.parametrize(
    ("rho", "n_dyads", "members", "message"),
    [
        (-0.6, 10, 3, "between -0.5 and 1"),
        (1.2, 10, 2, "between -1 and 1"),
        (float("nan"), 10, 2, "nan was passed"),
        (0.2, 0, 2, "0 and 2 were passed"),
        (0.2, 10, 1, "10 and 1 were passed"),
    ],
)
def test_impossible_calls(rho, n_dyads, members, message) -> None:
    with pytest.raises(StudyError, match=message):
        cost_of_ignoring(rho, n_dyads, members)


@pytest.mark.parametrize("case", range(2))
def test_within_dyad_correlation_against_r(oracle, case) -> None:
    # R 4.2.2: double-entry correlation of the residuals of lm(score ~ role).
    reference = oracle["nonindependence"]["within"][case]
    a, b = (np.array(reference[name], dtype=float) for name in ("a", "b"))
    assert within_dyad_correlation(a, b) == pytest.approx(reference["estimate"], rel=1e-8)


def test_within_dyad_correlation_by_hand() -> None:
    # Deviations (-1, 0, 1) and (-2, 0, 2): covariance 2, mean variance (1 + 4) / 2.
    assert within_dyad_correlation([1, 2, 3], [10, 12, 14]) == pytest.approx(0.8, rel=1e-14)


@few
@given(seeds, st.floats(-50, 50), st.floats(0.1, 10))
def test_within_dyad_identities(seed: int, shift: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 14)) + rng.normal(size=14)
    r = within_dyad_correlation(a, b)
    assert within_dyad_correlation(b, a) == pytest.approx(r, rel=1e-12, abs=1e-13)
    # Means of the roles, and a unit common to both, do not matter; nor does turning the scale.
    assert within_dyad_correlation(a + shift, b) == pytest.approx(r, rel=1e-9, abs=1e-11)
    assert within_dyad_correlation(-scale * a, -scale * b) == pytest.approx(r, rel=1e-10, abs=1e-12)
    assert abs(r) <= abs(pearson(a, b).estimate) + 1e-12
    # Roles of equal mean: it is the double-entry correlation.
    a, b = a - a.mean(), b - b.mean()
    assert double_entry(a, b).estimate == pytest.approx(r, rel=1e-10, abs=1e-12)


def test_within_dyad_correlation_of_degenerate_scores() -> None:
    with pytest.raises(DataError, match="at least 2 complete dyads, but 1 are left"):
        within_dyad_correlation([1, np.nan], [2, 3])
    with pytest.raises(DataError, match="neither role vary in the 3 complete dyads"):
        within_dyad_correlation([1, 1, 1], [5, 5, 5])
    assert within_dyad_correlation([1, 1, 1], [5, 6, 7]) == 0.0
