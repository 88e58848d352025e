"""Whether two ratings' means are equivalent: closer than a difference that would matter."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, isfinite, sqrt

from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from dyadkit.errors import StudyError
from dyadkit.estimation.paired_moments import PairMoments, pair_moments


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests of the mean difference.

    Attributes
    ----------
    estimate, std_error : float
        Mean difference, first minus second.
    margin : float
        The smallest difference that would matter, in the units of the ratings.
    statistic, df, p_value : float
        Of the test with the larger p-value.
    conf_low, conf_high : float
        The 1 − 2α interval: within the margin exactly when p < α.
    equivalent : bool
        Whether p < α.
    n : int
    method : str
    """

    estimate: float
    std_error: float
    margin: float
    statistic: float
    df: float
    p_value: float
    conf_low: float
    conf_high: float
    equivalent: bool
    n: int
    method: str = "two one-sided t tests"


def equivalence_of_means(
    first: ArrayLike, second: ArrayLike, margin: float, alpha: float = 0.05
) -> Equivalence:
    r"""Test whether the means of two ratings differ by less than a margin.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    margin : float
        The smallest difference that would matter, in those units.
    alpha : float
        Level of each one-sided test.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left.
    StudyError
        If the margin is not above 0, or alpha is not between 0 and .5.

    Notes
    -----
    :math:`t_1 = (\bar d + \delta)/se` and :math:`t_2 = (\bar d - \delta)/se` on n − 1 degrees of
    freedom; both must reject (Schuirmann, 1987).

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power
    approach for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics
    and Biopharmaceutics, 15, 657-680.

    Examples
    --------
    >>> found = equivalence_of_means([4, 5, 6, 5, 4, 5], [4, 5, 5, 5, 4, 6], margin=1)
    >>> found.equivalent, round(found.p_value, 4)
    (True, 0.0059)
    """
    return equivalence_of(pair_moments(first, second), margin, alpha)


def equivalence_of(moments: PairMoments, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test equivalence given the ratings' moments; see `equivalence_of_means`."""
    if not (isfinite(margin) and margin > 0.0):
        raise StudyError(
            f"The margin of an equivalence test is {margin!r}, but must be above 0: the smallest "
            "mean difference that would matter, in the units of the ratings."
        )
    if not 0.0 < alpha < 0.5:
        raise StudyError(f"alpha must lie between 0 and .5, and is {alpha!r}; 0.05 is usual.")
    df = moments.n - 1.0
    estimate = moments.mean_difference
    std_error = moments.sd_difference / sqrt(moments.n)
    # The bound on whose side the difference lies is the harder one to reject.
    side = -1.0 if estimate > 0.0 else 1.0
    to_bound = estimate + side * margin
    statistic = to_bound / std_error if std_error > 0.0 else copysign(inf, to_bound)
    p_value = float(stdtr(df, -side * statistic))
    reach = float(stdtrit(df, 1.0 - alpha)) * std_error
    return Equivalence(
        estimate=estimate,
        std_error=std_error,
        margin=margin,
        statistic=statistic,
        df=df,
        p_value=p_value,
        conf_low=estimate - reach,
        conf_high=estimate + reach,
        equivalent=p_value < alpha,
        n=moments.n,
    )
