"""Constraints and parameters beyond those of a table, for tests of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from math import inf, nan

from dyadkit.errors import StudyError
from dyadkit.sem.language.constraints import Constraint, compile_relations
from dyadkit.sem.language.defaults import Row
from dyadkit.sem.language.partable import Parameter, ParTable
from dyadkit.sem.language.syntax import Formula, Relation, parse_model
from dyadkit.sem.language.vocabulary import Vocabulary

Key = tuple[str, str, str, int]


def further_constraints(table: ParTable, model: str, text: str) -> list[Constraint]:
    """Return the constraints in a text about the parameters of a table.

    Parameters
    ----------
    table : ParTable
    model : str
        The syntax that the table was built from, for what it defines.
    text : str
        Such as ``"a == b; indirect == 0"``.

    Raises
    ------
    StudyError
        When it has something else than constraints, or a name that the model does not have.
    """
    written = parse_model(text)
    if not written or not all(isinstance(s, Relation) and s.op == "==" for s in written):
        raise StudyError(
            f"A test needs equations between labels, such as 'a == b' or 'indirect == 0', but got "
            f"{text!r}. Label the parameters in the model, as in 'y ~ a*x'."
        )
    definitions = [s for s in parse_model(model) if isinstance(s, Relation) and s.op == ":="]
    relations = [*definitions, *(s for s in written if isinstance(s, Relation))]
    rows = [
        Row(
            row.lhs,
            row.op,
            row.rhs,
            row.user,
            group=row.group,
            free=bool(row.free),
            value=row.value,
            exo=row.exo,
            label=row.label,
        )
        for row in table.rows
    ]
    vocabulary = Vocabulary(table.latent, table.observed, table.exogenous, (), (), ())
    numbers = [row.free for row in table.rows]
    return compile_relations(relations, rows, numbers, vocabulary, table.n_free)[1]


def unshared(table: ParTable) -> tuple[ParTable, list[int]]:
    """Give every free row a parameter of its own.

    Returns
    -------
    table : ParTable
        Without constraints and definitions.
    shared : list of int
        For each of its parameters the one, from 0, that it was.
    """
    rows, shared, names = [], [], []
    for row in table.rows:
        if row.free:
            shared.append(row.free - 1)
            names.append(_name(row, table))
            rows.append(replace(row, free=len(shared)))
        else:
            rows.append(row)
    return (
        replace(
            table,
            rows=tuple(rows),
            n_free=len(shared),
            names=tuple(names),
            definitions=(),
            equalities=(),
            inequalities=(),
        ),
        shared,
    )


def _name(row: Parameter, table: ParTable) -> str:
    suffix = f".g{row.group}" if row.group > 1 else ""
    return f"{row.lhs}{row.op}{row.rhs}{suffix}"


def with_freed(table: ParTable, freed: list[Key]) -> ParTable:
    """Free fixed or absent parameters, after all others and in the order given.

    Parameters
    ----------
    table : ParTable
        Of `unshared`.
    freed : list of (lhs, op, rhs, group)
    """
    rows = list(table.rows)
    where = {_key(row): number for number, row in enumerate(rows)}
    names = list(table.names)
    for lhs, op, rhs, group in freed:
        number = len(names) + 1
        place = where.get((lhs, op, rhs, group))
        row = Parameter(lhs, op, rhs, group, number, nan, nan, "", False, False, -inf, inf)
        if place is None:
            rows.append(row)
        else:
            rows[place] = row
        names.append(_name(row, table))
    return replace(table, rows=tuple(rows), n_free=len(names), names=tuple(names))


def _key(row: Parameter) -> Key:
    if row.op == "~~" and row.rhs < row.lhs:
        return (row.rhs, row.op, row.lhs, row.group)
    return (row.lhs, row.op, row.rhs, row.group)


def absent_parameters(table: ParTable) -> list[Key]:
    """Return what could be freed: fixed parameters, and those that are not in the table.

    As in lavaan: loadings on all indicators, covariances among indicators and among latent sources,
    and regressions among the variables of regressions, though not of exogenous variables whose
    moments are the sample's.
    """
    known = {_key(row) for row in table.rows}
    found = [
        (row.lhs, row.op, row.rhs, row.group) for row in table.rows if not row.free and not row.exo
    ]
    measured = {row.rhs for row in table.rows if row.op == "=~"}
    indicators = [name for name in table.observed if name in measured]
    led = {row.lhs for row in table.rows if row.op == "~"}
    leads = {row.rhs for row in table.rows if row.op == "~"}
    given = {row.lhs for row in table.rows if row.exo}
    both = list(dict.fromkeys([r.lhs for r in table.rows if r.op == "~"]))
    both += [n for n in dict.fromkeys(r.rhs for r in table.rows if r.op == "~") if n not in led]
    sources = [name for name in table.latent if name not in led | leads and name not in measured]
    for group in range(1, table.n_groups + 1):
        possible = [(f, "=~", x, group) for f in table.latent for x in indicators]
        possible += [(a, "~~", b, group) for a, b in combinations(indicators, 2)]
        possible += [(a, "~~", b, group) for a, b in combinations(sources, 2)]
        possible += [(a, "~", b, group) for a, b in permutations(both, 2) if a not in given]
        found += [key for key in possible if _ordered(key) not in known]
    return found


def _ordered(key: Key) -> Key:
    lhs, op, rhs, group = key
    return (rhs, op, lhs, group) if op == "~~" and rhs < lhs else key


def keys_of(table: ParTable, text: str) -> list[Key]:
    """Return the parameters that a text of formulas names, in every group.

    Raises
    ------
    StudyError
        When it names none, or a variable that the model does not have.
    """
    keys = []
    for statement in parse_model(text):
        if not isinstance(statement, Formula):
            raise StudyError(
                f"Parameters to add are written as formulas, such as 'y ~~ x', but got {text!r}."
            )
        keys += _of_formula(statement, table)
    return keys


def _of_formula(formula: Formula, table: ParTable) -> list[Key]:
    from dyadkit.sem.language.partable import build_partable

    small = build_partable((formula,), auto="lavaan", fixed_x=False, meanstructure=False)
    names = {*table.observed, *table.latent}
    keys = []
    for row in small.rows:
        if not row.user:
            continue
        for name in (row.lhs, row.rhs):
            if name and name not in names:
                raise StudyError(f"The model has no variable '{name}' to add a parameter to.")
        keys += [(row.lhs, row.op, row.rhs, group) for group in range(1, table.n_groups + 1)]
    return keys
