"""The figures of a report as files: each is drawn once, as SVG and as PNG."""

from __future__ import annotations

from dataclasses import dataclass, field

from dyadkit.report.layout import NumberedFigure

DPI = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure."""

    svg: bytes
    png: bytes


@dataclass(frozen=True, slots=True)
class Pictures:
    """Draws figures when they are first asked for, and remembers them."""

    _drawn: dict[str, Picture] = field(default_factory=dict)

    def of(self, figure: NumberedFigure) -> Picture:
        """Return a figure as files; both are written at once, so that they always agree."""
        if figure.file not in self._drawn:
            from dyadkit.display.drawing import draw, to_png, to_svg

            drawing = draw(figure.spec, figure.hidden)
            self._drawn[figure.file] = Picture(to_svg(drawing), to_png(drawing, dpi=DPI))
        return self._drawn[figure.file]
