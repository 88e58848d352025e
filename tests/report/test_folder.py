"""The output folder: killed at any step, the old or the new output is whole; nothing that is not
ours is lost."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.report import folder, swapping
from dyadkit.report.folder import STEPS, recover, write_folder
from tests.report.outputs import beside, child, held, output, write

ONE_STEP = ["stage", "flush", "swap", "clean"]
TWO_STEPS = ["stage", "flush", "swap", "swap:old-away", "swap:new-in", "clean"]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "study report"


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swapping, "exchange", lambda one, other: False)


@pytest.fixture(params=["one", "two"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The two ways to swap; the first one only where the system has it."""
    way: str = request.param
    if way == "two":
        monkeypatch.setattr(swapping, "exchange", lambda one, other: False)
        return way
    probe = tmp_path / "probe"
    (probe / "a").mkdir(parents=True)
    (probe / "b").mkdir()
    able = swapping.exchange(probe / "a", probe / "b")
    for place in (probe / "a", probe / "b", probe):
        place.rmdir()
    if not able:
        pytest.skip("no RENAME_EXCHANGE on this system")
    return way


# Writing


def test_a_new_folder(target: Path) -> None:
    assert write(target, overwrite=False) == ONE_STEP
    assert held(target) == output("new")
    assert beside(target) == []


def test_replacing_an_earlier_output(target: Path, path: str) -> None:
    write(target, "old")
    assert write(target) == (ONE_STEP if path == "one" else TWO_STEPS)
    assert held(target) == output("new")
    assert beside(target) == []


def test_all_steps_have_a_name() -> None:
    assert tuple(TWO_STEPS) == STEPS


def test_an_empty_folder_may_be_replaced(target: Path, path: str) -> None:
    target.mkdir()
    write(target, overwrite=False)
    assert held(target) == output("new")
    assert beside(target) == []


def test_missing_parents_are_made(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "report")
    assert held(tmp_path / "a" / "b" / "report") == output("new")


def test_a_relative_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("report"), "old")
    write(Path("./x/../report/"))
    assert held(tmp_path / "report") == output("new")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_permissions_follow_the_umask(target: Path) -> None:
    before = os.umask(0o027)
    try:
        write(target, "old")
        write(target)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_file()}
    assert modes == {0o640}
    assert target.stat().st_mode & 0o777 == (target / "tables").stat().st_mode & 0o777 == 0o750


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be flushed")
def test_everything_is_flushed_before_the_swap(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: set[int] = set()
    fsync = os.fsync

    def spy(opened: int) -> None:
        flushed.add(os.fstat(opened).st_ino)
        fsync(opened)

    def on_step(step: str) -> None:
        if step == "swap":
            (new,) = target.parent.glob(".*/new")
            wanted = [new.parent.parent, new.parent, new, *new.rglob("*")]
            missed.extend(path.name for path in wanted if path.stat().st_ino not in flushed)
            flushed.clear()
        if step == "clean" and target.parent.stat().st_ino not in flushed:
            missed.append("the swap")

    missed: list[str] = []
    monkeypatch.setattr(os, "fsync", spy)
    write_folder(target, output("new"), overwrite=True, sources=[], on_step=on_step)
    assert missed == []


# Killed


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("earlier", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_one_output_is_whole(
    target: Path, path: str, step: str, earlier: bool
) -> None:
    if earlier:
        write(target, "old")
    command = child(target, "new", path, f"kill:{step}")
    ended = subprocess.run(command, check=False, capture_output=True)
    two_steps = path == "two" and earlier
    if step.startswith("swap:") and not two_steps:
        assert ended.returncode == 0  # there is no such step, and so it was not killed
    else:
        assert ended.returncode == -signal.SIGKILL, ended.stderr

    before = output("old") if earlier else {}
    arrived = step == "clean" or ended.returncode == 0
    if step == "swap:new-in" and two_steps:
        assert not target.exists()
        arrived = True  # the next start completes it
    else:
        assert held(target) == (output("new") if arrived else before)
    recover(target)
    assert held(target) == (output("new") if arrived else before)
    assert beside(target) == []
    write(target, "newest")
    assert held(target) == output("newest")
    assert beside(target) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_run_after_a_killed_one_needs_no_call_of_recover(target: Path) -> None:
    write(target, "old")
    subprocess.run(child(target, "new", "two", "kill:swap:new-in"), check=False)
    assert not target.exists()
    with pytest.raises(StudyError, match="--overwrite"):
        write(target, "newest", overwrite=False)
    assert held(target) == output("new")
    assert beside(target) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_both_outputs_stay_when_something_else_took_their_place(target: Path) -> None:
    write(target, "old")
    subprocess.run(child(target, "new", "two", "kill:swap:new-in"), check=False)
    target.write_text("the user's own")
    recover(target)
    assert target.read_text() == "the user's own"
    (work,) = target.parent.glob(".*")
    assert held(work / "old") == output("old")
    target.unlink()
    recover(target)
    assert held(target) == output("new")
    assert beside(target) == []


def test_a_failure_between_two_steps_brings_the_old_output_back(
    target: Path, no_exchange: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(target, "old")
    rename = os.rename

    def refuse(source: Path, destination: Path) -> None:
        if Path(source).name == "new" and not target.exists():
            raise PermissionError(errno.EACCES, "Permission denied", str(destination))
        rename(source, destination)

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(StudyError, match="Permission denied"):
        write(target)
    assert held(target) == output("old")
    assert beside(target) == []


@pytest.mark.parametrize("step", STEPS)
def test_an_interrupt_at_any_step_leaves_nothing_behind(
    target: Path, no_exchange: None, step: str
) -> None:
    write(target, "old")

    def on_step(name: str) -> None:
        if name == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(target, output("new"), overwrite=True, sources=[], on_step=on_step)
    late = step in ("swap:new-in", "clean")
    assert held(target) == output("new" if late else "old")
    assert beside(target) == []


# Several runs at a time


@pytest.mark.parametrize("stop", ["flush", "swap", "clean"])
def test_a_live_run_is_left_alone(target: Path, path: str, stop: str) -> None:
    write(target, "old")
    command = child(target, "slow", path, f"wait:{stop}")
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as slow:
        assert slow.stdout is not None
        assert slow.stdout.readline() == "waiting\n"
        recover(target)
        assert len(beside(target)) == 1
        write(target, "fast")
        assert held(target) == output("fast")
        slow.communicate("\n")
    assert slow.returncode == 0
    assert held(target) == output("fast" if stop == "clean" else "slow")
    assert beside(target) == []


def test_a_run_between_its_two_steps_gives_way_and_wins_later(target: Path) -> None:
    write(target, "old")
    command = child(target, "slow", "two", "wait:swap:new-in")
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as slow:
        assert slow.stdout is not None
        assert slow.stdout.readline() == "waiting\n"
        write(target, "fast")
        assert held(target) == output("fast")
        slow.communicate("\n\n")
    assert slow.returncode == 0
    assert held(target) == output("slow")
    assert beside(target) == []


def test_runs_at_the_same_time_never_mix(target: Path, path: str) -> None:
    words = ["a", "b", "c"]
    runs = [
        subprocess.Popen(child(target, word, path, times=15), stderr=subprocess.PIPE)
        for word in words
    ]
    errors = [run.communicate()[1] for run in runs]
    assert [(run.returncode, error) for run, error in zip(runs, errors, strict=True)] == [
        (0, b"")
    ] * 3
    assert held(target) in [output(word) for word in words]
    assert beside(target) == []


def test_without_locks_the_process_number_decides(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = child(target, "new", "one", "wait:swap")
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "waiting\n"
        monkeypatch.setattr(folder, "_lock", lambda journal: None)
        recover(target)
        assert len(beside(target)) == 1
        run.kill()
    recover(target)
    assert beside(target) == []
    write(target)
    assert held(target) == output("new")


# What the system refuses


def test_a_parent_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StudyError, match="file' is no folder"):
        write(tmp_path / "file" / "report")
    with pytest.raises(StudyError, match="file' is no folder"):
        write(tmp_path / "file" / "new" / "report")
    assert held(tmp_path) == {"file": b"mine"}


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    target = tmp_path / "new" / ("r" * 250)
    with pytest.raises(StudyError, match="too long"):
        write(target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_parent_that_may_not_be_written(target: Path) -> None:
    target.parent.chmod(0o500)
    try:
        with pytest.raises(StudyError, match="Permission denied"):
            write(target)
    finally:
        target.parent.chmod(0o700)


@pytest.mark.parametrize("earlier", [True, False])
@pytest.mark.parametrize("files_before", [0, 1, 11])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool, files_before: int
) -> None:
    target = tmp_path / "results" / "report"
    if earlier:
        write(target, "old")
    before = held(tmp_path), sorted(tmp_path.rglob("*"))
    written = 0
    write_bytes = Path.write_bytes

    def fill(place: Path, data: bytes) -> int:
        nonlocal written
        if written == files_before:
            raise OSError(errno.ENOSPC, "No space left on device", str(place))
        written += 1
        return write_bytes(place, data)

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(DataError, match=r"No space left on device .* Make room"):
        write(target)
    assert (held(tmp_path), sorted(tmp_path.rglob("*"))) == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_real_limit_on_writing_leaves_nothing_behind(target: Path) -> None:
    write(target, "old")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))\n"
    command = child(target, "new", "one")
    command[2] = limit + command[2]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "DataError" in ended.stderr
    assert "File too large" in ended.stderr
    assert held(target) == output("old")
    assert beside(target) == []


# Bugs of the caller


@pytest.mark.parametrize(
    "name",
    [
        "/etc/x",
        "../x",
        "a/../../x",
        "",
        ".",
        "./x",
        "a//b",
        "a/",
        "C:/x",
        "C:x",
        "a\\b",
        "\\\\a\\b",
    ],
)
def test_names_must_be_plain(target: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a plain relative path"):
        write_folder(
            target, {**output("new"), name: b""}, overwrite=True, sources=[], on_step=print
        )
    assert beside(target) == []


def test_names_must_differ_on_every_system(target: Path) -> None:
    files = {**output("new"), "REPORT.html": b""}
    with pytest.raises(ValueError, match="case only"):
        write_folder(target, files, overwrite=True, sources=[], on_step=print)


def test_the_manifest_must_list_every_file(target: Path) -> None:
    files = output("new")
    with pytest.raises(ValueError, match=r"does not list \['extra.csv'\]"):
        write_folder(target, {**files, "extra.csv": b""}, overwrite=True, sources=[], on_step=print)
    del files["manifest.json"]
    with pytest.raises(ValueError, match="not a manifest"):
        write_folder(target, files, overwrite=True, sources=[], on_step=print)
    assert not target.exists()
