"""What is wrong with a study file, in the researcher's words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from dyadkit.errors import nearest
from dyadkit.study.file import ARRAYS, NAMED, split_place, valid_keys
from dyadkit.study.lines import Place, line_of
from dyadkit.study.wording import clip, clip_words

_MOST = 12
_ANY_VALUE = ("missing", "exclude", "granted")
_TABLES = {
    "exclude": 'exclude = { Status = ["Survey Preview"] }',
    "values": "values = { Never = 1 }",
}


def complaints_of(error: ValidationError, lines: Mapping[Place, int]) -> list[str]:
    """Put what pydantic found into words, one complaint a key."""
    said: dict[tuple[Place, str, bool], str] = {}
    for found in error.errors(include_url=False):
        if found["type"] == "too_short" and found["input"]:
            # Said of a list whose only entry is wrong, which is complained about already.
            continue
        table, key = split_place(tuple(found["loc"]))
        unknown = found["type"] == "extra_forbidden"
        if unknown:
            key = str(found["loc"][-1])
        place = (*table, key) if key else table
        said.setdefault((table, key, unknown), at(place, lines) + _words(dict(found), table, key))
    return list(said.values())


def at(place: Place, lines: Mapping[Place, int]) -> str:
    """Say which table a complaint is about, and on which line a scan finds it."""
    table, _ = split_place(place)
    parts: list[str] = []
    for step in table:
        if isinstance(step, int):
            parts[-1] += f" number {step + 1}"
        else:
            parts.append(clip(step))
    line = line_of(place, lines)
    where = f"[{'.'.join(parts)}]" if parts else "the file"
    return f"{where}{f' (line {line})' if line else ''}: "


def paragraphs(name: str, complaints: Sequence[str]) -> str:
    """Join complaints about a file: one as a sentence, several as a list."""
    complaints = [clip_words(complaint) for complaint in complaints]
    if len(complaints) == 1:
        return f"{name}: {complaints[0]}"
    shown = "\n".join(f"  - {complaint}" for complaint in complaints[:_MOST])
    rest = len(complaints) - _MOST
    more = f"\n  - and {rest} more" if rest > 0 else ""
    return f"{name} has {len(complaints)} problems:\n{shown}{more}"


def _words(found: dict[str, Any], table: Place, key: str) -> str:
    kind, given = str(found["type"]), found["input"]
    if kind == "extra_forbidden":
        return _unknown(table, key)
    if kind == "missing":
        return _absent(table, key, found["loc"][-1])
    if kind == "literal_error":
        return _not_among(key, given, str(found["ctx"]["expected"]))
    if kind in ("tuple_type", "model_type", "dict_type", "mapping_type", "model_attributes_type"):
        return _wrong_shape(table, key, kind, given)
    subject = f"'{key}' " if key else ""
    if kind == "value_error":
        message = str(found["msg"]).removeprefix("Value error, ").rstrip(".")
        return f"'{key}': {message}." if key else f"{message}."
    if kind in ("too_long", "too_short"):
        return subject + _wrong_length(key, given)
    if kind == "string_too_short":
        return f"{subject}is empty."
    if kind == "string_too_long":
        return f'{subject}is {_shown(given)}; it must be one character, such as ";" or "\\t" (tab).'
    expected = "texts or numbers" if key in _ANY_VALUE else _expected(kind, found)
    return f"{subject}is {_shown(given)}; it must be {expected}."


def _unknown(table: Place, key: str) -> str:
    valid = valid_keys(table)
    kind = "key" if table else "table"
    return f"unknown {kind} '{clip(key)}'.{nearest(key, valid)} Valid here: {', '.join(valid)}."


def _absent(table: Place, key: str, last: str | int) -> str:
    if isinstance(last, int):
        return f"'{key}' needs two numbers: the lowest and the highest possible answer."
    if table:
        return f"the key '{key}' is missing."
    head = f"[[{key}]]" if key in ARRAYS else f"[{key}]"
    return f"the table {head} is missing."


def _not_among(key: str, given: object, expected: str) -> str:
    if key == "schema":
        return f"schema is {_shown(given)}; this version of dyadkit reads study files of schema 1."
    choices = re.findall(r"'([^']*)'", expected)
    numbers = re.findall(r"\d+", expected)
    hint = nearest(given, choices) if isinstance(given, str) else ""
    return f"'{key}' is {_shown(given)}; it must be one of {', '.join(choices or numbers)}.{hint}"


def _wrong_shape(table: Place, key: str, kind: str, given: object) -> str:
    if key == "version" or (not table and key in ARRAYS):
        title = ".".join(str(step) for step in (*table, key))
        return f"give it double square brackets, [[{title}]]: there can be several."
    if kind == "tuple_type":
        example = given if isinstance(given, str) else "…"
        return f"'{key}' is {_shown(given)}; it must be a list: {key} = [{_shown(example)}]."
    if table[:1] and table[0] in NAMED and len(table) == 2 and not key:
        return f"it must be a table with single brackets: [{table[0]}.{table[1]}], its keys below."
    if key in NAMED and not table:
        return f"it must be written as tables with a name each, like [{key}.…]."
    if key in _TABLES:
        return f"'{key}' is {_shown(given)}; it must look like {_TABLES[key]}."
    if key.endswith("_values"):
        what = key.removesuffix("_values")
        return f'\'{key}\' must look like {key} = {{ "1" = "…" }}, file\'s word = declared {what}.'
    name = key or str(table[0])
    brackets = f"[[{name}]]" if name in ARRAYS else f"[{name}]"
    return f"it must be a table: {brackets} on a line of its own, its keys below."


def _wrong_length(key: str, given: object) -> str:
    size = len(given) if isinstance(given, list | tuple) else 0
    if key == "roles" and size > 2:
        return f"names {size} roles; a dyad has two, or one when its members are exchangeable."
    if key == "range":
        return f"has {size} numbers; it needs two, the lowest and the highest possible answer."
    return "must not be empty."


def _expected(kind: str, found: Mapping[str, Any]) -> str:
    bounds = {
        "greater_than": ("above", "gt"),
        "greater_than_equal": ("at least", "ge"),
        "less_than": ("below", "lt"),
        "less_than_equal": ("at most", "le"),
    }
    if kind in bounds:
        word, key = bounds[kind]
        return f"{word} {found['ctx'][key]:g}"
    if kind == "string_type":
        return "text in quotation marks"
    if kind.startswith("int"):
        return "a whole number"
    if kind.startswith("float"):
        return "a number"
    if kind == "finite_number":
        return "a finite number"
    if kind.startswith("bool"):
        return "true or false"
    return str(found["msg"]).removeprefix("Input should be ").rstrip(".")


def _shown(given: object) -> str:
    """Show a value as a study file writes it, shortened."""
    try:
        text = json.dumps(given, ensure_ascii=False)
    except (TypeError, ValueError):
        text = str(given)
    return clip(text)
