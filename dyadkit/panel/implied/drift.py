r"""From effects over one lag to a process in continuous time, as arrays.

If series change all the time by :math:`dx/dt = A x` plus noise, their effects over a lag of length
s are :math:`\exp(A s)`, so that effects B over a lag :math:`\Delta` give the drift matrix
:math:`A = \log(B) / \Delta` (Oud & Jansen, 2000; Voelkle, Oud, Davidov & Schmidt, 2012).  It is
real where B has no eigenvalue that is real and not above zero; then the principal logarithm is
taken, that of the process which turns the least between two waves.

The logarithm is found by inverse scaling: square roots of B, each by the product form of Denman &
Beavers' iteration (Cheng, Higham, Kenney & Laub, 2001), until they are near the identity, and
:math:`\log X = 2\,\mathrm{artanh}\{(X - I)(X + I)^{-1}\}`.  The last root is also the step in which
:math:`\exp(A s)` follows from lag to lag.  No eigenvectors are needed, so that equal eigenvalues do
no harm.

References
----------
Cheng, S. H., Higham, N. J., Kenney, C. S., & Laub, A. J. (2001). Approximating the logarithm of a
matrix to specified accuracy. SIAM Journal on Matrix Analysis and Applications, 22, 1112-1125.

Oud, J. H. L., & Jansen, R. A. R. G. (2000). Continuous time state space modeling of panel data by
means of SEM. Psychometrika, 65, 199-215.

Voelkle, M. C., Oud, J. H. L., Davidov, E., & Schmidt, P. (2012). An SEM approach to continuous time
modeling of panel data: Relating authoritarianism and anomia. Psychological Methods, 17, 176-192.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize_scalar

from dyadkit.estimation.arrays import BoolArray, FloatArray

_ROOTS = 4
STEPS = 2**_ROOTS
"""Into how many steps a lag is parted."""
_ROUNDING = 1e-12
_ITERATIONS = 60
_TERMS = 400


class Drift(NamedTuple):
    """Processes in continuous time.

    Shapes: rate (A) and step, the effects over a lag of 1 / `STEPS`, (draws, k, k), NaN where no
    process gives the effects; real (draws,).
    """

    rate: FloatArray
    step: FloatArray
    real: BoolArray


def drift_of(effects: FloatArray, lag: float) -> Drift:
    """Return the drift matrices that give effects over a lag.

    Parameters
    ----------
    effects : ndarray, shape (draws, k, k)
        Target by source.
    lag : float
        How long it is; rates are per unit of it.

    Examples
    --------
    >>> found = drift_of(np.array([[[0.5, 0.0], [0.2, 0.4]], [[-0.1, 0.0], [0.2, 0.4]]]), 1.0)
    >>> found.real.tolist()
    [True, False]
    >>> found.rate[0].round(3).tolist()
    [[-0.693, 0.0], [0.446, -0.916]]
    """
    real = has_logarithm(effects)
    step, rate = np.full(effects.shape, np.nan), np.full(effects.shape, np.nan)
    root = effects[real]
    for _ in range(_ROOTS):
        root = _square_root(root)
    step[real] = root
    rate[real] = _logarithm_near_one(root) * (STEPS / lag)
    return Drift(rate, step, real)


def has_logarithm(effects: FloatArray) -> BoolArray:
    """Tell which matrices have no eigenvalue that is real and not above zero, shape (draws,)."""
    known = np.asarray(np.isfinite(effects).all(axis=(-2, -1)))
    values = np.linalg.eigvals(np.where(known[:, None, None], effects, 0.0))
    # Of a matrix without full rank rounding may leave an eigenvalue just above zero.
    nothing = _ROUNDING * np.abs(values).max(axis=-1, keepdims=True)
    none = (np.abs(values.imag) <= nothing) & (values.real <= nothing)
    return np.asarray(known & ~none.any(axis=-1))


def peak_of(rate: FloatArray, target: int, source: int, longest: float) -> float:
    """Return the lag at which an effect is strongest; NaN where it still grows at the longest.

    Parameters
    ----------
    rate : ndarray, shape (k, k)
    target, source : int
    longest : float

    Examples
    --------
    >>> round(peak_of(np.array([[-1.0, 0.0], [0.5, -2.0]]), 1, 0, 3.0), 4)
    0.6931
    """

    def size(lag: float) -> float:
        return abs(float(expm(rate * lag)[target, source]))

    lags = np.linspace(0.0, longest, 3 * STEPS + 1)
    at = int(np.argmax([size(lag) for lag in lags.tolist()]))
    if at in (0, lags.size - 1):
        return float("nan")
    found = minimize_scalar(
        lambda lag: -size(lag),
        bounds=(lags[at - 1], lags[at + 1]),
        method="bounded",
        options={"xatol": 1e-9 * longest},
    )
    return float(found.x)


def _square_root(matrices: FloatArray) -> FloatArray:
    """Return the principal square roots, shape (draws, k, k)."""
    one = np.eye(matrices.shape[-1])
    root, product = matrices, matrices
    for _ in range(_ITERATIONS):
        if not product.size or np.abs(product - one).max() < _ROUNDING:
            break
        inverse = np.linalg.inv(product)
        root = 0.5 * root @ (one + inverse)
        product = 0.5 * (one + 0.5 * (product + inverse))
    return root


def _logarithm_near_one(matrices: FloatArray) -> FloatArray:
    """Return the logarithms of matrices whose eigenvalues are near 1, shape (draws, k, k)."""
    one = np.eye(matrices.shape[-1])
    part = np.linalg.solve(matrices + one, matrices - one)
    square, power, total = part @ part, part, part
    for term in range(3, _TERMS, 2):
        power = power @ square
        total = total + power / term
        if not power.size or np.abs(power).max() < np.finfo(np.float64).eps:
            break
    return np.asarray(2.0 * total)
