"""One row per dyad → one row per person and wave: the way back from the wide layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.frame.layouts import BESIDE, PRESENT
from dyadkit.study.contradictions import RESERVED

_KEYS = RESERVED.difference(BESIDE, [PRESENT])


@dataclass(frozen=True, slots=True)
class Stacked:
    """Individual rows made of wide ones.

    Attributes
    ----------
    data : DataFrame
        ``dyad``, ``member``, ``wave`` and what the columns hold.
    shared : tuple of str
        The variables that belong to the dyad as a whole.
    without_member : int
        Wide rows in which no member has an answer; they leave no individual row.
    """

    data: pd.DataFrame
    shared: tuple[str, ...]
    without_member: int


def from_wide(
    data: pd.DataFrame,
    *,
    dyad: str,
    members: Sequence[str],
    waves: Sequence[str],
    pattern: str,
) -> Stacked:
    """Stack one row per dyad into individual rows; the inverse of `to_wide`.

    Raises
    ------
    StudyError
        When no column fits the pattern, or one can be read in two ways.
    DataError
        When a presence column holds something else than true and false.
    """
    occasions = tuple(waves) or ("",)
    plain = [str(column) for column in data.columns if column != dyad]
    found = _read_names(plain, pattern, members, occasions)
    if not any(name not in (*BESIDE, PRESENT) for name, _, _ in found.values()):
        raise StudyError(
            f"No column fits the pattern '{pattern}' with the roles {', '.join(members)}"
            + (f" and the waves {', '.join(waves)}" if waves else "")
            + f". The columns are: {listed(plain)}."
        )
    strange = sorted({name for name, _, _ in found.values()} & _KEYS)
    if strange:
        raise StudyError(
            f"The columns of '{strange[0]}' have a name that dyadkit uses itself; rename them."
        )
    constant = {f"{name}_{member}": (name, member) for name in BESIDE for member in members}
    shared: dict[tuple[str, str], str] = {}
    for column in plain:
        if column in found or column in constant or column in ("group", "occasion"):
            continue
        suffix = next((wave for wave in occasions if wave and column.endswith(f"_{wave}")), "")
        name = column.removesuffix(f"_{suffix}") if suffix else column
        # A column without a wave holds for every wave.
        for wave in [suffix] if suffix else occasions:
            shared[name, wave] = column
    pieces = []
    for member in members:
        for wave in occasions:
            own = {
                name: column
                for column, (name, who, when) in found.items()
                if (who, when) == (member, wave) and column not in constant
            }
            beside = {name: column for column, (name, who) in constant.items() if who == member}
            beside = {name: column for name, column in beside.items() if column in data}
            there = _present(data, own, None if waves else beside.get("person"))
            own.pop(PRESENT, None)
            around = {name: column for (name, when), column in shared.items() if when == wave}
            around |= {name: name for name in ("group", "occasion") if name in data}
            chosen = {**own, **beside, **around, "dyad": dyad}
            piece = pd.DataFrame({name: data[column] for name, column in chosen.items()})
            pieces.append(piece.assign(member=member, wave=wave)[there])
    rows = pd.concat([piece for piece in pieces if len(piece)] or pieces[:1])
    lost = len(data) - rows.index.nunique()
    read = {column: name for column, (name, _, _) in found.items()}
    read |= {column: name for (name, _), column in shared.items()}
    order = dict.fromkeys(read[column] for column in plain if column in read)
    front = [name for name in rows.columns if name not in order]
    rows = rows[[*front, *(name for name in order if name in rows)]]
    return Stacked(
        rows.reset_index(drop=True).infer_objects(),
        tuple(dict.fromkeys(name for name, _ in shared)),
        lost,
    )


def _read_names(
    columns: Sequence[str], pattern: str, members: Sequence[str], occasions: Sequence[str]
) -> dict[str, tuple[str, str, str]]:
    """Find which columns hold which variable of which member in which wave."""
    needed = ["{variable}", "{role}", *(["{wave}"] if occasions != ("",) else [])]
    absent = [part for part in needed if pattern.count(part) != 1]
    if absent:
        raise StudyError(
            f"The pattern '{pattern}' must have {', '.join(absent)} once; write e.g. "
            f'"{"_".join(needed)}".'
        )
    found: dict[str, tuple[str, str, str]] = {}
    for member in members:
        for wave in occasions:
            before, _, after = (
                part.replace("{role}", member).replace("{wave}", wave)
                for part in pattern.partition("{variable}")
            )
            for column in columns:
                name = column[len(before) : len(column) - len(after)]
                if not name or column != f"{before}{name}{after}":
                    continue
                if column in found:
                    ways = [
                        " of ".join([f"'{variable}'", " ".join(part for part in place if part)])
                        for variable, *place in (found[column], (name, member, wave))
                    ]
                    raise StudyError(
                        f"The column '{column}' can be read in two ways with the pattern "
                        f"'{pattern}': as {' and as '.join(ways)}. Rename it."
                    )
                found[column] = (name, member, wave)
    return found


def _present(data: pd.DataFrame, own: Mapping[str, str], person: str | None) -> pd.Series:
    """Mark the wide rows in which one member has a row in one wave."""
    if PRESENT in own:
        there = data[own[PRESENT]]
        if there.dtype != "bool":
            raise DataError(
                f"The columns '{PRESENT}_…' say which members have a row, and hold true and false "
                "only. Rename them if they are a variable of yours."
            )
        return there
    there = data[list(own.values())].notna().any(axis=1)
    return there if person is None else there | data[person].notna()
