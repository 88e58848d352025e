"""The report as a Word document: real tables, numbered captions, one file for the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from dyadkit.report.characters import one_line, printable
from dyadkit.report.layout import Chapter, Document, NumberedFigure, NumberedTable
from dyadkit.report.pictures import Pictures
from dyadkit.report.word_page import (
    LANDSCAPE,
    PORTRAIT,
    TWIP,
    Page,
    add_field,
    new_document,
    turn_page,
)
from dyadkit.report.word_table import table_xml
from dyadkit.results import Note

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_FIXED = datetime(2000, 1, 1)
_EARLIEST_ZIP = (1980, 1, 1, 0, 0, 0)
_ENDED = {"failed": "failed", "refused": "was refused"}


def render_docx(document: Document, pictures: Pictures) -> bytes:
    """Write the report as a Word document.

    Parameters
    ----------
    document : Document
    pictures : Pictures

    Returns
    -------
    bytes
        The same for the same report: dates are fixed, and no author is named.
    """
    word = new_document()
    _set_properties(word, document)
    writer = _Writer(word, pictures)
    writer.title(document.title, f"Report by {document.generator}")
    writer.heading("Summary")
    for term, text in document.summary:
        writer.run_in(term, text)
    if document.notes:
        writer.heading("About the data")
        for note in document.notes:
            writer.note(note)
    for chapter in document.chapters:
        writer.chapter(chapter)
    writer.heading("Methods")
    for paragraph in document.methods:
        writer.run_in(paragraph.heading, paragraph.text)
        for item in paragraph.items:
            word.add_paragraph(printable(item), style="List Bullet")
    writer.heading("Software and inputs")
    if document.versions:
        versions = ", ".join(f"{name} {version}" for name, version in document.versions)
        word.add_paragraph(f"{printable(versions)}.")
    for file in document.inputs:
        writer.run_in(file.path_as_declared, f"{file.n_bytes:,} bytes, SHA-256 {file.sha256}")
    buffer = io.BytesIO()
    word.save(buffer)
    return _timeless(buffer.getvalue())


class _Writer:
    """Adds to a Word document what a report consists of, and knows how the page lies."""

    def __init__(self, word: WordDocument, pictures: Pictures) -> None:
        self._word = word
        self._pictures = pictures
        self._page = PORTRAIT

    def title(self, title: str, byline: str) -> None:
        self._word.add_paragraph(one_line(title), style="Title")
        self._word.add_paragraph(byline, style="Report Byline")

    def heading(self, text: str, page: Page = PORTRAIT) -> None:
        self._lie(page)
        self._word.add_paragraph(one_line(text), style="Heading 1")

    def run_in(self, heading: str, text: str) -> None:
        paragraph = self._word.add_paragraph()
        paragraph.add_run(f"{one_line(heading)}. ").bold = True
        paragraph.add_run(printable(text))

    def note(self, note: Note) -> None:
        label = "Warning." if note.level == "warning" else "Note."
        self._marked(label, note.text, f"Report {note.level}")

    def _marked(self, label: str, text: str, style: str) -> None:
        paragraph = self._word.add_paragraph(style=style)
        paragraph.add_run(f"{label} ").bold = True
        paragraph.add_run(printable(text))

    def chapter(self, chapter: Chapter) -> None:
        self.heading(chapter.heading, LANDSCAPE if chapter.starts_wide else PORTRAIT)
        self._word.add_paragraph(one_line(chapter.origin), style="Report Origin")
        if chapter.status != "ok":
            label = f"This analysis {_ENDED[chapter.status]}."
            self._marked(label, chapter.error, f"Report {chapter.status}")
        if chapter.sentences:
            self._word.add_paragraph(printable(" ".join(chapter.sentences)))
        for table in chapter.tables:
            self._table(table)
        self._lie(PORTRAIT)
        for figure in chapter.figures:
            self._figure(figure)
        for note in chapter.notes:
            self.note(note)

    def _table(self, table: NumberedTable) -> None:
        from docx.oxml import parse_xml

        self._lie(LANDSCAPE if table.wide else PORTRAIT)
        shown = table.shown
        self._caption("Table", table.number, shown.title)
        # The properties of the section close the body; everything else comes before them.
        closing = self._word.element.body[-1]
        closing.addprevious(parse_xml(table_xml(shown, self._page.text_width)))
        self._small_print(shown.notes)

    def _figure(self, figure: NumberedFigure) -> None:
        from docx.shared import Emu

        self._caption("Figure", figure.number, figure.spec.title)
        paragraph = self._word.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        picture = paragraph.add_run().add_picture(io.BytesIO(self._pictures.of(figure).png))
        widest, highest = TWIP * self._page.text_width, 0.8 * TWIP * self._page.text_height
        scale = min(1.0, widest / picture.width, highest / picture.height)
        picture.width = Emu(picture.width * scale)
        picture.height = Emu(picture.height * scale)
        properties = picture._inline.docPr
        properties.set("descr", one_line(figure.spec.alt))
        properties.set("name", f"Figure {figure.number}")
        self._small_print((figure.spec.caption,) if figure.spec.caption else ())

    def _small_print(self, texts: Sequence[str]) -> None:
        """Add what stands below a table or figure; without any, only the space."""
        from docx.shared import Pt

        paragraphs = [self._word.add_paragraph(style="Table Note") for _ in texts or ("",)]
        for paragraph, text in zip(paragraphs, texts, strict=False):
            if paragraph is paragraphs[0]:
                paragraph.add_run("Note. ").italic = True
            paragraph.add_run(one_line(text))
        paragraphs[-1].paragraph_format.space_after = Pt(14)

    def _caption(self, label: str, number: int, title: str) -> None:
        caption = self._word.add_paragraph(style="Caption")
        caption.add_run(f"{label} ").bold = True
        add_field(caption, f" SEQ {label} \\* ARABIC ", str(number), bold=True)
        caption.add_run(". ").bold = True
        caption.add_run(one_line(title)).italic = True

    def _lie(self, page: Page) -> None:
        if page is not self._page:
            turn_page(self._word, page)
            self._page = page


def _set_properties(word: WordDocument, document: Document) -> None:
    properties = word.core_properties
    properties.title = one_line(document.title)[:255]
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.keywords = properties.subject = properties.category = ""
    properties.language = "en-GB"
    properties.created = properties.modified = _FIXED
    properties.revision = 1


def _timeless(archive: bytes) -> bytes:
    """Pack a document again with fixed dates, so that the same content is the same bytes."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _EARLIEST_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return buffer.getvalue()
