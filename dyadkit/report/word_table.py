"""A table in WordprocessingML: three rules, repeated header rows, no row split over pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal
from xml.sax.saxutils import escape

from dyadkit.display.tables import ShownTable
from dyadkit.report.characters import one_line
from dyadkit.report.spanning import spanners
from dyadkit.report.symbols import is_symbol
from dyadkit.report.widths import PADDING, Fit, fit

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_KEPT_TOGETHER = 20  # rows up to which a table is kept on one page
_INDENT = 140


def table_xml(shown: ShownTable, available: int) -> str:
    """Write a table as the XML of a ``w:tbl`` element.

    Parameters
    ----------
    shown : ShownTable
    available : int
        Width of the text, in twentieths of a point.
    """
    fitted = fit(shown, available)
    rows = [*_header_rows(shown, fitted), *_body_rows(shown, fitted)]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in fitted.widths)
    side = PADDING // 2
    return (
        f'<w:tbl xmlns:w="{_NAMESPACE}"><w:tblPr>'
        f'<w:tblW w:w="{sum(fitted.widths)}" w:type="dxa"/>'
        '<w:tblInd w:w="0" w:type="dxa"/>'
        f"<w:tblBorders>{_rule('top', 12)}{_rule('bottom', 12)}</w:tblBorders>"
        '<w:tblLayout w:type="fixed"/><w:tblCellMar>'
        f'<w:left w:w="{side}" w:type="dxa"/><w:right w:w="{side}" w:type="dxa"/>'
        '</w:tblCellMar><w:tblLook w:val="0020" w:firstRow="1"/>'
        f'<w:tblCaption w:val="{_attribute(shown.title)}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _header_rows(shown: ShownTable, fitted: Fit) -> Iterator[str]:
    over = spanners(shown)
    if over:
        cells = [
            _cell(
                group.text,
                sum(fitted.widths[group.start : group.start + group.length]),
                fitted.size,
                align="center",
                span=group.length,
                rule="text" if group.text else "none",
                keep=True,
            )
            for group in over
        ]
        yield _row(cells, header=True)
    cells = [
        _cell(
            text,
            width,
            fitted.size,
            align=_align(numeric),
            face="i" if is_symbol(text) else "",
            rule="cell",
            keep=True,
        )
        for text, width, numeric in zip(shown.headings, fitted.widths, shown.numeric, strict=True)
    ]
    yield _row(cells, header=True)


def _body_rows(shown: ShownTable, fitted: Fit) -> Iterator[str]:
    columns, total = len(shown.headings), sum(fitted.widths)
    if not shown.rows:
        yield _row([_cell("There is nothing to show.", total, fitted.size, span=columns)])
    together = len(shown.rows) <= _KEPT_TOGETHER
    indent = 0
    for number, row in enumerate(shown.rows, start=1):
        keep = row.heading or (together and number < len(shown.rows))
        if row.heading:
            indent = _INDENT
            heading = row.texts[0]
            yield _row([_cell(heading, total, fitted.size, face="b", span=columns, keep=keep)])
            continue
        cells = zip(row.texts, fitted.widths, shown.numeric, strict=True)
        yield _row(
            [
                _cell(
                    text,
                    width,
                    fitted.size,
                    align=_align(numeric),
                    keep=keep,
                    indent=0 if position or numeric else indent,
                )
                for position, (text, width, numeric) in enumerate(cells)
            ]
        )


def _row(cells: Sequence[str], *, header: bool = False) -> str:
    repeated = "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str,
    width: int,
    size: float,
    *,
    align: str = "left",
    face: Literal["", "b", "i"] = "",
    span: int = 1,
    rule: Literal["none", "cell", "text"] = "none",
    keep: bool = False,
    indent: int = 0,
) -> str:
    """Write a cell; its rule runs below the whole of it, or below the text between the paddings."""
    below = _rule("bottom", 6)
    cell = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    cell += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    cell += f"<w:tcBorders>{below}</w:tcBorders>" if rule == "cell" else ""
    cell += '<w:vAlign w:val="bottom"/>' if rule == "cell" else ""
    paragraph = "<w:keepNext/>" if keep else ""
    paragraph += f"<w:pBdr>{below}</w:pBdr>" if rule == "text" else ""
    paragraph += '<w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/>'
    paragraph += f'<w:ind w:left="{indent}"/>' if indent else ""
    paragraph += f'<w:jc w:val="{align}"/>'
    run = f"<w:{face}/>" if face else ""
    run += f'<w:sz w:val="{round(2 * size)}"/><w:szCs w:val="{round(2 * size)}"/>'
    return (
        f"<w:tc><w:tcPr>{cell}</w:tcPr><w:p><w:pPr>{paragraph}</w:pPr><w:r><w:rPr>{run}</w:rPr>"
        f'<w:t xml:space="preserve">{escape(one_line(text))}</w:t></w:r></w:p></w:tc>'
    )


def _rule(side: str, eighths: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="auto"/>'


def _align(numeric: bool) -> str:
    return "right" if numeric else "left"


def _attribute(text: str) -> str:
    return escape(one_line(text), {'"': "&quot;"})
