"""Key files: who belongs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.loading.problems import Problem, plural, raise_if_any
from dyadkit.loading.reading.delimited import require_columns
from dyadkit.loading.reading.files import read_file
from dyadkit.loading.reading.raw import RawTable
from dyadkit.loading.texts import as_texts
from dyadkit.study import Link, Study


@dataclass(frozen=True, slots=True)
class Links:
    """Who belongs together, as key files say.

    Attributes
    ----------
    pairs : DataFrame
        ``first`` and ``second``, the ids in the order of the roles, and ``dyad``, their code
        (empty where the key file has none); each pair once.
    notes : tuple of str
    """

    pairs: pd.DataFrame
    notes: tuple[str, ...] = ()

    def ids(self, study: Study) -> Mapping[str, Sequence[str]]:
        """Return the ids of each role, and the codes under "dyad"."""
        first, second = (self.pairs[side].unique().tolist() for side in ("first", "second"))
        people = [first, second] if len(study.roles) == 2 else [[*first, *second]]
        codes = [code for code in self.pairs["dyad"].unique() if code]
        return {**dict(zip(study.roles, people, strict=True)), "dyad": codes}


def read_links(study: Study) -> Links:
    """Read the key files of a study.

    Raises
    ------
    DataError, StudyError
        When one cannot be read, lacks a column, gives a code to two pairs or a pair two codes, or
        pairs somebody with themselves.
    """
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    problems: list[Problem] = []
    for link in study.links:
        table = read_file(study.directory / link.path, name=link.path)
        columns = [column for role in study.roles for column in link.people[role]]
        needed = dict.fromkeys((*columns, *([link.dyad] if link.dyad else [])), "link")
        lacking = require_columns(table, needed)
        problems += lacking
        if not lacking:
            part, said, wrong = _pairs(table, link, columns)
            parts.append(part)
            notes += said
            problems += wrong
    raise_if_any(problems)
    if not parts:
        return Links(pd.DataFrame({"first": [], "second": [], "dyad": []}, dtype="object"))
    pairs = pd.concat(parts, ignore_index=True)
    if study.exchangeable:
        pairs = _sorted_pairs(pairs)
    pairs = pairs.drop_duplicates(["first", "second", "dyad"])
    raise_if_any(_clashes(pairs, study))
    # A pair that one file gives a code and another file none is one pair.
    coded = pairs["dyad"].ne("")
    if coded.any():
        twice = pairs.sort_values("dyad", ascending=False).duplicated(["first", "second"])
        pairs = pairs[coded | ~twice.sort_index()]
    notes += _circles(pairs, study)
    return Links(pairs.drop(columns=["row", "source"]).reset_index(drop=True), tuple(notes))


def _pairs(
    table: RawTable, link: Link, columns: Sequence[str]
) -> tuple[pd.DataFrame, list[str], list[Problem]]:
    """Return the pairs of one file, which lack no id and no code."""
    sides = {
        "first": as_texts(table.column(columns[0])),
        "second": as_texts(table.column(columns[1])),
    }
    if link.dyad:
        sides["dyad"] = as_texts(table.column(link.dyad))
    pairs = pd.DataFrame(sides).astype("object")
    if not link.dyad:
        pairs["dyad"] = ""
    pairs = pairs.assign(row=table.rows, source=link.path)
    gaps = (pairs[list(sides)] == "").any(axis=1) & ~table.blank
    notes = []
    if gaps.any():
        rows = pairs.loc[gaps, "row"].tolist()
        notes.append(
            f"{link.path}: {plural(len(rows), 'row')} of the key file "
            f"{'lacks' if len(rows) == 1 else 'lack'} an id or a code, and "
            f"{'links' if len(rows) == 1 else 'link'} nobody."
        )
    known = pairs[~gaps & ~table.blank]
    selves = known.loc[known["first"].eq(known["second"]), "row"].tolist()
    problems = []
    if selves and len(set(columns)) > 1:
        problems.append(
            Problem.at(
                f"{link.path}: {plural(len(selves), 'row')} of the key file (row"
                f"{'s' * (len(selves) > 1)} {listed(selves)}) "
                f"{'pairs' if len(selves) == 1 else 'pair'} an id with itself. Correct "
                f"{'it' if len(selves) == 1 else 'them'}; if the two roles are numbered alike, "
                "give each person an id of their own.",
                selves,
            )
        )
    return known, notes, problems


def _sorted_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Put the ids of partners who share a role in their order."""
    turned = pairs["first"] > pairs["second"]
    return pairs.assign(
        first=pairs["first"].where(~turned, pairs["second"]),
        second=pairs["second"].where(~turned, pairs["first"]),
    )


def _clashes(pairs: pd.DataFrame, study: Study) -> list[Problem]:
    """Complain about a code of two pairs, and about a pair with two codes."""
    problems = []
    coded = pairs[pairs["dyad"].ne("")]
    for by, text in (
        (["dyad"], "the same code as another pair, so nobody can know who belongs together"),
        (["first", "second"], "a pair that stands there with another code too"),
    ):
        twice = coded[coded.duplicated(by, keep=False)]
        if len(twice):
            where = "; ".join(
                f"{source}, rows {listed(sorted(rows))}"
                for source, rows in twice.groupby("source", sort=False)["row"]
            )
            problems.append(
                Problem.at(
                    f"{plural(len(twice), 'row')} of the key file "
                    f"{'has' if len(twice) == 1 else 'have'} {text} ({where}). Correct the rows"
                    + (
                        "; people who form a team are a group, not a dyad."
                        if by == ["dyad"]
                        else ", or leave dyad = … out of the [[link]]."
                    ),
                    twice["row"],
                )
            )
    return problems


def _circles(pairs: pd.DataFrame, study: Study) -> list[str]:
    """Note people who, from pair to pair, are each other's partners in both roles.

    A pair leads from the first role to the second; whoever can be reached from themselves stands
    in a circle (a strongly connected component).
    """
    if study.exchangeable or not pairs["first"].isin(pairs["second"]).any():
        return []
    # Imported here: hardly any key file gets so far.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    people = pd.unique(pd.concat([pairs["first"], pairs["second"]]))
    index = pd.Index(people)
    start, end = index.get_indexer(pairs["first"]), index.get_indexer(pairs["second"])
    graph = coo_array((np.ones(len(pairs)), (start, end)), shape=(len(people), len(people)))
    count, group = connected_components(graph, directed=True, connection="strong")
    size = np.bincount(group, minlength=count)
    inside = (group[start] == group[end]) & (size[group[start]] > 1)
    if not inside.any():
        return []
    rows = sorted(pairs.loc[inside, "row"].tolist())
    first, second = study.roles
    return [
        f"The key file goes round in circles in {plural(len(rows), 'row')}: "
        f"whoever is {first} to somebody there is also, from pair to pair, that person's {second}. "
        f"If "
        f"{first}s and {second}s are numbered alike this means nothing; if not, correct the rows."
    ]
