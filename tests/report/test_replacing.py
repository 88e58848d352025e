"""What is not an earlier output of ours is never replaced."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from dyadkit.errors import StudyError
from dyadkit.report.folder import write_folder
from dyadkit.report.replacing import check_target
from tests.report.outputs import beside, held, output, write


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "study report"


def refused(
    target: Path, match: str, *, overwrite: bool = True, sources: tuple[Path, ...] = ()
) -> None:
    steps: list[str] = []
    with pytest.raises(StudyError, match=match):
        check_target(target, overwrite=overwrite, sources=sources)
    with pytest.raises(StudyError, match=match):
        write_folder(
            target, output("new"), overwrite=overwrite, sources=sources, on_step=steps.append
        )
    assert steps == []
    assert beside(target) == []


def test_an_earlier_output_is_kept_unless_told(target: Path) -> None:
    write(target, "old")
    refused(target, "Give --overwrite .* or another folder with --out", overwrite=False)
    assert held(target) == output("old")


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"generator": "another"}',
        b'{"generator": "dyadkit"}',
        b'{"generator": "dyadkit", "outputs": "report.html"}',
        b'{"generator": "dyadkit", "outputs": [1]}',
    ],
)
def test_a_folder_of_someone_else_is_kept(target: Path, manifest: bytes | None) -> None:
    target.mkdir()
    (target / "report.html").write_text("mine")
    if manifest is not None:
        (target / "manifest.json").write_bytes(manifest)
    refused(target, "not an earlier output|nor an earlier output")
    assert (target / "report.html").read_text() == "mine"


def test_files_that_were_added_are_kept_and_named(target: Path) -> None:
    write(target, "old")
    (target / "tables" / "my own.csv").write_text("x")
    (target / "notes.txt").write_text("x")
    refused(target, r"\(2: notes.txt, tables/my own.csv\)")
    assert (target / "notes.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
def test_links_in_the_folder_are_kept(target: Path, tmp_path: Path) -> None:
    write(target, "old")
    (target / "report.html").unlink()
    (target / "report.html").symlink_to(tmp_path)
    (target / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    refused(target, r"\(2: elsewhere, report.html\)")


def test_what_desktops_leave_does_not_matter(target: Path) -> None:
    write(target, "old")
    (target / "tables" / ".DS_Store").write_text("x")
    write(target)
    assert held(target) == output("new")


def test_a_file_is_kept(target: Path) -> None:
    target.write_text("mine")
    refused(target, "is no folder")
    assert target.read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_kept(target: Path, tmp_path: Path, exists: bool) -> None:
    elsewhere = tmp_path / "x" / "elsewhere"
    if exists:
        write(elsewhere, "old")
    target.symlink_to(elsewhere)
    with pytest.raises(StudyError, match="symbolic link"):
        write(target)
    assert target.is_symlink()
    assert not exists or held(elsewhere) == output("old")


@pytest.mark.parametrize("place", ["report.html", "tables/data.csv"])
def test_a_folder_that_holds_a_source_is_kept(target: Path, tmp_path: Path, place: str) -> None:
    write(target, "old")
    manifest = {"generator": "dyadkit", "outputs": [*output("old"), place]}
    (target / "manifest.json").write_text(json.dumps(manifest))
    (target / place).write_text("data")
    refused(target, "which the study reads", sources=(target / "../study report" / place,))
    assert (target / place).read_text() == "data"


def test_a_missing_source_is_no_obstacle(target: Path, tmp_path: Path) -> None:
    write(target, "old")
    gone = [tmp_path / "gone" / "data.csv", tmp_path / "data.csv"]
    check_target(target, overwrite=True, sources=gone)


def test_what_appears_meanwhile_is_kept(target: Path) -> None:
    write(target, "old")

    def on_step(step: str) -> None:
        if step == "swap":
            (target / "notes.txt").write_text("mine")

    with pytest.raises(StudyError, match=r"notes\.txt"):
        write_folder(target, output("new"), overwrite=True, sources=[], on_step=on_step)
    assert held(target) == {**output("old"), "notes.txt": b"mine"}
    assert beside(target) == []


@pytest.mark.parametrize("content", [None, b"the user's journal"])
def test_folders_that_only_look_like_ours_are_kept(target: Path, content: bytes | None) -> None:
    lookalike = target.with_name(f".{target.name}.dyadkit-1-00000000")
    (lookalike / "new").mkdir(parents=True)
    if content is not None:
        (lookalike / "journal").write_bytes(content)
    (target.with_name(f".{target.name}.dyadkit-1-0000000x")).mkdir()
    write(target)
    assert (lookalike / "new").exists()
    assert len(beside(target)) == 2
