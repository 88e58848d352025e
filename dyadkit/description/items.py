"""The items of every scale: what was asked, how it was answered, how well it fits the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Sample
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import DataError
from dyadkit.estimation.correlation import pearson
from dyadkit.results import Support


@dataclass(frozen=True, slots=True)
class Item:
    """An item in one role and wave; the mean is of the answers as given, not as keyed."""

    place: Place
    name: str
    label: str
    turned: bool
    n: int
    mean: float
    sd: float
    rest: float
    support: Support

    @property
    def row(self) -> tuple[dict[str, Any], str]:
        """The tidy row and its support key."""
        return (
            {
                "term": f"item–rest r: {self.name} in {self.place.term}",
                "quantity": "item_rest_correlation",
                **self.place.columns,
                "n": self.n,
                "estimate": self.rest,
            },
            self.support.key,
        )


def describe_items(sample: Sample, place: Place) -> tuple[Item, ...]:
    """Describe the items of a scale from the persons who answered all of them.

    Parameters
    ----------
    sample : Sample
    place : Place
        Of a scale with at least two items.

    Returns
    -------
    tuple of Item
        ``rest`` is the correlation of the keyed item with the sum of the other keyed items (the
        corrected item–total correlation); NaN where one of them does not vary.
    """
    variable = place.variable
    names = list(variable.items)
    complete = sample.dyads.items(variable.name, place.role, place.wave).dropna(subset=names)
    scores = complete[names].to_numpy(dtype=float)
    if not len(scores):
        return ()
    total = scores.sum(axis=1)
    ends = sum(variable.item_range) if variable.item_range else 0.0
    labels = _labels(sample, place)
    items = []
    for column, name in enumerate(names):
        keyed = scores[:, column]
        turned = name in variable.reverse
        try:
            rest = pearson(keyed, total - keyed).estimate
        except DataError:
            rest = float("nan")
        mean = float(keyed.mean())
        items.append(
            Item(
                place=place,
                name=name,
                label=labels[column],
                turned=turned,
                n=len(keyed),
                mean=ends - mean if turned else mean,
                sd=float(np.std(keyed, ddof=1)) if len(keyed) > 1 else float("nan"),
                rest=rest,
                support=_support(sample, place, complete, name),
            )
        )
    return tuple(items)


def items_table(items: Sequence[Item]) -> Table:
    """Lay out the items of each scale by role and wave."""
    rows: list[Row] = []
    current = ""
    for item in items:
        if item.place.label != current:
            current = item.place.label
            rows.append(Row((Cell(current),), heading=True))
        key = item.support.key
        rows.append(
            Row(
                (
                    Cell(f"{item.label} (R)" if item.turned else item.label),
                    Cell(item.n, key),
                    Cell(item.mean, key),
                    Cell(item.sd, key),
                    Cell(item.rest, key),
                )
            )
        )
    return Table(
        name="items",
        title="Items by role and wave",
        columns=(
            Column("item", "Item"),
            Column("n", "n", "count"),
            Column("mean", "M", "statistic"),
            Column("sd", "SD", "statistic"),
            Column("item_rest_correlation", "Item–rest r", "correlation"),
        ),
        rows=tuple(rows),
        notes=(
            "n = persons who answered every item. M is of the answers as given; (R) = keyed in "
            "reverse, turned round for the correlation with the sum of the other items.",
        ),
    )


def _support(sample: Sample, place: Place, complete: pd.DataFrame, name: str) -> Support:
    """Count who stands behind an item's mean: of two answers only, those who gave the rarer."""
    answers = complete[name]
    given = answers.unique()
    groups = [complete[answers == answer] for answer in given] if len(given) == 2 else [complete]
    key = f"{place.key}#{name}"
    return sample.least_support(key, map(sample.slots_of, groups))


def _labels(sample: Sample, place: Place) -> list[str]:
    """Return the questions as they were asked, without what all of them begin with."""
    variables = sample.dyads.variables
    texts = [
        variables[name].texts.get((place.role, place.wave), "") if name in variables else ""
        for name in place.variable.items
    ]
    if not all(texts):
        return [f"Item {number}" for number in range(1, len(texts) + 1)]
    first, last = min(texts), max(texts)
    alike = (one == other for one, other in zip(first, last, strict=False))
    stem = first[: sum(takewhile(bool, alike))]
    ends = [stem.rfind(mark) + len(mark) for mark in (" - ", ": ", " – ") if mark in stem]
    cut = max(ends, default=0)
    return [text[cut:].strip() or text for text in texts]
