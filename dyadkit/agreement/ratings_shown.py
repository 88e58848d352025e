"""What a report shows of two ratings of one thing, by members with different roles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan
from typing import Any

from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.distances_shown import distance_cells, distance_columns, distance_rows
from dyadkit.agreement.guide import RATINGS
from dyadkit.agreement.iccs_shown import coefficient_plot, icc_table
from dyadkit.agreement.shown import Shown, estimate_cells, estimate_columns, index_row, placed_rows
from dyadkit.agreement.two_ratings import TwoRatings
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Table

Rated = tuple[Comparison, TwoRatings]


def show_ratings(rated: Sequence[Rated], percent: str) -> Shown:
    """Lay out estimates, tables, figures and sentences of all comparisons."""
    shown = Shown()
    if not rated:
        return shown
    for comparison, found in rated:
        shown.rows += [(row, comparison.key) for row in _rows(comparison, found)]
        shown.sentences.append(_sentence(comparison, found, percent))
    iccs = [(comparison, found.icc.forms) for comparison, found in rated]
    shown.tables = [
        _agreement_table(rated, percent),
        _distance_table(rated, percent),
        icc_table(iccs, percent),
    ]
    indices = [
        (comparison, name, index)
        for comparison, found in rated
        for name, index in (("ICC(A,1)", found.icc.single_agreement), ("CCC", found.concordance))
    ]
    shown.figures = [coefficient_plot(indices, percent)]
    shown.methods = list(_METHODS)
    return shown


def _rows(comparison: Comparison, found: TwoRatings) -> Iterator[dict[str, Any]]:
    def row(index: str, result: object, **more: float | int | str) -> dict[str, Any]:
        place = comparison.columns
        return index_row(index, RATINGS, comparison.term, place, result, **more)

    n, difference, limits = found.moments.n, found.difference, found.limits
    concordance = found.concordance
    yield row("mean difference", difference)
    for name in ("d_av", "d_z"):
        values = {
            "estimate": getattr(difference, name),
            "conf_low": getattr(difference, f"{name}_low"),
            "conf_high": getattr(difference, f"{name}_high"),
        }
        yield row(name, None, n=n, method="noncentral t", **values)
    if found.equivalence is not None:
        yield row("equivalence", found.equivalence, given=found.equivalence.margin)
    yield row("r", found.r, method="Fisher z")
    yield row("Spearman's rho", found.rho, method="Fisher z")
    for form in found.icc.forms:
        yield row(form.name, form, also=form.shrout_fleiss)
    yield row("CCC", concordance)
    for name in ("bias_factor", "location_shift", "scale_shift"):
        label = f"CCC {name.replace('_', ' ')}"
        yield row(label, None, estimate=getattr(concordance, name), n=n)
    yield from distance_rows(comparison, limits, found.tdi, found.coverage)
    yield row(
        "slope of differences on means",
        None,
        estimate=limits.slope,
        conf_low=limits.slope_low,
        conf_high=limits.slope_high,
        statistic=limits.slope_statistic,
        df=limits.slope_df,
        p_value=limits.slope_p,
        n=n,
        method="t",
    )


def _agreement_table(rated: Sequence[Rated], percent: str) -> Table:
    cells = [
        (
            Cell(found.moments.n, comparison.key),
            *estimate_cells(found.icc.single_agreement, comparison.key),
            Cell(found.icc.single_consistency.estimate, comparison.key),
            *estimate_cells(found.r, comparison.key),
            *estimate_cells(found.concordance, comparison.key),
            Cell(found.concordance.bias_factor, comparison.key),
        )
        for comparison, found in rated
    ]
    return Table(
        name="agreement",
        title="How far the two members agree",
        columns=(
            Column("variable", "Variable"),
            Column("n_dyads", "Dyads", "count"),
            *estimate_columns("icc_a1", "ICC(A,1)", "correlation", percent, "Absolute agreement"),
            Column("icc_c1", "ICC(C,1)", "correlation"),
            *estimate_columns("r", "r", "correlation", percent, "Correlation"),
            *estimate_columns("ccc", "CCC", "correlation", percent, "Concordance"),
            Column("bias_factor", "Bias factor", "correlation", "Concordance"),
        ),
        rows=tuple(placed_rows([comparison for comparison, _ in rated], cells)),
        notes=(
            "ICC(A,1) counts a difference in level between the two sides as disagreement, ICC(C,1) "
            "does not. CCC = concordance correlation = r × bias factor, which is 1 when means and "
            "spreads are equal.",
        ),
    )


def _distance_table(rated: Sequence[Rated], percent: str) -> Table:
    first, found = rated[0]
    one, other = first.subject.sides
    equivalence, coverage = found.equivalence, found.coverage
    columns = [
        Column("variable", "Variable"),
        Column("mean_first", one, "statistic", "Mean"),
        Column("mean_second", other, "statistic", "Mean"),
        *estimate_columns("difference", "M", "statistic", percent, "Difference"),
        Column("difference_p", "p", "p_value", "Difference"),
        Column("d_av", "d", "statistic", "Difference"),
    ]
    if equivalence is not None:
        columns.append(Column("equivalence_p", "Equivalence p", "p_value"))
    columns += distance_columns(found.tdi, coverage)
    columns.append(Column("slope_p", "Slope p", "p_value"))
    notes = (
        f"Differences are {one.lower()} minus {other.lower()}, in points of the scale. d = "
        "difference ÷ root of the two sides' average variance (d_av)."
        + (
            f" Equivalence: two one-sided tests against a margin of ±{equivalence.margin:g}."
            if equivalence is not None
            else ""
        )
        + " The limits hold 95 % of normal differences. Slope: does the difference change with the "
        "level of the pair's answers?"
    )
    cells = [_distance_cells(comparison, found) for comparison, found in rated]
    return Table(
        name="distances",
        title="How far apart the two members' answers lie",
        columns=tuple(columns),
        rows=tuple(placed_rows([comparison for comparison, _ in rated], cells)),
        notes=(notes,),
    )


def _distance_cells(comparison: Comparison, found: TwoRatings) -> tuple[Cell, ...]:
    key, difference, equivalence = comparison.key, found.difference, found.equivalence
    return (
        Cell(found.moments.mean_first, key),
        Cell(found.moments.mean_second, key),
        *estimate_cells(difference, key),
        Cell(difference.p_value, key),
        Cell(difference.d_av, key),
        *(() if equivalence is None else (Cell(equivalence.p_value, key),)),
        *distance_cells(key, found.limits, found.tdi, found.coverage),
        Cell(found.limits.slope_p, key),
    )


def _sentence(comparison: Comparison, found: TwoRatings, percent: str) -> Sentence:
    key, icc, difference = comparison.key, found.icc.single_agreement, found.difference
    one, other = (side.lower() for side in comparison.subject.sides)
    higher = (
        f"the {one} rated higher"
        if difference.conf_low > 0
        else f"the {other} rated higher"
        if difference.conf_high < 0
        else "neither side demonstrably rated higher"
    )
    # Differences that are all equal have no test.
    by = "{d}" if isnan(difference.p_value) else "{d}, {p}"
    return Sentence(
        f"{{label}}: ICC(A,1) = {{icc}}, {percent} {{interval}}, {{n}} dyads; {higher} (difference "
        f"{by}); 95 % of differences lie between {{lower}} and {{upper}}.",
        {
            "label": Cell(comparison.label),
            "icc": Cell(icc.estimate, key, "correlation"),
            "interval": Cell((icc.conf_low, icc.conf_high), key, "correlation_interval"),
            "n": Cell(found.moments.n, key, "count"),
            "d": Cell(difference.estimate, key, "statistic"),
            "p": Cell(difference.p_value, key, "p_relation"),
            "lower": Cell(found.limits.lower, key, "statistic"),
            "upper": Cell(found.limits.upper, key, "statistic"),
        },
    )


_METHODS = (
    "Agreement of two members with different roles is the intraclass correlation for absolute "
    "agreement, ICC(A,1) (McGraw & Wong, 1996) = ICC(2,1) (Shrout & Fleiss, 1979), from mean "
    "squares and not truncated at 0, with Satterthwaite-type intervals; beside it stand ICC(C,1), "
    "Pearson's correlation and Lin's (1989) concordance correlation.",
    "Limits of agreement (Bland & Altman, 1986) have exact intervals (Carkeet, 2015); the total "
    "deviation index (Lin, 2000) and the coverage probability (Lin et al., 2002) take the "
    "differences as normal.",
)
