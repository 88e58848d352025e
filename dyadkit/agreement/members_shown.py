"""What a report shows of two members who share one role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.distances_shown import distance_cells, distance_columns, distance_rows
from dyadkit.agreement.guide import RATINGS
from dyadkit.agreement.iccs_shown import coefficient_plot, icc_table
from dyadkit.agreement.shown import Shown, estimate_cells, estimate_columns, index_row, placed_rows
from dyadkit.agreement.two_members import TwoMembers
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Table

Likened = tuple[Comparison, TwoMembers]


def show_members(likened: Sequence[Likened], percent: str) -> Shown:
    """Lay out estimates, tables, figures and sentences of all comparisons."""
    shown = Shown()
    if not likened:
        return shown
    for comparison, found in likened:
        shown.rows += [(row, comparison.key) for row in _rows(comparison, found)]
        shown.sentences.append(_sentence(comparison, found, percent))
    iccs = [(comparison, (found.icc, found.icc_of_mean)) for comparison, found in likened]
    shown.tables = [_table(likened, percent), icc_table(iccs, percent)]
    indices = [(comparison, "ICC(1)", found.icc) for comparison, found in likened]
    shown.figures = [coefficient_plot(indices, percent)]
    shown.methods = list(_METHODS)
    return shown


def _rows(comparison: Comparison, found: TwoMembers) -> Iterator[dict[str, Any]]:
    place, term = comparison.columns, comparison.term
    for form in (found.icc, found.icc_of_mean):
        yield index_row(form.name, RATINGS, term, place, form, also=form.shrout_fleiss)
    yield index_row("double-entry r", RATINGS, term, place, found.r, method="Fisher z")
    yield from distance_rows(comparison, found.limits, found.tdi, found.coverage)


def _table(likened: Sequence[Likened], percent: str) -> Table:
    _, first = likened[0]
    cells = [
        (
            Cell(found.n, comparison.key),
            *estimate_cells(found.icc, comparison.key),
            Cell(found.icc.p_value, comparison.key),
            Cell(found.icc_of_mean.estimate, comparison.key),
            *distance_cells(comparison.key, found.limits, found.tdi, found.coverage),
        )
        for comparison, found in likened
    ]
    return Table(
        name="agreement",
        title="How far the two members agree",
        columns=(
            Column("variable", "Variable"),
            Column("n_dyads", "Dyads", "count"),
            *estimate_columns("icc_1", "ICC(1)", "correlation", percent),
            Column("icc_1_p", "p", "p_value"),
            Column("icc_k", "ICC(k)", "correlation"),
            *distance_columns(first.tdi, first.coverage),
        ),
        rows=tuple(placed_rows([comparison for comparison, _ in likened], cells)),
        notes=(
            "Members share one role, so that which of them comes first is arbitrary: only indices "
            "that do not depend on it are shown, and the limits lie about 0. p is two-sided: "
            "members may be less alike than strangers. ICC(k): of the mean of both.",
        ),
    )


def _sentence(comparison: Comparison, found: TwoMembers, percent: str) -> Sentence:
    key, icc = comparison.key, found.icc
    return Sentence(
        f"{{label}}: ICC(1) = {{icc}}, {percent} {{interval}}, {{p}}, {{n}} dyads; 95 % of "
        "differences between members are smaller than {upper}.",
        {
            "label": Cell(comparison.label),
            "icc": Cell(icc.estimate, key, "correlation"),
            "interval": Cell((icc.conf_low, icc.conf_high), key, "correlation_interval"),
            "p": Cell(icc.p_value, key, "p_relation"),
            "n": Cell(found.n, key, "count"),
            "upper": Cell(found.limits.upper, key, "statistic"),
        },
    )


_METHODS = (
    "Agreement of members who share one role is the one-way intraclass correlation, ICC(1) (McGraw "
    "& Wong, 1996) = ICC(1,1) (Shrout & Fleiss, 1979), from mean squares and not truncated at 0, "
    "with its exact F interval.",
    "Limits of agreement (Bland & Altman, 1986) lie about 0, since differences have no sign here; "
    "the total deviation index (Lin, 2000) and the coverage probability (Lin et al., 2002) do so "
    "too, take the differences as normal, and have exact chi-square intervals.",
)
