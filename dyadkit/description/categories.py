"""How often each category of a variable was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Answers, Sample
from dyadkit.display.disclosure import Minimum
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.results import Support, Total


@dataclass(frozen=True, slots=True)
class Category:
    """One category, or all rare ones together: what it is called, how many, and who."""

    label: str
    count: int
    support: Support


@dataclass(frozen=True, slots=True)
class Counted:
    """The categories of one place and their sum."""

    place: Place
    categories: tuple[Category, ...]
    n: int
    whole: Support

    @property
    def total(self) -> Total:
        """What the categories sum to."""
        return Total(self.whole.key, tuple(one.support.key for one in self.categories))


def count_categories(sample: Sample, place: Place, answers: Answers, minimum: Minimum) -> Counted:
    """Count each category; those too rare to show are taken together.

    A category that one person chose is that person's answer, so that its name must go with its
    count.  Others join it until the rest is large enough.
    """
    once = answers.once
    chosen = answers.values
    names, counts = np.unique(chosen[once].astype(str), return_counts=True)
    whole = sample.support(f"{place.key}#n", once)
    slots = {name: once & (chosen == name) for name in names}
    supports = {name: sample.support(f"{place.key}={name}", where) for name, where in slots.items()}
    by_size = sorted(names, key=lambda name: (supports[name].dyads, supports[name].persons, name))
    rare: list[str] = []
    rest = np.zeros_like(once)
    together = sample.support(f"{place.key}=#rest", rest)
    for name in by_size:
        enough = minimum.allows(supports[name].dyads, supports[name].persons)
        if enough and (not rare or minimum.allows(together.dyads, together.persons)):
            break
        rare.append(name)
        rest |= slots[name]
        together = sample.support(f"{place.key}=#rest", rest)
    categories = [
        Category(str(name), int(count), supports[name])
        for name, count in zip(names, counts, strict=True)
        if name not in rare
    ]
    if rare:
        label = "Other" if categories else "Any category"
        categories.append(Category(label, int(rest.sum()), together))
    return Counted(place, tuple(categories), int(once.sum()), whole)


def categories_table(counted: list[Counted], minimum: Minimum) -> Table:
    """Lay out the count and share of each category."""
    rows = []
    for entry in counted:
        rows.append(Row((Cell(entry.place.label),), heading=True))
        for one in entry.categories:
            key = one.support.key
            rows.append(Row((Cell(one.label), Cell(one.count, key), Cell(_share(one, entry), key))))
        key = entry.whole.key
        rows.append(Row((Cell("Total"), Cell(entry.n, key), Cell(1.0, key))))
    merged = any(one.support.key.endswith("=#rest") for c in counted for one in c.categories)
    few = f"fewer than {minimum.dyads} dyads or {minimum.persons} persons"
    return Table(
        name="categories",
        title="Categories by role and wave",
        columns=(
            Column("category", "Category"),
            Column("n", "n", "count"),
            Column("share", "Share", "percent"),
        ),
        rows=tuple(rows),
        notes=(
            (f"Other = categories of {few}, and as many more as protect these.",) if merged else ()
        ),
    )


def category_rows(counted: Counted) -> list[tuple[dict[str, Any], str]]:
    """Return the tidy rows of one place and their support keys."""
    return [
        (
            {
                "term": f"share: {counted.place.term} = {one.label}",
                "quantity": "share",
                **counted.place.columns,
                "n": one.count,
                "estimate": _share(one, counted),
            },
            one.support.key,
        )
        for one in counted.categories
    ]


def _share(one: Category, counted: Counted) -> float:
    return one.count / counted.n
