"""The sample study, and a second reading of its exports with nothing but the csv module."""

from __future__ import annotations

import csv
import io
import statistics
from collections import defaultdict
from typing import ClassVar

import pytest

from dyadkit.simulation.distance_coaching import Sample, simulate_distance_coaching


class Reading:
    """What the exports hold by the rules as they are written down, read row by row."""

    # Item columns with the highest code, the reversed ones, and the answers a score needs.
    SCALES: ClassVar = {
        ("trust", "client"): ([f"tr{i}" for i in range(1, 6)], 7, {"tr3"}, 4),
        ("trust", "coach"): ([f"ctr{i}" for i in range(1, 6)], 7, {"ctr3"}, 4),
        ("similarity", "client"): ([f"si{i}" for i in range(1, 5)], 5, set(), 3),
        ("similarity", "coach"): ([f"csi{i}" for i in range(1, 5)], 5, set(), 3),
        ("readiness", "coach"): ([f"rd{i}" for i in range(1, 6)], 7, set(), 4),
        ("learning", "client"): ([f"pl{i}" for i in range(1, 13)], 7, set(), 10),
    }
    FORMATS: ClassVar = {
        "clients t1": ("clients_t1.csv", "utf-8", ",", 3),
        "coaches t1": ("coaches_t1.csv", "cp1252", ";", 1),
        "clients t2": ("clients_t2.csv", "utf-8-sig", ",", 3),
        "coaches t2": ("coaches_t2.csv", "utf-8", ",", 1),
    }

    def __init__(self, sample: Sample) -> None:
        self.rows: list[dict[str, str]] = []
        for source, (name, encoding, delimiter, header) in self.FORMATS.items():
            text = io.StringIO(sample.exports[name].decode(encoding), newline="")
            table = list(csv.reader(text, delimiter=delimiter))
            for cells in table[header:]:
                filled = cells or [""] * len(table[0])
                row = dict(zip(table[0], filled, strict=True))
                role = "client" if source.startswith("clients") else "coach"
                row |= {"source": source, "role": role, "wave": source[-2:], "reason": ""}
                row["blank"] = "" if any(filled) else "yes"
                row["person"] = row[f"{role}_id"]
                self.rows.append(row)
        self.withdrawn = sample.exports["withdrawn.csv"].decode().split()[1:]
        self._exclude()

    def items(self, row):
        return [
            (column, highest)
            for (_, role), (columns, highest, _, _) in self.SCALES.items()
            if role == row["role"]
            for column in columns
            if column in row
        ]

    def _exclude(self):
        def stopped(row):
            return row.get("Finished") == "False"

        refused = {
            row["person"]
            for row in self.rows
            if row["consent"] not in ("Yes", "Ja") and not row["blank"] and not stopped(row)
        }
        for row in self.rows:
            rules = {
                "blank": row["blank"] == "yes",
                "preview": row.get("Status") == "Survey Preview",
                "no_consent": row["person"] in refused or row["consent"] in ("No", "Nein"),
                "withdrawn": row["wave"] == "t2" and row["person"] in self.withdrawn,
                "unfinished": stopped(row),
                "excluded": row.get("Bearbeitung") == "abgebrochen",
                "no_dyad": row["pair_code"] == "",
            }
            row["reason"] = next((reason for reason, applies in rules.items() if applies), "")

        def place(row):
            return row["pair_code"], row["role"], row["wave"]

        people = defaultdict(set)
        for row in self.kept():
            people[place(row)].add(row["person"])
        for row in self.kept():
            if len(people[place(row)]) > 1:
                row["reason"] = "two_in_role"

        again = defaultdict(list)
        for row in self.kept():
            again[(*place(row), row["person"])].append(row)
        for group in again.values():
            gaps = [sum(row[column] == "" for column, _ in self.items(row)) for row in group]
            best = gaps.index(min(gaps))
            for number, row in enumerate(group):
                if number != best:
                    row["reason"] = "duplicate"

        roles = defaultdict(set)
        for row in self.kept():
            roles[row["pair_code"]].add(row["role"])
        spared = {row["pair_code"] for row in self.rows if row["reason"] == "withdrawn"}
        for row in self.kept():
            if len(roles[row["pair_code"]]) == 1 and row["pair_code"] not in spared:
                row["reason"] = "orphan"

    def kept(self, **wanted):
        return [
            row
            for row in self.rows
            if row["reason"] == "" and all(row[key] == value for key, value in wanted.items())
        ]

    def cells(self, source):
        return [
            (row[column], highest)
            for row in self.kept(source=source)
            for column, highest in self.items(row)
        ]

    def score(self, row, scale):
        columns, highest, reverse, minimum = self.SCALES[scale, row["role"]]
        codes = [
            highest + 1 - int(row[column]) if column in reverse else int(row[column])
            for column in columns
            if row[column] and 1 <= int(row[column]) <= highest
        ]
        return statistics.fmean(codes) if len(codes) >= minimum else None

    def scores(self, variable):
        scale, role, wave = variable.split("_")
        scored = {
            row["pair_code"]: self.score(row, scale) for row in self.kept(role=role, wave=wave)
        }
        return {pair: score for pair, score in scored.items() if score is not None}


@pytest.fixture(scope="session")
def sample() -> Sample:
    return simulate_distance_coaching()


@pytest.fixture(scope="session")
def reading(sample) -> Reading:
    return Reading(sample)


@pytest.fixture(scope="session")
def read_again() -> type[Reading]:
    """The class, to read the exports of another sample."""
    return Reading
