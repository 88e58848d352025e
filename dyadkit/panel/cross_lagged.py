"""Cross-lagged panel models in lavaan syntax, with random intercepts or without.

In a cross-lagged panel model (CLPM) every series depends on the series of the wave before.  With
random intercepts (RI-CLPM; Hamaker, Kuiper & Grasman, 2015) a series is the sum of its mean in the
wave, of a stable part of the person, with loadings of 1, and of a part that varies within the
person, which alone depends on that of the wave before.  A CLPM is an RI-CLPM whose stable parts
have no variance.

References
----------
Hamaker, E. L., Kuiper, R. M., & Grasman, R. P. P. P. (2015). A critique of the cross-lagged panel
model. Psychological Methods, 20, 102-116.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from dyadkit.display.labels import role_word
from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True)
class Lagged:
    """Which effects over time a model has.

    Attributes
    ----------
    cross : frozenset of (int, int)
        From which series to which other one, by their positions; each depends on itself always.
    equal : bool
        Whether unstandardised effects are the same between all waves.
    second : bool
        Whether a series depends on itself two waves before too.
    alike : bool
        Whether unstandardised effects of own and of the partner's variables are the same in both
        roles.
    """

    cross: frozenset[tuple[int, int]]
    equal: bool = False
    second: bool = False
    alike: bool = False

    def label(self, kind: str, target: Series, source: Series, wave: int) -> str:
        """Return the label, with ``*``, of an effect that others equal; empty for none."""
        if not (self.equal or self.alike):
            return ""
        ends = [kind, target.name, source.name]
        if self.alike:
            whose = "own" if target.role == source.role else "partner"
            ends = [kind, target.variable, source.variable, whose]
        return "_".join(ends if self.equal else [*ends, str(wave)]) + "*"


def cross_lagged_syntax(series: Sequence[Series], lagged: Lagged, *, intercepts: bool) -> str:
    """Write a cross-lagged panel model.

    Parameters
    ----------
    series : sequence of Series
        With equally many waves.
    lagged : Lagged
    intercepts : bool
        Whether it has random intercepts.  Without them the first wave is left to what ``auto =
        "sem"`` adds: its moments are free, and the baseline model of CFI has them too.

    Examples
    --------
    >>> x = Series("x", "x", "X", "", ("x1", "x2"))
    >>> y = Series("y", "y", "Y", "", ("y1", "y2"))
    >>> print(cross_lagged_syntax([x, y], Lagged(frozenset({(0, 1)})), intercepts=False))
    x2 ~ x1
    y2 ~ y1 + x1
    x2 ~~ x2
    y2 ~~ y2
    x2 ~~ y2
    x2 ~ 1
    y2 ~ 1
    """
    return "\n".join(_lines(series, lagged, intercepts))


def part(column: str, intercepts: bool) -> str:
    """Return what stands for a column among effects: its part within persons, or itself."""
    return f"w_{column}" if intercepts else column


def stable(series: Series) -> str:
    """Return the name of a series' random intercept."""
    return f"i_{series.name}"


def _lines(series: Sequence[Series], lagged: Lagged, intercepts: bool) -> Iterator[str]:
    columns = [one.columns for one in series]
    if intercepts:
        for one in series:
            yield f"{stable(one)} =~ {' + '.join(f'1*{column}' for column in one.columns)}"
        for column in (column for own in columns for column in own):
            yield f"{part(column, True)} =~ 1*{column}"
            yield f"{column} ~~ 0*{column}"
    within = [[part(column, intercepts) for column in own] for own in columns]
    for before, now in pairwise(range(len(columns[0]))):
        for to, one in enumerate(series):
            terms = []
            sources = [to, *(k for k in range(len(series)) if (k, to) in lagged.cross)]
            for source in sources:
                label = lagged.label("b", one, series[source], now)
                terms.append(f"{label}{within[source][before]}")
            if lagged.second and before > 0:
                label = lagged.label("c", one, one, now)
                terms.append(f"{label}{within[to][before - 1]}")
            yield f"{within[to][now]} ~ {' + '.join(terms)}"
    first = 0 if intercepts else 1
    for own in within:
        yield from (f"{name} ~~ {name}" for name in own[first:])
    for wave in list(zip(*within, strict=True))[first:]:
        yield from (f"{one} ~~ {other}" for one, other in combinations(wave, 2))
    if intercepts:
        names = [stable(one) for one in series]
        yield from (f"{name} ~~ {name}" for name in names)
        yield from (f"{one} ~~ {other}" for one, other in combinations(names, 2))
        # What is stable and what varies within persons are unrelated.
        begins = [own[0] for own in within]
        yield from (f"{name} ~~ 0*{other}" for name in names for other in begins)
    yield from (f"{column} ~ 1" for own in columns for column in own[first:])


@dataclass(frozen=True, slots=True)
class Competing:
    """A model to compare: what a reader calls it, and which cross-lagged effects it has.

    `alike` says that they are the same in both roles, `equal` that they are between all waves.
    """

    name: str
    words: str
    cross: frozenset[tuple[int, int]]
    alike: bool = False
    equal: bool = False


def competing_models(series: Sequence[Series], *, equal: bool) -> tuple[Competing, ...]:
    """Return the models to compare, that with all effects last.

    Parameters
    ----------
    series : sequence of Series
        Two of them: stability, causal (the first to the second), reversed and reciprocal effects;
        of two roles, influence from either and mutual influence.
        More: without cross-lagged effects, within members, within variables, and all of them.
        Where both roles have the same variables, also all of them with the same effects in both.
    equal : bool
        Whether effects are equal between all waves in every model, or cannot be; else there is one
        in which all effects are, where there are waves enough.
    """
    count = len(series)
    every = frozenset((i, j) for i in range(count) for j in range(count) if i != j)
    none: frozenset[tuple[int, int]] = frozenset()
    first = Competing("Stability", "no cross-lagged effects", none)
    same = _both_roles(series)
    held: list[Competing] = []
    if same:
        words = "all effects, the same in both"
        held.append(Competing("Equal in both roles", words, every, alike=True))
    if not equal and len(series[0].columns) > 2:
        words = "all effects, the same from each to the next"
        held.append(Competing("Equal between waves", words, every, equal=True))
    if count == 2:
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
    models = [first]
    for name, words, at in (
        ("Within members", "effects of a member's own other variable", "role"),
        ("Within variables", "effects of the partner's same variable", "variable"),
    ):
        cross = frozenset(
            (i, j) for i, j in every if getattr(series[i], at) == getattr(series[j], at)
        )
        if cross and cross != every:
            models.append(Competing(name, words, cross))
    return (*models, *held, Competing("All", "all cross-lagged effects", every))


def _both_roles(series: Sequence[Series]) -> bool:
    """Tell whether each of two roles has a series of every variable."""
    variables: dict[str, set[str]] = {}
    for one in series:
        variables.setdefault(one.role, set()).add(one.variable)
    found = list(variables.values())
    return len(found) == 2 and found[0] == found[1]
