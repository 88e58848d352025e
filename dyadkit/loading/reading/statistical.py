"""SPSS and Stata files → a table of texts, with their labels and missing codes."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.reading.headers import name_columns
from dyadkit.loading.reading.raw import (
    RawTable,
    arrow_texts,
    blank_rows,
    check_size,
    clean_text,
    encode_codes,
)
from dyadkit.loading.reading.signatures import describe_content
from dyadkit.loading.reading.statistical_times import times_of
from dyadkit.loading.reading.written import number_text, number_texts

_WORKER = Path(__file__).with_name("statistical_worker.py")
# What the library says when texts are not in the encoding that the file declares.
_BAD_TEXT = re.compile(r"convert string|byte sequence|codec can't decode", re.IGNORECASE)
_BAD_ENCODING = re.compile(r"unsupported character set", re.IGNORECASE)
_EXPECTED = {"sav": "SPSS file", "dta": "Stata file"}
# Stata's missing values .a to .z reach us as single letters.
_LETTER = re.compile(r"[a-z]")


def read_statistical(path: Path, *, name: str, encoding: str | None = None) -> RawTable:
    """Read an SPSS (.sav, .zsav) or Stata (.dta) file.

    Variable labels become question texts.  User-missing codes stay in the cells as texts, and are
    listed in `RawTable.missing`, as are Stata's ".a" to ".z"; system-missing values are empty.
    Dates are written as ISO 8601, a Stata week, month, quarter or half-year as its first day.

    Parameters
    ----------
    path : pathlib.Path
        An existing file.
    name : str
        What messages call it.
    encoding : str, optional
        Only where the file declares a wrong one.

    Raises
    ------
    StudyError
        When the encoding is unknown.
    DataError
        When the file is damaged, of another format, or its texts are in no encoding that fits.
    """
    kind = "dta" if path.suffix.lower() == ".dta" else "sav"
    what = describe_content(path)
    if _EXPECTED[kind] not in what.replace("compressed ", ""):
        raise DataError(
            f"{name} is called {path.suffix} but is "
            f"{what or 'damaged or of an unknown format'}, no {_EXPECTED[kind]}. Export it again, "
            "or give it the ending of what it is."
        )
    contents = _run_worker(kind, path, name, encoding)
    notes = []
    if encoding is None and _BAD_TEXT.search(contents.get("message", "")):
        contents = _run_worker(kind, path, name, "WINDOWS-1252")
        notes.append(
            f"{name} holds texts that are not in the encoding it declares; they were read as "
            'Windows-1252. If letters look wrong, say encoding = "…" in its [[source]].'
        )
    if "error" in contents:
        _complain(contents["message"], name, encoding)
    if len(contents["values"]) != len(contents["names"]) or not all(contents["names"]):
        raise DataError(
            f"{name} has variables without a name, or two of one name; it is damaged. Copy it "
            "again, or save it anew in the program that made it."
        )
    return _to_table(contents, kind, name, notes)


def _run_worker(kind: str, path: Path, name: str, encoding: str | None) -> dict[str, Any]:
    command = [sys.executable, "-P", str(_WORKER), kind, str(path)]
    known = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        command + ([encoding] if encoding else []),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": known},
        check=False,
    )
    if done.returncode:
        raise DataError(
            f"{name} cannot be read: the reader of {_EXPECTED[kind]}s gave up (exit status "
            f"{done.returncode}). It is damaged, or larger than memory. Open it in the program "
            "that made it, save it anew, or export it as CSV."
        )
    contents: dict[str, Any] = pickle.loads(done.stdout)
    return contents


def _complain(message: str, name: str, encoding: str | None) -> NoReturn:
    if encoding is not None and _BAD_ENCODING.search(message):
        raise StudyError(
            f"{name}: encoding '{encoding}' is not known to the reader of this format; try a name "
            'such as "UTF-8" or "WINDOWS-1252".'
        )
    if encoding is not None and _BAD_TEXT.search(message):
        raise DataError(
            f"{name} holds texts that are not in the encoding '{encoding}'. Take 'encoding' out of "
            "its [[source]], or name the right one."
        )
    raise DataError(
        f"{name} is cut off or damaged, or of a version that is not known ({message or 'unknown'}"
        "). Copy it again, or save it anew in the program that made it."
    )


def _to_table(contents: Mapping[str, Any], kind: str, name: str, notes: Sequence[str]) -> RawTable:
    names: list[str] = contents["names"]
    n_rows = max((len(places) for _, places in contents["values"]), default=0)
    check_size(name, n_rows, len(names))
    cells: list[pd.Categorical] = []
    dates: set[str] = set()
    missing: dict[str, frozenset[str]] = {}
    labels: dict[str, dict[str, str]] = {}
    for column, (values, places) in zip(names, contents["values"], strict=True):
        coded = contents["value_labels"].get(column) or {}
        ranges = contents["missing_ranges"].get(column) or []
        if contents["types"][column] == "string":
            encoded = encode_codes(places, arrow_texts([str(value or "") for value in values]))
            codes = {text for text in encoded.categories if _in_ranges(text, ranges)}
            codes |= {clean_text(str(part["lo"])) for part in ranges if part["lo"] == part["hi"]}
            labels[column] = {clean_text(str(code)): text for code, text in coded.items()}
        else:
            single = contents["types"][column] == "float"
            texts, dated, codes = _write(values, contents["formats"][column], ranges, single)
            encoded = encode_codes(places, arrow_texts(texts))
            dates |= {column} if dated else set()
            labels[column] = {_code_text(code, single): text for code, text in coded.items()}
        cells.append(encoded)
        missing[column] = frozenset(codes - {""})
    head = name_columns(names)
    own = dict(zip(names, head.columns, strict=True))
    questions = {
        own[column]: " ".join(label.split())
        for column, label in contents["labels"].items()
        if label and label.strip()
    }
    return RawTable(
        name=name,
        columns=head.columns,
        rows=np.arange(1, n_rows + 1),
        blank=blank_rows(cells, n_rows),
        short=np.zeros(n_rows, dtype=bool),
        long=np.zeros(n_rows, dtype=bool),
        cells=tuple(cells),
        questions={**head.questions, **questions},
        platform=head.platform,
        aliases=head.aliases,
        missing={own[column]: codes for column, codes in missing.items() if codes},
        value_labels={own[column]: coded for column, coded in labels.items() if coded},
        dates=frozenset(own[column] for column in dates),
        notes=tuple(notes),
    )


def _write(
    values: Sequence[Any], form: str, ranges: Sequence[Mapping[str, Any]], single: bool
) -> tuple[list[str], bool, set[str]]:
    """Write the distinct values of a numeric column as texts.

    Returns
    -------
    tuple
        The texts, whether they are dates, and which of them are missing codes.
    """
    numbers = np.array(
        [np.nan if value is None or isinstance(value, str) else value for value in values],
        dtype=float,
    )
    times = times_of(form)
    texts = times.write(numbers) if times else number_texts(numbers, single=single)
    codes = set()
    for part in ranges:
        within = (numbers >= part["lo"]) & (numbers <= part["hi"])
        codes |= {texts[place] for place in np.flatnonzero(within).tolist()}
        if part["lo"] == part["hi"] and not times:
            codes.add(number_text(part["lo"], single=single))
    for place, value in enumerate(values):
        if isinstance(value, str):
            texts[place] = _code_text(value, single)
            codes.add(texts[place])
    return texts, bool(times and times.dated), codes


def _in_ranges(text: str, ranges: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        clean_text(str(part["lo"])) <= text <= clean_text(str(part["hi"])) for part in ranges
    )


def _code_text(code: object, single: bool) -> str:
    if isinstance(code, int | float):
        return number_text(float(code), single=single)
    return f".{code}" if _LETTER.fullmatch(str(code)) else str(code)
