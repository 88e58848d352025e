"""A simulated study, and its files in every design that a study file can describe."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyreadstat

from dyadkit.frame import DyadFrame
from dyadkit.loading import load
from dyadkit.study import parse_study

ROLES = ("mentor", "developee")
WAVES = ("w1", "w2")
ITEMS = ("t1", "t2")
SCALE = """\
[scale.trust]
items = ["t1", "t2"]
range = [1, 7]
minimum_answered = 1
level = "relationship"
"""


@dataclass(frozen=True)
class Answer:
    """What one person answered about one partner in one wave; never without any cell filled."""

    mentor: str
    developee: str
    role: str
    wave: str
    cells: tuple[str, str]
    consent: str

    @property
    def pair(self) -> tuple[str, str]:
        return self.mentor, self.developee

    @property
    def own(self) -> str:
        return self.mentor if self.role == ROLES[0] else self.developee

    @property
    def other(self) -> str:
        return self.developee if self.role == ROLES[0] else self.mentor

    @property
    def known(self) -> list[int]:
        """The answers inside their range."""
        return [int(cell) for cell in self.cells if cell and 1 <= int(cell) <= 7]


def simulate(seed: int, *, twice: bool = False, refusals: bool = True) -> list[Answer]:
    """Draw mentors with one to three developees each, and what goes wrong with their answers."""
    rng = random.Random(seed)
    # One pair is always whole, so that something is left.
    answers = [
        Answer("M0", "D0", role, wave, ("4", "5"), "yes") for role in ROLES for wave in WAVES
    ]
    number = 0
    for place in range(1, rng.randint(2, 5)):
        for _ in range(rng.randint(1, 3)):
            number += 1
            silent = rng.choice([None, None, None, *ROLES])
            for role in ROLES:
                for wave in WAVES:
                    if role == silent or rng.random() < 0.2:
                        continue
                    for _ in range(1 + (twice and rng.random() < 0.2)):
                        cells = tuple(rng.choice(["", "1", "3", "6", "7", "9"]) for _ in ITEMS)
                        cells = cells if any(cells) else ("2", "")
                        consent = rng.choice(["yes"] * 7 + ["no", ""]) if refusals else "yes"
                        answers.append(
                            Answer(f"M{place}", f"D{number}", role, wave, cells, consent)
                        )
    return answers


Row = dict[str, str]
Files = dict[str, list[Row]]


@dataclass(frozen=True)
class Design:
    """Files, and the tables of the study file that describe them."""

    files: Files
    sources: tuple[str, ...]
    links: str = ""
    consent: str = ""


def code(answer: Answer) -> str:
    return f"{answer.developee}/{answer.mentor}"


def plainly(answer: Answer) -> Row:
    return {"id": answer.own, **dict(zip(ITEMS, answer.cells, strict=True)), "ok": answer.consent}


def source(path: str, **keys: str) -> str:
    said = "".join(f"{key} = {text}\n" for key, text in keys.items())
    return f'[[source]]\npath = "{path}"\nduplicates = "first_complete"\n{said}'


def consent_rule(column: str, *names: str) -> str:
    where = f"source = {[f'{name}.csv' for name in names]}\n".replace("'", '"') if names else ""
    return f'[[consent]]\ncolumn = "{column}"\ngranted = ["yes"]\n{where}'


def quoted(**keys: str) -> dict[str, str]:
    return {key: f'"{text}"' for key, text in keys.items()}


def a_file_each(answers: Sequence[Answer]) -> Design:
    """A file for each role and wave, with a code that both share."""
    files: Files = {}
    sources = []
    for role in ROLES:
        for wave in WAVES:
            mine = [a for a in answers if (a.role, a.wave) == (role, wave)]
            if mine:
                files[f"{role}_{wave}"] = [{"pair": code(a), **plainly(a)} for a in mine]
                keys = quoted(role=role, wave=wave, dyad="pair", person="id")
                sources.append(source(f"{role}_{wave}.csv", **keys))
    return Design(files, tuple(sources), consent=consent_rule("ok"))


def one_file(answers: Sequence[Answer]) -> Design:
    """One file, which says role and wave in columns."""
    rows = [{"pair": code(a), "who": a.role, "when": a.wave, **plainly(a)} for a in answers]
    keys = quoted(role_column="who", wave_column="when", dyad="pair", person="id")
    return Design({"all": rows}, (source("all.csv", **keys),), consent=consent_rule("ok"))


def partners_named(answers: Sequence[Answer]) -> Design:
    """One file, in which each row names the partner."""
    rows = [{"about": a.other, "who": a.role, "when": a.wave, **plainly(a)} for a in answers]
    keys = quoted(role_column="who", wave_column="when", partner="about", person="id")
    return Design({"all": rows}, (source("all.csv", **keys),), consent=consent_rule("ok"))


def key_file(answers: Sequence[Answer], codes: bool = True) -> Design:
    """Mentors name the developee, developees nobody; a key file says who belongs together."""
    pairs = [
        {"m": a.mentor, "d": a.developee, **({"pair": code(a)} if codes else {})}
        for a in {a.pair: a for a in answers}.values()
    ]
    files: Files = {"pairs": pairs}
    sources = []
    for role in ROLES:
        mine = [a for a in answers if a.role == role]
        files[role] = [{"when": a.wave, "about": a.other, **plainly(a)} for a in mine]
        keys = quoted(role=role, wave_column="when", person="id")
        keys |= quoted(partner="about") if role == ROLES[0] else {}
        sources.append(source(f"{role}.csv", **keys))
    link = '[[link]]\npath = "pairs.csv"\nmentor = "m"\ndevelopee = "d"\n'
    link += 'dyad = "pair"\n' if codes else ""
    return Design(files, tuple(sources), link, consent_rule("ok"))


def key_file_without_codes(answers: Sequence[Answer]) -> Design:
    return key_file(answers, codes=False)


def dyad_rows(answers: Sequence[Answer], ids: bool = False) -> Design:
    """A row for each pair, with role and wave in the names of columns."""
    rows: dict[tuple[str, str], Row] = {}
    names = [*ITEMS, "ok"]
    for a in answers:
        blank = {f"{n}.{r}.{w}": "" for n in names for r in ROLES for w in WAVES}
        who = {"pair": code(a), "id_mentor": a.mentor, "id_developee": a.developee}
        row = rows.setdefault(a.pair, who | blank)
        said = dict(zip(names, (*a.cells, a.consent), strict=True))
        row |= {f"{name}.{a.role}.{a.wave}": text for name, text in said.items()}
    keys = quoted(layout="dyad", person="id_{role}", columns="{item}.{role}.{wave}")
    keys |= {} if ids else quoted(dyad="pair")
    pairs = source("pairs.csv", **keys)
    return Design({"pairs": [*rows.values()]}, (pairs,), consent=consent_rule("ok.{role}.{wave}"))


def dyad_rows_with_ids(answers: Sequence[Answer]) -> Design:
    return dyad_rows(answers, ids=True)


def loops(answers: Sequence[Answer]) -> Design:
    """A row for each mentor and wave, with up to three slots; developees in a file of theirs."""
    rows: dict[tuple[str, str], Row] = {}
    slots: Counter = Counter()
    for a in answers:
        if a.role != ROLES[0]:
            continue
        key = a.mentor, a.wave
        blank = {f"{n}_{slot}": "" for slot in "123" for n in ("d", *ITEMS, "ok")}
        row = rows.setdefault(key, {"id": a.mentor, "when": a.wave, **blank})
        slots[key] += 1
        said = dict(zip(("d", *ITEMS, "ok"), (a.developee, *a.cells, a.consent), strict=True))
        row |= {f"{name}_{slots[key]}": text for name, text in said.items()}
    others = [{"when": a.wave, **plainly(a)} for a in answers if a.role == ROLES[1]]
    mentors = source(
        "mentors.csv",
        slots='["1", "2", "3"]',
        **quoted(layout="loop", role="mentor", wave_column="when", person="id"),
        **quoted(partner="d_{slot}", columns="{item}_{slot}"),
    )
    developees = source(
        "developees.csv", **quoted(role="developee", wave_column="when", person="id")
    )
    rules = consent_rule("ok_{slot}", "mentors") + consent_rule("ok", "developees")
    files = {"mentors": [*rows.values()], "developees": others}
    return Design(files, (mentors, developees), consent=rules)


ROWS = (a_file_each, one_file, partners_named, key_file, key_file_without_codes)
DESIGNS = (*ROWS, dyad_rows, dyad_rows_with_ids, loops)
Written = Callable[[Path, Sequence[Row]], None]


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    pd.DataFrame(rows).to_csv(path, index=False)


def _typed(rows: Sequence[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    answered = [name for name in frame if name[:2] in ITEMS]
    return frame.assign(**{name: pd.to_numeric(frame[name]) for name in answered})


def write_xlsx(path: Path, rows: Sequence[Row]) -> None:
    _typed(rows).to_excel(path, index=False)


def write_sav(path: Path, rows: Sequence[Row]) -> None:
    pyreadstat.write_sav(_typed(rows), path)


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    _typed(rows).to_parquet(path, index=False)


def read(
    folder: Path,
    design: Design,
    *,
    roles: Sequence[str] = ROLES,
    waves: Sequence[str] = WAVES,
    below: str = SCALE,
    ending: str = "csv",
    write: Written = write_csv,
) -> DyadFrame:
    """Write the files of a design, and load them."""
    for name, rows in design.files.items():
        write(folder / f"{name}.{ending}", rows)
    head = f"[study]\nroles = {[*roles]}\n" + (f"waves = {[*waves]}\n" if waves else "")
    text = head.replace("'", '"') + design.links + "".join(design.sources) + design.consent + below
    return load(parse_study(text.replace('.csv"', f'.{ending}"'), directory=folder))
