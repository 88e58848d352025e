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
    conger_kappa,
    gwet_ac,
    percent_agreement,
    scott_pi,
)
from dyadkit.agreement.cohen import Kappa, cohen_kappa
from dyadkit.agreement.krippendorff import Alpha, Metric, krippendorff_alpha
from dyadkit.agreement.marginals import Margins, compare_margins
from dyadkit.estimation.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class CategoryAgreement:
    """What there is to say of raters who chose categories.

    Attributes
    ----------
    counted : CategoryCounts
    alpha : Alpha
    ac, pi, brennan_prediger, conger, percent : CategoryIndex
    kappa : Kappa or None
        Of two raters alone.
    margins : Margins or None
        Of two raters alone.
    """

    counted: CategoryCounts
    alpha: Alpha
    ac: CategoryIndex
    pi: CategoryIndex
    brennan_prediger: CategoryIndex
    conger: CategoryIndex
    percent: CategoryIndex
    kappa: Kappa | None
    margins: Margins | None

    @property
    def n(self) -> int:
        """The number of units that two raters or more rated."""
        return self.counted.n

    @property
    def raters(self) -> int:
        """The number of raters."""
        return self.counted.raters

    @property
    def table(self) -> FloatArray | None:
        """Counts of two raters' categories, shape (q, q); None of more raters."""
        return self.counted.table if self.raters == 2 else None

    @property
    def prevalence(self) -> float:
        """Prevalence index of two raters and two categories, else NaN; see `Margins`."""
        return nan if self.margins is None else self.margins.prevalence

    @property
    def bias(self) -> float:
        """Bias index of two raters and two categories, else NaN; see `Margins`."""
        return nan if self.margins is None else self.margins.bias


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
        Needed with draws.

    Raises
    ------
    DataError
        If an index is undefined, as when all ratings are equal; its message says which, and why.
    StudyError
        If the weights, the metric or the confidence level are not known, or draws have no
        generator.

    Examples
    --------
    >>> found = compare_categories([[1, 1], [1, 1], [1, 2], [2, 2], [2, 1], [2, 2]])
    >>> round(found.percent.estimate, 3), found.prevalence, found.bias
    (0.667, 0.0, 0.0)
    """
    counted = count_categories(ratings, categories)
    alpha = krippendorff_alpha(counted, metric, draws=draws, rng=rng, confidence=confidence)
    two = counted.raters == 2
    return CategoryAgreement(
        counted=counted,
        alpha=alpha,
        ac=gwet_ac(counted, weights, confidence),
        pi=scott_pi(counted, weights, confidence),
        brennan_prediger=brennan_prediger(counted, weights, confidence),
        conger=conger_kappa(counted, weights, confidence),
        percent=percent_agreement(counted, weights, confidence),
        kappa=cohen_kappa(counted, weights, confidence) if two else None,
        margins=compare_margins(counted) if two else None,
    )
