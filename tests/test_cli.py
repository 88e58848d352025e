"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import dyadkit as dk
from dyadkit.cli import app
from tests.studies import STUDY, write_study

ROOT = Path(__file__).parents[1]


def dyadkit(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "dyadkit.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        timeout=120,
        check=False,
    )


def test_analyze_writes_the_report_and_says_where(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    done = dyadkit("analyze", study)
    assert done.returncode == 0, done.stderr
    report = tmp_path / "study-report" / "report.html"
    assert done.stdout == f"Report: {report}\n"
    assert report.is_file()
    assert (report.parent / "report.docx").is_file()


def test_quiet_prints_nothing_when_all_is_well(tmp_path: Path) -> None:
    done = dyadkit("analyze", write_study(tmp_path), "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_earlier_report_is_replaced_only_when_told(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    assert dyadkit("analyze", study, "--quiet").returncode == 0
    again = dyadkit("analyze", study)
    assert again.returncode == 2
    assert "--overwrite" in again.stderr
    assert dyadkit("analyze", study, "--overwrite", "--quiet").returncode == 0


def test_a_folder_with_sources_is_never_replaced(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    done = dyadkit("analyze", study, "--out", tmp_path, "--overwrite")
    assert done.returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clients.csv",
        "coaches.csv",
        "study.toml",
    ]


def test_a_refused_analysis_exits_with_one_and_the_report_is_there(tmp_path: Path) -> None:
    text = STUDY.replace("range = [1, 7]", 'range = [1, 7]\nroles = ["client"]')
    done = dyadkit("analyze", write_study(tmp_path, text))
    assert done.returncode == 1
    assert "'Likeness' was refused" in done.stderr
    assert (tmp_path / "study-report" / "report.html").is_file()


def test_check_estimates_nothing_and_lists_rows(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    with (tmp_path / "coaches.csv").open("a", encoding="utf-8") as file:
        file.write("LONELY,1,2,3\n")
    done = dyadkit("check", study)
    assert done.returncode == 0, done.stderr
    assert "1  no partner answered (row 42)" in done.stdout
    assert "40 dyads" in done.stdout
    assert not (tmp_path / "study-report").exists()


def test_demo_works_from_an_empty_folder(tmp_path: Path) -> None:
    done = dyadkit("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    demo = tmp_path / "dyadkit-demo"
    assert (demo / "report" / "report.html").is_file()
    assert (demo / "data" / "clients_t1.csv").is_file()
    assert dyadkit("demo", "--quiet", cwd=tmp_path).returncode == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    refused = dyadkit("demo", "--out", "mine", cwd=tmp_path)
    assert refused.returncode == 2
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_init_drafts_a_study_file_that_check_accepts(tmp_path: Path) -> None:
    sample = ROOT / "data" / "sample" / "distance_coaching"
    for path in sample.glob("c*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    exports = sorted(tmp_path.glob("*.csv"))
    done = dyadkit("init", *exports, "--out", tmp_path / "study.toml")
    assert done.returncode == 0, done.stderr
    draft = (tmp_path / "study.toml").read_text(encoding="utf-8")
    for guess in (
        'roles = ["coach", "client"]',
        'waves = ["t1", "t2"]',
        'dyad = "pair_code"',
        'person = "coach_id"',
        'items = ["tr1..tr5"]',
        'reverse = ["tr3"]',
        "range = [1, 5]",
        "missing = [-99]",
        'granted = ["Ja"]',
    ):
        assert guess in draft, guess
    checked = dyadkit("check", tmp_path / "study.toml")
    assert checked.returncode == 0, checked.stderr
    again = dyadkit("init", *exports, "--out", tmp_path / "study.toml")
    assert (again.returncode, "exists already" in " ".join(again.stderr.split())) == (2, True)


def in_process(*arguments: str | Path) -> Any:
    """Run the command without a new interpreter, which is much quicker."""
    return CliRunner().invoke(app, [*map(str, arguments)])


def coaches(content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / "coaches.csv").write_bytes(content) and None


def study_text(old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "study.toml").write_text(STUDY.replace(old, new)) and None


def folder_for_file(folder: Path) -> None:
    (folder / "coaches.csv").unlink()
    (folder / "coaches.csv").mkdir()


def constant_item(folder: Path) -> None:
    text = (folder / "coaches.csv").read_text().splitlines()
    rows = [",".join([*line.split(",")[:3], "4"]) for line in text[1:]]
    (folder / "coaches.csv").write_text("\n".join([text[0], *rows]))


def all_missing(folder: Path) -> None:
    text = (folder / "coaches.csv").read_text().splitlines()
    rows = [line.split(",")[0] + ",,," for line in text[1:]]
    (folder / "coaches.csv").write_text("\n".join([text[0], *rows]))


def mixed_line_endings(folder: Path) -> None:
    lines = (folder / "coaches.csv").read_text().splitlines()
    ends = ["\n", "\r\n", "\r"]
    mixed = "".join(line + ends[number % 3] for number, line in enumerate(lines))
    (folder / "coaches.csv").write_bytes(mixed.encode())


BAD = {
    "empty file": (coaches(b""), 1, "coaches.csv is empty"),
    "blanks only": (coaches(b" \n\n"), 1, "coaches.csv is empty"),
    "header only": (coaches(b"pair,q1,q2,q3\n"), 1, "no rows"),
    "one row": (coaches(b"pair,q1,q2,q3\nP1,1,2,3\n"), 1, "No dyad is left"),
    "a column named twice": (coaches(b"pair,q1,q1,q3,q2\nP001,1,2,3,4\n"), 1, "more than one"),
    "a missing column": (coaches(b"pair,q1,q2\nP001,1,2\n"), 1, "'q3'"),
    "a folder for a file": (folder_for_file, 2, "is a folder"),
    "no such file": (lambda f: (f / "coaches.csv").unlink(), 2, "there is no file"),
    "a null byte": (coaches(b"pair,q1,q2,q3\nP001,1,\x00,3\n"), 1, "null byte"),
    "a wrong delimiter": (
        study_text('path = "coaches.csv"', 'path = "coaches.csv"\ndelimiter = ";"'),
        1,
        "delimiter",
    ),
    "text in an item": (coaches(b"pair,q1,q2,q3\nP001,1,hello,3\n"), 1, "'hello'"),
    "a stray quote": (coaches(b'pair,q1,q2,q3\nP001,1,"2,3\n'), 1, "quotation mark"),
    "not TOML": (study_text("[study]", "study:"), 2, "not valid TOML"),
    "an unknown key": (study_text("label =", "lable ="), 2, "Did you mean 'label'?"),
    "an unknown table": (study_text("[scale.trust]", "[scales.trust]"), 2, "'scale'"),
    "an unknown role": (study_text('role = "coach"', 'role = "couch"'), 2, "'coach'"),
    "a study file that is data": (
        lambda f: (f / "study.toml").write_bytes(b"\xff\xfe\x00\x01") and None,
        2,
        "UTF-8",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_paragraph_and_the_right_exit_code(tmp_path: Path, case: str) -> None:
    change, code, said = BAD[case]
    study = write_study(tmp_path)
    change(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    done = in_process("analyze", study, "--quiet")
    assert done.exit_code == code, done.stderr
    assert said in " ".join(done.stderr.split())
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 1200
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [(constant_item, "no α"), (all_missing, "nobody answered"), (mixed_line_endings, "")],
)
def test_odd_but_usable_input_is_reported_in_the_notes(
    tmp_path: Path, change: Callable[[Path], None], said: str
) -> None:
    study = write_study(tmp_path)
    change(tmp_path)
    done = in_process("analyze", study, "--only", "Descriptives")
    assert done.exit_code == 0, done.stderr
    assert said in (tmp_path / "study-report" / "report.html").read_text(encoding="utf-8")


def test_a_study_file_that_is_not_there(tmp_path: Path) -> None:
    done = in_process("analyze", tmp_path / "nothing.toml")
    assert done.exit_code == 2
    assert "nothing.toml" in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    (tmp_path / "coaches.csv").write_bytes(b"")
    assert "Traceback" in dyadkit("analyze", study, "--debug").stderr


def test_a_bug_exits_with_three_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dyadkit.pipeline

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(dyadkit.pipeline, "analyze", broken)
    done = in_process("analyze", write_study(tmp_path))
    assert done.exit_code == 3
    assert "bug in dyadkit" in done.stderr


def test_wrong_arguments_exit_with_two() -> None:
    assert in_process("analyse").exit_code == 2
    assert in_process("analyze").exit_code == 2
    assert in_process("--help").exit_code == 0


def test_every_public_name_is_there() -> None:
    for name in dk.__all__:
        assert getattr(dk, name) is not None
    assert set(dk.__all__) <= set(dir(dk))
    with pytest.raises(AttributeError, match="analyse"):
        _ = dk.analyse
