"""Inverses of many matrices at once, some of which have none."""

from __future__ import annotations

import numpy as np

from dyadkit.mixed.likelihood import _inverted


def test_a_matrix_with_a_root_and_no_inverse_is_not_definite():
    """Exactly singular, since 42 * 42 / 32 = 55.125; rounding lets its Cholesky root pass."""
    edge = np.array([[32.0, 42.0], [42.0, 55.125]])
    assert np.isfinite(np.linalg.cholesky(edge)).all()
    inverse, logs = _inverted(np.stack([edge, np.diag([2.0, 4.0])]))
    assert np.isnan(inverse[0]).all()
    assert np.isnan(logs[0])
    np.testing.assert_allclose(inverse[1], np.diag([0.5, 0.25]), rtol=1e-14)
    np.testing.assert_allclose(logs[1], np.log(8.0), rtol=1e-14)
