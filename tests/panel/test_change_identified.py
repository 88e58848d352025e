"""Models of change and dynamic panels are identified with as many waves as are asked for.

The moments that a model implies are written out here by matrices, and the rank of their Jacobian
at some point tells whether its parameters can be told from each other there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]
Moments = Callable[[Array], Array]


def symmetric(values: Array, k: int) -> Array:
    found = np.zeros((k, k), dtype=values.dtype)
    found[np.tril_indices(k)] = values
    return found + np.tril(found, -1).T


def dual_change(k: int, waves: int) -> tuple[Moments, Array]:
    """Return the moments of a dual change model of k series, and a point."""
    rng = np.random.default_rng(k)
    size, errors = 2 * k * (2 * k + 1) // 2, k * (k + 1) // 2

    def moments(theta: Array) -> Array:
        effects, mean, cov, error = np.split(theta, np.cumsum([k * k, 2 * k, size]))
        step = np.eye(k) + effects.reshape(k, k)
        loading, now = [], np.hstack([np.eye(k), np.zeros((k, k))]).astype(theta.dtype)
        for _ in range(waves):
            loading.append(now)
            now = step @ now + np.hstack([np.zeros((k, k)), np.eye(k)])
        every = np.vstack(loading)
        sigma = every @ symmetric(cov, 2 * k) @ every.T
        sigma = sigma + np.kron(np.eye(waves), symmetric(error, k))
        return np.concatenate([every @ mean, sigma[np.tril_indices(k * waves)]])

    identity = np.eye(2 * k)[np.tril_indices(2 * k)]
    start = [
        (0.1 * rng.normal(size=(k, k)) - 0.2 * np.eye(k)).ravel(),
        rng.normal(1, 0.3, 2 * k),
        identity + 0.1 * rng.normal(size=size),
        0.3 * np.eye(k)[np.tril_indices(k)] + 0.02 * rng.normal(size=errors),
    ]
    return moments, np.concatenate(start)


def dynamic(waves: int, *, by_wave: bool, same_wave: bool) -> tuple[Moments, Array]:
    """Return the covariances of a dynamic panel model, and a point."""
    rng = np.random.default_rng(waves)
    last, causes = waves - 1, waves - 1
    each = last if by_wave else 1
    given = 1 + causes
    pairs = [
        (t, s) for t in range(last) for s in range(causes) if (s > t if same_wave else s > t + 1)
    ]
    counts = [each, each, given * (given + 1) // 2, given, 1, last, len(pairs)]

    def moments(theta: Array) -> Array:
        rho, beta, cov, related, alpha, error, later = np.split(theta, np.cumsum(counts)[:-1])
        rho, beta = (np.broadcast_to(one, last) for one in (rho, beta))
        # y1, x1, x2, …, then what is stable and residuals drive everything.
        size = given + 1 + last
        drive = np.zeros((size, size), dtype=theta.dtype)
        drive[:given, :given] = symmetric(cov, given)
        drive[given, :given] = drive[:given, given] = related
        drive[given, given] = alpha[0]
        places = np.arange(given + 1, size)
        drive[places, places] = error
        for (t, s), value in zip(pairs, later, strict=True):
            drive[given + 1 + t, 1 + s] = drive[1 + s, given + 1 + t] = value
        rows = [np.eye(size)[k].astype(theta.dtype) for k in range(given)]
        y = rows[0]
        for t in range(last):
            y = rho[t] * y + beta[t] * rows[1 + t] + np.eye(size)[given] + np.eye(size)[places[t]]
            rows.append(y)
        weights = np.vstack(rows)
        sigma = weights @ drive @ weights.T
        return sigma[np.tril_indices(len(sigma))]

    start = [
        np.full(each, 0.4) + 0.05 * rng.normal(size=each),
        np.full(each, 0.3) + 0.05 * rng.normal(size=each),
        (np.eye(given) + 0.3)[np.tril_indices(given)] + 0.05 * rng.normal(size=counts[2]),
        0.4 + 0.1 * rng.normal(size=given),
        np.ones(1),
        1 + 0.1 * rng.normal(size=last),
        0.1 * rng.normal(size=len(pairs)),
    ]
    return moments, np.concatenate(start)


def missing_rank(moments: Moments, theta: Array) -> int:
    """Return how many directions of the parameters leave the moments as they are."""
    step = 1e-30
    columns = [
        moments(theta + 1j * step * direction).imag / step for direction in np.eye(len(theta))
    ]
    values = np.linalg.svd(np.array(columns), compute_uv=False)
    return len(theta) - int((values > 1e-9 * values[0]).sum())


@pytest.mark.parametrize("series", [1, 2, 4])
def test_dual_change_is_identified_from_three_waves(series: int) -> None:
    for waves in (3, 4, 5):
        moments, theta = dual_change(series, waves)
        assert missing_rank(moments, theta) == 0
        observed = series * waves
        df = observed * (observed + 3) // 2 - len(theta)
        assert df > 0
    assert missing_rank(*dual_change(series, 2)) > 0


@pytest.mark.parametrize(
    ("waves", "by_wave", "same_wave", "identified"),
    [
        (3, False, False, True),
        (3, False, True, True),
        (4, True, False, True),
        (4, False, True, True),
        (6, True, False, True),
        (4, True, True, True),
        # What is refused: effects that differ between three waves, and two waves.
        (3, True, False, False),
        (2, False, False, False),
    ],
)
def test_dynamic_panels_are_identified_where_they_are_offered(
    waves: int, by_wave: bool, same_wave: bool, identified: bool
) -> None:
    moments, theta = dynamic(waves, by_wave=by_wave, same_wave=same_wave)
    assert (missing_rank(moments, theta) == 0) == identified
