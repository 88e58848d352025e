"""Alpha and omega against psych and lavaan, hand arithmetic and identities."""

from __future__ import annotations

from dataclasses import asdict
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError, FitError, Refused, StudyError
from dyadkit.estimation.reliability import cronbach_alpha, mcdonald_omega
from dyadkit.estimation.resample import percentile_interval

few = settings(max_examples=15, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


def scale_scores(seed: int, n: int = 80, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) * rng.uniform(0.5, 0.9, k) + rng.normal(size=(n, k)) * 0.7


@pytest.mark.parametrize("case", range(4))
def test_alpha_against_r(oracle, agrees, case) -> None:
    # R 4.2.2, psych 2.2.9: alpha()$total$raw_alpha and alpha.ci (Feldt), complete rows only.
    reference = oracle["alpha"][case]
    items = np.array(reference["items"], dtype=float)
    alpha = cronbach_alpha(items, reference["confidence"])
    agrees(alpha, reference["expected"])
    assert len(reference["expected"]) == 5
    assert alpha.method == "alpha (Feldt)"


def test_negative_alpha_is_shown(oracle) -> None:
    assert cronbach_alpha(np.array(oracle["alpha"][1]["items"])).estimate < -2


def test_alpha_by_hand() -> None:
    # Item variances 2.5, 1.3, 2.8, variance of the sum 17.2.
    rows = [[1, 2, 1], [3, 3, 4], [2, 4, 3], [5, 4, 5], [4, 5, 5]]
    assert cronbach_alpha(rows).estimate == pytest.approx(1.5 * (1 - 6.6 / 17.2), rel=1e-13)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([[1], [2], [3]], r"1 item\(s\) and 3 complete row"),
        ([[1, 2], [3, np.nan]], r"2 item\(s\) and 1 complete row"),
        ([[1, 4], [2, 3], [4, 1]], "sum of the 2 items does not vary over the 3 complete rows"),
        ([[1, 4], [1, 4], [1, 4]], "does not vary"),
    ],
)
def test_alpha_of_degenerate_scores(items, message) -> None:
    with pytest.raises(DataError, match=message):
        cronbach_alpha(items)


@few
@given(seeds, st.floats(0.1, 10), st.floats(-100, 100))
def test_alpha_identities(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    items = scale_scores(seed, n=20)
    base = cronbach_alpha(items)
    shuffled = rng.permutation(rng.permutation(items, axis=1))
    padded = np.vstack([items, np.where(np.arange(5) == 2, np.nan, 1.0)])
    for other in (shuffled, padded, 8 - items, shift + scale * items, items + np.arange(5)):
        alpha = cronbach_alpha(other)
        assert alpha.n == 20
        assert alpha.estimate == pytest.approx(base.estimate, rel=1e-9, abs=1e-11)
        assert alpha.conf_low == pytest.approx(base.conf_low, rel=1e-9, abs=1e-11)


def test_alpha_is_hoyts_ratio_of_mean_squares() -> None:
    # Hoyt (1941): 1 - MS(residual) / MS(persons) of the two-way analysis of variance.
    items = scale_scores(4, n=25)
    persons, columns = items.mean(axis=1, keepdims=True), items.mean(axis=0)
    residual = items - persons - columns + items.mean()
    between = 5 * ((persons - items.mean()) ** 2).sum() / 24
    error = (residual**2).sum() / (24 * 4)
    assert cronbach_alpha(items).estimate == pytest.approx(1 - error / between, rel=1e-12)


def test_scores_far_from_zero() -> None:
    # Answers 1 to 5 stay exact at 1e9, so alpha loses nothing.
    items = np.clip(np.round(scale_scores(6) + 3), 1, 5)
    near, far = cronbach_alpha(items), cronbach_alpha(items + 1e9)
    assert far.estimate == pytest.approx(near.estimate, rel=1e-13)
    near_omega, far_omega = mcdonald_omega(items, draws=0), mcdonald_omega(items + 1e9, draws=0)
    assert far_omega.estimate == pytest.approx(near_omega.estimate, rel=1e-9)


@pytest.mark.parametrize("name", ["items", "heywood", "triplet"])
def test_omega_against_lavaan(oracle, name) -> None:
    # lavaan 0.6-14 loadings (polished, see estimation.R), squared sum over sum(cov), divisor n.
    # Ours stops at a gradient of 1e-9, hence 1e-8.
    reference = oracle["one_factor"][name]
    omega = mcdonald_omega(np.array(reference["items"], dtype=float), draws=0)
    assert omega.estimate == pytest.approx(reference["omega"], rel=1e-8)
    np.testing.assert_allclose(omega.loadings, reference["loadings"], rtol=1e-8)
    assert omega.n == reference["n"]
    assert omega.inadmissible is (name == "heywood")
    assert isnan(omega.conf_low)
    assert isnan(omega.conf_high)


def test_bootstrap_omegas_against_lavaan(oracle, monkeypatch) -> None:
    # The twelve samples that lavaan fitted one by one, drawn here too; boot's interval of them is
    # tested in test_resample.
    reference = oracle["resamples"]
    weights = np.array(reference["weights"])
    monkeypatch.setattr(
        "dyadkit.estimation.reliability.bootstrap_weights",
        lambda n, draws, rng: iter([weights[:5], weights[5:]]),
    )
    items = np.array(reference["items"], dtype=float)
    omega = mcdonald_omega(items, 0.8, 12, np.random.default_rng(1))
    expected = percentile_interval(reference["omega"], 0.8)
    assert (omega.conf_low, omega.conf_high) == pytest.approx(expected, rel=1e-8)
    assert (omega.draws, omega.failed_draws) == (12, 0)


def test_omega_uses_the_observed_variance() -> None:
    # Two pairs of doublets: the model leaves covariances over, which belong in the denominator.
    rng = np.random.default_rng(8)
    doublets = np.repeat(rng.normal(size=(300, 2)), 2, axis=1)
    items = rng.normal(size=(300, 1)) + 0.7 * doublets + rng.normal(size=(300, 4))
    omega = mcdonald_omega(items, draws=0)
    observed = items.sum(axis=1).var()
    assert omega.estimate == pytest.approx(sum(omega.loadings) ** 2 / observed, rel=1e-12)


@few
@given(seeds, st.floats(0.1, 10))
def test_omega_identities(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    items = scale_scores(seed)
    base = mcdonald_omega(items, draws=0)
    for other in (rng.permutation(rng.permutation(items, axis=1)), 8 - items, 5 + scale * items):
        # Each fit ends at a gradient of 1e-9.
        assert mcdonald_omega(other, draws=0).estimate == pytest.approx(base.estimate, rel=1e-8)


def test_omega_is_alpha_for_parallel_items(with_moments) -> None:
    # Equal loadings and equal variances are exactly those of the model: omega = alpha.
    correlations = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    items = with_moments(40, np.zeros(4), np.ones(4), correlations)
    alpha = cronbach_alpha(items).estimate
    assert alpha == pytest.approx(4 * 0.5 / (1 + 3 * 0.5), rel=1e-12)  # Spearman-Brown
    assert mcdonald_omega(items, draws=0).estimate == pytest.approx(alpha, rel=1e-9)


def test_the_seed_decides_the_interval() -> None:
    items = scale_scores(1)
    one, same, other = (
        mcdonald_omega(items, draws=60, rng=np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    assert asdict(one) == asdict(same)
    assert one.conf_low != other.conf_low


def test_omega_interval_has_the_width_that_theory_gives() -> None:
    # For a correct model and many persons the interval is about that of the delta method; Feldt's
    # for alpha is close to it when loadings are equal. Width within 15 %: 2,000 draws, n = 1,000.
    rng = np.random.default_rng(5)
    items = rng.normal(size=(1000, 1)) * 0.7 + rng.normal(size=(1000, 6)) * 0.7
    omega = mcdonald_omega(items, draws=2000, rng=rng)
    alpha = cronbach_alpha(items)
    width = omega.conf_high - omega.conf_low
    assert width == pytest.approx(alpha.conf_high - alpha.conf_low, rel=0.15)


def test_failed_draws_are_counted_and_left_out() -> None:
    # Item 3 differs from 0 for one person in eight: a sample without that one has a constant item.
    items = np.column_stack(
        [[1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 6, 5, 8, 7], [0, 0, 0, 0, 0, 0, 0, 1.0]]
    )
    items[:, 0] += [0.1, 0.5, 0.3, 0.2, 0.9, 0.4, 0.6, 0.8]
    omega = mcdonald_omega(items, draws=400, rng=np.random.default_rng(2))
    # (7/8)^8 = 34 % of the samples lack the person: 137 of 400, standard deviation 9.5.
    assert omega.failed_draws >= 137 - 3.5 * 9.5
    assert omega.failed_draws < 400
    assert omega.draws == 400
    assert omega.conf_low <= omega.conf_high


def test_inadmissible_draws_are_counted(oracle) -> None:
    items = np.array(oracle["one_factor"]["heywood"]["items"])
    omega = mcdonald_omega(items, draws=100, rng=np.random.default_rng(2))
    assert omega.inadmissible
    assert 50 < omega.inadmissible_draws <= 100 - omega.failed_draws


@pytest.mark.parametrize(
    ("items", "error", "message"),
    [
        (np.ones((9, 2)), Refused, "two items is not identified"),
        (np.ones((9, 1)), DataError, "at least 3 items"),
        (np.arange(12.0).reshape(3, 4), DataError, "4 items needs more than 4 persons .* are 3"),
        (
            np.column_stack([scale_scores(1, k=3), np.full(80, 2.0)]),
            DataError,
            "item 4 has one and the same answer in all 80",
        ),
        (
            np.column_stack([scale_scores(1, k=3), scale_scores(1, k=3)[:, :2].sum(axis=1)]),
            FitError,
            "item 1, 2, 4 are redundant",
        ),
    ],
)
def test_omega_of_degenerate_scores(items, error, message) -> None:
    with pytest.raises(error, match=message):
        mcdonald_omega(items, draws=0)


def test_no_single_factor() -> None:
    # Correlations of three items with an odd number of negative signs have no one-factor solution.
    rng = np.random.default_rng(1)
    target = np.array([[1.0, -0.45, 0.45], [-0.45, 1.0, 0.45], [0.45, 0.45, 1.0]])
    z = rng.normal(size=(60, 3))
    z -= z.mean(axis=0)
    z = np.linalg.solve(np.linalg.cholesky(np.cov(z.T)), z.T).T @ np.linalg.cholesky(target).T
    with pytest.raises(FitError, match="did not converge on the 60 complete rows"):
        mcdonald_omega(z, draws=0)


def test_bootstrap_needs_a_generator_and_a_sensible_number() -> None:
    with pytest.raises(StudyError, match="1000 draws was asked for, without a random generator"):
        mcdonald_omega(scale_scores(1))
    with pytest.raises(StudyError, match="-1 draws"):
        mcdonald_omega(scale_scores(1), draws=-1, rng=np.random.default_rng(1))
