"""Who stands behind what is shown of groups: groups count in place of dyads.

What is said of two groups is said of two, however many members they have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from dyadkit.agreement.group_rows import GroupRatings
from dyadkit.agreement.grouping import GroupIndex
from dyadkit.answers.sample import Sample
from dyadkit.estimation.arrays import BoolArray
from dyadkit.results import Support


def groups_support(sample: Sample, ratings: GroupRatings) -> Support:
    """Count the groups with two complete members, and the persons of the dyads they come from."""
    complete = np.asarray(~np.isnan(ratings.ratings).any(axis=1))
    return support_of_persons(sample, ratings, complete)


def support_of_persons(sample: Sample, ratings: GroupRatings, persons: BoolArray) -> Support:
    """Count the groups of which two or more of some persons are members, and those persons."""
    size = np.bincount(ratings.group[persons], minlength=int(ratings.group.max(initial=0)) + 1)
    persons = persons & (size[ratings.group] > 1)
    dyads = np.zeros(sample.n, dtype=bool)
    dyads[ratings.dyad[persons]] = True
    support = sample.support(ratings.key, dyads)
    groups = int(np.unique(ratings.group[persons]).size)
    return replace(support, dyads=min(support.dyads, groups))


def index_key(key: str, name: str, part: str = "") -> str:
    """Return the support key of an index over groups, or of a part of what is told of it."""
    return f"{key}#{name}{part and '='}{part}"


def supports_of_index(
    whole: Support, name: str, index: GroupIndex, threshold: float
) -> Iterator[Support]:
    """Count the groups behind an index: its mean, its quartiles, and the counts of groups.

    Notes
    -----
    Where it is undefined in a few groups only, how many have a value tells of these.  A quartile
    is one group's value, or lies between two: it rests on the groups of the part that it cuts off.
    A share or a number of groups tells of them and of all others.
    """

    def part(named: str, *groups: int) -> Support:
        fewest = min((count for count in groups if count), default=0)
        return Support(index_key(whole.key, name, named), min(fewest, whole.dyads), whole.persons)

    n, reached = index.n, int((index.values >= threshold).sum())
    yield part("", n, index.undefined)
    yield part("quartiles", max(n // 4, min(n, 1)))
    yield part("reached", reached, n - reached)
    yield part("out of range", index.out_of_range, n - index.out_of_range)
