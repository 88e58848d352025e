"""What must change no number: the order of rows, the number of files, the layout, the names."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError
from dyadkit.frame import DyadFrame
from dyadkit.loading import load
from dyadkit.study import parse_study

COLUMNS = ("pair", "id", "ok", "t1", "t2", "grade", "city")
ROLES = ("coach", "client")
WAVES = ("w1", "w2")
MODEST = settings(
    max_examples=10,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BELOW = """\
[[consent]]
column = "ok"
granted = ["yes"]
scope = "person"
[[withdrawal]]
path = "out.csv"
person = "id"
from_wave = "w2"
[scale.trust]
items = ["t1", "t2"]
range = [1, 7]
reverse = ["t2"]
minimum_answered = 1
[variable.grade]
column = "grade"
type = "ordinal"
[variable.city]
column = "city"
type = "category"
level = "dyad"
"""


@dataclass(frozen=True)
class Answer:
    role: str
    wave: str
    cells: tuple[str, ...]


@st.composite
def answers(draw):
    """Draw the rows of a study in which everything may go wrong that no order decides."""
    cell = st.sampled_from(["", "1", "2", "3", "7", "9", "-99"])
    rows = []
    for number in range(draw(st.integers(2, 6))):
        pair = f"P{number}"
        city = draw(st.sampled_from(["", "Rome", "Bonn"]))
        for role in ROLES:
            for wave in WAVES:
                for person in range(draw(st.sampled_from([0, 1, 1, 1, 1, 2]))):
                    code = draw(st.sampled_from([pair] * 9 + ["", "PX"]))
                    cells = [
                        *(code, f"{role[:2]}{number}{person}"),
                        draw(st.sampled_from(["yes"] * 9 + ["no", ""])),
                        *(draw(cell) for _ in range(3)),
                        city if code == pair else "",
                    ]
                    rows.append(Answer(role, wave, tuple(cells)))
    return rows


def source(name, fixed="", role=None, wave=None, roles=ROLES):
    lines = [f'[[source]]\npath = "{name}.csv"\ndyad = "pair"\nperson = "id"\nmissing = [-99]']
    lines.append(f'role = "{role}"' if role else 'role_column = "role"')
    if not role and roles != ROLES:
        lines.append(
            "role_values = { "
            + ", ".join(f'"{old}" = "{new}"' for old, new in zip(ROLES, roles, strict=True))
            + " }"
        )
    lines.append(f'wave = "{wave}"' if wave else 'wave_column = "wave"')
    return "\n".join([*lines, fixed, ""])


def as_csv(rows):
    head = ",".join(["role", "wave", *COLUMNS])
    return "\n".join([head, *(",".join([a.role, a.wave, *a.cells]) for a in rows)]) + "\n"


def read(folder, files, sources, roles=ROLES):
    """Load a study, or return the message that says why not."""
    for name, text in {**files, "out": "id\nco01\ncl10\n"}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    head = f"[study]\nroles = {list(roles)}\nwaves = {list(WAVES)}\n".replace("'", '"')
    try:
        return load(parse_study(head + "".join(sources) + BELOW, directory=folder))
    except DataError as error:
        # Rows and files are numbered and named otherwise; what is wrong is not.
        return re.sub(r"\(.*?\)|\brows? [\d, ]+|\d+ rows? read", "", str(error))


def numbers(dyads, rename=None):
    """Return everything that must stay the same: answers, counts of the flow, pairing."""
    if isinstance(dyads, str):
        return dyads
    rename = rename or {}
    flow = dyads.flow().assign(role=lambda f: f["role"].replace(rename))
    totals = flow.groupby(["wave", "role", "step"], dropna=False)["n"].sum()
    rows = dyads.individual().assign(role=lambda f: f["role"].replace(rename))
    rows = rows.sort_values(["dyad", "wave", "role"]).reset_index(drop=True)
    pairing = dyads.pairing()
    pairing.columns = [
        f"only_{rename.get(name[5:], name[5:])}" if name.startswith("only_") else name
        for name in pairing.columns
    ]
    return (
        totals[totals > 0].to_dict(),
        rows.astype(object).where(rows.notna(), None).to_dict("list"),
        pairing.astype(object).where(pairing.notna(), None).to_dict("list"),
    )


@pytest.fixture
def whole(tmp_path):
    return lambda rows: read(tmp_path, {"all": as_csv(rows)}, [source("all")])


@MODEST
@given(rows=answers(), data=st.data())
def test_the_order_of_rows_changes_nothing(whole, rows, data):
    shuffled = data.draw(st.permutations(rows))
    assert numbers(whole(shuffled)) == numbers(whole(rows))


@MODEST
@given(rows=answers(), data=st.data())
def test_splitting_a_file_in_two_changes_nothing(tmp_path, whole, rows, data):
    if not rows:
        return
    sides = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    parts = {
        name: as_csv([row for row, side in zip(rows, sides, strict=True) if side is first])
        for name, first in (("one", True), ("two", False))
        if first in sides
    }
    split = read(tmp_path, parts, [source(name) for name in parts])
    assert numbers(split) == numbers(whole(rows))


@MODEST
@given(rows=answers())
def test_a_file_for_each_role_and_wave_changes_nothing(tmp_path, whole, rows):
    places = [(role, wave) for role in ROLES for wave in WAVES]
    files, sources = {}, []
    for role, wave in places:
        mine = [row for row in rows if (row.role, row.wave) == (role, wave)]
        # A file needs a row; an empty line is one, and counts as one.
        files[role + wave] = as_csv(mine) if mine else as_csv([]) + "\n"
        sources.append(source(role + wave, role=role, wave=wave))
    blank = sum(not any((r.role, r.wave) == place for r in rows) for place in places)
    one, other = numbers(read(tmp_path, files, sources)), numbers(whole(rows))
    if blank and not isinstance(one, str):
        one = ({k: n for k, n in one[0].items() if k[2] not in ("blank", "read")}, *one[1:])
        other = ({k: n for k, n in other[0].items() if k[2] != "read"}, *other[1:])
    if blank and isinstance(one, str):
        return
    assert one == other


@MODEST
@given(rows=answers())
def test_renaming_the_roles_changes_nothing(tmp_path, whole, rows):
    # The new names sort the other way round.
    new = ("boss", "aide")
    renamed = read(tmp_path, {"all": as_csv(rows)}, [source("all", roles=new)], roles=new)
    back = dict(zip(new, ROLES, strict=True))
    if isinstance(renamed, str):
        assert numbers(renamed) == numbers(whole(rows))
    else:
        assert numbers(renamed, back) == numbers(whole(rows))


@MODEST
@given(rows=answers())
def test_wide_and_long_are_the_same(whole, rows):
    dyads = whole(rows)
    if isinstance(dyads, str):
        return
    again = DyadFrame.from_wide(
        dyads.wide(),
        dyad="dyad",
        roles=dyads.roles,
        waves=dyads.waves,
        columns="{variable}_{role}_{wave}",
        variables=dyads.variables,
    )
    pd.testing.assert_frame_equal(again.individual(), dyads.individual(), check_dtype=False)
    pd.testing.assert_frame_equal(again.wide(), dyads.wide(), check_dtype=False)
    assert again.pairing().equals(dyads.pairing())


@MODEST
@given(rows=answers())
def test_the_flow_adds_up(whole, rows):
    dyads = whole(rows)
    if isinstance(dyads, str):
        return
    flow = dyads.flow()
    assert flow.loc[flow["step"] == "read", "n"].sum() == len(rows)
    places = ["source", "wave", "role"]
    for _, mine in flow.groupby(places, dropna=False):
        counts = mine.set_index("step")["n"]
        assert counts["read"] == counts.drop("read").sum()
    kept = flow[flow["step"] == "kept"].groupby(["wave", "role"])["n"].sum()
    frame = dyads.individual().groupby(["wave", "role"]).size()
    assert kept[kept > 0].to_dict() == frame.to_dict()
