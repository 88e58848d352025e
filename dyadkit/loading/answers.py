"""The answers in rows that may be used: numbers, ranges, and what was set missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.loading.cells import (
    NumberRules,
    detect_decimal,
    has_decimals,
    plain,
    read_dates,
    read_numbers,
    read_texts,
)
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.rows import SourceRows
from dyadkit.study import Scale, SingleVariable, Study

Declared = Scale | SingleVariable


@dataclass(frozen=True, slots=True)
class Answers:
    """The typed answers of one source.

    Attributes
    ----------
    keys : DataFrame
        ``source``, ``row``, ``wave``, ``role``, ``person``, ``dyad`` and perhaps ``group``.
    values : DataFrame
        One column a variable or item, in rows like those of `keys`.
    cells : DataFrame
        The cells that were set missing: ``row``, ``variable`` and ``detail``.
    """

    keys: pd.DataFrame
    values: pd.DataFrame
    cells: pd.DataFrame
    problems: tuple[Problem, ...]


def read_answers(rows: SourceRows, study: Study) -> Answers:
    """Read the answers of the rows that stay; values outside their range are set missing."""
    staying = rows.staying
    keys = rows.keys[staying].reset_index(drop=True)
    declared: dict[str, Declared] = {v.name: v for v in study.variables}
    declared |= {item: scale for scale in study.scales for item in scale.items}
    texts = {
        column: rows.table.column(column)[staying].reset_index(drop=True)
        for column in dict.fromkeys(c for block in rows.blocks for c in block.columns.values())
    }
    numeric = {
        column: texts[column]
        for block in rows.blocks
        for name, column in block.columns.items()
        if _kind(declared[name]) in _NUMERIC
    }
    source, problems = rows.source, []
    # Only text files write numbers in the reader's own way.
    decimal, unclear = (
        detect_decimal(list(numeric.values()), rows.table.delimiter)
        if rows.table.delimiter
        else (".", "")
    )
    if unclear and source.decimal is None:
        problems.append(_unclear_decimals(source.name, unclear, numeric, keys["row"]))
    words = {plain(word): number for word, number in source.values.items()}
    declared_missing = frozenset(plain(code) for code in source.missing)
    cells: list[pd.DataFrame] = []
    strange: dict[str, list[pd.Series]] = {}
    pieces: dict[str, list[pd.Series]] = {}
    for block in rows.blocks:
        here = (keys["role"].eq(block.role) & keys["wave"].eq(block.wave)).to_numpy()
        for name, column in block.columns.items():
            kind = _kind(declared[name])
            raw = texts[column][here]
            own = rows.table.missing.get(rows.table.own_name(column), frozenset())
            rules = NumberRules(
                source.decimal or decimal, words, declared_missing.union(map(plain, own))
            )
            if kind == "category":
                labels = rows.table.value_labels.get(rows.table.own_name(column), {})
                raw = raw.map(lambda code, labels=labels: labels.get(code, code))
            values, unread = _read(raw, kind, rules)
            if unread.any():
                strange.setdefault(_EXPECTED.get(kind, _NUMBER), []).append(
                    raw[unread].rename(column)
                )
            if kind in _NUMERIC:
                values, outside = _within_range(values, declared[name], column)
                cells.append(outside.assign(variable=name))
            pieces.setdefault(name, []).append(values)
    if not problems:
        problems += [
            _complain(source.name, expected, found, keys["row"])
            for expected, found in strange.items()
        ]
    typed = {name: pd.concat(parts).reindex(keys.index) for name, parts in pieces.items()}
    outside = pd.concat([part for part in cells if len(part)] or [_no_cells()])
    return Answers(
        keys=keys.drop(columns=["reason", "detail", "anonymous"]).assign(source=source.name),
        values=pd.DataFrame(typed, index=keys.index),
        cells=outside.assign(row=keys["row"].reindex(outside.index)).reset_index(drop=True),
        problems=tuple(problems),
    )


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


def _read(texts: pd.Series, kind: str, rules: NumberRules) -> tuple[pd.Series, pd.Series]:
    """Read texts as what they are declared to be; mark those that cannot be read so."""
    if kind in _NUMERIC:
        return read_numbers(texts, rules)
    if kind == "date":
        return read_dates(texts, rules.missing)
    return read_texts(texts, rules.missing), pd.Series(False, index=texts.index)


def _within_range(
    values: pd.Series, declared: Declared, column: str
) -> tuple[pd.Series, pd.DataFrame]:
    """Set values outside their possible range missing, and say which ones."""
    low, high = declared.range or (0.0 if _kind(declared) == "count" else -np.inf, np.inf)
    strange = values.lt(low) | values.gt(high)
    wanted = f"outside {low:g} to {high:g}" if np.isfinite(high) else f"below {low:g}"
    found = pd.DataFrame({"detail": values[strange].map(lambda v: f"{column} = {v:g}, {wanted}")})
    return values.mask(strange), found


def _unclear_decimals(
    source: str, why: str, columns: Mapping[str, pd.Series], numbers: pd.Series
) -> Problem:
    """Show the numbers that leave it open what a comma means."""
    found = {}
    for mark in (",", "."):
        cells = pd.concat([texts[has_decimals(texts, mark)] for texts in columns.values()])
        found[mark] = (cells, np.unique(numbers.loc[cells.index]).tolist())
    commas, comma_rows = found[","]
    points, point_rows = found["."]
    says = f"{source}: {plural(len(commas), 'number')} {'is' if len(commas) == 1 else 'are'}"
    ask = 'Say decimal = "," or decimal = "." in its [[source]]'
    if why == "thousands":
        return Problem.at(
            f"{says} written like '{commas.iloc[0]}' (row{'s' * (len(comma_rows) > 1)} "
            f"{listed(comma_rows)}), where the comma may stand before decimals or between "
            f"thousands. {ask}.",
            comma_rows,
        )
    return Problem.at(
        f"{says} written with a decimal comma, like '{commas.iloc[0]}' (row"
        f"{'s' * (len(comma_rows) > 1)} {listed(comma_rows, 4)}), and {len(points):,} with a "
        f"point, like '{points.iloc[0]}' (row{'s' * (len(point_rows) > 1)} "
        f"{listed(point_rows, 4)}). {ask}; what does not fit is then listed.",
        [*comma_rows, *point_rows],
    )


def _no_cells() -> pd.DataFrame:
    return pd.DataFrame({"detail": [], "variable": []}, index=pd.RangeIndex(0), dtype="object")


def _complain(
    source: str, expected: str, found: Sequence[pd.Series], numbers: pd.Series
) -> Problem:
    """Say which cells cannot be read as what the study file declares."""
    cells = pd.concat(found)
    rows = np.unique(numbers.loc[cells.index])
    columns = list(dict.fromkeys(str(part.name) for part in found))
    words = [f"'{word[:24]}{'…' * (len(word) > 24)}'" for word in cells.unique()]
    return Problem.at(
        f"{source}: {plural(len(cells), 'cell')} in {plural(len(columns), 'column')} "
        f"({listed(columns, 6)}) cannot be read as {expected}: {listed(words, 4)} "
        f"(row{'s' * (len(rows) > 1)} {listed(list(rows))}). {_REMEDY[expected]}",
        rows,
    )


def check_person_level(keys: pd.DataFrame, values: pd.DataFrame, study: Study) -> list[Problem]:
    """Complain when someone in several dyads gave a person-level answer differently."""
    who = ["person", "role", "wave"]
    repeated = keys["person"].ne("") & keys.duplicated(who, keep=False)
    if not repeated.any():
        return []
    answerer = keys[repeated].groupby(who, sort=False).ngroup()
    people = keys.loc[repeated, "person"].groupby(answerer).first()
    problems = []
    declared = [(s.name, s.items) for s in study.scales if s.level == "person"]
    declared += [(v.name, (v.name,)) for v in study.variables if v.level == "person"]
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
