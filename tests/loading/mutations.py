"""What people, programs and networks do to exports and study files, chosen by a seed.

``python -m tests.loading.mutations "one file" 17 FOLDER`` writes again what a test complained of.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from tests.loading.mutating.byte_changes import damage_bytes
from tests.loading.mutating.studies import STUDIES
from tests.loading.mutating.study import Study
from tests.loading.mutating.study_changes import STUDY_CHANGES
from tests.loading.mutating.table_changes import TABLE_CHANGES
from tests.loading.mutating.tables import Table, storable, write_table


@dataclass(frozen=True, slots=True)
class Case:
    """A study and its files, some of them mutated.

    Attributes
    ----------
    tables : mapping
        What stands in the files that are known cell by cell, `storable`.
    damage : tuple
        File and seed of each damage to bytes, done after the tables are written.
    steps : tuple of str
        What was done, for the message of a test.
    """

    study: Study
    toml: str
    tables: Mapping[str, Table]
    damage: tuple[tuple[str, int], ...] = ()
    steps: tuple[str, ...] = ()

    def files(self) -> dict[str, bytes]:
        """Return every file as it is on disk."""
        whole = {name: write_table(table) for name, table in self.tables.items()}
        whole |= self.study.files
        made = {**whole, "study.toml": self.toml.encode("utf-8", "replace")}
        for name, seed in self.damage:
            intact = made[name] is whole[name]
            made[name] = damage_bytes(made[name], random.Random(seed), intact=intact)
        return made


def write_case(case: Case, folder: Path) -> Path:
    """Write every file of a case; return the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in case.files().items():
        (folder / name).write_bytes(data)
    return folder / "study.toml"


@cache
def unchanged(name: str) -> Case:
    """Return a study as it is."""
    study = STUDIES[name]
    return Case(study, study.toml, {file: storable(t) for file, t in study.tables.items()})


def mutate(name: str, seed: int) -> Case:
    """Do one to four things to a study; the same seed does the same things."""
    chance = random.Random(f"{name} {seed}")
    plain = case = unchanged(name)
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 4])):
        kinds: list[Callable[[Case, random.Random], Case]]
        kinds = [_change_table] * 14 if case.tables else []
        kinds += [_damage] * (2 if case.tables else 5) + [_change_study] * 2 + [_swap_files]
        case = chance.choice(kinds)(case, chance)
    known = {id(table) for table in plain.tables.values()}
    tables = {
        file: table if id(table) in known else storable(table)
        for file, table in case.tables.items()
    }
    return replace(case, tables=tables)


def _change_table(case: Case, chance: random.Random) -> Case:
    # Short lists of people are changed less often than answers.
    weights = [min(len(table.records), 8) + 1 for table in case.tables.values()]
    (file,) = chance.choices([*case.tables], weights)
    what = chance.choice(TABLE_CHANGES)
    table = what(case.tables[file], chance)
    step = f"{file}: {what.__name__.strip('_').replace('_', ' ')}"
    return replace(case, tables={**case.tables, file: table}, steps=(*case.steps, step))


def _damage(case: Case, chance: random.Random) -> Case:
    file = chance.choice([*case.tables, *case.study.files])
    damage = (*case.damage, (file, chance.randrange(10**9)))
    return replace(case, damage=damage, steps=(*case.steps, f"{file}: bytes"))


def _change_study(case: Case, chance: random.Random) -> Case:
    what = chance.choice(STUDY_CHANGES)
    step = f"study file: {what.__name__.strip('_').replace('_', ' ')}"
    return replace(case, toml=what(case.toml, chance), steps=(*case.steps, step))


def _swap_files(case: Case, chance: random.Random) -> Case:
    if len(case.tables) < 2:
        return case
    one, other = chance.sample([*case.tables], 2)
    tables = {**case.tables, one: case.tables[other], other: case.tables[one]}
    return replace(case, tables=tables, steps=(*case.steps, f"{one} and {other} swapped"))


if __name__ == "__main__":
    print(write_case(mutate(sys.argv[1], int(sys.argv[2])), Path(sys.argv[3])))
