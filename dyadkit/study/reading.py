"""From the text of a study file to a `Study`, or to every complaint about it at once."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

from pydantic import ValidationError

from dyadkit.errors import StudyError
from dyadkit.study.complaints import at, complaints_of, paragraphs
from dyadkit.study.contradictions import find_contradictions
from dyadkit.study.file import StudyFile
from dyadkit.study.lines import scan_lines
from dyadkit.study.types import Analysis, Study


def read_study(path: str | Path) -> Study:
    """Read, validate and freeze a study file.

    Parameters
    ----------
    path : str or pathlib.Path
        A TOML file; its folder is where relative paths start.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        When the file cannot be read, is not TOML, or says something that dyadkit does not
        understand; every complaint is listed, with the table, the key, the line and the nearest
        valid choice.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise StudyError(f"{path} is a folder, not a study file. Name the .toml file in it.")
        if path.exists() and not path.is_file():
            raise StudyError(f"{path} is no ordinary file, and so no study file.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise StudyError(f"The study file {path} cannot be read: {reason}.") from None
    except UnicodeDecodeError as error:
        raise StudyError(
            f"The study file {path} is not UTF-8 text (byte {error.start + 1}). "
            "Save it as UTF-8; an export file is named inside a study file, not in its place."
        ) from None
    except ValueError:
        raise StudyError(f"{str(path)!r} cannot be the name of a file.") from None
    return parse_study(text, directory=path.parent, name=str(path), stem=path.stem, file=path.name)


def parse_study(
    text: str,
    *,
    directory: Path = Path(),
    name: str = "study file",
    stem: str = "study",
    file: str = "",
) -> Study:
    """Validate the text of a study file; see `read_study`.

    Examples
    --------
    >>> study = parse_study('''
    ... [study]
    ... roles = ["coach", "client"]
    ... [[source]]
    ... path = "answers.csv"
    ... role_column = "role"
    ... dyad = "pair"
    ... [scale.trust]
    ... items = ["tr1..tr3"]
    ... range = [1, 7]
    ... ''')
    >>> study.scales[0].items
    ('tr1', 'tr2', 'tr3')
    """
    raw = _parse(text, name)
    lines = scan_lines(text)
    for table in ("scale", "variable"):
        entries = raw.get(table)
        if isinstance(entries, dict):
            for key, entry in entries.items():
                if isinstance(entry, dict):
                    entry.setdefault("name", key)
    try:
        tables = StudyFile.model_validate(raw)
    except ValidationError as error:
        raise StudyError(paragraphs(name, complaints_of(error, lines))) from None
    study = Study(
        title=tables.study.title or stem,
        roles=tables.study.roles,
        waves=tables.study.waves,
        wave_times={wave: entry.time for wave, entry in tables.wave.items()},
        time_unit=tables.study.time_unit,
        seed=tables.study.seed,
        alpha=tables.study.alpha,
        orphans=tables.study.orphans,
        sources=tuple(
            source if source.name else source.model_copy(update={"name": Path(source.path).name})
            for source in tables.source
        ),
        links=tables.link,
        scales=tuple(tables.scale.values()),
        variables=tuple(tables.variable.values()),
        consents=tables.consent,
        withdrawals=tables.withdrawal,
        careless=tables.careless,
        privacy=tables.privacy,
        analyses=_named(tables.analysis),
        report=tables.report,
        directory=directory,
        stem=stem,
        file=file,
        text=text,
    )
    complaints = [
        at(place, lines) + message for place, message in find_contradictions(study, tables)
    ]
    if complaints:
        raise StudyError(paragraphs(name, complaints))
    return study


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        # Letters with their accents apart, as some systems write them, become the usual ones.
        return tomllib.loads(normalize("NFC", text))
    except tomllib.TOMLDecodeError as error:
        raise StudyError(
            f"{name} is not valid TOML: {error}. Text needs quotation marks, lists need "
            "square brackets, and each key stands on a line of its own."
        ) from None
    except (ValueError, RecursionError):
        raise StudyError(
            f"{name} is not valid TOML: it holds a number or a nesting that no program can read."
        ) from None


def _named(analyses: Sequence[Analysis]) -> tuple[Analysis, ...]:
    """Give every analysis a name: its type and its variables, unless it has one."""
    named = []
    for analysis in analyses:
        name = analysis.name
        if not name:
            variables = analysis.options.get("variables", ())
            words = [str(word) for word in variables] if isinstance(variables, list) else []
            name = " ".join([analysis.type, *words])
        named.append(analysis.model_copy(update={"name": name}))
    return tuple(named)
