"""From a DataFrame to the sorted, checked and described rows of a DyadFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.frame.coded import plain
from dyadkit.frame.counting import counted
from dyadkit.frame.levels import contradictions, moments, owner
from dyadkit.frame.stacking import from_wide
from dyadkit.frame.variable import Kind, Variable
from dyadkit.study.contradictions import RESERVED

FRONT = ("dyad", "member", "role", "wave", "occasion", "person", "group", "time")
_NAMED = ("role", "wave", "occasion", "person", "group", "time")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows whose dyad, member, role and wave are known, and what their columns are.

    `coded` names those that are kept as codes; see `dyadkit.frame.coded`.
    """

    data: pd.DataFrame
    roles: tuple[str, ...]
    waves: tuple[str, ...]
    variables: Mapping[str, Variable]
    coded: frozenset[str] = frozenset()


def checked_table(data: object) -> pd.DataFrame:
    """Return a DataFrame with textual, unique column names and rows numbered from 0.

    Raises
    ------
    StudyError
        When it is no DataFrame, or a column is named twice.
    """
    if not isinstance(data, pd.DataFrame):
        raise StudyError(f"A DataFrame is needed, not {type(data).__name__}.")
    names = [str(name) for name in data.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StudyError(
            f"More than one column is called {listed(twice)}, so nobody can know which is meant. "
            "Rename one of them."
        )
    return data.set_axis(names, axis=1).reset_index(drop=True)


def prepare_individual(
    data: pd.DataFrame,
    *,
    keys: Mapping[str, str | None],
    roles: Sequence[str] | None,
    waves: Sequence[str] | None,
    dyad_level: Sequence[str],
    variables: Mapping[str, Variable],
) -> Prepared:
    """Prepare one row per person (and wave); see `DyadFrame.from_individual`."""
    data = checked_table(data)
    columns = {key: column for key, column in keys.items() if column is not None}
    for column in [*columns.values(), *dyad_level]:
        if column not in data.columns:
            raise StudyError(
                f"There is no column '{column}'.{nearest(str(column), list(data.columns))} "
                f"The columns are: {listed(list(data.columns), 20)}."
            )
    if not len(data):
        raise DataError("The DataFrame has no rows, so there is no dyad in it.")
    taken = set(columns.values())
    rest = [column for column in data.columns if column not in taken]
    _check_names(rest)
    front = pd.DataFrame(
        {
            key: data[column] if key in ("role", "wave") else _plain_codes(data[column])
            for key, column in columns.items()
        }
    )
    _check_dyads(front["dyad"], columns["dyad"])
    if "occasion" in front:
        _check_occasions(front["occasion"], columns["occasion"])
    all_roles, front["role"] = _labels(front, columns, "role", roles, "member")
    all_waves, front["wave"] = _labels(front, columns, "wave", waves, "")
    if len(all_roles) > 2:
        raise StudyError(
            f"A dyad has two roles; '{columns['role']}' holds {len(all_roles)}: "
            f"{listed(all_roles)}. Name the two with roles=(…, …) after dropping the others."
        )
    if "person" not in front:
        front["person"] = pd.Series(pd.NA, index=front.index, dtype="object")
    front["member"] = front["role"] if len(all_roles) == 2 else number_members(front)
    long = pd.concat([front, data[rest]], axis=1)
    described = describe_columns(long, rest, all_roles, all_waves, dyad_level, variables)
    return Prepared(long, all_roles, all_waves, described)


def prepare_wide(
    data: pd.DataFrame,
    *,
    dyad: str,
    roles: tuple[str, ...],
    waves: tuple[str, ...],
    occasion: str | None,
    pattern: str,
    variables: Mapping[str, Variable],
) -> tuple[Prepared, int]:
    """Prepare one row per dyad; see `DyadFrame.from_wide`.

    Returns
    -------
    tuple of Prepared and int
        The rows, and the number of dyads that left none because no member answered anything.
    """
    data = checked_table(data)
    for column in (dyad, *([occasion] if occasion else [])):
        if column not in data.columns:
            known = list(data.columns)
            raise StudyError(f"There is no column '{column}'.{nearest(str(column), known)}")
    if not 1 <= len(roles) <= 2 or len(set(roles)) < len(roles):
        raise StudyError("A dyad has two roles, or one when its members are exchangeable.")
    if not len(data):
        raise DataError("The DataFrame has no rows, so there is no dyad in it.")
    data = data.assign(**{dyad: _plain_codes(data[dyad])})
    _check_dyads(data[dyad], dyad)
    if occasion:
        _check_occasions(data[occasion], occasion)
        data = data.rename(columns={occasion: "occasion"})
    twice = data.duplicated([dyad, *(["occasion"] if occasion else [])], keep=False)
    if twice.any():
        also = f" and '{occasion}'" if occasion else ""
        raise DataError(
            f"{int(twice.sum())} rows share a code in '{dyad}'{also} (positions "
            f"{listed(data.index[twice].tolist())}); the wide layout has one row per dyad"
            f"{' and occasion' if occasion else ''}.",
            rows=data.index[twice].tolist(),
        )
    members = list(roles) if len(roles) == 2 else ["1", "2"]
    stacked = from_wide(data, dyad=dyad, members=members, waves=waves, pattern=pattern)
    if not len(stacked.data):
        raise DataError("No member of a dyad answered anything in the DataFrame.")
    long = stacked.data
    long["role"] = long["member"] if len(roles) == 2 else roles[0]
    if "person" not in long:
        long["person"] = pd.Series(pd.NA, index=long.index, dtype="object")
    names = [str(name) for name in long.columns if name not in FRONT]
    described = describe_columns(long, names, roles, waves, stacked.shared, variables)
    return Prepared(long, roles, waves, described), stacked.without_member


def in_order(prepared: Prepared) -> pd.DataFrame:
    """Sort by dyad, wave and member, and give each dyad one value of what belongs to it.

    Raises
    ------
    DataError
        When a member has two rows in a wave, or a dyad two values of a dyad-level variable.
    """
    data = prepared.data
    members = prepared.roles if len(prepared.roles) == 2 else ("1", "2")
    # One number for each place, in the order of the rows: two rows of a place share theirs.
    place = _ranks(data["dyad"])
    place *= len(prepared.waves) + 1
    place += _places(data["wave"], prepared.waves or ("",))
    if "occasion" in data:
        occasions = _ranks(data["occasion"])
        place *= occasions.max(initial=0) + 1
        place += occasions
    place *= len(members)
    place += _places(data["member"], members)
    sorted_already = bool((place[1:] > place[:-1]).all())
    if not sorted_already:
        order = np.argsort(place, kind="stable")
        if (place[order][1:] == place[order][:-1]).any():
            _complain_of_two_rows(plain(data[[*FRONT[:3], *moments(data)]], prepared.coded))
    complaints = contradictions(data, prepared.variables, prepared.coded)
    if complaints:
        raise DataError("\n\n".join(complaints))
    front = [name for name in FRONT if name in data.columns]
    tidy = data[[*front, *prepared.variables]]
    if not sorted_already:
        tidy = tidy.take(order)
    tidy = tidy.reset_index(drop=True)
    if tidy["person"].isna().all():
        tidy["person"] = pd.Series(np.nan, index=tidy.index, dtype="str")
    for variable in prepared.variables.values():
        if variable.level in ("dyad", "group"):
            rows = plain(tidy[[*front, variable.name]], prepared.coded)
            keys = [owner(rows, variable), *(rows[name] for name in moments(rows))]
            tidy[variable.name] = rows.groupby(keys, sort=False, dropna=False)[
                variable.name
            ].transform("first")
    return tidy


def _ranks(values: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the place of each value among the sorted distinct ones; 0 where there is none."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        texts = pd.Categorical(values)
        return _ranks(pd.Series(texts.categories)).take(texts.codes)
    if values.dtype == "str" and not values.hasnans and len(values):
        # Ids mostly come in their order, in which equal ones are neighbours.
        texts = pa.chunked_array(pa.array(values))
        before, after = texts.slice(0, len(texts) - 1), texts.slice(1)
        if pc.all(pc.less_equal(before, after)).as_py():
            changes = pc.not_equal(before, after).to_numpy()
            return np.cumsum(np.append(False, changes), dtype=np.int64)
    codes, _ = pd.factorize(values, sort=True)
    return np.asarray(codes, dtype=np.int64) + int((codes < 0).any())


def _places(values: pd.Series, labels: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the place of each value among the labels."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        texts = pd.Categorical(values)
        codes, found = texts.codes, texts.categories
    else:
        codes, found = pd.factorize(values)
    places = np.array([labels.index(label) for label in found], dtype=np.int64)
    return places[np.asarray(codes)]


def describe_columns(
    data: pd.DataFrame,
    names: Sequence[str],
    roles: tuple[str, ...],
    waves: tuple[str, ...],
    dyad_level: Sequence[str],
    known: Mapping[str, Variable],
) -> dict[str, Variable]:
    """Say of each column what it is, from what is known or else from its values.

    A known variable that does not say where it was asked was asked everywhere.
    """
    described: dict[str, Variable] = {}
    for name in names:
        if name in known:
            one = known[name]
            described[name] = replace(one, roles=one.roles or roles, waves=one.waves or waves)
            continue
        answered = data.loc[data[name].notna(), ["role", "wave"]]
        where = answered if len(answered) else data
        kind: Kind = "text"
        if isinstance(data[name].dtype, pd.CategoricalDtype) or data[name].dtype == "bool":
            kind = "category"
        elif pd.api.types.is_numeric_dtype(data[name]):
            kind = "number"
        elif pd.api.types.is_datetime64_any_dtype(data[name]):
            kind = "date"
        described[name] = Variable(
            name=name,
            label=name.replace("_", " ").capitalize(),
            kind=kind,
            level="dyad" if name in dyad_level else "relationship",
            roles=tuple(role for role in roles if (where["role"] == role).any()),
            waves=tuple(wave for wave in waves if (where["wave"] == wave).any()),
        )
    return described


def number_members(data: pd.DataFrame) -> pd.Series:
    """Call exchangeable members "1" and "2": by sorted id, else by the order of their rows."""
    if data["person"].notna().all():
        people = data[["dyad", "person"]].drop_duplicates()
        by_id = np.lexsort([pd.factorize(people[key], sort=True)[0] for key in ("person", "dyad")])
        people = people.iloc[by_id]
        place = people.groupby("dyad", sort=False).cumcount() + 1
        numbers = data[["dyad", "person"]].merge(
            people.assign(place=place), on=["dyad", "person"], how="left"
        )
        position = numbers["place"].set_axis(data.index)
    else:
        if data.duplicated(["dyad"]).any() and data["wave"].nunique() > 1:
            raise StudyError(
                "Exchangeable members over several waves need person=…, the column that says "
                "which of the two answered."
            )
        position = data.groupby(["dyad", "wave"], sort=False).cumcount() + 1
    crowded = data.loc[position > 2, "dyad"].unique()
    if len(crowded):
        raise DataError(
            f"{len(crowded)} dyad{'s have' if len(crowded) > 1 else ' has'} more than two members "
            f"(dyads {listed(list(crowded))}). Check the dyad codes, or declare the team as a "
            "group.",
            rows=data.index[position > 2].tolist(),
        )
    return position.astype(int).astype(str)


def _check_names(names: Sequence[str]) -> None:
    clash = [name for name in names if name in RESERVED]
    if clash:
        means = f', or say what it is ({clash[0]}="{clash[0]}")' if clash[0] in _NAMED else ""
        raise StudyError(
            f"The column '{clash[0]}' has a name that dyadkit uses itself; rename it{means}."
        )


def _plain_codes(codes: pd.Series) -> pd.Series:
    """Take the categories off codes, so that no code without a row is carried along."""
    if isinstance(codes.dtype, pd.CategoricalDtype):
        return codes.astype(codes.cat.categories.dtype)
    return codes


def _check_dyads(codes: pd.Series, column: str) -> None:
    empty = codes.isna() | codes.astype("str").str.strip().eq("")
    if empty.any():
        rows = codes.index[empty].tolist()
        raise DataError(
            f"{len(rows)} row{'s have' if len(rows) > 1 else ' has'} no dyad code in '{column}' "
            f"(positions {listed(rows)}). Drop them or fill in the code.",
            rows=rows,
        )


def _check_occasions(values: pd.Series, column: str) -> None:
    empty = values.index[values.isna()].tolist()
    if empty:
        raise DataError(
            f"{len(empty)} row{'s have' if len(empty) > 1 else ' has'} no occasion in '{column}' "
            f"(positions {listed(empty)}). Drop them or fill in the occasion.",
            rows=empty,
        )


def _labels(
    front: pd.DataFrame,
    columns: Mapping[str, str],
    what: str,
    known: Sequence[str] | None,
    single: str,
) -> tuple[tuple[str, ...], pd.Series]:
    """Return the roles (or waves) in their order, and that of each row."""
    if what not in front:
        labels = tuple(known or ((single,) if single else ()))
        if len(labels) > 1:
            raise StudyError(
                f"{what}s={labels!r} needs {what}=…, the column that tells them apart."
            )
        return labels, pd.Series(labels[0] if labels else "", index=front.index)
    values = front[what]
    rows = values.index[values.isna()].tolist()
    if rows:
        raise DataError(
            f"{len(rows)} row{'s have' if len(rows) > 1 else ' has'} no {what} in "
            f"'{columns[what]}' (positions {listed(rows)}). Drop them or fill in the {what}.",
            rows=rows,
        )
    _, found = pd.factorize(values, sort=True)
    ordered = found if isinstance(values.dtype, pd.CategoricalDtype) else counted(found)
    names = {value: _label(value) for value in ordered}
    texts = values.map(names).astype("str")
    labels = tuple(str(label) for label in known or dict.fromkeys(names.values()))
    strange = sorted({*names.values()} - {*labels})
    if strange:
        raise StudyError(
            f"The {what}s {listed(strange)} are not among {listed(labels)}; name every {what}, or "
            "drop these rows."
        )
    return labels, texts


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _complain_of_two_rows(data: pd.DataFrame) -> NoReturn:
    """Refuse data in which a member of a dyad has two rows in one wave (and occasion)."""
    keys = ["dyad", "role", "member", *moments(data)]
    twice = data.duplicated(keys, keep=False)
    places = data.loc[twice, keys].drop_duplicates()
    named = [
        " ".join(str(part) for part in dict.fromkeys(place) if part != "")
        for place in places.head(8).itertuples(index=False, name=None)
    ]
    rest = len(places) - len(named)
    when = "an occasion" if "occasion" in data else "a wave"
    raise DataError(
        f"{len(places)} member{'s' * (len(places) > 1)} of dyads have more than one row in "
        f"{when}: {'; '.join(named)}{f' and {rest} more' if rest else ''}. Keep one row each, "
        "or name the column that tells the waves apart (or the occasions of a diary).",
        rows=[int(row) for row in twice.to_numpy().nonzero()[0]],
    )
