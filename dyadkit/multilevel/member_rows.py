"""Two rows per dyad, one for each member, and the values of variables in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dyadkit.errors import Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame, Reference

NOBODY = "\ue000"
"""Begins the names given to persons without an id: a private character, which no id has."""


def frame_of(
    data: DyadFrame | pd.DataFrame, dyad: str | None, role: str | None, person: str | None
) -> DyadFrame:
    """Return a DyadFrame of what was passed in.

    Raises
    ------
    StudyError
        When it is no table, or the dyads' column is missing.
    """
    if isinstance(data, DyadFrame):
        return data
    if not isinstance(data, pd.DataFrame):
        raise StudyError(
            f"The data must be a DyadFrame or a DataFrame, but they are {type(data).__name__}."
        )
    if dyad is None:
        raise StudyError("dyad=… is missing: the column that both members of a dyad share.")
    return DyadFrame.from_individual(data, dyad=dyad, role=role, person=person)


def base_rows(dyads: DyadFrame) -> pd.DataFrame:
    """Return two rows per dyad, its members in order, whether they answered or not."""
    rows = dyads.individual([])
    if "member" not in rows:
        rows = rows.assign(member=rows["role"])
    codes = rows["dyad"].drop_duplicates().to_numpy(object)
    members = np.tile(np.array(dyads.members, dtype=object), codes.size)
    base = pd.DataFrame({"dyad": np.repeat(codes, 2), "member": members})
    base["role"] = base["member"] if not dyads.exchangeable else dyads.roles[0]
    if "person" not in rows or rows["person"].isna().all():
        return base.assign(person=base.index.astype(str))
    known = rows.dropna(subset=["person"]).drop_duplicates(["dyad", "member"])
    found = base.merge(known[["dyad", "member", "person"]], on=["dyad", "member"], how="left")
    # No id is a person of its own.
    nobody = pd.Series([f"{NOBODY}{number}" for number in range(len(found))], dtype=object)
    person = found["person"].astype(object)
    return found.assign(person=person.where(person.notna(), nobody))


def find(dyads: DyadFrame, text: str, *, both: bool) -> Reference:
    """Find a variable in one wave; refuse what is not of `both` members where it must be."""
    (found,) = dyads.resolve([text])
    variable = found.variable
    waves = found.waves or dyads.occasions
    if len(waves) > 1:
        raise StudyError(
            f"'{text}' was asked in {len(waves)} waves ({listed(list(waves))}); say which, e.g. "
            f"'{variable.name}.{waves[0]}'."
        )
    if both and variable.level in ("dyad", "group"):
        raise Refused(
            f"'{text}' describes the dyad as a whole, so that both members have the same "
            "value. Make it a covariate or a moderator."
        )
    if both and not variable.numeric:
        raise StudyError(
            f"'{text}' is of type '{variable.kind}', but an actor–partner model takes numbers."
        )
    if both and len(found.roles) < len(dyads.roles):
        raise Refused(
            f"'{text}' was asked of {listed(list(found.roles))} only, but an actor–partner model "
            "needs it of both members. Make it a covariate, or take another model."
        )
    return Reference(variable, found.roles, waves)


def values_of(dyads: DyadFrame, base: pd.DataFrame, reference: Reference) -> FloatArray:
    """Return a variable in the rows of `base`, NaN where it was not answered."""
    return column_of(dyads, base, reference).to_numpy(np.float64, na_value=np.nan)


def column_of(dyads: DyadFrame, base: pd.DataFrame, reference: Reference) -> pd.Series:
    """Return a variable in the rows of `base`, missing where it was not answered."""
    name, wave = reference.variable.name, reference.waves[0]
    rows = dyads.individual([name])
    if wave:
        rows = rows[rows["wave"] == wave]
    keys = ["dyad"]
    if reference.variable.level not in ("dyad", "group"):
        keys.append("member")
        rows = rows[rows["role"].isin(reference.roles)]
        if "member" not in rows:
            rows = rows.assign(member=rows["role"])
    known = rows.dropna(subset=[name]).drop_duplicates(keys)[[*keys, name]]
    return base[keys].merge(known, on=keys, how="left")[name]


def name_of(reference: Reference) -> str:
    """Return the name of a variable, with its wave where it has several."""
    wave = reference.waves[0] if len(reference.variable.waves) > 1 else ""
    return f"{reference.variable.name}.{wave}" if wave else reference.variable.name


def label_of(reference: Reference) -> str:
    """Return what a reader sees, with the wave where there are several."""
    wave = reference.waves[0] if len(reference.variable.waves) > 1 else ""
    return f"{reference.variable.label}, {wave}" if wave else reference.variable.label


def of_one_role(reference: Reference, dyads: DyadFrame) -> bool:
    """Tell whether one of two roles was asked."""
    personal = reference.variable.level not in ("dyad", "group")
    return personal and len(reference.roles) < len(dyads.roles)
