"""The rows of a one-with-many model: who is focal, who answered, what predictors belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.display.labels import role_plural
from dyadkit.errors import DataError, Refused, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.frame import DyadFrame, Reference
from dyadkit.multilevel.member_rows import (
    NOBODY,
    base_rows,
    find,
    label_of,
    name_of,
    values_of,
)

_EQUAL = 1e-10


@dataclass(frozen=True, slots=True)
class FocalRegressor:
    """A predictor.

    Attributes
    ----------
    effect : str
        "focal person" where it is the same for all partners of one focal person, "relationship"
        where it differs, or of that its "between" or "within" part.
    predictor, label : str
    level : str
        Whose it is in these data: "focal person", "partner", "relationship" or "dyad".
    """

    effect: str
    predictor: str
    label: str
    level: str

    @property
    def term(self) -> str:
        """The effect and of what it is."""
        return f"{self.effect}: {self.predictor}"


@dataclass(frozen=True, slots=True, eq=False)
class FocalRows:
    """One row per rating.

    Attributes
    ----------
    frame : DataFrame
        ``dyad, role, focal, partner, y, x1, x2, …``, predictors possibly missing; `focal` and
        `partner` are persons.
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
    silent : str
        The role that was asked, but of which nobody answered; "" if there is none.
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
    silent: str
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
    focals, partners = (
        base["dyad"].map(base[base["member"] == role].set_index("dyad")["person"])
        for role in (chosen, other)
    )
    frame = base.assign(focal=focals, partner=partners, y=values_of(dyads, base, reference))
    known = ~frame["focal"].astype(str).str.startswith(NOBODY)
    frame.loc[~known, "y"] = np.nan
    asked = [role for role in (chosen, other) if role in reference.roles]
    once = chosen in asked and (
        reference.variable.level == "person" or _alike(frame[frame["role"] == chosen])
    )
    if once:
        asked.remove(chosen)
        if not asked:
            raise Refused(
                f"'{outcome}' was answered by each {chosen} once, not about each {other} (level = "
                '"person", or the same answer throughout), so that nothing in it is about '
                'relationships. Declare level = "relationship" if they answered about each of them.'
            )
    answered = set(frame.loc[frame["y"].notna(), "role"])
    roles = tuple(role for role in asked if role in answered)
    if not roles:
        raise DataError(f"'{outcome}' was not answered by anybody whose {chosen} is known.")
    built = _Built(dyads, base, pd.factorize(frame["focal"])[0], (chosen, other), within_between)
    for text in predictors:
        built.add(_predictor(dyads, text, reference), text)
    columns = {f"x{number + 1}": values for number, values in enumerate(built.columns)}
    frame = frame.assign(**columns)
    kept = frame[frame["y"].notna() & frame["role"].isin(roles)].reset_index(drop=True)
    rows = FocalRows(
        kept,
        tuple(built.regressors),
        name_of(reference),
        label_of(reference),
        roles,
        chosen,
        other,
        once,
        next((role for role in asked if role not in answered), ""),
        int((~known).sum()) // 2,
        built.centres,
    )
    one_side = ".".join([reference.variable.name, other, *_wave_of(reference)])
    _require_several(rows, f" Or model one side alone: outcome = '{one_side}'.")
    return rows


def _wave_of(reference: Reference) -> Sequence[str]:
    return reference.waves if len(reference.variable.waves) > 1 else ()


def _alike(frame: pd.DataFrame) -> bool:
    """Tell whether every focal person gave one answer, though some have several partners."""
    answers = frame.dropna(subset=["y"]).groupby("focal")["y"]
    return bool((answers.count() > 1).any() and (answers.nunique() == 1).all())


def _predictor(dyads: DyadFrame, text: str, outcome: Reference) -> Reference:
    found = find(dyads, text, both=False)
    same = found.variable.name == outcome.variable.name and found.waves == outcome.waves
    if same and set(found.roles) & set(outcome.roles):
        raise StudyError(f"'{text}' is the outcome itself. Leave it out of the predictors.")
    return found


def _require_several(rows: FocalRows, one_side: str) -> None:
    """Refuse what cannot tell the variances of focal persons and of relationships apart."""
    used = rows.frame.dropna()
    fewest = 3 if rows.reciprocal else 2
    focal, partners = role_plural(rows.focal), role_plural(rows.partner)
    lost = len(rows.frame) - len(used)
    where = f"({lost} of {len(rows.frame)} rows lack a predictor)" if lost else ""
    alone = one_side if rows.reciprocal else ""
    for role in rows.roles:
        answers = used[used["role"] == role].groupby("focal")["y"]
        several = answers.count() > 1
        if several.sum() < fewest:
            raise DataError(
                f"In the answers of {role_plural(role)} only {several.sum()} of {several.size} "
                f"{focal} have several {partners} {where}".rstrip()
                + f", but at least {fewest} must, or what is general in {focal} cannot be told "
                f"from what is particular to each relationship. Check the ids of persons.{alone}"
            )
        if (answers.nunique()[several] == 1).all():
            raise DataError(
                f"All {role_plural(role)} with the same {rows.focal} have the same value of "
                f"'{rows.outcome}', so that there is nothing particular to relationships. Check "
                f"whether it describes the {rows.focal}."
            )
    both = int((used.groupby("dyad")["role"].nunique() == 2).sum())
    if rows.reciprocal and both < fewest:
        raise DataError(
            f"In only {both} dyads both sides answered '{rows.outcome}' {where}".rstrip()
            + f", but at least {fewest} are needed for dyadic reciprocity.{alone}"
        )


def _focal_role(base: pd.DataFrame, roles: Sequence[str], wanted: str | None) -> str:
    """Return the role whose persons have several partners."""
    if wanted is not None and wanted not in roles:
        raise StudyError(
            f"focal={wanted!r} is no role.{nearest(wanted, list(roles))} The roles are "
            f"{listed(list(roles))}."
        )
    real = base[~base["person"].astype(str).str.startswith(NOBODY)]
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
            self._add_one(values, name, label, "dyad")
            return
        member = self.base["member"].to_numpy()
        both = len([role for role in self.roles if role in reference.variable.roles]) > 1
        for role in self.roles:
            if role not in reference.roles:
                continue
            own = np.where(member == role, values, np.nan).reshape(-1, 2)
            if np.isnan(own).all():
                continue
            side = np.repeat(np.where(np.isnan(own[:, 0]), own[:, 1], own[:, 0]), 2)
            personal = reference.variable.level == "person" and role == self.roles[1]
            level = "partner" if personal else "relationship"
            suffix = f" ({role})" if both else ""
            self._add_one(side, name + suffix, label + suffix, level)

    def _add_one(self, values: FloatArray, name: str, label: str, level: str) -> None:
        if name in self.centres:
            raise StudyError(f"The predictor '{name}' is named twice. Name each predictor once.")
        centre = float(np.nanmean(values))
        self.centres[name] = centre
        values = values - centre
        spread = float(np.nanstd(values))
        if spread <= _EQUAL * max(1.0, abs(centre)):
            raise DataError(
                f"The predictor '{name}' has the same value in all dyads. Leave it out, or check "
                "its codes."
            )
        means = pd.Series(values).groupby(self.focal).transform("mean").to_numpy()
        deviation = values - means
        if np.nanmax(np.abs(deviation)) <= _EQUAL * spread:
            self._append(values, "focal person", name, label, "focal person")
        elif self.divided:
            self._append(means, "between", name, f"{label}: between", level)
            self._append(deviation, "within", name, f"{label}: within", level)
        else:
            self._append(values, "relationship", name, label, level)

    def _append(self, values: FloatArray, effect: str, name: str, label: str, level: str) -> None:
        self.columns.append(values)
        self.regressors.append(FocalRegressor(effect, name, label, level))
