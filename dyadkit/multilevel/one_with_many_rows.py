"""The rows of a one-with-many model: who is focal, who answered, what predictors belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, Refused, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.frame import DyadFrame, Reference
from dyadkit.multilevel.member_rows import base_rows, find, label_of, name_of, values_of


@dataclass(frozen=True, slots=True)
class FocalRegressor:
    """A predictor.

    Attributes
    ----------
    effect : str
        "focal person" where it is the same for all partners of one focal person, "relationship"
        where it differs, or of that its "between" or "within" part.
    predictor, label : str
    """

    effect: str
    predictor: str
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class FocalRows:
    """One row per rating.

    Attributes
    ----------
    frame : DataFrame
        ``dyad, role, person, focal, y, x1, x2, …``.
    regressors : tuple of FocalRegressor
    outcome, outcome_label : str
    roles : tuple of str
        Those whose outcome is modelled; the focal persons' first.
    focal, partner : str
        The roles of the focal persons and of their partners.
    reciprocal : bool
        Whether both sides' outcomes are.
    answered_once : bool
        Whether focal persons' answers were left out because they answered once for all partners.
    without_focal : int
        Dyads whose focal person is not known, and that are left out.
    centres : mapping of str to float
    """

    frame: pd.DataFrame
    regressors: tuple[FocalRegressor, ...]
    outcome: str
    outcome_label: str
    roles: tuple[str, ...]
    focal: str
    partner: str
    answered_once: bool
    without_focal: int
    centres: dict[str, float]

    @property
    def reciprocal(self) -> bool:
        """Whether both sides' outcomes are modelled."""
        return len(self.roles) == 2


def lay_out_focal(
    dyads: DyadFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    focal: str | None,
    within_between: bool,
) -> FocalRows:
    """Lay out the rows of a model; see `fit_one_with_many`."""
    if dyads.exchangeable:
        raise Refused(
            "The members of these dyads share one role, so that nobody is a focal person. Name the "
            "column that holds their roles."
        )
    if dyads.diary:
        raise Refused(
            "A one-with-many model takes one row per member, but a diary has one per member and "
            "occasion. Take fit_mixed with a random effect of the focal persons."
        )
    base = base_rows(dyads)
    chosen = _focal_role(base, dyads.roles, focal)
    other = next(role for role in dyads.roles if role != chosen)
    reference = find(dyads, outcome, both=False)
    if not reference.variable.numeric or reference.variable.level in ("dyad", "group"):
        raise StudyError(
            f"'{outcome}' is no number that persons answered; an outcome of focal persons and "
            "partners is one."
        )
    once = reference.variable.level == "person" and chosen in reference.roles
    roles = tuple(
        role
        for role in (chosen, other)
        if role in reference.roles and not (once and role == chosen)
    )
    if not roles:
        raise Refused(
            f"'{outcome}' was answered by each {chosen} once, not about each {other} "
            '(level = "person"), so that nothing in it is about relationships. Declare level = '
            '"relationship" if they answered about each of them.'
        )
    whose = base[base["member"] == chosen].set_index("dyad")["person"]
    known = ~base["dyad"].map(whose).astype(str).str.startswith("\x00")
    frame = base.assign(focal=base["dyad"].map(whose), y=values_of(dyads, base, reference))
    frame.loc[known & frame["role"].isin(set(dyads.roles) - set(roles)), "y"] = np.nan
    frame.loc[~known, "y"] = np.nan
    built = _Built(dyads, base, pd.factorize(frame["focal"])[0], (chosen, other), within_between)
    for text in predictors:
        built.add(find(dyads, text, both=False), text)
    columns = {f"x{number + 1}": values for number, values in enumerate(built.columns)}
    frame = frame.assign(**columns)
    kept = frame[frame["y"].notna()].reset_index(drop=True)
    if not len(kept):
        raise DataError(f"'{outcome}' was not answered by anybody whose {chosen} is known.")
    return FocalRows(
        kept,
        tuple(built.regressors),
        name_of(reference),
        label_of(reference),
        roles,
        chosen,
        other,
        once,
        int((~known).sum()) // 2,
        built.centres,
    )


def _focal_role(base: pd.DataFrame, roles: Sequence[str], wanted: str | None) -> str:
    """Return the role whose persons have several partners."""
    if wanted is not None and wanted not in roles:
        raise StudyError(
            f"focal={wanted!r} is no role.{nearest(wanted, list(roles))} The roles are "
            f"{listed(list(roles))}."
        )
    real = base[~base["person"].astype(str).str.startswith("\x00")]
    partners = real.drop_duplicates(["role", "person", "dyad"])[["role", "person"]].value_counts()
    many = partners.index[partners.to_numpy() > 1].get_level_values("role").tolist()
    several = {role: many.count(role) for role in roles}
    counts = listed([f"{count} {role}(s)" for role, count in several.items()])
    candidates = [role for role, count in several.items() if count]
    if not candidates or (wanted is not None and not several[wanted]):
        raise DataError(
            f"Nobody {'with the role ' + wanted if wanted else ''} belongs to several dyads "
            f"({counts} do), so that there is no one with many. Check that persons are named "
            "(person=…) alike in all their dyads; with one partner each, take the actor–partner "
            "model.".replace("  ", " ")
        )
    if wanted is not None:
        return wanted
    if len(candidates) > 1:
        raise StudyError(
            f"Persons of both roles belong to several dyads ({counts} do). Say whose variances "
            f"are wanted: focal='{candidates[0]}' or focal='{candidates[1]}'. What the others' "
            "dyads share is then not in the model."
        )
    return candidates[0]


class _Built:
    """The predictors made so far."""

    def __init__(
        self,
        dyads: DyadFrame,
        base: pd.DataFrame,
        focal: IntArray,
        roles: tuple[str, str],
        divided: bool,
    ) -> None:
        self.dyads, self.base, self.focal = dyads, base, focal
        self.roles, self.divided = roles, divided
        self.columns: list[FloatArray] = []
        self.regressors: list[FocalRegressor] = []
        self.centres: dict[str, float] = {}

    def add(self, reference: Reference, text: str) -> None:
        """Add what each side answered, or what describes the dyad."""
        if not reference.variable.numeric:
            raise StudyError(
                f"'{text}' is of type '{reference.variable.kind}', but predictors of a "
                "one-with-many model are numbers. Code it as a number, 0 and 1 for two categories."
            )
        values = values_of(self.dyads, self.base, reference)
        if np.isnan(values).all():
            raise DataError(f"'{text}' was not answered by anybody.")
        name, label = name_of(reference), label_of(reference)
        if reference.variable.level in ("dyad", "group"):
            self._add_one(values, name, label)
            return
        member = self.base["member"].to_numpy()
        asked = [role for role in self.roles if role in reference.roles]
        for role in asked:
            own = np.where(member == role, values, np.nan).reshape(-1, 2)
            side = np.repeat(np.where(np.isnan(own[:, 0]), own[:, 1], own[:, 0]), 2)
            if len(asked) > 1:
                self._add_one(side, f"{name} ({role})", f"{label} ({role})")
            else:
                self._add_one(side, name, label)

    def _add_one(self, values: FloatArray, name: str, label: str) -> None:
        centre = float(np.nanmean(values))
        self.centres[name] = centre
        values = values - centre
        means = pd.Series(values).groupby(self.focal).transform("mean").to_numpy()
        deviation = values - means
        if np.nanmax(np.abs(deviation)) <= 1e-10 * max(float(np.nanstd(values)), 1e-300):
            self._append(values, "focal person", name, label)
        elif self.divided:
            self._append(means, "between", f"{name}: between", f"{label}: between")
            self._append(deviation, "within", f"{name}: within", f"{label}: within")
        else:
            self._append(values, "relationship", name, label)

    def _append(self, values: FloatArray, effect: str, name: str, label: str) -> None:
        self.columns.append(values)
        self.regressors.append(FocalRegressor(effect, name, label))
