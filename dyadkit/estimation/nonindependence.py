"""What it costs to treat members of dyads as independent, and how alike they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

from numpy.typing import ArrayLike

from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import as_pair, centred, constant


@dataclass(frozen=True, slots=True)
class Cost:
    """Consequences of ignoring non-independence.

    Attributes
    ----------
    design_effect : float
        Variance of the mean relative to as many independent persons.
    effective_n : float
        Independent persons that would give the same precision of the mean; infinite when
        the design effect is 0.
    se_ratio_between, se_ratio_within : float
        True over naive standard error of a mean or of a predictor that is the same for
        all members (between), and of one that differs within the group and has the same
        sum in every group (within).  Above 1: the naive test is too liberal.
    """

    design_effect: float
    effective_n: float
    se_ratio_between: float
    se_ratio_within: float


def cost_of_ignoring(rho: float, n_dyads: int, members: int = 2) -> Cost:
    r"""Tell what an intraclass correlation does to tests that ignore it.

    Parameters
    ----------
    rho : float
        Intraclass correlation, from -1/(members - 1) to 1.
    n_dyads : int
        Dyads (or groups).
    members : int
        Members of each.

    Returns
    -------
    Cost
        Design effect, effective number of persons, and ratios of standard errors.

    Raises
    ------
    StudyError
        If `rho` is outside its range, or a count is too small.

    Notes
    -----
    With k members the design effect is :math:`1 + (k-1)\rho` (Kish, 1965), and k n dyads
    are worth :math:`kn/(1 + (k-1)\rho)` persons.  Positive non-independence makes tests of
    between-dyads predictors too liberal (ratio :math:`\sqrt{1+(k-1)\rho}`) and those of
    within-dyads predictors too conservative (ratio :math:`\sqrt{1-\rho}`); negative
    non-independence does the opposite (Kenny & Judd, 1986; Kenny, Kashy & Cook, 2006,
    chapter 2).

    References
    ----------
    Kenny, D. A., & Judd, C. M. (1986). Consequences of violating the independence
    assumption in analysis of variance. Psychological Bulletin, 99, 422-431.

    Kenny, D. A., Kashy, D. A., & Cook, W. L. (2006). Dyadic data analysis. Guilford.

    Kish, L. (1965). Survey sampling. Wiley.

    Examples
    --------
    >>> cost = cost_of_ignoring(0.44, 100)
    >>> cost.design_effect, round(cost.effective_n, 1)
    (1.44, 138.9)
    >>> cost.se_ratio_between, round(cost.se_ratio_within, 4)
    (1.2, 0.7483)
    """
    if members < 2 or n_dyads < 1:
        raise StudyError(
            f"The cost of non-independence needs at least 1 dyad and 2 members in each, but "
            f"{n_dyads} and {members} were passed."
        )
    lowest = -1.0 / (members - 1)
    # An estimate of exactly the bound may fall short of it by rounding.
    if not lowest - 1e-12 <= rho <= 1.0 + 1e-12:
        raise StudyError(
            f"An intraclass correlation of {members} members lies between {lowest:g} and 1, but "
            f"{rho!r} was passed. Pass the signed estimate, not a variance."
        )
    design_effect = max(0.0, 1.0 + (members - 1) * rho)
    return Cost(
        design_effect=design_effect,
        effective_n=n_dyads * members / design_effect if design_effect > 0.0 else inf,
        se_ratio_between=sqrt(design_effect),
        se_ratio_within=sqrt(max(0.0, 1.0 - rho)),
    )


def within_dyad_correlation(a: ArrayLike, b: ArrayLike) -> float:
    r"""Correlate distinguishable members about their roles' means, with a pooled variance.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        Scores of the first and of the second role; a dyad with a NaN is dropped.

    Returns
    -------
    float
        Covariance of the roles over the mean of their variances, from -1 to 1.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left, or neither role varies.
    StudyError
        If the lengths differ.

    Notes
    -----
    :math:`2 s_{ab}/(s_a^2 + s_b^2)` is the partial pairwise intraclass correlation of
    Gonzalez and Griffin (1999), the double-entry correlation with the role partialled out.
    It is never larger in size than Pearson's r, and equals it when the variances are equal.
    It is the rho that `cost_of_ignoring` asks for when roles differ in their means.

    References
    ----------
    Gonzalez, R., & Griffin, D. (1999). The correlational analysis of dyad-level data in
    the distinguishable case. Personal Relationships, 6, 449-469.

    Examples
    --------
    >>> within_dyad_correlation([1, 2, 3], [10, 12, 14])
    0.8
    """
    first, second = as_pair(a, b)
    n = first.size
    if n < 2:
        raise DataError(
            f"A within-dyad correlation needs at least 2 complete dyads, but {n} are left. "
            "Check the pairing and the missing scores."
        )
    if constant(first) and constant(second):
        raise DataError(
            f"A within-dyad correlation is undefined because the scores of neither role vary in "
            f"the {n} complete dyads. Leave the variable out, or check its coding."
        )
    first, second = centred(first), centred(second)
    alike, unlike = float(((first + second) ** 2).sum()), float(((first - second) ** 2).sum())
    return (alike - unlike) / (alike + unlike)
