"""Whether group means may stand for groups: agreement, differences between groups, reliability."""

from __future__ import annotations

from dataclasses import dataclass

from dyadkit.agreement.group_agreement import GroupAgreement

STRONG, RELIABLE = 0.70, 0.70
_WORDS = (
    (0.30, "lack of agreement"),
    (0.50, "weak agreement"),
    (0.70, "moderate agreement"),
    (0.90, "strong agreement"),
    (1.00, "very strong agreement"),
)
_SIZES = ((0.25, "large"), (0.10, "medium"), (0.05, "small"))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of aggregation.

    Attributes
    ----------
    name : str
    value : float
    wanted : str
        What is asked of the value.
    met : bool
    reading : str
        What the value says.
    """

    name: str
    value: float
    wanted: str
    met: bool
    reading: str


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The conditions, and whether together they justify aggregation.

    Attributes
    ----------
    criteria : tuple of Criterion
    justified : bool
    reason : str
        In a sentence.
    """

    criteria: tuple[Criterion, ...]
    justified: bool
    reason: str


def agreement_word(value: float) -> str:
    """Say in words how large an r_wg is.

    Examples
    --------
    >>> agreement_word(0.3), agreement_word(0.71), agreement_word(0.95)
    ('lack of agreement', 'strong agreement', 'very strong agreement')
    """
    # The words' bounds have two digits.
    return next(word for limit, word in _WORDS if round(value, 2) <= limit)


def judge_aggregation(found: GroupAgreement, alpha: float = 0.05) -> Aggregation:
    """Judge whether group means may stand for groups.

    Parameters
    ----------
    found : GroupAgreement
        From `dyadkit.agreement.group_agreement.group_indices`.
    alpha : float
        Level of the test that groups differ.

    Notes
    -----
    Aggregation supposes that members agree (r_wg(j) of .70 or more by every null that was named, AD
    up to a sixth of the number of options), that groups differ (an ICC(1) above 0 by its F test),
    and that their means are reliable (ICC(2) of .70 or more) (LeBreton & Senter, 2008).  All must
    hold; the limits are conventions, and the values are there to be judged.

    References
    ----------
    LeBreton, J. M., & Senter, J. L. (2008). Answers to 20 questions about interrater reliability
    and interrater agreement. Organizational Research Methods, 11, 815-852.

    Examples
    --------
    >>> import numpy as np
    >>> from dyadkit.agreement.group_agreement import group_indices
    >>> from dyadkit.agreement.grouping import grouped
    >>> from dyadkit.agreement.nulls import null_named
    >>> data = grouped([5, 5, 4, 1, 2, 1, 4, 4, 3], np.repeat([0, 1, 2], 3))
    >>> found = group_indices(data, (null_named("uniform", 5),), 1, 5,
    ...                       rng=np.random.default_rng(1), draws=0)
    >>> judge_aggregation(found).justified
    True
    """
    criteria = []
    for against in found.nulls:
        criteria.append(
            Criterion(
                f"Mean r_wg, {against.null.name} null",
                against.rwg.estimate,
                f"{STRONG:.2f} or more".lstrip("0"),
                against.rwg.estimate >= STRONG,
                agreement_word(against.rwg.estimate),
            )
        )
    ad = found.ad_mean.estimate
    criteria.append(
        Criterion(
            "Mean AD",
            ad,
            f"{found.ad_limit:.2f} or less",
            ad <= found.ad_limit,
            "in points of the scale",
        )
    )
    if found.reliability is not None:
        anova = found.reliability.anova
        one, two = found.reliability.icc1_mean.estimate, found.reliability.icc2.estimate
        differ = anova.p_value < alpha and one > 0.0
        size = next((word for least, word in _SIZES if one >= least), "less than small")
        criteria.append(
            Criterion(
                "ICC(1)",
                one,
                f"above 0, p < {alpha:g}".replace("0.", "."),
                differ,
                f"{size} effect of the group" if differ else "groups do not demonstrably differ",
            )
        )
        criteria.append(
            Criterion(
                "ICC(2)",
                two,
                f"{RELIABLE:.2f} or more".lstrip("0"),
                two >= RELIABLE,
                "group means are reliable" if two >= RELIABLE else "group means are unreliable",
            )
        )
    missed = [criterion.name for criterion in criteria if not criterion.met]
    if found.reliability is None:
        reason = f"whether groups differ cannot be told: {found.why_not}"
    elif missed:
        reason = f"not met: {'; '.join(missed)}"
    else:
        reason = "all conditions are met"
    return Aggregation(tuple(criteria), found.reliability is not None and not missed, reason)
