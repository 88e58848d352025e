"""Agreement beyond chance against R, publications and identities."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.agreement.category_counts import count_categories
from dyadkit.agreement.chance_corrected import (
    brennan_prediger,
    conger_kappa,
    gwet_ac,
    percent_agreement,
    scott_pi,
)
from dyadkit.agreement.cohen import cohen_kappa
from dyadkit.errors import DataError, StudyError
from tests.agreement.categorised import (
    OBSERVERS,
    ORACLE,
    agree,
    counted_of,
    diagnoses,
    from_table,
)

INDICES = {
    "percent": percent_agreement,
    "scott_pi": scott_pi,
    "gwet_ac": gwet_ac,
    "brennan_prediger": brennan_prediger,
    "conger": conger_kappa,
}
few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("case", ORACLE["indices"], ids=lambda c: f"{c['data']}-{c['weights']}")
def test_against_r(case, index) -> None:
    # R 4.2.2: definitions by loops, errors by the derivative by each unit's weight (complex step).
    weights = case["matrix"] if case["weights"] == "custom" else case["weights"]
    found = INDICES[index](counted_of(case["data"]), weights, case["confidence"])
    assert len(case["expected"][index]) == 10
    agree(found, case["expected"][index])


@pytest.mark.parametrize(
    ("index", "published"),
    [
        # Gwet's irrCAC for this example of his (2014): chance and estimate.
        ("percent", (0.0, 0.8181818)),
        ("gwet_ac", (0.1903212, 0.77544)),
        ("scott_pi", (0.2387153, 0.76117)),
        ("conger", (0.2334252, 0.76282)),
        ("brennan_prediger", (0.2, 0.77273)),
    ],
)
def test_gwets_four_raters_with_missing_ratings(index, published) -> None:
    found = INDICES[index](count_categories(OBSERVERS))
    chance, estimate = published
    assert found.chance == pytest.approx(chance, abs=5.1e-8)
    assert found.estimate == pytest.approx(estimate, abs=5.1e-6)
    assert (found.n, found.df) == (11, 10.0)
    # Of irrCAC's errors the R script gets all five digits when it takes the eleven units with
    # several ratings as fixed; one unit has one rating, so that ours are smaller.
    agree(found, ORACLE["observers"][index])


@few
@given(seeds, st.sampled_from(list(INDICES)))
def test_one_sided_units_leave_percent_agreement_alone(seed, index) -> None:
    # A unit with one rating tells nothing of agreement, only of how often categories are used.
    codes = ratings(seed, raters=2, missing=0.0)
    lonely = np.column_stack([codes[:20, 0], np.full(20, nan)])
    paired = INDICES[index](count_categories(codes, [1, 2, 3, 4]))
    mixed = INDICES[index](count_categories(np.concatenate([codes, lonely]), [1, 2, 3, 4]))
    assert (mixed.observed, mixed.n, mixed.df) == (paired.observed, paired.n, paired.df)
    # The same category shares among them change nothing but the divisor n (n - 1).
    same = np.concatenate(
        [
            codes,
            np.column_stack([codes[:, 0], np.full(25, nan)]),
            np.column_stack([np.full(25, nan), codes[:, 1]]),
        ]
    )
    balanced = INDICES[index](count_categories(same, [1, 2, 3, 4]))
    assert balanced.estimate == pytest.approx(paired.estimate, rel=1e-12)
    if index in ("percent", "brennan_prediger"):
        ratio = np.sqrt(75 / 74 * 24 / 25)
        assert balanced.std_error == pytest.approx(ratio * paired.std_error, rel=1e-11)


def test_fleiss_psychiatric_diagnoses() -> None:
    # Fleiss (1971): kappa .430 of 30 patients.
    assert round(scott_pi(count_categories(diagnoses(30))).estimate, 3) == 0.430
    # Printed by irrCAC for the first 15 of them.
    half = count_categories(diagnoses(15))
    printed = {
        "scott_pi": (0.4139265, 0.08119291),
        "gwet_ac": (0.4448007, 0.08418757),
        "brennan_prediger": (0.4388889, 0.08312142),
    }
    for index, (estimate, error) in printed.items():
        found = INDICES[index](half)
        assert found.estimate == pytest.approx(estimate, abs=5.1e-8)
        assert found.std_error == pytest.approx(error, abs=5.1e-9)
    assert gwet_ac(half).p_value == pytest.approx(0.0001155927, rel=1e-6)


def test_two_abstractors() -> None:
    # Printed by irrCAC for a table of 100 pregnancies in three categories (Gwet, 2014).
    counted = count_categories(from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]]))
    printed = {
        "conger": (0.7964094, 0.05891072),
        "scott_pi": (0.7962397, 0.05905473),
        "gwet_ac": (0.8493305, 0.04321747),
        "brennan_prediger": (0.835, 0.04693346),
        "percent": (0.89, 0.03128898),
    }
    for index, (estimate, error) in printed.items():
        found = INDICES[index](counted)
        assert found.estimate == pytest.approx(estimate, abs=5.1e-8)
        # Of tables, irrCAC divides the variance by n², not n (n - 1).
        assert found.std_error * np.sqrt(0.99) == pytest.approx(error, abs=5.1e-9)


def ratings(seed: int, raters: int = 3, missing: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, 5, size=(25, 1)) + rng.integers(-1, 2, size=(25, raters))
    codes = np.clip(codes, 1, 4).astype(float)
    codes[rng.random(codes.shape) < missing] = nan
    codes[:2] = [[1], [4]]
    return codes


def numbers(found) -> np.ndarray:
    names = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "observed", "chance")
    return np.array([getattr(found, name) for name in names])


@few
@given(seeds, st.sampled_from(list(INDICES)), st.sampled_from(["unweighted", "quadratic"]))
def test_order_of_raters_units_and_direction_do_not_matter(seed, index, weights) -> None:
    codes = ratings(seed)
    rng = np.random.default_rng(seed)
    scale = [1.0, 2.0, 3.0, 4.0]
    base = numbers(INDICES[index](count_categories(codes, scale), weights))
    for other in (codes[:, [2, 0, 1]], rng.permutation(codes), 5.0 - codes):
        found = numbers(INDICES[index](count_categories(other, scale), weights))
        np.testing.assert_allclose(found, base, rtol=1e-10, atol=1e-14)
    # Names of unordered categories are only names.
    if weights == "unweighted":
        names = np.array([nan, 7.0, -2.0, 0.5, 3.0])
        renamed = names[np.nan_to_num(codes).astype(int)]
        found = numbers(INDICES[index](count_categories(renamed, names[1:]), weights))
        np.testing.assert_allclose(found, base, rtol=1e-10, atol=1e-14)


@few
@given(seeds, st.sampled_from(list(INDICES)))
def test_the_sample_repeated(seed, index) -> None:
    codes = ratings(seed)
    once = INDICES[index](count_categories(codes))
    thrice = INDICES[index](count_categories(np.tile(codes, (3, 1))))
    assert thrice.estimate == pytest.approx(once.estimate, rel=1e-12)
    # Variances have the divisor n (n - 1), n all units with a rating.
    n = float((~np.isnan(codes).all(axis=1)).sum())
    ratio = np.sqrt((n - 1) / (3 * n - 1))
    assert thrice.std_error == pytest.approx(ratio * once.std_error, rel=1e-10)


@few
@given(seeds)
def test_two_raters_of_conger_are_cohens(seed) -> None:
    counted = count_categories(ratings(seed, raters=2, missing=0.0))
    for weights in ("unweighted", "linear", "ordinal"):
        conger, cohen = conger_kappa(counted, weights), cohen_kappa(counted, weights)
        assert conger.estimate == pytest.approx(cohen.estimate, rel=1e-12)
        n = cohen.n
        assert conger.std_error * np.sqrt((n - 1) / n) == pytest.approx(cohen.std_error, rel=1e-10)


def test_declared_categories_count() -> None:
    codes = [[1, 1], [1, 2], [2, 2], [2, 2], [1, 1]]
    used, all_five = count_categories(codes), count_categories(codes, [1, 2, 3, 4, 5])
    # By hand: p_o = .8; chance 1/2 and 1/5.
    assert brennan_prediger(used).estimate == pytest.approx(0.6, rel=1e-12)
    assert brennan_prediger(all_five).estimate == pytest.approx(0.75, rel=1e-12)
    # pi = 1/2 each: chance (1/4 + 1/4) / (q - 1), of five a quarter of that of two.
    assert gwet_ac(used).chance == pytest.approx(0.5, rel=1e-12)
    assert gwet_ac(all_five).chance == pytest.approx(0.125, rel=1e-12)
    assert scott_pi(used).estimate == pytest.approx(scott_pi(all_five).estimate, rel=1e-12)


def test_names_of_the_indices() -> None:
    two, three = count_categories(ratings(1, raters=2)), count_categories(ratings(1))
    assert (scott_pi(two).name, scott_pi(three).name) == ("Scott's π", "Fleiss' κ")
    assert (gwet_ac(two).name, gwet_ac(two, "linear").name) == ("AC1", "AC2")
    assert gwet_ac(two, np.eye(4)).name == "AC1"


def test_bounds_hold_the_estimate_and_what_is_possible() -> None:
    apart = count_categories([[1, 5], [5, 1], [1, 5], [5, 1], [5, 1], [1, 4]], [1, 2, 3, 4, 5])
    for index in INDICES.values():
        for weights in ("unweighted", "linear", "quadratic", "ordinal"):
            found = index(apart, weights)
            assert found.conf_low <= found.estimate <= found.conf_high
    # By hand: T_w = 18.75, chance .75, agreement 0.4375 / 6.
    assert brennan_prediger(apart, "quadratic").estimate == pytest.approx(
        (0.4375 / 6 - 0.75) / 0.25, rel=1e-12
    )
    assert brennan_prediger(apart, "quadratic").conf_low < -1.0
    # One of six agrees: 1/6 - 2.57 * 1/6 would be below 0; of weights, below the least of them.
    one = count_categories([[1, 2], [2, 1], [1, 3], [3, 1], [3, 2], [1, 1]])
    assert percent_agreement(one).conf_low == 0.0
    least = [[1.0, 0.2, 0.2], [0.2, 1.0, 0.2], [0.2, 0.2, 1.0]]
    assert percent_agreement(one, least).conf_low == 0.2


def test_perfect_agreement() -> None:
    same = count_categories([[1, 1], [2, 2], [3, 3], [1, 1]])
    for index in INDICES.values():
        for weights in ("unweighted", "quadratic"):
            found = index(same, weights)
            assert (found.estimate, found.std_error) == (1.0, 0.0)
            assert (found.conf_low, found.conf_high) == (1.0, 1.0)
            assert np.isnan([found.statistic, found.p_value]).all()


def test_one_category_alone() -> None:
    alone = count_categories([[2, 2], [2, 2], [2, 2]])
    assert percent_agreement(alone).estimate == 1.0
    for name in ("scott_pi", "brennan_prediger", "conger"):
        with pytest.raises(DataError, match="undefined because all ratings fall into one"):
            INDICES[name](alone)
    with pytest.raises(DataError, match="Name the categories that were possible"):
        gwet_ac(alone)
    # Where others were possible, their chance is known to two of them.
    declared = count_categories([[2, 2], [2, 2], [2, 2]], [1, 2, 3])
    assert gwet_ac(declared).estimate == brennan_prediger(declared).estimate == 1.0
    for name in ("scott_pi", "conger"):
        with pytest.raises(DataError, match="undefined because all ratings fall into one"):
            INDICES[name](declared)


def test_confidence_is_a_share() -> None:
    with pytest.raises(StudyError, match="between 0 and 1"):
        scott_pi(count_categories(ratings(1)), confidence=95)
