"""An R script that refits a parameter table with lavaan, nothing left to its defaults."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from dyadkit.errors import StudyError
from dyadkit.sem.language.modifiers import RESERVED, number_text
from dyadkit.sem.language.partable import Parameter, ParTable

_AUTOMATIC_LABEL = re.compile(r"(?<![\w.])\.p(\d{1,9})\.(?![\w.])")
_PLAIN_LABEL = re.compile(r"[^\W\d_][\w.]*")
_WIDTH = 90
_SETTINGS = (
    "int.ov.free",
    "int.lv.free",
    "std.lv",
    "auto.fix.first",
    "auto.fix.single",
    "auto.var",
    "auto.cov.lv.x",
    "auto.cov.y",
)

Option = bool | float | str | Sequence[str]


def to_lavaan_script(
    table: ParTable,
    *,
    data_file: str = "data.csv",
    group: str | None = None,
    group_labels: Sequence[str] = (),
    options: Mapping[str, Option] | None = None,
) -> str:
    """Write an R script that fits the same model to a CSV file with lavaan.

    Parameters
    ----------
    table : ParTable
        The model.
    data_file : str
        The file that the script reads.
    group : str, optional
        Column of the groups, needed where there are several.
    group_labels : sequence of str
        The groups in the table's order.
    options : mapping, optional
        Further arguments of ``lavaan()``, such as ``{"missing": "fiml"}``.

    Returns
    -------
    str
        The script.  Each parameter but the sample's moments of exogenous variables is written
        out, free or with its value, so that lavaan adds and fixes nothing by itself.

    Raises
    ------
    StudyError
        For several groups without the name of their column.

    Examples
    --------
    >>> from dyadkit.sem.language.partable import build_partable
    >>> table = build_partable("trust =~ t1 + t2 + t3")
    >>> print(to_lavaan_script(table, options={"missing": "fiml"}))
    library(lavaan)
    <BLANKLINE>
    data <- read.csv("data.csv", check.names = FALSE, fileEncoding = "UTF-8")
    <BLANKLINE>
    model <- '
      trust =~ 1*t1 + t2 + t3
      t1 ~~ t1
      t2 ~~ t2
      t3 ~~ t3
      trust ~~ trust
    '
    <BLANKLINE>
    fit <- lavaan(
      model, data = data, fixed.x = TRUE, meanstructure = FALSE,
      int.ov.free = FALSE, int.lv.free = FALSE, std.lv = FALSE, auto.fix.first = FALSE,
      auto.fix.single = FALSE, auto.var = FALSE, auto.cov.lv.x = FALSE, auto.cov.y = FALSE,
      missing = "fiml"
    )
    summary(fit, fit.measures = TRUE, standardized = TRUE)
    """
    if table.n_groups > 1 and group is None:
        raise StudyError(
            f"The model has {table.n_groups} groups. Name the column that holds them (group=), so "
            "that the script can fit them."
        )
    arguments = [
        "model",
        "data = data",
        f"fixed.x = {_literal(table.fixed_x)}",
        f"meanstructure = {_literal(table.meanstructure)}",
        *(f"{name} = FALSE" for name in _SETTINGS),
    ]
    if table.ordered:
        names = [name for name, _ in table.ordered]
        arguments += [
            f"ordered = {_literal(names)}",
            f"parameterization = {_literal(table.parameterization)}",
            "auto.th = FALSE",
            "auto.delta = FALSE",
        ]
    if group is not None:
        arguments.append(f"group = {_literal(group)}")
        if group_labels:
            arguments.append(f"group.label = {_literal(group_labels)}")
    arguments += [f"{name} = {_literal(value)}" for name, value in (options or {}).items()]
    model = to_lavaan_model(table).replace("'", "\\'")
    indented = "\n".join(f"  {line}" for line in model.splitlines())
    return "\n".join(
        [
            "library(lavaan)",
            "",
            f'data <- read.csv({_literal(data_file)}, check.names = FALSE, fileEncoding = "UTF-8")',
            "",
            f"model <- '\n{indented}\n'",
            "",
            "fit <- lavaan(",
            *(f"  {line}" for line in _filled(arguments, ", ")),
            ")",
            "summary(fit, fit.measures = TRUE, standardized = TRUE)",
        ]
    )


def to_lavaan_model(table: ParTable) -> str:
    """Write every parameter of a table in lavaan syntax, for ``lavaan()`` without its defaults.

    Parameters
    ----------
    table : ParTable
        The model.

    Returns
    -------
    str
        The model; moments of exogenous variables that are the sample's are left to ``fixed.x``.

    Examples
    --------
    >>> from dyadkit.sem.language.partable import build_partable
    >>> print(to_lavaan_model(build_partable("y ~ c(a, a)*x + c(0, NA)*z", n_groups=2)))
    y ~ c("a","a")*x + c(0,NA)*z
    y ~~ y
    """
    labels = _labels(table)
    per_group = len(table.rows) // table.n_groups
    lines: list[str] = []
    terms: list[str] = []
    left = ""
    for position in range(per_group):
        rows = table.rows[position::per_group]
        first = rows[0]
        # Those that follow from others are lavaan's to work out.
        if first.exo or all(row.free == 0 and math.isnan(row.value) for row in rows):
            continue
        beginning = f"{first.lhs} {first.op[0] if first.op == '~1' else first.op}"
        apart = first.op in ("~~", "~1", "~*~")
        if terms and (apart or beginning != left):
            lines += _statement(left, terms)
            terms = []
        left = beginning
        terms += _terms(rows, labels)
    lines += _statement(left, terms)
    for definition in table.definitions:
        lines.append(f"{definition.name} := {_relabelled(definition.text, table, labels)}")
    for constraint in (*table.equalities, *table.inequalities):
        left, right = (
            _relabelled(side, table, labels) for side in (constraint.lhs, constraint.rhs)
        )
        lines.append(f"{left} {constraint.op} {right}")
    return "\n".join(lines)


def _statement(left: str, terms: Sequence[str]) -> list[str]:
    lines = _filled(terms, " + ", _WIDTH - len(left))
    return [f"{left} {lines[0]}", *(f"    {line}" for line in lines[1:])]


def _filled(parts: Sequence[str], separator: str, width: int = _WIDTH) -> list[str]:
    """Join parts into lines that end in the separator."""
    lines = [""]
    for position, part in enumerate(parts):
        end = separator if position < len(parts) - 1 else ""
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += part + end
    return lines


def _terms(rows: Sequence[Parameter], labels: Mapping[int, str]) -> list[str]:
    """Write one parameter of all groups: a term for each kind of modifier."""
    first = rows[0]
    if first.op == "=~" and first.lhs == first.rhs:
        return ["0"]
    name = first.rhs or "1"
    modifiers: list[str] = []
    if any(row.free == 0 for row in rows):
        modifiers.append(_vector(["NA" if r.free else number_text(r.value) for r in rows]))
    named = [
        labels.get(row.free, "") if row.free else "" if _automatic(row.label) else row.label
        for row in rows
    ]
    if any(named):
        plain = len(rows) == 1 and _PLAIN_LABEL.fullmatch(named[0]) and named[0] not in RESERVED
        modifiers.append(named[0] if plain else _vector([f'"{label}"' for label in named]))
    if not all(math.isnan(row.start) for row in rows):
        starts = [row.start if row.free else row.value for row in rows]
        texts = ["NA" if math.isnan(value) else number_text(value) for value in starts]
        modifiers.append(f"start({_vector(texts)})")
    for bound in ("lower", "upper"):
        values: list[float] = [getattr(row, bound) for row in rows]
        if any(math.isfinite(value) for value in values):
            modifiers.append(f"{bound}({_vector([number_text(value) for value in values])})")
    return [f"{modifier}*{name}" for modifier in modifiers] or [name]


def _vector(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"c({','.join(texts)})"


def _automatic(label: str) -> bool:
    return _AUTOMATIC_LABEL.fullmatch(label) is not None


def _labels(table: ParTable) -> dict[int, str]:
    """Return the label of each free parameter that needs one."""
    written: dict[int, str] = {}
    count: dict[int, int] = {}
    taken = {*table.observed, *table.latent, *(d.name for d in table.definitions)}
    for row in table.rows:
        taken.add(row.label)
        if row.free:
            count[row.free] = count.get(row.free, 0) + 1
            if row.label and not _automatic(row.label):
                written.setdefault(row.free, row.label)
    texts = [definition.text for definition in table.definitions]
    texts += [constraint.text for constraint in (*table.equalities, *table.inequalities)]
    named = {int(n) for text in texts for n in _AUTOMATIC_LABEL.findall(text)}
    wanted = {number for number, rows in count.items() if rows > 1}
    wanted |= {table.rows[n - 1].free for n in named} - {0}
    for number in sorted(wanted - set(written)):
        label = f"p{number}"
        while label in taken:
            label += "_"
        taken.add(label)
        written[number] = label
    return written


def _relabelled(text: str, table: ParTable, labels: Mapping[int, str]) -> str:
    """Put labels in place of lavaan's automatic ones, whose numbers differ in the script."""

    def label(match: re.Match[str]) -> str:
        row = table.rows[int(match[1]) - 1]
        return labels[row.free] if row.free else f"({number_text(row.value)})"

    return _AUTOMATIC_LABEL.sub(label, text)


def _literal(value: Option) -> str:
    """Return a value as R reads it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, int | float):
        return number_text(float(value))
    return f"c({', '.join(_literal(part) for part in value)})"
