"""The ladder of invariance of items with a few ordered answers.

An answer tells between which thresholds a normal latent response lies.  Responses have no unit and
no origin of their own: until thresholds are equal, their residual variances are 1 and their
intercepts 0 in every place (theta parameterisation); equal thresholds free both in all places but
the first, equal loadings the factors' variances there, equal intercepts their means (Wu &
Estabrook, 2016).

References
----------
Wu, H., & Estabrook, R. (2016). Identification of confirmatory factor analysis models of different
levels of invariance for ordered categorical outcomes. Psychometrika, 81, 1014-1045.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from dyadkit.measurement.ladder import KINDS, STEPS, Factor, Free, Kind, Step


def ordered_syntax(
    factors: Sequence[Factor],
    step: Step,
    free: Sequence[Free],
    thresholds: Sequence[int],
    *,
    groups: int = 1,
) -> str:
    """Write the model of one step.

    Parameters
    ----------
    factors, step, free, groups
        As of `dyadkit.measurement.ladder.ladder_syntax`.  An item whose thresholds are free has
        residual variance 1 and intercept 0 in every place.
    thresholds : sequence of int
        Of each item, one less than its answers.

    Examples
    --------
    >>> factors = [Factor("f1", "T1", ("a1", "b1")), Factor("f2", "T2", ("a2", "b2"))]
    >>> print(ordered_syntax(factors, "thresholds", [], [1, 2]))
    f1 =~ NA*a1 + NA*b1
    f2 =~ NA*a2 + NA*b2
    a1 | h1_1*t1
    b1 | h2_1*t1 + h2_2*t2
    a2 | h1_1*t1
    b2 | h2_1*t1 + h2_2*t2
    a1 ~~ 1*a1
    b1 ~~ 1*b1
    a2 ~~ NA*a2
    b2 ~~ NA*b2
    a1 ~ 0*1
    b1 ~ 0*1
    a2 ~ NA*1
    b2 ~ NA*1
    f1 ~~ 1*f1
    f2 ~~ 1*f2
    f1 ~ 0*1
    f2 ~ 0*1
    f1 ~~ f2
    a1 ~~ a2
    b1 ~~ b2
    """
    return "\n".join(_lines(factors, step, frozenset(free), thresholds, groups))


def _lines(
    factors: Sequence[Factor],
    step: Step,
    free: frozenset[Free],
    thresholds: Sequence[int],
    groups: int,
) -> Iterator[str]:
    reached = set(STEPS[1 : STEPS.index(step) + 1])
    columns = [
        (place, item, column)
        for place, factor in enumerate(factors)
        for item, column in enumerate(factor.indicators)
    ]

    def shared(kind: Kind, item: int) -> bool:
        return kind in reached and Free(kind, item) not in free

    def label(name: str) -> str:
        return f"c({', '.join([name] * groups)})" if groups > 1 else name

    def scaled(place: int, value: int, loose: bool) -> str:
        """Fix a parameter in the first place, and where it is not loose in the others."""
        if groups > 1:
            return f"c({', '.join([str(value)] + ['NA' if loose else str(value)] * (groups - 1))})*"
        return f"{'NA' if loose and place > 0 else value}*"

    for factor in factors:
        parts = []
        for item, column in enumerate(factor.indicators):
            parts.append(f"NA*{column}")
            if shared("loadings", item):
                parts.append(f"{label(f'l{item + 1}')}*{column}")
        yield f"{factor.name} =~ {' + '.join(parts)}"
    for _, item, column in columns:
        same = shared("thresholds", item)
        names = [
            (f"{label(f'h{item + 1}_{k}')}*" if same else "") + f"t{k}"
            for k in range(1, thresholds[item] + 1)
        ]
        yield f"{column} | {' + '.join(names)}"
    for place, item, column in columns:
        loose = shared("thresholds", item) and not shared("residuals", item)
        yield f"{column} ~~ {scaled(place, 1, loose)}{column}"
    for place, item, column in columns:
        loose = shared("thresholds", item) and not shared("intercepts", item)
        yield f"{column} ~ {scaled(place, 0, loose)}1"
    for place, factor in enumerate(factors):
        loose = "loadings" in reached and "variances" not in reached
        yield f"{factor.name} ~~ {scaled(place, 1, loose)}{factor.name}"
    for place, factor in enumerate(factors):
        loose = "intercepts" in reached and "means" not in reached
        yield f"{factor.name} ~ {scaled(place, 0, loose)}1"
    for one, other in combinations(factors, 2):
        yield f"{one.name} ~~ {other.name}"
    for one, other in combinations(factors, 2):
        for pair in zip(one.indicators, other.indicators, strict=True):
            yield " ~~ ".join(pair)


def ordered_steps(thresholds: Sequence[int]) -> tuple[Step, ...]:
    """Return the steps that items with so many thresholds can be tested by.

    One threshold fixes neither the unit nor the origin of a response, so that thresholds, loadings,
    intercepts and residual variances can only be equal together; two fix both, and equal ones alone
    say nothing.

    Examples
    --------
    >>> ordered_steps([4, 4, 4])
    ('configural', 'thresholds', 'loadings', 'intercepts', 'residuals')
    >>> ordered_steps([2, 2, 2])
    ('configural', 'loadings', 'intercepts', 'residuals')
    >>> ordered_steps([4, 4, 1])
    ('configural', 'residuals')
    """
    if min(thresholds) < 2:
        return ("configural", "residuals")
    alone: tuple[Step, ...] = ("thresholds",) if max(thresholds) > 2 else ()
    return ("configural", *alone, "loadings", "intercepts", "residuals")


def added_by(step: Step, before: Step) -> tuple[Kind, ...]:
    """Return what a step holds equal and the one before does not."""
    return tuple(
        kind for kind in KINDS if STEPS.index(before) < STEPS.index(kind) <= STEPS.index(step)
    )
