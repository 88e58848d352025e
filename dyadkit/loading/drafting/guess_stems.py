"""Items that seem to belong to one scale: their range, and which run against the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dyadkit.loading.drafting.guess_columns import Column, Export
from dyadkit.loading.drafting.guess_ratings import family_size, read_ratings, says_nothing
from dyadkit.loading.drafting.guess_spelling import Layout

_ITEM = re.compile(r"(?P<stem>.*\D)(?P<number>[0-9]{1,3})(?P<tail>\]?)")
_RANGES = (
    *((0, 1), (1, 4), (1, 5), (0, 4), (1, 6), (1, 7), (0, 6), (1, 9), (1, 10), (0, 10)),
    (0, 100),
)
_NEGATIVE_CODES = (-1, -7, -8, -9, -66, -77, -88, -99, -777, -888, -999)
_POSITIVE_CODES = (66, 77, 88, 99, 777, 888, 999, 9999)
# Fewer stray cells than these are slips of the key, not codes.
_FEWEST_CODES, _CODES_SHARE = 3, 0.002
_ROWS_LOOKED_AT = 5000
_MOST_ITEMS = 60


@dataclass(frozen=True, slots=True)
class Stem:
    """Items of one export that seem to be one scale.

    Attributes
    ----------
    name : str
        What their names have in common.
    items : tuple of str
    numbers : mapping of int to int
        How many cells hold each answer.
    labelled : tuple of int or None
        The lowest and highest answer that has a label in the file, or is a word.
    reverse : tuple of str
        Items that run against the others.
    spelt : bool
        Whether the items stand in columns that name a role, wave or slot.
    """

    name: str
    items: tuple[str, ...]
    numbers: Mapping[int, int]
    labelled: tuple[int, int] | None = None
    reverse: tuple[str, ...] = ()
    spelt: bool = False


@dataclass(frozen=True, slots=True)
class Scoring:
    """What the cells of an export's items hold.

    Attributes
    ----------
    missing : tuple
        Codes and words that seem to say that there is no answer, and that the file itself does
        not declare.
    values : mapping of str to int
        Answers in words, and their numbers.
    """

    stems: tuple[Stem, ...] = ()
    missing: tuple[int | str, ...] = ()
    values: Mapping[str, int] = field(default_factory=dict)


def guess_scales(export: Export, layout: Layout, taken: Collection[str]) -> Scoring:
    """Find the items of scales in an export.

    Parameters
    ----------
    export : Export
    layout : Layout
    taken : collection of str
        Columns that are something else.
    """
    groups: dict[str, list[str]] = {}
    for item, columns in layout.items.items():
        match = _ITEM.fullmatch(item)
        if ".." in item or "{" in item:
            # Of these a study file makes something else.
            continue
        if match and re.search(r"[^\W\d_]", match["stem"]) and not set(columns) & set(taken):
            groups.setdefault(match["stem"], []).append(item)
    groups = {stem: items for stem, items in groups.items() if len(items) > 1}
    answers = [
        export.columns[column]
        for items in groups.values()
        for item in items
        for column in layout.items[item]
    ]
    values = _values(answers)
    missing = _missing_codes(answers, values)
    stems = []
    for stem, items in groups.items():
        found = _stem(export, layout, stem, items, missing, values)
        if found:
            stems.append(found)
    return Scoring(tuple(stems), missing, values)


def range_of(numbers: Mapping[int, int], labelled: tuple[int, int] | None) -> tuple[int, int]:
    """Take the smallest usual range that holds all but a few stray answers.

    Parameters
    ----------
    numbers : mapping of int to int
        How many cells hold each answer.
    labelled : tuple of int or None
        The lowest and highest answer that has a label in the file.

    Examples
    --------
    >>> range_of({1: 5, 4: 9, 6: 2}, None), range_of({2: 5, 4: 9}, (1, 7))
    ((1, 6), (1, 7))
    """
    total = sum(numbers.values())
    for low, high in [labelled] if labelled else []:
        if sum(n for number, n in numbers.items() if low <= number <= high) >= 0.95 * total:
            return low, high
    for low, high in sorted(_RANGES, key=lambda pair: pair[1] - pair[0]):
        if sum(n for number, n in numbers.items() if low <= number <= high) > 0.98 * total:
            return low, high
    return min(numbers), max(numbers)


def _stem(
    export: Export,
    layout: Layout,
    stem: str,
    items: Sequence[str],
    missing: Collection[int | str],
    values: Mapping[str, int],
) -> Stem | None:
    numbers: Counter[int] = Counter()
    labelled: Counter[tuple[int, int]] = Counter()
    said: set[int] = set()
    for item in items:
        for name in layout.items[item]:
            column = export.columns[name]
            numbers.update({n: c for n, c in column.numbers().items() if n not in missing})
            words = {values[text]: n for text, n in column.counts.items() if text in values}
            numbers.update(words)
            said.update(words)
            labels = _labelled(column, export.table.missing.get(name, frozenset()))
            labelled.update([labels] if labels else [])
    if len(numbers) < 2:
        # Boxes that were ticked or not are no scale.
        return None
    labelled.update([(min(1, *said), family_size(said))] if said else [])
    ends = labelled.most_common(1)[0][0] if labelled else None
    low, high = range_of(numbers, ends)
    if high - low > 10 and (low, high) != (0, 100):
        return None
    reverse = _reverse(export, layout, items, (low, high), missing, values)
    spelt = any(name in layout.spelt for item in items for name in layout.items[item])
    return Stem(re.sub(r"\[\D*$", "", stem), tuple(items), numbers, ends, tuple(reverse), spelt)


def _labelled(column: Column, declared_missing: Collection[str]) -> tuple[int, int] | None:
    """Return the lowest and highest code with a label, of codes that may be answers."""
    codes = [
        int(code)
        for code in column.labels
        if re.fullmatch(r"[0-9]{1,3}", code)
        and code not in declared_missing
        and int(code) not in _POSITIVE_CODES
    ]
    return (min(codes), max(codes)) if len(codes) > 1 else None


def _values(columns: Sequence[Column]) -> dict[str, int]:
    """Return the numbers of answers in words, if no word has two."""
    found: dict[str, int] = {}
    for column in columns:
        for word, number in read_ratings(column.counts).items():
            if found.setdefault(word, number) != number:
                return {}
    return found


def _missing_codes(columns: Sequence[Column], values: Mapping[str, int]) -> tuple[int | str, ...]:
    """Find codes far from every answer, and words between numbers, that occur again and again.

    A word that is not known to say that there is no answer may be somebody's own, and is shown
    only if several people gave it.
    """
    cells: Counter[int | str] = Counter()
    places: Counter[int | str] = Counter()
    people: Counter[str] = Counter()
    for column in columns:
        numbers = column.numbers()
        words = {
            text: n
            for text, n in column.counts.items()
            if text not in values and not re.fullmatch(r"[+-]?[0-9]+([.,][0-9]*)?", text)
        }
        cells.update(numbers)
        cells.update(words)
        people |= Counter(words)
        places.update([*numbers, *words])
    total = sum(cells.values())
    usual = [number for number in cells if isinstance(number, int) and 0 <= number <= 10]
    usual_share = sum(cells[number] for number in usual) / max(total, 1)
    found: list[int | str] = []
    for code, n in cells.items():
        often = n >= max(_FEWEST_CODES, _CODES_SHARE * total) and places[code] > 1
        if isinstance(code, str):
            known = says_nothing(code) or people[code] >= _FEWEST_CODES
            if often and known and len(code) <= 30:
                found.append(code)
        elif code in _NEGATIVE_CODES or (
            code in _POSITIVE_CODES and often and (usual_share > 0.8 or code > 100)
        ):
            found.append(code)
    return tuple(sorted(found, key=lambda code: (isinstance(code, str), str(code))))


def _reverse(
    export: Export,
    layout: Layout,
    items: Sequence[str],
    ends: tuple[int, int],
    missing: Collection[int | str],
    values: Mapping[str, int],
) -> list[str]:
    """Return the items whose answers run against those to the others."""
    n_parts = {len(layout.items[item]) for item in items}
    if not 2 < len(items) <= _MOST_ITEMS or len(n_parts) != 1:
        return []
    parts = [
        pd.DataFrame(
            {item: _numbers(export, layout.items[item][part], missing, values) for item in items}
        )
        for part in range(n_parts.pop())
    ]
    answers = pd.concat(parts, ignore_index=True)
    return _against_the_rest(answers.where((answers >= ends[0]) & (answers <= ends[1])))


def _numbers(
    export: Export, name: str, missing: Collection[int | str], values: Mapping[str, int]
) -> pd.Series:
    texts = export.table.column(name).iloc[:_ROWS_LOOKED_AT].astype("object")
    words = {str(text): values.get(str(text), text) for text in texts.unique()}
    plain = texts.map(words).astype(str).str.replace(",", ".")
    numbers = pd.to_numeric(plain, errors="coerce")
    own = export.table.missing.get(name, frozenset())
    return numbers.mask(
        numbers.isin([code for code in missing if isinstance(code, int)]) | texts.isin(own)
    )


def _against_the_rest(answers: pd.DataFrame) -> list[str]:
    """Return the items that correlate negatively with the sum of the others."""
    if len(answers.dropna(how="all")) < 5:
        return []
    centred = answers - answers.mean()
    turned: list[str] = []
    for _ in range(answers.shape[1]):
        signed = centred.assign(**{item: -centred[item] for item in turned})
        total = signed.sum(axis=1)
        worst = {
            item: _correlation(signed[item], total - signed[item].fillna(0)) for item in signed
        }
        item, r = min(worst.items(), key=lambda pair: (np.isnan(pair[1]), pair[1]))
        if not r < -0.1 or item in turned:
            break
        turned.append(str(item))
    if len(turned) >= answers.shape[1] / 2:
        return []
    return [str(item) for item in answers if item in turned]


def _correlation(one: pd.Series, two: pd.Series) -> float:
    """Correlate two columns; NaN where either does not vary."""
    both = one.notna()
    if both.sum() < 3 or one[both].std() == 0 or two[both].std() == 0:
        return float("nan")
    return float(one[both].corr(two[both]))
