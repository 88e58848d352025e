"""Krippendorff's alpha against R, publications, resampled rows and identities."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.agreement.category_counts import CategoryCounts, count_categories
from dyadkit.agreement.chance_corrected import scott_pi
from dyadkit.agreement.krippendorff import METRICS, krippendorff_alpha
from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.resample import percentile_interval
from tests.agreement.categorised import (
    OBSERVERS,
    ORACLE,
    agree,
    counted_of,
    diagnoses,
    ratings_of,
)

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("case", ORACLE["alpha"], ids=lambda c: f"{c['data']}-{c['metric']}")
def test_against_r(case) -> None:
    # R 4.2.2: coincidences by loops, the error by the derivative by each unit's weight (complex
    # step), the ordinal distances' own included.
    counted = counted_of(case["data"])
    found = krippendorff_alpha(counted, case["metric"], confidence=case["confidence"])
    assert len(case["expected"]) == 7
    agree(found, case["expected"])
    assert found.method == "linearised, t over units"


LARGER = [case for case in ORACLE["alpha"] if case["expected"]["n"] >= 50]


@pytest.mark.parametrize("case", LARGER, ids=lambda c: f"{c['data']}-{c['metric']}")
def test_error_is_near_the_jackknife_of_units(case) -> None:
    # R leaves out one unit after the other; both are consistent, and near in 50 units or more.
    found = krippendorff_alpha(counted_of(case["data"]), case["metric"])
    assert found.std_error == pytest.approx(case["jackknife"], rel=0.05)


@pytest.mark.parametrize("case", ORACLE["alpha"], ids=lambda c: f"{c['data']}-{c['metric']}")
def test_samples_of_rows_against_r(case) -> None:
    # Alpha of twelve bootstrap samples of rows, by R from their ratings.
    several = ratings_of(case["data"])
    several = several[(~np.isnan(several)).sum(axis=1) > 1]
    categories = ORACLE["data"][case["data"]]["categories"]
    for rows, expected in zip(case["rows"], case["resampled"], strict=True):
        counted = count_categories(several[np.array(rows) - 1], categories)
        found = krippendorff_alpha(counted, case["metric"])
        assert found.estimate == pytest.approx(expected, rel=1e-9, abs=1e-12)


class Given(np.random.Generator):
    """A generator that draws the patterns of units that it was given."""

    def __init__(self, drawn: np.ndarray) -> None:
        super().__init__(np.random.PCG64(0))
        self.drawn, self.done = drawn, 0

    def multinomial(self, n, pvals, size):  # type: ignore[override]
        part = self.drawn[self.done : self.done + size]
        self.done += size
        assert (part.sum(axis=1) == n).all()
        assert np.isclose(pvals.sum(), 1.0)
        return part


@pytest.mark.parametrize("case", ORACLE["alpha"], ids=lambda c: f"{c['data']}-{c['metric']}")
@pytest.mark.parametrize("cells", [1, 2**21])
def test_bootstrap_by_patterns_against_r(case, cells, monkeypatch) -> None:
    # The same twelve samples, as numbers of units of each pattern, one by one and all at once.
    monkeypatch.setattr("dyadkit.agreement.krippendorff._CELLS", cells)
    counted = counted_of(case["data"])
    patterns = counted.patterns[counted.several]
    several = counted.counts[counted.counts.sum(axis=1) > 1]
    of_row = (several[:, np.newaxis] == patterns).all(axis=2).argmax(axis=1)
    drawn = np.array(
        [np.bincount(of_row[np.array(rows) - 1], minlength=len(patterns)) for rows in case["rows"]]
    )
    found = krippendorff_alpha(counted, case["metric"], draws=12, rng=Given(drawn), confidence=0.8)
    low, high = percentile_interval(np.array(case["resampled"]), 0.8)
    assert found.conf_low == pytest.approx(low, rel=1e-9, abs=1e-12)
    assert found.conf_high == pytest.approx(high, rel=1e-9, abs=1e-12)
    assert found.method == "percentile bootstrap, 12 draws of units"


def test_krippendorffs_four_observers() -> None:
    # Krippendorff (2011): alpha of twelve units, of which eleven are rated twice or more.
    counted = count_categories(OBSERVERS)
    published = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}
    for metric, value in published.items():
        found = krippendorff_alpha(counted, metric)
        assert round(found.estimate, 3) == value
        assert found.n == 11
    # irrCAC prints .74342 with the error .14557, which linearises the number of ratings otherwise.
    nominal = krippendorff_alpha(counted)
    assert nominal.estimate == pytest.approx(0.74342, abs=5.1e-6)
    assert nominal.std_error == pytest.approx(0.14557, rel=0.03)


def test_krippendorffs_two_observers() -> None:
    # Krippendorff (2011), example A: two observers, ten units, yes or no; alpha .095.
    pair = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert round(krippendorff_alpha(count_categories(np.transpose(pair))).estimate, 3) == 0.095


def test_diagnoses() -> None:
    # Printed by irrCAC for fifteen patients and six psychiatrists.
    found = krippendorff_alpha(count_categories(diagnoses(15)))
    assert found.estimate == pytest.approx(0.4204384, abs=5.1e-8)


def ratings(seed: int, raters: int = 3, missing: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, 5, size=(25, 1)) + rng.integers(-1, 2, size=(25, raters))
    codes = np.clip(codes, 1, 4).astype(float)
    codes[rng.random(codes.shape) < missing] = nan
    codes[:2] = [[1], [4]]
    return codes


def numbers(counted: CategoryCounts, metric) -> np.ndarray:
    found = krippendorff_alpha(counted, metric)
    return np.array([found.estimate, found.std_error, found.conf_low, found.conf_high])


@few
@given(seeds, st.sampled_from(METRICS))
def test_what_does_not_matter(seed, metric) -> None:
    codes = ratings(seed)
    base = numbers(count_categories(codes), metric)
    rng = np.random.default_rng(seed)
    others = [codes[:, [2, 0, 1]], rng.permutation(codes), 2.5 * codes]
    if metric != "ratio":
        others += [5.0 - codes, codes + 1000.0]
    if metric in ("nominal", "ordinal"):
        others.append(np.where(codes == 4, 99.0, codes))
    if metric == "nominal":
        others.append(np.where(codes == 2, 99.0, codes))
    for other in others:
        np.testing.assert_allclose(
            numbers(count_categories(other), metric), base, rtol=1e-9, atol=1e-12
        )
    # Neither do categories that nobody used.
    wide = count_categories(codes, [1, 2, 2.5, 3, 4, 50])
    np.testing.assert_allclose(numbers(wide, metric), base, rtol=1e-9, atol=1e-12)
    # Nor units with one rating.
    lonely = np.concatenate([codes, [[3.0, nan, nan], [nan, 1.0, nan]]])
    np.testing.assert_allclose(
        numbers(count_categories(lonely), metric), base, rtol=1e-9, atol=1e-12
    )


@few
@given(seeds)
def test_alpha_is_pi_with_a_correction_for_few_ratings(seed) -> None:
    counted = count_categories(ratings(seed, missing=0.0))
    pi = scott_pi(counted)
    alpha, total = krippendorff_alpha(counted), 3 * 25
    assert 1 - alpha.estimate == pytest.approx((1 - pi.estimate) * (total - 1) / total, rel=1e-11)
    assert alpha.std_error == pytest.approx(pi.std_error * (total - 1) / total, rel=1e-11)


@few
@given(seeds)
def test_interval_alpha_is_an_analysis_of_variance(seed) -> None:
    # Krippendorff (1970): 1 - alpha = MS within units / total variance, if nothing is missing.
    codes = ratings(seed, missing=0.0)
    found = krippendorff_alpha(count_categories(codes), "interval")
    within = codes.var(axis=1, ddof=1).mean()
    assert 1 - found.estimate == pytest.approx(within / codes.var(ddof=1), rel=1e-11)


def test_bootstrap_is_reproducible_and_near_the_linearised_error() -> None:
    codes = np.tile(ratings(3), (8, 1))
    counted = count_categories(codes)
    for metric in METRICS:
        one, other = (
            krippendorff_alpha(counted, metric, draws=3000, rng=np.random.default_rng(5))
            for _ in range(2)
        )
        assert one == other
        linear = krippendorff_alpha(counted, metric)
        assert one.std_error == linear.std_error
        assert one.undefined == 0
        assert one.note == ""
        # 3,000 draws of 200 units: bounds are good to about 4 % of the interval's width.
        width = linear.conf_high - linear.conf_low
        assert one.conf_low == pytest.approx(linear.conf_low, abs=0.08 * width)
        assert one.conf_high == pytest.approx(linear.conf_high, abs=0.08 * width)


def test_notes_on_the_bootstrap() -> None:
    # One disagreement among thirty equal units: no rating varies in (29/30)^30 = 36 % of draws.
    codes = np.ones((30, 2))
    codes[0, 1] = 2.0
    found = krippendorff_alpha(count_categories(codes), draws=2000, rng=np.random.default_rng(1))
    expected = 2000 * (29 / 30) ** 30
    assert found.undefined == pytest.approx(expected, abs=3.5 * np.sqrt(expected * (1 - 0.36)))
    assert f"No rating varied in {found.undefined:,} of 2,000 draws" in found.note
    # Draws without one of the agreements all miss the estimate.
    counted = count_categories([[1, 1], [2, 2], [1, 2], [2, 1]])
    agreed = (counted.patterns == 2.0).any(axis=1)
    only = np.where(agreed, 0, 4)
    missed = krippendorff_alpha(counted, draws=50, rng=Given(np.tile(only, (50, 1))))
    assert missed.conf_high < missed.estimate
    assert missed.note == "The percentile interval does not hold the estimate."


def test_perfect_and_undefined() -> None:
    same = krippendorff_alpha(count_categories([[1, 1], [2, 2], [3, 3]]), "ordinal")
    assert (same.estimate, same.conf_low, same.conf_high) == (1.0, 1.0, 1.0)
    assert same.std_error == 0.0
    alone = count_categories([[2, 2], [2, 2], [2, 2]], [1, 2, 3])
    for metric in METRICS:
        with pytest.raises(DataError, match="all ratings of the 3 units are equal"):
            krippendorff_alpha(alone, metric)
    # A unit that one rater alone rated does not vary anything.
    lonely = count_categories([[2, 2], [2, 2], [1, nan]])
    with pytest.raises(DataError, match="all ratings of the 2 units are equal"):
        krippendorff_alpha(lonely)


def test_opposites_are_below_chance() -> None:
    apart = count_categories([[1, 5], [5, 1], [1, 5], [5, 1]])
    # By hand: N = 8, all 4 pairs of either kind differ: 1 - 7 * 8 / 32.
    found = krippendorff_alpha(apart)
    assert found.estimate == pytest.approx(1 - 7 * 8 / 32, rel=1e-12)
    assert found.std_error == pytest.approx(0.0, abs=1e-12)


def test_ratio_metric_counts_from_zero() -> None:
    # (0 - 0)/(0 + 0) is no distance; 0 and anything else are 1 apart. By hand, N = 6: two of six
    # coincidences at 1; n = 3 zeros, 3 fours: expected 9 * 2 / 30.
    found = krippendorff_alpha(count_categories([[0, 0], [0, 4], [4, 4]]), "ratio")
    assert found.observed == pytest.approx(2 / 6, rel=1e-12)
    assert found.expected == pytest.approx(18 / 30, rel=1e-12)
    with pytest.raises(DataError, match=r"needs values of 0 or more, .+ -1"):
        krippendorff_alpha(count_categories([[0, 0], [-1, 4], [4, 4]]), "ratio")


def test_wrong_calls() -> None:
    counted = count_categories([[1, 1], [1, 2], [2, 2]])
    with pytest.raises(StudyError, match="'cubic' is not known"):
        krippendorff_alpha(counted, "cubic")  # type: ignore[arg-type]
    with pytest.raises(StudyError, match=r"needs draws of 0 or more, and with them rng=…"):
        krippendorff_alpha(counted, draws=100)
    with pytest.raises(StudyError, match="bootstrap of -1 draws"):
        krippendorff_alpha(counted, draws=-1, rng=np.random.default_rng(1))
    with pytest.raises(StudyError, match="between 0 and 1"):
        krippendorff_alpha(counted, confidence=inf)
