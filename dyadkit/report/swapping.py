"""Putting a new folder in the place of an old one: in one step where the system can, else two."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM, errno.ENOLCK})
"""How a file system says that it does not know a call."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def flush(folder: Path) -> None:
    """Wait until a folder, all that is in it, and its own name are on the disk."""
    for place, _, names in os.walk(folder):
        for name in names:
            _sync(Path(place, name))
        _sync(Path(place))
    _sync(folder.parent)


def _sync(path: Path) -> None:
    folder = path.is_dir()
    if folder and sys.platform == "win32":
        return  # cannot be opened there
    opened = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(opened)
    except OSError as error:
        # Some network file systems flush no folders; their files are flushed all the same.
        if not folder or error.errno not in UNSUPPORTED:
            raise
    finally:
        os.close(opened)


def put_in_place(
    new: Path,
    old: Path,
    target: Path,
    *,
    announce: Callable[[], None],
    on_step: Callable[[str], None],
) -> None:
    """Let a new, flushed folder take the target's place.

    Parameters
    ----------
    new : Path
        The folder to put in place.  After one step it is what was there before, if anything was.
    old : Path
        Where the target goes in between, where two steps are needed.
    announce : callable
        Called before two steps are taken: a journal must say so.
    on_step : callable
        Called with the name of each of the two steps.
    """
    if not _in_one_step(new, target):
        announce()
        while not _in_two_steps(new, old, target, on_step):
            # Another run was faster between the steps: its output is the one to replace.
            with suppress(FileNotFoundError):
                shutil.rmtree(old)
    _sync(new.parent)
    _sync(target.parent)


def _in_one_step(new: Path, target: Path) -> bool:
    """Put the new folder in place in one step, and return whether the system could."""
    while not moved(new, target):
        with suppress(FileNotFoundError):  # another run has just moved the target away
            return exchange(new, target)
    return True


def _in_two_steps(new: Path, old: Path, target: Path, on_step: Callable[[str], None]) -> bool:
    on_step("swap:old-away")
    with suppress(FileNotFoundError):  # another run has just moved the target away
        os.rename(target, old)
    on_step("swap:new-in")
    try:
        return moved(new, target)
    except OSError:
        with suppress(FileNotFoundError):
            os.rename(old, target)
        raise


def moved(new: Path, target: Path) -> bool:
    """Move a folder to where nothing is, or nothing but an empty folder; return whether so."""
    try:
        os.rename(new, target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            return False
        raise
    return True


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, and return whether the system could."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    names = os.fsencode(one), os.fsencode(other)
    if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(other))
