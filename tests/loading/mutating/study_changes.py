"""What people do to a study file."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.loading.mutating.words import NASTY, alter


def _lines(toml: str, chance: random.Random) -> tuple[list[str], int]:
    lines = toml.splitlines(keepends=True) or [""]
    filled = [n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")]
    return lines, chance.choice(filled or [0])


def _drop_a_line(toml: str, chance: random.Random) -> str:
    lines, place = _lines(toml, chance)
    return "".join([*lines[:place], *lines[place + 1 :]])


def _repeat_a_line(toml: str, chance: random.Random) -> str:
    lines, place = _lines(toml, chance)
    return "".join([*lines[:place], lines[place], *lines[place:]])


def _move_a_line(toml: str, chance: random.Random) -> str:
    lines, place = _lines(toml, chance)
    moved = lines.pop(place)
    lines.insert(chance.randrange(len(lines) + 1), moved)
    return "".join(lines)


def _drop_a_table(toml: str, chance: random.Random) -> str:
    tables = re.split(r"(?m)^(?=\[)", toml)
    del tables[chance.randrange(len(tables))]
    return "".join(tables)


def _change_a_value(toml: str, chance: random.Random) -> str:
    lines, place = _lines(toml, chance)
    key, equals, _ = lines[place].partition("=")
    values = (
        *("3", "-1", "0", '""', '"x"', "[]", "[[1]]", "{}", "true", "1.5", "inf", "nan", "[1, 7]"),
        *('["yes"]', '"t1"', '"t2"', '"pair"', '"consent"', '"coach"', '"withdrawn.csv"', '"."'),
        *('["tr1", "tr1"]', '["tr1..tr900"]', "[7, 1]", "[1, 1]", "[-inf, inf]", "2026-01-01"),
        *('"last"', '"error"', '"dyad"', '"loop"', '"../../../etc/passwd"', '["coach", "coach"]'),
        *(
            '"{item}_{role}"',
            '["a..b"]',
            '["tr9..tr1"]',
            "1e400",
            "99999999999999999999",
            '"\\u0000"',
        ),
    )
    lines[place] = f"{key}= {chance.choice(values)}\n" if equals else lines[place]
    return "".join(lines)


def _misspell_a_word(toml: str, chance: random.Random) -> str:
    words = [*re.finditer(r"\w+", toml)]
    if not words:
        return toml
    word = chance.choice(words)
    return toml[: word.start()] + alter(word[0], chance) + toml[word.end() :]


def _insert_garbage(toml: str, chance: random.Random) -> str:
    place = chance.randrange(len(toml) + 1)
    return toml[:place] + chance.choice(NASTY) + toml[place + chance.choice([0, 0, 1, 20]) :]


def _declare_something(toml: str, chance: random.Random) -> str:
    words = (
        *('[scale.x]\nitems = ["x1"]\nrange = [1, 7]\n', "[wave.t1]\ntime = 3\n", "[privacy]\n"),
        *('[[consent]]\ncolumn = "nowhere"\ngranted = []\n', "[[source]]\n", "[scale.trust]\n"),
        *(
            '[[link]]\npath = "pairs.csv"\n',
            '[[analysis]]\ntype = "descriptives"\n',
            "schema = 2\n",
        ),
        *('[variable.pair]\ncolumn = "pair"\ntype = "text"\n', '[variable.tr1]\ncolumn = "tr1"\n'),
        *('[[withdrawal]]\npath = "study.toml"\nperson = "id"\n', "[report]\nformats = []\n"),
    )
    place = chance.choice([len(toml), *(m.start() for m in re.finditer(r"(?m)^\[", toml))])
    return toml[:place] + chance.choice(words) + toml[place:]


STUDY_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    *(_drop_a_line, _repeat_a_line, _move_a_line, _drop_a_table, _change_a_value),
    *(_change_a_value, _misspell_a_word, _insert_garbage, _declare_something),
)
