"""Careless answering: each index by hand, flags on careful and on careless people."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from dyadkit.loading.screening.careless import Thresholds, careless_indices, distribution, flags
from dyadkit.loading.screening.mahalanobis import squared_distances
from dyadkit.loading.screening.pairwise import pairwise_moments
from dyadkit.simulation.coaching_model import coaching_population
from dyadkit.simulation.population import item_correlation

NAN = np.nan


def careful(rows: int, seed: int = 1) -> np.ndarray:
    """Clients' 21 items at t1, from the population of the coaching sample."""
    population = coaching_population()
    correlation = item_correlation(population)
    latent = np.random.default_rng(seed).multivariate_normal(
        np.zeros(len(correlation)), correlation, size=rows, method="cholesky"
    )
    columns, place = [], 0
    for measure in population.measures:
        for thresholds in measure.shifted_thresholds():
            if (measure.role, measure.wave) == ("client", "t1"):
                columns.append(np.searchsorted(thresholds, latent[:, place]) + 1.0)
            place += 1
    return np.column_stack(columns)


def test_runs_and_spread_are_as_by_hand():
    indices = careless_indices(
        [
            [3] * 10,
            [1, 2, 3, 4, 5] * 2,
            [1] * 5 + [5] * 5,
            [2, NAN, 2, 2, 1, NAN, NAN, NAN, NAN, NAN],
            [NAN] * 9 + [4],
            [NAN] * 10,
        ]
    )
    assert indices["answered"].tolist() == [10, 10, 10, 4, 1, 0]
    # A missing answer is passed over and does not end a run.
    assert indices["longest_run"].tolist() == [10, 1, 5, 3, 1, 0]
    # Sums of squares: 0; 2 (4 + 1 + 0 + 1 + 4) = 20; 10 x 4 = 40; 3/16 + 9/16 = 3/4.
    expected = [0, sqrt(20 / 9), sqrt(40 / 9), sqrt(0.75 / 3), NAN, NAN]
    np.testing.assert_allclose(indices["within_sd"], expected, rtol=1e-14)


def test_time_counts_per_answered_item():
    items = [[1, 2, 3, 4], [1, NAN, NAN, 2], [NAN] * 4, [1, 2, 3, 4], [1, 2, 3, 4]]
    indices = careless_indices(items, seconds=[20, 3, 50, NAN, -1])
    np.testing.assert_array_equal(indices["seconds_per_item"], [5, 1.5, NAN, NAN, NAN])
    assert flags(indices, Thresholds())["seconds_per_item"].tolist() == [False, True] + [False] * 3


def test_two_seconds_are_not_too_fast():
    indices = careless_indices([[1, 2], [1, 2]], seconds=[4, 3.9])
    assert flags(indices, Thresholds())["seconds_per_item"].tolist() == [False, True]


def test_distances_are_taken_within_a_group():
    items = careful(200)
    items[100:, 9:] = NAN
    indices = careless_indices(items, groups=["coach"] * 100 + ["client"] * 100)
    for rows, degrees in ((slice(0, 100), 21), (slice(100, 200), 9)):
        expected = squared_distances(items[rows], pairwise_moments(items[rows]))[0]
        np.testing.assert_allclose(indices["mahalanobis"][rows], expected)
        np.testing.assert_allclose(indices["mahalanobis_p"][rows], chi2.sf(expected, degrees))


def test_the_order_of_rows_changes_nothing():
    items = careful(150)
    groups = np.array(["a", "b"] * 75)
    seconds = np.arange(150.0)
    shuffled = np.random.default_rng(2).permutation(150)
    one = careless_indices(items, seconds, groups)
    other = careless_indices(items[shuffled], seconds[shuffled], groups[shuffled])
    pd.testing.assert_frame_equal(
        one.iloc[shuffled].reset_index(drop=True), other, check_exact=False, rtol=1e-9
    )


def test_nothing_passed_in_is_changed():
    items = careful(50)
    before = items.copy()
    careless_indices(items, seconds=np.ones(50))
    np.testing.assert_array_equal(items, before)


@pytest.mark.parametrize(
    ("row", "flagged"),
    [
        ([3] * 10 + [1, 5] * 5, True),
        # Not half of the answers.
        ([3] * 10 + [1, 5] * 6, False),
        # Half, but of a short scale.
        ([3] * 9, False),
    ],
)
def test_a_long_run_is_half_of_the_answers_and_ten(row, flagged):
    assert flags(careless_indices([row]), Thresholds())["longest_run"].tolist() == [flagged]


@pytest.mark.parametrize(
    ("row", "flagged"),
    [
        ([4] * 19 + [5], True),  # SD = 1 / sqrt(20) = 0.22
        ([4] * 18 + [5] * 2, False),  # sqrt(2 x 18 / 20 / 19) = 0.31
        ([4] * 9, False),
    ],
)
def test_a_row_hardly_varies_when_all_but_one_answer_are_the_same(row, flagged):
    assert flags(careless_indices([row]), Thresholds())["within_sd"].tolist() == [flagged]


def test_careful_people_are_hardly_flagged():
    indices = careless_indices(careful(2000), seconds=np.full(2000, 180.0))
    marked = flags(indices, Thresholds())
    # Likert answers are not normal: the share beyond p = .001 is a little larger than that.
    assert marked["mahalanobis_p"].sum() <= 8
    assert marked["longest_run"].sum() <= 4
    assert not marked[["within_sd", "seconds_per_item", "synonyms", "antonyms"]].to_numpy().any()


def test_careless_people_are_found():
    items = careful(400)
    rng = np.random.default_rng(9)
    items[:20] = rng.integers(1, items.max(axis=0).astype(int) + 1, size=(20, 21))  # at random
    items[20:40] = 4.0  # straight down
    seconds = np.where(np.arange(400) < 60, 30.0, 200.0)
    indices = careless_indices(items, seconds=seconds)
    marked = flags(indices, Thresholds())
    assert marked["mahalanobis_p"][:20].sum() >= 14
    assert marked.loc[20:39, ["longest_run", "within_sd"]].to_numpy().all()
    assert marked["seconds_per_item"].tolist() == [True] * 60 + [False] * 340
    assert marked.loc[60:, ["longest_run", "within_sd", "mahalanobis_p"]].to_numpy().sum() <= 2


def long_survey(rows: int) -> np.ndarray:
    """Six constructs, ten items each, every fourth turned round; loadings of .90."""
    rng = np.random.default_rng(4)
    constructs = rng.multivariate_normal(np.zeros(6), 0.3 + 0.7 * np.eye(6), size=rows)
    items = 0.90 * np.repeat(constructs, 10, axis=1) + 0.44 * rng.normal(size=(rows, 60))
    items[:, ::4] *= -1
    return np.clip(np.round(1.3 * items + 4), 1, 7)


def test_inconsistent_people_are_found_in_a_long_survey():
    items = long_survey(600)
    items[:60] = np.random.default_rng(5).integers(1, 8, size=(60, 60))
    marked = flags(careless_indices(items), Thresholds())
    # Random answers fall on either side of 0.
    assert 10 <= marked["synonyms"][:60].sum() <= 45
    assert 10 <= marked["antonyms"][:60].sum() <= 45
    assert marked.loc[60:, ["synonyms", "antonyms"]].to_numpy().sum() <= 4


def test_a_correlation_over_few_pairs_is_no_flag():
    indices = careless_indices(careful(100))
    assert 0 < indices["synonym_pairs"].max() < 50
    assert indices["synonyms"].lt(0).any()
    assert not flags(indices, Thresholds())["synonyms"].any()
    assert flags(indices, Thresholds(fewest_pairs=3))["synonyms"].any()


def test_the_distribution_is_over_the_rows_that_have_the_index():
    items = np.array([[1, 2, 3, 4], [2, 2, 2, 2], [1, 1, 1, 5], [NAN] * 4])
    indices = careless_indices(items, seconds=[40, 4, 12, 9])
    limits = Thresholds(longest_run=3)
    table = distribution(indices, flags(indices, limits), limits).set_index("index")
    assert list(table) == [
        *("n", "p5", "p25", "median", "p75", "p95", "extreme", "threshold", "flagged")
    ]
    run = table.loc["longest_run"]
    assert run.tolist() == [3, 1.2, 2, 3, 3.5, 3.9, 4, 3, 2]
    time = table.loc["seconds_per_item"]
    assert time.tolist() == pytest.approx([3, 1.2, 2, 3, 6.5, 9.3, 1, 2, 1])
    # Four rows of four items have no distance, and no pairs of items either.
    assert table.loc["mahalanobis_p"].isna().tolist() == [False] + [True] * 6 + [False, False]
    assert table.loc["synonyms", "n"] == 0


def test_no_rows_have_an_empty_distribution():
    indices = careless_indices(np.empty((0, 3)))
    table = distribution(indices, flags(indices, Thresholds()), Thresholds())
    assert table["n"].eq(0).all()
    assert table["flagged"].eq(0).all()
