"""The tables of an actor–partner model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dyadkit.display.labels import role_label
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.multilevel.apim_effects import Row as EffectRow
from dyadkit.multilevel.apim_rows import Regressor
from dyadkit.multilevel.numbers import (
    KEY,
    component_cells,
    component_columns,
    number_cells,
    number_columns,
)

_RULE = "k is given where the standardised actor effect is .10 or more and its interval excludes 0."
_PATTERN_NAMES = {
    "couple pattern": "Couple: actor = partner (k = 1)",
    "contrast pattern": "Contrast: actor = −partner (k = −1)",
    "actor only pattern": "Actor only: partner = 0 (k = 0)",
    "partner only pattern": "Partner only: actor = 0",
}

# What readers call predictors.
Names = Mapping[str, str]


def effects_table(
    rows: Sequence[EffectRow],
    regressors: Sequence[Regressor],
    outcome: str,
    percent: str,
    t: str,
    beta: str,
) -> Table:
    """Show the fixed effects, by what they are of."""
    labels = {(r.effect, r.predictor): r.label for r in regressors}
    told = any(row["role"] for row in rows)
    body: list[Row] = []
    heading = ""
    for row in rows:
        title = row["effect"].capitalize()
        if row["predictor"]:
            title = f"{title}: {labels[row['effect'], row['predictor']]}"
        if told and title != heading:
            body.append(Row((Cell(title),), heading=True))
            heading = title
        head = (role_label(row["role"]),) if told else (title,)
        body.append(Row((*map(Cell, head), *number_cells(row, "std_estimate"))))
    return Table(
        name="effects",
        title=f"Actor and partner effects on {outcome}",
        columns=(
            Column("effect", "Effect"),
            *number_columns(percent, t),
            Column("std", "β", "statistic"),
        ),
        rows=tuple(body),
        notes=(beta,),
    )


def differences_table(
    rows: Sequence[EffectRow], percent: str, margin: float | None, names: Names
) -> Table:
    """Show the tests of each effect's difference between the roles."""
    roles = rows[0]["role"]
    columns = [
        Column("effect", "Effect"),
        *number_columns(percent, "t"),
        Column("std", "Difference in β", "statistic"),
    ]
    if margin is not None:
        columns.append(Column("p_equivalent", "p (equivalent)", "p_value"))
    body = []
    for row in rows:
        name = row["effect"].removeprefix("difference in ").capitalize()
        cells = [Cell(f"{name}: {names[row['predictor']]}"), *number_cells(row, "std_estimate")]
        if margin is not None:
            cells.append(Cell(row["p_equivalent"], KEY))
        body.append(Row(tuple(cells)))
    equivalent = f"Equivalent: the standardised difference is smaller than {margin or 0.0:g}."
    return Table(
        name="role_differences",
        title=f"Differences between the roles ({roles})",
        columns=tuple(columns),
        rows=tuple(body),
        notes=() if margin is None else (f"{equivalent} Two one-sided tests.",),
    )


def patterns_table(
    ratios: Sequence[EffectRow],
    patterns: Sequence[EffectRow],
    percent: str,
    told: bool,
    names: Names,
) -> Table:
    """Show k and the tests of the patterns it can name."""
    body: list[Row] = []
    places = dict.fromkeys((row["predictor"], row["role"]) for row in patterns)
    known = {(row["predictor"], row["role"]): row for row in ratios}
    for predictor, role in places:
        body.append(
            Row(
                (Cell(f"{names[predictor]}, {role_label(role)}" if told else names[predictor]),),
                True,
            )
        )
        ratio = known.get((predictor, role))
        if ratio is not None:
            body.append(Row((Cell("k = partner / actor"), *number_cells(ratio))))
        body += [
            Row((Cell(_PATTERN_NAMES[row["effect"]]), *number_cells(row)))
            for row in patterns
            if (row["predictor"], row["role"]) == (predictor, role)
        ]
    return Table(
        name="patterns",
        title="Dyadic patterns",
        columns=(Column("pattern", "Pattern"), *number_columns(percent, "t")),
        rows=tuple(body),
        notes=(
            "Each pattern's row tests its equation: a small p speaks against the pattern.",
            _RULE,
        ),
    )


def ratios_table(ratios: Sequence[EffectRow], percent: str, names: Names) -> Table:
    """Show k alone."""
    body = []
    for row in ratios:
        name = names[row["predictor"]] + (f", {role_label(row['role'])}" if row["role"] else "")
        body.append(Row((Cell(name), *number_cells(row))))
    return Table(
        name="ratios",
        title="Ratios of partner to actor effect (k)",
        columns=(Column("predictor", "Predictor"), *number_columns(percent, "z")),
        rows=tuple(body),
        notes=(f"{_RULE} Standard errors are by the delta method, intervals Fieller's.",),
    )


def dyadic_table(rows: Sequence[EffectRow], percent: str, told: bool, names: Names) -> Table:
    """Show the same model by dyad means and differences."""
    return Table(
        name="dyadic_scores",
        title="The same model by dyad means and differences",
        columns=(Column("effect", "Effect"), *number_columns(percent, "t")),
        rows=tuple(
            Row((Cell(f"{names[row['predictor']]}: {row['effect']}"), *number_cells(row)))
            for row in rows
        ),
        notes=(
            "Level = mean, difference = first minus second role; of the outcome, by those of the "
            "predictor (dyadic score model)."
            if told
            else "Between dyads: the effect of the dyad's mean, actor + partner. Within: of a "
            "member's deviation from it, actor − partner.",
        ),
    )


def slopes_table(rows: Sequence[EffectRow], percent: str, names: Names) -> Table:
    """Show simple slopes."""
    return Table(
        name="simple_slopes",
        title="Simple slopes",
        columns=(
            Column("effect", "Effect"),
            Column("at", "At"),
            *number_columns(percent, "t"),
        ),
        rows=tuple(
            Row((Cell(_slope_of(row, names)), Cell(row["at"]), *number_cells(row))) for row in rows
        ),
    )


def _slope_of(row: EffectRow, names: Names) -> str:
    effect = row["effect"].removeprefix("simple slope, ").capitalize()
    role = f" ({role_label(row['role'])})" if row["role"] else ""
    return f"{effect}: {names[row['predictor']]}{role}"


def residuals_table(
    components: Sequence[tuple[str, Mapping[str, Any]]],
    explained: Mapping[str, float],
    percent: str,
) -> Table:
    """Show residual variances, their correlation, and explained shares."""
    body = [Row(component_cells(name, row)) for name, row in components]
    body += [
        Row(
            (
                Cell(f"Pseudo-R² ({role_label(role)})" if role else "Pseudo-R²"),
                Cell(value, KEY),
                Cell(None),
                Cell(None),
            )
        )
        for role, value in explained.items()
    ]
    return Table(
        name="residuals",
        title="Residual variances and correlation",
        columns=component_columns(percent),
        rows=tuple(body),
        notes=(
            "Pseudo-R² = 1 − residual variance over that of the empty model with the same residual "
            "structure; it can be negative.",
        )
        if explained
        else (),
    )
