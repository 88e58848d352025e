"""Factor models of several scales: which places make up each factor, in lavaan syntax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from dyadkit.answers.places import Place
from dyadkit.errors import StudyError, listed, nearest
from dyadkit.measurement.items import item_columns

Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class FactorModel:
    """A model to fit: its name, and which places make up each factor.

    Attributes
    ----------
    name : str
        What a reader sees.
    groups : tuple of tuple of int
        Positions of places, a factor each.
    method : bool
        Whether there is an unmeasured method factor besides.
    """

    name: str
    groups: Groups
    method: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """Scales that are one factor, in every place: one alternative of a study.

    Attributes
    ----------
    factors : tuple of tuple of str
        The names of the scales of each factor that has several.
    """

    factors: tuple[tuple[str, ...], ...]


def read_merge(text: str, scales: Sequence[str]) -> Merge:
    """Read an alternative, such as ``"trust + support"`` or ``"a + b, c + d"``.

    Parameters
    ----------
    text : str
        Scales of one factor joined by ``+``; factors parted by commas; a scale that is not named
        keeps its own.
    scales : sequence of str
        Those that are compared.

    Raises
    ------
    StudyError
        When a scale is unknown or named twice, or nothing is merged.

    Examples
    --------
    >>> read_merge("trust + support, goals", ["trust", "support", "goals"]).factors
    (('trust', 'support'),)
    """
    parts = [tuple(name.strip() for name in part.split("+")) for part in text.split(",")]
    names = [name for part in parts for name in part]
    for name in names:
        if name not in scales:
            raise StudyError(
                f"alternatives: '{text}' names '{name}', which is no scale that is compared."
                f"{nearest(name, list(scales))} They are {listed(list(scales))}."
            )
        if names.count(name) > 1:
            raise StudyError(f"alternatives: '{text}' names '{name}' twice; a scale has one place.")
    merged = tuple(part for part in parts if len(part) > 1)
    if not merged:
        raise StudyError(
            f"alternatives: '{text}' merges nothing. Join the scales of one factor by +, as in "
            f"'{' + '.join(scales[:2])}'."
        )
    return Merge(merged)


def alternatives_to(
    places: Sequence[Place], alternatives: Sequence[Merge] | None, *, method: bool
) -> Iterator[FactorModel]:
    """Yield the model with a factor for each scale, then those in which some are one.

    Parameters
    ----------
    places : sequence of Place
        Where scales were answered: by one member or both, in one wave or several.
    alternatives : sequence of Merge, or None
        The study's; by default each two scales are merged in turn.
    method : bool
        Whether a model of one member in one wave with a method factor is wanted.
    """
    seen: set[Groups] = set()
    for model in _every(places, alternatives, method):
        if model.method or model.groups not in seen:
            seen.add(model.groups)
            yield model


def _every(
    places: Sequence[Place], alternatives: Sequence[Merge] | None, method: bool
) -> Iterator[FactorModel]:
    alone = tuple((k,) for k in range(len(places)))
    yield FactorModel("A factor for each scale", alone)
    labels = {place.variable.name: place.variable.label for place in places}
    roles, waves = ({getattr(place, at) for place in places} for at in ("role", "wave"))
    if alternatives is None:
        alternatives = [Merge((pair,)) for pair in combinations(labels, 2)]
    for merge in alternatives:
        factor = {name: part for part in merge.factors for name in part}
        names = [factor.get(place.variable.name, (place.variable.name,)) for place in places]
        groups = _grouped(
            [(name, place.role, place.wave) for name, place in zip(names, places, strict=True)]
        )
        if len(groups) < len(places):
            there = [[labels[n] for n in part if n in labels] for part in merge.factors]
            told = [f"{', '.join(part[:-1])} and {part[-1]}" for part in there if len(part) > 1]
            yield FactorModel(f"{' one factor, '.join(told)} one factor", groups)
    if len(roles) > 1:
        yield FactorModel(
            "One factor a scale for both members",
            _grouped([(place.variable.name, place.wave) for place in places]),
        )
    if len(waves) > 1:
        yield FactorModel(
            "One factor a scale for all waves",
            _grouped([(place.variable.name, place.role) for place in places]),
        )
    each = " a member" * (len(roles) > 1) + " and wave" * (len(waves) > 1)
    yield FactorModel(f"One factor{each}", _grouped([(place.role, place.wave) for place in places]))
    if method and len(roles) == len(waves) == 1:
        yield FactorModel("A factor for each scale, and a method factor", alone, True)


def _grouped(keys: Sequence[tuple[object, ...]]) -> Groups:
    """Put places with the same key in one group, in the order in which keys appear."""
    found: dict[tuple[object, ...], list[int]] = {}
    for number, key in enumerate(keys):
        found.setdefault(key, []).append(number)
    return tuple(map(tuple, found.values()))


def factor_syntax(places: Sequence[Place], model: FactorModel) -> str:
    """Write a model, with residuals of the same item correlated across members and waves."""
    columns = [item_columns(place) for place in places]
    lines = []
    for number, group in enumerate(model.groups, start=1):
        items = [column for k in group for column in columns[k]]
        lines.append(f"f{number} =~ {' + '.join(items)}")
    for i, j in combinations(range(len(places)), 2):
        if places[i].variable.name == places[j].variable.name:
            lines += [f"{a} ~~ {b}" for a, b in zip(columns[i], columns[j], strict=True)]
    if model.method:
        everything = [column for own in columns for column in own]
        terms = [f"start(0.3)*{column} + m*{column}" for column in everything]
        lines.append("method =~ " + " + ".join(terms))
        lines += [f"method ~~ 0*f{number}" for number in range(1, len(model.groups) + 1)]
    return "\n".join(lines)
