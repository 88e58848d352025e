from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dyadkit.errors import DataError
from dyadkit.simulation.population import (
    Measure,
    Population,
    draw_answers,
    item_correlation,
    item_moments,
    score_truth,
    standard_normals,
)

HALF = 0.5**0.5
BINARY = Measure("trust", "client", "t1", (HALF,) * 3, ((0.0,),) * 3)
PAIR = Population(
    (BINARY, replace(BINARY, role="coach")),
    ((1.0, 0.6), (0.6, 1.0)),
)
WAVES = Population(
    (BINARY, replace(BINARY, wave="t2", latent_mean=0.4)),
    ((1.0, 0.6), (0.6, 1.0)),
    carry_over=0.2,
)


def test_binary_items_by_hand():
    # Three items cut at their medians, correlated .5 underneath: variance 1/4, covariance
    # arcsin(.5) / (2 pi) = 1/12. The sum's variance is 3/4 + 6/12 = 5/4. Parallel items have
    # alpha = omega = 3/2 (1 - 3/5) = .6.
    (score, _), correlation = score_truth(PAIR)
    assert score.mean == pytest.approx(1.5, abs=1e-14)
    assert score.sd == pytest.approx((5 / 4) ** 0.5 / 3, abs=1e-14)
    assert score.alpha == pytest.approx(0.6, abs=1e-13)
    assert score.omega == pytest.approx(0.6, abs=1e-9)
    # Across roles items correlate .5 * .6 = .3 underneath: 9 arcsin(.3) / (2 pi) over 5/4.
    expected = 9 * np.arcsin(0.3) / (2 * np.pi) / (5 / 4)
    assert correlation[0, 1] == pytest.approx(expected, abs=1e-13)


def test_the_same_item_carries_over_between_waves_and_not_between_roles():
    # .5 * .6 from the construct, and .5 * .2 more where the item is the same one.
    waves, roles = item_correlation(WAVES), item_correlation(replace(PAIR, carry_over=0.2))
    assert waves[0, 3] == pytest.approx(0.4, abs=1e-15)
    assert waves[0, 4] == pytest.approx(0.3, abs=1e-15)
    assert roles[0, 3] == pytest.approx(0.3, abs=1e-15)


def test_a_higher_construct_gives_higher_codes():
    # The construct's mean of .4 counts times the loading; R 4.2.2:
    # print(1 + pnorm(.4 * sqrt(.5)), digits = 10)
    first, second = score_truth(WAVES)[0]
    assert first.mean == pytest.approx(1.5, abs=1e-14)
    assert second.mean == pytest.approx(1.611351295, abs=1e-9)


def test_the_order_of_the_measures_changes_nothing():
    third = replace(BINARY, scale="learning", loadings=(0.8, 0.5, 0.7), latent_mean=-0.3)
    matrix = np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.1], [0.3, 0.1, 1.0]])
    population = Population((*PAIR.measures, third), tuple(map(tuple, matrix)))
    order = [2, 0, 1]
    turned = Population(
        tuple(population.measures[place] for place in order),
        tuple(map(tuple, matrix[np.ix_(order, order)])),
    )
    scores, correlation = score_truth(population)
    again, turned_correlation = score_truth(turned)
    assert [score.sd for score in again] == pytest.approx([scores[i].sd for i in order], rel=1e-13)
    np.testing.assert_allclose(
        turned_correlation, correlation[np.ix_(order, order)], rtol=0, atol=1e-13
    )


@pytest.mark.parametrize(
    ("population", "words"),
    [
        (replace(PAIR, construct_correlation=((1.0,),)), "square matrix"),
        (replace(PAIR, measures=(BINARY, replace(BINARY, loadings=(1.0, 0.5, 0.5)))), "below 1"),
        (replace(PAIR, construct_correlation=((1.0, 1.1), (1.1, 1.0))), "positive definite"),
        (replace(WAVES, carry_over=-1.4), "positive definite"),
    ],
)
def test_what_is_no_population_is_refused(population, words):
    with pytest.raises(DataError, match=words):
        item_correlation(population)


def test_a_seed_keeps_its_meaning():
    # Uniform doubles of PCG64 come straight from its bits, and numpy keeps that stream fixed:
    # seed 7 gives .625095466604667 and .897213800969576. R 4.2.2:
    # print(qnorm(c(.625095466604667, .897213800969576)), digits = 10)
    values = standard_normals(np.random.default_rng(7), (2,))
    np.testing.assert_allclose(values, [0.3188911351, 1.2658343396], rtol=0, atol=1e-9)


@pytest.mark.slow
def test_the_truth_is_that_of_many_draws():
    n = 1_000_000
    population = replace(WAVES, measures=(BINARY, replace(WAVES.measures[1], latent_mean=0.9)))
    codes = draw_answers(population, n, np.random.default_rng(11)).astype(float)
    moments = item_moments(population)
    error = codes.std(axis=0) / np.sqrt(n)
    assert np.all(np.abs(codes.mean(axis=0) - moments.mean) < 3.5 * error)
    # A covariance of codes 1 and 2 has a standard error below 1 / (4 sqrt n).
    difference = np.cov(codes, rowvar=False) - moments.covariance
    assert np.max(np.abs(difference)) < 3.5 * 0.25 / np.sqrt(n)
