"""Moments of incomplete data and Little's test against lavaan, closed forms and identities."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from math import log, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError, FitError, Refused
from dyadkit.estimation.missing import em_normal, little_mcar

few = settings(max_examples=15, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


def incomplete(seed: int, n: int = 60, p: int = 4, share: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 1)) + rng.normal(size=(n, p))
    gone = rng.random((n, p)) < share
    gone[:10] = False
    values[gone] = np.nan
    return values[~gone.all(axis=1)]


@pytest.mark.parametrize("case", range(2))
def test_moments_against_lavaan(oracle, case) -> None:
    # lavaan 0.6-14, saturated moments under FIML with em.h1.tol = 1e-13. Both EMs stop at a small
    # change, which leaves them about 1e-11 of a standard deviation from the optimum.
    reference = oracle["missing"][case]
    found = em_normal(np.array(reference["values"], dtype=float))
    assert found.converged
    sds = np.sqrt(np.diag(reference["covariance"]))
    np.testing.assert_allclose((found.mean - reference["mean"]) / sds, 0, atol=1e-9)
    difference = found.covariance - reference["covariance"]
    np.testing.assert_allclose(difference / np.outer(sds, sds), 0, atol=1e-9)
    assert found.loglik == pytest.approx(reference["loglik"], rel=1e-12)
    assert (found.n, found.n_dropped) == (reference["n"], reference["n_dropped"])
    assert found.n_patterns == reference["n_patterns"]


@pytest.mark.parametrize("case", range(2))
def test_little_against_r(oracle, agrees, case) -> None:
    # R 4.2.2: Little's (1988) equation written out with lavaan's moments, ML covariance matrix.
    reference = oracle["missing"][case]
    test = little_mcar(np.array(reference["values"], dtype=float))
    agrees(test, reference["little"], rtol=1e-8)
    assert len(reference["little"]) == 6


def test_complete_data_in_closed_form() -> None:
    values = incomplete(1, share=0.0) * [1, 10, 0.1, 1] + [0, 500, 3, -2]
    found = em_normal(values)
    np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=1e-12)
    covariance = np.cov(values.T, bias=True)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-11)
    n, p = values.shape
    # tr(S^-1 S) = p at the maximum.
    loglik = -0.5 * n * (p * log(2 * pi) + np.linalg.slogdet(covariance)[1] + p)
    assert found.loglik == pytest.approx(loglik, rel=1e-12)
    assert (found.n_patterns, found.n_dropped) == (1, 0)


@few
@given(seeds, st.floats(0.1, 0.85))
def test_dropout_of_one_variable_in_closed_form(seed: int, share: float) -> None:
    # Anderson (1957): with y missing for some and x for none, the ML mean of y is its mean among
    # the complete, moved along their regression to the mean of x of all; likewise its variance.
    rng = np.random.default_rng(seed)
    x = rng.normal(5, 2, size=40)
    y = 0.5 * x + rng.normal(size=40)
    has = np.arange(40) >= round(40 * share)
    found = em_normal(np.column_stack([x, np.where(has, y, np.nan)]))
    cov = np.cov(x[has], y[has], bias=True)
    slope = cov[0, 1] / cov[0, 0]
    residual = cov[1, 1] - slope * cov[0, 1]
    mean = y[has].mean() + slope * (x.mean() - x[has].mean())
    assert found.converged
    # An EM step below 1e-12 leaves up to 1e-12 / (1 - rate), with rates up to .9 here.
    assert found.mean[1] == pytest.approx(mean, rel=1e-10)
    assert found.covariance[1, 1] == pytest.approx(residual + slope**2 * x.var(), rel=1e-9)
    assert found.covariance[0, 1] == pytest.approx(slope * x.var(), rel=1e-9)


@few
@given(seeds)
def test_both_scores_vanish(seed: int) -> None:
    # At the maximum the derivatives of the log-likelihood are zero; here row by row, per unit.
    values = incomplete(seed)
    found = em_normal(values)
    score, square = np.zeros(4), np.zeros((4, 4))
    for row in values:
        has = ~np.isnan(row)
        inverse = np.linalg.inv(found.covariance[np.ix_(has, has)])
        pull = inverse @ (row[has] - found.mean[has])
        score[has] += pull
        square[np.ix_(has, has)] += np.outer(pull, pull) - inverse
    assert np.abs(score).max() / len(values) < 1e-9
    assert np.abs(square).max() / len(values) < 1e-9


@few
@given(seeds, st.floats(0.01, 100), st.floats(-1000, 1000))
def test_order_and_units(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    values = incomplete(seed)
    base, test = em_normal(values), little_mcar(values)
    order = rng.permutation(4)
    units = np.array([scale, 1, -1, 1])
    moved = (rng.permutation(values) * units + [shift, 0, 0, 5])[:, order]
    found, moved_test = em_normal(moved), little_mcar(moved)
    # A shift of 1,000 with a unit of .01 costs five digits of the scores themselves.
    sds = np.sqrt(np.diag(base.covariance)) * np.abs(units)
    mean = base.mean * units + [shift, 0, 0, 5]
    np.testing.assert_allclose((found.mean - mean[order]) / sds[order], 0, atol=1e-8)
    covariance = base.covariance * np.outer(units, units)
    difference = found.covariance - covariance[np.ix_(order, order)]
    np.testing.assert_allclose(difference / np.outer(sds, sds)[np.ix_(order, order)], 0, atol=1e-8)
    assert moved_test.statistic == pytest.approx(test.statistic, rel=1e-7)
    assert moved_test.df == test.df


def test_slow_convergence_still_reaches_the_maximum() -> None:
    # Most scores missing: EM without extrapolation takes 423 steps. The same maximum is approached
    # with a tolerance a hundred times smaller.
    values = incomplete(11, n=150, p=6, share=0.6)
    found, closer = em_normal(values), em_normal(values, tolerance=1e-14)
    assert found.converged
    np.testing.assert_allclose(found.mean, closer.mean, atol=1e-9)
    np.testing.assert_allclose(found.covariance, closer.covariance, atol=1e-9)
    assert found.iterations < 150


def test_more_patterns_than_fit_one_block(monkeypatch) -> None:
    values = incomplete(5, n=120)
    base, test = em_normal(values), little_mcar(values)
    monkeypatch.setattr("dyadkit.estimation.pattern_statistics._BLOCK_CELLS", 40)
    monkeypatch.setattr("dyadkit.estimation.completion._CELLS", 100)
    found = em_normal(values)
    np.testing.assert_allclose(found.covariance, base.covariance, rtol=1e-9)
    assert little_mcar(values).statistic == pytest.approx(test.statistic, rel=1e-9)


def test_rows_without_a_score_are_dropped_and_counted() -> None:
    values = incomplete(2)
    padded = np.vstack([np.full((3, 4), np.nan), values])
    base, found = em_normal(values), em_normal(padded)
    assert (found.n, found.n_dropped) == (base.n, 3)
    np.testing.assert_allclose(found.mean, base.mean, rtol=1e-10, atol=1e-12)
    assert little_mcar(padded).n_patterns == little_mcar(values).n_patterns


def test_more_than_64_variables() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(150, 1)) + rng.normal(size=(150, 70))
    values[:10, 69] = np.nan
    values[10:15, 0] = np.nan
    found = em_normal(values)
    assert found.converged
    assert found.n_patterns == 3
    test = little_mcar(values)
    assert test.df == 70 + 69 + 69 - 70


def test_too_few_steps_do_not_claim_convergence() -> None:
    assert not em_normal(incomplete(3), max_iterations=3).converged


def test_little_is_empty_when_every_row_has_its_own_pattern() -> None:
    # At the maximum the sum of tr(G T) over patterns is the number of scores; with one row a
    # pattern that sum is d-squared.
    rng = np.random.default_rng(4)
    gone = np.array([[code >> bit & 1 for bit in range(9)] for code in range(512)], dtype=bool)
    gone = rng.permutation(gone[gone.sum(axis=1) <= 3])[:60]
    values = rng.normal(size=(60, 1)) + rng.normal(size=(60, 9))
    values[gone] = np.nan
    test = little_mcar(values)
    assert test.n_patterns == test.n == 60
    assert test.statistic == pytest.approx((~gone).sum(), rel=1e-9)


def test_nearly_identical_variables_stop_at_the_rounding_error() -> None:
    # Correlations of .999999: a step cannot be smaller than about 1e-10, and need not be.
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 1)) + 1e-3 * rng.normal(size=(300, 5))
    values[rng.random((300, 5)) < 0.2] = np.nan
    found = em_normal(values)
    assert found.converged
    assert found.iterations < 2000


@pytest.mark.parametrize("seed", [9, 14, 24, 30, 31, 34, 49, 74])
def test_a_likelihood_without_bound_is_no_maximum(seed: int) -> None:
    # Few rows and many gaps: variables determine each other in the rows that have them, and the
    # smallest root goes to zero by a tenth a step, too little to be seen in the largest change.
    rng = np.random.default_rng(seed)
    p = int(rng.integers(3, 10))
    n = int(rng.integers(p + 2, 3 * p + 6))
    values = rng.normal(size=(n, 1)) + rng.normal(size=(n, p))
    values[rng.random((n, p)) < rng.uniform(0.1, 0.45)] = np.nan
    with pytest.raises(FitError, match="singular"):
        em_normal(values)


def test_the_result_is_picklable_and_cannot_be_changed() -> None:
    found = em_normal(incomplete(1))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).mean, found.mean)
    with pytest.raises(ValueError, match="read-only"):
        found.mean[0] = 0.0
    with pytest.raises(FrozenInstanceError):
        found.n = 3


def test_little_holds_its_level() -> None:
    # 400 samples of 200 rows missing completely at random: 5 % within 3.5 Monte-Carlo standard
    # errors of 1.1 %.
    rejected = [little_mcar(incomplete(seed, n=200)).p_value < 0.05 for seed in range(400)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=3.5 * 0.011)


def test_little_sees_dropout_that_depends_on_scores(oracle) -> None:
    values = np.array(oracle["missing"][0]["values"], dtype=float)
    assert little_mcar(values).p_value < 0.001


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_little_without_partly_missing_rows_is_refused(share: float) -> None:
    values = incomplete(1, share=0.0)
    values[:4] = np.where(share, np.nan, values[:4])
    kept = len(values) - (4 if share else 0)
    with pytest.raises(Refused, match=f"nothing is missing in the {kept} rows"):
        little_mcar(values)


def broken(change) -> np.ndarray:
    values = incomplete(1, n=30, share=0.1)
    values[2, 0] = np.nan
    change(values)
    return values


def never_together(values: np.ndarray) -> None:
    values[:15, 1] = np.nan
    values[15:, 3] = np.nan


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (broken(lambda v: v.__setitem__((slice(None), 2), np.nan)), DataError, "variable 3 of 4"),
        (broken(lambda v: v.__setitem__((slice(None), 1), 7.0)), DataError, "variable 2 of 4 has"),
        (broken(lambda v: v)[:4], DataError, "4 variables needs more than 4 rows .* there are 4"),
        (broken(never_together), DataError, r"1 pair\(s\) of variables .* both: 2 and 4"),
        (
            broken(lambda v: v.__setitem__((slice(None), 3), v[:, 0] + v[:, 1])),
            FitError,
            "one of variable 1, 2, 4 is determined",
        ),
    ],
    ids=["empty", "constant", "few rows", "never together", "sum"],
)
def test_what_cannot_be_estimated_is_named(values, error, message) -> None:
    with pytest.raises(error, match=message):
        em_normal(values)
    with pytest.raises(error, match=message):
        little_mcar(values)
