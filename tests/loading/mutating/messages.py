"""Is what the command line says meant for people, and silent about those who refused?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.loading.mutating.records import Expected
from tests.loading.mutating.small import SECRET
from tests.loading.mutating.study import Study
from tests.loading.mutating.tables import Table

#: What a program shows when nobody has written the sentence.
JUNK = re.compile(
    r"Traceback|Categorical\(|Timestamp\(|<class|<NA>|\bnp\.\w+|\bNaT\b|\bnan\b|dtype|object at 0x"
)
# Not the index "SD within the row", beside which numbers stand in a table.
_ROWS = re.compile(r"(?<!within the )\brows? ([0-9]+(?:, [0-9]+)*)")
_LONGEST = 20_000


def check_words(text: str, written: Callable[[], str]) -> None:
    """Check that a message is for people; words of the files themselves may stand in it."""
    assert len(text) < _LONGEST, f"a message of {len(text):,} characters"
    junk = JUNK.findall(text)
    if junk:
        known = written().casefold()
        junk = [word for word in junk if word.casefold() not in known]
    assert not junk, f"no words for people: {sorted(junk)}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be said: the words and the rows of people who refused or withdrew.

    Attributes
    ----------
    words : tuple of str
        What stands in their cells and nowhere else.
    rows : frozenset
        Source and row of each.
    names : tuple of str
        The sources.
    """

    words: tuple[str, ...]
    rows: frozenset[tuple[str, int]]
    names: tuple[str, ...]


def secrets_of(
    study: Study,
    tables: Mapping[str, Table],
    records: Iterable[Expected],
    damaged: Collection[str] = (),
) -> Secrets:
    """Find out what must not be said.

    Where a file was damaged after it was written, only the secret words in the other ones count.
    """
    by_row: dict[tuple[str, int], list[Expected]] = {}
    for record in records:
        by_row.setdefault((record.source, record.row), []).append(record)
    hidden: set[str] = set()
    shown = [study.toml]
    for source in study.sources:
        table = tables[source.file]
        shown += [*table.columns, *(cell for row in table.above for cell in row)]
        for place, cells in enumerate(table.records if source.file not in damaged else ()):
            here = by_row[source.name, table.first_row + place]
            secret = frozenset[int]().union(*(r.own for r in here if r.anonymous))
            for n, cell in enumerate(cells):
                word = " ".join(cell.split())
                if n in secret or all(r.anonymous for r in here):
                    hidden.add(word)
                else:
                    shown.append(word)
    others = "\n".join(shown)
    rows = {place for place, here in by_row.items() if all(r.anonymous for r in here)}
    return Secrets(
        words=tuple(
            word[:20]
            for word in sorted(hidden)
            if (len(word) > 3 and word[:20] not in others)
            and (word.startswith(SECRET) or not damaged)
        ),
        rows=frozenset() if damaged else frozenset(rows),
        names=tuple(source.name for source in study.sources),
    )


def check_secrets(text: str, secrets: Secrets, told: Iterable[tuple[str, int]] = ()) -> None:
    """Check that nothing is said of people who refused: no id, no answer, no row.

    `told` are rows, with their sources, that are said otherwise than in the text.
    """
    said = " ".join(text.split())
    for word in secrets.words:
        found = re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", said)
        assert not found, f"of somebody who refused is shown: {word!r}"
    for place in (*_rows_said(text, secrets.names), *told):
        assert place not in secrets.rows, f"the row of somebody who refused is shown: {place}"


def _rows_said(text: str, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the rows of which a text speaks, with the source named last before them."""
    for paragraph in text.split("\n\n"):
        words = " ".join(paragraph.split())
        for found in _ROWS.finditer(words):
            place, name = max((words.rfind(name, 0, found.start()), name) for name in names)
            if place >= 0:
                yield from ((name, int(row)) for row in found[1].split(", "))


def rows_in(data: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the rows that ``dyadkit check --json`` tells of."""
    for source in data["sources"]:
        for entry in source["excluded"]:
            yield from ((source["source"], row) for row in entry["rows"])
        for entry in source["cells"]:
            yield from ((source["source"], cell["row"]) for cell in entry["cells"])
    for place in [row for one in data["findings"] for row in one["rows"]]:
        yield place["source"], place["row"]
    for place in data["careless"]["flagged"]:
        yield place["source"], place["row"]
