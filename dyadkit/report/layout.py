"""The report as a sequence of numbered things, before it is HTML or DOCX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dyadkit import __version__
from dyadkit.display.figures import Figure
from dyadkit.display.labels import wave_label
from dyadkit.display.tables import ShownTable
from dyadkit.report.methods import (
    Paragraph,
    convergence_text,
    design_text,
    joined,
    methods_section,
)
from dyadkit.report.names import distinct_slugs, file_stem
from dyadkit.report.widths import is_wide
from dyadkit.results import Note

if TYPE_CHECKING:
    from dyadkit.report.assembly import InputFile, Report, Section


@dataclass(frozen=True, slots=True)
class NumberedTable:
    """A table, its number in the report, and the name of its file."""

    number: int
    file: str
    shown: ShownTable

    @property
    def wide(self) -> bool:
        """Whether the table needs a page on its side."""
        return is_wide(self.shown)


@dataclass(frozen=True, slots=True)
class NumberedFigure:
    """A figure, its number in the report, the name of its files, and what it must not show."""

    number: int
    file: str
    spec: Figure
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What the report says of one analysis."""

    anchor: str
    heading: str
    name: str
    type: str
    status: Literal["ok", "failed", "refused"]
    error: str
    sentences: tuple[str, ...]
    tables: tuple[NumberedTable, ...]
    figures: tuple[NumberedFigure, ...]
    notes: tuple[Note, ...]

    @property
    def origin(self) -> str:
        """Which entry of the study file this is."""
        if self.name.casefold() == self.heading.casefold():
            return f"Analysis of type {self.type}"
        return f"Analysis “{self.name}” of type {self.type}"

    @property
    def starts_wide(self) -> bool:
        """Whether the first thing after the opening words is a table that needs a wide page."""
        return bool(self.tables) and self.tables[0].wide

    @property
    def warnings(self) -> int:
        """How many notes are warnings."""
        return sum(note.level == "warning" for note in self.notes)


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that a written report shows, in order."""

    title: str
    generator: str
    summary: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]
    chapters: tuple[Chapter, ...]
    methods: tuple[Paragraph, ...]
    versions: tuple[tuple[str, str], ...]
    inputs: tuple[InputFile, ...]

    @property
    def tables(self) -> tuple[NumberedTable, ...]:
        """The tables of all chapters."""
        return tuple(table for chapter in self.chapters for table in chapter.tables)

    @property
    def figures(self) -> tuple[NumberedFigure, ...]:
        """The figures of all chapters."""
        return tuple(figure for chapter in self.chapters for figure in chapter.figures)


def arrange(report: Report) -> Document:
    """Put a report in order and number its tables and figures.

    Parameters
    ----------
    report : Report

    Returns
    -------
    Document
        Tables and figures are numbered through the report, and no two have one file name.
    """
    headings = _headings(report.sections)
    return Document(
        title=report.study.title,
        generator=f"dyadkit {__version__}",
        summary=tuple(_summary(report)),
        notes=report.notes,
        chapters=tuple(_chapters(report, headings)),
        methods=methods_section(report, headings),
        versions=tuple(report.provenance.versions.items()),
        inputs=report.provenance.inputs,
    )


def _headings(sections: Sequence[Section]) -> dict[str, str]:
    """Choose the heading of each analysis: its title, told apart by its name where need be."""
    titles = {
        section.name: section.result.title if section.result is not None else section.name
        for section in sections
    }
    times = Counter(titles.values())
    return {
        name: title if times[title] == 1 else f"{title} ({name})" for name, title in titles.items()
    }


def _chapters(report: Report, headings: Mapping[str, str]) -> Iterator[Chapter]:
    sections = report.sections
    anchors = distinct_slugs(section.name for section in sections)
    shown = [() if s.result is None else tuple(s.result.tables().values()) for s in sections]
    specs = [() if s.result is None else s.result.figure_specs for s in sections]
    table_files = iter(
        distinct_slugs(
            file_stem(section.name, table.name)
            for section, tables in zip(sections, shown, strict=True)
            for table in tables
        )
    )
    figure_files = iter(
        distinct_slugs(
            file_stem(section.name, figure.name)
            for section, figures in zip(sections, specs, strict=True)
            for figure in figures
        )
    )
    n_tables = n_figures = 0
    for position, section in enumerate(sections):
        result = section.result
        hidden = frozenset[str]() if result is None else result.hidden
        tables = tuple(
            NumberedTable(number, next(table_files), table)
            for number, table in enumerate(shown[position], start=n_tables + 1)
        )
        figures = tuple(
            NumberedFigure(number, next(figure_files), figure, hidden)
            for number, figure in enumerate(specs[position], start=n_figures + 1)
        )
        n_tables += len(tables)
        n_figures += len(figures)
        yield Chapter(
            anchor=f"analysis-{anchors[position]}",
            heading=headings[section.name],
            name=section.name,
            type=section.type,
            status=section.status,
            error=section.error or "",
            sentences=() if result is None else result.text(),
            tables=tables,
            figures=figures,
            notes=_notes(section, report.notes),
        )


def _notes(section: Section, of_the_data: Sequence[Note]) -> tuple[Note, ...]:
    """Gather what the reader must know and has not been told: notes, findings, convergence."""
    result = section.result
    if result is None:
        return ()
    notes = [note for note in result.notes if note not in of_the_data]
    said = {note.text for note in result.notes}
    notes += [Note(verdict.text) for verdict in result.verdicts if verdict.text not in said]
    if result.convergence is not None:
        sound = result.convergence.converged and result.convergence.admissible
        text = convergence_text(result.convergence)
        notes.append(Note(text, "info" if sound else "warning"))
    return tuple(sorted(notes, key=lambda note: note.level != "warning"))


def _summary(report: Report) -> Iterator[tuple[str, str]]:
    study = report.study
    yield "Design", design_text(study)
    dyads = _complete_dyads(report.flow)
    if dyads:
        yield "Complete dyads", dyads
    yield "Analyses", _outcome(report.sections)
    privacy = study.privacy
    yield (
        "Protection",
        f"Numbers that rest on fewer than {privacy.minimum_dyads} dyads or "
        f"{privacy.minimum_persons} persons are suppressed.",
    )


def _complete_dyads(flow: Mapping[str, Any]) -> str:
    """Read the rows of ``flow["pairing"]``: wave, dyads and how many of them are complete."""
    parts = []
    for row in flow.get("pairing", ()):
        wave = row["wave"]
        # The last row of several waves is called "every wave".
        named = wave if " " in wave else wave_label(wave)
        at = f" at {named}" if wave else ""
        parts.append(f"{row['complete']} of {row['dyads']}{at}")
    return "; ".join(parts)


def _outcome(sections: Sequence[Section]) -> str:
    if not sections:
        return "None was asked for."
    counts = Counter[str](section.status for section in sections)
    words = {"ok": "done", "failed": "failed", "refused": "refused"}
    return f"{joined([f'{counts[s]} {word}' for s, word in words.items() if counts[s]])}."
