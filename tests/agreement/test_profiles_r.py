"""Answer patterns, pseudo-couples and self–other categories against R, dyad by dyad."""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dyadkit.agreement.profiles import (
    item_norms,
    profile_indices,
    row_correlations,
    shared_items,
    summarise,
)
from dyadkit.agreement.pseudo_pairs import pseudo_couples
from dyadkit.agreement.self_other import self_other_categories
from dyadkit.errors import DataError, StudyError

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "agreement_profiles.json").read_text(encoding="utf-8")
)
CASES = {case["data"]: case for case in ORACLE["cases"]}


def sides(name: str) -> tuple[np.ndarray, np.ndarray]:
    data = ORACLE["data"][name]
    return np.array(data["first"], dtype=float), np.array(data["second"], dtype=float)


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_every_dyad(name: str, alike: bool) -> None:
    case = CASES[name]
    found = profile_indices(*sides(name), exchangeable=alike)
    expected = np.array(case["alike" if alike else "told_apart"], dtype=float)
    for column, index in enumerate(case["columns"]):
        np.testing.assert_allclose(
            getattr(found, index), expected[:, column], rtol=1e-8, atol=1e-12, err_msg=index
        )


@pytest.mark.parametrize("name", CASES)
def test_summaries(name: str) -> None:
    found = profile_indices(*sides(name))
    for index in ("distinctive", "overall"):
        summary = summarise(getattr(found, index), found.items)
        for key, value in CASES[name][index].items():
            np.testing.assert_allclose(getattr(summary, key), value, rtol=1e-8, err_msg=key)


def deviations(name: str, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    first, second = (side[rows] for side in sides(name))
    norms = item_norms(first, second)
    one, other = shared_items(first, second, 2)
    return one - norms[0], other - norms[1]


@pytest.mark.parametrize("case", ORACLE["exhaustive"], ids=lambda case: case["data"])
def test_permutations_against_all_of_them(case: dict[str, Any]) -> None:
    one, other = deviations(case["data"], slice(0, 6))
    kept = ~np.isnan(row_correlations(one, other))
    if not kept.all():
        pytest.fail("the first six dyads must all have patterns")
    draws = 100_000
    found = pseudo_couples(one, other, draws=draws, rng=np.random.default_rng(1))
    assert found.real == pytest.approx(case["real"], rel=1e-10)
    # Monte-Carlo: the mean has the standard deviation of a permutation's mean over √draws.
    assert found.baseline == pytest.approx(case["baseline"], abs=4 * case["sd"] / sqrt(draws))
    p = case["p_value"]
    assert found.p_value == pytest.approx(p, abs=4 * sqrt(p * (1 - p) / draws))


def test_similarities_of_all_with_all() -> None:
    # The share of pairs at random in each bin is that of all entries off the diagonal.
    for name in ("gaps", "short"):
        matrix = np.array(CASES[name]["similarities"], dtype=float)
        one, other = deviations(name, slice(None))
        found = pseudo_couples(one, other, draws=10, rng=np.random.default_rng(1), bins=8)
        kept = ~np.isnan(row_correlations(one, other))
        apart = matrix[np.ix_(kept, kept)][~np.eye(int(kept.sum()), dtype=bool)]
        counts = np.histogram(apart[~np.isnan(apart)], found.edges)[0]
        np.testing.assert_allclose(found.shares, counts / counts.sum(), rtol=1e-12)


def test_self_other_categories() -> None:
    case = ORACLE["self_other"]
    found = self_other_categories(case["first"], case["second"])
    assert found.codes.tolist() == case["codes"]
    assert list(found.counts) == case["counts"]
    assert found.cut == pytest.approx(case["cut"], rel=1e-12)
    np.testing.assert_allclose(found.conf_low, case["conf_low"], rtol=1e-10)
    np.testing.assert_allclose(found.conf_high, case["conf_high"], rtol=1e-10)


def some(seed: int, n: int = 30, p: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(n, p))
    return first, 0.5 * first + rng.normal(size=(n, p))


def test_the_distance_is_elevation_scatter_and_shape() -> None:
    first, second = some(1)
    found = profile_indices(first, second)
    spread = first.std(axis=1) * second.std(axis=1)
    parts = found.elevation**2 + found.scatter**2 + 2 * spread * (1 - found.overall)
    np.testing.assert_allclose(found.distance, parts, rtol=1e-10)


def test_swapping_members_and_reversing_items() -> None:
    first, second = some(2)
    one, other = profile_indices(first, second), profile_indices(second, first)
    turned = profile_indices(8 - first, 8 - second)
    for index in ("overall", "distinctive", "double_entry", "distance"):
        np.testing.assert_allclose(getattr(one, index), getattr(other, index), rtol=1e-9)
        np.testing.assert_allclose(getattr(one, index), getattr(turned, index), rtol=1e-9)
    np.testing.assert_allclose(one.elevation, -other.elevation, rtol=1e-9)
    np.testing.assert_allclose(one.normative_first, other.normative_second, rtol=1e-9)


def test_a_constant_moves_elevation_and_no_shape() -> None:
    first, second = some(3)
    one, other = profile_indices(first, second), profile_indices(first + 2.5, second)
    np.testing.assert_allclose(one.overall, other.overall, rtol=1e-9)
    np.testing.assert_allclose(one.distinctive, other.distinctive, rtol=1e-9)
    np.testing.assert_allclose(other.elevation - one.elevation, 2.5, rtol=1e-9)


def test_repeating_the_sample_changes_no_dyad() -> None:
    first, second = some(4)
    one = profile_indices(first, second)
    twice = profile_indices(np.tile(first, (2, 1)), np.tile(second, (2, 1)))
    np.testing.assert_allclose(twice.distinctive, np.tile(one.distinctive, 2), rtol=1e-9)


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = some(5, n=40)
    second[0, 0] = np.nan
    whole = pseudo_couples(first, second, draws=500, rng=np.random.default_rng(2))
    monkeypatch.setattr("dyadkit.agreement.pseudo_pairs._CELLS", 400)
    parts = pseudo_couples(first, second, draws=500, rng=np.random.default_rng(2))
    assert parts.real == pytest.approx(whole.real, rel=1e-12)
    np.testing.assert_allclose(parts.shares, whole.shares)


def test_partners_who_share_a_person_are_exchanged_together() -> None:
    # Three clusters of two: a partner never stands beside the own cluster but as a whole.
    rng = np.random.default_rng(3)
    mentors = rng.normal(size=(30, 8))
    first = np.repeat(mentors, 2, axis=0)
    second = first + 0.5 * rng.normal(size=first.shape)
    cluster = np.repeat(np.arange(30), 2)
    found = pseudo_couples(first, second, draws=999, rng=rng, cluster=cluster)
    assert found.p_value == pytest.approx(0.001)
    assert abs(found.baseline) < 0.1


def test_members_of_one_role_may_change_places() -> None:
    first, second = some(6)
    turned = np.arange(30) % 2 == 0
    one = np.where(turned[:, np.newaxis], second, first)
    other = np.where(turned[:, np.newaxis], first, second)
    found = [
        pseudo_couples(x, y, draws=4000, rng=np.random.default_rng(4), exchangeable=True)
        for x, y in ((first, second), (one, other))
    ]
    assert found[0].real == pytest.approx(found[1].real, rel=1e-12)
    np.testing.assert_allclose(found[0].shares, found[1].shares, rtol=1e-12)
    spread = found[0].baseline_high - found[0].baseline_low
    assert found[0].baseline == pytest.approx(found[1].baseline, abs=spread / 20)


@pytest.mark.parametrize(
    ("first", "second", "error", "said"),
    [
        ([[1.0, 2, 3]], [[1.0, 2]], StudyError, "one shape"),
        ([[1.0, np.nan, 3]], [[1.0, 2, 3]], DataError, "at least 3"),
        ([[1.0, np.inf, 3]], [[1.0, 2, 3]], DataError, "infinite"),
    ],
)
def test_profiles_that_cannot_be(first, second, error, said: str) -> None:
    with pytest.raises(error, match=said):
        profile_indices(first, second)


def test_patterns_that_do_not_vary_are_left_out_and_few_refused() -> None:
    first, second = some(7, n=5)
    second[:3] = 4.0
    found = profile_indices(first, second)
    summary = summarise(found.overall, found.items)
    assert (summary.n, summary.undefined) == (2, 3)
    with pytest.raises(DataError, match="at least 3 dyads"):
        pseudo_couples(first, second, draws=10, rng=np.random.default_rng(1))
    second[:] = 4.0
    with pytest.raises(DataError, match="do not vary"):
        summarise(profile_indices(first, second).overall, np.ones(5))
    with pytest.raises(StudyError, match="at least 1 permutation"):
        pseudo_couples(first, second, draws=0, rng=np.random.default_rng(1))


def test_self_other_input() -> None:
    with pytest.raises(DataError, match="do not vary"):
        self_other_categories([3, 3, 3], [1, 2, 3])
    with pytest.raises(StudyError, match="above 0"):
        self_other_categories([1, 2, 3], [1, 2, 4], width=0.0)
    found = self_other_categories([1, 2, 3, np.nan], [1, 3, 2, 4])
    assert found.codes[3] == -9
    assert found.n == 3


@pytest.mark.slow
def test_type_one_error_of_the_pseudo_couples() -> None:
    # 2,000 samples of 30 unrelated pairs of 8 items with a norm; 3.5 Monte-Carlo standard errors.
    rng = np.random.default_rng(11)
    samples, rejected, held = 2000, 0, 0
    norm = rng.normal(size=8)
    for _ in range(samples):
        first, second = (norm + rng.normal(size=(30, 8)) for _ in range(2))
        norms = item_norms(first, second)
        one, other = first - norms[0], second - norms[1]
        rejected += pseudo_couples(one, other, draws=199, rng=rng).p_value <= 0.05
        summary = summarise(row_correlations(one, other), np.ones(30))
        held += summary.conf_low <= 0.0 <= summary.conf_high
    allowed = 3.5 * sqrt(0.05 * 0.95 / samples)
    assert abs(rejected / samples - 0.05) <= allowed
    assert abs(held / samples - 0.95) <= allowed
