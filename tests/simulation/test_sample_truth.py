"""The sample's statistics against its stated truth."""

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.simulation.coaching_model import PARTNERS, coaching_population
from dyadkit.simulation.population import draw_answers, score_truth


def standard_error_of_sd(values):
    centred = values - values.mean()
    return np.sqrt((np.mean(centred**4) - values.var() ** 2) / len(values)) / (2 * values.std())


def test_means_and_sds_are_near_the_truth(sample, reading):
    # Within 3.5 standard errors, the errors estimated from the sample.
    for truth in sample.truth["scores"]:
        values = np.array(list(reading.scores(truth["variable"]).values()))
        error = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - truth["mean"]) < 3.5 * error, truth["variable"]
        error = standard_error_of_sd(values)
        assert abs(values.std(ddof=1) - truth["sd"]) < 3.5 * error, truth["variable"]


def test_correlations_are_near_the_truth(sample, reading):
    names = sample.truth["correlations"]["variables"]
    matrix = np.array(sample.truth["correlations"]["matrix"])
    scores = {name: reading.scores(name) for name in names}
    for one in range(len(names)):
        for other in range(one):
            pairs = scores[names[one]].keys() & scores[names[other]].keys()
            table = np.array([[scores[names[i]][p] for i in (one, other)] for p in pairs])
            difference = np.arctanh(np.corrcoef(table.T)[0, 1]) - np.arctanh(matrix[one, other])
            # Fisher's z has standard error 1 / sqrt(n - 3), near enough for rounded scores.
            assert abs(difference) < 3.5 / np.sqrt(len(table) - 3), (names[one], names[other])


def test_the_constructs_have_the_partner_correlations_that_were_asked_for():
    population = coaching_population()
    names = [measure.name for measure in population.measures]
    matrix = np.array(population.construct_correlation)
    for name, (partner, correlation) in PARTNERS.items():
        assert matrix[names.index(name), names.index(partner)] == correlation
    # By hand: .40 + .25 * .30 from readiness to the coach's trust at t1.
    assert matrix[names.index("trust_coach_t1"), names.index("readiness_coach_t1")] == (
        pytest.approx(0.475, abs=1e-15)
    )


@pytest.mark.slow
def test_the_truth_is_that_of_a_large_sample():
    n, population = 400_000, coaching_population()
    codes = draw_answers(population, n, np.random.default_rng(3)).astype(float)
    scores, correlation = score_truth(population)
    totals, first = [], 0
    for score in scores:
        k = len(score.measure.loadings)
        items = codes[:, first : first + k]
        first += k
        total = items.mean(axis=1)
        totals.append(total)
        covariance = np.cov(items, rowvar=False)
        alpha = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
        assert abs(total.mean() - score.mean) < 3.5 * score.sd / np.sqrt(n)
        assert abs(total.std() - score.sd) < 3.5 * standard_error_of_sd(total)
        # Feldt: alpha's standard error is about (1 - alpha) sqrt(2 k / ((k - 1) n)).
        assert abs(alpha - score.alpha) < 3.5 * (1 - alpha) * np.sqrt(2 * k / ((k - 1) * n))
    z = np.arctanh(np.corrcoef(np.array(totals))[np.tril_indices(9, -1)])
    expected = np.arctanh(correlation[np.tril_indices(9, -1)])
    assert np.max(np.abs(z - expected)) < 3.5 / np.sqrt(n - 3)
