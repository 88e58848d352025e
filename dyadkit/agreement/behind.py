"""Who stands behind what is shown of a comparison, where that is fewer than all of its dyads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.guide import CATEGORIES, PROFILES
from dyadkit.agreement.profiles_shown import with_patterns
from dyadkit.agreement.self_other import CATEGORIES as SELF_OTHER_CATEGORIES
from dyadkit.answers.sample import Sample
from dyadkit.estimation.arrays import BoolArray, IntArray
from dyadkit.results import Support, Total


def support_of(sample: Sample, comparison: Comparison, *, counted: bool) -> Support:
    """Count who stands behind the indices of a comparison.

    Parameters
    ----------
    sample : Sample
    comparison : Comparison
    counted : bool
        Whether the share that agrees is a number of dyads, as it is without weights.

    Notes
    -----
    Means, spreads and correlations of two different answers give back how many dyads gave which
    pair of them, and a share of agreement how many disagree.  The smallest such number counts;
    none at all tells of no one.
    """
    slots = comparison.slots
    if comparison.family == PROFILES:
        return sample.support(comparison.key, slots & with_patterns(comparison))
    first, second = comparison.first, comparison.second
    given = np.unique(np.concatenate(comparison.ratings))
    if given.size == 2:
        one, other = (first == given[0]).astype(np.int64), (second == given[0]).astype(np.int64)
        # Of members who share one role, it is not told which of them gave which answer.
        codes = 2 * one + other if comparison.subject.roles else one + other
        return _smallest(sample, comparison.key, slots, codes)
    if comparison.family == CATEGORIES and counted and given.size:
        return _smallest(sample, comparison.key, slots, (first == second).astype(np.int64))
    return sample.support(comparison.key, slots)


def support_of_rest(
    sample: Sample, whole: Comparison, levels: Sequence[BoolArray], *, counted: bool
) -> Support:
    """Count the dyads in no level: what is shown of all and of each level gives theirs back."""
    rest = replace(whole, slots=whole.slots & ~np.any(levels, axis=0))
    return replace(support_of(sample, rest, counted=counted), key=whole.rest_key)


def supports_of_shares(
    sample: Sample, comparison: Comparison, codes: IntArray
) -> tuple[list[Support], Total]:
    """Count the dyads in each self–other category, and say that together they are all.

    Parameters
    ----------
    sample : Sample
    comparison : Comparison
    codes : ndarray of int
        From `SelfOther`, of the comparison's dyads.
    """
    found = []
    for key, code in zip(share_keys(comparison), (-1, 0, 1), strict=True):
        slots = comparison.slots.copy()
        slots[comparison.slots] = codes == code
        found.append(sample.support(key, slots))
    return found, Total(comparison.key, tuple(share_keys(comparison)))


def share_keys(comparison: Comparison) -> Iterator[str]:
    """Yield the support key of each self–other category."""
    for name in SELF_OTHER_CATEGORIES:
        yield f"{comparison.key}={name}"


def _smallest(sample: Sample, key: str, slots: BoolArray, codes: IntArray) -> Support:
    """Return the least support of the groups of dyads that are not empty."""
    return sample.least_support(key, (slots & (codes == code) for code in np.unique(codes[slots])))
