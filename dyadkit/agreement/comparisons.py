"""What is compared: two answers to one question, in one wave, of all dyads or of some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.agreement.guide import Family
from dyadkit.answers.places import Place
from dyadkit.answers.sample import Sample
from dyadkit.display.labels import role_label, wave_label
from dyadkit.errors import Refused, StudyError, listed
from dyadkit.estimation.arrays import BoolArray, FloatArray
from dyadkit.frame import DyadFrame, Reference, Variable
from dyadkit.results import Note

_MOST_CATEGORIES = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """Two variables (or one, asked of both members) that say the same of one thing.

    Attributes
    ----------
    name, label : str
    first, second : Variable
    roles : tuple of str
        Who answered the first and the second; empty for exchangeable members.
    waves : tuple of str
    """

    name: str
    label: str
    first: Variable
    second: Variable
    roles: tuple[str, ...]
    waves: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        """Whether differences of the answers make sense."""
        return self.first.numeric and self.second.numeric

    @property
    def has_items(self) -> bool:
        """Whether both are scales of the same number of items."""
        return len(self.first.items) == len(self.second.items) > 0

    @property
    def sides(self) -> tuple[str, str]:
        """The two sides as a reader sees them."""
        if not self.roles:
            return ("Member 1", "Member 2")
        one, other = (role_label(role) for role in self.roles)
        return one, other


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A subject in one wave, of all dyads or of those with one value of a grouping variable.

    Attributes
    ----------
    subject : Subject
    wave, level : str
        `level` is empty for all dyads.
    family : Family
        Of the indices that are estimated: each rests on dyads of its own.
    first, second : ndarray, shape (dyads,)
        The answers, NaN where there is none; of categories, their positions in `categories`.
    categories : tuple of str
        Empty for numbers.
    first_items, second_items : ndarray, shape (dyads, items)
        Keyed; no columns where there are none.
    slots : ndarray of bool, shape (dyads,)
        The dyads of the level in which both answered.
    """

    subject: Subject
    wave: str
    level: str
    family: Family
    first: FloatArray
    second: FloatArray
    categories: tuple[str, ...]
    first_items: FloatArray
    second_items: FloatArray
    slots: BoolArray

    @property
    def whole_key(self) -> str:
        """The support key of the same indices, in the same wave, of all dyads."""
        parts = (self.subject.name, self.wave, self.family)
        return ".".join(part for part in parts if part)

    @property
    def rest_key(self) -> str:
        """The support key of the dyads in no level, of which nothing is shown."""
        return f"{self.whole_key}#"

    @property
    def key(self) -> str:
        """The support key of what is computed here."""
        return f"{self.whole_key}#{self.level}" if self.level else self.whole_key

    @property
    def label(self) -> str:
        """What a reader sees in a sentence."""
        parts = (self.subject.label, wave_label(self.wave), self.level)
        return ", ".join(part for part in parts if part)

    @property
    def term(self) -> str:
        """How `Result.tidy` names it, e.g. ``trust (t1)``."""
        inside = ", ".join(part for part in (self.wave, self.level) if part)
        return f"{self.subject.name} ({inside})" if inside else self.subject.name

    @property
    def columns(self) -> dict[str, str]:
        """The columns by which `Result.tidy` tells where its row belongs."""
        return {"variable": self.subject.name, "wave": self.wave, "group": self.level}

    @property
    def ratings(self) -> tuple[FloatArray, FloatArray]:
        """The answers of the dyads in which both answered."""
        return self.first[self.slots], self.second[self.slots]


def subjects_of(
    dyads: DyadFrame, variables: Sequence[str] | None, pairs: Sequence[tuple[str, str]]
) -> tuple[tuple[Subject, ...], list[Note]]:
    """Return what is compared, and what was named but cannot be.

    Raises
    ------
    StudyError
        When a reference is unknown, names one role's answers alone, or is no pair.
    Refused
        When nothing is left.
    """
    notes: list[Note] = []
    subjects: list[Subject] = []
    wanted = variables
    if variables is None:
        wanted = () if pairs else scales_of(dyads)
    for reference in dyads.resolve(wanted):
        variable = reference.variable
        if variable.level in ("dyad", "group"):
            problem = f"has one value a {variable.level}, on which two persons cannot agree"
        elif problem := _incomparable(dyads, variable):
            pass
        elif len(variable.roles) < len(dyads.roles):
            problem = f"was asked of {listed(list(variable.roles))} only"
        elif len(reference.roles) < len(dyads.roles):
            raise StudyError(
                f"'{variable.name}.{reference.roles[0]}' names one member's answers, but agreement "
                f"is about both. Write '{variable.name}'; to compare two variables, write pairs = "
                f'[["{variable.name}.{dyads.roles[0]}", "…"]].'
            )
        else:
            roles = () if dyads.exchangeable else dyads.roles
            waves = reference.waves or dyads.occasions
            subjects.append(
                Subject(variable.name, variable.label, variable, variable, roles, waves)
            )
            continue
        if variables is not None:
            notes.append(Note(f"{variable.label}: {problem}, and left out."))
    subjects += [_pair(dyads, *pair) for pair in pairs]
    notes += [note for subject in subjects for note in _about_two_things(subject)]
    if not subjects:
        why = "".join(f" {note.text}" for note in notes)
        raise Refused(
            "Agreement needs a variable that both members answered, and none of the chosen ones "
            f'is.{why} Name one, e.g. variables = ["trust"], or two that say the same of one '
            'thing: pairs = [["coaching_self.coach", "coaching_rated.client"]].'
        )
    names = [subject.name for subject in subjects]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StudyError(f"The variables name {listed(twice)} twice; name each once.")
    return tuple(subjects), notes


def _about_two_things(subject: Subject) -> Iterator[Note]:
    """Warn where the two answers are about different persons, so that they need not agree."""
    one, other = subject.first.about, subject.second.about
    if one is None or other is None or one != other or one == "relationship":
        return
    whom = "the other" if one == "partner" else "themselves"
    name = "reciprocity" if one == "partner" else "similarity"
    yield Note(
        f"{subject.label}: each member answered about {whom}, so that the two answers are about "
        f"different persons. What is shown is {name}, not agreement about one thing.",
        "warning",
    )


def _incomparable(dyads: DyadFrame, variable: Variable) -> str:
    """Say what keeps answers from being numbers or categories; text is, where it is varied."""
    if variable.kind == "date":
        return "holds dates, which are neither numbers nor categories"
    if variable.kind == "text":
        different = int(dyads.values([variable.name])[variable.name].nunique())
        if different > _MOST_CATEGORIES:
            return f"holds {different} different texts (declare it a category, if it is one)"
    return ""


def scales_of(dyads: DyadFrame) -> list[str] | None:
    """Return the scales; None, which stands for everything, where there are none."""
    names = [name for name, variable in dyads.variables.items() if variable.kind == "scale"]
    return names or None


def _pair(dyads: DyadFrame, one: str, other: str) -> Subject:
    """Return two variables as one subject; the first one gives the scale."""
    if dyads.exchangeable:
        raise Refused(
            f"pairs = [['{one}', '{other}']] sets one role's answers beside the other's, but the "
            "members of these dyads share one role. Name a variable that both answered."
        )
    first, second = dyads.resolve([one, other])
    for text, reference in ((one, first), (other, second)):
        if len(reference.roles) != 1:
            raise StudyError(
                f"'{text}' was answered by {listed(list(reference.roles)) or 'no role'}; in a pair "
                f"each side is one role's, e.g. '{reference.variable.name}.{dyads.roles[0]}'."
            )
    if first.roles == second.roles:
        raise StudyError(
            f"Both '{one}' and '{other}' were answered by the {first.roles[0]}, but agreement is "
            "between the two members of a dyad."
        )
    waves = _common(first, second, dyads)
    return Subject(
        f"{first.variable.name}_and_{second.variable.name}",
        f"{first.variable.label} and {second.variable.label}",
        first.variable,
        second.variable,
        (first.roles[0], second.roles[0]),
        waves,
    )


def _common(first: Reference, second: Reference, dyads: DyadFrame) -> tuple[str, ...]:
    shared = [wave for wave in dyads.occasions if wave in (first.waves or dyads.occasions)]
    shared = [wave for wave in shared if wave in (second.waves or dyads.occasions)]
    if not shared:
        raise StudyError(
            f"'{first.variable.name}' and '{second.variable.name}' were asked in no wave together "
            f"({listed(list(first.waves))}; {listed(list(second.waves))})."
        )
    return tuple(shared)


def comparisons_of(
    sample: Sample,
    subject: Subject,
    levels: dict[str, BoolArray],
    families: Sequence[Family],
    *,
    rescale: bool,
) -> Iterator[Comparison]:
    """Yield a comparison for each wave and family, then one for each level in them."""
    for wave in subject.waves:
        first, second, categories = _answers(sample, subject, wave)
        one, other = _items(sample, subject, wave)
        second, other = _on_one_scale(subject, second, other, rescale)
        both = ~(np.isnan(first) | np.isnan(second))
        parts = {"": np.ones(sample.n, dtype=bool), **levels}
        for family in families:
            for level, here in parts.items():
                yield Comparison(
                    *(subject, wave, level, family, first, second, categories, one, other),
                    slots=both & here,
                )


def _answers(
    sample: Sample, subject: Subject, wave: str
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    if subject.roles:
        one, other = (
            sample.answers(Place(variable, role, wave)).values
            for variable, role in zip((subject.first, subject.second), subject.roles, strict=True)
        )
    else:
        both = sample.answers(Place(subject.first, sample.dyads.roles[0], wave)).values
        one, other = _halves(sample, both)
    if subject.numeric:
        return one.astype(np.float64), other.astype(np.float64), ()
    if subject.first.numeric or subject.second.numeric:
        raise StudyError(
            f"'{subject.first.name}' and '{subject.second.name}' cannot be compared: one holds "
            "numbers, the other categories. Declare both of one type."
        )
    categories = _categories(sample, subject, (*one, *other))
    place = {name: float(number) for number, name in enumerate(categories)}
    coded = [np.array([place.get(_word(value), np.nan) for value in side]) for side in (one, other)]
    return coded[0], coded[1], categories


def _word(value: object) -> str:
    """Return a category; blank text is missing."""
    return "" if value is None else str(value).strip()


def _categories(sample: Sample, subject: Subject, given: Sequence[object]) -> tuple[str, ...]:
    """Return all that could be answered: declared categories in order, else those given, sorted."""
    declared: list[str] = []
    for name in dict.fromkeys((subject.first.name, subject.second.name)):
        dtype = sample.rows[name].dtype
        if isinstance(dtype, pd.CategoricalDtype):
            declared += [_word(value) for value in dtype.categories]
    found = sorted({_word(value) for value in given})
    return tuple(word for word in dict.fromkeys((*declared, *found)) if word)


def _halves(sample: Sample, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Part first members from second ones; a frame may have no second member at all."""
    if len(values) == 2 * sample.n:
        return values[: sample.n], values[sample.n :]
    blank = np.full(values.shape, np.nan if values.dtype == np.float64 else None, values.dtype)
    return values, blank


def _items(sample: Sample, subject: Subject, wave: str) -> tuple[FloatArray, FloatArray]:
    nothing = np.empty((sample.n, 0))
    variables = (subject.first, subject.second)
    if not subject.has_items or not all(sample.holds_items(variable) for variable in variables):
        return nothing, nothing
    if subject.roles:
        one, other = (
            sample.items(Place(variable, role, wave))
            for variable, role in zip(variables, subject.roles, strict=True)
        )
        return one, other
    return _halves(sample, sample.items(Place(subject.first, sample.dyads.roles[0], wave)))


def _on_one_scale(
    subject: Subject, second: FloatArray, items: FloatArray, rescale: bool
) -> tuple[FloatArray, FloatArray]:
    """Stretch the second answers to the range of the first ones, where ranges differ."""
    to, own = subject.first.range, subject.second.range
    if to is None or own is None or to == own:
        return second, items
    if not rescale:
        raise Refused(
            f"'{subject.first.name}' runs from {to[0]:g} to {to[1]:g}, '{subject.second.name}' "
            f"from {own[0]:g} to {own[1]:g}, so that equal answers do not mean the same. "
            "Say rescale = true to stretch the second to the range of the first."
        )
    item_to, item_own = subject.first.item_range, subject.second.item_range
    if items.shape[1] and item_to and item_own:
        items = _stretched(items, item_own, item_to)
    return _stretched(second, own, to), items


def _stretched(values: FloatArray, own: tuple[float, float], to: tuple[float, float]) -> FloatArray:
    return np.asarray(to[0] + (values - own[0]) * ((to[1] - to[0]) / (own[1] - own[0])))
