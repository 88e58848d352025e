"""The members of teams, with their own and the others' scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.display.disclosure import Minimum
from dyadkit.errors import DataError, Refused, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.frame import DyadFrame
from dyadkit.multilevel.member_rows import find, label_of, name_of


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """One row per member of a team.

    Attributes
    ----------
    frame : DataFrame
        ``team, person``, then a column of numbers per variable, in the order of `names`.
    names, labels : tuple of str
        The outcome first.
    averaged : int
        Persons with answers about several partners, of which the mean is taken.
    without_team : int
        Rows of persons whose team is not known, and that are left out.
    in_several : int
        Ids that occur in several teams, and stand for a person in each.
    minimum : Minimum
    """

    frame: pd.DataFrame
    names: tuple[str, ...]
    labels: tuple[str, ...]
    averaged: int
    without_team: int
    in_several: int
    minimum: Minimum


@dataclass(frozen=True, slots=True)
class TeamRegressor:
    """A predictor: its effect, and what readers call it."""

    effect: str
    predictor: str
    label: str

    @property
    def term(self) -> str:
        """The effect and of what it is."""
        return f"{self.effect}: {self.predictor}" if self.predictor else self.effect


@dataclass(frozen=True, slots=True)
class Others:
    """On how many answers the others' mean of a predictor rests, in the rows used.

    Attributes
    ----------
    label : str
    mean : float
    least : int
    some : int
        Members of whose others not all answered.
    """

    label: str
    mean: float
    least: int
    some: int


@dataclass(frozen=True, slots=True, eq=False)
class TeamRows:
    """The rows of a model.

    Attributes
    ----------
    frame : DataFrame
        ``team, person, y, x1, x2, …`` of the members with everything.
    regressors : tuple of TeamRegressor
    members : Members
    others : tuple of Others
    centres : mapping of str to float
    alone : int
        Members without others who answered, and that are left out.
    incomplete : int
        Members left out because an own answer is missing.
    """

    frame: pd.DataFrame
    regressors: tuple[TeamRegressor, ...]
    members: Members
    others: tuple[Others, ...]
    centres: dict[str, float]
    alone: int
    incomplete: int


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
    people = rows.drop_duplicates(keys).set_index(keys)[["group", "person"]]
    values = pd.DataFrame({name: column.astype(float) for name, column in columns.items()})
    joined = people.join(values)
    unnamed = joined["person"].isna()
    number = pd.Series([f"\x00{n}" for n in range(len(joined))], index=joined.index, dtype=object)
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
        Minimum(dyads.privacy.minimum_dyads, dyads.privacy.minimum_persons),
    )


def members_of_frame(
    data: pd.DataFrame, names: Sequence[str], team: str | None, person: str | None
) -> Members:
    """Return the members in a DataFrame with a row for each."""
    if not isinstance(data, pd.DataFrame):
        raise StudyError(
            f"The data must be a DyadFrame or a DataFrame, but they are {type(data).__name__}."
        )
    if team is None:
        raise StudyError("team=… is missing: the column that the members of a team share.")
    known = [str(name) for name in data.columns]
    unknown = [name for name in (*names, team, *([person] if person else [])) if name not in known]
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
    nobody = pd.Series([f"\x00{n}" for n in range(len(data))], index=data.index, dtype=object)
    who = data[person].astype(object) if person else nobody
    frame.insert(0, "team", data[team])
    frame.insert(1, "person", who.where(who.notna(), nobody))
    twice = frame.duplicated(["team", "person"], keep=False) & frame["team"].notna()
    if twice.any():
        raise DataError(
            f"{int(twice.sum())} rows of the data repeat a '{person}' within a '{team}', but a "
            "model of teams takes one row per member. Drop the duplicates, or average a member's "
            "rows first.",
            rows=(np.flatnonzero(twice) + 1).tolist(),
        )
    return _averaged(frame.reset_index(drop=True), tuple(names), tuple(names), Minimum())


def _in_several(frame: pd.DataFrame) -> int:
    """Count the ids that occur in several teams."""
    pairs = frame.loc[frame["team"].notna(), ["team", "person"]].drop_duplicates()
    return int((pairs["person"].value_counts() > 1).sum())


def _averaged(
    frame: pd.DataFrame, names: tuple[str, ...], labels: tuple[str, ...], minimum: Minimum
) -> Members:
    """Let every person of a team count once."""
    here = frame["team"].notna()
    kept = frame[here]
    found = kept.groupby(["team", "person"], sort=False, as_index=False).mean()
    repeated = int((kept.groupby(["team", "person"]).size() > 1).sum())
    return Members(found, names, labels, repeated, int((~here).sum()), _in_several(kept), minimum)


def lay_out_teams(
    members: Members,
    outcome: str,
    predictors: Sequence[str],
    covariates: Sequence[str],
    *,
    own_others: bool,
    size: bool,
) -> TeamRows:
    """Lay out the rows of a model; see `fit_teams`."""
    names = list(members.names)
    if len(set(names)) < len(names):
        raise StudyError(f"'{outcome}' or a predictor is named twice. Name each variable once.")
    team, _ = pd.factorize(members.frame["team"])
    if np.bincount(team).max() < 2:
        raise DataError(
            f"All {len(np.unique(team))} teams have one member in these data, so that nobody has "
            "others. Check the column that says who belongs to which team."
        )
    built = _Built(members, team)
    for number in range(1, 1 + len(predictors)):
        built.add(number, own_others=own_others)
    for number in range(1 + len(predictors), len(names)):
        built.add_own(number)
    sizes = np.bincount(team)[team].astype(np.float64)
    if size and np.ptp(sizes) > 0:
        built.centres["team size"] = float(sizes.mean())
        built.append(sizes - sizes.mean(), TeamRegressor("size", "", "Team size"))
    y = members.frame[names[0]].to_numpy(np.float64)
    frame = pd.DataFrame({"team": team, "person": np.arange(team.size), "y": y})
    for place, values in enumerate(built.columns):
        frame[f"x{place + 1}"] = values
    own = members.frame[names].notna().all(axis=1).to_numpy()
    whole = frame.notna().all(axis=1).to_numpy()
    if not whole.any():
        raise DataError(
            f"No member is left of {len(frame)}: {int((~own).sum())} lack an own answer, and "
            f"{int((own & ~whole).sum())} have no others who answered."
        )
    if np.bincount(team[whole]).max() < 2:
        raise DataError(
            f"No two of the {int(whole.sum())} members who can be used belong to one team, so that "
            "nothing tells how alike members are. Check where the others were lost: "
            f"{int((~own).sum())} lack an own answer."
        )
    return TeamRows(
        frame[whole].reset_index(drop=True),
        tuple(built.regressors),
        members,
        tuple(
            Others(
                label,
                float(left[whole].mean()),
                int(left[whole].min()),
                int((left < sizes - 1.0)[whole].sum()),
            )
            for label, left in built.left
        ),
        built.centres,
        int((own & ~whole).sum()),
        int((~own).sum()),
    )


class _Built:
    """The columns made so far."""

    def __init__(self, members: Members, team: IntArray) -> None:
        self.members, self.team = members, team
        self.columns: list[FloatArray] = []
        self.regressors: list[TeamRegressor] = []
        self.centres: dict[str, float] = {}
        self.left: list[tuple[str, FloatArray]] = []

    def append(self, values: FloatArray, regressor: TeamRegressor) -> None:
        """Add a column."""
        self.columns.append(values)
        self.regressors.append(regressor)

    def add(self, number: int, *, own_others: bool) -> None:
        """Add own score and others' mean, or what all members of a team share."""
        name, label, values = self._centred(number)
        answered = (~np.isnan(values)).astype(np.float64)
        if self._shared(values):
            self.append(values, TeamRegressor("team", name, label))
            return
        filled = np.where(np.isnan(values), 0.0, values)
        left = self._total(answered) - answered
        rest = self._total(filled) - filled
        others = np.where(left > 0, rest / np.maximum(left, 1.0), np.nan)
        self.left.append((label, left))
        self.append(values, TeamRegressor("own", name, label))
        self.append(others, TeamRegressor("others", name, label))
        if own_others:
            self.append(values * others, TeamRegressor("own × others", name, label))

    def add_own(self, number: int) -> None:
        """Add a covariate."""
        name, label, values = self._centred(number)
        effect = "team" if self._shared(values) else "covariate"
        self.append(values, TeamRegressor(effect, name, label))

    def _total(self, values: FloatArray) -> FloatArray:
        """Return the sum over the members of a team, in the row of each."""
        return np.asarray(np.bincount(self.team, weights=values)[self.team])

    def _shared(self, values: FloatArray) -> bool:
        """Tell whether all members of a team have one value."""
        answered = (~np.isnan(values)).astype(np.float64)
        count = self._total(answered)
        mean = self._total(np.where(np.isnan(values), 0.0, values)) / np.maximum(count, 1.0)
        apart = np.abs(values - mean)[(answered > 0.0) & (count > 1.0)]
        return bool(apart.size) and float(apart.max()) <= 1e-10 * float(np.nanstd(values))

    def _centred(self, number: int) -> tuple[str, str, FloatArray]:
        name, label = self.members.names[number], self.members.labels[number]
        values = self.members.frame[name].to_numpy(np.float64)
        if np.isnan(values).all():
            raise DataError(f"'{name}' was not answered by anybody.")
        if np.nanmin(values) == np.nanmax(values):
            raise DataError(
                f"'{name}' is the same for all {int((~np.isnan(values)).sum())} members who "
                "answered, so that it can explain nothing. Leave it out, or check its codes."
            )
        self.centres[name] = float(np.nanmean(values))
        return name, label, values - self.centres[name]
