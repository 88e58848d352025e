"""Within-and-between analysis: is a relation one of groups, of members within groups, or both?"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, atanh, inf, nan, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtr, fdtrc, ndtr

from dyadkit.agreement.grouping import grouped
from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import FloatArray, constant, require_confidence
from dyadkit.estimation.correlation import fisher_interval

Induction = Literal["wholes", "parts", "equivocal"]
# Cotangents of 45 degrees less or more half the interval's width, and widths in radians.
_E_15, _E_30 = 1.0 / np.tan(np.radians(37.5)), np.sqrt(3.0)
_NAMES = ("the first variable", "the second variable")
_A_15, _A_30 = np.radians(15.0), np.radians(30.0)


@dataclass(frozen=True, slots=True)
class Variation:
    """How one variable varies between and within groups.

    Attributes
    ----------
    eta_between, eta_within : float
        Correlations of the scores with the groups' means, and with the deviations from them.
    e_ratio : float
        eta between over eta within.
    f, df1, df2, p_value : float
        ``e_ratio² df2 / df1``, two-sided: small F speak for parts.
    induction, induction_30 : str
        "wholes" where E reaches 1.30 (1.73 for the 30 degree interval), "parts" where it is at
        most .77 (.58), else "equivocal".
    """

    eta_between: float
    eta_within: float
    e_ratio: float
    f: float
    df1: float
    df2: float
    p_value: float
    induction: Induction
    induction_30: Induction


@dataclass(frozen=True, slots=True)
class LevelCorrelation:
    """The correlation of two variables at one level.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        NaN bounds where the level has too few degrees of freedom.
    method : str
    n : int
        Groups, or persons.
    component : float
        What the level gives to the raw correlation: eta times eta times the correlation.
    """

    estimate: float
    conf_low: float
    conf_high: float
    method: str
    n: int
    component: float


@dataclass(frozen=True, slots=True)
class Waba:
    """A within-and-between analysis of two variables.

    Attributes
    ----------
    raw : float
        Correlation over persons, the sum of the two components.
    first, second : Variation
    between, within : LevelCorrelation
    a_difference : float
        Difference of the correlations' angles in radians, positive where the one between is larger
        in size.
    strength, strength_30 : str
        "wholes" where the difference reaches 15 (30) degrees, "parts" below the negative, else
        "equivocal".
    z, p_value : float
        Test of the difference between the sizes of both correlations, by Fisher's z; NaN with 3
        groups or fewer.
    """

    raw: float
    first: Variation
    second: Variation
    between: LevelCorrelation
    within: LevelCorrelation
    a_difference: float
    strength: Induction
    strength_30: Induction
    z: float
    p_value: float


def within_and_between(
    x: ArrayLike, y: ArrayLike, group: ArrayLike, confidence: float = 0.95
) -> Waba:
    r"""Divide the correlation of two variables into one between and one within groups.

    Parameters
    ----------
    x, y : array_like, shape (persons,)
        A person with a NaN in either is left out, then groups of one are.
    group : array_like of int, shape (persons,)
    confidence : float
        Level of the intervals of both correlations.

    Raises
    ------
    StudyError
        If the lengths differ.
    DataError
        If there are fewer than two groups, or a variable does not vary between or within them.

    Notes
    -----
    :math:`r = \eta_{Bx} \eta_{By} r_B + \eta_{Wx} \eta_{Wy} r_W`, where the correlation between
    weighs groups by their sizes (Dansereau, Alutto & Yammarino, 1984).  The E test compares both
    etas with intervals of 15 and 30 degrees about equality; the F test allows for J - 1 and N - J
    degrees of freedom.  Bounds and Z take J and N - J + 1 as the numbers of independent values.
    Unlike R's ``multilevel::waba``, groups of one are left out.

    References
    ----------
    Dansereau, F., Alutto, J. A., & Yammarino, F. J. (1984). Theory testing in organizational
    behavior: The varient approach. Prentice-Hall.

    Examples
    --------
    >>> found = within_and_between([1, 2, 4, 5, 3, 3.5], [2, 1, 5, 5, 3, 4], [0, 0, 1, 1, 2, 2])
    >>> round(found.raw, 4), found.first.induction, round(found.within.estimate, 4)
    (0.8857, 'wholes', -0.2357)
    """
    require_confidence(confidence)
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise StudyError(
            f"Both variables need one value per person, but their shapes are {first.shape} and "
            f"{second.shape}. Pass two arrays of one length, NaN where a score is missing."
        )
    data = grouped(np.column_stack([first, second]), group)
    n, groups = data.ratings.shape[0], data.groups
    if groups < 2:
        raise DataError(
            f"A within-and-between analysis needs at least 2 groups with 2 complete members, but "
            f"there is {groups}; {data.alone} group(s) of one were left out."
        )
    centred = data.ratings - data.ratings.mean(axis=0)
    means = np.add.reduceat(centred, data.starts, axis=0) / data.size[:, np.newaxis]
    between = np.repeat(means, data.size, axis=0)
    within = centred - between
    still = [
        f"{name} does not vary {level} groups"
        for level, part in (("between", means), ("within", within))
        for name, same in zip(
            ("the first variable", "the second variable"), _still(part, centred), strict=True
        )
        if same
    ]
    if still:
        raise DataError(
            f"A within-and-between analysis is undefined: {' and '.join(still)} "
            f"({groups} groups, {n} persons). Leave the variable out, or check the group codes."
        )
    total = (centred**2).sum(axis=0)
    eta_b = np.sqrt((between**2).sum(axis=0) / total)
    eta_w = np.sqrt((within**2).sum(axis=0) / total)
    r_b, r_w = _correlation(between), _correlation(within)
    df1, df2 = groups - 1.0, float(n - groups)
    a = acos(min(abs(r_w), 1.0)) - acos(min(abs(r_b), 1.0))
    z = _z(r_b, r_w, groups, n)
    return Waba(
        raw=_correlation(centred),
        first=_variation(float(eta_b[0]), float(eta_w[0]), df1, df2),
        second=_variation(float(eta_b[1]), float(eta_w[1]), df1, df2),
        between=_level(r_b, groups, groups, float(eta_b.prod()), confidence),
        within=_level(r_w, n - groups + 1, n, float(eta_w.prod()), confidence),
        a_difference=a,
        strength=_judged(a, -_A_15, _A_15),
        strength_30=_judged(a, -_A_30, _A_30),
        z=z,
        p_value=float(2.0 * ndtr(-abs(z))),
    )


def _still(part: FloatArray, whole: FloatArray) -> list[bool]:
    """Tell which columns vary by rounding only, beside the whole."""
    scale = np.ptp(whole, axis=0)
    flat = np.ptp(part, axis=0) <= 1e-13 * scale
    return [bool(same) for same in flat | constant(whole)]


def _variation(between: float, within: float, df1: float, df2: float) -> Variation:
    ratio = between / within
    f = ratio**2 * df2 / df1
    p = min(1.0, 2.0 * min(float(fdtr(df1, df2, f)), float(fdtrc(df1, df2, f))))
    return Variation(
        eta_between=between,
        eta_within=within,
        e_ratio=ratio,
        f=f,
        df1=df1,
        df2=df2,
        p_value=p,
        induction=_judged(ratio, 1.0 / _E_15, _E_15),
        induction_30=_judged(ratio, 1.0 / _E_30, _E_30),
    )


def _judged(value: float, parts: float, wholes: float) -> Induction:
    if value >= wholes:
        return "wholes"
    return "parts" if value <= parts else "equivocal"


def _correlation(columns: FloatArray) -> float:
    one, other = columns.T
    return float(one @ other) / sqrt(float(one @ one) * float(other @ other))


def _level(
    r: float, independent: int, n: int, weight: float, confidence: float
) -> LevelCorrelation:
    if independent > 3:
        z = atanh(r) if abs(r) < 1.0 else inf if r > 0.0 else -inf
        low, high = fisher_interval(z, 1.0 / sqrt(independent - 3.0), confidence)
        method = "Fisher z"
    else:
        low = high = nan
        method = "none: too few degrees of freedom"
    return LevelCorrelation(r, low, high, method, n, weight * r)


def _z(between: float, within: float, groups: int, n: int) -> float:
    if groups <= 3 or n - groups <= 2 or max(abs(between), abs(within)) >= 1.0:
        return nan
    error = sqrt(1.0 / (groups - 3.0) + 1.0 / (n - groups - 2.0))
    return (atanh(abs(between)) - atanh(abs(within))) / error
