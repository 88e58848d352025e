"""What lavaan assumes beyond what is written: rows of the table before they are numbered.

Added, in this order, unless written: thresholds of ordered variables; variances of all variables
but exogenous observed ones; covariances of latent variables that nothing explains, and of outcomes
that explain nothing (not under ``auto="lavaan"``); variances and covariances of exogenous observed
variables; scaling factors of ordered variables; intercepts.  What holds for ordered variables is
said in `dyadkit.sem.language.ordered`.

Of these, fixed: moments of exogenous variables at the sample's (`fixed_x`); intercepts of latent
variables at 0 (but in ``"growth"``) and those of observed ones unless `int_ov_free`; the residual
variance of a latent variable's only indicator at 0; all variances at 0 under ``"lavaan"``.  The
first loading of each latent variable is 1, or its variance (`std_lv`), unless a modifier says
otherwise.  Where groups are held equal, later ones have free latent means (equal intercepts) and
free latent variances (equal loadings with `std_lv`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from dyadkit.sem.language.modifiers import NONE, Modifiers
from dyadkit.sem.language.syntax import Formula
from dyadkit.sem.language.tokens import NOWHERE, Place, problem
from dyadkit.sem.language.vocabulary import Triple, Vocabulary, classify, in_order


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is completed; see `dyadkit.sem.language.partable.build_partable`."""

    auto: str
    fixed_x: bool
    std_lv: bool
    meanstructure: bool
    int_ov_free: bool
    n_groups: int
    group_equal: frozenset[str]
    group_partial: tuple[str, ...]
    ordered: tuple[tuple[str, int], ...] = ()
    parameterization: str = "delta"

    @property
    def automatic(self) -> bool:
        """Whether (co)variances are added and scales are set."""
        return self.auto != "lavaan"

    @property
    def int_lv_free(self) -> bool:
        """Whether means of latent variables are free."""
        return self.auto == "growth"


@dataclass(slots=True)
class Row:
    """A row in the making."""

    lhs: str
    op: str
    rhs: str
    user: bool
    modifiers: Modifiers = NONE
    place: Place = NOWHERE
    group: int = 1
    free: bool = True
    value: float = math.nan
    exo: bool = False
    label: str = ""
    lower: float = -math.inf
    upper: float = math.inf

    def fix(self, value: float) -> None:
        """Fix the parameter at a value."""
        self.free, self.value = False, value

    def release(self) -> None:
        """Free the parameter again."""
        self.free, self.value = True, math.nan

    def in_group(self, group: int) -> Row:
        """Return a copy for another group."""
        return Row(
            self.lhs,
            self.op,
            self.rhs,
            self.user,
            self.modifiers,
            self.place,
            group,
            self.free,
            self.value,
            self.exo,
        )

    @property
    def name(self) -> str:
        """What lavaan calls a parameter without a label."""
        suffix = f".g{self.group}" if self.group > 1 else ""
        return f"{self.lhs}{self.op}{self.rhs}{suffix}"


def written_rows(formulas: Sequence[Formula]) -> tuple[list[Row], Vocabulary]:
    """Return a row for each parameter that is written, and the model's variables.

    Raises
    ------
    StudyError
        For a parameter written twice, a variable regressed on itself and a latent variable
        measured by itself.
    """
    triples: list[Triple] = []
    details: list[tuple[Modifiers, Place]] = []
    seen: set[Triple] = set()
    for formula in formulas:
        for lhs in formula.lhs:
            for term in formula.terms:
                triple = _triple(lhs, formula.op, term.name)
                if triple[1] != "~~" and triple[0] == triple[2] and term.name:
                    raise problem(term.place, _itself(triple))
                if triple in seen or (triple[1] == "~~" and triple[::-1] in seen):
                    raise problem(
                        term.place,
                        f"'{' '.join(triple).strip()}' is in the model already. Keep one of the "
                        "two; several modifiers of one parameter stand in one formula: "
                        "f =~ NA*x1 + a*x1.",
                    )
                seen.add(triple)
                triples.append(triple)
                details.append((term.modifiers, term.place))
    vocabulary = classify(triples)
    turned = in_order(triples, vocabulary)
    if turned != triples:
        vocabulary = classify(turned)
    rows = [
        Row(*triple, user=True, modifiers=modifiers, place=place)
        for triple, (modifiers, place) in zip(turned, details, strict=True)
    ]
    return rows, vocabulary


def _triple(lhs: str, op: str, name: str) -> Triple:
    if name or op == "~~":
        return lhs, op, name
    return (lhs, "~1", "") if op == "~" else (lhs, op, lhs)


def _itself(triple: Triple) -> str:
    if triple[1] == "=~":
        return (
            f"'{triple[0]}' cannot be measured by itself. For a latent variable without indicators "
            f"write {triple[0]} =~ 0."
        )
    return f"'{triple[0]}' cannot be regressed on itself. For its variance write ~~."


def complete(rows: list[Row], vocabulary: Vocabulary, options: Options) -> list[Row]:
    """Return the written rows and those that lavaan adds, for each group, with its defaults.

    Parameters
    ----------
    rows : list of Row
        What is written.
    vocabulary : Vocabulary
        The variables.
    options : Options
        The settings.

    Returns
    -------
    list of Row
        Group by group; written rows first.  Modifiers are not applied yet.

    Examples
    --------
    >>> from dyadkit.sem.language.syntax import parse_model
    >>> written, vocabulary = written_rows(parse_model("y ~ x"))
    >>> options = Options("sem", True, False, False, True, 1, frozenset(), ())
    >>> [(row.name, row.free, row.exo) for row in complete(written, vocabulary, options)]
    [('y~x', True, False), ('y~~y', True, False), ('x~~x', False, True)]
    """
    written = {(row.lhs, row.op, row.rhs) for row in rows}
    added = [
        Row(*triple, user=False) for triple in _added(vocabulary, options) if triple not in written
    ]
    table = [*rows, *added]
    _set_scales(table, vocabulary, options)
    _set_added(added, vocabulary, options)
    for group in range(2, options.n_groups + 1):
        copies = [row.in_group(group) for row in table[: len(rows) + len(added)]]
        _release_in_later_group(copies, vocabulary, options)
        table += copies
    return table


def _added(vocabulary: Vocabulary, options: Options) -> Iterator[Triple]:
    for name, count in options.ordered:
        for number in range(1, count + 1):
            yield name, "|", f"t{number}"
    for name in (*vocabulary.other_observed, *vocabulary.latent):
        yield name, "~~", name
    if options.automatic:
        for one, two in combinations(vocabulary.latent_sources, 2):
            yield one, "~~", two
        for one, two in combinations(vocabulary.outcomes, 2):
            yield one, "~~", two
    for position, name in enumerate(vocabulary.exogenous):
        for other in vocabulary.exogenous[position:]:
            yield name, "~~", other
    for name, _ in options.ordered:
        yield name, "~*~", name
    if options.meanstructure:
        for name in (*vocabulary.observed, *vocabulary.latent):
            yield name, "~1", ""


def _set_scales(table: list[Row], vocabulary: Vocabulary, options: Options) -> None:
    """Fix what gives each latent variable its unit, and errors of single indicators."""
    latent = set(vocabulary.latent)
    if not options.automatic:
        for row in table:
            if row.op == "~~" and row.lhs == row.rhs and not row.user:
                row.fix(0.0)
    if options.std_lv:
        for row in table:
            if row.op == "~~" and row.lhs == row.rhs and row.lhs in latent:
                row.fix(1.0)
    if not options.automatic:
        return
    loadings = [row for row in table if row.op == "=~"]
    if not options.std_lv:
        begun: set[str] = set()
        for row in loadings:
            if row.lhs not in begun:
                begun.add(row.lhs)
                row.fix(1.0)
    indicators = Counter(row.lhs for row in loadings)
    uses = Counter(row.rhs for row in loadings)
    single = {
        row.rhs
        for row in loadings
        if indicators[row.lhs] == 1 and row.lhs != row.rhs and uses[row.rhs] == 1
    }
    for row in table:
        if row.op == "~~" and row.lhs == row.rhs and row.lhs in single and not row.user:
            row.fix(0.0)


def _set_added(added: list[Row], vocabulary: Vocabulary, options: Options) -> None:
    """Fix added intercepts at zero and moments of exogenous variables at the sample's."""
    latent = set(vocabulary.latent)
    exogenous = set(vocabulary.exogenous) if options.fixed_x else set()
    ordered = {name for name, _ in options.ordered}
    theta = options.parameterization == "theta"
    for row in added:
        if row.op == "|":
            continue
        if row.op == "~*~":
            row.fix(math.nan if theta else 1.0)
        elif row.op == "~~" and row.lhs == row.rhs and row.lhs in ordered:
            row.fix(1.0 if theta else math.nan)
        elif row.op == "~1":
            free = options.int_lv_free if row.lhs in latent else options.int_ov_free
            free &= row.lhs not in ordered
            if not free:
                row.fix(0.0)
            row.exo = row.lhs in exogenous
        else:
            row.exo = row.lhs in exogenous and row.rhs in exogenous
        if row.exo:
            row.fix(math.nan)


def _release_in_later_group(copies: list[Row], vocabulary: Vocabulary, options: Options) -> None:
    """Free latent means and variances that equal measurement in a first group identifies."""
    equal = options.group_equal
    if options.ordered and "thresholds" in equal:
        _release_scales(copies, options)
    means = not options.int_lv_free and "intercepts" in equal and "means" not in equal
    variances = options.std_lv and "loadings" in equal and "lv.variances" not in equal
    if not (means or variances):
        return
    latent = set(vocabulary.latent)
    for row in copies:
        if row.user or row.lhs not in latent:
            continue
        if (means and row.op == "~1") or (variances and row.op == "~~" and row.lhs == row.rhs):
            row.release()


def _release_scales(copies: list[Row], options: Options) -> None:
    """Free scaling factors, or residual variances, of ordered variables with equal thresholds."""
    ordered = {name for name, _ in options.ordered}
    theta = options.parameterization == "theta"
    if theta and "residuals" in options.group_equal:
        return
    for row in copies:
        own = row.lhs == row.rhs and row.op == ("~~" if theta else "~*~")
        if own and not row.user and row.lhs in ordered:
            row.release()


def apply_modifiers(rows: list[Row], options: Options) -> list[str]:
    """Give each row what its modifiers say, and return what the reader must know.

    Raises
    ------
    StudyError
        Where a modifier has neither one value nor one for each group, and where a lower bound is
        above the upper one.
    """
    notes: dict[str, None] = {}
    for row in rows:
        given = row.modifiers
        if given is NONE:
            continue
        if given.fixed:
            fixed = _of_group(row, given.fixed, options)
            if fixed is None:
                row.release()
            else:
                row.fix(fixed)
        if given.start:
            row.value = _of_group(row, given.start, options)
            if not row.free:
                notes[
                    f"{row.name} is fixed, so that its starting value {row.value:g} became the "
                    "value it is fixed at, as in lavaan. To estimate it, free it with NA*."
                ] = None
        if given.lower:
            row.lower = _of_group(row, given.lower, options)
        if given.upper:
            row.upper = _of_group(row, given.upper, options)
        if row.lower > row.upper:
            raise problem(
                row.place,
                f"the lower bound {row.lower:g} of {row.name} is above its upper bound "
                f"{row.upper:g}.",
            )
        if given.label:
            row.label = _of_group(row, given.label, options)
            if row.label and len(given.label) == 1 < options.n_groups and not options.group_equal:
                notes[
                    f"The single label '{row.label}' makes {row.lhs}{row.op}{row.rhs} equal in all "
                    f"{options.n_groups} groups. For a label in each group write c(a, b)*."
                ] = None
    return list(notes)


_Value = TypeVar("_Value")


def _of_group(row: Row, values: tuple[_Value, ...], options: Options) -> _Value:
    if len(values) == 1:
        return values[0]
    if len(values) != options.n_groups:
        raise problem(
            row.place,
            f"a modifier of {row.lhs}{row.op}{row.rhs} has {len(values)} values, but there "
            f"{'is 1 group' if options.n_groups == 1 else f'are {options.n_groups} groups'}. "
            "Give one value, or one for each group.",
        )
    return values[row.group - 1]
