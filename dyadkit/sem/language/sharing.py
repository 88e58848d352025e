"""Which rows of the table are one parameter: shared labels, and groups held equal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dyadkit.errors import StudyError, listed, nearest
from dyadkit.sem.language.defaults import Options, Row
from dyadkit.sem.language.tokens import problem
from dyadkit.sem.language.vocabulary import Vocabulary


def share(
    rows: Sequence[Row], vocabulary: Vocabulary, options: Options
) -> tuple[list[int], tuple[str, ...], list[str]]:
    """Number the free parameters, one number for all rows with one label.

    A label that a fixed parameter has fixes all that share it.  Of several bounds the widest holds.

    Parameters
    ----------
    rows : sequence of Row
        The table; rows that share a parameter are changed to agree.
    vocabulary : Vocabulary
        The variables.
    options : Options
        The settings.

    Returns
    -------
    numbers : list of int
        For each row 0 or the number of its free parameter, from 1.
    names : tuple of str
        What each free parameter is called.
    notes : list of str
        What the reader must know.

    Raises
    ------
    StudyError
        If rows that share a label are fixed at different values, and for an exemption
        (`group_partial`) that is no parameter.
    """
    keys = _keys(rows, vocabulary, options)
    classes: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        classes.setdefault(key, []).append(position)
    notes = []
    for key, members in classes.items():
        if len(members) > 1:
            notes += _agree(key, [rows[i] for i in members], f".p{members[0] + 1}.")
    numbers: dict[str, int] = {}
    names: list[str] = []
    result = []
    for row, key in zip(rows, keys, strict=True):
        if not row.free:
            row.lower, row.upper = -math.inf, math.inf
            result.append(0)
            continue
        if key not in numbers:
            names.append(row.label or row.name)
            numbers[key] = len(names)
        result.append(numbers[key])
    return result, tuple(names), notes


def _agree(key: str, members: Sequence[Row], automatic: str) -> list[str]:
    """Make rows that are one parameter agree; say so where that fixes a free one."""
    fixed = [row for row in members if not row.free]
    if not fixed:
        for row in members:
            row.label = row.label or automatic
        lows = [row.lower for row in members if math.isfinite(row.lower)]
        highs = [row.upper for row in members if math.isfinite(row.upper)]
        for row in members:
            row.lower = min(lows, default=-math.inf)
            row.upper = max(highs, default=math.inf)
        return []
    value = fixed[0].value
    for row in fixed:
        if row.value != value:
            raise problem(
                row.place,
                f"{fixed[0].name} and {row.name} are {_why(key, row)}, but are fixed at {value:g} "
                f"and {row.value:g}. Give them one value, or {_remedy(row)}.",
            )
    bound = [row for row in members if row.free]
    for row in bound:
        row.fix(value)
    if not bound:
        return []
    how = f"shares the label '{key}'" if bound[0].label else "is held equal"
    return [
        f"{listed([row.name for row in bound])} {how} with {fixed[0].name}, which is fixed at "
        f"{value:g}, and so is fixed at {value:g} too."
    ]


def _why(key: str, row: Row) -> str:
    return f"one parameter, by the label '{key}'" if row.label else "held equal in groups"


def _remedy(row: Row) -> str:
    if row.label:
        return "two labels"
    return f"exempt them by group_partial='{row.lhs}{row.op}{row.rhs}'"


def _keys(rows: Sequence[Row], vocabulary: Vocabulary, options: Options) -> list[str]:
    """Return for each row its label, or a name that rows held equal in groups have in common."""
    keys = [row.name for row in rows]
    if options.n_groups > 1 and options.group_equal:
        equal: dict[tuple[str, str, str], str] = {}
        first = [row for row in rows if row.group == 1]
        exempt = _exempt(first, options)
        for row in first:
            if _kind(row, vocabulary) in options.group_equal and row.name not in exempt:
                equal[row.lhs, row.op, row.rhs] = row.name
        keys = [
            equal.get((row.lhs, row.op, row.rhs), key) for row, key in zip(rows, keys, strict=True)
        ]
    return [row.label or key for row, key in zip(rows, keys, strict=True)]


def _exempt(first: Sequence[Row], options: Options) -> frozenset[str]:
    names = [row.name for row in first]
    for name in options.group_partial:
        if name not in names:
            raise StudyError(
                f"group_partial names '{name}', which is no parameter of the model."
                f"{nearest(name, names)} Write it as its row stands in the table: f=~x2, x2~1, "
                "y~x, x1~~x2."
            )
    return frozenset(options.group_partial)


def _kind(row: Row, vocabulary: Vocabulary) -> str:
    """Return what `group_equal` calls a parameter; empty where it has no name for it."""
    if row.op == "|":
        return "thresholds"
    if not row.free and math.isnan(row.value):
        return ""
    if row.op == "=~":
        return "loadings"
    if row.op == "~":
        return "regressions"
    if row.op == "~1":
        kinds = "intercepts", "means"
    elif row.op == "~*~":
        return ""
    elif row.lhs == row.rhs:
        kinds = "residuals", "lv.variances"
    else:
        kinds = "residual.covariances", "lv.covariances"
    if row.lhs in vocabulary.latent:
        return kinds[1]
    return kinds[0] if row.lhs in vocabulary.other_observed else ""
