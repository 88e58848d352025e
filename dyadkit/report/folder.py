"""The output folder: written beside its target, flushed, then put in place in one step.

Killed at any moment, either the old output or the new one is whole; what is left beside it, a
hidden folder with a journal, is completed or removed by the next start.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath

from dyadkit.report.replacing import (
    MANIFEST,
    absolute,
    check_target,
    explained,
    find_strangers,
    listed_files,
    occupied,
)
from dyadkit.report.swapping import UNSUPPORTED, flush, moved, put_in_place

STEPS = ("stage", "flush", "swap", "swap:old-away", "swap:new-in", "clean")

_NEW, _OLD, _JOURNAL = "new", "old", "journal"
_MARK = b"dyadkit: an output folder in preparation\n"
_SWAP = b"swap\n"


def write_folder(
    target: Path,
    files: Mapping[str, bytes],
    *,
    overwrite: bool,
    sources: Sequence[Path],
    on_step: Callable[[str], None],
) -> None:
    """Write a whole output folder, or leave what is there.

    Of runs that write the same folder at the same time the last one wins; outputs never mix.

    Parameters
    ----------
    target : Path
        The folder; missing parents are made.
    files : mapping of str to bytes
        Contents by relative POSIX path.  One is ``manifest.json``, an object whose ``generator``
        is ``"dyadkit"`` and whose ``outputs`` list every other file.
    overwrite : bool
        Whether an earlier output may be replaced.
    sources : sequence of Path
        Files that the study reads: a folder that holds one is never replaced.
    on_step : callable
        Called with the name of each of `STEPS` before it is taken.

    Raises
    ------
    StudyError
        If the folder cannot be written, or must not be replaced (see `check_target`).
    DataError
        If the disk is full or fails.
    ValueError
        If a name is not a plain relative path, or the manifest does not list all files.
    """
    _check_files(files)
    target = absolute(target)
    recover(target)
    check_target(target, overwrite=overwrite, sources=sources)
    with explained(target):
        on_step("stage")
        made = [folder for folder in target.parents if not folder.exists()]
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            work, journal = _open_work(target)
            try:
                for name, content in files.items():
                    path = work / _NEW / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
                on_step("flush")
                flush(work)
                on_step("swap")
                # Another run, or the user, may have put something there meanwhile.
                check_target(target, overwrite=overwrite, sources=sources)
                put_in_place(
                    work / _NEW,
                    work / _OLD,
                    target,
                    announce=lambda: _announce(journal),
                    on_step=on_step,
                )
                on_step("clean")
            finally:
                _settle(work, journal, target)
        except BaseException:
            for folder in made:
                with suppress(OSError):  # missing, or in use by someone else
                    folder.rmdir()
            raise


def recover(target: Path) -> None:
    """Complete or remove what killed runs left beside an output folder; call it at the start."""
    target = absolute(target)
    pattern = re.compile(re.escape(f".{target.name}.dyadkit-") + r"(\d{1,9})-[0-9a-f]{8}")
    with explained(target):
        for work in sorted(target.parent.iterdir()) if target.parent.is_dir() else ():
            found = pattern.fullmatch(work.name)
            if not found or work.is_symlink() or not work.is_dir():
                continue
            try:
                journal = os.open(work / _JOURNAL, os.O_RDWR)
            except FileNotFoundError:
                # Its owner died after its very first act, or is about to take the second one and
                # then makes another folder.  What is not empty is not ours and stays.
                with suppress(OSError):
                    work.rmdir()
                continue
            except PermissionError:
                continue  # another user's
            locked = _lock(journal)
            abandoned = locked or (locked is None and not _running(int(found[1])))
            if abandoned and _MARK.startswith(_read(journal)[: len(_MARK)]):
                _settle(work, journal, target)
            else:
                os.close(journal)


def _check_files(files: Mapping[str, bytes]) -> None:
    for name in files:
        path = PurePosixPath(name)
        plain = path.as_posix() == name != "." and not path.is_absolute()
        if not plain or ".." in path.parts or "\\" in name or PureWindowsPath(name).anchor:
            raise ValueError(f"{name!r} is not a plain relative path")
    if len({name.casefold() for name in files}) < len(files):
        raise ValueError("two names differ in case only, and are one file on some systems")
    if unlisted := files.keys() - listed_files(files.get(MANIFEST, b"null")):
        raise ValueError(f"the manifest does not list {sorted(unlisted)}")


def _open_work(target: Path) -> tuple[Path, int]:
    """Make a folder beside the target and return it with its open, locked journal."""
    while True:
        work = target.with_name(f".{target.name}.dyadkit-{os.getpid()}-{secrets.token_hex(4)}")
        work.mkdir()
        try:
            journal = os.open(work / _JOURNAL, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except FileNotFoundError:
            continue  # another run took the empty folder for a dead one's
        except OSError:
            work.rmdir()
            raise
        try:
            if _lock(journal) is not False and os.fstat(journal).st_nlink:
                os.write(journal, _MARK)
                return work, journal
        except OSError:
            _settle(work, journal, target)
            raise
        os.close(journal)


def _announce(journal: int) -> None:
    """Note that the new folder is whole, so that the next start may put it in place."""
    os.write(journal, _SWAP)
    os.fsync(journal)


def _settle(work: Path, journal: int, target: Path) -> None:
    """Complete a swap that was cut between its two steps, then remove the work folder."""
    try:
        if _read(journal).endswith(_SWAP) and (work / _NEW).is_dir():
            if occupied(target) and find_strangers(target) is None:
                return  # someone else's folder took the place: both outputs stay here
            moved(work / _NEW, target)
        for part in (_NEW, _OLD):
            with suppress(FileNotFoundError):
                shutil.rmtree(work / part)
    finally:
        os.close(journal)
    (work / _JOURNAL).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        work.rmdir()


def _read(journal: int) -> bytes:
    os.lseek(journal, 0, os.SEEK_SET)
    return os.read(journal, 1024)


if sys.platform == "win32":
    import msvcrt

    def _lock(journal: int) -> bool | None:
        """Lock a journal until its process ends; False where another one has it locked."""
        try:
            msvcrt.locking(journal, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(journal: int) -> bool | None:
        """Lock a journal until its process ends.

        False where another process has it locked; None where the file system knows no locks.
        """
        try:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
            return None
        return True


def _running(process: int) -> bool:
    """Return whether a process of this machine is alive; asked only where there are no locks."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
