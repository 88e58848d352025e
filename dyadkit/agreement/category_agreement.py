"""All indices of the agreement of two raters or more on categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.agreement.category_counts import CategoryCounts, count_categories
from dyadkit.agreement.chance_corrected import (
    CategoryIndex,
    brennan_prediger,
    gwet_ac,
    percent_agreement,
    scott_pi,
)
from dyadkit.agreement.cohen import Kappa, cohen_kappa
from dyadkit.agreement.krippendorff import Alpha, Metric, krippendorff_alpha


@dataclass(frozen=True, slots=True, eq=False)
class CategoryAgreement:
    """What there is to say of raters who chose categories.

    Attributes
    ----------
    counted : CategoryCounts
    alpha : Alpha
    ac, pi, brennan_prediger, percent : CategoryIndex
    kappa : Kappa or None
        Of two raters alone.
    prevalence, bias : float
        Of two raters and two categories: difference of the shares of the two agreements, and of the
        two disagreements; else NaN.
    """

    counted: CategoryCounts
    alpha: Alpha
    ac: CategoryIndex
    pi: CategoryIndex
    brennan_prediger: CategoryIndex
    percent: CategoryIndex
    kappa: Kappa | None
    prevalence: float
    bias: float


def compare_categories(
    ratings: ArrayLike,
    categories: Sequence[float] | None = None,
    *,
    weights: str | ArrayLike = "unweighted",
    metric: Metric = "nominal",
    confidence: float = 0.95,
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> CategoryAgreement:
    r"""Estimate every index of agreement on categories.

    Parameters
    ----------
    ratings : array_like, shape (n, raters)
        Codes; NaN is missing.
    categories : sequence of float, optional
        All codes possible.
    weights : str or array_like, shape (q, q)
        See `dyadkit.agreement.category_counts.weights_of`.
    metric : {"nominal", "ordinal", "interval", "ratio"}
        Of Krippendorff's alpha.
    confidence : float
        Level of the intervals, between 0 and 1.
    draws : int
        Bootstrap samples for alpha's interval.
    rng : numpy.random.Generator, optional

    Raises
    ------
    DataError
        If an index is undefined; its message says which, and why.

    Notes
    -----
    Of a 2 × 2 table with agreements a, d and disagreements b, c, the prevalence index is
    :math:`|a - d|/n` and the bias index :math:`|b - c|/n`; the prevalence- and bias-adjusted kappa
    is Brennan and Prediger's coefficient (Byrt, Bishop & Carlin, 1993).

    References
    ----------
    Byrt, T., Bishop, J., & Carlin, J. B. (1993). Bias, prevalence and kappa. Journal of Clinical
    Epidemiology, 46, 423-429.

    Examples
    --------
    >>> found = compare_categories([[1, 1], [1, 1], [1, 2], [2, 2], [2, 1], [2, 2]])
    >>> round(found.percent.estimate, 3), found.prevalence, found.bias
    (0.667, 0.0, 0.0)
    """
    counted = count_categories(ratings, categories)
    alpha = krippendorff_alpha(counted, metric, draws=draws, rng=rng, confidence=confidence)
    two = counted.places.shape[1] == 2
    prevalence = bias = nan
    if two and counted.values.size == 2:
        p = counted.table / counted.table.sum()
        prevalence, bias = float(abs(p[0, 0] - p[1, 1])), float(abs(p[0, 1] - p[1, 0]))
    return CategoryAgreement(
        counted=counted,
        alpha=alpha,
        ac=gwet_ac(counted, weights, confidence),
        pi=scott_pi(counted, weights, confidence),
        brennan_prediger=brennan_prediger(counted, weights, confidence),
        percent=percent_agreement(counted, weights, confidence),
        kappa=cohen_kappa(counted, weights, confidence) if two else None,
        prevalence=prevalence,
        bias=bias,
    )
