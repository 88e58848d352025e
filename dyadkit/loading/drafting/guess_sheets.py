"""The sheets of a workbook that hold answers."""

from __future__ import annotations

import warnings
from pathlib import Path
from zipfile import BadZipFile

from dyadkit.errors import DataError
from dyadkit.loading.drafting.guess_columns import Export, describe_export
from dyadkit.loading.drafting.guess_layouts import guess_layout
from dyadkit.loading.drafting.guess_stems import guess_scales
from dyadkit.loading.drafting.guess_words import roles_in, wave_in
from dyadkit.loading.reading.files import read_file
from dyadkit.loading.reading.workbook_guard import check_workbook


def read_exports(file: Path, path: str) -> list[Export]:
    """Read an export; of a workbook with several sheets those that look like answers.

    Parameters
    ----------
    file : pathlib.Path
    path : str
        As the study file will have it.

    Returns
    -------
    list of Export
        Several where each sheet is called by a role or wave.

    Raises
    ------
    DataError, StudyError
        When it cannot be read.
    """
    sheets = _sheets(file)
    if len(sheets) < 2:
        return [describe_export(path, read_file(file, name=file.name, may_be_empty=True))]
    read = []
    for sheet in sheets:
        try:
            table = read_file(file, name=file.name, sheet=sheet, may_be_empty=True)
        except DataError:
            # An empty sheet, or one with formulas; whether it matters, the others tell.
            continue
        read.append(describe_export(path, table, sheet))
    if not read:
        return [describe_export(path, read_file(file, name=file.name))]
    answers = [export for export in read if _n_items(export)]
    named = [
        export for export in answers if roles_in(export.sheet) or wave_in(export.sheet) is not None
    ]
    if len(named) == len(answers) > 1:
        return answers
    return [
        max(read, key=lambda export: (_n_items(export), len(export.table) * len(export.columns)))
    ]


def _n_items(export: Export) -> int:
    layout = guess_layout(export, one_role=True)
    return sum(len(stem.items) for stem in guess_scales(export, layout, ()).stems)


def _sheets(file: Path) -> list[str]:
    """List the visible sheets of a workbook; none for another file, or a damaged one."""
    if file.suffix.lower() not in (".xlsx", ".xlsm") or not file.is_file():
        return []
    from openpyxl import load_workbook

    check_workbook(file, file.name)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"openpyxl(\.|$)")
        try:
            with file.open("rb") as opened:
                book = load_workbook(opened, read_only=True)
                return [s.title for s in book.worksheets if s.sheet_state == "visible"]
        except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, SyntaxError, OSError):
            # Reading it says what is wrong, in the words of the reader.
            return []
