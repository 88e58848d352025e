"""A second reading of the mentoring exports: pyreadstat, openpyxl, csv, and the rules in words."""

from __future__ import annotations

import csv
import io
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import openpyxl
import pyreadstat

Row = dict[str, Any]

# Item columns with the highest code, the reversed ones, and the answers a score needs.
SCALES = {
    ("quality", "mentor"): ([f"q{i}" for i in range(1, 7)], 7, {"q4"}, 5),
    ("quality", "developee"): ([f"q{i}" for i in range(1, 7)], 7, {"q4"}, 5),
    ("performance", "mentor"): ([f"pe{i}" for i in range(1, 5)], 5, set(), 3),
    ("support", "developee"): ([f"su{i}" for i in range(1, 6)], 5, set(), 4),
    ("courage", "developee"): ([f"co{i}" for i in range(1, 7)], 7, set(), 5),
}
WAVES = ("t1", "t2", "t3")


def read_sav(content: bytes) -> tuple[list[Row], Any]:
    """Return an SPSS file's rows, empty cells as None, and what it says about its columns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.sav"
        path.write_bytes(content)
        columns, about = pyreadstat.read_sav(path, output_format="dict", user_missing=True)
    names = list(columns)
    table = zip(*columns.values(), strict=True)
    # An empty number is not equal to itself.
    return [
        {
            name: None if cell is None or cell != cell else cell
            for name, cell in zip(names, cells, strict=True)
        }
        for cells in table
    ], about


def read_lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def plain(identity: object) -> str:
    """Return an id without what the study file says does not matter."""
    return "".join(str(identity or "").split()).casefold().lstrip("0")


class Reading:
    """What the exports hold, one row per developee's answer and per filled slot of a mentor."""

    def __init__(self, exports: dict[str, bytes]) -> None:
        self.rows: list[Row] = []
        self.lines = 0
        self._read_developees(exports)
        self._read_mentors(exports["mentors.xlsx"])
        key = read_lines(exports["pairs.csv"])
        self.key = {
            (plain(line["mentor_id"]), plain(line["dev_id"])): (line["pair"], line["dev_id"])
            for line in key
        }
        self.owner = {developee: mentor for mentor, developee in self.key}
        self.withdrawn = {line["id"] for line in read_lines(exports["withdrawn.csv"])}
        self._exclude()

    def _read_developees(self, exports):
        for wave in WAVES:
            table, _ = read_sav(exports[f"developees_{wave}.sav"])
            for cells in table:
                place = {"source": f"developees {wave}", "role": "developee", "wave": wave}
                items = [(column, highest) for column, highest in asked("developee")]
                self.rows.append(
                    {
                        **place,
                        **{"person": cells["dev_id"], "written": cells["dev_id"]},
                        **{"consent": cells["consent"], "blank": False},
                        **{"gender": cells.get("gender"), "date": cells["answered_on"]},
                        "items": {column: cells[column] for column, _ in items},
                    }
                )

    def _read_mentors(self, content):
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        table = list(book["Answers"].iter_rows(values_only=True))
        header = table[0]
        self.lines = len(table) - 1
        for line in table[1:]:
            cells = dict(zip(header, line, strict=True))
            blank = all(cell is None for cell in line)
            wave = None if blank else WAVES[cells["wave"] - 1]
            row = {"source": "mentors", "role": "mentor", "wave": wave, "blank": blank}
            row |= {"person": cells["mentor_id"], "consent": cells["consent"]}
            row |= {"tenure": cells["tenure_years"], "date": cells["answered_on"]}
            slots = []
            for slot in "123":
                items = {column: cells[f"{column}_{slot}"] for column, _ in asked("mentor")}
                written = cells[f"m{slot}_id"]
                if written is not None or any(cell is not None for cell in items.values()):
                    slots.append({**row, "written": written, "items": items, "slot": slot})
            self.rows += slots or [{**row, "written": None, "items": {}, "slot": None}]

    def pair_of(self, row):
        developee = plain(row["written"])
        mentor = plain(row["person"]) if row["role"] == "mentor" else self.owner.get(developee)
        return self.key.get((mentor, developee), (None, None))

    def _exclude(self):
        for row in self.rows:
            row["pair"], listed = self.pair_of(row)
            row["respelt"] = listed is not None and row["written"] != listed
            row["joined"] = listed is not None and row["written"].strip() != listed
            rules = {
                "blank": row["blank"],
                "no_consent": row["consent"] != 1,
                "withdrawn": row["person"] in self.withdrawn and row["wave"] in ("t2", "t3"),
                "no_dyad": row["written"] in (None, ""),
                "not_linked": row["pair"] is None,
            }
            row["reason"] = next((reason for reason, applies in rules.items() if applies), "")

        again = defaultdict(list)
        for row in self.kept():
            again[row["pair"], row["role"], row["wave"]].append(row)
        for group in again.values():
            gaps = [sum(cell is None for cell in row["items"].values()) for row in group]
            for number, row in enumerate(group):
                row["reason"] = "" if number == gaps.index(min(gaps)) else "duplicate"

        roles = defaultdict(set)
        for row in self.kept():
            roles[row["pair"]].add(row["role"])
        spared = {row["pair"] for row in self.rows if row["reason"] == "withdrawn"}
        for row in self.kept():
            if len(roles[row["pair"]]) == 1 and row["pair"] not in spared:
                row["reason"] = "orphan"

    def kept(self, **wanted):
        return [
            row
            for row in self.rows
            if row["reason"] == "" and all(row[key] == value for key, value in wanted.items())
        ]

    def cells(self, role, wave):
        return [
            (row["items"][column], highest)
            for row in self.kept(role=role, wave=wave)
            for column, highest in asked(role)
        ]

    def scores(self, variable):
        """Return the scores of a variable by pair."""
        scale, role, wave = variable.split("_")
        columns, highest, reverse, minimum = SCALES[scale, role]
        scores = {}
        for row in self.kept(role=role, wave=wave):
            codes = [
                highest + 1 - row["items"][column] if column in reverse else row["items"][column]
                for column in columns
                if row["items"][column] in range(1, highest + 1)
            ]
            if len(codes) >= minimum:
                scores[row["pair"]] = statistics.fmean(codes)
        return scores


def asked(role):
    """Return a role's item columns, each with its highest code."""
    return [
        (column, highest)
        for (_, who), (columns, highest, _, _) in SCALES.items()
        if who == role
        for column in columns
    ]
