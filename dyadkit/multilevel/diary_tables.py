"""The tables of a diary analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dyadkit.display.labels import role_label
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.multilevel.diary_compliance import Compliance
from dyadkit.multilevel.diary_effects import Row as EffectRow
from dyadkit.multilevel.diary_reliability import DiaryReliability
from dyadkit.multilevel.numbers import (
    KEY,
    component_cells,
    component_columns,
    number_cells,
    number_columns,
)

ANSWERED = "answered"


def effects_table(
    rows: Sequence[EffectRow], labels: Mapping[tuple[str, str], str], outcome: str, percent: str
) -> Table:
    """Show the fixed effects, by what they are of."""
    told = any(row["role"] for row in rows)
    body: list[Row] = []
    heading = ""
    for row in rows:
        title = title_of(row, labels)
        if told and title != heading:
            body.append(Row((Cell(title),), heading=True))
            heading = title
        body.append(Row((Cell(role_label(row["role"]) if told else title), *number_cells(row))))
    return Table(
        name="effects",
        title=f"Effects on {outcome} within and between persons",
        columns=(Column("effect", "Effect"), *number_columns(percent, "t")),
        rows=tuple(body),
        notes=(
            "Within: of deviations from the person's own mean over occasions. Between: of these "
            "means about their mean over persons. Actor: own; partner: the other member's.",
        ),
    )


def title_of(row: EffectRow, labels: Mapping[tuple[str, str], str]) -> str:
    """Return what a reader calls an effect."""
    title = str(row["effect"]).capitalize()
    label = labels.get((row["effect"], row["predictor"]), row["predictor"])
    return f"{title}: {label}" if label else title


def contrasts_table(
    name: str, title: str, rows: Sequence[EffectRow], labels: Mapping[str, str], percent: str
) -> Table:
    """Show contrasts of effects."""
    body = []
    for row in rows:
        effect = str(row["effect"]).removeprefix("difference in ").capitalize()
        text = f"{effect}: {labels[row['predictor']]}"
        if row["role"] and name != "role_differences":
            text = f"{text} ({role_label(row['role'])})"
        body.append(Row((Cell(text), *number_cells(row))))
    return Table(
        name=name,
        title=title,
        columns=(Column("effect", "Contrast"), *number_columns(percent, "t")),
        rows=tuple(body),
    )


def components_table(
    components: Sequence[EffectRow], shares: Sequence[EffectRow], percent: str
) -> Table:
    """Show variances, correlations and shares of variance."""
    body = [Row(component_cells(row["term"].capitalize(), row)) for row in components]
    body += [
        Row(
            (
                Cell(row["term"][0].upper() + row["term"][1:]),
                Cell(row["estimate"], KEY),
                Cell(None),
                Cell(None),
            )
        )
        for row in shares
    ]
    return Table(
        name="variances",
        title="Variances and correlations",
        columns=component_columns(percent),
        rows=tuple(body),
        notes=(
            "Share between persons: of the variance of the model without predictors. Pseudo-R² = "
            "1 − a variance over that of the model without predictors; it can be negative.",
        ),
    )


def compliance_table(found: Compliance) -> Table:
    """Show how many occasions were answered."""
    told = len(found.roles) > 1
    rows = []
    for one in found.roles:
        low, middle, high = one.quartiles
        rows.append(
            Row(
                (
                    Cell(role_label(one.role) if told else "Members"),
                    Cell(one.persons),
                    Cell(one.expected),
                    Cell(one.answered),
                    Cell(None if one.expected is None else one.answered / one.expected),
                    Cell(middle, ANSWERED),
                    Cell((low, high), ANSWERED),
                )
            )
        )
    share = found.both / found.either if found.either else 0.0
    return Table(
        name="compliance",
        title="Occasions answered",
        columns=(
            Column("role", "Role"),
            Column("persons", "Persons", "count"),
            Column("expected", "Expected", "count"),
            Column("answered", "Answered", "count"),
            Column("share", "Share", "percent"),
            Column("median", "Median per person", "df"),
            Column("quartile", "Quartiles", "interval"),
        ),
        rows=tuple(rows),
        notes=(
            f"On {found.both} of {found.either} occasions of dyads on which anybody answered, "
            f"both members did ({100 * share:.1f} %).",
            "Quartiles in place of the range, whose ends would be single persons' counts.",
        ),
    )


def reliability_table(found: Sequence[tuple[str, str, DiaryReliability]]) -> Table:
    """Show the reliabilities within and between persons."""
    return Table(
        name="reliability",
        title="Reliability within and between persons",
        columns=(
            Column("variable", "Scale"),
            Column("role", "Role"),
            Column("items", "Items", "count"),
            Column("persons", "Persons", "count"),
            Column("occasions", "Occasions", "statistic_1"),
            Column("within", "Within (R_C)", "correlation"),
            Column("between", "Between (R_KF)", "correlation"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(label),
                    Cell(role_label(role) if role else "Both"),
                    Cell(one.n_items),
                    Cell(one.n_persons),
                    Cell(one.n_occasions),
                    Cell(one.within, ANSWERED),
                    Cell(one.between, ANSWERED),
                )
            )
            for label, role, one in found
        ),
        notes=(
            "Within: of change from occasion to occasion. Between: of the mean over the person's "
            "occasions, of which the harmonic mean is given (Cranford et al., 2006).",
        ),
    )


def trajectory_table(rows: Sequence[EffectRow], outcome: str, unit: str, percent: str) -> Table:
    """Show the expected outcome over time."""
    told = any(row["role"] for row in rows)
    return Table(
        name="trajectory",
        title=f"Expected {outcome} over time",
        columns=(
            *((Column("role", "Role"),) if told else ()),
            Column("time", f"Time ({unit}s)", "statistic_1"),
            Column("estimate", "Expected", "statistic"),
            Column("conf", f"{percent} CI", "interval"),
        ),
        rows=tuple(
            Row(
                (
                    *((Cell(role_label(row["role"])),) if told else ()),
                    Cell(row["time"]),
                    Cell(row["estimate"], KEY),
                    Cell((row["conf_low"], row["conf_high"]), KEY),
                )
            )
            for row in rows
        ),
        notes=("Implied by the model for a person at the means; of no real dyad.",),
    )
