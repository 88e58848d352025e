"""The report: what was declared, who came in, and what each analysis found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

from dyadkit.display.presented import PresentedResult
from dyadkit.report.characters import printable
from dyadkit.report.folder import write_folder
from dyadkit.report.layout import arrange
from dyadkit.report.pictures import Pictures
from dyadkit.results import Note, Result
from dyadkit.study import Study


@dataclass(frozen=True, slots=True)
class Section:
    """How one analysis ended.

    Attributes
    ----------
    name, type : str
        As the study file has them.
    status : str
        ``"ok"``, ``"failed"`` (the data or the model had a problem) or ``"refused"`` (an answer
        would have misled).
    error : str or None
        Why, unless the status is ``"ok"``.
    result : PresentedResult or None
        What was found, if the status is ``"ok"``.
    """

    name: str
    type: str
    status: Literal["ok", "failed", "refused"]
    error: str | None = None
    result: PresentedResult | None = None

    def __post_init__(self) -> None:
        if (self.status == "ok") != (self.result is not None):
            raise ValueError(f"section '{self.name}': a result belongs to the status 'ok' alone")


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read: its path as the study file has it, its hash and its size."""

    path_as_declared: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a report was made from.

    Attributes
    ----------
    inputs : tuple of InputFile
    versions : mapping
        Name of a package (or "Python") to its version.
    seed : int
    seconds : mapping
        Name of a step to the time it took.
    """

    inputs: tuple[InputFile, ...]
    versions: Mapping[str, str]
    seed: int
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """A study and everything that was found; what `dyadkit.analyze` returns.

    Attributes
    ----------
    study : Study
    flow : mapping
        Who came in and who was left out, as in ``results.json``.  ``flow["pairing"]``, when
        there, has a mapping a wave with ``wave``, ``dyads`` and ``complete``, which the
        summary shows.
    notes : tuple of Note
        What the reader must know of the data as a whole.
    sections : tuple of Section
        One for each analysis, in the order of the study file.
    provenance : Provenance
    """

    study: Study
    flow: Mapping[str, Any]
    notes: tuple[Note, ...]
    sections: tuple[Section, ...]
    provenance: Provenance

    @property
    def results(self) -> dict[str, Result]:
        """The results of the analyses that worked, by name."""
        return {s.name: s.result for s in self.sections if s.result is not None}

    @property
    def failed(self) -> tuple[Section, ...]:
        """The analyses that failed or were refused."""
        return tuple(section for section in self.sections if section.status != "ok")

    def write(
        self,
        directory: str | Path,
        *,
        overwrite: bool = False,
        on_step: Callable[[str], None] | None = None,
    ) -> Path:
        """Write the report folder.

        Parameters
        ----------
        directory : str or pathlib.Path
            The folder to make.
        overwrite : bool
            Whether an earlier report may be replaced.  Nothing else ever is.
        on_step : callable, optional
            Called with the name of each step before it starts.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        DataError, StudyError
            When the folder cannot or must not be written.

        Notes
        -----
        Everything is made before anything is written, and the folder appears (or is exchanged)
        as a whole.
        """
        step = on_step if on_step is not None else _nothing
        target = Path(directory)
        files = self._render(step)
        write_folder(target, files, overwrite=overwrite, sources=self.study.files, on_step=step)
        return target

    def _render(self, step: Callable[[str], None]) -> dict[str, bytes]:
        """Make every file of the folder."""
        # What renders HTML and DOCX is slow to import, and an analysis in Python needs neither.
        from dyadkit.report.csv_file import table_csv
        from dyadkit.report.json_file import results_json
        from dyadkit.report.manifest import manifest_json
        from dyadkit.report.replacing import MANIFEST

        document = arrange(self)
        pictures = Pictures()
        files: dict[str, bytes] = {}
        if "html" in self.study.report.formats:
            from dyadkit.report.html import render_html

            step("html")
            files["report.html"] = render_html(document, pictures)
        if "docx" in self.study.report.formats:
            from dyadkit.report.docx import render_docx

            step("docx")
            files["report.docx"] = render_docx(document, pictures)
        step("tables")
        for table in document.tables:
            files[f"tables/{table.file}.csv"] = table_csv(table.shown.to_frame())
        step("figures")
        for figure in document.figures:
            picture = pictures.of(figure)
            files[f"figures/{figure.file}.svg"] = picture.svg
            files[f"figures/{figure.file}.png"] = picture.png
        step("results.json")
        files["results.json"] = results_json(self)
        step(MANIFEST)
        files[MANIFEST] = manifest_json(self, files)
        return files

    def __repr__(self) -> str:
        return f"<Report '{self.study.title}': {len(self.results)} of {len(self.sections)} done>"

    def _repr_html_(self) -> str:
        parts = [f"<h2>{_shown(self.study.title)}</h2>"]
        parts += [f"<p><em>Note.</em> {_shown(note.text)}</p>" for note in self.notes]
        for section in self.sections:
            if section.result is not None:
                parts.append(section.result._repr_html_())
            else:
                what = f"{section.status}: {section.error or ''}"
                parts.append(f"<h3>{_shown(section.name)}</h3><p>{_shown(what)}</p>")
        return "".join(parts)


def _shown(text: str) -> str:
    return escape(printable(text))


def _nothing(step: str) -> None:
    """Take no notice of a step."""
