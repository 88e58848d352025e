"""Small export files, whole and damaged, made on the fly."""

from __future__ import annotations

import datetime
import io
import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from dyadkit.errors import DyadKitError
from dyadkit.loading.reading.files import read_file
from dyadkit.loading.reading.raw import RawTable

Cell = str | int | float | datetime.date | datetime.time | datetime.timedelta | None

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_sheets(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> Path:
    """Write a workbook; texts stay texts, whatever they look like."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row, cells in enumerate(rows, start=1):
            for column, value in enumerate(cells, start=1):
                cell = sheet.cell(row, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    book.save(path)
    return path


def write_markup(path: Path, rows: str, *, before: str = "", after: str = "") -> Path:
    """Write a workbook whose only sheet has the given XML, which openpyxl would not write."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELS}"><sheets><sheet name="Data" '
        'sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>"
        f"{after}</worksheet>",
    }
    return write_zip(path, {name: text.encode() for name, text in parts.items()})


def write_zip(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def text_cell(name: str, text: str) -> str:
    return f'<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>'


def damaged(data: bytes, n: int, seed: int) -> Iterator[bytes]:
    """Cut a file off, or write other bytes into it, n times."""
    rng = random.Random(seed)
    for turn in range(n):
        copy = bytearray(data[: rng.randrange(1, len(data))] if turn % 3 == 0 else data)
        for _ in range(rng.choice([0, 1, 1, 3, 20]) if turn % 3 == 0 else rng.choice([1, 3, 20])):
            copy[rng.randrange(len(copy))] = rng.randrange(256)
        yield bytes(copy)


def damaged_parts(data: bytes, n: int, seed: int) -> Iterator[bytes]:
    """Damage what is inside a workbook, so that its checksums are right again."""
    rng = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for turn in range(n):
        name = rng.choice(sorted(parts))
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                hit = part == name
                archive.writestr(part, next(damaged(content, 1, seed + turn)) if hit else content)
        yield made.getvalue()


def read_damaged(path: Path, copies: Iterator[bytes]) -> tuple[int, int]:
    """Read each copy; return how many were read and how many refused with an error of ours."""
    n_read = n_refused = 0
    for copy in copies:
        path.write_bytes(copy)
        try:
            table = read_file(path, name="clients")
        except DyadKitError as error:
            named = "clients" in str(error)
            n_refused += named
        else:
            named = True
            n_read += 1
            check_shape(table)
        assert named, "an error that does not say which file"
    return n_read, n_refused


def check_shape(table: RawTable) -> None:
    """What every table promises, whatever the file was."""
    assert len(table.cells) == len(table.columns)
    assert all(len(texts) == len(table) for texts in table.cells)
    assert all(isinstance(text, str) for texts in table.cells for text in texts)
    assert len(table.blank) == len(table.short) == len(table.long) == len(table)
    assert (table.rows[1:] > table.rows[:-1]).all()
    for named in (table.questions, table.missing, table.value_labels, table.dates):
        assert set(named) <= set(table.columns)
    assert set(table.aliases.values()) <= set(table.columns)
    assert not set(table.aliases) & set(table.columns)
