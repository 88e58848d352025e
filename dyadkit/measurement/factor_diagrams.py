"""Path diagrams of factor models of both members' items, with standardised loadings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, nan

from dyadkit.display.figures import Node, Path, PathFigure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell
from dyadkit.measurement.dyadic_models import LABELS, Kind

Standardised = Mapping[tuple[str, str, str], float]
"""Standardised estimates by left-hand side, operator and right-hand side."""

# Where factors stand: members' factors between the items or, to leave the room between these to
# the factor of the dyad, on the outside of them.
_COLUMNS: dict[Kind, dict[str, float]] = {
    "correlated": {"items_1": 0, "f1": 1, "f2": 2, "items_2": 3},
    "one_factor": {"items_1": 0, "dyad": 1, "items_2": 2},
    "hierarchical": {"items_1": 0, "f1": 1, "dyad": 1.5, "f2": 2, "items_2": 3},
    "bifactor": {"f1": 0, "items_1": 1, "dyad": 2, "items_2": 3, "f2": 4},
}
_ABOVE = 3.0
"""How many rows a factor of the dyad stands above those of the members."""
_SEEN: dict[Kind, str] = {
    "correlated": "a factor for each member's items, and an arrow with two heads between factors",
    "one_factor": "one factor for the items of both members",
    "hierarchical": "a factor for each member's items, and a factor of the dyad above these",
    "bifactor": "a factor for each member's items, and a factor of the dyad for the items of both",
}


def factor_diagram(
    kind: Kind,
    values: Standardised,
    items: Sequence[str],
    sides: tuple[str, str],
    *,
    label: str,
    key: str,
    remark: str = "",
    hidden: frozenset[str] = frozenset(),
) -> PathFigure:
    """Draw a model of `dyadkit.measurement.dyadic_models` as a path diagram.

    Parameters
    ----------
    kind : {"correlated", "one_factor", "hierarchical", "bifactor"}
    values : mapping
        The standardised solution, such as ``{("f1", "=~", "q1_1"): 0.7}``, where the items of
        member 1 end in ``_1``, and those of member 2 in ``_2``.  Of ``~~`` it holds the
        correlation of factors and those of the residuals of the same item.
    items : sequence of str
    sides : pair of str
        What the members are called.
    label : str
        The scale.
    key : str
        Who supports the estimates.
    remark : str
        What the caption says at its end.
    hidden : frozenset of str
        Keys of what is hidden: where `key` is among them, the caption says nothing of estimates.

    Examples
    --------
    >>> loadings = {("dyad", "=~", f"q{n}_{m}"): 0.7 for n in (1, 2, 3) for m in (1, 2)}
    >>> spec = factor_diagram(
    ...     "one_factor", loadings, ["q1", "q2", "q3"], ("Mentor", "Developee"), label="Trust",
    ...     key="all",
    ... )
    >>> [node.label for node in spec.nodes if node.factor], len(spec.paths)
    (['Dyad'], 6)
    """
    columns = _COLUMNS[kind]
    names = {"f1": sides[0], "f2": sides[1], "dyad": "Dyad"}
    above = kind == "hierarchical"
    middle = (len(items) - 1) / 2
    first = max(_ABOVE - middle, 0.0) if above else 0.0
    nodes = []
    for name, column in columns.items():
        if name in names:
            row = first + middle - _ABOVE * (above and name == "dyad")
            nodes.append(Node(name, names[name], column, row, factor=True))
        else:
            nodes += [
                Node(f"{item}_{name[-1]}", item, column, first + place)
                for place, item in enumerate(items)
            ]
    headings = {int(columns[f"items_{member}"]): sides[member - 1] for member in (1, 2)}
    correlation = [("f1", "~~", "f2")] if kind == "correlated" else []
    paths = [
        Path(start, end, Cell(value, key, "correlation"), both=operator == "~~")
        for (start, operator, end), value in values.items()
        if operator == "=~" or (start, operator, end) in correlation
    ]
    return PathFigure(
        name=f"diagram_{kind}",
        title=f"{LABELS[kind]}: {label}",
        alt=f"Path diagram of {label}: {_SEEN[kind]}. Standardised loadings stand on the arrows, "
        "those of items as in the table.",
        nodes=tuple(nodes),
        paths=tuple(paths),
        caption=" ".join(_caption(kind, () if key in hidden else _residuals(values, items)))
        + (f" {remark}" if remark and key not in hidden else ""),
        headings=tuple(headings.get(column, "") for column in range(max(headings) + 1)),
    )


def _residuals(values: Standardised, items: Sequence[str]) -> tuple[float, ...]:
    """Return the correlations of residuals, where all of them are known."""
    found = [values.get((f"{item}_1", "~~", f"{item}_2"), nan) for item in items]
    return tuple(found) if all(isfinite(r) for r in found) else ()


def _caption(kind: Kind, residuals: Sequence[float]) -> Iterator[str]:
    yield "Standardised loadings" + (
        " and the correlation of factors." if kind == "correlated" else "."
    )
    if kind == "bifactor":
        yield "Factors are not correlated."
    span = ""
    if residuals:
        low, high = (format_value(end(residuals), "correlation") for end in (min, max))
        span = f" (r = {low})" if low == high else f" (r from {low} to {high})"
    yield f"Residuals, which correlate between members item by item{span}, are not drawn."
