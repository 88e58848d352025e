"""Garbage in: an error of ours, or a frame whose counts add up; never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dyadkit.errors import DyadKitError
from dyadkit.loading import load
from dyadkit.loading.screening.listing import list_findings
from dyadkit.study import read_study

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data/sample/distance_coaching"
STUDY = (ROOT / "analyses/distance_coaching/study.toml").read_text(encoding="utf-8")
NAMES = ("clients_t1.csv", "clients_t2.csv", "coaches_t1.csv", "coaches_t2.csv", "withdrawn.csv")
# So many bytes of each export, to the end of a line, are enough for every kind of row.
PART = 14_000
NASTY = [
    *(b"", b" ", b"\x00", b'"', b'""', b"\xff", b"\xc3\xa9", b"\xe9", b";", b",", b"\t", b"\n"),
    *(b"\r", b"\r\n", b"nan", b"NaN", b"inf", b"-inf", b"1e999", b"-99", b"4,5", b"4.5", b"1,234"),
    *(b"=1+1", b"NULL", b"None", b"No", b"Nein", b"False", b"2026-01-01", b"\xe2\x80\xa8", b"0x1"),
    *(b"9" * 400, b"\xef\xbb\xbf", b"P0119", b"pair_code", b"' OR 1=1", b"\xf0\x9f\x98\x80", b"|"),
    *(b'{"ImportId":"x"}', b"Survey Preview", b"a" * 5000, b"\\", b"[scale.x]", b"true", b"1_000"),
]


@pytest.fixture(scope="module")
def exports():
    parts = {}
    for name in NAMES:
        data = (SAMPLE / name).read_bytes()
        # Qualtrics quotes every cell, and comments have lines of their own.
        mark = b'"\n"' if name.startswith("clients") else b"\n"
        end = data.find(mark, PART)
        parts[name] = data if end < 0 else data[: end + len(mark.rstrip(b'"'))]
    return parts


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Do one thing to a file that people, programs and networks do to files."""
    lines = data.splitlines(keepends=True)
    line = chance.randrange(len(lines)) if lines else 0
    place = chance.randrange(len(data)) if data else 0
    what = chance.randrange(14)
    if what == 0:
        return data[:place] + chance.choice(NASTY) + data[place:]
    if what == 1:
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    if what == 2:
        return data[:place] + data[place + chance.randrange(1, 200) :]
    if what == 3:
        return data[:place]
    if what == 4:
        return b"".join([*lines[:line], *lines[line + 1 :]])
    if what == 5:
        return b"".join([*lines[: line + 1], *lines[line:]])
    if what == 6:
        chance.shuffle(lines)
        return b"".join(lines)
    if what == 7:
        return data.replace(chance.choice([b",", b";", b"\n", b'"']), chance.choice(NASTY))
    if what == 8:
        for codec in ("utf-8-sig", "cp1252"):
            try:
                return data.decode(codec).encode(chance.choice(["utf-16", "utf-8", "utf-16-le"]))
            except UnicodeError:
                continue
        return data
    if what == 9:
        return data.replace(b"\n", chance.choice([b"\r", b"\r\n", b"\n\n"]))
    if what == 10:
        old = chance.choice([b"P0", b"C0", b"Ja", b"Yes", b"True", b"consent", b"tr1", b"5", b"id"])
        return data.replace(old, chance.choice(NASTY))
    if what in (11, 12) and lines:
        delimiter = b";" if data.count(b";") > data.count(b",") else b","
        cells = lines[line].split(delimiter)
        cells[chance.randrange(len(cells))] = chance.choice(NASTY)
        return b"".join([*lines[:line], delimiter.join(cells), *lines[line + 1 :]])
    return chance.choice(NASTY)


def check_frame(dyads):
    """Check that every row is accounted for, and that nothing breaks on the way out."""
    flow, rows = dyads.flow(), dyads.individual()
    for _, mine in flow.groupby(["source", "wave", "role"], dropna=False):
        counts = mine.set_index("step")["n"]
        assert counts["read"] == counts.drop("read").sum()
        assert (counts >= 0).all()
    assert flow.loc[flow["step"] == "kept", "n"].sum() == len(rows) > 0
    lost = dyads.exclusions
    assert (
        flow.loc[~flow["step"].isin(["read", "kept"]), "n"].sum() == (lost["unit"] == "row").sum()
    )
    assert len(dyads.wide()) == dyads.n_dyads == rows["dyad"].nunique()
    assert len(dyads.pairwise()) == len(rows)
    assert list_findings(dyads)


def check_message(error):
    message = str(error)
    assert message.strip()
    assert "Traceback" not in message
    # One paragraph for each file and kind of problem, none of them a wall.
    assert all(len(paragraph) < 1500 for paragraph in message.split("\n"))


def run(exports, folder, seed):
    """Load the sample with one to three mutations; tell what came of it."""
    chance = random.Random(seed)
    files = dict(exports)
    study = STUDY.replace("../../data/sample/distance_coaching/", "")
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        name = chance.choice([*NAMES, "study.toml"])
        if name == "study.toml":
            study = mutate(study.encode(), chance).decode("utf-8", "replace")
        else:
            files[name] = mutate(files[name], chance)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "study.toml").write_text(study, encoding="utf-8", newline="")
    try:
        dyads = load(read_study(folder / "study.toml"))
    except DyadKitError as error:
        check_message(error)
        return type(error).__name__
    check_frame(dyads)
    return "loaded"


def test_garbage_makes_no_traceback(exports, tmp_path):
    found = [run(exports, tmp_path, seed) for seed in range(30)]
    assert {"loaded", "DataError", "StudyError"} == set(found)


@pytest.mark.slow
def test_much_garbage_makes_no_traceback(exports, tmp_path):
    found = [run(exports, tmp_path, seed) for seed in range(100, 2600)]
    assert min(found.count(kind) for kind in ("loaded", "DataError", "StudyError")) > 100
