"""Some of the rows of a frame: the answers to a variable, the items of a scale."""

from __future__ import annotations

import pandas as pd

from dyadkit.frame.levels import once_each
from dyadkit.frame.variable import Variable


def answers_of(
    data: pd.DataFrame, variable: Variable, role: str | None, wave: str | None
) -> pd.DataFrame:
    """Return the answers to a variable, each counted once; see `DyadFrame.answers`."""
    rows = data
    if role is not None:
        rows = rows[rows["role"] == role]
    if wave is not None:
        rows = rows[rows["wave"] == wave]
    front = ["dyad", "member", "role", "wave", "person"]
    front += [name for name in ("occasion",) if name in data]
    rows = rows[front].assign(value=rows[variable.name]).dropna(subset=["value"])
    return rows[once_each(data.loc[rows.index], variable)].reset_index(drop=True)


def keyed_items(rows: pd.DataFrame, scale: Variable) -> pd.DataFrame:
    """Return the items of a scale, those keyed in reverse turned; see `DyadFrame.items`."""
    rows = rows[rows[list(scale.items)].notna().any(axis=1)]
    rows = rows[once_each(rows, scale)]
    keyed = rows[list(scale.items)].astype(float)
    for item in scale.reverse:
        keyed[item] = sum(scale.item_range or ()) - keyed[item]
    return pd.concat([rows[["dyad", "member", "person"]], keyed], axis=1).reset_index(drop=True)
