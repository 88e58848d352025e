"""The rows of an actor–partner model: own and partner's predictors beside the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame, Reference
from dyadkit.multilevel.member_rows import (
    base_rows,
    column_of,
    find,
    label_of,
    name_of,
    of_one_role,
    values_of,
)

Side = Literal["actor", "partner", "dyad"]


@dataclass(frozen=True, slots=True)
class Regressor:
    """A column of the model besides the intercept.

    Attributes
    ----------
    effect : str
        "actor", "partner", "covariate", "moderator" or a product such as "actor × moderator".
    predictor : str
        The variable (or variables) behind it.
    label : str
        The same for readers.
    factors : tuple of int
        For a product the places of its factors among the regressors.
    """

    effect: str
    predictor: str
    label: str
    factors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ApimRows:
    """Rows by member of a dyad.

    Attributes
    ----------
    frame : DataFrame
        ``dyad, member, person, role, y, x1, x2, …``: one row per member, outcomes may be missing.
    regressors : tuple of Regressor
        What x1, x2, … are.
    outcome, outcome_label : str
    roles : tuple of str
        In the order of tables; empty for exchangeable members.
    centres : mapping of str to float
        What was subtracted, by variable.
    moderator : Moderator or None
    limits : mapping of str to pair of float
        The ranges over which predictors are drawn, after centring.
    about_mean : bool
        Whether the centres are grand means.
    """

    frame: pd.DataFrame
    regressors: tuple[Regressor, ...]
    outcome: str
    outcome_label: str
    roles: tuple[str, ...]
    centres: dict[str, float]
    moderator: Moderator | None
    limits: dict[str, tuple[float, float]]
    about_mean: bool = True

    def column(self, number: int) -> FloatArray:
        """Return the values of a regressor."""
        return self.frame[f"x{number + 1}"].to_numpy(np.float64)


@dataclass(frozen=True, slots=True)
class Moderator:
    """Where a moderator's values stand, after centring.

    Attributes
    ----------
    name, label : str
    places : tuple of int
        Of its own columns among the regressors: one, or the actor's and the partner's, or one per
        category but the first.
    sides : tuple of str
        Whose value each column is, or which category.
    categories : tuple of str
        Empty for a number.
    levels : tuple of float
        Where simple slopes are taken: one SD below the mean, the mean, one above it.
    limits : tuple of float
        The range over which effects are drawn.
    """

    name: str
    label: str
    places: tuple[int, ...]
    sides: tuple[str, ...]
    categories: tuple[str, ...]
    levels: tuple[float, ...]
    limits: tuple[float, float]


def lay_out(
    dyads: DyadFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    distinguishable: bool,
    covariates: Sequence[str] = (),
    moderator: str | None = None,
    actor_partner: bool = False,
    center: Literal["grand"] | float | None = "grand",
) -> ApimRows:
    """Lay out the rows of a model.

    Raises
    ------
    StudyError
        When a variable is unknown, no number, or its wave is not said.
    Refused
        For a diary, and where predictor or outcome was not asked of both members.
    DataError
        When nobody answered.
    """
    if dyads.diary:
        raise Refused(
            "An actor–partner model takes one row per member, but a diary has one per member and "
            "occasion. Take the diary analysis, which has actor and partner effects within and "
            "between persons."
        )
    if not predictors:
        raise StudyError('An actor–partner model needs a predictor, e.g. predictors = ["trust"].')
    base = base_rows(dyads)
    y = find(dyads, outcome, both=True)
    _refuse_twice(dyads, [*predictors, *covariates, *([moderator] if moderator else [])])
    built = _Built(dyads, base, center)
    focal: list[int] = []
    limits = {}
    for text in predictors:
        reference = find(dyads, text, both=True)
        _refuse_outcome(text, reference, y)
        scores = built.centred(reference)
        name, label = name_of(reference), label_of(reference)
        actor = built.add(scores, Regressor("actor", name, label))
        partner = built.add(_swapped(scores), Regressor("partner", name, label))
        focal += [actor, partner]
        limits[name] = _limits(reference, built.centres.get(name, 0.0), scores)
        if actor_partner:
            built.add_product("actor × partner", name, label, actor, partner)
    for text in covariates:
        reference = find(dyads, text, both=False)
        _refuse_outcome(text, reference, y)
        for side, values in built.sided(reference):
            name, label = name_of(reference), label_of(reference)
            if side:
                name, label = f"{name}: {side}", f"{label}: {side}"
            built.add(values, Regressor("covariate", name, label))
    described = None
    if moderator is not None:
        reference = find(dyads, moderator, both=False)
        _refuse_outcome(moderator, reference, y)
        described = _moderate(built, reference, focal)
    scores = values_of(dyads, base, y)
    _require_pairs(scores)
    frame = base.assign(y=scores)
    for number, values in enumerate(built.columns):
        frame[f"x{number + 1}"] = values
    return ApimRows(
        frame,
        tuple(built.regressors),
        name_of(y),
        label_of(y),
        dyads.roles if distinguishable else (),
        built.centres,
        described,
        limits,
        center == "grand",
    )


class _Built:
    """The columns made so far."""

    def __init__(
        self, dyads: DyadFrame, base: pd.DataFrame, center: Literal["grand"] | float | None
    ) -> None:
        self.dyads, self.base, self.center = dyads, base, center
        self.columns: list[FloatArray] = []
        self.regressors: list[Regressor] = []
        self.centres: dict[str, float] = {}

    def add(self, values: FloatArray, regressor: Regressor) -> int:
        """Add a column, and return its place."""
        self.columns.append(values)
        self.regressors.append(regressor)
        return len(self.columns) - 1

    def add_product(self, effect: str, name: str, label: str, one: int, two: int) -> None:
        """Add the product of two columns."""
        values = self.columns[one] * self.columns[two]
        self.add(values, Regressor(effect, name, label, (one, two)))

    def centred(self, reference: Reference) -> FloatArray:
        """Return a number about its grand mean over both members, or another centre."""
        values = values_of(self.dyads, self.base, reference)
        if of_one_role(reference, self.dyads):
            # Asked of one role only, it describes the dyad.
            pairs = values.reshape(-1, 2)
            values = np.repeat(np.where(np.isnan(pairs[:, 0]), pairs[:, 1], pairs[:, 0]), 2)
        if np.isnan(values).all():
            raise DataError(f"'{name_of(reference)}' was not answered by anybody.")
        if np.isinf(values).any():
            raise DataError(
                f"'{name_of(reference)}' holds infinite values, of {int(np.isinf(values).sum())} "
                "member(s). Set them missing, or correct the transformation (a logarithm of zero, "
                "a division by zero) that made them."
            )
        if np.nanmin(values) == np.nanmax(values):
            raise DataError(
                f"'{name_of(reference)}' is the same for all {int((~np.isnan(values)).sum())} "
                "members who answered, so that it can explain nothing. Leave it out, or check its "
                "codes."
            )
        if self.center is None:
            return values
        middle = float(np.nanmean(values)) if self.center == "grand" else float(self.center)
        self.centres[name_of(reference)] = middle
        return np.asarray(values - middle)

    def sided(self, reference: Reference) -> list[tuple[str, FloatArray]]:
        """Return a covariate's columns: a number, or one per category but the first."""
        if reference.variable.numeric:
            return [("", self.centred(reference))]
        column = column_of(self.dyads, self.base, reference).astype("category")
        categories = list(map(str, column.cat.categories))
        if len(categories) < 2:
            raise DataError(
                f"'{name_of(reference)}' has {len(categories)} value(s) in these data, so that it "
                "can explain nothing. Leave it out."
            )
        codes = column.cat.codes.to_numpy()
        return [
            (category, np.where(codes < 0, np.nan, codes == number + 1).astype(np.float64))
            for number, category in enumerate(categories[1:])
        ]

    def categories(self, reference: Reference) -> tuple[str, ...]:
        """Return the categories of a variable; none of a number."""
        if reference.variable.numeric:
            return ()
        column = column_of(self.dyads, self.base, reference).astype("category")
        return tuple(map(str, column.cat.categories))


def _moderate(built: _Built, reference: Reference, focal: Sequence[int]) -> Moderator:
    """Add a moderator's columns and their products with every actor and partner effect."""
    name, label = name_of(reference), label_of(reference)
    shared = reference.variable.level in ("dyad", "group") or of_one_role(reference, built.dyads)
    own = built.sided(reference)
    levels: tuple[float, ...] = ()
    limits = (0.0, 1.0)
    if reference.variable.numeric:
        scores = own[0][1]
        if not shared:
            own = [("actor", scores), ("partner", _swapped(scores))]
        mean, sd = float(np.nanmean(scores)), float(np.nanstd(scores, ddof=1))
        levels = (mean - sd, mean, mean + sd)
        shift = built.centres.get(name, 0.0)
        limits = _limits(reference, shift, scores)
    places = []
    for side, values in own:
        place = built.add(
            values,
            Regressor(
                "moderator",
                f"{name} ({side})" if side else name,
                f"{label} ({side})" if side else label,
            ),
        )
        places.append(place)
    for place in places:
        outer = built.regressors[place]
        for column in focal:
            inner = built.regressors[column]
            built.add_product(
                f"{inner.effect} × moderator",
                f"{inner.predictor} × {outer.predictor}",
                f"{inner.label} × {outer.label}",
                column,
                place,
            )
    return Moderator(
        name,
        label,
        tuple(places),
        tuple(side for side, _ in own),
        built.categories(reference),
        levels,
        limits,
    )


def _limits(reference: Reference, subtracted: float, scores: FloatArray) -> tuple[float, float]:
    """Return the possible range, or 2.5 SDs about the mean: never an observed extreme.

    What is never negative does not become so.
    """
    if reference.variable.range is not None:
        low, high = reference.variable.range
        return low - subtracted, high - subtracted
    mean, sd = float(np.nanmean(scores)), float(np.nanstd(scores, ddof=1))
    low, high = mean - 2.5 * sd, mean + 2.5 * sd
    return (max(low, -subtracted) if np.nanmin(scores) + subtracted >= 0.0 else low), high


def _refuse_outcome(text: str, reference: Reference, outcome: Reference) -> None:
    if reference == outcome:
        raise StudyError(f"'{text}' is both outcome and predictor. Name another variable or wave.")


def _refuse_twice(dyads: DyadFrame, texts: Sequence[str]) -> None:
    """Refuse a variable that is named twice among predictors, covariates and moderator."""
    names = [name_of(find(dyads, text, both=False)) for text in texts]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StudyError(
            f"{listed(twice)} is named twice among predictors, covariates and moderator, but the "
            "effects of one variable cannot be told from each other. Name it once."
        )


def _require_pairs(outcome: FloatArray) -> None:
    answered = ~np.isnan(outcome.reshape(-1, 2))
    if answered.any() and not answered.all(axis=1).any():
        raise DataError(
            f"In none of {len(answered)} dyads did both members answer the outcome, so that there "
            "are no partners to speak of. Check the dyad codes and the roles: dyads whose members "
            "do not find each other often have codes written in two ways."
        )


def _swapped(values: FloatArray) -> FloatArray:
    return values.reshape(-1, 2)[:, ::-1].ravel()
