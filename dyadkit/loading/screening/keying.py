"""Do all items of a scale point the same way, once those declared so are turned round?

This is read from correlations, which can mislead; a finding asks to look at the questionnaire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from dyadkit.errors import listed
from dyadkit.loading.screening.findings import Finding
from dyadkit.loading.screening.pairwise import FloatArray, pairwise_moments
from dyadkit.study import Scale

_FEWEST_PEOPLE = 20
_CLEARLY_NEGATIVE = -0.1


@dataclass(frozen=True, slots=True)
class Opposed:
    """Items that go against the others of their scale, in one role and wave.

    Attributes
    ----------
    items : tuple of int
        Positions of the items; of half of them, when it is half against half.
    r : tuple of float
        Correlation of each with the mean of the items that go together.
    n : int
        People who answered.
    halves : bool
        Whether as many items point one way as the other, so that nobody can tell which are wrong.
    """

    items: tuple[int, ...]
    r: tuple[float, ...]
    n: int
    halves: bool


def opposed_items(items: FloatArray, turned: NDArray[np.bool_]) -> Opposed | None:
    """Find the items that go against the others after declared items are turned round.

    The first principal component of the items' correlations tells which items point which way.
    Those that point the other way than most are opposed when they correlate below -.10 with the
    mean of the others (one-sided p < .01), and one of them cannot be chance: its item-rest
    correlation is negative (p < .01 over the items of the scale), or, since a rest that holds
    others of them hides it, its correlation with the mean of the others (p < .001 over all ways
    to split the scale in two).

    Parameters
    ----------
    items : ndarray of float, shape (n, k)
        Codes as they were given; NaN is missing.
    turned : ndarray of bool, shape (k,)
        Items that are declared to be reverse-keyed.

    Returns
    -------
    Opposed or None
        None as well with fewer than 20 people or two items.

    Examples
    --------
    >>> x = np.arange(40.0)
    >>> found = opposed_items(np.column_stack([x, x**2, -x]), np.array([False, False, False]))
    >>> found.items, round(found.r[0], 2), found.n
    ((2,), -0.97, 40)
    """
    keyed = np.where(turned, -items, items)
    answered = int((~np.isnan(keyed)).any(axis=1).sum())
    k = keyed.shape[1]
    if answered < _FEWEST_PEOPLE or k < 2:
        return None
    correlation = np.nan_to_num(pairwise_moments(keyed).correlation)
    np.fill_diagonal(correlation, 1.0)
    direction = np.linalg.eigh(correlation)[1][:, -1]
    against = direction < 0
    halves = 2 * against.sum() == len(against)
    if 2 * against.sum() > len(against) or (halves and against[0]):
        against = ~against
    rest = _mean(keyed[:, ~against])
    found: dict[int, float] = {}
    certain = False
    for position in np.flatnonzero(against).tolist():
        r, n = _correlate(keyed[:, position], rest)
        p = _below(r, n)
        item_rest = _correlate(keyed[:, position], _mean(np.delete(keyed, position, axis=1)))
        if r < _CLEARLY_NEGATIVE and n >= _FEWEST_PEOPLE and p < 0.01:
            found[position] = r
            certain |= _below(*item_rest) < 0.01 / k or p < 0.001 / 2.0 ** (k - 1)
    return Opposed(tuple(found), tuple(found.values()), answered, bool(halves)) if certain else None


def wrong_keying(scale: Scale, answers: Mapping[tuple[str, str], FloatArray]) -> list[Finding]:
    """Find items that should be declared reverse-keyed, or should not.

    Parameters
    ----------
    scale : Scale
    answers : mapping
        Role and wave to the codes as they were given, items in columns in the order of the scale;
        only rows that may be used.

    Returns
    -------
    list of Finding
        One for each set of items, of kind "keying", over all roles and waves in which they go
        against the others; it counts items, and names no rows.

    Examples
    --------
    >>> x = np.arange(40.0)
    >>> scale = Scale(name="trust", items=("a", "b", "c"), range=(-100, 2000))
    >>> answers = {("client", "t1"): np.column_stack([x, x**2, -x])}
    >>> print(wrong_keying(scale, answers)[0].text)
    Scale trust (client t1): c goes against the other items (r = -.97, n = 40). ...
    """
    turned = np.array([item in scale.reverse for item in scale.items])
    found = {place: opposed_items(items, turned) for place, items in answers.items()}
    by_items: dict[tuple[tuple[int, ...], bool], dict[tuple[str, str], Opposed]] = {}
    for place, opposed in found.items():
        if opposed is not None:
            by_items.setdefault((opposed.items, opposed.halves), {})[place] = opposed
    findings = []
    for (positions, _), places in by_items.items():
        others = [items for place, items in answers.items() if place not in places]
        elsewhere = any(
            _go_along(np.where(turned, -items, items), list(positions)) for items in others
        )
        text = _keying_in_words(scale, places, elsewhere)
        findings.append(Finding("keying", text, (), len(positions)))
    return findings


def _go_along(keyed: FloatArray, positions: list[int]) -> bool:
    """Tell whether items clearly go with the others."""
    rest = _mean(np.delete(keyed, positions, axis=1))
    found = [_correlate(keyed[:, position], rest) for position in positions]
    return all(r > -_CLEARLY_NEGATIVE and n >= _FEWEST_PEOPLE for r, n in found)


def _keying_in_words(
    scale: Scale, places: Mapping[tuple[str, str], Opposed], elsewhere: bool
) -> str:
    opposed = next(iter(places.values()))
    names = [scale.items[position] for position in opposed.items]
    where = listed([" ".join(filter(None, place)) for place in places])
    r = _span(
        [f"{r:.2f}".replace("0.", ".") for r in sorted(r for one in places.values() for r in one.r)]
    )
    n = _span([f"{n:,}" for n in sorted(one.n for one in places.values())])
    what = (
        f"Scale {scale.name} ({where}): {listed(names)} {'goes' if len(names) == 1 else 'go'} "
        f"against the other items (r = {r}, n = {n})."
    )
    if elsewhere:
        return (
            f"{what} Elsewhere {'it does' if len(names) == 1 else 'they do'} not, so answers may "
            "have been turned round already in these files, or items stand in another order: "
            "compare the files with the questionnaire."
        )
    if opposed.halves:
        return (
            f"{what} As many point one way as the other. Look up which are worded the other way "
            f"round, and declare these in [scale.{scale.name}], with reverse = [...]."
        )
    reverse = [item for item in scale.items if (item in scale.reverse) != (item in names)]
    if reverse:
        quoted = ", ".join(f'"{item}"' for item in reverse)
        return (
            f"{what} If the questionnaire says so, write reverse = [{quoted}] in "
            f"[scale.{scale.name}]."
        )
    return f"{what} If the questionnaire says so, take reverse out of [scale.{scale.name}]."


def _mean(items: FloatArray) -> FloatArray:
    there = ~np.isnan(items)
    total = np.where(there, items, 0.0).sum(axis=1)
    return np.where(there.any(axis=1), total / np.maximum(there.sum(axis=1), 1), np.nan)


def _correlate(item: FloatArray, rest: FloatArray) -> tuple[float, float]:
    moments = pairwise_moments(np.column_stack([item, rest]))
    return float(moments.correlation[0, 1]), float(moments.n[0, 1])


def _below(r: float, n: float) -> float:
    """Return the probability of a correlation at most this high where there is none."""
    t = r * np.sqrt(max(n - 2.0, 0.0) / max(1.0 - r * r, 1e-12))
    return float(stdtr(n - 2.0, t)) if n > 2 else 1.0


def _span(sorted_numbers: list[str]) -> str:
    return " to ".join(dict.fromkeys((sorted_numbers[0], sorted_numbers[-1])))
