"""One set of observations, three layouts: by person, by dyad, and actor beside partner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import StudyError
from dyadkit.frame.variable import Variable

KEYS = ("dyad", "member", "wave")
#: Who answered, in which team, and when: what a row has besides its keys and answers.
BESIDE = ("person", "group", "time")
#: Whether a member has a row in a wave; written only where nothing else tells.
PRESENT = "present"


def wide_name(variable: Variable, member: str | None, wave: str, *, waves: Sequence[str]) -> str:
    """Return the column of `wide` that holds a variable of one member in one wave.

    Examples
    --------
    >>> wide_name(Variable("trust", "Trust"), "client", "t1", waves=("t1", "t2"))
    'trust_client_t1'
    """
    return _joined(variable.name, member, wave if waves else None)


def _joined(*parts: str | None) -> str:
    return "_".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Slots:
    """Where in the individual rows each member of each dyad stands in each wave; −1 is nowhere.

    In a diary the same for each dyad and occasion.
    """

    units: pd.DataFrame
    codes: np.ndarray[tuple[int], np.dtype[np.intp]]
    rows: Mapping[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.intp]]]

    @classmethod
    def of(cls, data: pd.DataFrame, members: Sequence[str], waves: Sequence[str]) -> _Slots:
        unit = ["dyad", "occasion"] if "occasion" in data else ["dyad"]
        groups = data.groupby(unit, sort=False, dropna=False).ngroup()
        codes = np.asarray(groups, dtype=np.intp)
        units = data[unit].drop_duplicates().reset_index(drop=True)
        rows = {}
        for wave in waves:
            here = data["wave"].eq(wave).to_numpy()
            for member in members:
                mine = np.flatnonzero(here & data["member"].eq(member).to_numpy())
                at = np.full(len(units), -1, dtype=np.intp)
                at[codes[mine]] = mine
                rows[member, wave] = at
        return cls(units, codes, rows)

    def take(self, values: pd.Series, member: str, wave: str) -> pd.Series:
        """Return the values of one member in one wave, one for each dyad."""
        return values.reindex(self.rows[member, wave]).reset_index(drop=True)

    def first(self, values: pd.Series, rows: np.ndarray | slice = slice(None)) -> pd.Series:
        """Return the first known value of each dyad among some rows."""
        found = values.iloc[rows].groupby(self.codes[rows]).first()
        return found.reindex(np.arange(len(self.units))).reset_index(drop=True)


def to_wide(
    data: pd.DataFrame,
    variables: Mapping[str, Variable],
    members: Mapping[str, Sequence[str]],
    waves: Sequence[str],
    *,
    whole: bool = True,
) -> pd.DataFrame:
    """Spread individual rows over one row per dyad.

    Parameters
    ----------
    data : DataFrame
        Rows by dyad, member and wave.
    variables : mapping of Variable
        What to spread.
    members : mapping
        Role to its members: ``{"coach": ("coach",), …}`` or ``{"peer": ("1", "2")}``.
    waves : sequence of str
        In time order; empty for one wave.
    whole : bool
        Whether `from_wide` must be able to make the same rows of it, those without an answer
        included.
    """
    occasions = tuple(waves) or ("",)
    places = [(member, role) for role, group in members.items() for member in group]
    slots = _Slots.of(data, [member for member, _ in places], occasions)
    columns: dict[str, pd.Series] = {str(name): slots.units[name] for name in slots.units}

    def add(name: str, values: pd.Series) -> None:
        if name in columns:
            raise StudyError(
                f"Two references give the one name '{name}' in the wide layout; rename a variable."
            )
        columns[name] = values

    own = [v.name for v in variables.values() if v.level not in ("dyad", "group")]
    silent = pd.Series(False, index=data.index)
    if whole and own:
        silent = data[own].isna().all(axis=1)
    for name, values in _beside(data, slots, occasions, bool(silent.any())):
        add(name, values)
    if (silent & data["person"].isna()).any():
        for member, _ in places:
            for wave in occasions:
                there = pd.Series(slots.rows[member, wave] >= 0)
                add(_joined(PRESENT, member, wave), there)
    for variable in variables.values():
        values = data[variable.name]
        for wave in variable.waves or occasions:
            if variable.level in ("dyad", "group"):
                # An empty wave among others is that of a value that a dyad has throughout.
                here = data["wave"].eq(wave).to_numpy() | (not wave)
                first = slots.first(values, np.flatnonzero(here))
                add(wide_name(variable, None, wave, waves=waves), first)
                continue
            for member, role in places:
                if role in variable.roles:
                    taken = slots.take(values, member, wave)
                    add(wide_name(variable, member, wave, waves=waves), taken)
    return pd.DataFrame(columns)


def _beside(
    data: pd.DataFrame, slots: _Slots, occasions: Sequence[str], silent: bool
) -> Iterator[tuple[str, pd.Series]]:
    """Yield the columns of `BESIDE`, once for each dyad or member where that says it all."""
    members = list(dict.fromkeys(member for member, _ in slots.rows))
    for name in BESIDE:
        if name not in data or data[name].isna().all():
            continue
        values = data[name]
        if name == "group" and _constant(values, [slots.codes]):
            yield name, slots.first(values)
        elif _constant(values, [slots.codes, data["member"]]) and not (silent and name == "person"):
            for member in members:
                mine = np.flatnonzero(data["member"].eq(member).to_numpy())
                yield f"{name}_{member}", slots.first(values, mine)
        else:
            for member in members:
                for wave in occasions:
                    yield _joined(name, member, wave), slots.take(values, member, wave)


def _constant(values: pd.Series, keys: Sequence[object]) -> bool:
    """Whether each group of rows has one value, or none at all."""
    return not values.groupby(list(keys), sort=False).nunique(dropna=False).gt(1).any()


def to_pairwise(
    data: pd.DataFrame,
    variables: Mapping[str, Variable],
    members: Sequence[str],
) -> pd.DataFrame:
    """Put each person's answers (``{variable}_actor``) beside the partner's (``…_partner``)."""
    first, second = members
    shared = [v.name for v in variables.values() if v.level in ("dyad", "group")]
    own = [v.name for v in variables.values() if v.level not in ("dyad", "group")]
    sides = [f"{name}_{side}" for name in own for side in ("actor", "partner")]
    clash = sorted({*shared} & {*sides})
    if clash:
        raise StudyError(
            f"'{clash[0]}' describes the dyad, and is also what the pairwise layout calls one "
            "side of another variable; rename it."
        )
    unit = [*KEYS, *(["occasion"] if "occasion" in data else [])]
    partner = data[[*unit, "person", *own]].assign(
        member=data["member"].map({first: second, second: first})
    )
    keys = data[unit].merge(
        partner.rename(columns={name: f"{name}_partner" for name in ("person", *own)}),
        on=unit,
        how="left",
        validate="1:1",
    )
    actor = data.rename(columns={name: f"{name}_actor" for name in own})
    pairs = pd.concat([actor, keys.drop(columns=unit).set_axis(data.index)], axis=1)
    front = ["dyad", "member", "role", "wave", "occasion", "group", "time"]
    front = [name for name in front if name in pairs]
    return pairs[[*front, "person", "person_partner", *shared, *sides]].reset_index(drop=True)
