r"""The difference of two models of ordered outcomes, of which one restricts the other.

The chi-squares of weighted least squares are mixtures, and so is their difference.  With the
derivatives :math:`\Delta_1` and :math:`\Delta_0` of the implied statistics along each model's
constraints, all groups below each other, the smaller model restricts the larger one by

.. math:: A \theta_1 = 0, \qquad A = H_\perp', \qquad
    H = (\Delta_1' \Delta_1)^{-1} \Delta_1' \Delta_0 ,

to the first order ("delta" in lavaan).  With P the larger model's :math:`\sum_g f_g \Delta_g' W_g
\Delta_g` and B the same with :math:`W_g \Gamma_g W_g` in the place of :math:`W_g`, the difference
:math:`T_0 - T_1` is about a mixture of chi-squares whose weights are the roots of

.. math:: M B, \qquad M = P^{-1} A' (A P^{-1} A')^{-1} A P^{-1}

(Satorra, 2000), here with the derivatives of the larger model.  It is scaled and shifted to the
mean and the variance of a chi-square, as in `dyadkit.sem.ordinal.inference`.

References
----------
Satorra, A. (2000). Scaled and adjusted restricted tests in multi-sample analysis of moment
structures. In R. D. H. Heijmans, D. S. G. Pollock, & A. Satorra (Eds.), Innovations in multivariate
statistical analysis (pp. 233-247). Kluwer.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import null_space

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.inference import binding_jacobian, free_directions
from dyadkit.sem.ordinal.inference import MixtureTest, information_of, mixture_test
from dyadkit.sem.ordinal.solve import OrdinalSolution


def ordinal_difference(larger: OrdinalSolution, smaller: OrdinalSolution) -> MixtureTest:
    """Test a model of ordered outcomes against one that restricts it.

    Parameters
    ----------
    larger, smaller : OrdinalSolution
        Fitted to the same statistics; the larger one has more parameters.

    Returns
    -------
    MixtureTest
        Of the difference of the chi-squares.
    """
    statistics = [larger.model.names.index(name) for name in smaller.model.names]
    basis = _directions(larger)
    change = larger.change @ basis
    groups, s, size = change.shape
    restricted = np.zeros((groups, s, smaller.change.shape[2]))
    restricted[:, statistics] = smaller.change
    restricted = restricted @ _directions(smaller)
    inside = np.linalg.lstsq(
        change.reshape(groups * s, size), restricted.reshape(groups * s, -1), rcond=None
    )[0]
    away = null_space(inside.T).T
    sample = larger.sample
    inverse = np.linalg.inv(basis.T @ information_of(sample, larger.change) @ basis)
    pulled = away @ inverse
    among = pulled.T @ np.linalg.solve(pulled @ away.T, pulled)
    weighted = sample.weight[..., None] * change
    count = sample.n[:, None, None]
    spread = (count * (np.swapaxes(weighted, -1, -2) @ sample.gamma @ weighted)).sum(axis=0)
    product = among @ spread
    return mixture_test(
        smaller.test.chisq - larger.test.chisq,
        smaller.test.df - larger.test.df,
        float(np.trace(product)),
        float((product * product.T).sum()),
    )


def _directions(solution: OrdinalSolution) -> FloatArray:
    """Return a basis of what the constraints leave free, shape (q, r)."""
    information = information_of(solution.sample, solution.change)
    return free_directions(information, binding_jacobian(solution.constraints, solution.theta))
