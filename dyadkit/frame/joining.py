"""Derived variables, joined to the rows of a frame by its keys."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.frame.construction import checked_table
from dyadkit.study.contradictions import RESERVED


def join_derived(
    rows: pd.DataFrame, derived: pd.DataFrame, known: Collection[str]
) -> tuple[list[str], pd.DataFrame]:
    """Return the keys, and the rows with the derived columns to their right.

    Parameters
    ----------
    rows : DataFrame
        Individual rows.
    derived : DataFrame
        One row per key; see `DyadFrame.with_variables`.
    known : collection of str
        The names that are taken.
    """
    derived = checked_table(derived)
    keys = [key for key in ("dyad", "member", "role", "wave", "person") if key in derived]
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
    return keys, pd.concat([rows, derived[names].reindex(at).set_axis(rows.index)], axis=1)
