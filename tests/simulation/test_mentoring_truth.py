"""The mentoring model's truth: by hand, by identity, and against samples."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from dyadkit.errors import DataError
from dyadkit.simulation import mentoring_model
from dyadkit.simulation.mentoring import simulate_workplace_mentoring
from dyadkit.simulation.mentoring_model import (
    mentor_covariance,
    mentoring_population,
    relationship_correlation,
)
from dyadkit.simulation.mentoring_panel import random_intercept_panel
from dyadkit.simulation.mentoring_truth import exact_scores
from dyadkit.simulation.population import draw_answers, item_correlation
from tests.simulation.mentoring_reading import Reading

# Places of the constructs at t1; t2 and t3 follow each.
QUALITY_MENTOR, PERFORMANCE, QUALITY, SUPPORT, COURAGE = range(0, 15, 3)


@pytest.fixture(scope="module")
def sample():
    return simulate_workplace_mentoring()


@pytest.fixture(scope="module")
def reading(sample):
    return Reading(sample.exports)


# The constructs


def test_the_constructs_correlate_as_worked_out_by_hand():
    matrix = relationship_correlation()
    # Mentor .05 + stable .16 + sqrt(.55 x .50) x .30 within a wave.
    assert matrix[SUPPORT, COURAGE] == pytest.approx(0.21 + np.sqrt(0.275) * 0.30, abs=1e-15)
    # Courage at t2 with support at t1: .20 directly and .40 x .30 through courage at t1.
    one_lag = 0.21 + np.sqrt(0.275) * (0.20 + 0.40 * 0.30)
    assert matrix[COURAGE + 1, SUPPORT] == pytest.approx(one_lag, abs=1e-15)
    # Support at t2 with itself at t1: intercept .45, moving .55 x (.35 + .08 x .30).
    assert matrix[SUPPORT + 1, SUPPORT] == pytest.approx(0.45 + 0.55 * 0.374, abs=1e-15)
    # Courage at t3 with support at t1: A A P, second row first column.
    courage_t2, support_t2 = 0.20 + 0.40 * 0.30, 0.35 + 0.08 * 0.30
    two_lags = 0.21 + np.sqrt(0.275) * (0.20 * support_t2 + 0.40 * courage_t2)
    assert matrix[COURAGE + 2, SUPPORT] == pytest.approx(two_lags, abs=1e-15)
    assert matrix[QUALITY_MENTOR, QUALITY] == pytest.approx(
        0.06 + 0.14 + 0.25 * np.sqrt(0.45 * 0.50), abs=1e-15
    )


def test_the_constructs_are_standardised_and_their_waves_alike():
    matrix = relationship_correlation()
    np.testing.assert_allclose(np.diagonal(matrix), 1.0, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(matrix, matrix.T)
    waves = [matrix[np.ix_(range(w, 15, 3), range(w, 15, 3))] for w in range(3)]
    np.testing.assert_allclose(waves[0], waves[2], rtol=0, atol=1e-15)


def test_regressing_what_moves_on_the_wave_before_gives_the_paths():
    stated = random_intercept_panel()
    places = [SUPPORT, COURAGE, SUPPORT + 1, COURAGE + 1, SUPPORT + 2, COURAGE + 2]
    whole = relationship_correlation()[np.ix_(places, places)]
    moving = whole - np.kron(np.ones((3, 3)), stated["intercept_covariances"])
    for early in (0, 2):
        before, now = slice(early, early + 2), slice(early + 2, early + 4)
        paths = np.linalg.solve(moving[before, before], moving[before, now]).T
        # Support from support and courage, courage from support and courage.
        expected = np.array(list(stated["paths"].values())).reshape(2, 2)
        np.testing.assert_allclose(paths, expected, rtol=0, atol=1e-14)
        rest = moving[now, now] - paths @ moving[before, now]
        np.testing.assert_allclose(rest, stated["disturbance_covariances"], rtol=0, atol=1e-14)
    # At t3 nothing from t1 is left once t2 is known.
    known = np.linalg.solve(moving[:4, :4], moving[:4, 4:])
    np.testing.assert_allclose(known[:2], 0.0, rtol=0, atol=1e-14)


def test_impossible_paths_are_refused(monkeypatch):
    monkeypatch.setattr(mentoring_model, "LAGGED", np.eye(5))
    with pytest.raises(DataError, match="explain more than there is"):
        relationship_correlation()


@pytest.mark.parametrize("relationships", [0, 4])
def test_other_numbers_of_relationships_are_refused(relationships):
    with pytest.raises(DataError, match="1 to 3"):
        mentoring_population(relationships)


def test_relationships_of_one_mentor_share_constructs_but_no_unique_parts():
    matrix = item_correlation(mentoring_population(3))
    one, two, three = (slice(81 * number, 81 * (number + 1)) for number in range(3))
    np.testing.assert_array_equal(matrix[one, one], matrix[three, three])
    np.testing.assert_array_equal(matrix[one, two], matrix[three, one])
    np.testing.assert_array_equal(matrix[one, one], item_correlation(mentoring_population(1)))
    # The mentor's first quality item, about two developees: .80 x .80 x .30.
    assert matrix[one, two][0, 0] == pytest.approx(0.192, abs=1e-15)
    assert mentor_covariance()[QUALITY_MENTOR, QUALITY_MENTOR + 2] == 0.30


# The scores


def test_the_regressions_of_scores_are_those_of_the_correlations(sample):
    names = sample.truth["correlations"]["variables"]
    r = np.array(sample.truth["correlations"]["matrix"])
    sd = [score["sd"] for score in sample.truth["scores"]]
    s1, c1, c2 = (
        names.index(f"{n}")
        for n in ("support_developee_t1", "courage_developee_t1", "courage_developee_t2")
    )
    row = next(
        row
        for row in sample.truth["panel"]["score_regressions"]
        if row["outcome"] == names[c2] and row["predictor"] == names[s1]
    )
    # Two predictors, the textbook's formula; the truth is rounded to eight decimals.
    beta = (r[c2, s1] - r[c2, c1] * r[s1, c1]) / (1 - r[s1, c1] ** 2)
    assert row["beta"] == pytest.approx(beta, abs=5e-8)
    assert row["b"] == pytest.approx(beta * sd[c2] / sd[s1], abs=5e-8)


def standard_error_of_sd(values):
    centred = values - values.mean()
    return np.sqrt((np.mean(centred**4) - values.var() ** 2) / len(values)) / (2 * values.std())


def effective(icc):
    """Return how much larger a mean's variance is than that of independent relationships."""
    # Sum of squared sizes 162 + 4 x 78 + 9 x 23 over 387 relationships: 1.76.
    return 1 + 0.76 * icc


def test_means_and_sds_are_near_the_truth(sample, reading):
    # Within 3.5 standard errors, the errors estimated from the sample.
    for truth in sample.truth["scores"]:
        values = np.array(list(reading.scores(truth["variable"]).values()))
        widened = np.sqrt(effective(truth["icc_mentor"]))
        error = widened * values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - truth["mean"]) < 3.5 * error, truth["variable"]
        error = widened * standard_error_of_sd(values)
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
            # Fisher's z has standard error 1 / sqrt(n - 3), a little more with clusters.
            bound = 3.5 * np.sqrt(effective(0.26) / (len(table) - 3))
            assert abs(difference) < bound, (names[one], names[other])


def test_developees_of_one_mentor_correlate_as_stated(sample, reading):
    mentor_of = {pair: mentor for (mentor, _), (pair, _) in reading.key.items()}
    for truth in sample.truth["scores"]:
        groups = defaultdict(list)
        for pair, score in reading.scores(truth["variable"]).items():
            groups[mentor_of[pair]].append(score - truth["mean"])
        couples = [
            (one, other)
            for members in groups.values()
            for place, one in enumerate(members)
            for other in members[:place]
        ]
        table = np.array(couples)
        icc = (table[:, 0] * table[:, 1]).mean() / truth["sd"] ** 2
        # The three couples of a mentor with three developees overlap: count two of three.
        assert abs(icc - truth["icc_mentor"]) < 3.5 / np.sqrt(len(table) * 2 / 3)


@pytest.mark.slow
def test_the_truth_is_that_of_a_large_sample():
    n = 60_000
    codes = draw_answers(mentoring_population(2), n, np.random.default_rng(3)).astype(float)
    scores, correlation, same_mentor = exact_scores()
    totals, first = [], 0
    for number in range(2):
        for score in scores:
            k = len(score.measure.loadings)
            items = codes[:, first : first + k]
            first += k
            total = items.mean(axis=1)
            totals.append(total)
            covariance = np.cov(items, rowvar=False)
            alpha = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
            assert abs(total.mean() - score.mean) < 4 * score.sd / np.sqrt(n), number
            assert abs(total.std() - score.sd) < 4 * standard_error_of_sd(total)
            # Feldt: alpha's standard error is about (1 - alpha) sqrt(2 k / ((k - 1) n)).
            assert abs(alpha - score.alpha) < 4 * (1 - alpha) * np.sqrt(2 * k / ((k - 1) * n))
    whole = np.corrcoef(np.array(totals))
    # Many correlations are compared, so four standard errors of Fisher's z.
    for found, expected in ((whole[:15, :15], correlation), (whole[:15, 15:], same_mentor)):
        below = np.tril_indices(15, -1)
        z = np.arctanh(found[below]) - np.arctanh(expected[below])
        assert np.max(np.abs(z)) < 4 / np.sqrt(n - 3)
    z = np.arctanh(np.diagonal(whole[:15, 15:])) - np.arctanh(np.diagonal(same_mentor))
    assert np.max(np.abs(z)) < 4 / np.sqrt(n - 3)
