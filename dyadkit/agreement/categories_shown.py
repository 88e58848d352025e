"""What a report shows of agreement on categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan, nan
from typing import Any

from dyadkit.agreement.category_agreement import CategoryAgreement
from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.guide import CATEGORIES
from dyadkit.agreement.shown import Shown, estimate_cells, estimate_columns, index_row, placed_rows
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Table
from dyadkit.results import Note

Categorised = tuple[Comparison, CategoryAgreement]


def show_categories(found: Sequence[Categorised], percent: str, weights: str) -> Shown:
    """Lay out estimates, tables and sentences of all comparisons."""
    shown = Shown()
    if not found:
        return shown
    for comparison, agreement in found:
        shown.rows += [(row, comparison.key) for row in _rows(comparison, agreement)]
        shown.sentences.append(_sentence(comparison, agreement, percent))
        if agreement.alpha.note:
            text = f"{comparison.label}, Krippendorff's α: {agreement.alpha.note}"
            shown.notes.append(Note(text, "warning", comparison.key))
    shown.tables = [_table(found, percent), _more_table(found)]
    shown.methods = [
        "Agreement on categories beyond chance is Krippendorff's (2004) α with a bootstrap of "
        "dyads, Gwet's (2008) AC1 (AC2 with weights) with a linearised variance, and Cohen's "
        "(1968) κ with the standard error of Fleiss, Cohen and Everitt (1969); weights: "
        f"{weights}. Categories that nobody used count where they were declared.",
    ]
    return shown


def _rows(comparison: Comparison, found: CategoryAgreement) -> Iterator[dict[str, Any]]:
    def row(index: str, result: object, **more: float | int | str) -> dict[str, Any]:
        place = comparison.columns
        return index_row(index, CATEGORIES, comparison.term, place, result, **more)

    yield row("percent agreement", found.percent)
    yield row("Krippendorff's alpha", found.alpha)
    yield row(found.ac.name, found.ac)
    if found.kappa is not None:
        yield row("Cohen's kappa", found.kappa)
        n = found.kappa.n
        yield row("maximum of kappa", None, estimate=found.kappa.maximum, n=n)
        yield row("kappa / maximum", None, estimate=found.kappa.of_maximum, n=n)
    yield row("Scott's pi", found.pi)
    yield row("Brennan-Prediger", found.brennan_prediger)
    if found.margins is not None:
        yield row("equal use of categories", found.margins.homogeneity, estimate=nan)
    if not isnan(found.prevalence):
        yield row("prevalence index", None, estimate=found.prevalence, n=found.percent.n)
        yield row("bias index", None, estimate=found.bias, n=found.percent.n)


def _table(found: Sequence[Categorised], percent: str) -> Table:
    cells = []
    for comparison, agreement in found:
        key, kappa = comparison.key, agreement.kappa
        cells.append(
            (
                Cell(agreement.percent.n, key),
                Cell(agreement.percent.estimate, key),
                *estimate_cells(agreement.alpha, key),
                *estimate_cells(agreement.ac, key),
                *((Cell(None), Cell(None)) if kappa is None else estimate_cells(kappa, key)),
            )
        )
    name = " or ".join(sorted({agreement.ac.name for _, agreement in found}))
    return Table(
        name="categories",
        title="How far the two members choose the same category",
        columns=(
            Column("variable", "Variable"),
            Column("n_dyads", "Dyads", "count"),
            Column("percent", "Agree", "percent"),
            *estimate_columns("alpha", "α", "correlation", percent, "Krippendorff"),
            *estimate_columns("ac", name, "correlation", percent, "Gwet"),
            *estimate_columns("kappa", "κ", "correlation", percent, "Cohen"),
        ),
        rows=tuple(placed_rows([comparison for comparison, _ in found], cells)),
        notes=(
            "Agree: share of dyads that agree, partly where categories are weighted. κ falls when "
            "nearly all choose one category, though they agree; AC does not.",
        ),
    )


def _more_table(found: Sequence[Categorised]) -> Table:
    cells = []
    for comparison, agreement in found:
        key, kappa = comparison.key, agreement.kappa
        values = (
            len(agreement.counted.values),
            None if kappa is None else kappa.maximum,
            None if kappa is None else kappa.of_maximum,
            agreement.pi.estimate,
            agreement.brennan_prediger.estimate,
            agreement.prevalence,
            agreement.bias,
            None if agreement.margins is None else agreement.margins.homogeneity.p_value,
        )
        cells.append([Cell(value, key) for value in values])
    return Table(
        name="categories_more",
        title="Other ideas of chance, and why κ may be low",
        columns=(
            Column("variable", "Variable"),
            Column("n_categories", "Categories", "count"),
            Column("kappa_max", "Largest κ", "correlation"),
            Column("kappa_share", "κ ÷ largest", "correlation"),
            Column("pi", "Scott's π", "correlation"),
            Column("brennan_prediger", "Brennan–Prediger", "correlation"),
            Column("prevalence", "Prevalence", "correlation"),
            Column("bias", "Bias", "correlation"),
            Column("margins_p", "Equal use p", "p_value"),
        ),
        rows=tuple(placed_rows([comparison for comparison, _ in found], cells)),
        notes=(
            "Largest κ: that the two sides' shares of the categories allow. Prevalence and bias "
            "index: of two categories only. Equal use: do both sides choose the categories equally "
            "often (Stuart–Maxwell test)?",
        ),
    )


def _sentence(comparison: Comparison, found: CategoryAgreement, percent: str) -> Sentence:
    key = comparison.key
    # With weights, near categories agree in part, and the share is no number of dyads.
    agree = (
        "{share} of {n} dyads agree"
        if found.ac.name == "AC1"
        else "weighted agreement is {share} in {n} dyads"
    )
    return Sentence(
        f"{{label}}: {agree}; Krippendorff's α = {{alpha}}, {percent} {{interval}}, "
        f"{found.ac.name} = {{ac}}.",
        {
            "label": Cell(comparison.label),
            "share": Cell(found.percent.estimate, key, "percent"),
            "n": Cell(found.percent.n, key, "count"),
            "alpha": Cell(found.alpha.estimate, key, "correlation"),
            "interval": Cell(
                (found.alpha.conf_low, found.alpha.conf_high), key, "correlation_interval"
            ),
            "ac": Cell(found.ac.estimate, key, "correlation"),
        },
    )
