"""The ladder of invariance as models in lavaan syntax: one factor for each place, step by step.

Factors stand for one scale in several places (roles, waves, or both), or in one place in several
groups.  Every model is written out in full, so that it can be read, printed and run elsewhere.

The first factor has mean 0 and variance 1; the others too until equal loadings, then equal
intercepts, identify their variances and means (fixed-factor coding).  Residuals of one item are
correlated across places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

Step = Literal[
    "configural", "thresholds", "loadings", "intercepts", "residuals", "variances", "means"
]
STEPS: tuple[Step, ...] = get_args(Step)
# What an item has in each place, and a step holds equal; only ordered answers have thresholds.
Kind = Literal["thresholds", "loadings", "intercepts", "residuals"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Factor:
    """A scale in one place.

    Attributes
    ----------
    name : str
        Of the latent variable.
    label : str
        What a reader sees, such as "client, T1".
    indicators : tuple of str
        Columns of the data, in the order of the scale's items.
    """

    name: str
    label: str
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """A parameter that stays free in every place though its kind is equal: partial invariance."""

    kind: Kind
    item: int


def ladder_syntax(
    factors: Sequence[Factor], step: Step, free: Sequence[Free] = (), *, groups: int = 1
) -> str:
    """Write the model of one step.

    Parameters
    ----------
    factors : sequence of Factor
        One for each place, with equally many indicators.
    step : str
        One of `STEPS`: what is equal in all places, and everything before it.
    free : sequence of Free
        What is not, all the same.
    groups : int
        Groups in which the model has parameters of its own; equality is then across them.

    Examples
    --------
    >>> factors = [Factor("f1", "T1", ("a1", "b1")), Factor("f2", "T2", ("a2", "b2"))]
    >>> print(ladder_syntax(factors, "loadings"))
    f1 =~ NA*a1 + l1*a1 + NA*b1 + l2*b1
    f2 =~ NA*a2 + l1*a2 + NA*b2 + l2*b2
    a1 ~ 1
    b1 ~ 1
    a2 ~ 1
    b2 ~ 1
    a1 ~~ a1
    b1 ~~ b1
    a2 ~~ a2
    b2 ~~ b2
    f1 ~~ 1*f1
    f2 ~~ NA*f2
    f1 ~ 0*1
    f2 ~ 0*1
    f1 ~~ f2
    a1 ~~ a2
    b1 ~~ b2
    """
    return "\n".join(_lines(factors, step, frozenset(free), groups))


def _lines(
    factors: Sequence[Factor], step: Step, free: frozenset[Free], groups: int
) -> Iterator[str]:
    reached = STEPS.index(step)
    several = len(factors) > 1 or groups > 1
    equal = {kind for kind in STEPS if 0 < STEPS.index(kind) <= reached} if several else set()
    items = range(len(factors[0].indicators))

    def shared(kind: Kind, item: int) -> bool:
        return kind in equal and Free(kind, item) not in free

    for factor in factors:
        parts = []
        for item, column in zip(items, factor.indicators, strict=True):
            parts.append(f"NA*{column}")
            if shared("loadings", item):
                parts.append(f"{_label('l', item, groups)}*{column}")
        yield f"{factor.name} =~ {' + '.join(parts)}"
    forms: tuple[tuple[Kind, str, str], ...] = (
        ("intercepts", "i", "{column} ~ {label}1"),
        ("residuals", "e", "{column} ~~ {label}{column}"),
    )
    for kind, letter, write in forms:
        for factor in factors:
            for item, column in zip(items, factor.indicators, strict=True):
                label = f"{_label(letter, item, groups)}*" if shared(kind, item) else ""
                yield write.format(column=column, label=label)
    for place, factor in enumerate(factors):
        held = _scaled(place, "loadings", "variances", 1, equal, groups)
        yield f"{factor.name} ~~ {held}{factor.name}"
    for place, factor in enumerate(factors):
        yield f"{factor.name} ~ {_scaled(place, 'intercepts', 'means', 0, equal, groups)}1"
    for one, other in combinations(factors, 2):
        yield f"{one.name} ~~ {other.name}"
    for one, other in combinations(factors, 2):
        for item in items:
            yield f"{one.indicators[item]} ~~ {other.indicators[item]}"


def _label(letter: str, item: int, groups: int) -> str:
    """Return the label that holds an item's parameters equal, in every group."""
    name = f"{letter}{item + 1}"
    return f"c({', '.join([name] * groups)})" if groups > 1 else name


def _scaled(
    place: int, freed_by: str, held_by: str, value: int, equal: set[Step], groups: int
) -> str:
    """Return how a factor's variance or mean is fixed or freed, in each group."""
    freed = freed_by in equal and held_by not in equal
    first = [str(value)] + ["NA" if freed else str(value)] * (groups - 1)
    if groups > 1:
        return f"c({', '.join(first)})*"
    return "NA*" if freed and place > 0 else f"{value}*"
