r"""Auxiliary variables: those that say why scores are missing, but that the model is not about.

As *saturated correlates* (Graham, 2003) they covary freely with each other and with every observed
variable (the residual of one that something leads to), so that full information draws on them and
nothing else about the model changes: its degrees of freedom stay.  The baseline model has them too.

References
----------
Graham, J. W. (2003). Adding missing-data-relevant variables to FIML-based structural equation
models. Structural Equation Modeling, 10, 80-100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import inf, nan

import numpy as np

from dyadkit.estimation.arrays import IntArray
from dyadkit.sem.language.partable import Parameter, ParTable


def with_auxiliary(table: ParTable, names: Sequence[str]) -> ParTable:
    """Add auxiliary variables to a model, after everything else in each group.

    Parameters
    ----------
    table : ParTable
        With a mean structure, and no moment taken from the sample.
    names : sequence of str
    """
    keys = [(name, "~~", other) for k, name in enumerate(names) for other in names[k:]]
    keys += [(name, "~1", "") for name in names]
    keys += [(name, "~~", other) for other in table.observed for name in names]
    rows: list[Parameter] = []
    called = list(table.names)
    for group in range(1, table.n_groups + 1):
        rows += [row for row in table.rows if row.group == group]
        for lhs, op, rhs in keys:
            called.append(f"{lhs}{op}{rhs}" + (f".g{group}" if group > 1 else ""))
            rows.append(_free(lhs, op, rhs, group, len(called)))
    count = len(called)
    return replace(
        table,
        rows=tuple(rows),
        names=tuple(called),
        n_free=count,
        observed=(*table.observed, *names),
        auxiliary=tuple(names),
        definitions=tuple(
            replace(d, expression=replace(d.expression, n_free=count)) for d in table.definitions
        ),
        equalities=tuple(
            replace(c, expression=replace(c.expression, n_free=count)) for c in table.equalities
        ),
        inequalities=tuple(
            replace(c, expression=replace(c.expression, n_free=count)) for c in table.inequalities
        ),
    )


def baseline_table(table: ParTable) -> ParTable:
    """Return the baseline model of one with auxiliary variables."""
    rows: list[Parameter] = []
    for group in range(1, table.n_groups + 1):
        for k, name in enumerate(table.observed):
            rows.append(_free(name, "~1", "", group, len(rows) + 1))
            for other in table.observed[k:]:
                if name == other or connected(table, name, other):
                    rows.append(_free(name, "~~", other, group, len(rows) + 1))
    return replace(
        table,
        rows=tuple(rows),
        names=tuple(f"{row.lhs}{row.op}{row.rhs}.g{row.group}" for row in rows),
        n_free=len(rows),
        latent=(),
        definitions=(),
        equalities=(),
        inequalities=(),
    )


def connected(table: ParTable, name: str, other: str) -> bool:
    """Tell whether two observed variables covary in the baseline model."""
    return (
        name in table.auxiliary
        or other in table.auxiliary
        or (name in table.exogenous and other in table.exogenous)
    )


@lru_cache(maxsize=64)
def baseline_moments(table: ParTable) -> IntArray:
    """Return the moments that the baseline model frees: lower triangle row by row, then means."""
    p = len(table.observed)
    low, high = np.tril_indices(p)
    among = [
        i == j or connected(table, table.observed[i], table.observed[j])
        for i, j in zip(low.tolist(), high.tolist(), strict=True)
    ]
    return np.flatnonzero(np.concatenate([among, np.ones(p, dtype=np.bool_)]))


def _free(lhs: str, op: str, rhs: str, group: int, number: int) -> Parameter:
    return Parameter(lhs, op, rhs, group, number, nan, nan, "", False, False, -inf, inf)
