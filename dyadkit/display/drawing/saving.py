"""Figures as bytes: the same figure gives the same bytes."""

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import quoteattr

from matplotlib.figure import Figure

from dyadkit.display.drawing.lettering import clean
from dyadkit.display.drawing.style import house_style


def to_svg(figure: Figure) -> bytes:
    """Write a figure as SVG, with the alternative text as its title and label.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From `draw`; its label is the alternative text.

    Returns
    -------
    bytes
        UTF-8.  Text is drawn as outlines, so that it looks the same without the font.
    """
    alternative = clean(str(figure.get_label()))
    stream = BytesIO()
    metadata = {"Date": None, "Creator": None, "Title": alternative}
    with house_style():
        figure.savefig(stream, format="svg", metadata=metadata)
    opening = f'<svg role="img" aria-label={quoteattr(alternative)} '.encode()
    return stream.getvalue().replace(b"<svg ", opening, 1)


def to_png(figure: Figure, dpi: float = 200) -> bytes:
    """Write a figure as PNG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    dpi : float
        Pixels per inch; a figure is 6.5 inches wide.
    """
    stream = BytesIO()
    with house_style():
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()
