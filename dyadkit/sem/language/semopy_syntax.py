"""A model in the syntax of semopy."""

from __future__ import annotations

from dyadkit.errors import Refused
from dyadkit.sem.language.partable import ParTable


def to_semopy_model(table: ParTable) -> str:
    """Write every path and covariance of a table, free ones bare, fixed ones with their value.

    Means are left out: semopy's models with means are wrong or refuse such models.

    Parameters
    ----------
    table : ParTable
        Of one group, without constraints between parameters.

    Raises
    ------
    Refused
        For several groups, constraints or definitions, which semopy lacks or treats differently.

    Examples
    --------
    >>> from dyadkit.sem.language.partable import build_partable
    >>> print(to_semopy_model(build_partable("f =~ x1 + x2 + x3", auto="cfa")))
    f =~ 1.0*x1
    f =~ x2
    f =~ x3
    x1 ~~ x1
    x2 ~~ x2
    x3 ~~ x3
    f ~~ f
    """
    if table.n_groups > 1 or table.equalities or table.inequalities or table.definitions:
        raise Refused(
            "semopy has no groups, and no constraints or defined parameters that mean the same. "
            "Write the model for lavaan (to_lavaan) or Mplus (to_mplus)."
        )
    shared = {row.free for row in table.rows if row.free}
    count = {n: sum(row.free == n for row in table.rows) for n in shared}
    lines = []
    for row in table.rows:
        if row.exo or row.op == "~1":
            continue
        if row.op == "~~" and {row.lhs, row.rhs} <= {*table.exogenous}:
            continue
        factor = "" if row.free else f"{row.value!r}*"
        if row.free and count[row.free] > 1:
            factor = f"{row.label or f'p{row.free}'}*"
        lines.append(f"{row.lhs} {row.op} {factor}{row.rhs}")
    return "\n".join(lines)
