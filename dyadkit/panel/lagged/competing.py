"""The cross-lagged models that compete, from no cross-lagged effects to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dyadkit.display.labels import role_word
from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True)
class Competing:
    """A model to compare: what a reader calls it, and which cross-lagged effects it has.

    `alike` says that they are the same in both roles, `equal` between all waves, `same_groups` in
    all groups.
    """

    name: str
    words: str
    cross: frozenset[tuple[int, int]]
    alike: bool = False
    equal: bool = False
    same_groups: bool = False


def competing_models(
    series: Sequence[Series], *, equal: bool, exchangeable: bool = False, groups: int = 1
) -> tuple[Competing, ...]:
    """Return the models to compare, that with all effects last.

    Parameters
    ----------
    series : sequence of Series
        Two of them: stability, causal (the first to the second), reversed and reciprocal effects;
        of two roles, influence from either and mutual influence.
        Three variables: a chain from the first to the last, with its direct effect, and backwards.
        Of both roles: without cross-lagged effects, within members, within variables, and all.
        Where both roles have the same variables, also all of them with the same effects in both.
    equal : bool
        Whether effects are equal between all waves in every model, or cannot be; else there is one
        in which all effects are, where there are waves enough.
    exchangeable : bool
        Whether the two roles are exchangeable members, whose effects are the same always.
    groups : int
        Of several, there is a model in which all effects are the same in them.
    """
    count = len(series)
    every = frozenset((i, j) for i in range(count) for j in range(count) if i != j)
    first = Competing("Stability", "no cross-lagged effects", frozenset())
    held: list[Competing] = []
    if _both_roles(series) and not exchangeable:
        words = "all effects, the same in both"
        held.append(Competing("Equal in both roles", words, every, alike=True))
    if not equal and len(series[0].columns) > 2:
        words = "all effects, the same from each to the next"
        held.append(Competing("Equal between waves", words, every, equal=True))
    if groups > 1:
        words = "all effects, the same in each"
        held.append(Competing("Equal in all groups", words, every, same_groups=True))
    if exchangeable and count == 2:
        return (first, *held, Competing("Mutual", "effects of the partner", every))
    if count == 2:
        return _of_two(series, first, held, every)
    last = Competing("All", "all cross-lagged effects", every)
    if count == 3 and len({one.variable for one in series}) == 3:
        return (first, *_of_three(series), *held, last)
    return (first, *_of_both_members(series, every), *held, last)


def _of_two(
    series: Sequence[Series],
    first: Competing,
    held: Sequence[Competing],
    every: frozenset[tuple[int, int]],
) -> tuple[Competing, ...]:
    x, y = (one.label for one in series)
    forth, back, both = "Causal", "Reversed", "Reciprocal"
    if series[0].role != series[1].role:
        # Two persons influence each other.
        forth, back = (f"From {role_word(one.role or 'dyad')}" for one in series)
        both = "Mutual"
    return (
        first,
        Competing(forth, f"{x} on later {y}", frozenset({(0, 1)})),
        Competing(back, f"{y} on later {x}", frozenset({(1, 0)})),
        *held,
        Competing(both, "both effects", every),
    )


def _of_three(series: Sequence[Series]) -> tuple[Competing, ...]:
    x, y, z = (one.label for one in series)
    onwards = frozenset({(0, 1), (1, 2)})
    return (
        Competing("Chain", f"{x} on later {y}, {y} on later {z}", onwards),
        Competing("Chain and direct", f"also {x} on later {z}", onwards | {(0, 2)}),
        Competing(
            "Reversed chain", f"{z} on later {y}, {y} on later {x}", frozenset({(2, 1), (1, 0)})
        ),
    )


def _of_both_members(
    series: Sequence[Series], every: frozenset[tuple[int, int]]
) -> tuple[Competing, ...]:
    models = []
    for name, words, at in (
        ("Within members", "effects of a member's own other variable", "role"),
        ("Within variables", "effects of the partner's same variable", "variable"),
    ):
        cross = frozenset(
            (i, j) for i, j in every if getattr(series[i], at) == getattr(series[j], at)
        )
        if cross and cross != every:
            models.append(Competing(name, words, cross))
    return tuple(models)


def _both_roles(series: Sequence[Series]) -> bool:
    """Tell whether each of two roles has a series of every variable."""
    variables: dict[str, set[str]] = {}
    for one in series:
        variables.setdefault(one.role, set()).add(one.variable)
    found = list(variables.values())
    return len(found) == 2 and found[0] == found[1]
