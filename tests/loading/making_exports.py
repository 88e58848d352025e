"""Small exports of every design, made in memory or as files."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dyadkit.loading.drafting.guess_columns import Export, describe_export
from dyadkit.loading.reading.raw import RawTable, encode_texts

Columns = Mapping[str, Sequence[object]]


def ids(prefix: str, n: int = 40) -> list[str]:
    """Make ids such as C007."""
    return [f"{prefix}{number:03d}" for number in range(1, n + 1)]


def answers(
    items: Sequence[str], n: int = 40, *, high: int = 5, reverse: Sequence[str] = (), seed: int = 1
) -> dict[str, list[int]]:
    """Make answers from 1 to `high` that follow one trait; every answer occurs."""
    rng = np.random.default_rng([seed, n, len(items)])
    trait = rng.permutation(np.linspace(0, 1, n))
    found = {}
    for item in items:
        part = 0.85 * trait + 0.15 * rng.permutation(np.linspace(0, 1, n))
        codes = np.rint(1 + (high - 1) * (part - part.min()) / np.ptp(part)).astype(int)
        found[item] = (high + 1 - codes if item in reverse else codes).tolist()
    return found


def make_export(
    path: str, columns: Columns, *, sheet: str = "", platform: str = "", **more: object
) -> Export:
    """Describe an export; `more` are fields of its RawTable."""
    texts = {name: [str(cell) for cell in cells] for name, cells in columns.items()}
    size = max(map(len, texts.values()), default=0)
    no = np.zeros(size, dtype=bool)
    table = RawTable(
        name=path,
        columns=tuple(texts),
        rows=np.arange(size) + 2,
        blank=no,
        short=no,
        long=no,
        cells=tuple(map(encode_texts, texts.values())),
        platform=platform,
        **more,
    )
    return describe_export(path, table, sheet)


def write_csv(path: Path, columns: Columns) -> Path:
    """Write an export as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def stacked(*parts: Columns) -> dict[str, list[object]]:
    """Put the rows of several exports with the same columns below one another."""
    return {name: [cell for part in parts for cell in part[name]] for name in parts[0]}


def spelt(patterns: Sequence[str], items: Sequence[str], n: int = 40) -> dict[str, list[int]]:
    """Make answers in columns whose names are patterns with ``{item}`` in them."""
    return {
        pattern.replace("{item}", item): cells
        for seed, pattern in enumerate(patterns)
        for item, cells in answers(items, n, seed=seed).items()
    }
