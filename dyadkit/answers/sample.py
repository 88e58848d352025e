"""The answers of a frame as arrays, and the people who stand behind any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyadkit.answers.places import Place
from dyadkit.errors import DataError
from dyadkit.frame import DyadFrame, Variable
from dyadkit.results import Support

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was answered in one place: a slot for each member of each dyad.

    Attributes
    ----------
    values : ndarray, shape (slots,)
        Floats with NaN, or objects with None, where nothing was answered.
    seen : ndarray of bool, shape (slots,)
        Where something was answered.
    units : ndarray of int, shape (slots,)
        Whose answer it is.  A person-level answer of somebody who belongs to several dyads stands
        in several slots and has one unit.
    """

    values: NDArray[Any]
    seen: BoolArray
    units: IntArray

    @property
    def once(self) -> BoolArray:
        """The slots that hold each answer once."""
        return first_of_each(self.seen, self.units)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The rows of a frame, by dyad and member.

    Slots are dyads for what one role answered and for what belongs to the dyad; for exchangeable
    members they are all first members, then all second ones.

    Attributes
    ----------
    dyads : DyadFrame
    rows : DataFrame
        As `DyadFrame.individual`.
    dyad, member : ndarray of int, shape (rows,)
        Positions among the dyads and the members.
    members : tuple of str
        The members that occur.
    people : ndarray of int, shape (dyads, members)
        Who it is, in the first wave that says so; a number of its own where none does.
    people_at : mapping of ndarray of int, shape (dyads, members)
        Wave to who it is then; elsewhere as in `people`.
    present : mapping of ndarray of bool, shape (dyads, members)
        Wave to who has a row in it.
    groups : ndarray of int, shape (dyads,)
        The team or organisation; the dyad itself where there is none.
    """

    dyads: DyadFrame
    rows: pd.DataFrame
    dyad: IntArray
    member: IntArray
    members: tuple[str, ...]
    people: IntArray
    people_at: Mapping[str, IntArray]
    present: Mapping[str, BoolArray]
    groups: IntArray

    @classmethod
    def of(cls, dyads: DyadFrame) -> Sample:
        """Lay out a frame.

        Raises
        ------
        DataError
            When the frame is empty.
        """
        rows = dyads.individual()
        if not len(rows):
            raise DataError("There is nothing to analyse: the frame has no rows.")
        rows["wave"] = rows.get("wave", "")
        rows["member"] = rows["member"] if "member" in rows else rows["role"]
        dyad = np.asarray(pd.factorize(rows["dyad"])[0], dtype=np.int64)
        held = set(rows["member"])
        members = tuple(name for name in dyads.members if name in held or not dyads.exchangeable)
        member = np.asarray(pd.Index(members).get_indexer(pd.Index(rows["member"])), dtype=np.int64)
        n = int(dyad.max()) + 1
        shape = (n, len(members))
        named = rows["person"].notna().to_numpy()
        # Two roles may number their people alike.
        codes = rows[named].groupby(["role", "person"], sort=False).ngroup().to_numpy(np.int64)
        people = len(rows) + np.arange(n * len(members)).reshape(shape)
        # Backwards, so that the first row of a member has the last word.
        people[dyad[named][::-1], member[named][::-1]] = codes[::-1]
        people_at = {}
        present = {}
        for wave in dyads.occasions:
            here = (rows["wave"] == wave).to_numpy()
            present[wave] = np.zeros(shape, dtype=bool)
            present[wave][dyad[here], member[here]] = True
            people_at[wave] = people.copy()
            people_at[wave][dyad[named & here], member[named & here]] = codes[here[named]]
        groups = np.arange(n)
        if "group" in rows:
            known = rows["group"].notna().to_numpy()
            groups[dyad[known]] = n + pd.factorize(rows["group"][known])[0]
        return cls(dyads, rows, dyad, member, members, people, people_at, present, groups)

    @property
    def n(self) -> int:
        """The number of dyads."""
        return len(self.groups)

    @property
    def paired(self) -> bool:
        """Whether any dyad has two members in one wave."""
        return any(bool((there.sum(axis=1) > 1).any()) for there in self.present.values())

    @property
    def n_observations(self) -> int:
        """The number of persons in dyads, summed over waves."""
        return sum(int(there.sum()) for there in self.present.values())

    @property
    def n_persons(self) -> int:
        """The number of distinct persons."""
        there = np.any([*self.present.values()], axis=0)
        return int(np.unique(self.people[there]).size)

    @property
    def shared_roles(self) -> tuple[str, ...]:
        """The roles in which one person belongs to several dyads."""
        there = np.any([*self.present.values()], axis=0)
        if self.dyads.exchangeable:
            crowded = np.unique(self.people[there]).size < there.sum()
            return self.dyads.roles if crowded else ()
        return tuple(
            role
            for m, role in enumerate(self.members)
            if np.unique(self.people[there[:, m], m]).size < there[:, m].sum()
        )

    def persons_at(self, wave: str, role: str) -> int | None:
        """Count the distinct persons of a role in a wave; None where there is no such wave."""
        if wave not in self.present:
            return None
        alike = self.dyads.exchangeable
        column = slice(None) if alike else self.members.index(role)
        here = self.present[wave][:, column]
        return int(np.unique(self.people_at[wave][:, column][here]).size)

    def answers(self, place: Place) -> Answers:
        """Return what was answered in one place.

        Raises
        ------
        DataError
            When a numeric variable holds text or an infinite value.
        """
        variable = place.variable
        here = self._rows_at(place)
        column = self.rows.loc[here, variable.name]
        values = _numbers(column, variable.name) if variable.numeric else _labels(column)
        slots = self._slots(place)
        spread = np.full(slots, np.nan if variable.numeric else None, dtype=values.dtype)
        spread[self._slot(place, here)] = values
        units = np.arange(slots)
        if variable.level == "person" and place.role:
            people = self.people_at[place.wave]
            alike = self.dyads.exchangeable
            units = people.T.ravel() if alike else people[:, self.members.index(place.role)]
        elif variable.level == "group":
            units = np.resize(self.groups, slots)
        return Answers(spread, np.asarray(~pd.isna(spread)), units)

    def holds_items(self, variable: Variable) -> bool:
        """Tell whether the frame has the items of a scale."""
        held = self.dyads.variables
        return bool(variable.items) and all(item in held for item in variable.items)

    def items_missing(self, place: Place) -> BoolArray:
        """Mark, in every slot, the items of a scale that were left out.

        Returns
        -------
        ndarray, shape (slots, items)
            All True where nobody took part.
        """
        here = self._rows_at(place)
        blank = np.ones((self._slots(place), len(place.variable.items)), dtype=bool)
        items = self.rows.loc[here, list(place.variable.items)]
        blank[self._slot(place, here)] = items.isna().to_numpy()
        return blank

    def items(self, place: Place) -> FloatArray:
        """Return the items of a scale, those keyed in reverse turned, in every slot.

        Returns
        -------
        ndarray, shape (slots, items)
            NaN where an item was not answered.
        """
        variable = place.variable
        here = self._rows_at(place)
        keyed = np.full((self._slots(place), len(variable.items)), np.nan)
        slot = self._slot(place, here)
        for column, item in enumerate(variable.items):
            keyed[slot, column] = _numbers(self.rows.loc[here, item], item)
            if item in variable.reverse:
                keyed[:, column] = sum(variable.item_range or ()) - keyed[:, column]
        return keyed

    def slots_of(self, rows: pd.DataFrame) -> BoolArray:
        """Mark the slots of rows that have ``dyad`` and ``member``."""
        alike = self.dyads.exchangeable
        slots = np.zeros(self.n * (len(self.members) if alike else 1), dtype=bool)
        names = pd.Index(self.rows["dyad"].unique())
        at = names.get_indexer(pd.Index(rows["dyad"]))
        if alike:
            at = at + self.n * pd.Index(self.members).get_indexer(pd.Index(rows["member"]))
        slots[at] = True
        return slots

    def dyads_of(self, rows: pd.DataFrame) -> BoolArray:
        """Mark the dyads of rows that have ``dyad``, shape (dyads,)."""
        names = pd.Index(self.rows["dyad"].unique())
        marked = np.zeros(self.n, dtype=bool)
        marked[names.get_indexer(pd.Index(rows["dyad"]))] = True
        return marked

    def support(self, key: str, slots: BoolArray) -> Support:
        """Count the distinct dyads of the slots, and the persons of the role that has fewest.

        Both roles of the dyads count, whichever of them answered: what is said about the
        partners of two coaches is said about two coaches.
        """
        dyads = np.unique(np.flatnonzero(slots) % self.n)
        if self.dyads.exchangeable and len(slots) > self.n:
            persons = _distinct(self.people.T.ravel()[slots])
        elif self.dyads.exchangeable:
            persons = _distinct(self.people[dyads].ravel())
        else:
            persons = min(_distinct(side[dyads]) for side in self.people.T)
        return Support(key, int(dyads.size), persons)

    def support_of_values(self, key: str, slots: BoolArray, values: NDArray[Any]) -> Support:
        """Count who stands behind a mean: of two values only, those who gave the rarer one.

        The mean of two values tells how many gave each.
        """
        given = np.unique(values[slots])
        groups = [slots & (values == value) for value in given] if given.size == 2 else [slots]
        return self.least_support(key, groups)

    def least_support(self, key: str, groups: Iterable[BoolArray]) -> Support:
        """Return the fewest dyads and the fewest persons of any of some groups of slots.

        They may be of two groups: one has fewest dyads, another the one coach of many.
        """
        found = [self.support(key, group) for group in groups]
        dyads = min((support.dyads for support in found), default=0)
        return Support(key, dyads, min((support.persons for support in found), default=0))

    def everyone(self) -> Support:
        """Return the support of what tells of all, under the key "all"."""
        return self.support("all", np.ones(self.n, dtype=bool))

    def clusters(self) -> IntArray:
        """Number the sets of dyads that are linked by a person who belongs to several.

        Returns
        -------
        ndarray, shape (dyads,)
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        if not self.shared_roles:
            return np.arange(self.n)
        _, code = np.unique(self.people, return_inverse=True)
        code = code.reshape(self.people.shape)
        size = self.n + int(code.max()) + 1
        start = np.repeat(np.arange(self.n), len(self.members))
        links = coo_array((np.ones(start.size), (start, self.n + code.ravel())), (size, size))
        labels = connected_components(links, directed=False)[1]
        return np.asarray(labels[: self.n], dtype=np.int64)

    def _rows_at(self, place: Place) -> BoolArray:
        here = self.rows["wave"] == place.wave
        if place.role:
            here &= self.rows["role"] == place.role
        return here.to_numpy()

    def _slots(self, place: Place) -> int:
        return self.n * len(self.members) if place.role and self.dyads.exchangeable else self.n

    def _slot(self, place: Place, here: BoolArray) -> IntArray:
        if place.role and self.dyads.exchangeable:
            return self.dyad[here] + self.n * self.member[here]
        return self.dyad[here]


def first_of_each(slots: BoolArray, *codes: IntArray) -> BoolArray:
    """Keep the first slot of each combination of codes.

    Examples
    --------
    >>> first_of_each(np.array([True, True, False, True]), np.array([4, 4, 5, 6])).tolist()
    [True, False, False, True]
    """
    positions = np.flatnonzero(slots)
    # Most answers stand in one slot only, and then there is nothing to sort.
    if any(np.bincount(code[positions]).max(initial=0) <= 1 for code in codes):
        return slots.copy()
    combined = np.zeros(positions.size, dtype=np.int64)
    for code in codes:
        combined = combined * (int(code.max(initial=0)) + 1) + code[positions]
    _, first = np.unique(combined, return_index=True)
    kept = np.zeros(len(slots), dtype=bool)
    kept[positions[first]] = True
    return kept


def _distinct(codes: IntArray) -> int:
    return int(np.count_nonzero(np.bincount(codes)))


def _numbers(column: pd.Series, name: str) -> FloatArray:
    try:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise DataError(
            f"'{name}' is described as a number but holds other things. Convert it with "
            "pandas.to_numeric, or declare it a category."
        ) from None
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise DataError(
            f"'{name}' holds {infinite} infinite value(s). Set them missing, or correct the "
            "transformation (a logarithm of zero, a division by zero) that made them."
        )
    return values


def _labels(column: pd.Series) -> NDArray[np.object_]:
    values = np.full(len(column), None, dtype=object)
    there = column.notna().to_numpy()
    values[there] = column[there].astype(str).to_numpy(dtype=object)
    return values
