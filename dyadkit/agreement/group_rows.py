"""Whose answers are taken together as a group's: persons by items, and the group of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.agreement.comparisons import scales_of
from dyadkit.answers.places import Place
from dyadkit.answers.sample import Sample, first_of_each
from dyadkit.display.labels import role_label, role_plural, wave_label
from dyadkit.errors import StudyError, listed, nearest
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.frame import Variable
from dyadkit.results import Note

DYAD, TEAM = "dyad", "group"


@dataclass(frozen=True, slots=True, eq=False)
class GroupRatings:
    """What the members of groups answered to one scale (or single question) in one wave.

    Attributes
    ----------
    variable : Variable
    role, wave : str
        `role` is empty where both members' answers are taken together.
    who : str
        Whose answers they are, within a sentence.
    ratings : ndarray, shape (persons, items)
        Each person once a group; NaN where an item was not answered.
    scores : ndarray, shape (persons,)
        The score of the scale, of those who have one; else NaN.
    group : ndarray of int, shape (persons,)
        Codes from 0.
    dyads : ndarray of bool, shape (dyads,)
        From which dyads they come.
    dyad, slot : ndarray of int, shape (persons,)
        The dyad of each answer, and its place among all that could be given.
    without_group : int
        Persons whose group is not known, and who are left out.
    of_dyad : ndarray of int, shape (dyads,)
        The group of each dyad, −1 where nobody of it answered.
    """

    variable: Variable
    role: str
    wave: str
    who: str
    ratings: FloatArray
    scores: FloatArray
    group: IntArray
    dyads: BoolArray
    dyad: IntArray
    slot: IntArray
    without_group: int
    of_dyad: IntArray

    @property
    def key(self) -> str:
        """The support key of what is computed here."""
        parts = (self.variable.name, self.role, self.wave, "groups")
        return ".".join(part for part in parts if part)

    @property
    def label(self) -> str:
        """What a reader sees in a sentence."""
        role = role_label(self.role).lower() if self.role else ""
        parts = (self.variable.label, role, wave_label(self.wave))
        return ", ".join(part for part in parts if part)

    @property
    def term(self) -> str:
        """How `Result.tidy` names it."""
        inside = ", ".join(part for part in (self.role, self.wave) if part)
        return f"{self.variable.name} ({inside})" if inside else self.variable.name

    @property
    def columns(self) -> dict[str, str]:
        """The columns by which `Result.tidy` tells where its row belongs."""
        return {"variable": self.variable.name, "role": self.role, "wave": self.wave}

    @property
    def possible(self) -> tuple[float, float]:
        """Lowest and highest answer possible."""
        declared = _possible(self.variable)
        if declared is None:
            raise ValueError(f"'{self.variable.name}' has no range")
        return declared


def group_ratings_of(
    sample: Sample, variables: Sequence[str] | None, groups: str
) -> tuple[list[GroupRatings], list[Note]]:
    """Return the answers to each variable, by role and wave, and what was named but cannot be.

    Parameters
    ----------
    sample : Sample
    variables : sequence of str or None
    groups : str
        "group" for teams or organisations, "dyad" for the two members of each dyad, or the role of
        a person whose several partners are taken as a group.

    Raises
    ------
    StudyError
        When there are no such groups, or a variable that was named has no range.
    """
    dyads = sample.dyads
    found: list[GroupRatings] = []
    notes: list[Note] = []
    choices = [DYAD, TEAM, *dyads.roles]
    if groups not in choices or (groups in dyads.roles and dyads.exchangeable):
        raise StudyError(
            f"groups = '{groups}' names no groups.{nearest(groups, choices)} Write 'group' for "
            "teams (and group = \"…\" in the sources), 'dyad' for the two members, or a role whose "
            f"persons have several partners ({listed(list(dyads.roles))})."
        )
    if groups == TEAM and "group" not in sample.rows:
        raise StudyError(
            'The study does not say who belongs to which group. Name the column with group = "…" '
            "in the sources (group=… of assess_agreement)."
        )
    for reference in dyads.resolve(scales_of(dyads) if variables is None else variables):
        variable = reference.variable
        roles = [role for role in reference.roles if role != groups]
        if not variable.numeric:
            problem = "holds no numbers"
        elif variable.level in ("dyad", "group"):
            problem = f"has one value a {variable.level}, on which nobody could disagree"
        elif not roles or (groups == DYAD and len(roles) < len(dyads.roles)):
            problem = f"was asked of {listed(list(reference.roles))} only"
        elif _possible(variable) is None:
            problem = (
                "has no range, but agreement within groups is compared with what the scale makes "
                "possible (declare it, e.g. range = [1, 5])"
            )
            if variables is not None:
                raise StudyError(f"'{variable.name}' {problem}.")
        else:
            for wave in reference.waves or dyads.occasions:
                for together in [roles] if groups == DYAD else [[role] for role in roles]:
                    found.append(_rated(sample, variable, together, wave, groups))
            continue
        notes.append(Note(f"{variable.label}: {problem}, and left out."))
    return found, notes


def _possible(variable: Variable) -> tuple[float, float] | None:
    return variable.item_range if variable.items else variable.range


def _rated(
    sample: Sample, variable: Variable, roles: Sequence[str], wave: str, groups: str
) -> GroupRatings:
    parts = [_of_role(sample, variable, role, wave, groups) for role in roles]
    ratings, scores, group, dyad, slot, known = (
        np.concatenate([part[number] for part in parts]) for number in range(6)
    )
    answered = ~np.isnan(ratings).all(axis=1)
    kept = answered & known
    raw, codes = np.unique(group[kept], return_inverse=True)
    every = _group_of_dyads(sample, groups)
    place = np.minimum(np.searchsorted(raw, every), max(raw.size - 1, 0))
    of_dyad = np.where(raw[place] == every, place, -1) if raw.size else np.full(sample.n, -1)
    dyads = np.zeros(sample.n, dtype=bool)
    dyads[dyad[kept]] = True
    role = roles[0] if len(roles) == 1 and not sample.dyads.exchangeable else ""
    return GroupRatings(
        variable=variable,
        role=role,
        wave=wave,
        who=role_plural(role) if role else "members",
        ratings=ratings[kept],
        scores=scores[kept],
        group=codes.astype(np.int64),
        dyads=dyads,
        dyad=dyad[kept],
        slot=slot[kept],
        without_group=int((answered & ~known).sum()),
        of_dyad=of_dyad.astype(np.int64),
    )


def _of_role(
    sample: Sample, variable: Variable, role: str, wave: str, groups: str
) -> tuple[FloatArray, FloatArray, IntArray, IntArray, IntArray, BoolArray]:
    """Return ratings, scores, group, dyad and place of each, and whether its group is known."""
    place = Place(variable, role, wave)
    answers = sample.answers(place)
    scores = answers.values.astype(np.float64)
    ratings = sample.items(place) if sample.holds_items(variable) else scores[:, np.newaxis]
    dyad = np.resize(np.arange(sample.n), len(scores))
    group = np.resize(_group_of_dyads(sample, groups), len(scores))
    known = np.asarray(group >= sample.n) if groups == TEAM else np.ones(len(scores), dtype=bool)
    answered = np.asarray(~np.isnan(ratings).all(axis=1))
    once = first_of_each(answered, group, answers.units)
    slot = np.flatnonzero(once) + len(scores) * sample.dyads.roles.index(role)
    return ratings[once], scores[once], group[once], dyad[once], slot, known[once]


def _group_of_dyads(sample: Sample, groups: str) -> IntArray:
    """Return the group of each dyad; a team that is not known is the dyad's own number."""
    if groups == DYAD:
        return np.arange(sample.n)
    return sample.groups if groups == TEAM else sample.people[:, sample.members.index(groups)]
