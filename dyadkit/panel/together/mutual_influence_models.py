"""Mutual influence models in lavaan syntax.

Either member's y depends on the other's y at the same time and on the member's own x, which is said
to have no way to the partner's y but through the member's own (Kenny, 1996).  With residuals that
covary it has as many parameters as there are moments: it is the actor-partner model in other
parameters, and what one member's y does to the other's is the partner effect of the one on the
other over the actor effect of the one.

References
----------
Kenny, D. A. (1996). Models of non-independence in dyadic research. Journal of Social and Personal
Relationships, 13, 279-294.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dyadkit.panel.together.both import Both

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Begin:
    """Starting values of both members.

    Attributes
    ----------
    influence, own : pair of float
        Of a member's y on the other's, and of a member's x on own y.
    intercepts, variances : pair of float
        Of y, what is left of it.
    covariance : float
    """

    influence: Pair
    own: Pair
    intercepts: Pair
    variances: Pair
    covariance: float


@dataclass(frozen=True, slots=True)
class Influence:
    """What a mutual influence model has.

    Attributes
    ----------
    sources : tuple of int
        The members, 0 and 1, whose y influences that of the other.
    equal : bool
        Whether both influence each other alike.
    partner : bool
        Whether it is the actor-partner model in place: the other's x in place of the other's y.
    exchangeable : bool
        Whether the members share one role, so that nothing differs between them.
    begin : Begin, optional
        Where the search starts.  A likelihood with a loop has several maxima, of which those beyond
        a loop of 1 mean nothing.
    """

    sources: tuple[int, ...] = (0, 1)
    equal: bool = False
    partner: bool = False
    exchangeable: bool = False
    begin: Begin | None = None


# Labels of what is shown: the number is that of the member whose variable it is that leads on.
INFLUENCE, ACTOR, LOOP, MULTIPLIER = "influence", "actor", "loop", "multiplier"
TOTAL_ACTOR, TOTAL_PARTNER = "total_actor", "total_partner"


def of_member(label: str, member: int, *, exchangeable: bool) -> str:
    """Return a label for one member: of exchangeable members that of both."""
    return label if exchangeable else f"{label}_{member + 1}"


def mutual_influence_syntax(variables: Sequence[Both], influence: Influence) -> str:
    """Write a mutual influence model.

    Parameters
    ----------
    variables : sequence of Both
        x and y, of one wave.
    influence : Influence

    Examples
    --------
    >>> from dyadkit.panel.series import Series
    >>> x, y = (
    ...     Both(v, v, tuple(Series(f"{v}_{m}", v, v, m, (f"{v}_{m}",)) for m in ("1", "2")))
    ...     for v in ("x", "y")
    ... )
    >>> print(mutual_influence_syntax([x, y], Influence(exchangeable=True)))
    y_1 ~ actor*x_1 + influence*y_2
    y_2 ~ actor*x_2 + influence*y_1
    x_1 ~~ vx*x_1
    x_2 ~~ vx*x_2
    y_1 ~~ vy*y_1
    y_2 ~~ vy*y_2
    x_1 ~~ x_2
    y_1 ~~ y_2
    x_1 ~ mx*1
    x_2 ~ mx*1
    y_1 ~ my*1
    y_2 ~ my*1
    loop := influence * influence
    multiplier := 1 / (1 - influence * influence)
    total_actor := actor / (1 - influence * influence)
    total_partner := influence * actor / (1 - influence * influence)
    """
    return "\n".join([*_effects(variables, influence), *_rest(variables, influence)])


def _label(name: str, member: int, influence: Influence) -> str:
    return of_member(name, member, exchangeable=influence.exchangeable)


def _influence_of(member: int, influence: Influence) -> str:
    return INFLUENCE if influence.equal else _label(INFLUENCE, member, influence)


def _effects(variables: Sequence[Both], influence: Influence) -> Iterator[str]:
    x, y = (one.columns[0] for one in variables)
    for member, other in ((0, 1), (1, 0)):
        terms = [(_label(ACTOR, member, influence), x[member])]
        if influence.partner:
            terms.append((_label("partner", other, influence), x[other]))
        elif other in influence.sources:
            terms.append((_influence_of(other, influence), y[other]))
        if (begin := influence.begin) is not None:
            terms.append((_start(begin.influence[other]), y[other]))
            terms.append((_start(begin.own[member]), x[member]))
        yield f"{y[member]} ~ {' + '.join(f'{by}*{column}' for by, column in terms)}"


def _start(value: float) -> str:
    return f"start({value:.6g})"


def _said(name: str, *modifiers: str) -> str:
    """Return a term with its modifiers, of which there may be none."""
    return " + ".join(f"{modifier}*{name}" for modifier in modifiers if modifier) or name


def _rest(variables: Sequence[Both], influence: Influence) -> Iterator[str]:
    x, y = (one.columns[0] for one in variables)
    alike, begin = influence.exchangeable, influence.begin
    starts = ("", "")
    for letter, pair in (("x", x), ("y", y)):
        if letter == "y" and begin is not None:
            starts = _start(begin.variances[0]), _start(begin.variances[1])
        label = f"v{letter}" * alike
        for column, start in zip(pair, starts, strict=True):
            yield f"{column} ~~ {_said(column, start, label)}"
    yield f"{x[0]} ~~ {x[1]}"
    yield f"{y[0]} ~~ {_said(y[1], '' if begin is None else _start(begin.covariance))}"
    starts = ("", "")
    for letter, pair in (("x", x), ("y", y)):
        if letter == "y" and begin is not None:
            starts = _start(begin.intercepts[0]), _start(begin.intercepts[1])
        label = f"m{letter}" * alike
        for column, start in zip(pair, starts, strict=True):
            yield f"{column} ~ {_said('1', start, label)}"
    if influence.partner or len(influence.sources) < 2:
        return
    loop = " * ".join(_influence_of(member, influence) for member in (0, 1))
    yield f"{LOOP} := {loop}"
    yield f"{MULTIPLIER} := 1 / (1 - {loop})"
    for member in (0, 1)[: 1 if alike else 2]:
        actor = _label(ACTOR, member, influence)
        through = f"{_influence_of(member, influence)} * {actor} / (1 - {loop})"
        yield f"{_label(TOTAL_ACTOR, member, influence)} := {actor} / (1 - {loop})"
        yield f"{_label(TOTAL_PARTNER, member, influence)} := {through}"
