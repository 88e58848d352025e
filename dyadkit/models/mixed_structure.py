"""Which rows' residuals and random effects covary: from columns to the engine's terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.mixed.terms import RandomTerm, ResidualKind, ResidualTerm, SerialKind
from dyadkit.models.mixed_formula import RandomFormula, effects_of
from dyadkit.models.mixed_rows import Columns, codes_of, times_of
from dyadkit.models.used_rows import Rows

Residual = Literal["unstructured", "compound_symmetry", "independent"]
_RESIDUALS = ("unstructured", "compound_symmetry", "independent")
_SERIALS = ("ar1", "exponential")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The residual structure as asked for; `largest` members a dyad may have, or any number."""

    residual: Residual = "unstructured"
    serial: SerialKind | None = None
    largest: int | None = 2

    @property
    def unit(self) -> str:
        """What messages call those whose residuals covary."""
        return "dyad" if self.largest == 2 else "team"


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The residual term with the names of its members and levels."""

    term: ResidualTerm
    names: tuple[str, ...]
    levels: tuple[str, ...]


def check_wanted(wanted: Wanted, columns: Columns) -> None:
    """Refuse what is no choice, or lacks a column.

    Raises
    ------
    StudyError
    """
    for name, value, choices in (
        ("residual", wanted.residual, _RESIDUALS),
        ("serial", wanted.serial or _SERIALS[0], _SERIALS),
    ):
        if value not in choices:
            raise StudyError(
                f"{name}={value!r} is not a choice.{nearest(str(value), list(choices))} It takes "
                f"{', '.join(choices)}."
            )
    if wanted.serial is not None and columns.time is None:
        raise StudyError(
            f"serial={wanted.serial!r} needs to know when each row was observed: pass time=…, the "
            "column of the occasion or the time stamp."
        )
    if columns.time is not None and columns.role is None and columns.person is None:
        raise StudyError(
            "With several occasions and no roles, person=… must say which rows are one person's."
        )


def residual_of(rows: Rows, columns: Columns, wanted: Wanted, dyads: IntArray) -> Members:
    """Build the residual term; `dyads` are the rows' codes.

    Raises
    ------
    DataError
        When a dyad has too many members, a member two rows at one occasion, roles are missing or
        no covariance can be estimated.
    """
    occasions = dyads
    if columns.time is not None:
        occasions = codes_of(rows, [columns.dyad, columns.time])
    member, names = _members(rows, columns, dyads, occasions)
    _refuse_repeated(rows, columns, occasions, member)
    _refuse_many(rows, columns, member, wanted.largest)
    kind: ResidualKind = wanted.residual
    if kind == "unstructured" and columns.role is None:
        kind = "compound_symmetry"
    pair = dyads if wanted.serial is not None else occasions
    if kind == "unstructured":
        _require_roles(rows, columns, names)
    if kind != "independent":
        _require_pairs(pair)
    time = None
    if wanted.serial is not None and columns.time is not None:
        time = times_of(rows, columns.time)
        if wanted.serial == "ar1" and not (np.mod(time - time.min(), 1.0) == 0.0).all():
            raise DataError(
                f"serial='ar1' needs occasions that are numbered, but '{columns.time}' holds "
                "fractions. Number the occasions, or take serial='exponential', which uses the "
                "real gaps."
            )
    level: IntArray | None = None
    levels: tuple[str, ...] = ()
    if columns.variance_by is not None:
        coded = rows.frame[columns.variance_by].astype("category").cat.remove_unused_categories()
        level = np.asarray(coded.cat.codes, dtype=np.int64)
        levels = tuple(map(str, coded.cat.categories))
        if len(levels) < 2:
            raise DataError(
                f"variance_by='{columns.variance_by}' has the one value {listed(list(levels))} in "
                "the rows used, so that there is no second standard deviation to compare with."
            )
    term = ResidualTerm(kind, member, pair, wanted.serial, time, level)
    return Members(term, names, levels)


def _members(
    rows: Rows, columns: Columns, dyads: IntArray, occasions: IntArray
) -> tuple[IntArray, tuple[str, ...]]:
    if columns.role is not None:
        coded = cast(pd.Categorical, rows.values[columns.role])
        return np.asarray(coded.codes, dtype=np.int64), tuple(map(str, coded.categories))
    if columns.person is not None:
        person = codes_of(rows, [columns.dyad, columns.person])
        # The first person of a dyad is its member 0, and so on.
        distinct = pd.Series(person).drop_duplicates()
        rank = pd.Series(dyads[distinct.index]).groupby(dyads[distinct.index]).cumcount()
        number = np.empty(int(person.max()) + 1, dtype=np.int64)
        number[distinct.to_numpy()] = rank.to_numpy()
        codes = number[person]
    else:
        codes = np.asarray(pd.Series(occasions).groupby(occasions).cumcount(), dtype=np.int64)
    return codes, tuple(str(number + 1) for number in range(int(codes.max()) + 1))


def _refuse_repeated(rows: Rows, columns: Columns, occasions: IntArray, member: IntArray) -> None:
    place = occasions * (int(member.max()) + 1) + member
    often = np.bincount(place)
    if often.max() < 2:
        return
    twice = often[place] > 1
    first = rows.frame.loc[twice, columns.dyad].drop_duplicates().astype(str).tolist()
    what = "role" if columns.role is not None else "person"
    when = "" if columns.time is None else f" at one '{columns.time}'"
    raise DataError(
        f"{int(twice.sum())} rows repeat a {what} within a dyad{when}, in {len(first)} dyad(s): "
        f"{listed(first)}. A dyad has one row per {what}"
        + (
            " and occasion. Drop the duplicates, or correct the time stamps."
            if columns.time is not None
            else "; with several occasions pass time=…, and with three members correct the dyad "
            "codes."
        ),
        rows=(np.flatnonzero(twice) + 1).tolist(),
    )


def _refuse_many(rows: Rows, columns: Columns, member: IntArray, largest: int | None) -> None:
    if largest is None or int(member.max()) < largest:
        return
    many = rows.frame.loc[member >= largest, columns.dyad].drop_duplicates().astype(str).tolist()
    if columns.role is not None:
        raise DataError(
            f"The column '{columns.role}' has {int(member.max()) + 1} roles, but a dyad has two. "
            "Keep the rows of two roles, or correct the column."
        )
    raise DataError(
        f"{len(many)} dyad(s) have more than two members: {listed(many)}. Correct the dyad codes; "
        "if these are teams, use a model for teams."
    )


def _require_roles(rows: Rows, columns: Columns, names: tuple[str, ...]) -> None:
    if len(names) < 2:
        raise DataError(
            f"All {rows.places.size} rows used have the role {listed(list(names))}, so that there "
            "are no two roles to tell apart. Check where the other role's rows were lost (a "
            "missing outcome or predictor), or leave role=… out."
        )


def _require_pairs(pair: IntArray) -> None:
    """Refuse a covariance of members who are never observed together."""
    if int(pair.max()) + 1 < pair.size:
        return
    raise DataError(
        f"None of the {pair.size} rows used has a partner among them, so that the correlation of "
        "the two members' residuals cannot be estimated. Check the dyad codes, or take "
        "residual='independent'."
    )


def random_of(
    term: RandomFormula, rows: Rows, members: Members
) -> tuple[RandomTerm, tuple[str, ...]]:
    """Build a random term, and name its effects.

    Raises
    ------
    DataError
        When there are no more units than variances and covariances.
    StudyError
        When exchangeable members are wanted where there are not two.
    """
    z, names = effects_of(term, rows)
    group = codes_of(rows, [term.group])
    q = z.shape[1]
    asked = q if term.kind == "diagonal" else q * (q + 1) // 2
    units = int(group.max()) + 1
    if units <= asked:
        raise DataError(
            f"The random term '{term}' asks for {asked} variance(s) and covariance(s) of the units "
            f"of '{term.group}', but there are only {units} of these. Take fewer random effects, "
            "or make the grouping a predictor."
        )
    sign: FloatArray | None = None
    if term.kind == "exchangeable":
        if members.term.n_members != 2:
            raise StudyError(
                f"The random term '{term}' is for the two members of a dyad, but "
                f"{members.term.n_members} are told apart here."
            )
        sign = cast(FloatArray, 1.0 - 2.0 * members.term.member)
    return RandomTerm(z, group, term.kind, sign), names
