"""Factor models of one scale answered by both members, in lavaan syntax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

Kind = Literal["correlated", "one_factor", "hierarchical", "bifactor"]
Coding = Literal["marker", "fixed_factor", "effects"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LABELS: dict[Kind, str] = {
    "correlated": "Correlated factors, one a member",
    "one_factor": "One factor of the dyad",
    "hierarchical": "A factor of the dyad above the members'",
    "bifactor": "A factor of the dyad beside the members'",
}


def dyadic_syntax(
    kind: Kind,
    members: tuple[Sequence[str], Sequence[str]],
    *,
    coding: Coding = "fixed_factor",
    exchangeable: bool = False,
) -> str:
    """Write a model of both members' items, whose residuals are correlated item by item.

    Parameters
    ----------
    kind : {"correlated", "one_factor", "hierarchical", "bifactor"}
    members : pair of sequence of str
        The columns of either member's items, in one order.
    coding : {"marker", "fixed_factor", "effects"}
        What gives factors their scale: the first loading 1; variance 1 and mean 0; loadings that
        average 1 and intercepts that average 0.  Bifactor models have fixed factors always.
    exchangeable : bool
        Whether members share one role: what exchanging them cannot change is then equal.

    Examples
    --------
    >>> print(dyadic_syntax("correlated", (["a1", "b1"], ["a2", "b2"]), coding="marker"))
    f1 =~ 1*a1 + b1
    f2 =~ 1*a2 + b2
    f1 ~~ f1
    f2 ~~ f2
    f1 ~~ f2
    a1 ~ 1
    b1 ~ 1
    a2 ~ 1
    b2 ~ 1
    a1 ~~ a1
    b1 ~~ b1
    a2 ~~ a2
    b2 ~~ b2
    a1 ~~ a2
    b1 ~~ b2
    """
    return "\n".join(_lines(kind, members, coding, exchangeable))


def _lines(
    kind: Kind,
    members: tuple[Sequence[str], Sequence[str]],
    coding: Coding,
    exchangeable: bool,
) -> Iterator[str]:
    items = len(members[0])
    # Under a factor of the dyad that has its scale from the members', these have a marker.
    first_order: Coding = (
        "marker" if kind == "hierarchical" and coding == "fixed_factor" else coding
    )
    if kind == "bifactor":
        first_order = coding = "fixed_factor"
    if kind == "one_factor":
        terms = [
            term
            for member in (0, 1)
            for term in _terms(members[member], member, coding, exchangeable, first=member == 0)
        ]
        yield f"dyad =~ {' + '.join(terms)}"
        yield f"dyad ~~ {'1*' if coding == 'fixed_factor' else ''}dyad"
        if coding == "effects":
            yield "dyad ~ 1"
            yield from _effects(["dyad"], 2 * items, exchangeable)
    else:
        for member in (0, 1):
            terms = _terms(members[member], member, first_order, exchangeable, first=True)
            yield f"f{member + 1} =~ {' + '.join(terms)}"
        for member in (1, 2):
            fixed = "1*" if first_order == "fixed_factor" else "v*" if exchangeable else ""
            yield f"f{member} ~~ {fixed}f{member}"
        if first_order == "effects":
            for member in (1, 2):
                yield f"f{member} ~ {'k*' if exchangeable else ''}1"
            yield from _effects(["f1", "f2"], items, exchangeable)
    if kind == "correlated":
        yield "f1 ~~ f2"
    if kind == "hierarchical":
        if coding == "fixed_factor":
            yield "dyad =~ NA*f1 + h*f1 + NA*f2 + h*f2"
            yield "dyad ~~ 1*dyad"
        else:
            yield "dyad =~ 1*f1 + 1*f2"
            yield "dyad ~~ dyad"
    if kind == "bifactor":
        every = [*members[0], *members[1]]
        labels = [f"g{place % items + 1}" for place in range(2 * items)]
        terms = [
            f"NA*{column} + {label}*{column}" if exchangeable else f"NA*{column}"
            for column, label in zip(every, labels, strict=True)
        ]
        yield f"dyad =~ {' + '.join(terms)}"
        yield "dyad ~~ 1*dyad"
        yield from ("dyad ~~ 0*f1", "dyad ~~ 0*f2", "f1 ~~ 0*f2")
    for letter, write in (("i", "{column} ~ {label}1"), ("e", "{column} ~~ {label}{column}")):
        for member in (0, 1):
            for item, column in enumerate(members[member], start=1):
                named = exchangeable or (letter == "i" and coding == "effects")
                label = f"{letter}{item}" + ("" if exchangeable else f"_{member + 1}")
                yield write.format(column=column, label=f"{label}*" if named else "")
    for one, other in zip(*members, strict=True):
        yield f"{one} ~~ {other}"


def _terms(
    columns: Sequence[str], member: int, coding: Coding, exchangeable: bool, *, first: bool
) -> list[str]:
    terms = []
    for item, column in enumerate(columns, start=1):
        if coding == "marker" and first and item == 1:
            terms.append(f"1*{column}")
            continue
        if coding == "marker" and not first and item == 1 and exchangeable:
            terms.append(f"1*{column}")
            continue
        free = f"NA*{column}" if coding != "marker" else column
        if coding == "effects" or exchangeable:
            label = f"l{item}" + ("" if exchangeable else f"_{member + 1}")
            terms.append(f"{free} + {label}*{column}" if free != column else f"{label}*{column}")
        else:
            terms.append(free)
    return terms


def _effects(factors: Sequence[str], items: int, exchangeable: bool) -> Iterator[str]:
    """Let loadings average 1 and intercepts 0, for each factor."""
    whole = len(factors) == 1
    per_member = items // 2 if whole else items
    groups = [(1, 2)] if whole and not exchangeable else [(1,)] if exchangeable else [(1,), (2,)]
    for members in groups:
        names = [
            f"{item}" + ("" if exchangeable else f"_{member}")
            for member in members
            for item in range(1, per_member + 1)
        ]
        yield " + ".join(f"l{name}" for name in names) + f" == {len(names)}"
        yield " + ".join(f"i{name}" for name in names) + " == 0"
