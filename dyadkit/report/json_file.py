"""`results.json`: every reported number, unrounded, with what must stay hidden left out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dyadkit.display.disclosure import Minimum
from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import SUPPRESSED

if TYPE_CHECKING:
    from dyadkit.report.assembly import Report, Section
    from dyadkit.study import Study

# Words that may have numbers of the sample in them: error variances held, values to start from.
_WITH_NUMBERS = frozenset({"syntax"})
# Counts in a result's summary that tell of no participant.  A count that is not named here is
# taken to be one of people, and is hidden when it is small.
_NO_PEOPLE = frozenset(
    (
        *("n_rows_read", "n_rows_kept", "n_cells_set_missing"),
        *("n_items", "n_variables", "n_scales", "n_indicators", "n_predictors", "n_factors"),
        *("n_roles", "n_waves", "n_occasions", "n_levels", "n_patterns"),
        *("n_parameters", "n_free", "n_fixed", "n_constraints", "n_equations", "n_models"),
        *("n_steps", "n_tests", "n_comparisons", "n_iterations", "n_starts"),
        *("n_bootstrap", "n_draws", "n_imputations", "n_permutations", "n_replications"),
    )
)


def results_json(report: Report) -> bytes:
    """Write what a report found as JSON (``schema = 1``).

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        Strict JSON in UTF-8: NaN and infinity are null; a number with too few people behind it
        reads "suppressed".
    """
    return as_json(
        {
            "schema": 1,
            "study": _study(report.study),
            "flow": report.flow,
            "analyses": [_analysis(section) for section in report.sections],
        }
    )


def as_json(value: object) -> bytes:
    """Write any tree of mappings, sequences and numbers as strict JSON, indented by two.

    Examples
    --------
    >>> as_json({"a": float("nan"), "b": np.int64(3)})
    b'{\\n  "a": null,\\n  "b": 3\\n}\\n'
    """
    text = json.dumps(_plain(value), allow_nan=False, ensure_ascii=False, indent=2)
    return (text + "\n").encode("utf-8")


def _study(study: Study) -> dict[str, Any]:
    # Sources are in the manifest; where the study lies on this machine is nobody's concern.
    chosen = {
        *("title", "roles", "waves", "wave_times", "time_unit", "seed", "alpha", "orphans"),
        *("scales", "variables", "privacy"),
    }
    return study.model_dump(include=chosen)


def _analysis(section: Section) -> dict[str, Any]:
    result = section.result
    return {
        "name": section.name,
        "type": section.type,
        "status": section.status,
        "error": section.error,
        "notes": [] if result is None else [_note(note) for note in result.notes],
        "glance": {} if result is None else _glance(result),
        "tidy": [] if result is None else _tidy(result),
        "tables": {}
        if result is None
        else {name: _records(table.to_frame()) for name, table in result.tables().items()},
    }


def _note(note: Any) -> dict[str, str]:
    return {"level": note.level, "text": note.text}


def _tidy(result: PresentedResult) -> list[dict[str, Any]]:
    hidden = result.hidden
    return [
        {
            name: value if isinstance(value, str) and name not in _WITH_NUMBERS else SUPPRESSED
            for name, value in record.items()
        }
        if key in hidden
        else record
        for key, record in zip(result.estimates.keys, _records(result.tidy()), strict=True)
    ]


def _glance(result: PresentedResult) -> dict[str, Any]:
    summary = dict(result.summary)
    small = {name for name, value in summary.items() if _too_few(name, value, result.minimum)}
    if small & {"n_dyads", "n_persons"}:
        # Fit measures of so few people are as telling as their number.
        small = {name for name, value in summary.items() if not isinstance(value, str)}
    return {name: SUPPRESSED if name in small else value for name, value in summary.items()}


def _too_few(name: str, value: float | int | str, minimum: Minimum) -> bool:
    if isinstance(value, str) or name in _NO_PEOPLE or not (name == "n" or name.startswith("n_")):
        return False
    if name.startswith("n_dyads"):
        threshold = minimum.dyads
    elif name.startswith(("n_obs", "n_persons")):
        threshold = minimum.persons
    else:
        threshold = max(minimum.dyads, minimum.persons)
    return 0 < value < threshold


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [frame.iloc[:, position].tolist() for position in range(frame.shape[1])]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: object) -> Any:
    """Return the value in JSON's own terms."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case float():
            return value if math.isfinite(value) else None
        case np.generic():
            return _plain(value.item())
        case np.ndarray():
            return _plain(value.tolist())
        case Mapping():
            return {_plain(str(key)): _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
        case frozenset() | set():
            return sorted(_plain(entry) for entry in value)
        case pd.DataFrame():
            return _plain(_records(value))
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    raise TypeError(f"{type(value).__name__} has no place in results.json")
