"""What a report shows of self–other categories."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.agreement.behind import share_keys
from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.guide import SELF_OTHER
from dyadkit.agreement.self_other import CATEGORIES, CAVEAT, SelfOther
from dyadkit.agreement.shown import Shown, index_row, placed_rows
from dyadkit.display.tables import Cell, Column, Table
from dyadkit.results import Note


def show_self_other(found: Sequence[tuple[Comparison, SelfOther]], percent: str) -> Shown:
    """Lay out the shares of dyads in each category."""
    shown = Shown()
    if not found:
        return shown
    one, other = found[0][0].subject.sides
    cells = []
    for comparison, result in found:
        key = comparison.key
        row = [Cell(result.n, key)]
        ends = zip(result.shares, result.conf_low, result.conf_high, strict=True)
        named = zip(CATEGORIES, share_keys(comparison), ends, strict=True)
        for name, own, (share, low, high) in named:
            values = {"estimate": share, "conf_low": low, "conf_high": high, "n": result.n}
            place, term = comparison.columns, comparison.term
            index = f"share: {one.lower()} {name}"
            shown.rows.append(
                (index_row(index, SELF_OTHER, term, place, None, method="Wilson", **values), own)
            )
            row += [Cell(share, own), Cell((low, high), own)]
        cells.append(row)
    shown.tables = [
        Table(
            name="self_other",
            title=f"Who rates higher: {one.lower()} and {other.lower()}",
            columns=(
                Column("variable", "Variable"),
                Column("n_dyads", "Dyads", "count"),
                *(
                    column
                    for name, heading in zip(
                        ("lower", "agree", "higher"),
                        (f"{one} lower", "In agreement", f"{one} higher"),
                        strict=True,
                    )
                    for column in (
                        Column(name, "Share", "correlation", heading),
                        Column(f"{name}_conf", percent, "correlation_interval", heading),
                    )
                ),
            ),
            rows=tuple(placed_rows([comparison for comparison, _ in found], cells)),
            notes=(
                "In agreement: standardised ratings no further apart than half a standard "
                "deviation of their difference.",
            ),
        )
    ]
    shown.notes = [Note(CAVEAT)]
    shown.methods = [
        "Self–other categories follow the difference of standardised ratings, cut at half its "
        "standard deviation (Fleenor, McCauley & Brutus, 1996)."
    ]
    return shown
