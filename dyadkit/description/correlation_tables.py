"""Correlations laid out: below reliabilities, with p and n of each, and shaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dyadkit.answers.places import Place
from dyadkit.description.correlations import Pair
from dyadkit.description.means import Described
from dyadkit.description.reliabilities import ScaleReliability
from dyadkit.display.figures import HeatMap
from dyadkit.display.formats import Format, statistic_style
from dyadkit.display.tables import Cell, Column, Row, Table

_BLANK = Cell("")


def correlation_table(
    found: Sequence[Described],
    pairs: Sequence[Pair],
    reliabilities: Mapping[str, ScaleReliability],
    *,
    exchangeable: bool,
) -> Table:
    """Lay out means, standard deviations and correlations, reliabilities on the diagonal."""
    by_key = {(pair.first.key, pair.second.key): pair for pair in pairs}
    rows = []
    for row, entry in enumerate(found):
        place, moments = entry.place, entry.moments
        style = statistic_style(moments.sd)
        cells = [
            Cell(_numbered(row, place)),
            Cell(moments.mean, place.key, style),
            Cell(moments.sd, place.key, style),
            *(_estimate(by_key[other.place.key, place.key]) for other in found[:row]),
            _diagonal(reliabilities.get(place.key)),
        ]
        blank = len(found) - row - 1
        rows.append(Row((*cells, *([_BLANK] * blank))))
    counted = "persons who gave both answers" if exchangeable else "dyads in which both were given"
    scales = any(entry.alpha is not None for entry in reliabilities.values())
    return Table(
        name="correlations",
        title="Means, standard deviations and correlations"
        + (", with reliabilities (α) on the diagonal" if scales else ""),
        columns=(
            Column("variable", "Variable"),
            Column("mean", "M", "statistic"),
            Column("sd", "SD", "statistic"),
            *_numbers("r", len(found), "correlation"),
        ),
        rows=tuple(rows),
        notes=(
            f"Pearson correlations over the {counted}. A dash on the diagonal: no α, because it is "
            "a single value or too few answered."
            if scales
            else f"Pearson correlations over the {counted}.",
        ),
    )


def p_and_n_table(found: Sequence[Described], pairs: Sequence[Pair], *, tested: bool) -> Table:
    """Lay out the exact p and the n of every correlation."""
    by_key = {(pair.first.key, pair.second.key): pair for pair in pairs}
    rows = []
    for row, entry in enumerate(found):
        cells = [Cell(_numbered(row, entry.place))]
        for column, other in enumerate(found):
            if column == row:
                cells.append(_BLANK)
            elif column < row:
                pair = by_key[other.place.key, entry.place.key]
                p = Cell(pair.found.p_value if pair.found else None, pair.support.key)
                cells.append(p if tested else _BLANK)
            else:
                pair = by_key[entry.place.key, other.place.key]
                n = pair.found.n if pair.found else None
                cells.append(Cell(n, pair.support.key, "count"))
        rows.append(Row(tuple(cells)))
    return Table(
        name="correlations-p-and-n",
        title="Exact p (below the diagonal) and n (above) of each correlation"
        if tested
        else "n of each correlation",
        columns=(Column("variable", "Variable"), *_numbers("p_or_n", len(found), "p_value")),
        rows=tuple(rows),
        notes=("The p-values are two-sided and not corrected for their number.",) if tested else (),
    )


def partner_table(places: Sequence[Place], pairs: Sequence[Pair]) -> Table:
    """Lay out the correlations of one exchangeable member with the other."""
    by_key = {(pair.first.key, pair.second.key): pair for pair in pairs}
    rows = []
    for row, place in enumerate(places):
        cells = [_estimate(by_key[other.key, place.key]) for other in places[: row + 1]]
        blank = len(places) - row - 1
        n = by_key[place.key, place.key]
        count = Cell(n.found.n if n.found else None, n.support.key)
        rows.append(Row((Cell(_numbered(row, place)), count, *cells, *([_BLANK] * blank))))
    return Table(
        name="correlations-partners",
        title="Correlations between partners",
        columns=(
            Column("variable", "Variable"),
            Column("n_dyads", "Dyads", "count"),
            *_numbers("r", len(places), "correlation"),
        ),
        rows=tuple(rows),
        notes=(
            "Double-entry correlations of one member's answer (row) with the other member's "
            "(column). Dyads = those in which both members answered the variable of the row. "
            "The analysis of non-independence tests the diagonal.",
        ),
    )


def correlation_map(places: Sequence[Place], pairs: Sequence[Pair]) -> HeatMap:
    """Shade the correlations."""
    by_key = {(pair.first.key, pair.second.key): pair for pair in pairs}
    cells = tuple(
        tuple(
            _estimate(by_key[other.key, place.key]) if column < row else Cell(None)
            for column, other in enumerate(places[:-1])
        )
        for row, place in enumerate(places)
    )
    return HeatMap(
        name="correlations",
        title="Correlations",
        alt="Shaded grid of the correlations that the table of correlations lists.",
        row_labels=tuple(_numbered(row, place) for row, place in enumerate(places))[1:],
        column_labels=tuple(str(number) for number in range(1, len(places))),
        cells=cells[1:],
        style="correlation",
        low=-1.0,
        high=1.0,
    )


def _numbered(row: int, place: Place) -> str:
    return f"{row + 1}. {place.label}"


def _numbers(name: str, count: int, style: Format) -> tuple[Column, ...]:
    return tuple(Column(f"{name}_{n}", str(n), style) for n in range(1, count + 1))


def _estimate(pair: Pair) -> Cell:
    return Cell(pair.found.estimate if pair.found else None, pair.support.key)


def _diagonal(entry: ScaleReliability | None) -> Cell:
    if entry is None or entry.alpha is None:
        return Cell(None)
    return Cell(entry.alpha.estimate, entry.support.key, "reliability")
