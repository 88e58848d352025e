"""A model as an input file of Mplus."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from dyadkit.errors import Refused
from dyadkit.sem.language.partable import Parameter, ParTable

_LONGEST = 8
_WIDTH = 80


def mplus_names(names: Sequence[str]) -> dict[str, str]:
    """Shorten names to Mplus's eight characters, each to another one.

    Examples
    --------
    >>> mplus_names(["trust_mentor_t1", "trust_mentor_t2", "x"])
    {'trust_mentor_t1': 'TRUST_ME', 'trust_mentor_t2': 'TRUST_M2', 'x': 'X'}
    """
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII).upper()
        plain = plain if plain[:1].isalpha() else f"V{plain}"
        short, number = plain[:_LONGEST], 2
        while short in found.values():
            tail = str(number)
            short, number = plain[: _LONGEST - len(tail)] + tail, number + 1
        found[name] = short
    return found


def to_mplus_input(
    table: ParTable,
    *,
    columns: Sequence[str],
    data_file: str,
    estimator: str,
    group: str | None = None,
    group_labels: Sequence[str] = (),
    cluster: str | None = None,
    weights: str | None = None,
) -> str:
    """Write every parameter of a table as Mplus has it.

    Parameters
    ----------
    table : ParTable
    columns : sequence of str
        The columns of the data file in their order.
    data_file : str
        A file of numbers without a heading; -999 is missing, groups are numbered from 1.
    estimator : str
        ``"ML"``, ``"MLR"`` or ``"MLM"``.
    group, group_labels, cluster, weights
        The design, by columns.

    Raises
    ------
    Refused
        For inequality constraints.
    """
    if table.inequalities:
        raise Refused(
            "Inequality constraints are not written for Mplus, whose syntax for them differs by "
            "estimator. Leave them out, or write the model for lavaan (to_lavaan)."
        )
    names = mplus_names([*columns, *(n for n in table.latent if n not in columns)])
    labels = _labels(table)
    used = [n for n in columns if n in table.observed]
    lines = ["TITLE: a model written by dyadkit;", f'DATA: FILE = "{data_file}";', "VARIABLE:"]
    lines += _filled("  NAMES =", [names[n] for n in columns])
    lines += _filled("  USEVARIABLES =", [names[n] for n in used])
    lines.append("  MISSING = ALL (-999);")
    if group is not None:
        values = " ".join(f"{k} = g{k}" for k in range(1, table.n_groups + 1))
        lines.append(f"  GROUPING = {names[group]} ({values});")
        lines += [f"  ! g{k} is {label}" for k, label in enumerate(group_labels, 1)]
    if cluster is not None:
        lines.append(f"  CLUSTER = {names[cluster]};")
    if weights is not None:
        lines.append(f"  WEIGHT = {names[weights]};")
    lines.append("ANALYSIS:")
    if cluster is not None:
        lines.append("  TYPE = COMPLEX;")
    lines += [f"  ESTIMATOR = {estimator};", "  MODEL = NOCOVARIANCES;"]
    if not table.meanstructure:
        lines.append("  MODEL = NOMEANSTRUCTURE;")
    shared = table.n_groups > 1
    for number in range(1, table.n_groups + 1):
        rows = [row for row in table.rows if row.group == number and not row.exo]
        if number == 1:
            lines.append("MODEL:")
            lines += [f"  {_statement(row, names, {})}" for row in rows]
        if shared:
            lines.append(f"MODEL g{number}:")
            lines += [f"  {_statement(row, names, labels)}" for row in rows]
        elif labels:
            start = len(lines) - len(rows)
            lines[start:] = [f"  {_statement(row, names, labels)}" for row in rows]
    constraints = [f"  0 = {c.lhs} - ({c.rhs});" for c in table.equalities]
    if table.definitions or constraints:
        lines.append("MODEL CONSTRAINT:")
        if table.definitions:
            lines += _filled("  NEW (", [d.name for d in table.definitions], ");")
        lines += [f"  {d.name} = {d.text.replace('^', '**')};" for d in table.definitions]
        lines += [text.replace("^", "**") for text in constraints]
    lines += ["OUTPUT: STANDARDIZED;", ""]
    return "\n".join(lines)


def _statement(row: Parameter, names: Mapping[str, str], labels: Mapping[int, str]) -> str:
    amount = "*" if row.free else f"@{row.value:.10g}"
    if row.free and not math.isnan(row.start):
        amount = f"*{row.start:.10g}"
    label = f" ({labels[row.free]})" if row.free in labels else ""
    if row.op == "~1":
        return f"[{names[row.lhs]}{amount}]{label};"
    if row.op == "~~" and row.lhs == row.rhs:
        return f"{names[row.lhs]}{amount}{label};"
    word = {"=~": "BY", "~": "ON", "~~": "WITH"}[row.op]
    return f"{names[row.lhs]} {word} {names[row.rhs]}{amount}{label};"


def _labels(table: ParTable) -> dict[int, str]:
    """Return the labels that are written, and one for each parameter of several rows."""
    found: dict[int, str] = {}
    count: dict[int, int] = {}
    for row in table.rows:
        if row.free:
            count[row.free] = count.get(row.free, 0) + 1
            if row.label and not row.label.startswith("."):
                found.setdefault(row.free, row.label)
    for number, rows in count.items():
        if rows > 1:
            found.setdefault(number, f"p{number}")
    return found


def _filled(start: str, words: Sequence[str], end: str = ";") -> list[str]:
    lines = [start]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > _WIDTH:
            lines.append("   ")
        lines[-1] += f" {word}"
    lines[-1] += end
    return lines
