"""The result that analyses return: estimates, and the tables and figures that show them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from dyadkit.display.disclosure import Minimum, hidden_keys
from dyadkit.display.figures import Figure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell, ShownTable, Table, show_table
from dyadkit.results import (
    Convergence,
    Derived,
    Estimates,
    Note,
    Result,
    Support,
    Total,
    Verdict,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure


_NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A fixed template and the numbers that fill it, e.g. ``"{share} of answers are missing"``."""

    template: str
    values: Mapping[str, Cell] = field(default_factory=dict)

    def show(self, hidden: frozenset[str]) -> str:
        """Return the sentence, or an empty text when one of its numbers must stay hidden."""
        if any(cell.key in hidden for cell in self.values.values()):
            return ""
        told = {
            name: format_value(cell.value, cell.style or "text")
            for name, cell in self.values.items()
        }
        # Labels that a template quotes may have braces of their own.
        return _NAMED.sub(lambda found: told.get(found[1], found[0]), self.template)


@dataclass(frozen=True, eq=False)
class PresentedResult(Result):
    """A finished analysis; see `dyadkit.results.Result`.

    Everything that `tables`, `figures`, `text`, `notes` and a written report show passes
    `dyadkit.display.disclosure`.  `tidy` is for the researcher's own screen and hides nothing.

    Attributes
    ----------
    type, title : str
        The analysis, as a study file and as a reader call it.
    estimates : Estimates
        The rows of `tidy`.
    summary : mapping
        The columns of `glance`.
    table_specs, figure_specs, sentences : tuple
        What `tables`, `figures` and `text` show, before anything is hidden.
    methods : tuple of str
        Sentences for the methods section.
    supports, totals : tuple
        Who stands behind each key, and which numbers sum to which.
    minimum : Minimum
        The smallest support that may be shown.
    notes, verdicts, convergence
        See `dyadkit.results.Result`; notes that must stay hidden are left out.
    derived : Derived or None
        Values of single dyads as variables for other analyses, which no report holds.
    """

    type: str
    title: str
    estimates: Estimates
    summary: Mapping[str, float | int | str]
    table_specs: tuple[Table, ...] = ()
    figure_specs: tuple[Figure, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    methods: tuple[str, ...] = ()
    supports: tuple[Support, ...] = ()
    totals: tuple[Total, ...] = ()
    minimum: Minimum = Minimum()
    notes: tuple[Note, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    convergence: Convergence | None = None
    derived: Derived | None = None

    def __post_init__(self) -> None:
        # Frozen: this is the way to set what the caller passed in another form.
        object.__setattr__(self, "summary", MappingProxyType(dict(self.summary)))
        published = tuple(note for note in self.notes if note.key not in self.hidden)
        object.__setattr__(self, "notes", published)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "summary": dict(self.summary)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, summary=MappingProxyType(state["summary"]))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The support keys of what must not be shown."""
        return hidden_keys(self.supports, self.totals, self.minimum)

    def tidy(self) -> pd.DataFrame:
        """Return one row per estimate, numeric columns numeric, nothing hidden."""
        return self.estimates.frame()

    def glance(self) -> pd.DataFrame:
        """Return one row about the whole analysis."""
        return pd.DataFrame([dict(self.summary)])

    def tables(self) -> dict[str, ShownTable]:
        """Return the named, publication-ready tables."""
        hidden = self.hidden
        threshold = (
            f"fewer than {self.minimum.dyads} dyads or {self.minimum.persons} persons, "
            "or a number that would give one away"
        )
        return {table.name: show_table(table, hidden, threshold) for table in self.table_specs}

    def figures(self) -> dict[str, MatplotlibFigure]:
        """Return the named figures, drawn with matplotlib."""
        from dyadkit.display.drawing import draw

        hidden = self.hidden
        return {figure.name: draw(figure, hidden) for figure in self.figure_specs}

    def text(self) -> tuple[str, ...]:
        """Return what the result says in words, from fixed templates."""
        hidden = self.hidden
        shown = (sentence.show(hidden) for sentence in self.sentences)
        return tuple(sentence for sentence in shown if sentence)

    def __repr__(self) -> str:
        return f"<{self.title}: {len(self.estimates)} estimates, {len(self.notes)} notes>"

    def _repr_html_(self) -> str:
        from dyadkit.display.drawing import to_png

        parts = [f"<h3>{escape(self.title)}</h3>"]
        parts += [f"<p>{escape(sentence)}</p>" for sentence in self.text()]
        parts += [table._repr_html_() for table in self.tables().values()]
        figures = self.figures()
        for spec in self.figure_specs:
            image = b64encode(to_png(figures[spec.name])).decode("ascii")
            parts.append(
                f"<figure><img alt='{escape(spec.alt)}' src='data:image/png;base64,{image}' "
                f"style='max-width: 100%; width: 40em'><figcaption>{escape(spec.title)}. "
                f"{escape(spec.caption)}</figcaption></figure>"
            )
        parts += [f"<p><em>Note.</em> {escape(note.text)}</p>" for note in self.notes]
        return "".join(parts)
