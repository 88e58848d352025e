"""Ratings by categories that several test files read: simulated ones in R, and published ones."""

from __future__ import annotations

import json
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from dyadkit.agreement.category_counts import CategoryCounts, count_categories

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "agreement_categories.json").read_text("utf-8")
)

# Twelve units, four observers: Krippendorff (2011), "Computing Krippendorff's alpha-reliability",
# example C; also in Gwet (2014).
OBSERVERS = np.array(
    [
        [1, 1, nan, 1],
        [2, 2, 3, 2],
        [3, 3, 3, 3],
        [3, 3, 3, 3],
        [2, 2, 2, 2],
        [1, 2, 3, 4],
        [4, 4, 4, 4],
        [1, 1, 2, 1],
        [2, 2, 2, 2],
        [nan, 5, 5, 5],
        [nan, nan, 1, 1],
        [nan, nan, 3, nan],
    ]
)

# Thirty patients, six diagnoses each in five categories: Fleiss (1971), Table 1.
PSYCHIATRISTS = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006",
    "10050 11040 03300 10050 02031 00501 30012 51000 02040 10203",
    "00006 01050 02013 20040 10041 05010 40002 02040 10500 00006",
)


def ratings_of(name: str) -> np.ndarray:
    rows = ORACLE["data"][name]["ratings"]
    return np.array([[nan if code is None else code for code in row] for row in rows], dtype=float)


def counted_of(name: str) -> CategoryCounts:
    return count_categories(ratings_of(name), ORACLE["data"][name]["categories"])


def from_counts(rows: list[list[int]]) -> np.ndarray:
    """Spell out ratings of which only the numbers by category are published."""
    return np.array([np.repeat(np.arange(len(row)), row) for row in rows], dtype=float)


def diagnoses(patients: int) -> np.ndarray:
    return from_counts(
        [[int(digit) for digit in row] for row in " ".join(PSYCHIATRISTS).split()[:patients]]
    )


def from_table(table: list[list[int]]) -> np.ndarray:
    """Spell out the units of a table of two raters' categories 1, 2, …"""
    counts = np.array(table)
    places = np.argwhere(counts >= 0) + 1.0
    return np.repeat(places, counts.ravel(), axis=0)


def agree(found: object, expected: dict[str, float], rtol: float = 1e-8) -> None:
    for name, value in expected.items():
        actual = getattr(found, name)
        np.testing.assert_allclose(actual, value, rtol=rtol, atol=1e-13, err_msg=name)
