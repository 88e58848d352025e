"""What `dyadkit check` prints."""

from __future__ import annotations

import pandas as pd

from dyadkit.frame import DyadFrame
from dyadkit.loading.screening.inspection import inspect
from dyadkit.loading.screening.listing import list_findings, list_inspection
from dyadkit.study import read_study

ROWS = (
    "role,wave,pair,ok,age,t1,t2\ncoach,w1,P1,y,30,1,1\nclient,w1,P1,y,30,9,8\n"
    "coach,w2,P1,y,30,1,1\ncoach,w1,P2,n,30,3,3\nclient,w1,P3,y,30,1,1\nclient,w1,P4,y,17,1,1\n"
    "client,w1,P5,y,30,1,1\n,,,,,,\n"
)


def test_findings_are_listed_by_source(one_file):
    dyads = one_file(
        ROWS,
        "exclude = { age = [17] }",
        '[[consent]]\ncolumn = "ok"\ngranted = ["y"]\n',
        waves=("w1", "w2"),
    )
    assert list_findings(dyads) == (
        "all: 8 rows read, 3 kept\n"
        "      1  empty line (row 9)\n"
        "      1  no consent\n"
        "      1  excluded by the study file, by age (row 7)\n"
        "      2  no partner answered (rows 6, 8)\n"
        "      2  value outside the possible range, set missing (row 3: t1 = 9, outside 1 to 7; "
        "row 3: t2 = 8, outside 1 to 7)\n"
        "\n"
        "1 dyad\n"
        "  w1: 1 with both partners\n"
        "  w2: 0 with both partners (1 coach only)\n"
        "  every wave: 0 with both partners"
    )


def test_long_lists_of_rows_are_cut(one_file):
    lines = "".join(f"client,P{number},9,1\n" for number in range(2, 32))
    text = f"role,pair,t1,t2\ncoach,P1,1,1\nclient,P1,1,1\n{lines}"
    shown = list_findings(one_file(text))
    assert (
        "     30  no partner answered (rows 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 18 more)"
        in shown
    )


def test_many_cells_are_cut_too(one_file):
    lines = "".join(f"coach,P{n},9,1\nclient,P{n},1,1\n" for n in range(20))
    shown = list_findings(one_file(f"role,pair,t1,t2\n{lines}"))
    assert shown.count("t1 = 9, outside 1 to 7") == 12
    assert "outside 1 to 7 and 8 more)" in shown


def test_exchangeable_members_have_no_role(loaded):
    toml = (
        '[study]\nroles = ["peer"]\norphans = "keep"\n'
        '[[source]]\npath = "a.csv"\ndyad = "pair"\nperson = "id"\n'
        '[scale.trust]\nitems = ["t1"]\nrange = [1, 7]\n'
    )
    dyads = loaded(toml, a__csv="pair,id,t1\nP1,a,1\nP1,b,1\nP2,c,1\n")
    assert list_findings(dyads) == (
        "a.csv: 3 rows read, 3 kept\n\n"
        "2 dyads\n  1 with both partners (1 with one member only)\n\n"
        "Note: The members of a dyad are called 1 and 2 by sorted ids."
    )


def test_a_frame_without_files_has_dyads_only():
    df = pd.DataFrame({"pair": [1, 1], "role": ["a", "b"], "x": [1.0, 2.0]})
    dyads = DyadFrame.from_individual(df, dyad="pair", role="role")
    assert list_findings(dyads) == "1 dyad\n  1 with both partners"


def test_a_narrow_terminal_is_not_overrun(write):
    """A label without room beside its numbers has a line of its own."""
    items = [f"q{number}" for number in range(1, 7)]
    rows = [
        ",".join(
            [f"P{n}", role, str(20 + n), *(str(1 + (n + k * k + len(role)) % 7) for k in range(6))]
        )
        for n in range(30)
        for role in ("coach", "client")
    ]
    path = write(
        '[study]\nroles = ["coach", "client"]\n[[source]]\npath = "a_long_name_of_a_file.csv"\n'
        'role_column = "role"\ndyad = "pair"\nduration = "seconds"\n'
        '[scale.trust]\nitems = ["q1..q6"]\nrange = [1, 7]\n[careless]\nwithin_sd = 9\n',
        a_long_name_of_a_file__csv="\n".join([",".join(["pair,role,seconds", *items]), *rows]),
    )
    found = inspect(read_study(path))
    shown = list_inspection(found, 60)
    assert "  longest run of identical answers\n      " in shown
    assert max(map(len, shown.split("\n"))) <= 68  # numbers are never broken
    wide = list_inspection(found, 80)
    assert "  longest run of identical answers        " in wide
    assert max(map(len, wide.split("\n"))) <= 80


def test_a_row_is_listed_once_for_both_members(loaded):
    dyads = loaded(
        '[study]\nroles = ["coach", "client"]\n[[source]]\npath = "a.csv"\nlayout = "dyad"\n'
        'person = "id_{role}"\ncolumns = "{item}_{role}"\n[variable.x]\ncolumn = "x"\n',
        a__csv="id_coach,id_client,x_coach,x_client\nC1,K1,1,2\n,K2,3,4\n",
    )
    assert "      2  no dyad code (row 3)" in list_findings(dyads)
