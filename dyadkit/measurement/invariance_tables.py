"""Tables of measurement invariance."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.frame import Variable
from dyadkit.measurement.climbing import CFI_FALL, RMSEA_RISE, Climb
from dyadkit.measurement.invariance_words import WORDS, equal_at
from dyadkit.measurement.ladder import KINDS
from dyadkit.measurement.ladder_models import Estimator
from dyadkit.models.measured import FIT_COLUMNS_WITHOUT_TLI, difference_columns, measure

_SCALED: dict[Estimator, str] = {
    "MLR": " After MLR, chi-squares and their differences are scaled.",
    "WLSMV": " Chi-squares, CFI and RMSEA are scaled and shifted; so are the differences "
    "(Satorra, 2000), which are not those of the chi-squares shown.",
}


def ladder_table(climbs: Sequence[Climb], estimator: Estimator) -> Table:
    """Lay out the fit of every step, and what it costs."""
    body: list[Row] = []
    for climb in climbs:
        key = climb.ladder.name
        body.append(Row((Cell(climb.ladder.label),), heading=True))
        for step in climb.steps:
            values = (
                measure(step.fit, "chisq"),
                measure(step.fit, "df"),
                measure(step.fit, "p_value"),
                measure(step.fit, "cfi"),
                measure(step.fit, "rmsea"),
                measure(step.fit, "srmr"),
                step.difference,
                step.df,
                step.p_value,
                step.cfi_change,
                step.rmsea_change,
                None if step.first else "yes" if step.holds else "no",
            )
            name = step.step.capitalize()
            body.append(Row((Cell(name), *(Cell(value, key) for value in values))))
    steps = dict.fromkeys(step.step for climb in climbs for step in climb.steps)
    equal = "; ".join(
        f"{step.capitalize()}: {equal_at(step, estimator == 'WLSMV')}" for step in steps
    )
    return Table(
        name="ladder",
        title="Measurement invariance: each step holds more parameters equal",
        columns=(
            Column("step", "Equal"),
            *FIT_COLUMNS_WITHOUT_TLI,
            *difference_columns("Change to the step before"),
            Column("cfi_change", "ΔCFI", "statistic_3", "Change to the step before"),
            Column("rmsea_change", "ΔRMSEA", "statistic_3", "Change to the step before"),
            Column("holds", "Holds", "text", "Change to the step before"),
        ),
        rows=tuple(body),
        notes=(
            f"Holds: CFI falls by no more than {CFI_FALL:.3f} and RMSEA rises by no more than "
            f"{RMSEA_RISE:.3f}".replace("0.", ".")
            + ", to three digits. "
            + f"{equal}.{_SCALED.get(estimator, '')}",
        ),
    )


def items_table(climbs: Sequence[Climb], variable: Variable, estimator: Estimator) -> Table:
    """Lay out what freeing each item would gain at each step."""
    kinds = [kind for kind in KINDS if any(t.step == kind for climb in climbs for t in climb.tests)]
    body: list[Row] = []
    for climb in climbs:
        key = climb.ladder.name
        body.append(Row((Cell(climb.ladder.label),), heading=True))
        for item, name in enumerate(variable.items):
            cells = [Cell(name)]
            for step in kinds:
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
                for step in kinds
                for column in (
                    Column(step, "χ²", "statistic", WORDS[step].capitalize()),
                    Column(f"{step}_p", "p", "p_value", WORDS[step].capitalize()),
                )
            ),
        ),
        rows=tuple(body),
        notes=(
            (
                "Each item is freed of what the step adds, and the model compared with that of the "
                "step (Satorra, 2000)."
                if estimator == "WLSMV"
                else "Score tests of each item's equalities at the step that adds them"
                + ", which take scores for normal." * (estimator == "MLR")
                + "." * (estimator == "ML")
            )
            + " The largest of many is large by chance: free an item for a reason, not for its χ².",
        ),
    )


def sizes_table(
    climbs: Sequence[Climb], variable: Variable, ordered: bool, confidence: float
) -> Table:
    """Lay out how far each item differs from the first place, and whether that matters."""
    body: list[Row] = []
    for climb in climbs:
        key = climb.ladder.name
        body.append(Row((Cell(climb.ladder.label),), heading=True))
        for size in climb.sizes:
            values = (
                size.place,
                size.loading.first,
                size.loading.here,
                size.level.first,
                size.level.here,
                size.size.signed,
                size.size.estimate,
                size.size.upper,
                size.size.reading,
                "yes" if size.size.equivalent else "not shown",
            )
            name = variable.items[size.item]
            body.append(Row((Cell(name), *(Cell(value, key) for value in values))))
    level = "Mean threshold" if ordered else "Intercept"
    percent = f"{100 * confidence:g} %"
    return Table(
        name="sizes",
        title="How large the differences of items are",
        columns=(
            Column("item", "Item"),
            Column("place", "Beside the first, in"),
            Column("loading_first", "First", "statistic", "Loading"),
            Column("loading_other", "Here", "statistic", "Loading"),
            Column("level_first", "First", "statistic", level),
            Column("level_other", "Here", "statistic", level),
            Column("signed", "Signed", "statistic", "dMACS"),
            Column("dmacs", "Size", "statistic", "dMACS"),
            Column("upper", "Upper limit", "statistic", "dMACS"),
            Column("reading", "Reading"),
            Column("equivalent", "Equivalent"),
        ),
        rows=tuple(body),
        notes=(
            "Each item is freed in turn, the others held equal. dMACS: how far expected answers "
            "differ at the same level of the factor, in the item's standard deviations (Nye & "
            "Drasgow, 2011); signed: here minus first. Below .20 it is negligible. Upper limit: "
            f"dMACS stays below it with {percent} confidence (one-sided; rather too high where the "
            "difference is small). Equivalent: even the upper limit is below .20; otherwise "
            "equivalence is not shown, which does not mean that there is a difference.",
        ),
    )
