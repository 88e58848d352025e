"""Draws from the normal distribution of estimates."""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.normal_draws import draw_estimates


def test_draws_of_estimates_are_right_in_any_units() -> None:
    rng = np.random.default_rng(3)
    correlation = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]])
    errors = np.array([0.05, 1e14, 0.0])
    theta = np.array([0.3, 1e15, 2.0])
    drawn = draw_estimates(rng, theta, correlation * errors[:, None] * errors, 40_000)
    assert np.allclose(drawn.std(axis=0)[:2] / errors[:2], 1.0, atol=0.02)
    assert abs(np.corrcoef(drawn[:, :2].T)[0, 1] - 0.6) < 0.02
    assert (drawn[:, 2] == 2.0).all()
