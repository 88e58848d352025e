"""Whom a variable belongs to: a person, a relationship, a dyad or a group."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from dyadkit.errors import listed
from dyadkit.frame.coded import plain
from dyadkit.frame.variable import Variable


def contradictions(
    data: pd.DataFrame, variables: Mapping[str, Variable], coded: Collection[str] = ()
) -> list[str]:
    """Complain about dyads (or groups) with two values of what belongs to them as a whole."""
    complaints = []
    shared = [v for v in variables.values() if v.level in ("dyad", "group")]
    if shared:
        data = plain(data, coded)
    for variable in shared:
        whose = owner(data, variable)
        keys = [whose, *(data[name] for name in moments(data))]
        different = data[variable.name].groupby(keys, sort=False, dropna=False).nunique()
        clash = different.index[different > 1]
        if len(clash):
            names = list(dict.fromkeys(place[0] for place in clash))
            complaints.append(
                f"'{variable.name}' is declared to belong to the {variable.level}, but "
                f"{len(names)} {variable.level}{'s have' if len(names) > 1 else ' has'} more than "
                f'one value ({listed(names)}). Declare level = "person", or correct the values.'
            )
    return complaints


def once_each(rows: pd.DataFrame, variable: Variable) -> pd.Series:
    """Mark the rows that hold each answer once: one per person, relationship, dyad or group."""
    if variable.level == "relationship":
        return pd.Series(True, index=rows.index)
    if variable.level == "person":
        known = rows["person"].notna()
        return ~(known & rows.duplicated(["person", "role", *moments(rows)]))
    return ~rows[moments(rows)].assign(owner=owner(rows, variable)).duplicated()


def moments(rows: pd.DataFrame) -> list[str]:
    """Name the columns that say when: the wave, and the occasion in a diary."""
    return [name for name in ("wave", "occasion") if name in rows]


def owner(rows: pd.DataFrame, variable: Variable) -> pd.Series:
    """Return the dyad of each row, or its group where the variable belongs to that."""
    if variable.level != "group" or "group" not in rows:
        return rows["dyad"]
    alone = rows["group"].isna()
    return rows["group"].where(~alone, "dyad " + rows["dyad"].astype(str))
