"""The members of teams, one row for each, from a DyadFrame or a DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.answers.protection import minimum_of
from dyadkit.display.disclosure import Minimum
from dyadkit.errors import DataError, Refused, StudyError, listed, nearest
from dyadkit.frame import DyadFrame
from dyadkit.multilevel.member_rows import NOBODY, find, label_of, name_of


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """One row per member of a team.

    Attributes
    ----------
    frame : DataFrame
        ``team, person, role``, then a column of numbers per variable, in the order of `names`.
    names, labels : tuple of str
        The outcome first.
    roles : tuple of str
        In order; empty where there are none.
    averaged : int
        Persons with answers about several partners, of which the mean is taken.
    without_team : int
        Rows of persons whose team is not known, and that are left out.
    in_several : int
        Ids that occur in several teams, and stand for a person in each.
    in_two_roles : int
        Persons with several roles in their team.
    minimum : Minimum
    """

    frame: pd.DataFrame
    names: tuple[str, ...]
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    averaged: int
    without_team: int
    in_several: int
    in_two_roles: int
    minimum: Minimum


def members_of(dyads: DyadFrame, texts: Sequence[str]) -> Members:
    """Return the persons of a DyadFrame's groups."""
    if dyads.diary:
        raise Refused(
            "A model of teams takes one row per member, but a diary has one per member and "
            "occasion. Take fit_mixed with a random effect of the teams."
        )
    rows = dyads.individual([])
    if "group" not in rows or rows["group"].isna().all():
        raise StudyError(
            'The study does not say who belongs to which team. Name the column with group = "…" in '
            "the sources (group=… of DyadFrame.from_individual)."
        )
    references = [find(dyads, text, both=False) for text in texts]
    columns = {}
    keys = ["dyad", "member" if "member" in rows else "role"]
    for reference in references:
        if not reference.variable.numeric:
            raise StudyError(
                f"'{name_of(reference)}' is of type '{reference.variable.kind}', but a model of "
                "teams takes numbers. Code it as a number, 0 and 1 for two categories."
            )
        answers = dyads.individual([reference.variable.name])
        if reference.waves[0]:
            answers = answers[answers["wave"] == reference.waves[0]]
        answers = answers[answers["role"].isin(reference.roles)]
        columns[name_of(reference)] = answers.set_index(keys)[reference.variable.name]
    people = rows.assign(part=rows["role"]).drop_duplicates(keys).set_index(keys)
    people = people[["group", "person", "part"]].rename(columns={"part": "role"})
    values = pd.DataFrame({name: column.astype(float) for name, column in columns.items()})
    joined = people.join(values)
    unnamed = joined["person"].isna()
    number = pd.Series(
        [f"{NOBODY}{n}" for n in range(len(joined))], index=joined.index, dtype=object
    )
    joined["person"] = joined["person"].astype(object).where(~unnamed, number)
    joined = joined.rename(columns={"group": "team"})
    if several := _in_several(joined):
        raise Refused(
            f"{several} person(s) belong to two or more teams, so that teams are not independent "
            "of each other. Keep one team of each, or take fit_mixed with random effects of teams "
            "and persons."
        )
    return _averaged(
        joined.reset_index(drop=True),
        tuple(columns),
        tuple(label_of(reference) for reference in references),
        () if dyads.exchangeable else dyads.roles,
        minimum_of(dyads),
    )


def members_of_frame(
    data: pd.DataFrame,
    names: Sequence[str],
    team: str | None,
    person: str | None,
    role: str | None,
) -> Members:
    """Return the members in a DataFrame with a row for each."""
    if not isinstance(data, pd.DataFrame):
        raise StudyError(
            f"The data must be a DyadFrame or a DataFrame, but they are {type(data).__name__}."
        )
    if team is None:
        raise StudyError("team=… is missing: the column that the members of a team share.")
    known = [str(name) for name in data.columns]
    keys = [name for name in (team, person, role) if name is not None]
    unknown = [name for name in (*names, *keys) if name not in known]
    if unknown:
        raise StudyError(
            f"The data have no column '{unknown[0]}'.{nearest(unknown[0], known)} They have "
            f"{listed(known, 20)}."
        )
    texts = [name for name in names if not pd.api.types.is_numeric_dtype(data[name])]
    if texts:
        raise StudyError(
            f"{listed(texts)} hold(s) no numbers, but a model of teams takes numbers. Code two "
            "categories as 0 and 1."
        )
    frame = data[list(dict.fromkeys(names))].astype(float)
    # No id is a person of its own.
    nobody = pd.Series([f"{NOBODY}{n}" for n in range(len(data))], index=data.index, dtype=object)
    who = data[person].astype(object) if person else nobody
    frame.insert(0, "team", data[team])
    frame.insert(1, "person", who.where(who.notna(), nobody))
    frame.insert(2, "role", "" if role is None else data[role].astype(object))
    roles = () if role is None else tuple(sorted(map(str, data[role].dropna().unique())))
    twice = frame.duplicated(["team", "person"], keep=False) & frame["team"].notna()
    if twice.any():
        raise DataError(
            f"{int(twice.sum())} rows of the data repeat a '{person}' within a '{team}', but a "
            "model of teams takes one row per member. Drop the duplicates, or average a member's "
            "rows first.",
            rows=(np.flatnonzero(twice) + 1).tolist(),
        )
    return _averaged(frame.reset_index(drop=True), tuple(names), tuple(names), roles, Minimum())


def _in_several(frame: pd.DataFrame) -> int:
    """Count the ids that occur in several teams."""
    pairs = frame.loc[frame["team"].notna(), ["team", "person"]].drop_duplicates()
    return int((pairs["person"].value_counts() > 1).sum())


def _averaged(
    frame: pd.DataFrame,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    roles: tuple[str, ...],
    minimum: Minimum,
) -> Members:
    """Let every person of a team count once."""
    here = frame["team"].notna()
    kept = frame[here]
    persons = kept.groupby(["team", "person"], sort=False)
    found = persons[list(dict.fromkeys(names))].mean()
    found.insert(0, "role", persons["role"].first())
    return Members(
        found.reset_index(),
        names,
        labels,
        roles,
        averaged=int((persons.size() > 1).sum()),
        without_team=int((~here).sum()),
        in_several=_in_several(kept),
        in_two_roles=int((persons["role"].nunique() > 1).sum()),
        minimum=minimum,
    )
