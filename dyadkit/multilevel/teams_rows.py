"""The rows of a model of teams: own and the others' scores beside the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.multilevel.teams_members import Members


@dataclass(frozen=True, slots=True)
class TeamRegressor:
    """A predictor: its effect, what readers call it, and whose effect it is."""

    effect: str
    predictor: str
    label: str
    role: str = ""

    @property
    def term(self) -> str:
        """The effect and of what it is."""
        name = f"{self.effect}: {self.predictor}" if self.predictor else self.effect
        return f"{name} ({self.role})" if self.role else name


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
        ``team, person, role, y, x1, x2, …`` of the members with everything.
    regressors : tuple of TeamRegressor
        What x1, x2, … are, the intercept (of each role) among them.
    roles : tuple of str
        Whose effects are told apart; empty where nobody's are.
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
    roles: tuple[str, ...]
    members: Members
    others: tuple[Others, ...]
    centres: dict[str, float]
    alone: int
    incomplete: int


def lay_out_teams(
    members: Members,
    outcome: str,
    predictors: Sequence[str],
    covariates: Sequence[str],
    *,
    own_others: bool,
    size: bool,
    by_role: bool,
) -> TeamRows:
    """Lay out the rows of a model; see `fit_teams`."""
    names = list(members.names)
    if len(set(names)) < len(names):
        raise StudyError(f"'{outcome}' or a predictor is named twice. Name each variable once.")
    infinite = np.isinf(members.frame[names].to_numpy(np.float64)).sum(axis=0)
    if infinite.any():
        raise DataError(
            f"{listed([name for name, count in zip(names, infinite, strict=True) if count])} "
            f"hold(s) {int(infinite.sum())} infinite value(s). Set them missing, or correct the "
            "transformation (a logarithm of zero, a division by zero) that made them."
        )
    team, _ = pd.factorize(members.frame["team"])
    if np.bincount(team).max() < 2:
        raise DataError(
            f"All {len(np.unique(team))} teams have one member in these data, so that nobody has "
            "others. Check the column that says who belongs to which team."
        )
    if by_role:
        _require_roles(members)
    built = _Built(members, team, members.roles if by_role else ())
    built.append(np.ones(team.size), TeamRegressor("intercept", "", "Intercept"), by_role=by_role)
    for number in range(1, 1 + len(predictors)):
        built.add(number, own_others=own_others)
    for number in range(1 + len(predictors), len(names)):
        built.add_own(number)
    sizes = np.bincount(team)[team].astype(np.float64)
    if size and np.ptp(sizes) > 0:
        built.centres["team size"] = float(sizes.mean())
        built.append(sizes - sizes.mean(), TeamRegressor("size", "", "Team size"))
    y = members.frame[names[0]].to_numpy(np.float64)
    frame = pd.DataFrame({"team": team, "person": np.arange(team.size)})
    # In the roles' order, of which the first is the reference of standard deviations.
    role = pd.Categorical(built.role, members.roles) if by_role else ""
    frame = frame.assign(role=role, y=y)
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
        built.roles,
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


def _require_roles(members: Members) -> None:
    if len(members.roles) < 2:
        raise StudyError(
            f"Effects by role need two roles or more, but these data have {len(members.roles)}. "
            "Leave by_role out, or name the column that holds the roles."
        )
    if members.in_two_roles:
        raise Refused(
            f"{members.in_two_roles} person(s) have two roles in their team, so that effects by "
            "role do not say whose they are. Leave by_role out, or keep the rows of one role of "
            "each person."
        )
    nobody = int(members.frame["role"].isna().sum())
    if nobody:
        raise DataError(
            f"{nobody} member(s) have no role, but effects are wanted by role. Complete the "
            "column of roles, or leave by_role out."
        )


class _Built:
    """The columns made so far."""

    def __init__(self, members: Members, team: IntArray, roles: tuple[str, ...]) -> None:
        self.members, self.team, self.roles = members, team, roles
        self.role = members.frame["role"].astype(str).to_numpy(object)
        self.columns: list[FloatArray] = []
        self.regressors: list[TeamRegressor] = []
        self.centres: dict[str, float] = {}
        self.left: list[tuple[str, FloatArray]] = []

    def append(
        self, values: FloatArray, regressor: TeamRegressor, *, by_role: bool = False
    ) -> None:
        """Add a column, or one of each role."""
        if not (by_role and self.roles):
            self.columns.append(values)
            self.regressors.append(regressor)
            return
        for role in self.roles:
            self.columns.append(np.where(self.role == role, values, 0.0))
            self.regressors.append(replace(regressor, role=role))

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
        self.append(values, TeamRegressor("own", name, label), by_role=True)
        self.append(others, TeamRegressor("others", name, label), by_role=True)
        if own_others:
            product = TeamRegressor("own × others", name, label)
            self.append(values * others, product, by_role=True)

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
