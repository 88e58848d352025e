"""Derived variables, joined to the rows of a frame by its keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pandas as pd

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.frame.construction import checked_table, describe_columns
from dyadkit.frame.levels import contradictions
from dyadkit.frame.variable import Variable
from dyadkit.study.contradictions import RESERVED

_KEYS = ("dyad", "member", "role", "wave", "occasion", "person")


def join_derived(
    rows: pd.DataFrame,
    derived: pd.DataFrame,
    roles: tuple[str, ...],
    waves: tuple[str, ...],
    known: Collection[str],
    variables: Mapping[str, Variable],
    labels: Mapping[str, str],
) -> tuple[pd.DataFrame, dict[str, Variable]]:
    """Return the derived columns in the order of the rows, and what they are.

    Parameters
    ----------
    rows : DataFrame
        Who and when each individual row is.
    derived : DataFrame
        One row per key; see `DyadFrame.with_variables`.
    roles, waves : tuple of str
    known : collection of str
        The names that are taken.
    variables : mapping of Variable
        What is known about the derived columns.
    labels : mapping of str to str
        What readers see of those that `variables` does not describe.
    """
    derived = checked_table(derived)
    keys = [key for key in _KEYS if key in derived]
    names = [str(name) for name in derived.columns if name not in keys]
    taken = [name for name in names if name in known or name in RESERVED]
    if taken:
        raise StudyError(f"The frame already has {listed(taken)}; give it another name.")
    if not keys:
        raise StudyError("Derived variables need a key: dyad, or role, wave, person with it.")
    repeated = int(derived.duplicated(keys).sum())
    if repeated:
        raise DataError(
            f"{repeated} row{'s repeat' if repeated > 1 else ' repeats'} a key "
            f"({', '.join(keys)}); a derived variable has one value for each."
        )
    try:
        places = rows[keys].merge(derived[keys].assign(_at=range(len(derived))), how="left")
    except ValueError:
        raise StudyError(
            f"The keys ({', '.join(keys)}) are of another type than in this frame, such as numbers "
            "in place of text."
        ) from None
    lost = len(derived) - places["_at"].nunique()
    if lost:
        raise DataError(
            f"{lost} row{'s belong' if lost > 1 else ' belongs'} to no {' / '.join(keys)} of this "
            "frame."
        )
    at = places["_at"].fillna(-1).astype(int)
    columns = derived[names].reindex(at).set_axis(rows.index)
    joined = pd.concat([rows, columns], axis=1)
    whole = [] if {"member", "role", "person"} & set(keys) else names
    described = describe_columns(joined, names, roles, waves, whole, variables)
    if "person" in keys and "dyad" not in keys:
        for name in set(names) - set(variables):
            described[name] = replace(described[name], level="person")
    for name in {*labels} & {*names} - {*variables}:
        described[name] = replace(described[name], label=labels[name])
    complaints = contradictions(joined, described)
    if complaints:
        raise DataError("\n\n".join(complaints))
    return columns, described
