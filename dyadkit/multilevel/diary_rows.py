"""The rows of a diary's model: own and partner's deviations beside the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame, Reference
from dyadkit.multilevel.diary_centring import (
    Centred,
    answers_of,
    centred,
    covariate_columns,
    find,
    name_of,
)
from dyadkit.multilevel.diary_moments import Moments, diary_waves, moments_of
from dyadkit.multilevel.member_rows import NOBODY


@dataclass(frozen=True, slots=True)
class Regressor:
    """A column of the model besides the intercept.

    Attributes
    ----------
    effect : str
        Such as "actor, within", "lagged partner, within", "trend" or "covariate".
    predictor : str
        The variable behind it.
    label : str
        The same for readers.
    """

    effect: str
    predictor: str
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class DiaryRows:
    """Rows by member and occasion.

    Attributes
    ----------
    frame : DataFrame
        ``dyad, member, role, person, number, time, y, x1, x2, …``: the complete rows.
    regressors : tuple of Regressor
        What x1, x2, … are.
    slopes : tuple of int
        The places of those with random slopes.
    outcome, outcome_label : str
    references : tuple of Reference
        The outcome, then predictors.
    roles : tuple of str
        In the order of tables; empty for exchangeable members.
    moments : Moments
    centres : mapping of str to float
        Grand means of persons' means, by variable, and the mean time.
    outcome_parts : Centred
    answered : ndarray of bool, shape (n,)
        Whether a row of `moments` has an answer to outcome or predictors.
    lost : mapping of str to int
        Rows left out, by reason.
    few : mapping of str to int
        Persons with one answer only, by variable.
    """

    frame: pd.DataFrame
    regressors: tuple[Regressor, ...]
    slopes: tuple[int, ...]
    outcome: str
    outcome_label: str
    references: tuple[Reference, ...]
    roles: tuple[str, ...]
    moments: Moments
    centres: dict[str, float]
    outcome_parts: Centred
    answered: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    lost: dict[str, int]
    few: dict[str, int]


def lay_out(
    dyads: DyadFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    distinguishable: bool,
    lagged: Sequence[str],
    max_gap: float | None,
    covariates: Sequence[str],
    slopes: Sequence[str],
    trend: bool,
    clock: str,
) -> DiaryRows:
    """Lay out the rows of a model.

    Raises
    ------
    StudyError
        When a variable or an option is wrong.
    Refused
        When the data are no diary, a variable was not asked of both members, or the outcome's
        previous value is to predict it.
    DataError
        When nothing varies within persons, or no row is complete.
    """
    waves = diary_waves(dyads)
    y = find(dyads, outcome, waves, "the outcome")
    focal = [find(dyads, text, waves, "a predictor") for text in predictors]
    before = [find(dyads, text, waves, "a lagged predictor") for text in lagged]
    if not focal and not before and not covariates and not trend:
        raise StudyError(
            "A diary analysis needs something that explains the outcome: predictors (such as "
            '["stress"]), lagged, covariates or a trend.'
        )
    _check(dyads, y, focal, before, slopes)
    moments = moments_of(dyads, y.waves[0], clock)
    if before:
        max_gap = _longest(max_gap, clock)
    built = _Built(dyads, moments)
    scores = built.answers(y)
    parts = built.parts[y.variable.name]
    if not parts.varies.any():
        raise DataError(
            f"The outcome '{outcome}' never varies within a person, so that there is nothing for a "
            "diary to explain. Check the occasions, or take the actor–partner model (apim)."
        )
    if clock == "time":
        built.reasons.append(("the time is missing", moments.time))
    if trend:
        middle = float(np.nanmean(moments.time))
        built.centres["time"] = middle
        label = f"Time ({moments.unit}s)"
        built.add(moments.time - middle, Regressor("trend", "time", label), "the time is missing")
    places: dict[str, int] = {}
    for reference in focal:
        places[reference.variable.name] = built.add_concurrent(reference)
    for reference in before:
        built.add_lagged(reference, float(max_gap or 0.0))
    for reference in {found.variable.name: found for found in (*focal, *before)}.values():
        built.add_between(reference)
    for text in covariates:
        built.add_covariate(text)
    frame = moments.frame.assign(number=moments.number, time=moments.time, y=scores)
    frame["person"] = _filled(frame["person"], moments)
    kept, lost = _complete(scores, built)
    for number, values in enumerate(built.columns):
        frame[f"x{number + 1}"] = values
    rows = DiaryRows(
        frame[kept].reset_index(drop=True),
        tuple(built.regressors),
        tuple(dict.fromkeys(places[found.variable.name] for found in dyads.resolve(slopes))),
        name_of(y, dyads),
        y.variable.label,
        tuple({found.variable.name: found for found in (y, *focal, *before)}.values()),
        dyads.roles if distinguishable else (),
        moments,
        built.centres,
        parts,
        built.answered,
        lost,
        built.few(),
    )
    _require_spread(rows)
    return rows


def _check(
    dyads: DyadFrame,
    y: Reference,
    focal: Sequence[Reference],
    before: Sequence[Reference],
    slopes: Sequence[str],
) -> None:
    names = [reference.variable.name for reference in focal]
    if any(reference.variable.name == y.variable.name for reference in before):
        raise Refused(
            f"The previous value of the outcome '{y.variable.name}' cannot predict it here: beside "
            "a random intercept, which that value contains, its effect is estimated with a bias "
            "that more dyads do not remove (Nickell, 1981). Take a panel model of three or more "
            'waves, or let residuals be correlated over time (serial = "ar1").'
        )
    if y.variable.name in names:
        raise StudyError(f"'{y.variable.name}' is both outcome and predictor. Name another one.")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise StudyError(f"The predictor {listed(twice)} is named twice.")
    for text in slopes:
        (found,) = dyads.resolve([text])
        if found.variable.name not in names:
            raise StudyError(
                f"slopes names '{text}', which is no predictor of the same occasion. It takes "
                f"{listed(names) or 'nothing here'}."
            )
    waves = {reference.waves[0] for reference in (y, *focal, *before)}
    if len(waves) > 1:
        raise StudyError(
            f"Outcome and predictors come from several waves ({listed(sorted(waves))}), but a "
            "diary analysis relates what was answered on the same occasions. Name one wave, or "
            "make what was asked once a covariate."
        )


def _longest(max_gap: float | None, clock: str) -> float:
    if max_gap is None and clock == "time":
        raise StudyError(
            'With clock = "time", lagged needs max_gap: the longest time in days between an '
            "occasion and the person's previous one, such as 1.5."
        )
    if max_gap is not None and not max_gap > 0:
        raise StudyError(f"max_gap={max_gap!r} must be greater than 0.")
    return 1.0 if max_gap is None else float(max_gap)


class _Built:
    """The columns made so far, and why values of them are missing."""

    def __init__(self, dyads: DyadFrame, moments: Moments) -> None:
        self.dyads, self.moments = dyads, moments
        self.columns: list[FloatArray] = []
        self.regressors: list[Regressor] = []
        self.reasons: list[tuple[str, FloatArray]] = []
        self.centres: dict[str, float] = {}
        self.parts: dict[str, Centred] = {}
        self.values: dict[str, FloatArray] = {}
        self.answered = np.zeros(len(moments.frame), dtype=np.bool_)

    def answers(self, reference: Reference) -> FloatArray:
        """Read and centre a variable."""
        name = reference.variable.name
        if name not in self.values:
            values = answers_of(self.dyads, self.moments, reference)
            self.values[name] = values
            self.parts[name] = centred(values, self.moments.person, self.moments.n_persons)
            self.answered |= ~np.isnan(values)
        return self.values[name]

    def within(self, reference: Reference) -> FloatArray:
        """Return a predictor's deviations from the person's mean."""
        self.answers(reference)
        parts = self.parts[reference.variable.name]
        if not parts.varies.any():
            raise DataError(
                f"The predictor '{reference.variable.name}' never varies within a person, so that "
                "it has no effect within persons. Make it a covariate."
            )
        self.centres[name_of(reference, self.dyads)] = parts.grand
        return parts.within

    def add(self, values: FloatArray, regressor: Regressor, reason: str) -> int:
        """Add a column, and return its place."""
        self.columns.append(values)
        self.regressors.append(regressor)
        self.reasons.append((reason, values))
        return len(self.columns) - 1

    def add_concurrent(self, reference: Reference) -> int:
        """Add own and partner's deviations on the same occasion; return the place of the own."""
        within = self.within(reference)
        name, label = self._names(reference)
        place = self.add(
            within, Regressor("actor, within", name, label), "an own predictor is missing"
        )
        self.add(
            self.moments.of_partner(within),
            Regressor("partner, within", name, label),
            "the partner's predictor is missing on that occasion",
        )
        return place

    def add_lagged(self, reference: Reference, max_gap: float) -> None:
        """Add own and partner's deviations on the previous occasion."""
        within = self.within(reference)
        name, label = self._names(reference)
        person = self.moments.person
        for side, who, whose in (("actor", person, "person"), ("partner", person ^ 1, "partner")):
            values, gap = self.moments.earlier(within, who)
            self.reasons.append(
                (f"the {whose} has no earlier answer to a lagged predictor", values)
            )
            near = np.where(gap <= max_gap + 1e-9, values, np.nan)
            self.add(
                near,
                Regressor(f"lagged {side}, within", name, label),
                f"the {whose}'s previous answer to a lagged predictor is more than {max_gap:g} "
                f"{self.moments.unit}{'s' * (max_gap != 1)} earlier (max_gap)",
            )

    def add_between(self, reference: Reference) -> None:
        """Add own and partner's mean."""
        between = self.parts[reference.variable.name].between
        name, label = self._names(reference)
        person = self.moments.person
        for side, who in (("actor", person), ("partner", person ^ 1)):
            self.add(
                between[who],
                Regressor(f"{side}, between", name, label),
                f"the {'partner' if side == 'partner' else 'person'} never answered a predictor",
            )

    def add_covariate(self, text: str) -> None:
        """Add the columns of a covariate."""
        (reference,) = self.dyads.resolve([text])
        for effect, category, values in covariate_columns(self.dyads, self.moments, text):
            tail = f": {category}" if category else ""
            regressor = Regressor(effect, f"{text}{tail}", f"{reference.variable.label}{tail}")
            self.add(values, regressor, "a covariate is missing")

    def few(self) -> dict[str, int]:
        """Count the persons with one answer only, by variable."""
        return {
            name: int((parts.answered == 1).sum())
            for name, parts in self.parts.items()
            if (parts.answered == 1).any()
        }

    def _names(self, reference: Reference) -> tuple[str, str]:
        return name_of(reference, self.dyads), reference.variable.label


def _complete(
    scores: FloatArray, built: _Built
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], dict[str, int]]:
    """Mark the rows in which nothing is missing; count the others by their first reason."""
    kept = np.ones(scores.size, dtype=np.bool_)
    lost: dict[str, int] = {}
    for reason, values in [("the outcome is missing", scores), *built.reasons]:
        gone = kept & np.isnan(values)
        if gone.any():
            lost[reason] = lost.get(reason, 0) + int(gone.sum())
            kept &= ~gone
    if not kept.any():
        why = "; ".join(f"{count} because {reason}" for reason, count in lost.items())
        raise DataError(
            f"No row is left of {kept.size}: {why}. Check the columns and their missing codes, and "
            "that partners have the same occasions."
        )
    return kept, lost


def _filled(person: pd.Series, moments: Moments) -> pd.Series:
    """Return who answered; without an id each member is a person of its own."""
    own = pd.Series([f"{NOBODY}{code}" for code in moments.person.tolist()], dtype=object)
    known = person.astype(object)
    return known.where(known.notna(), own)


def _require_spread(rows: DiaryRows) -> None:
    """Refuse columns that do not vary in the rows used (of a role), by name."""
    names = [f"x{number + 1}" for number in range(len(rows.regressors))]
    for role in rows.roles or ("",):
        part = rows.frame[rows.frame["role"] == role] if role else rows.frame
        if not len(part):
            raise DataError(f"No row of the role '{role}' is left to use.")
        values = part[names].to_numpy(np.float64)
        flat = np.ptp(values, axis=0) <= 1e-12 * np.maximum(1.0, np.abs(values).max(axis=0))
        if flat.any():
            which = [
                f"{rows.regressors[place].effect}: {rows.regressors[place].predictor}"
                for place in np.flatnonzero(flat).tolist()
            ]
            where = f" of the role '{role}'" if role else ""
            raise DataError(
                f"In the {len(part)} rows used{where}, {listed(which)} does not vary, so that its "
                "effect cannot be estimated. Leave it out."
            )
