"""Careless answering in the records of a study: who is flagged, and who is left out for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dyadkit.loading.reading.raw import Mask, RawTable
from dyadkit.loading.screening.careless import Thresholds, careless_indices, distribution, flags
from dyadkit.loading.texts import as_texts, each
from dyadkit.loading.unfolding import blocks_of
from dyadkit.study import Careless, Study

#: What an index is called on screen.
INDEX_LABELS: Mapping[str, str] = {
    "longest_run": "longest run of identical answers",
    "within_sd": "SD within the row",
    "mahalanobis_p": "Mahalanobis distance (p)",
    "seconds_per_item": "seconds per item",
    "synonyms": "agreement of items that go together (r)",
    "antonyms": "agreement of items that go against each other (r)",
}


@dataclass(frozen=True, slots=True)
class Attention:
    """Indices of careless answering, a row for each record that may be used.

    Attributes
    ----------
    indices, flagged : DataFrame, shape (records, …)
        From `careless_indices` and `flags`.
    table : DataFrame
        Their distribution; see `dyadkit.loading.screening.careless.distribution`.
    """

    indices: pd.DataFrame
    flagged: pd.DataFrame
    table: pd.DataFrame


def measure_attention(
    keys: pd.DataFrame, values: pd.DataFrame, tables: Sequence[RawTable], study: Study
) -> Attention:
    """Compute the indices over all items of scales, for each role and wave on its own.

    Parameters
    ----------
    keys, values : DataFrame
        The records that may be used, and their answers; ``duration`` holds seconds.
    tables : sequence of RawTable
        The files, whose columns say in which order items were asked.
    study : Study
    """
    items = _in_order_asked([i for i in _items(study) if i in values], tables, study)
    answers = values[items].to_numpy(dtype=np.float64, na_value=np.nan)
    role, wave = (as_texts(keys[name]) for name in ("role", "wave"))
    groups = role.codes.astype(np.int64) * (len(wave.categories) + 1) + wave.codes
    seconds = seconds_of(as_texts(keys["duration"])) if "duration" in keys else None
    indices = careless_indices(answers, seconds, groups).set_axis(keys.index)
    limits = thresholds_of(study.careless)
    flagged = flags(indices, limits)
    return Attention(indices, flagged, distribution(indices, flagged, limits))


def thresholds_of(careless: Careless) -> Thresholds:
    """Return the usual thresholds, and the study file's own in place of some.

    A run that the study file names counts whatever its share of the answers, and a correlation
    that it names counts from five pairs of items on.
    """
    own = {
        name: value for name in INDEX_LABELS if (value := getattr(careless, name, None)) is not None
    }
    if "longest_run" in own:
        own["longest_run_share"] = 0.0
    if "synonyms" in own or "antonyms" in own:
        own["fewest_pairs"] = 5
    return replace(Thresholds(), **own)


def left_out(attention: Attention, study: Study) -> tuple[Mask, list[str]]:
    """Mark the records that the study file leaves out, and say of each why."""
    chosen = attention.flagged[list(study.careless.exclude)]
    mask = chosen.any(axis=1).to_numpy()
    said = chosen.to_numpy()[mask]
    names = list(chosen.columns)
    why = [", ".join(np.array(names)[row]) for row in said]
    return mask, why


def seconds_of(texts: pd.Categorical) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Read how long somebody took: seconds, or hours, minutes and seconds; NaN for other texts.

    Examples
    --------
    >>> seconds_of(as_texts(pd.Series(["90", "00:01:30", "1,5", "?"]))).tolist()
    [90.0, 90.0, 1.5, nan]
    """
    return each(texts, _seconds, np.float64)


def _seconds(text: str) -> float:
    parts = text.replace(",", ".").split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return np.nan
    if len(numbers) > 3 or not all(0 <= number < 1e9 for number in numbers):
        return np.nan
    return float(sum(number * 60**place for place, number in enumerate(reversed(numbers))))


def _items(study: Study) -> list[str]:
    return list(dict.fromkeys(item for scale in study.scales for item in scale.items))


def _in_order_asked(items: Sequence[str], tables: Sequence[RawTable], study: Study) -> list[str]:
    """Sort items by their columns in the first file that has them."""
    place: dict[str, int] = {}
    for table, source in zip(tables, study.sources, strict=True):
        columns = {name: number for number, name in enumerate(table.columns)}
        for block in blocks_of(source, study):
            for item, column in block.columns.items():
                if table.own_name(column) in columns:
                    place.setdefault(item, columns[table.own_name(column)])
    return sorted(items, key=lambda item: place.get(item, len(place)))
