"""Cohen's kappa against R, publications, all tables with the same margins, and identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.agreement.category_counts import count_categories
from dyadkit.agreement.cohen import cohen_kappa
from dyadkit.agreement.concordance_correlation import concordance
from dyadkit.errors import DataError, StudyError
from tests.agreement.categorised import ORACLE, agree, counted_of, from_table

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)
NAMES = ("estimate", "std_error", "conf_low", "conf_high", "std_error_null", "p_value", "chance")


@pytest.mark.parametrize("case", ORACLE["kappa"], ids=lambda c: f"{c['data']}-{c['weights']}")
def test_against_r(case) -> None:
    # R 4.2.2: derivatives by each cell (complex step), which the script holds to the formulas of
    # Fleiss, Cohen and Everitt and to psych 2.2.9 (its weighted errors excepted: they are wrong).
    weights = case["matrix"] if case["weights"] == "custom" else case["weights"]
    found = cohen_kappa(counted_of(case["data"]), weights, case["confidence"])
    assert len(case["expected"]) == 12
    agree(found, case["expected"])


def test_cohens_two_diagnosticians() -> None:
    # Cohen (1968): 200 cases; disagreements weigh 1, 3 and 6; kappa .492, weighted .348.
    counted = count_categories(from_table([[88, 10, 2], [14, 40, 6], [18, 10, 12]]))
    weights = 1.0 - np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6
    plain, weighted = cohen_kappa(counted), cohen_kappa(counted, weights)
    assert (round(plain.estimate, 3), round(weighted.estimate, 3)) == (0.492, 0.348)
    assert (plain.observed, round(plain.chance, 12), plain.n) == (0.7, 0.41, 200)
    # By hand: rows have 100, 60 and 40 cases, columns 120, 60 and 20.
    assert plain.maximum == pytest.approx((180 / 200 - 0.41) / 0.59, rel=1e-12)


def codes_of(seed: int, n: int = 40) -> np.ndarray:
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, 5, size=(n, 1)) + rng.integers(-1, 2, size=(n, 2))
    return np.clip(codes, 1, 4).astype(float)


def numbers(found) -> list[float]:
    return [getattr(found, name) for name in (*NAMES, "maximum", "of_maximum")]


@few
@given(seeds, st.sampled_from(["unweighted", "linear", "quadratic", "ordinal"]))
def test_raters_direction_and_unused_categories(seed, weights) -> None:
    codes, scale = codes_of(seed), [1.0, 2.0, 3.0, 4.0]
    base = numbers(cohen_kappa(count_categories(codes, scale), weights))
    for other in (codes[:, ::-1], 5 - codes):
        found = numbers(cohen_kappa(count_categories(other, scale), weights))
        np.testing.assert_allclose(found, base, rtol=1e-9, atol=1e-13)
    # Unused categories change the width of the scale, which kappa does not depend on.
    if weights != "ordinal":
        wider = numbers(cohen_kappa(count_categories(codes, [*scale, 9.0]), weights))
        # ... but of agreement and chance themselves.
        same = [place for place, name in enumerate(NAMES) if name != "chance"]
        np.testing.assert_allclose(
            np.array(wider)[same], np.array(base)[same], rtol=1e-9, atol=1e-13
        )


@few
@given(seeds)
def test_quadratic_kappa_is_the_concordance_correlation(seed) -> None:
    # Krippendorff (1970): with squared weights, kappa is Lin's coefficient with the divisor n.
    codes = codes_of(seed)
    kappa = cohen_kappa(count_categories(codes, [1, 2, 3, 4]), "quadratic")
    assert kappa.estimate == pytest.approx(concordance(*codes.T).estimate, rel=1e-10)


@few
@given(seeds)
def test_the_sample_repeated(seed) -> None:
    codes = codes_of(seed)
    once, four = (cohen_kappa(count_categories(np.tile(codes, (k, 1))), "linear") for k in (1, 4))
    assert four.estimate == pytest.approx(once.estimate, rel=1e-12)
    assert four.std_error == pytest.approx(once.std_error / 2, rel=1e-11)
    assert four.std_error_null == pytest.approx(once.std_error_null / 2, rel=1e-11)
    assert four.maximum == pytest.approx(once.maximum, rel=1e-12)


@few
@given(seeds, st.sampled_from(["unweighted", "linear", "quadratic", "ordinal"]))
def test_the_maximum_is_reached_by_sorting(seed, weights) -> None:
    # Ratings of one rater, sorted beside the other's sorted ones, keep both margins; for linear and
    # quadratic weights nothing agrees more, and no other order may exceed the maximum.
    codes = codes_of(seed)
    found = cohen_kappa(count_categories(codes, [1, 2, 3, 4]), weights)
    rng = np.random.default_rng(seed)
    ordered = np.sort(codes, axis=0)
    top = cohen_kappa(count_categories(ordered, [1, 2, 3, 4]), weights)
    if weights != "unweighted":
        assert found.maximum == pytest.approx(top.estimate, rel=1e-12)
    for _ in range(5):
        mixed = np.column_stack([codes[:, 0], rng.permutation(codes[:, 1])])
        other = cohen_kappa(count_categories(mixed, [1, 2, 3, 4]), weights)
        assert other.estimate <= found.maximum + 1e-12
        assert other.maximum == pytest.approx(found.maximum, rel=1e-12)
    assert found.of_maximum == pytest.approx(found.estimate / found.maximum, rel=1e-12)


def test_opposites_may_lie_below_minus_one_when_weighted() -> None:
    turned = count_categories([[1, 4], [4, 1], [1, 4], [4, 1], [2, 3]], [1, 2, 3, 4])
    for weights in ("unweighted", "linear", "quadratic"):
        found = cohen_kappa(turned, weights)
        assert found.conf_low <= found.estimate <= found.conf_high
    assert cohen_kappa(turned).conf_low >= -1.0


def test_perfect_agreement() -> None:
    for weights in ("unweighted", "quadratic"):
        found = cohen_kappa([[1, 1], [2, 2], [3, 3], [1, 1]], weights)
        assert (found.estimate, found.std_error, found.conf_low, found.conf_high) == (1, 0, 1, 1)
        assert found.maximum == found.of_maximum == 1.0
        assert found.std_error_null > 0.0


def test_undefined_kappas() -> None:
    with pytest.raises(DataError, match="both raters put all 3 units into one and the same"):
        cohen_kappa([[2, 2], [2, 2], [2, 2]])
    # Each always one category, but not the same: no agreement, none to expect, none possible.
    apart = cohen_kappa([[1, 2], [1, 2], [1, 2]])
    assert (apart.estimate, apart.maximum, apart.std_error) == (0.0, 0.0, 0.0)
    assert np.isnan([apart.of_maximum, apart.statistic, apart.p_value]).all()
    with pytest.raises(DataError, match=r"2 raters, but there are 3"):
        cohen_kappa([[1, 2, 1], [1, 2, 2], [1, 1, 2]])
    with pytest.raises(StudyError, match="between 0 and 1"):
        cohen_kappa([[1, 1], [2, 2]], confidence=95)
