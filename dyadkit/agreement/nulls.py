r"""Null distributions: how answers would scatter if nobody agreed on anything.

Every index of the r_wg family compares the variance within a group with the variance of a null
distribution over A response options.  The uniform one, :math:`(A^2 - 1) / 12` (Finn, 1970), says
that answers are chosen blindly; the others add a response bias, such as leniency (James, Demaree &
Wolf, 1984).  Their variances are those of LeBreton and Senter (2008, Table 2), for 5 to 11 options;
for 5 options the table's probabilities are kept, and the variance is computed from them.

References
----------
Biemann, T., Cole, M. S., & Voelpel, S. (2012). Within-group agreement: On the use (and misuse) of
rWG and rWG(J) in leadership research and some best practice guidelines. The Leadership Quarterly,
23, 66-80.

Finn, R. H. (1970). A note on estimating the reliability of categorical data. Educational and
Psychological Measurement, 30, 71-76.

James, L. R., Demaree, R. G., & Wolf, G. (1984). Estimating within-group interrater reliability with
and without response bias. Journal of Applied Psychology, 69, 85-98.

LeBreton, J. M., & Senter, J. L. (2008). Answers to 20 questions about interrater reliability and
interrater agreement. Organizational Research Methods, 11, 815-852.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dyadkit.errors import Refused, StudyError, nearest

_FIVE = {
    "slight skew": (0.05, 0.15, 0.20, 0.35, 0.25),
    "moderate skew": (0.00, 0.10, 0.15, 0.40, 0.35),
    "heavy skew": (0.00, 0.00, 0.10, 0.40, 0.50),
    "triangular": (0.11, 0.22, 0.34, 0.22, 0.11),
    "normal": (0.07, 0.24, 0.38, 0.24, 0.07),
}
# Options: slight, moderate and heavy skew, triangular, normal.
_VARIANCES = {
    6: (1.85, 1.26, 0.69, 1.45, 1.25),
    7: (2.90, 2.14, 1.39, 2.10, 1.40),
    8: (3.47, 2.79, 2.35, 2.81, 1.73),
    9: (5.66, 4.73, 3.16, 3.00, 1.58),
    10: (6.30, 5.09, 3.46, 2.89, 1.45),
    11: (7.31, 6.32, 4.02, 3.32, 1.40),
}
NAMES = ("uniform", *_FIVE)
_SUM_WITHIN = 1e-6


@dataclass(frozen=True, slots=True)
class Null:
    """What answers are compared with.

    Attributes
    ----------
    name : str
    options : int
        Response options, A.
    variance : float
        Of the options' consecutive numbers.
    probabilities : tuple of float, or None
        Of each option, from the lowest; None where only the variance is published.
    """

    name: str
    options: int
    variance: float
    probabilities: tuple[float, ...] | None


def null_named(name: str, options: int) -> Null:
    """Return one of the published null distributions.

    Parameters
    ----------
    name : str
        ``"uniform"``, ``"slight skew"``, ``"moderate skew"``, ``"heavy skew"``, ``"triangular"``
        or ``"normal"``.
    options : int
        Response options, at least 2.

    Raises
    ------
    StudyError
        If the name is unknown or there are fewer than two options.
    Refused
        If the distribution is not published for that many options.

    Notes
    -----
    The skewed ones lean to the high options.  Which side they lean to does not matter to a
    variance, nor to the critical values of an index that does not change when the scale is
    reversed.

    Examples
    --------
    >>> round(null_named("uniform", 5).variance, 4), round(null_named("slight skew", 5).variance, 4)
    (2.0, 1.34)
    """
    _require_options(options)
    if name not in NAMES:
        raise StudyError(
            f"The null distribution must be one of {', '.join(NAMES)}, but it is {name!r}."
            f"{nearest(name, NAMES)} Pass your own probabilities or variance otherwise."
        )
    if name == "uniform":
        return null_with_probabilities((1.0 / options,) * options, name)
    if options == 5:
        return null_with_probabilities(_FIVE[name], name)
    if options not in _VARIANCES:
        raise Refused(
            f"The null distribution {name!r} is published for 5 to 11 response options "
            f"(LeBreton & Senter, 2008, Table 2), but the scale has {options}. Any shape made up "
            "for another number of options would carry the name without the meaning: take "
            "'uniform', or pass the probabilities or the variance that you can defend."
        )
    return Null(name, options, _VARIANCES[options][NAMES.index(name) - 1], None)


def null_with_probabilities(probabilities: Sequence[float], name: str = "own") -> Null:
    """Return a null distribution with given probabilities of the options.

    Parameters
    ----------
    probabilities : sequence of float
        Of each option, from the lowest; they must sum to 1.
    name : str
        What reports call it.

    Raises
    ------
    StudyError
        If there are fewer than two, one is negative, they do not sum to 1 within 1e-6, or all
        answers would be alike.

    Examples
    --------
    >>> round(null_with_probabilities([0.5, 0.0, 0.5]).variance, 4)
    1.0
    """
    shares = tuple(float(share) for share in probabilities)
    _require_options(len(shares))
    total = sum(shares)
    if min(shares) < 0.0 or not abs(total - 1.0) <= _SUM_WITHIN:
        raise StudyError(
            f"The probabilities of a null distribution must not be negative and must sum to 1, "
            f"but the {len(shares)} given sum to {total:.6g} and the smallest is {min(shares):.4g}."
            " Correct them."
        )
    mean = sum(place * share for place, share in enumerate(shares)) / total
    variance = sum((place - mean) ** 2 * share for place, share in enumerate(shares)) / total
    if variance == 0.0:
        raise StudyError(
            "A null distribution must leave room for disagreement, but all of its probability "
            "lies on one option. Spread it over at least two."
        )
    return Null(name, len(shares), variance, shares)


def null_with_variance(variance: float, options: int, name: str = "own") -> Null:
    """Return a null distribution of which only the variance is known.

    Critical values cannot be simulated for it.

    Raises
    ------
    StudyError
        If the variance is not positive, or larger than half the answers at either end give,
        :math:`(A - 1)^2 / 4`.

    Examples
    --------
    >>> null_with_variance(1.5, 5).variance
    1.5
    """
    _require_options(options)
    most = (options - 1) ** 2 / 4.0
    if not 0.0 < variance <= most:
        raise StudyError(
            f"The variance of a null distribution over {options} options must lie above 0 and "
            f"cannot exceed {most:g} (half the answers at either end), but it is {variance!r}. "
            "Correct it, or the number of options."
        )
    return Null(name, options, float(variance), None)


def _require_options(options: int) -> None:
    if options < 2:
        raise StudyError(
            f"A response scale needs at least 2 options, but {options} were given. Pass the number "
            "of options that respondents could choose from."
        )
