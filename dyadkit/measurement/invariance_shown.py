"""What a report shows of measurement invariance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dyadkit.display.figures import Figure
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Table
from dyadkit.frame import Variable
from dyadkit.measurement.climbing import Climb, Climbed
from dyadkit.measurement.invariance_figures import change_plot, difference_plots
from dyadkit.measurement.invariance_tables import items_table, ladder_table, sizes_table
from dyadkit.measurement.invariance_words import ALLOWS, WORDS, equal_at
from dyadkit.measurement.ladder import Free
from dyadkit.measurement.ladder_models import Estimator
from dyadkit.models.measured import measure
from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.results import Note, Verdict

# Rows below which asymptotic variances of polychoric correlations are rough.
_ENOUGH = 200
# The analyses that compare roles, waves or groups.
_COMPARING = (
    "descriptives",
    "nonindependence",
    "agreement",
    "apim",
    "diary",
    "one_with_many",
    "panel",
    "teams",
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
    estimator: Estimator,
    confidence: float,
    hidden: frozenset[str],
) -> Shown:
    """Lay out all ladders of a scale; of those that must be hidden nothing is found."""
    shown = Shown()
    ordered = estimator == "WLSMV"
    for climb in climbs:
        key = climb.ladder.name
        shown.rows += [(row, key) for row in _rows(climb, variable, ordered)]
        shown.sentences.append(_sentence(climb, ordered))
        if key not in hidden:
            shown.verdicts += _verdicts(climb, variable)
        shown.notes += _notes(climb, variable)
    shown.tables.append(ladder_table(climbs, estimator))
    if any(len(climb.steps) > 1 for climb in climbs):
        shown.figures += [change_plot(climbs, variable, name) for name in ("CFI", "RMSEA")]
    if any(climb.tests for climb in climbs):
        shown.tables.append(items_table(climbs, variable, estimator))
    if any(climb.sizes for climb in climbs):
        shown.tables.append(sizes_table(climbs, variable, ordered, confidence))
        shown.figures += difference_plots(climbs, variable, ordered, confidence)
    shown.methods = list(_methods(estimator))
    if free:
        names = ", ".join(f"{each.kind} of {variable.items[each.item]}" for each in free)
        shown.notes.append(
            Note(f"Partial invariance: {names} free in every place. The choice was the study's.")
        )
    return shown


def _rows(climb: Climb, variable: Variable, ordered: bool) -> Iterator[dict[str, Any]]:
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
            "upper": size.size.upper,
        }
        level = "mean threshold" if ordered else "intercept"
        for name, apart in (("loading", size.loading), (level, size.level)):
            yield {
                "term": f"{name} of {variable.items[size.item]}, {size.place}: {ladder.name}",
                "quantity": f"{name} difference",
                **place,
                "item": variable.items[size.item],
                "place": size.place,
                "estimate": apart.estimate,
                "conf_low": apart.low,
                "conf_high": apart.high,
            }


def _sentence(climb: Climb, ordered: bool) -> Sentence:
    key, ladder = climb.ladder.name, climb.ladder
    held = [step for step in climb.steps[1:] if _reached(climb, step)]
    last = held[-1].step if held else "configural"
    failed = next((step for step in climb.steps[1:] if not step.holds), None)
    allows = ALLOWS.get(last, "")
    so = f", so that {allows} may be compared" if allows else ""
    text = f"{{label}}: {equal_at(last, ordered)} hold{so}"
    if not held:
        text = "{label}: the same items form a factor, but nothing more was shown to be equal"
        if len(climb.steps) == 1:
            text = "{label}: only the model in which nothing is equal was fitted"
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
        holds = _reached(climb, step)
        if holds and step.step not in ALLOWS:
            continue
        allowed = ALLOWS.get(step.step, "paths and means of the factor")
        yield Verdict(
            variable.name,
            f"equal {step.step} across {words}",
            holds,
            f"{climb.ladder.label}: equal {WORDS[step.step]} "
            f"{'hold' if holds else 'do not hold'}; "
            f"{allowed} {'may' if holds else 'should not'} be compared.",
            _COMPARING,
        )
        if not holds:
            return


def _notes(climb: Climb, variable: Variable) -> Iterator[Note]:
    key = climb.ladder.name
    for item, why in climb.unsized:
        yield Note(f"{climb.ladder.label}: {variable.items[item]} has no dMACS. {why}", "info", key)
    for item, kind, why in climb.untested:
        yield Note(
            f"{climb.ladder.label}: {variable.items[item]} has no test of {WORDS[kind]}. {why}",
            "info",
            key,
        )
    for step in climb.steps:
        if step.remark:
            yield Note(f"{climb.ladder.label}: {step.remark}", "warning", key)
    if climb.stopped:
        yield Note(f"{climb.ladder.label}: {climb.stopped}", "warning", key)
    if climb.too_few:
        yield Note(
            f"{climb.ladder.label}: chi-squares are too large in so small a sample. "
            f"{climb.too_few}",
            "warning",
            key,
        )
    first = climb.steps[0]
    if isinstance(first.fit, OrdinalFit):
        few = climb.n_used < _ENOUGH
        yield Note(
            f"{climb.ladder.label}: {climb.n_used} dyads with every answer; rows with a missing "
            "one do not count."
            + " So few estimate the variances of thresholds and polychoric correlations poorly, on "
            "which chi-squares rest." * few,
            "warning" if few else "info",
            key,
        )
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


def _methods(estimator: Estimator) -> Iterator[str]:
    held = (
        "A step holds when CFI falls by no more than .010 and RMSEA rises by no more than .015 "
        "(Cheung & Rensvold, 2002; Chen, 2007)."
    )
    if estimator == "WLSMV":
        yield (
            "Measurement invariance of ordered answers was tested by a ladder of models of latent "
            "responses with one factor for each place, their covariances free and residuals of the "
            "same item correlated across places, by diagonally weighted least squares (WLSMV, "
            "theta parameterisation) from complete rows; thresholds were held equal first (Wu & "
            "Estabrook, 2016). Chi-squares and their differences are scaled and shifted (Satorra, "
            f"2000). {held} These cut-offs were found for continuous scores and maximum "
            "likelihood; for ordered answers they are a rule of thumb (Sass, Schmitt, & Marsh, "
            "2014), and the test of the difference stands beside them."
        )
        return
    yield (
        "Measurement invariance was tested by a ladder of models with one factor for each place, "
        "their covariances free and residuals of the same item correlated across places; the first "
        f"factor has mean 0 and variance 1. {held} Incomplete rows count by full information."
    )
    if estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )
