"""DyadFrame: what was observed, who belongs to whom, and who was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from dyadkit.errors import StudyError, listed
from dyadkit.frame.coded import plain
from dyadkit.frame.construction import FRONT, Prepared, in_order, prepare_individual, prepare_wide
from dyadkit.frame.joining import join_derived
from dyadkit.frame.layouts import to_pairwise, to_wide
from dyadkit.frame.ledger import READ_COLUMNS, count_flow, count_pairing, empty_ledger
from dyadkit.frame.selection import answers_of, keyed_items
from dyadkit.frame.showing import in_html, in_one_line
from dyadkit.frame.spread import SpreadOnce
from dyadkit.frame.variable import Reference, Variable, resolve
from dyadkit.study import Privacy
from dyadkit.study.frozen import FrozenDict


@dataclass(frozen=True, eq=False, repr=False)
class DyadFrame(SpreadOnce):
    """Observed dyads: immutable; every verb returns a new frame or a plain DataFrame.

    Build one with `dyadkit.load`, `DyadFrame.from_individual` or `DyadFrame.from_wide`.

    Attributes
    ----------
    roles : tuple of str
        In the order that tables use.  A single role means exchangeable members, called "1" and
        "2" by the sorted ids of the persons.
    waves : tuple of str
        In time order; empty when there is one wave.
    wave_times : mapping
        Wave to time, in `time_unit`.
    notes : tuple of str
        What loading had to say.
    privacy : Privacy
        The minima below which nothing is published.
    """

    roles: tuple[str, ...]
    waves: tuple[str, ...]
    _data: pd.DataFrame
    _variables: dict[str, Variable]
    _coded: frozenset[str] = frozenset()
    _ledger: pd.DataFrame = field(default_factory=empty_ledger)
    _reads: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(READ_COLUMNS)))
    wave_times: Mapping[str, float] = field(default_factory=FrozenDict)
    time_unit: str = ""
    notes: tuple[str, ...] = ()
    privacy: Privacy = field(default_factory=Privacy)

    @classmethod
    def from_individual(
        cls,
        data: pd.DataFrame,
        *,
        dyad: str,
        role: str | None = None,
        wave: str | None = None,
        person: str | None = None,
        group: str | None = None,
        occasion: str | None = None,
        time: str | None = None,
        roles: Sequence[str] | None = None,
        waves: Sequence[str] | None = None,
        dyad_level: Sequence[str] = (),
        variables: Mapping[str, Variable] | None = None,
    ) -> DyadFrame:
        """Build a frame from one row per person (and wave).

        Parameters
        ----------
        data : DataFrame
            Is not changed.  A dyad with one member is kept, as a one-sided dyad.
        dyad : str
            The column that both partners share.
        role : str, optional
            The column that tells the partners apart; without it they are exchangeable.
        wave, person, group, occasion, time : str, optional
            Columns: the wave, who answered, the team or organisation, the number of the occasion
            in a diary (which has a row per person and occasion), the time stamp.
        roles, waves : sequence of str, optional
            Their order; by default sorted, "t2" before "t10" (a categorical column in the order of
            its categories), so that shuffling the rows changes nothing.
        dyad_level : sequence of str
            Columns that describe the dyad as a whole.
        variables : mapping of Variable, optional
            What is known about the columns; others are described from their values.

        Raises
        ------
        StudyError
            When a named column is missing, or a column is named twice.
        DataError
            When a row has no dyad code, role or wave, a dyad more than two members, or a member
            two rows in one wave (and occasion).

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"pair": [1, 1, 2, 2], "role": ["coach", "client"] * 2,
        ...                    "trust": [5.0, 6.0, 3.0, 4.0]})
        >>> dyads = DyadFrame.from_individual(df, dyad="pair", role="role",
        ...                                   roles=("coach", "client"))
        >>> dyads.wide().columns.tolist()
        ['dyad', 'trust_coach', 'trust_client']
        """
        prepared = prepare_individual(
            data,
            keys={
                "dyad": dyad,
                "role": role,
                "wave": wave,
                "person": person,
                "group": group,
                "occasion": occasion,
                "time": time,
            },
            roles=roles,
            waves=waves,
            dyad_level=dyad_level,
            variables=variables or {},
        )
        return cls.assemble(prepared)

    @classmethod
    def from_wide(
        cls,
        data: pd.DataFrame,
        *,
        dyad: str,
        roles: Sequence[str],
        columns: str = "{variable}_{role}",
        waves: Sequence[str] | None = None,
        occasion: str | None = None,
        variables: Mapping[str, Variable] | None = None,
    ) -> DyadFrame:
        """Build a frame from one row per dyad (and occasion).

        Parameters
        ----------
        data : DataFrame
            Is not changed.  Columns that fit no member describe the dyad; ``person_{role}`` says
            who answered, ``time_{role}`` when; ``group`` is the team or organisation.  A member
            with no answer (and, with one wave, no person) has no row.
        dyad : str
            The column that identifies the dyad.
        roles : sequence of str
            The two roles, or one for exchangeable members, whose columns end in 1 and 2.
        columns : str
            How a column is made of ``{variable}``, ``{role}`` and, with waves, ``{wave}``.
        waves : sequence of str, optional
            In time order.
        occasion : str, optional
            The column that numbers the occasions of a diary.
        variables : mapping of Variable, optional
            What is known about the variables; others are described from their values.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"pair": [1, 2], "trust_coach": [5.0, 3.0],
        ...                    "trust_client": [6.0, 4.0]})
        >>> DyadFrame.from_wide(df, dyad="pair", roles=("coach", "client"))
        DyadFrame: 2 dyads (2 complete), roles coach and client, 1 variable
        """
        prepared, lost = prepare_wide(
            data,
            dyad=dyad,
            roles=tuple(roles),
            waves=tuple(waves or ()),
            occasion=occasion,
            pattern=columns,
            variables=variables or {},
        )
        note = (
            f"{lost} dyad{'s' * (lost > 1)} without an answer of either member "
            f"{'were' if lost > 1 else 'was'} left out."
        )
        return cls.assemble(prepared, notes=(note,) if lost else ())

    @classmethod
    def assemble(cls, prepared: Prepared, **rest: Any) -> DyadFrame:
        """Check, sort and freeze rows whose dyad, member, role and wave are known."""
        known = dict(prepared.variables)
        return cls(
            prepared.roles, prepared.waves, in_order(prepared), known, prepared.coded, **rest
        )

    @property
    def variables(self) -> Mapping[str, Variable]:
        """What is known about each variable, by name."""
        return MappingProxyType(self._variables)

    @property
    def exchangeable(self) -> bool:
        """Whether the two members share one role."""
        return len(self.roles) == 1

    @property
    def members(self) -> tuple[str, ...]:
        """The two places in a dyad: the roles, or "1" and "2" for exchangeable members."""
        return self.roles if len(self.roles) == 2 else ("1", "2")

    @property
    def occasions(self) -> tuple[str, ...]:
        """The waves, or a single empty name when there are none."""
        return self.waves or ("",)

    @property
    def diary(self) -> bool:
        """Whether members answered on several occasions within a wave."""
        return "occasion" in self._data

    @property
    def n_dyads(self) -> int:
        """The number of dyads with at least one answer."""
        return int(self._data["dyad"].nunique())

    @property
    def exclusions(self) -> pd.DataFrame:
        """The ledger: source, row, wave, role, person, dyad, reason, detail, and unit (row, cell).

        For the researcher's own screen.  Where consent forbids it, row, person and dyad are NA.
        """
        return self._ledger.copy()

    def flow(self) -> pd.DataFrame:
        """Count rows by source, wave, role and step: read, each reason, kept."""
        return count_flow(self._reads, self._ledger)

    def pairing(self) -> pd.DataFrame:
        """Count, for each wave, the dyads that are complete and those with one member only.

        Returns
        -------
        DataFrame
            ``wave``, ``dyads``, ``complete``, ``only_{role}`` for each role (``one_sided`` for
            exchangeable members); with several waves, a last row of dyads complete in all.
        """
        return count_pairing(self._rows([]), self.roles, self.members, self.waves)

    def individual(self, variables: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per person and wave (and occasion)."""
        return self._rows(self._choose(variables)).drop(columns=self._hidden())

    def values(self, names: Sequence[str]) -> pd.DataFrame:
        """Return variables alone, in the rows of `individual`."""
        return plain(self._data[list(self._choose(names))], self._coded)

    def coded(self, name: str) -> pd.Categorical | None:
        """Return the numbers of a variable that the frame keeps as codes; else None."""
        return pd.Categorical(self._data[name]) if name in self._coded else None

    def wide(self, variables: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per dyad (and occasion); columns read ``{variable}_{role}_{wave}``.

        Dyad-level variables read ``{variable}`` or ``{variable}_{wave}``; exchangeable members
        are ``_1`` and ``_2`` by the sorted ids of the persons.  Of the whole frame
        (`variables` is None) `from_wide` makes the same rows again; where rows without any answer
        or id would get lost, columns ``present_{role}_{wave}`` say who has one.
        """
        return self._spread.copy(deep=False) if variables is None else self._to_wide(variables)

    def pairwise(self, variables: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per person and wave (and occasion), with own and partner's answers.

        Columns read ``{variable}_actor`` and ``{variable}_partner``; a missing partner is NA.
        """
        chosen = self._choose(variables)
        return to_pairwise(self._rows(chosen), chosen, self.members).drop(columns=self._hidden())

    def answers(self, name: str, role: str | None = None, wave: str | None = None) -> pd.DataFrame:
        """Return the answers to one variable, each counted once.

        A person who belongs to several dyads gave a person-level answer once, whatever the
        number of dyads it is filed under.

        Returns
        -------
        DataFrame
            ``dyad``, ``member``, ``role``, ``wave``, ``person``, in a diary ``occasion``, and
            ``value``; no missing values.
        """
        variable = self._choose([name])[name]
        return answers_of(self._rows([variable.name]), variable, role, wave)

    def items(self, scale: str, role: str, wave: str) -> pd.DataFrame:
        """Return the keyed items of a scale, one row per person that answered any of them."""
        variable = self._choose([scale])[scale]
        if not variable.items or variable.item_range is None:
            raise StudyError(f"'{scale}' has no items in this frame.")
        here = (self._data["role"] == role) & (self._data["wave"] == wave)
        return keyed_items(self._rows(variable.items, here), variable)

    def resolve(self, references: Sequence[str] | None) -> tuple[Reference, ...]:
        """Find what analyses refer to; None means every variable that is no item."""
        names = [references] if isinstance(references, str) else references
        if names is None:
            names = [name for name, v in self._variables.items() if v.kind != "item"]
        return tuple(resolve(name, self._variables, self.roles, self.waves) for name in names)

    def with_variables(
        self,
        data: pd.DataFrame,
        variables: Mapping[str, Variable] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> DyadFrame:
        """Return a new frame with derived variables joined on.

        Parameters
        ----------
        data : DataFrame
            One row per key; the keys are those of ``dyad``, ``member``, ``role``, ``wave``,
            ``occasion`` and ``person`` that it has.  Without ``member``, ``role`` and ``person``
            its columns describe the dyad; with ``person`` and no ``dyad``, the person.
        variables : mapping of Variable, optional
            What is known about them.
        labels : mapping of str, optional
            What readers see of those that `variables` does not describe.

        Raises
        ------
        DataError
            When keys are repeated or unknown, or a dyad has two values of what belongs to it.
        StudyError
            When a name is taken or no key is given.
        """
        known = (self._variables, variables or {}, labels or {})
        columns, described = join_derived(self._rows([]), data, self.roles, self.waves, *known)
        joined = pd.concat([self._data, columns], axis=1)
        return replace(self, _data=joined, _variables={**self._variables, **described})

    def with_columns(
        self, columns: Mapping[str, pd.Series], variables: Mapping[str, Variable]
    ) -> DyadFrame:
        """Return a new frame with further columns, in the rows of `individual`.

        Parameters
        ----------
        columns : mapping of Series, each of shape (rows of `individual`,)
        variables : mapping of Variable
            What is known about each of them; they come before the others.

        Raises
        ------
        StudyError
            When a name is taken.
        """
        taken = sorted({*columns} & {*self._data.columns})
        if taken:
            raise StudyError(f"The frame already has {listed(taken)}; give it another name.")
        data = pd.concat([self._data, pd.DataFrame(dict(columns))], axis=1)
        return replace(self, _data=data, _variables={**variables, **self._variables})

    def with_notes(self, *notes: str) -> DyadFrame:
        """Return a new frame that carries further notes."""
        return replace(self, notes=(*self.notes, *notes))

    def _to_wide(self, variables: Sequence[str] | None = None) -> pd.DataFrame:
        chosen, whole = self._choose(variables), variables is None
        return to_wide(self._rows(chosen), chosen, self._slots(), self.waves, whole=whole)

    def _rows(self, names: Iterable[str], where: pd.Series | None = None) -> pd.DataFrame:
        chosen = [*(name for name in FRONT if name in self._data), *names]
        rows = self._data[chosen] if where is None else self._data.loc[where, chosen]
        return plain(rows, self._coded)

    def _hidden(self) -> list[str]:
        return ["member"] * (not self.exchangeable) + ["wave"] * (not self.waves)

    def _choose(self, names: Sequence[str] | None) -> dict[str, Variable]:
        every = dict(self._variables)
        return (
            every if names is None else {r.variable.name: r.variable for r in self.resolve(names)}
        )

    def _slots(self) -> dict[str, tuple[str, ...]]:
        return {role: self.members if self.exchangeable else (role,) for role in self.roles}

    def __len__(self) -> int:
        return self.n_dyads

    def __repr__(self) -> str:
        return in_one_line(self)

    def _repr_html_(self) -> str:
        return in_html(self)
