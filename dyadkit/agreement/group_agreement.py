"""All indices of the agreement of groups in one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyadkit.agreement.average_deviation import average_deviations, upper_limit
from dyadkit.agreement.critical_values import CriticalValue, critical_value
from dyadkit.agreement.group_reliability import (
    FEWEST_FOR_BOOTSTRAP,
    GroupReliability,
    anova_reliability,
    bootstrap_reliability,
)
from dyadkit.agreement.grouping import Grouped, GroupIndex, group_means
from dyadkit.agreement.nulls import Null
from dyadkit.agreement.random_groups import RandomGroups, random_group_resampling
from dyadkit.agreement.reml_reliability import MixedReliability, mixed_reliability
from dyadkit.agreement.within_group import (
    awg,
    coefficient_of_variation,
    lindell,
    rwg,
    standard_deviation,
)
from dyadkit.errors import DataError, FitError

_SIMULATED = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class AgainstNull:
    """Agreement compared with one null distribution.

    Attributes
    ----------
    rwg, lindell : GroupIndex
        r_wg(j) and r*_wg(j) of each group.
    critical : CriticalValue or None
        Of r_wg(j) in a group of the usual size; None where only the null's variance is known.
    """

    null: Null
    rwg: GroupIndex
    lindell: GroupIndex
    critical: CriticalValue | None


@dataclass(frozen=True, slots=True, eq=False)
class GroupAgreement:
    """What there is to say of groups that answered one scale.

    Attributes
    ----------
    data : Grouped
    nulls : tuple of AgainstNull
    ad_mean, ad_median, awg, sd : GroupIndex
    cv : GroupIndex or None
        Coefficient of variation; None where a rating is negative or a group's mean is 0.
    ad_limit : float
        Up to which AD is practically significant.
    ad_critical : CriticalValue or None
    reliability : GroupReliability or None
        None with one group, or where nothing varies.
    mixed : MixedReliability or None
    random : RandomGroups or None
    why_not : str
        Why there is no reliability; empty otherwise.
    why_no_mixed : str
        Why the mixed model could not be fitted; empty otherwise.
    usual_size : int
        For which critical values were simulated.
    """

    data: Grouped
    nulls: tuple[AgainstNull, ...]
    ad_mean: GroupIndex
    ad_median: GroupIndex
    awg: GroupIndex
    sd: GroupIndex
    cv: GroupIndex | None
    ad_limit: float
    ad_critical: CriticalValue | None
    reliability: GroupReliability | None
    mixed: MixedReliability | None
    random: RandomGroups | None
    why_not: str
    why_no_mixed: str
    usual_size: int


def group_indices(
    data: Grouped,
    nulls: tuple[Null, ...],
    low: float,
    high: float,
    *,
    rng: np.random.Generator,
    draws: int,
    confidence: float = 0.95,
) -> GroupAgreement:
    """Estimate every index of groups.

    Parameters
    ----------
    data : Grouped
        From `dyadkit.agreement.grouping.grouped`.
    nulls : tuple of Null
        What r_wg is compared with.
    low, high : float
        The ends of the response scale.
    rng : numpy.random.Generator
    draws : int
        Bootstrap samples and random groupings; without any, intervals are those of F.
    confidence : float
        Level of the intervals, between 0 and 1.

    Raises
    ------
    DataError
        If no group has two members, or a rating lies outside the scale.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> from dyadkit.agreement.nulls import null_named
    >>> data = grouped([4, 4, 5, 3, 2, 1, 5, 4], [0, 0, 0, 1, 1, 1, 2, 2])
    >>> found = group_indices(data, (null_named("uniform", 5),), 1, 5,
    ...                       rng=np.random.default_rng(1), draws=0)
    >>> round(found.nulls[0].rwg.estimate, 4), found.reliability is None
    (0.6944, False)
    """
    size = int(np.median(data.size))
    items = data.ratings.shape[1]
    usual = nulls[0] if nulls else None
    known = usual is not None and usual.probabilities is not None
    reliability = mixed = random = None
    why_not = why_no_mixed = ""
    try:
        if draws and data.groups >= FEWEST_FOR_BOOTSTRAP:
            reliability = bootstrap_reliability(data, rng, draws, confidence)
        else:
            reliability = anova_reliability(data, confidence)
        if draws:
            random = random_group_resampling(data, rng, draws)
        mixed = mixed_reliability(data, confidence)
    except DataError as error:
        why_not = str(error)
    except FitError as error:
        why_no_mixed = str(error)
    return GroupAgreement(
        data=data,
        nulls=tuple(
            AgainstNull(
                null,
                rwg(data, null, confidence),
                lindell(data, null, confidence),
                critical_value("rwg", size, items, null, rng, draws=_SIMULATED)
                if null.probabilities is not None
                else None,
            )
            for null in nulls
        ),
        ad_mean=average_deviations(data, "mean", confidence),
        ad_median=average_deviations(data, "median", confidence),
        awg=awg(data, low, high, confidence),
        sd=standard_deviation(data, confidence),
        cv=_variation(data, confidence),
        ad_limit=upper_limit(round(high - low) + 1),
        ad_critical=critical_value("ad_mean", size, items, usual, rng, draws=_SIMULATED)
        if usual is not None and known
        else None,
        reliability=reliability,
        mixed=mixed,
        random=random,
        why_not=why_not,
        why_no_mixed=why_no_mixed,
        usual_size=size,
    )


def _variation(data: Grouped, confidence: float) -> GroupIndex | None:
    """Return the coefficient of variation, which ratings below 0 or means of 0 do not have."""
    if (data.ratings < 0.0).any() or (group_means(data) == 0.0).any():
        return None
    return coefficient_of_variation(data, confidence)
