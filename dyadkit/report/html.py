"""The report as one HTML file: no network, no script, nothing beside it needed."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dyadkit.report.characters import printable
from dyadkit.report.layout import Document
from dyadkit.report.pictures import Pictures
from dyadkit.report.spanning import row_groups, spanners
from dyadkit.report.symbols import is_symbol

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


def render_html(document: Document, pictures: Pictures) -> bytes:
    """Write the report as a self-contained page.

    Parameters
    ----------
    document : Document
    pictures : Pictures

    Returns
    -------
    bytes
        UTF-8.  Styles are inline; figures are SVG images inside ``data:`` addresses, so that
        neither their ids nor their styles reach the page or one another.
    """
    images = {figure.file: _data_uri(pictures.of(figure).svg) for figure in document.figures}
    template = _environment().get_template("report.html")
    page = template.render(document=document, images=images)
    return page.encode("utf-8")


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg).decode('ascii')}"


def _as_text(value: object) -> object:
    """Drop what HTML cannot hold from every text on its way into the page."""
    return printable(value) if isinstance(value, str) else value


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Jinja is slow to import, and only a written report needs it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_as_text,
    )
    environment.filters["row_groups"] = row_groups
    environment.filters["spanners"] = spanners
    environment.tests["symbol"] = is_symbol
    return environment
