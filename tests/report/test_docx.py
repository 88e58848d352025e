"""The Word document: opened again with python-docx, and its XML read as it is."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from xml.etree import ElementTree

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Cm

from dyadkit.report.docx import render_docx
from dyadkit.report.layout import arrange
from dyadkit.report.pictures import Pictures


@pytest.fixture(scope="module", params=["written", "nasty"])
def path(request):
    return request.getfixturevalue(request.param) / "report.docx"


@pytest.fixture(scope="module")
def word(written):
    return docx.Document(str(written / "report.docx"))


def texts(word, style):
    return [p.text for p in word.paragraphs if p.style.name == style]


def test_every_part_is_well_formed(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))


def test_the_archive_carries_no_time(path):
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert not [name for name in archive.namelist() if "thumbnail" in name]


def test_the_properties_name_no_one(word):
    properties = word.core_properties
    assert properties.title == "Trust & learning in distance coaching"
    assert properties.author == properties.last_modified_by == properties.comments == ""
    assert properties.created == properties.modified
    assert properties.created.replace(tzinfo=None) == datetime(2000, 1, 1)


def test_headings_and_captions(word):
    assert texts(word, "Title") == ["Trust & learning in distance coaching"]
    assert texts(word, "Heading 1") == [
        "Summary",
        "About the data",
        "Descriptive statistics",
        "Correlations within and between partners",
        "Non-independence",
        "apim",
        "gap",
        "Methods",
        "Software and inputs",
    ]
    assert texts(word, "Caption") == [
        "Table 1. Means and standard deviations by role",
        "Table 2. Variables with nothing to tell",
        "Figure 1. Share of missing answers",
        "Table 3. Correlations of all variables",
        "Figure 2. Correlations with intervals",
        "Figure 3. Participants",
    ]


def test_captions_are_numbered_by_word_too(word):
    (first, *_) = [p for p in word.paragraphs if p.style.name == "Caption"]
    assert [e.text for e in first._p.iter(qn("w:instrText"))] == [" SEQ Table \\* ARABIC "]


def test_what_failed_is_there(word):
    assert texts(word, "Report failed") == [
        "This analysis failed. The model did not converge after 200 iterations."
    ]
    assert texts(word, "Report refused") == [
        "This analysis was refused. A difference score alone would mislead."
    ]
    assert "Warning. Satisfaction was answered by very few." in texts(word, "Report warning")
    assert any("language model" in p.text for p in word.paragraphs)


def test_tables_are_tables(word):
    first, empty, matrix = word.tables
    rows = [[cell.text for cell in row.cells] for row in first.rows]
    assert rows[0] == ["", "Coach", "Coach", "Coach", "Client", "Client", ""]
    assert rows[1] == ["Variable", "n", "M", "95 % CI", "n", "M", "p"]
    assert rows[2] == ["First wave"] * 7
    assert rows[3] == ["Trust in the coach", "58", "5.25", "[5.00, 5.50]", "61", "5.50", "< .001"]
    assert rows[4][:4] == ["Satisfaction", "s", "s", "s"]
    assert [cell.text for cell in empty.rows[2].cells] == ["There is nothing to show."] * 2
    assert len(matrix.columns) == 14


def test_header_rows_repeat_and_no_row_splits(word):
    for table in word.tables:
        properties = [row._tr.trPr for row in table.rows]
        repeated = [p.find(qn("w:tblHeader")) is not None for p in properties]
        assert repeated == [True, True] + [False] * (len(properties) - 2)
        assert all(p.find(qn("w:cantSplit")) is not None for p in properties)


def test_tables_have_three_rules(word):
    table = word.tables[0]._tbl
    sides = [element.tag for element in table.tblPr.find(qn("w:tblBorders"))]
    assert sides == [qn("w:top"), qn("w:bottom")]
    ruled = [row for row in table.tr_lst if row.findall(f".//{qn('w:tcBorders')}")]
    assert ruled == [table.tr_lst[1]]


def test_columns_stay_within_the_margins(path):
    word = docx.Document(str(path))
    widest = max(s.page_width - s.left_margin - s.right_margin for s in word.sections)
    for table in word.tables:
        assert sum(column.width for column in table.columns) <= widest


def test_figures_have_words(word):
    pictures = [shape._inline.docPr for shape in word.inline_shapes]
    assert [p.get("descr") for p in pictures] == [
        "Heat map of the share of missing answers by scale and wave",
        "Six correlations with their intervals",
        "Sixty coaches and sixty-one clients answered; 58 dyads were complete",
    ]
    assert len({p.get("id") for p in pictures}) == 3


def test_figures_fit_the_page(path):
    word = docx.Document(str(path))
    section = word.sections[0]
    for shape in word.inline_shapes:
        assert shape.width <= section.page_width - section.left_margin - section.right_margin
        assert shape.height <= section.page_height - section.top_margin - section.bottom_margin


def test_the_page_is_a4_with_a_number(path):
    word = docx.Document(str(path))
    for section in word.sections:
        sides = sorted((section.page_width, section.page_height))
        assert sides[0] == pytest.approx(Cm(21), abs=Cm(0.01))  # a twentieth of a point
        assert sides[1] == pytest.approx(Cm(29.7), abs=Cm(0.01))
        assert section.left_margin == pytest.approx(Cm(2.5), abs=Cm(0.01))
        assert " PAGE " in [e.text for e in section.footer._element.iter(qn("w:instrText"))]


def test_a_broad_table_lies_on_its_side_and_the_rest_stands(word, nasty):
    assert [s.orientation for s in word.sections] == [WD_ORIENT.PORTRAIT]
    broad = docx.Document(str(nasty / "report.docx"))
    assert [s.orientation for s in broad.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    # A break in a paragraph of its own could make an empty page.
    for breaking in broad.element.body.xpath("w:p[w:pPr/w:sectPr]"):
        assert breaking.xpath("w:r")


def test_one_font_throughout(word):
    assert {
        word.styles[name].font.name for name in ("Normal", "Title", "Heading 1", "Caption")
    } == {"Times New Roman"}


def test_the_same_report_is_the_same_bytes(report):
    document = arrange(report)
    first, second = (render_docx(document, Pictures()) for _ in range(2))
    assert first == second
    assert docx.Document(io.BytesIO(first)).tables
