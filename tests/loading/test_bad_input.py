"""Whatever is wrong, there is one clear paragraph and no traceback, also on the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from dyadkit.cli import app
from dyadkit.errors import DataError, DyadKitError, StudyError

GOOD = "pair,t1,t2\nP1,1,2\nP2,3,4\n"
WORKBOOK = b"PK\x03\x04\x14\x00\x00\x00"

# What the clients' file holds, which error it is, and words that its message must have.
FILES = {
    "empty": ("", DataError, ["clients is empty", "Export it again"]),
    "blank": ("\n \n", DataError, ["clients is empty"]),
    "header only": ("pair,t1,t2\n", DataError, ["header (pair, t1, t2)", "no rows below it"]),
    "one row": ("pair,t1,t2\nP9,1,1\n", DataError, ["No dyad is left", "no partner answered: 3"]),
    "named twice": ("pair,t1,t1,t2\nP1,1,1,1\n", DataError, ["more than one column called t1"]),
    "missing column": ("pair,t1,t_2\nP1,1,1\n", DataError, ["lacks 1 column", "'t2'", "t_2"]),
    "null byte": ("pair,t1,t2\nP1,1,\0\n", DataError, ["1 null byte", "line 2"]),
    "only nulls": (b"\0" * 4000, DataError, ["null bytes", "damaged, or no text file"]),
    "wrong delimiter": ("pair:t1:t2\nP1:1:1\n", DataError, ["single column", "delimiter comma"]),
    "text in an item": ("pair,t1,t2\nP1,often,1\n", DataError, ["'often' (row 2)", "values ="]),
    "stray quotation mark": ('pair,t1,t2\nP1,"1,1\n', DataError, ["row 2 has a stray quotation"]),
    "a long row": ("pair,t1,t2\nP1,1,1,1\n", DataError, ["1 row has more cells", "(row 2)"]),
    "a workbook": (WORKBOOK, DataError, ["Excel workbook", "CSV"]),
    "random bytes": (bytes(range(256)) * 9, DataError, ["cannot be read as utf-8 or cp1252"]),
    "all blank rows": ("pair,t1,t2\n,,\n,,\n", DataError, ["empty line: 2", "No dyad is left"]),
    "duplicates": ("pair,t1,t2\nP1,1,1\nP1,2,2\n", DataError, ["answered more than once"]),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_one_clear_paragraph(two_files, case):
    content, kind, words = FILES[case]
    with pytest.raises(DyadKitError) as found:
        two_files(GOOD, content)
    message = str(found.value)
    assert type(found.value) is kind
    assert all(word in message for word in words)
    assert "clients" in message or "No dyad is left" in message or "answered more" in message
    assert len(message) < 600
    assert message.rstrip().endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("case", FILES)
def test_the_command_line_says_the_same_and_writes_nothing(write, tmp_path, case):
    content, kind, words = FILES[case]
    toml = "".join(
        f'[[source]]\npath = "{name}.csv"\nname = "{name}"\nrole = "{role}"\ndyad = "pair"\n'
        for role, name in (("coach", "coaches"), ("client", "clients"))
    )
    path = write(
        '[study]\nroles = ["coach", "client"]\n'
        f'{toml}[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\n',
        coaches__csv=GOOD,
        clients__csv=content,
    )
    before = sorted(tmp_path.iterdir())
    shown = CliRunner().invoke(app, ["check", str(path)])
    assert shown.exit_code == kind.exit_code
    assert "Error" not in shown.stdout
    unwrapped = " ".join(shown.stderr.split())
    assert unwrapped.startswith("Error: ")
    assert all(word in unwrapped for word in words)
    assert "Traceback" not in shown.output
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (".", "is a folder; name the export file in it"),
        ("client.csv", "Did you mean 'clients.csv'?"),
        ("data/clients.csv", "There is no folder"),
        ("x" * 300, "File name too long"),
        ("a\\u0000b.csv", "there is no file"),
    ],
)
def test_a_file_that_is_not_there(loaded, path, words):
    toml = (
        '[study]\nroles = ["coach", "client"]\n'
        '[[source]]\npath = "clients.csv"\nrole = "coach"\ndyad = "pair"\n'
        f'[[source]]\npath = "{path}"\nname = "missing"\nrole = "client"\ndyad = "pair"\n'
        '[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\n'
    )
    with pytest.raises(StudyError, match="missing: ") as found:
        loaded(toml, clients__csv=GOOD)
    assert words in str(found.value) or "cannot be the name of a file" in str(found.value)


def test_all_files_are_complained_about_at_once(two_files):
    with pytest.raises(DataError) as found:
        two_files("pair,t1\nP1,1\n", "")
    assert [text.split()[0] for text in str(found.value).split("\n\n")] == ["coaches", "clients"]


def test_a_missing_file_among_bad_ones_is_a_mistake_in_the_study_file(loaded):
    toml = (
        '[study]\nroles = ["coach", "client"]\n'
        '[[source]]\npath = "a.csv"\nrole = "coach"\ndyad = "pair"\n'
        '[[source]]\npath = "b.csv"\nrole = "client"\ndyad = "pair"\n'
        '[scale.trust]\nitems = ["t1"]\nrange = [1, 7]\n'
    )
    with pytest.raises(StudyError) as found:
        loaded(toml, b__csv="")
    assert "a.csv: there is no file" in str(found.value)
    assert "b.csv is empty" in str(found.value)


def test_null_bytes_in_a_withdrawal_list_are_found_too(one_file):
    with pytest.raises(DataError, match=r"out\.csv holds 1 null byte"):
        one_file(
            "role,pair,id,t1,t2\ncoach,P1,a,1,1\nclient,P1,A,1,1\n",
            'person = "id"',
            '[[withdrawal]]\npath = "out.csv"\nperson = "id"\n',
            out__csv="id\nA\0\n",
        )
