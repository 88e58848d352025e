r"""What effects from wave to wave come to over several waves, as arrays.

Let :math:`B_t` hold the effects of k series in wave t on those in wave t + 1, targets in rows and
sources in columns, and :math:`C_t` the effects from wave t on wave t + 2 where a model has them.
The response in wave 1 + h to a unit more in wave 1, over all routes, is

.. math:: R_h = B_h R_{h-1} + C_{h-1} R_{h-2}, \qquad R_0 = I, \quad R_{-1} = 0,

without second order the product :math:`B_h \cdots B_1` (Lütkepohl, 2005, section 2.3).  One route
over two lags, from source j in wave t by way of m in wave t + 1 to target i in wave t + 2, has the
specific indirect effect :math:`(B_{t+1})_{im} (B_t)_{mj}` (Cole & Maxwell, 2003).

References
----------
Cole, D. A., & Maxwell, S. E. (2003). Testing mediational models with longitudinal data: Questions
and tips in the use of structural equation modeling. Journal of Abnormal Psychology, 112, 558-577.

Lütkepohl, H. (2005). New introduction to multiple time series analysis. Springer.
"""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.arrays import FloatArray


def impulse_responses(first: FloatArray, second: FloatArray | None = None) -> FloatArray:
    """Return the responses in all later waves to a unit more in the first.

    Parameters
    ----------
    first : ndarray, shape (..., T - 1, k, k)
        Effects on the next wave, target by source, for each wave but the last.
    second : ndarray, shape (..., T - 2, k, k), optional
        Effects on the wave after the next.

    Returns
    -------
    ndarray, shape (..., T - 1, k, k)
        In the waves 2 to T, target by source.

    Examples
    --------
    >>> effects = np.array([[[0.5, 0.0], [0.2, 0.4]]] * 2)
    >>> impulse_responses(effects)[1].round(3).tolist()
    [[0.25, 0.0], [0.18, 0.16]]
    """
    before = np.zeros_like(first[..., 0, :, :])
    last = before + np.eye(first.shape[-1])
    found = []
    for wave in range(first.shape[-3]):
        now = first[..., wave, :, :] @ last
        if second is not None and wave > 0:
            now = now + second[..., wave - 1, :, :] @ before
        before, last = last, now
        found.append(now)
    return np.stack(found, axis=-3)


def indirect_effects(first: FloatArray) -> FloatArray:
    """Return the effects over two lags by way of each series in between.

    Parameters
    ----------
    first : ndarray, shape (..., T - 1, k, k)
        As of `impulse_responses`.

    Returns
    -------
    ndarray, shape (..., T - 2, k, k, k)
        From the waves 1 to T - 2: by target, series in between, and source.

    Examples
    --------
    >>> effects = np.array([[[0.5, 0.0], [0.2, 0.4]]] * 2)
    >>> indirect_effects(effects)[0, 1, :, 0].round(3).tolist()
    [0.1, 0.08]
    """
    onwards, towards = first[..., 1:, :, :], first[..., :-1, :, :]
    return np.asarray(onwards[..., :, :, None] * towards[..., None, :, :])
