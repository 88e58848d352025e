"""What a report shows of measurement invariance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from dyadkit.display.figures import Figure
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.frame import Variable
from dyadkit.measurement.climbing import CFI_FALL, RMSEA_RISE, Climb, Climbed, measure
from dyadkit.measurement.invariance_figures import change_plot, sizes_plot
from dyadkit.measurement.ladder import EQUAL, KINDS, Free
from dyadkit.results import Note, Verdict

# What may be compared once a step holds.
ALLOWS = {
    "loadings": "covariances and paths",
    "intercepts": "means of the factor",
    "residuals": "means and variances of scores",
    "variances": "one variance for all",
    "means": "one mean for all",
}
WORDS = {
    "loadings": "loadings",
    "intercepts": "intercepts",
    "residuals": "residual variances",
    "variances": "factor variances",
    "means": "factor means",
}
# The analyses that compare roles, waves or groups.
_COMPARING = (
    *("descriptives", "nonindependence", "agreement", "apim", "diary", "one_with_many", "teams"),
)


@dataclass(slots=True)
class Shown:
    """Estimates, tables, figures, words and verdicts of all ladders."""

    rows: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def show_climbs(
    climbs: Sequence[Climb],
    variable: Variable,
    free: Sequence[Free],
    estimator: str,
    confidence: float,
) -> Shown:
    """Lay out all ladders of a scale."""
    shown = Shown()
    for climb in climbs:
        key = climb.ladder.name
        shown.rows += [(row, key) for row in _rows(climb, variable)]
        shown.sentences.append(_sentence(climb))
        shown.verdicts += _verdicts(climb, variable)
        shown.notes += _notes(climb, variable)
    shown.tables.append(_ladder_table(climbs, estimator))
    if any(len(climb.steps) > 1 for climb in climbs):
        shown.figures += [change_plot(climbs, variable, name) for name in ("CFI", "RMSEA")]
    if any(climb.tests for climb in climbs):
        shown.tables.append(_items_table(climbs, variable))
    if any(climb.sizes for climb in climbs):
        shown.tables.append(_sizes_table(climbs, variable))
        shown.figures.append(sizes_plot(climbs, variable))
    shown.methods = list(_methods(estimator))
    if free:
        names = ", ".join(f"{each.kind} of {variable.items[each.item]}" for each in free)
        shown.notes.append(
            Note(f"Partial invariance: {names} free in every place. The choice was the study's.")
        )
    return shown


def _rows(climb: Climb, variable: Variable) -> Iterator[dict[str, Any]]:
    ladder = climb.ladder
    place = {"scale": variable.name, "ladder": ladder.name}
    for step in climb.steps:
        yield {
            "term": f"{step.step}: {ladder.name}",
            "quantity": "model",
            **place,
            "step": step.step,
            "estimate": measure(step.fit, "chisq"),
            "statistic": measure(step.fit, "chisq"),
            "df": measure(step.fit, "df"),
            "p_value": measure(step.fit, "p_value"),
            "cfi": measure(step.fit, "cfi"),
            "tli": measure(step.fit, "tli"),
            "rmsea": measure(step.fit, "rmsea"),
            "srmr": measure(step.fit, "srmr"),
            "difference": step.difference,
            "df_difference": step.df,
            "p_difference": step.p_value,
            "cfi_change": step.cfi_change,
            "rmsea_change": step.rmsea_change,
            "syntax": step.syntax,
        }
    for test in climb.tests:
        yield {
            "term": f"{test.step} of {variable.items[test.item]}: {ladder.name}",
            "quantity": "item test",
            **place,
            "step": test.step,
            "item": variable.items[test.item],
            "estimate": test.statistic,
            "statistic": test.statistic,
            "df": test.df,
            "p_value": test.p_value,
        }
    for size in climb.sizes:
        yield {
            "term": f"dMACS of {variable.items[size.item]}, {size.place}: {ladder.name}",
            "quantity": "dMACS",
            **place,
            "item": variable.items[size.item],
            "place": size.place,
            "estimate": size.size.estimate,
            "signed": size.size.signed,
        }


def _ladder_table(climbs: Sequence[Climb], estimator: str) -> Table:
    body: list[Row] = []
    for climb in climbs:
        key = climb.ladder.name
        body.append(Row((Cell(climb.ladder.label),), heading=True))
        for step in climb.steps:
            first = isnan(step.cfi_change)
            values = (
                measure(step.fit, "chisq"),
                measure(step.fit, "df"),
                measure(step.fit, "p_value"),
                measure(step.fit, "cfi"),
                measure(step.fit, "tli"),
                measure(step.fit, "rmsea"),
                measure(step.fit, "srmr"),
                step.difference,
                step.df,
                step.p_value,
                step.cfi_change,
                step.rmsea_change,
                None if first else "yes" if step.holds else "no",
            )
            name = step.step.capitalize()
            body.append(Row((Cell(name), *(Cell(value, key) for value in values))))
    return Table(
        name="ladder",
        title="Measurement invariance: each step holds more parameters equal",
        columns=(
            Column("step", "Equal"),
            Column("chisq", "χ²", "statistic"),
            Column("df", "df", "df"),
            Column("p", "p", "p_value"),
            Column("cfi", "CFI", "statistic_3"),
            Column("tli", "TLI", "statistic_3"),
            Column("rmsea", "RMSEA", "statistic_3"),
            Column("srmr", "SRMR", "statistic_3"),
            Column("difference", "Δχ²", "statistic", "Change to the step before"),
            Column("df_difference", "Δdf", "df", "Change to the step before"),
            Column("p_difference", "p", "p_value", "Change to the step before"),
            Column("cfi_change", "ΔCFI", "statistic_3", "Change to the step before"),
            Column("rmsea_change", "ΔRMSEA", "statistic_3", "Change to the step before"),
            Column("holds", "Holds", "text", "Change to the step before"),
        ),
        rows=tuple(body),
        notes=(
            f"Holds: CFI falls by no more than {CFI_FALL:.3f} and RMSEA rises by no more than "
            f"{RMSEA_RISE:.3f}".replace("0.", ".")
            + ". "
            + "; ".join(f"{step.capitalize()}: {words}" for step, words in EQUAL.items())
            + "."
            + (" After MLR, chi-squares and their differences are scaled." * (estimator == "MLR")),
        ),
    )


def _items_table(climbs: Sequence[Climb], variable: Variable) -> Table:
    body: list[Row] = []
    for climb in climbs:
        key = climb.ladder.name
        body.append(Row((Cell(climb.ladder.label),), heading=True))
        for item, name in enumerate(variable.items):
            cells = [Cell(name)]
            for step in KINDS:
                found = [t for t in climb.tests if t.item == item and t.step == step]
                cells.append(Cell(found[0].statistic if found else None, key))
                cells.append(Cell(found[0].p_value if found else None, key))
            body.append(Row(tuple(cells)))
    return Table(
        name="items",
        title="What freeing one equality of one item would gain",
        columns=(
            Column("item", "Item"),
            *(
                column
                for step in KINDS
                for column in (
                    Column(step, "χ²", "statistic", step.capitalize()),
                    Column(f"{step}_p", "p", "p_value", step.capitalize()),
                )
            ),
        ),
        rows=tuple(body),
        notes=(
            "Score tests of each item's equalities at the step that adds them. The largest of many "
            "is large by chance: free an item for a reason, not for its χ².",
        ),
    )


def _sizes_table(climbs: Sequence[Climb], variable: Variable) -> Table:
    body: list[Row] = []
    for climb in climbs:
        key = climb.ladder.name
        body.append(Row((Cell(climb.ladder.label),), heading=True))
        for size in climb.sizes:
            values = (
                size.place,
                *size.loading,
                *size.intercept,
                size.size.estimate,
                size.size.signed,
                size.size.reading,
            )
            name = variable.items[size.item]
            body.append(Row((Cell(name), *(Cell(value, key) for value in values))))
    return Table(
        name="sizes",
        title="How large the differences of items are",
        columns=(
            Column("item", "Item"),
            Column("place", "Beside the first, in"),
            Column("loading_first", "First", "statistic", "Loading"),
            Column("loading_other", "Here", "statistic", "Loading"),
            Column("intercept_first", "First", "statistic", "Intercept"),
            Column("intercept_other", "Here", "statistic", "Intercept"),
            Column("dmacs", "dMACS", "statistic"),
            Column("signed", "Signed", "statistic"),
            Column("reading", "Size"),
        ),
        rows=tuple(body),
        notes=(
            "Each item is freed in turn, the others held equal. dMACS: how far expected answers "
            "differ at the same level of the factor, in the item's standard deviations (Nye & "
            "Drasgow, 2011); signed: here minus first. Below .20 it is negligible.",
        ),
    )


def _sentence(climb: Climb) -> Sentence:
    key, ladder = climb.ladder.name, climb.ladder
    held = [step for step in climb.steps[1:] if _reached(climb, step)]
    last = held[-1].step if held else "configural"
    failed = next((step for step in climb.steps[1:] if not step.holds), None)
    allows = ALLOWS.get(last, "")
    so = f", so that {allows} may be compared" if allows else ""
    text = f"{{label}}: {EQUAL[last]} hold{so}"
    if not held:
        text = "{label}: the same items form a factor, but nothing more was shown to be equal"
    values: dict[str, Cell] = {"label": Cell(ladder.label), "n": Cell("", key)}
    if failed is not None:
        text += f"; equal {WORDS[failed.step]} do not" + " (ΔCFI = {cfi}, ΔRMSEA = {rmsea}, {p})"
        values |= {
            "cfi": Cell(failed.cfi_change, key, "statistic_3"),
            "rmsea": Cell(failed.rmsea_change, key, "statistic_3"),
            "p": Cell(failed.p_value, key, "p_relation"),
        }
    return Sentence(f"{text}.{{n}}", values)


def _reached(climb: Climb, step: Climbed) -> bool:
    """Tell whether this step and all before it hold."""
    place = climb.steps.index(step)
    return all(each.holds for each in climb.steps[: place + 1])


def _verdicts(climb: Climb, variable: Variable) -> Iterator[Verdict]:
    """Yield what holds, up to the first step that does not."""
    words = climb.ladder.words
    for step in climb.steps[1:]:
        if step.step not in ALLOWS:
            continue
        holds = _reached(climb, step)
        yield Verdict(
            variable.name,
            f"equal {step.step} across {words}",
            holds,
            f"{climb.ladder.label}: equal {WORDS[step.step]} "
            f"{'hold' if holds else 'do not hold'}; "
            f"{ALLOWS[step.step]} {'may' if holds else 'should not'} be compared.",
            _COMPARING,
        )
        if not holds:
            return


def _notes(climb: Climb, variable: Variable) -> Iterator[Note]:
    key = climb.ladder.name
    for item, why in climb.unsized:
        yield Note(f"{climb.ladder.label}: {variable.items[item]} has no dMACS. {why}", "info", key)
    if climb.stopped:
        yield Note(f"{climb.ladder.label}: {climb.stopped}", "warning", key)
    first = climb.steps[0]
    if measure(first.fit, "rmsea") > 0.08 and measure(first.fit, "cfi") < 0.90:
        yield Note(
            f"{climb.ladder.label}: the model without any equality fits badly, so that later steps "
            "say little. Look at the scale's factors first.",
            "warning",
            key,
        )
    for step in climb.steps:
        if step.fit.convergence is not None and not step.fit.convergence.admissible:
            yield Note(
                f"{climb.ladder.label}, {step.step}: a variance is negative or a covariance matrix "
                "not positive definite; the estimates are not to be interpreted.",
                "warning",
                key,
            )


def _methods(estimator: str) -> Iterator[str]:
    yield (
        "Measurement invariance was tested by a ladder of models with one factor for each place, "
        "their covariances free and residuals of the same item correlated across places; the first "
        "factor has mean 0 and variance 1. A step holds when CFI falls by no more than .010 and "
        "RMSEA rises by no more than .015 (Cheung & Rensvold, 2002; Chen, 2007). Incomplete rows "
        "count by full information."
    )
    if estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )
