"""Which folder may be replaced by a new output: none but a whole, earlier output of ours."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dyadkit.errors import DataError, StudyError, listed

MANIFEST = "manifest.json"

# Desktops leave these in every folder that a user looks at.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def check_target(target: Path, *, overwrite: bool, sources: Sequence[Path]) -> None:
    """Refuse a folder that must not be replaced; call it before long computations.

    Parameters
    ----------
    target : Path
        The output folder.  A missing or an empty one is fine.
    overwrite : bool
        Whether an earlier output may be replaced.
    sources : sequence of Path
        Files that the study reads.

    Raises
    ------
    StudyError
        If `target` is no folder, holds a source, is no output of dyadkit, holds files that dyadkit
        did not write, or holds an earlier output and `overwrite` is false.
    """
    target = absolute(target)
    with explained(target):
        if target.is_symlink():
            raise StudyError(
                f"The output folder '{target}' is a symbolic link, and replacing it would not "
                "replace what it points to. Give the folder itself with --out."
            )
        path = (target, *target.parents)
        there = next((part for part in path if part.exists()), path[-1])
        if not there.is_dir():
            raise StudyError(f"'{there}' is no folder. Give a folder with --out.")
        if there != target:
            return
        _check_sources(target, sources)
        if not occupied(target):
            return
        strangers = find_strangers(target)
    if strangers is None:
        raise StudyError(
            f"'{target}' is neither empty nor an earlier output of dyadkit (it has no {MANIFEST} "
            "of ours), so it is not replaced. Give another folder with --out."
        )
    if strangers:
        raise StudyError(
            f"'{target}' holds files that dyadkit did not write and that would be lost "
            f"({len(strangers)}: {listed(strangers)}). Move them elsewhere, or give another "
            "folder with --out."
        )
    if not overwrite:
        raise StudyError(
            f"'{target}' holds an earlier output. Give --overwrite to replace it, or another "
            "folder with --out."
        )


def _check_sources(target: Path, sources: Sequence[Path]) -> None:
    for source in sources:
        around = (folder for folder in source.resolve().parents if folder.exists())
        # Not by name: names may differ in case, or by a mount.
        if any(os.path.samefile(folder, target) for folder in around):
            raise StudyError(
                f"The output folder '{target}' holds '{source}', which the study reads and which "
                "would be lost. Give another folder with --out."
            )


def absolute(path: Path) -> Path:
    """Return a path from the root, links in it kept."""
    return Path(os.path.abspath(path))


def occupied(target: Path) -> bool:
    """Return whether something is there: a file, or a folder that is not empty."""
    return os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir()))


def listed_files(manifest: bytes) -> frozenset[str]:
    """Return the files that a manifest of ours calls ours, itself included.

    Raises
    ------
    ValueError
        If it is not JSON, not ours, or has no list of outputs.
    """
    content = json.loads(manifest)
    if not isinstance(content, dict) or content.get("generator") != "dyadkit":
        raise ValueError("not a manifest of dyadkit")
    outputs = content.get("outputs")
    if not isinstance(outputs, list) or not all(isinstance(name, str) for name in outputs):
        raise ValueError("the manifest does not list its outputs")
    return frozenset({MANIFEST, *outputs})


def find_strangers(target: Path) -> list[str] | None:
    """Return what a folder holds beside the outputs it lists, or None if it is no output of ours.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> find_strangers(folder) is None
    True
    >>> _ = (folder / "manifest.json").write_text('{"generator": "dyadkit", "outputs": ["a.csv"]}')
    >>> _ = (folder / "b.csv").write_text("mine")
    >>> find_strangers(folder)
    ['b.csv']
    """
    while (before := _identity(target)) is not None:
        try:
            found = _unlisted(target)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):
            found = None
        # Another run may have replaced the folder while it was read.
        if _identity(target) == before:
            return found
    return []


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _unlisted(target: Path) -> list[str]:
    ours = listed_files((target / MANIFEST).read_bytes())
    strangers = []
    for place, folders, names in os.walk(target, onerror=_refuse):
        for name in (*folders, *names):
            path = Path(place, name)
            relative = path.relative_to(target).as_posix()
            known = relative in ours or name in _LITTER or path.is_dir()
            # We never write links.
            if path.is_symlink() or not known:
                strangers.append(relative)
    return sorted(strangers)


def _refuse(error: OSError) -> None:
    raise error


@contextmanager
def explained(target: Path) -> Iterator[None]:
    """Turn what the system refuses into a message about the output folder."""
    try:
        yield
    except OSError as error:
        where = f" ('{error.filename}')" if error.filename else ""
        message = (
            f"The output folder '{target}' cannot be written: {error.strerror or error}{where}. "
            "An earlier output there is whole, or already replaced by the whole new one. "
        )
        if error.errno in _NO_ROOM:
            raise DataError(message + "Make room on the disk, or give --out on another.") from error
        raise StudyError(message + "Give another folder with --out.") from error
