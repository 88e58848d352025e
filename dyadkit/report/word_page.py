"""Page, styles and fields of a Word document: A4, black on white, one font, numbered pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.section import Section as WordSection
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph as WordParagraph

# Every office suite has it, or a font with the same widths.
_FONT = "Times New Roman"
_MARGIN = 1417  # 2.5 cm in twentieths of a point
TWIP = 635  # English metric units in a twentieth of a point


@dataclass(frozen=True, slots=True)
class Page:
    """A page, measured in twentieths of a point."""

    width: int
    height: int

    @property
    def text_width(self) -> int:
        """Width between the margins."""
        return self.width - 2 * _MARGIN

    @property
    def text_height(self) -> int:
        """Height between the margins."""
        return self.height - 2 * _MARGIN


PORTRAIT = Page(11906, 16838)
LANDSCAPE = Page(16838, 11906)


@dataclass(frozen=True, slots=True)
class _Style:
    """A paragraph style; spaces and sizes in points, a bar at its left and its ground coloured."""

    name: str
    size: float
    before: float = 0
    after: float = 6
    bold: bool = False
    left: float = 0
    grey: bool = False
    keep: bool = False
    bar: str = ""
    ground: str = ""


_STYLES = (
    _Style("Normal", 11),
    _Style("Title", 22, after=2, bold=True),
    _Style("Report Byline", 10, after=12, grey=True),
    _Style("Heading 1", 15, before=20, after=4, bold=True, keep=True),
    _Style("Caption", 11, before=12, after=4, keep=True),
    _Style("List Bullet", 11, after=2),
    _Style("Report Origin", 10, after=8, grey=True, keep=True),
    _Style("Report info", 11, before=4, left=10, bar="B9C2C9"),
    _Style("Report warning", 11, before=4, left=10, bar="D98200", ground="FFF7EA"),
    _Style("Report failed", 11, before=4, left=10, bar="B5233C", ground="FDF1F2"),
    _Style("Report refused", 11, before=4, left=10, bar="6A58B8", ground="F4F2FB"),
    _Style("Table Note", 9.5, before=2, after=0),
)


def new_document() -> WordDocument:
    """Return an empty A4 document with the report's styles and numbered pages."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn

    word = Document()
    _forget_template(word)
    for style in _STYLES:
        _define(word, style)
    language = word.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang")
    for element in language:
        element.set(qn("w:val"), "en-GB")
    section = word.sections[0]
    _size(section, PORTRAIT)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_field(footer, " PAGE ", "1")
    return word


def turn_page(word: WordDocument, page: Page) -> None:
    """Start a new page that lies as asked."""
    from docx.enum.section import WD_SECTION

    section = word.add_section(WD_SECTION.NEW_PAGE)
    _size(section, page)
    # The break stands in a paragraph of its own, which could spill onto an empty page; the
    # paragraph before can carry it.
    carrier = word.element.body[-2]
    before = carrier.getprevious()
    if before is not None and before.tag == carrier.tag and not before.xpath("w:pPr/w:sectPr"):
        before.get_or_add_pPr().append(carrier.pPr.sectPr)
        carrier.getparent().remove(carrier)


def add_field(paragraph: WordParagraph, code: str, shown: str, *, bold: bool = False) -> None:
    """Add a field that Word works out, such as a page number, and what it shows until then."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (
        ("begin", ""),
        ("code", code),
        ("separate", ""),
        ("text", shown),
        ("end", ""),
    ):
        run = paragraph.add_run()
        run.bold = bold or None
        if kind == "text":
            run.text = text
        elif kind == "code":
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = text
            run._r.append(instruction)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def _forget_template(word: WordDocument) -> None:
    """Drop the preview picture of the empty document that the template brings along."""
    relations = word.part.package.rels
    for key in [key for key, relation in relations.items() if "thumbnail" in relation.reltype]:
        relations.pop(key)


def _size(section: WordSection, page: Page) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Twips

    sideways = page.width > page.height
    section.orientation = WD_ORIENT.LANDSCAPE if sideways else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Twips(page.width), Twips(page.height)
    section.left_margin = section.right_margin = Twips(_MARGIN)
    section.top_margin = section.bottom_margin = Twips(_MARGIN)


def _define(word: WordDocument, wanted: _Style) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    names = {style.name for style in word.styles}
    if wanted.name not in names:
        word.styles.add_style(wanted.name, WD_STYLE_TYPE.PARAGRAPH)
    style: ParagraphStyle = word.styles[wanted.name]
    style.font.size = Pt(wanted.size)
    style.font.bold = wanted.bold
    style.font.italic = False
    style.font.color.rgb = RGBColor(0x55, 0x5D, 0x66) if wanted.grey else RGBColor(0, 0, 0)
    spacing = style.paragraph_format
    spacing.space_before, spacing.space_after = Pt(wanted.before), Pt(wanted.after)
    spacing.line_spacing = 1.1
    spacing.keep_with_next = wanted.keep
    if wanted.left:
        spacing.left_indent = Pt(wanted.left)
    # The theme's fonts would win over names that are given beside them.
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), _FONT)
    for border in style.element.xpath("w:pPr/w:pBdr"):
        border.getparent().remove(border)
    if wanted.bar:
        _mark(style, wanted.bar, wanted.ground)


def _mark(style: ParagraphStyle, bar: str, ground: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders, left = OxmlElement("w:pBdr"), OxmlElement("w:left")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "8"), ("color", bar)):
        left.set(qn(f"w:{name}"), value)
    borders.append(left)
    # The schema wants borders and shading before spacing.
    spacing = style.element.pPr.find(qn("w:spacing"))
    spacing.addprevious(borders)
    if ground:
        shading = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", ground)):
            shading.set(qn(f"w:{name}"), value)
        spacing.addprevious(shading)
