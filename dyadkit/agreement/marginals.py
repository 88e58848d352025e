"""How two raters' use of the categories differs: prevalence, bias, symmetry and equal margins."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from scipy.special import chdtrc

from dyadkit.agreement.category_counts import CategoryCounts
from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class MarginTest:
    """A chi-squared test on the disagreements of two raters.

    Attributes
    ----------
    statistic, df, p_value : float
        NaN, 0 and NaN where the raters never disagree.
    n : int
        Units that both rated.
    method : str
    """

    statistic: float
    df: float
    p_value: float
    n: int
    method: str


@dataclass(frozen=True, slots=True)
class Margins:
    """What two raters' shares of the categories do to kappa.

    Attributes
    ----------
    prevalence, bias : float
        Of two categories: difference of the shares of the two agreements, and of the two
        disagreements, without sign; else NaN.
    pabak : float
        The kappa that there would be without either, from the unweighted agreement.
    symmetry : MarginTest
        Whether each two categories are confused equally often in both directions (Bowker).
    homogeneity : MarginTest
        Whether both raters use the categories equally often (Stuart and Maxwell).
    n : int
        Units that both rated.
    """

    prevalence: float
    bias: float
    pabak: float
    symmetry: MarginTest
    homogeneity: MarginTest
    n: int


def compare_margins(counted: CategoryCounts) -> Margins:
    r"""Compare how often two raters use each category.

    Parameters
    ----------
    counted : CategoryCounts
        From `dyadkit.agreement.category_counts.count_categories`, of two raters; units with one
        rating are left out.

    Raises
    ------
    DataError
        If there are not two raters, or only one category.

    Notes
    -----
    Of a 2 × 2 table with agreements a, d and disagreements b, c, the prevalence index is
    :math:`|a - d|/n`, the bias index :math:`|b - c|/n`, and the prevalence- and bias-adjusted kappa
    :math:`2 p_o - 1` (Byrt, Bishop & Carlin, 1993); of q categories it is
    :math:`(q p_o - 1)/(q - 1)`, Brennan and Prediger's coefficient.

    Symmetry is tested by :math:`\sum_{k<l} (n_{kl} - n_{lk})^2 / (n_{kl} + n_{lk})`, with one
    degree of freedom for each pair of categories that was confused (Bowker, 1948).  Equal margins
    are tested by :math:`d' V^{-1} d` with d the differences of the margins,
    :math:`V_{kk} = n_{k.} + n_{.k} - 2 n_{kk}` and :math:`V_{kl} = -(n_{kl} + n_{lk})` (Stuart,
    1955; Maxwell, 1970), with the rank of V for degrees of freedom; of two categories both are
    McNemar's test.  Both are of large samples, and of complete pairs.

    References
    ----------
    Bowker, A. H. (1948). A test for symmetry in contingency tables. Journal of the American
    Statistical Association, 43, 572-574.

    Byrt, T., Bishop, J., & Carlin, J. B. (1993). Bias, prevalence and kappa. Journal of Clinical
    Epidemiology, 46, 423-429.

    Maxwell, A. E. (1970). Comparing the classification of subjects by two independent judges.
    British Journal of Psychiatry, 116, 651-655.

    Stuart, A. (1955). A test for homogeneity of the marginal distributions in a two-way
    classification. Biometrika, 42, 412-416.

    Examples
    --------
    >>> from dyadkit.agreement.category_counts import count_categories
    >>> table = [[1, 1]] * 40 + [[1, 2]] * 9 + [[2, 1]] * 6 + [[2, 2]] * 45
    >>> found = compare_margins(count_categories(table))
    >>> round(found.prevalence, 2), round(found.bias, 2), round(found.pabak, 2)
    (0.05, 0.03, 0.7)
    >>> round(found.homogeneity.statistic, 3), found.homogeneity.df
    (0.6, 1.0)
    """
    q = counted.values.size
    if counted.raters != 2 or q < 2:
        raise DataError(
            f"Margins are compared of 2 raters and at least 2 categories, but there are "
            f"{counted.raters} raters and {q} categories. Choose two raters, or name the "
            "categories that were possible."
        )
    table = counted.table
    n = int(table.sum())
    prevalence = bias = nan
    if q == 2:
        prevalence = abs(float(table[0, 0] - table[1, 1])) / n
        bias = abs(float(table[0, 1] - table[1, 0])) / n
    return Margins(
        prevalence=prevalence,
        bias=bias,
        pabak=(q * float(table.trace()) / n - 1.0) / (q - 1.0),
        symmetry=_symmetry(table, n),
        homogeneity=_homogeneity(table, n),
        n=n,
    )


def _symmetry(table: FloatArray, n: int) -> MarginTest:
    above = np.triu_indices(len(table), 1)
    confused = (table + table.T)[above]
    gaps = (table - table.T)[above][confused > 0.0]
    statistic = float((gaps**2 / confused[confused > 0.0]).sum())
    return _test(statistic, gaps.size, n, "Bowker")


def _homogeneity(table: FloatArray, n: int) -> MarginTest:
    either = table + table.T
    spread = np.diag(either.sum(axis=1)) - either
    gap = table.sum(axis=1) - table.sum(axis=0)
    # V is the Laplacian of a graph, whose null space is one vector a component.
    rank = int(np.linalg.matrix_rank(spread, hermitian=True))
    solved = np.linalg.lstsq(spread, gap)[0]
    return _test(float(gap @ solved), rank, n, "Stuart–Maxwell")


def _test(statistic: float, df: int, n: int, method: str) -> MarginTest:
    if df == 0:
        return MarginTest(nan, 0.0, nan, n, method)
    return MarginTest(statistic, float(df), float(chdtrc(df, statistic)), n, method)
