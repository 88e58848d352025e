"""Which series a model of change lets lead the changes of which, and the models that compete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from dyadkit.display.labels import role_word
from dyadkit.panel.rivals import Rival
from dyadkit.panel.series import Series

Form = Literal["dual", "constant", "proportional"]


@dataclass(frozen=True, slots=True)
class Coupling:
    """What change depends on.

    Attributes
    ----------
    cross : frozenset of (int, int)
        From which series to the change of which other one, by their positions.
    alike : bool
        Whether effects of own and of the partner's variables are the same in both roles.
    form : {"dual", "constant", "proportional"}
        Whether change depends on the state before, with a mean and differences of its own; has
        these only; or depends on the state only.
    """

    cross: frozenset[tuple[int, int]] = frozenset()
    alike: bool = False
    form: Form = "dual"

    def label(self, target: Series, source: Series) -> str:
        """Return the label of an effect; effects that are the same share it."""
        if not self.alike:
            return f"b_{target.name}_from_{source.name}"
        whose = "own" if target.role == source.role else "partner"
        return f"b_{target.variable}_from_{source.variable}_{whose}"

    def sources(self, target: int, count: int) -> list[int]:
        """Return the series on which the change of one depends, itself first."""
        if self.form == "constant":
            return []
        return [target, *(k for k in range(count) if (k, target) in self.cross)]


Write = Callable[[Coupling], str]


def full_coupling(series: Sequence[Series]) -> Coupling:
    """Return the coupling of all series with the changes of all others."""
    count = len(series)
    return Coupling(frozenset((i, j) for i in range(count) for j in range(count) if i != j))


def main_model(series: Sequence[Series], write: Write) -> Rival:
    """Return the model with all effects."""
    count = len(series)
    words = "feedback and couplings" if count > 1 else "change depends on the state before"
    name = {1: "Feedback", 2: "Both couplings"}.get(count, "All couplings")
    return Rival(name, words, write(full_coupling(series)))


def competing_changes(
    series: Sequence[Series], write: Write, *, proportional: bool
) -> Iterator[Rival]:
    """Yield the models to compare with that of all effects.

    Parameters
    ----------
    series : sequence of Series
        Of one or more: change that does not depend on the state before.  Of two: no coupling, and
        either.  Of more: none, within members and within variables.  Where both roles have the
        same variables, also all effects, the same in both.
    write : callable
        From what depends on what to the syntax.
    proportional : bool
        Whether the change of one series may lack a part of its own, as in models of three waves
        or more.
    """
    full = full_coupling(series)
    words = "change does not depend on the state before"
    yield Rival("Constant change", words, write(Coupling(form="constant")))
    if len(series) == 1:
        if proportional:
            words = "change depends on the state before only"
            yield Rival("Proportional change", words, write(Coupling(form="proportional")))
        return
    yield Rival("No coupling", "feedback only", write(Coupling()))
    if len(series) == 2:
        for source, target in ((0, 1), (1, 0)):
            one, other = series[source], series[target]
            name = f"From {one.short if one.variable != other.variable else _who(one)}"
            words = f"{one.label} → change of {other.label}"
            yield Rival(name, words, write(Coupling(frozenset({(source, target)}))))
    else:
        for name, words, at in (
            ("Within members", "couplings of a member's own variables", "role"),
            ("Within variables", "couplings with the partner's same variable", "variable"),
        ):
            cross = frozenset(
                (i, j) for i, j in full.cross if getattr(series[i], at) == getattr(series[j], at)
            )
            if cross and cross != full.cross:
                yield Rival(name, words, write(Coupling(cross)))
    if in_both_roles(series):
        words = "feedback and couplings, the same in both"
        yield Rival("Equal in both roles", words, write(Coupling(full.cross, alike=True)))


def in_both_roles(series: Sequence[Series]) -> bool:
    """Tell whether each of two roles has a series of every variable."""
    variables: dict[str, set[str]] = {}
    for one in series:
        variables.setdefault(one.role, set()).add(one.variable)
    found = list(variables.values())
    return len(found) == 2 and found[0] == found[1]


def contrasts(series: Sequence[Series]) -> Iterator[tuple[Series, Series, str]]:
    """Yield pairs of series whose mean changes compare, and the name of the difference."""
    if in_both_roles(series):
        for one, other in combinations(series, 2):
            if one.variable == other.variable:
                yield one, other, f"mean_{one.name}_less_{other.name}"


def _who(series: Series) -> str:
    return role_word(series.role or "dyad")
