"""The answers in rows that may be used: numbers, ranges, and what was set missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.frame.coded import coded_columns, coded_numbers, placed
from dyadkit.loading.cells import (
    NumberRules,
    detect_decimal,
    has_decimals,
    plain,
    read_dates,
    read_numbers,
    read_texts,
)
from dyadkit.loading.coding import shared
from dyadkit.loading.moments import read_moments
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.rows import SourceRows
from dyadkit.loading.screening.findings import Finding
from dyadkit.loading.texts import Positions, as_texts, each, is_empty, same_text
from dyadkit.loading.unfolding import Records
from dyadkit.study import Scale, SingleVariable, Study

Declared = Scale | SingleVariable
Column: TypeAlias = "np.ndarray | pd.Series | pd.Categorical[Any]"


@dataclass(frozen=True, slots=True)
class Answers:
    """The typed answers of one source.

    Attributes
    ----------
    keys : DataFrame
        ``source``, ``row``, ``wave``, ``role``, ``person``, ``dyad`` and perhaps ``group``.
    values : DataFrame
        One column a variable or item, in rows like those of `keys`; numbers are coded.
    cells : DataFrame
        The cells that were set missing: ``at`` (the position of their row in `keys`),
        ``variable`` and ``detail``.
    """

    keys: pd.DataFrame
    values: pd.DataFrame
    cells: pd.DataFrame
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def read_answers(rows: SourceRows, study: Study) -> Answers:
    """Read the answers of the records that stay; values outside their range are set missing.

    Each distinct text is read once.
    """
    records, table, source, keys = rows.records, rows.table, rows.source, rows.keys
    if not rows.staying.all():
        kept = np.flatnonzero(rows.staying)
        records, keys = records.take(kept), keys.take(kept).reset_index(drop=True)
    declared: dict[str, Declared] = {v.name: v for v in study.singles}
    declared |= {item: scale for scale in study.scales for item in scale.items}
    columns = dict.fromkeys(c for block in records.blocks for c in block.columns.values())
    texts = {column: as_texts(table.column(column))[records.rows] for column in columns}
    numeric = {
        column: texts[column]
        for block in records.blocks
        for name, column in block.columns.items()
        if _kind(declared[name]) in _NUMERIC
    }
    moments = read_moments(keys, source)
    problems = list(moments.problems) if moments else []
    # Only text files write numbers in the reader's own way.
    decimal, unclear = (
        detect_decimal(list(numeric.values()), table.delimiter) if table.delimiter else (".", "")
    )
    if unclear and source.decimal is None:
        problems.append(_unclear_decimals(source.name, unclear, numeric, keys["row"]))
    words = {plain(word): number for word, number in source.values.items()}
    declared_missing = frozenset(plain(code) for code in source.missing)
    cells: list[pd.DataFrame] = []
    strange: dict[str, list[_Strange]] = {}
    values: dict[str, list[tuple[Positions, Column]]] = {}
    for name, column, here in _places(records, keys):
        kind = _kind(declared[name])
        raw = texts[column] if len(here) == len(keys) else texts[column].take(here)
        own = table.missing.get(table.own_name(column), frozenset())
        rules = NumberRules(
            source.decimal or decimal, words, declared_missing.union(map(plain, own))
        )
        if kind == "category":
            labels = table.value_labels.get(table.own_name(column), {})
            raw = as_texts(pd.Series(each(raw, partial(_label, labels))))
        read, unread = _read(raw, kind, rules)
        if unread.any():
            strange.setdefault(_EXPECTED.get(kind, _NUMBER), []).append(
                _Strange(column, here[unread], raw[unread])
            )
        if kind in _NUMERIC:
            read, outside = _within_range(read, declared[name], column)
            if outside is not None:
                cells.append(outside.assign(at=here[outside["at"]], variable=name))
        values.setdefault(name, []).append((here, read))
    if not unclear or source.decimal is not None:
        problems += [
            _complain(source.name, expected, found, keys["row"])
            for expected, found in strange.items()
        ]
    names = list(dict.fromkeys(n for block in records.blocks for n in block.columns))
    outside = pd.concat(cells or [_no_cells()], ignore_index=True)
    keys = keys.drop(columns=["reason", "detail", "anonymous"])
    if moments:
        keys["moment"] = moments.times
    return Answers(
        keys=keys.assign(source=same_text(source.name, len(keys))),
        values=pd.DataFrame(
            {
                name: _together(values.get(name, ()), _kind(declared[name]), len(keys))
                for name in names
            },
            index=range(len(keys)),
            copy=False,
        ),
        cells=outside,
        problems=tuple(problems),
        findings=moments.findings if moments else (),
        notes=moments.notes if moments else (),
    )


def _places(records: Records, keys: pd.DataFrame) -> Iterator[tuple[str, str, Positions]]:
    """Yield each variable and column, and the records whose answers stand there, in their order.

    Roles and waves that share a column are read together.
    """
    role, wave = as_texts(keys["role"]), as_texts(keys["wave"])
    spots = {}
    for number, block in enumerate(records.blocks):
        here = records.part == block.part
        for texts, label in ((role, block.role), (wave, block.wave)):
            here &= texts.codes == texts.categories.get_indexer(pd.Index([label], dtype="str"))[0]
        spots[number] = here
    shared: dict[tuple[str, str], tuple[int, ...]] = {}
    for number, block in enumerate(records.blocks):
        for place in block.columns.items():
            shared[place] = (*shared.get(place, ()), number)
    together = {
        blocks: np.flatnonzero(np.logical_or.reduce([spots[number] for number in blocks]))
        for blocks in dict.fromkeys(shared.values())
    }
    for (name, column), blocks in shared.items():
        if len(together[blocks]):
            yield name, column, together[blocks]


@dataclass(frozen=True, slots=True)
class _Strange:
    """Cells of a column that cannot be read, and where their records stand."""

    column: str
    at: Positions
    texts: pd.Categorical


def _label(labels: Mapping[str, str], code: str) -> str:
    return labels.get(code, code)


def _together(parts: Sequence[tuple[Positions, Any]], kind: str, size: int) -> Column:
    """Put what was read for each role, wave and part in its place."""
    if kind in _NUMERIC:
        return placed(parts, size)
    pieces = [pd.Series(part).set_axis(at) for at, part in parts]
    none = pd.Series([], dtype="datetime64[us]" if kind == "date" else "str")
    whole: pd.Series = pd.concat(pieces or [none]).reindex(range(size))
    return whole


def stack_values(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the values of several sources below one another."""
    if len(frames) == 1:
        return frames[0]
    coded = frozenset[str]().union(*map(coded_columns, frames))
    others = [frame.drop(columns=list(coded.intersection(frame))) for frame in frames]
    stacked = pd.concat(others, ignore_index=True)
    ends = np.cumsum([len(frame) for frame in frames])
    numbers = {
        name: placed(
            [
                (np.arange(end - len(frame), end), frame[name].array)
                for frame, end in zip(frames, ends, strict=True)
                if name in frame
            ],
            len(stacked),
        )
        for name in coded
    }
    names = dict.fromkeys(name for frame in frames for name in frame)
    return stacked.assign(**numbers)[list(names)]


_NUMERIC = ("number", "count", "ordinal")
_NUMBER = "a number"
_EXPECTED = {"date": "a date like 2026-01-31"}
_REMEDY = {
    _NUMBER: 'Say what such words mean in its [[source]], with values = { "Agree" = 6 } or '
    'missing = ["n/a"], or correct the file.',
    _EXPECTED["date"]: 'Write dates like this in the file, or declare type = "text".',
}


def _kind(declared: Declared) -> str:
    return "number" if isinstance(declared, Scale) else declared.type


def _read(texts: pd.Categorical, kind: str, rules: NumberRules) -> tuple[Column, Mask]:
    """Read texts as what they are declared to be; mark those that cannot be read so."""
    if kind in _NUMERIC:
        return read_numbers(texts, rules)
    if kind == "date":
        return read_dates(texts, rules.missing)
    return read_texts(texts, rules.missing), np.zeros(len(texts), dtype=bool)


def _within_range(
    values: Column, declared: Declared, column: str
) -> tuple[Column, pd.DataFrame | None]:
    """Set values outside their possible range missing, and say which ones."""
    low, high = declared.range or (0.0 if _kind(declared) == "count" else -np.inf, np.inf)
    known = values.categories.to_numpy() if isinstance(values, pd.Categorical) else values
    far = np.append((known < low) | (known > high), False)
    if not far.any():
        return values, None
    places = values.codes if isinstance(values, pd.Categorical) else np.arange(len(known))
    strange = np.flatnonzero(far[places])
    wanted = f"outside {low:g} to {high:g}" if np.isfinite(high) else f"below {low:g}"
    said = [f"{column} = {value:g}, {wanted}" for value in known[places[strange]].tolist()]
    found = pd.DataFrame({"at": strange, "detail": pd.Series(said, dtype="object")})
    return coded_numbers(np.where(far, np.nan, np.append(known, np.nan)), places), found


def _unclear_decimals(
    source: str, why: str, columns: Mapping[str, pd.Categorical], numbers: pd.Series
) -> Problem:
    """Show the numbers that leave it open what a comma means."""
    found = {}
    for mark in (",", "."):
        marked = {column: has_decimals(texts, mark) for column, texts in columns.items()}
        cells = [str(t) for column, mask in marked.items() for t in columns[column][mask]]
        found[mark] = (cells, np.unique(numbers[np.logical_or.reduce([*marked.values()])]).tolist())
    commas, comma_rows = found[","]
    points, point_rows = found["."]
    says = f"{source}: {plural(len(commas), 'number')} {'is' if len(commas) == 1 else 'are'}"
    ask = 'Say decimal = "," or decimal = "." in its [[source]]'
    if why == "thousands":
        return Problem.at(
            f"{says} written like '{commas[0]}' (row{'s' * (len(comma_rows) > 1)} "
            f"{listed(comma_rows)}), where the comma may stand before decimals or between "
            f"thousands. {ask}.",
            comma_rows,
        )
    return Problem.at(
        f"{says} written with a decimal comma, like '{commas[0]}' (row"
        f"{'s' * (len(comma_rows) > 1)} {listed(comma_rows, 4)}), and {len(points):,} with a "
        f"point, like '{points[0]}' (row{'s' * (len(point_rows) > 1)} "
        f"{listed(point_rows, 4)}). {ask}; what does not fit is then listed.",
        [*comma_rows, *point_rows],
    )


def _no_cells() -> pd.DataFrame:
    return pd.DataFrame({"at": [], "detail": [], "variable": []}, dtype="object")


def _complain(source: str, expected: str, found: Sequence[_Strange], numbers: pd.Series) -> Problem:
    """Say which cells cannot be read as what the study file declares."""
    rows = np.unique(numbers.iloc[np.concatenate([part.at for part in found])])
    count = sum(len(part.at) for part in found)
    columns = list(dict.fromkeys(part.column for part in found))
    seen = dict.fromkeys(str(word) for part in found for word in part.texts.unique())
    words = [f"'{word[:24]}{'…' * (len(word) > 24)}'" for word in seen]
    return Problem.at(
        f"{source}: {plural(count, 'cell')} in {plural(len(columns), 'column')} "
        f"({listed(columns, 6)}) cannot be read as {expected}: {listed(words, 4)} "
        f"(row{'s' * (len(rows) > 1)} {listed(list(rows))}). {_REMEDY[expected]}",
        rows,
    )


def check_person_level(keys: pd.DataFrame, values: pd.DataFrame, study: Study) -> list[Problem]:
    """Complain when someone in several dyads gave a person-level answer differently."""
    declared = [(s.name, s.items) for s in study.scales if s.level == "person"]
    declared += [(v.name, (v.name,)) for v in study.variables if v.level == "person"]
    if not declared:
        return []
    who = ["person", "role", *(name for name in ("wave", "occasion") if name in keys)]
    ids = as_texts(keys["person"])
    if is_empty(ids)[shared(ids.codes)].all():
        return []
    repeated = keys["person"].ne("") & keys.duplicated(who, keep=False)
    if not repeated.any():
        return []
    answerer = keys[repeated].groupby(who, sort=False, observed=True).ngroup()
    people = keys.loc[repeated, "person"].astype("object").groupby(answerer).first()
    problems = []
    for name, columns in declared:
        present = [column for column in columns if column in values]
        counts = values.loc[repeated, present].groupby(answerer).nunique()
        differ = people[counts.gt(1).any(axis=1)].unique()
        if len(differ):
            rows = keys["row"][repeated & keys["person"].isin(differ)]
            problems.append(
                Problem.at(
                    f"'{name}' is declared to be answered once per person, but "
                    f"{plural(len(differ), 'person', 'people')} in several dyads answered it "
                    f"differently in each ({listed(list(differ))}). Declare level = "
                    '"relationship" if it was asked about each partner, or correct the files.',
                    rows,
                )
            )
    return problems
