"""What people and programs do to a table before it is a file."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from tests.loading.mutating.tables import Table
from tests.loading.mutating.words import NASTY, alter

_HUGE = 5_000_000


# -- rows ------------------------------------------------------------------------------------


def _with(table: Table, records: list[tuple[str, ...]]) -> Table:
    return replace(table, records=tuple(records))


def _row(table: Table, chance: random.Random) -> int:
    return chance.randrange(len(table.records)) if table.records else 0


def _delete_rows(table: Table, chance: random.Random) -> Table:
    start = _row(table, chance)
    count = chance.choice([1, 1, 1, 2, 5, len(table.records)])
    return _with(table, [*table.records[:start], *table.records[start + count :]])


def _repeat_rows(table: Table, chance: random.Random) -> Table:
    start, place = _row(table, chance), _row(table, chance)
    again = table.records[start : start + chance.choice([1, 1, 2, 5])]
    return _with(table, [*table.records[:place], *again, *table.records[place:]])


def _shuffle_rows(table: Table, chance: random.Random) -> Table:
    return _with(table, chance.sample(table.records, len(table.records)))


def _blank_rows(table: Table, chance: random.Random) -> Table:
    records, place = [*table.records], _row(table, chance)
    empty = chance.choice([(), ("",) * len(table.columns), (" ",) * len(table.columns)])
    records[place : place + chance.randrange(2)] = [empty] * chance.choice([1, 1, 3])
    return _with(table, records)


def _cut_a_row(table: Table, chance: random.Random) -> Table:
    records, place = [*table.records], _row(table, chance)
    if records:
        records[place] = records[place][: chance.randrange(len(table.columns))]
    return _with(table, records)


def _lengthen_a_row(table: Table, chance: random.Random) -> Table:
    records, place = [*table.records], _row(table, chance)
    if records:
        cells = [*records[place]]
        cells.insert(chance.randrange(len(cells) + 1), chance.choice(["", "5", "kg", "x,y"]))
        records[place] = tuple(cells)
    return _with(table, records)


def _repeat_the_header(table: Table, chance: random.Random) -> Table:
    place = _row(table, chance)
    return _with(table, [*table.records[:place], table.columns, *table.records[place:]])


def _lose_the_header(table: Table, chance: random.Random) -> Table:
    first, *rest = [*table.above, *table.records] or [table.columns]
    above = min(len(table.above), len(rest))
    return replace(
        table, columns=tuple(first), above=tuple(rest[:above]), records=tuple(rest[above:])
    )


# -- columns ---------------------------------------------------------------------------------


def _drop_a_column(table: Table, chance: random.Random) -> Table:
    gone = chance.randrange(len(table.columns)) if len(table.columns) > 1 else -1
    return _each_row(table, lambda cells: [c for n, c in enumerate(cells) if n != gone])


def _repeat_a_column(table: Table, chance: random.Random) -> Table:
    again = chance.randrange(len(table.columns)) if table.columns else 0
    return _each_row(table, lambda cells: [*cells, *cells[again : again + 1]], pad=True)


def _move_columns(table: Table, chance: random.Random) -> Table:
    order = chance.sample(range(len(table.columns)), len(table.columns))
    return _each_row(table, lambda cells: [cells[n] for n in order], pad=True)


def _add_columns(table: Table, chance: random.Random) -> Table:
    n, word = chance.choice([1, 1, 300]), chance.choice(["", "x", "Name", "5", "tr1_old"])
    wider = _each_row(table, lambda cells: [*cells, *[word] * n], pad=True)
    names = [f"{word}{place}" if n > 1 else word for place in range(n)]
    return replace(wider, columns=(*table.columns, *names))


def _rename_a_column(table: Table, chance: random.Random) -> Table:
    columns = [*table.columns]
    if columns:
        place = chance.randrange(len(columns))
        columns[place] = alter(columns[place], chance)
    return replace(table, columns=tuple(columns))


def _swap_names(table: Table, chance: random.Random) -> Table:
    columns = [*table.columns]
    if len(columns) > 1:
        one, other = chance.sample(range(len(columns)), 2)
        columns[one], columns[other] = columns[other], columns[one]
    return replace(table, columns=tuple(columns))


def _each_row(
    table: Table, change: Callable[[list[str]], list[str]], *, pad: bool = False
) -> Table:
    width = len(table.columns)
    rows = [[*row, *[""] * (width - len(row))] if pad else [*row] for row in table.records]
    return replace(
        table,
        columns=tuple(change([*table.columns])),
        above=tuple(tuple(change([*row])) for row in table.above),
        records=tuple((*change(row[:width]), *row[width:]) for row in rows),
    )


# -- cells -----------------------------------------------------------------------------------


def _put(table: Table, row: int, column: int, text: str) -> Table:
    records = [*table.records]
    if row < len(records):
        cells = [*records[row], *[""] * (column + 1 - len(records[row]))]
        cells[column] = text
        records[row] = tuple(cells)
    return _with(table, records)


def _fill(table: Table, chance: random.Random, names: str, choose: Callable[[str], str]) -> Table:
    """Change one, some or all cells of a column whose name fits."""
    places = [n for n, name in enumerate(table.columns) if re.search(names, name)]
    if not places or not table.records:
        return table
    column, all_rows = chance.choice(places), range(len(table.records))
    for row in chance.sample(all_rows, min(len(all_rows), chance.choice([1, 1, 2, 5, 1000]))):
        record = table.records[row]
        table = _put(table, row, column, choose(record[column] if column < len(record) else ""))
    return table


def _put_garbage(table: Table, chance: random.Random) -> Table:
    for _ in range(chance.choice([1, 1, 1, 3])):
        column = chance.randrange(max(len(table.columns), 1))
        table = _put(table, _row(table, chance), column, chance.choice(NASTY))
    return table


def _fill_a_column_with_garbage(table: Table, chance: random.Random) -> Table:
    word = chance.choice(NASTY)
    return _fill(table, chance, "", lambda text: word)


def _append_garbage(table: Table, chance: random.Random) -> Table:
    return _fill(table, chance, "", lambda text: text + chance.choice(NASTY[:-18]))


def _put_a_huge_text(table: Table, chance: random.Random) -> Table:
    text = "".join(chance.choices("abc ,;\n😀", k=50)) * (_HUGE // 50)
    if chance.random() < 0.05:
        return _put(table, _row(table, chance), _row(table, chance) % 8, text)
    return _put(table, _row(table, chance), _row(table, chance) % 8, text[:40_000])


def _change_codes(table: Table, chance: random.Random) -> Table:
    codes = ("0", "8", "9", "-1", "77", "4.5", "7.0", "", "-99", "99", "4", "1")
    return _fill(table, chance, r"tr[0-9]|tenure", lambda text: chance.choice(codes))


def _change_consent(table: Table, chance: random.Random) -> Table:
    words = ("", "no", "NO", "Yes ", "yes", "ja", "Nein", "1", "?", "y", " ")
    return _fill(table, chance, "consent", lambda text: chance.choice(words))


def _change_ids(table: Table, chance: random.Random) -> Table:
    return _fill(table, chance, r"pair|id$|_id", lambda text: alter(text, chance))


def _change_place(table: Table, chance: random.Random) -> Table:
    words = ("coach", "Coach ", "KLIENT", "1", "2", "3", "t1", "", "1.0", "Klient")
    return _fill(table, chance, "^(who|time|wave|role)$", lambda text: chance.choice(words))


def _swap_ids(table: Table, chance: random.Random) -> Table:
    if len(table.records) < 2:
        return table
    one, other = chance.sample(range(len(table.records)), 2)
    column = chance.randrange(2)
    texts = [(*table.records[row], "", "")[column] for row in (one, other)]
    return _put(_put(table, one, column, texts[1]), other, column, texts[0])


# -- how a file is written -------------------------------------------------------------------


def _write_otherwise(table: Table, chance: random.Random) -> Table:
    manner = table.manner
    change = {
        "delimiter": chance.choice(",;\t|:"),
        "encoding": chance.choice(
            ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
        ),
        "line_end": chance.choice(["\n", "\r\n", "\r"]),
        "quote_all": not manner.quote_all,
    }
    key = chance.choice([*change]) if manner.kind == "text" else "dates"
    return replace(table, manner=replace(manner, **{key: change.get(key, not manner.dates)}))


TABLE_CHANGES: tuple[Callable[[Table, random.Random], Table], ...] = (
    *(_delete_rows, _repeat_rows, _shuffle_rows, _blank_rows, _cut_a_row, _lengthen_a_row),
    *(_repeat_the_header, _lose_the_header, _drop_a_column, _repeat_a_column, _move_columns),
    *(_add_columns, _rename_a_column, _swap_names, _put_garbage, _put_garbage, _put_garbage),
    *(_fill_a_column_with_garbage, _append_garbage, _put_a_huge_text, _change_codes),
    *(_change_codes, _change_consent, _change_consent, _change_ids, _change_ids, _swap_ids),
    *(_change_place, _write_otherwise),
)
