"""Coverage of the intervals over groups: of a mean index, and of correlations by level."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from dyadkit.agreement.grouping import grouped
from dyadkit.agreement.nulls import null_named, null_with_probabilities
from dyadkit.agreement.waba import within_and_between
from dyadkit.agreement.within_group import lindell

SAMPLES = 2000
ALLOWED = 3.5 * sqrt(0.95 * 0.05 / SAMPLES)


@pytest.mark.slow
def test_interval_of_a_mean_over_groups() -> None:
    # Mean r*_wg(j) of 60 groups of 2 to 7 and three items, 2,000 samples: the variance within is
    # unbiased, so its mean is 1 - variance of the answers / 2.  The index is skewed: half a point
    # more than 3.5 Monte-Carlo standard errors.
    rng = np.random.default_rng(21)
    shares = (0.05, 0.15, 0.4, 0.3, 0.1)
    truth = 1.0 - null_with_probabilities(shares).variance / 2.0
    size = rng.integers(2, 8, 60)
    group, null = np.repeat(np.arange(60), size), null_named("uniform", 5)
    held = 0
    for _ in range(SAMPLES):
        ratings = rng.choice(5, (group.size, 3), p=shares) + 1.0
        found = lindell(grouped(ratings, group), null)
        held += found.conf_low <= truth <= found.conf_high
    assert held / SAMPLES == pytest.approx(0.95, abs=ALLOWED + 0.005)


@pytest.mark.slow
def test_intervals_of_correlations_by_level() -> None:
    # 50 groups of 5; correlations .6 between and -.3 within; 2,000 samples.  That of observed group
    # means has the covariance Σ_B + Σ_W / 5.
    rng = np.random.default_rng(22)
    between = np.array([[0.5, 0.6 * 0.5], [0.6 * 0.5, 0.5]])
    within = np.array([[1.0, -0.3], [-0.3, 1.0]])
    means = between + within / 5
    truth_b, truth_w = means[0, 1] / means[0, 0], -0.3
    group = np.repeat(np.arange(50), 5)
    root_b, root_w = np.linalg.cholesky(between), np.linalg.cholesky(within)
    held_b = held_w = 0
    for _ in range(SAMPLES):
        scores = (rng.normal(size=(50, 2)) @ root_b.T)[group] + rng.normal(size=(250, 2)) @ root_w.T
        found = within_and_between(scores[:, 0], scores[:, 1], group)
        held_b += found.between.conf_low <= truth_b <= found.between.conf_high
        held_w += found.within.conf_low <= truth_w <= found.within.conf_high
    assert held_b / SAMPLES == pytest.approx(0.95, abs=ALLOWED)
    assert held_w / SAMPLES == pytest.approx(0.95, abs=ALLOWED)
