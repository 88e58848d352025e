"""What a report shows of the residuals and modification indices of factor models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.measurement.misfit import LARGEST, Misfit
from dyadkit.results import Note

# A matrix of more items is wider than a page.
MATRIX = 12
CHANCE = (
    "Residuals and modification indices say where a model fits badly, not why: the largest of "
    "many are large by chance alone. Change a model for a reason that theory or the wording of "
    "items gives, not for an index; say so, and test the changed model in other data (MacCallum, "
    "Roznowski & Necowitz, 1992)."
)
_SIZE = "Residual: observed minus implied covariance, over the items' standard deviations."
_Z = "z: the same difference over its standard error"


@dataclass(frozen=True, slots=True)
class Left:
    """What the model of one set leaves, and the support behind it."""

    title: str
    key: str
    misfit: Misfit

    @property
    def whole(self) -> bool:
        """Whether all residuals are shown."""
        return len(self.misfit.items) <= MATRIX


def misfit_rows(left: Sequence[Left]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the rows of `tidy`: the residuals and the gains that are shown."""
    for each in left:
        misfit = each.misfit
        for residual in misfit.residuals if each.whole else misfit.largest:
            yield (
                {
                    "term": f"{misfit.pair(residual)}: {each.title}",
                    "quantity": "residual",
                    "place": each.title,
                    "estimate": residual.size,
                    "statistic": residual.z,
                    "p_value": residual.p_value,
                    "p_bonferroni": misfit.bonferroni(residual),
                    "candidates": len(misfit.residuals),
                },
                each.key,
            )
        for gain in misfit.gains[:LARGEST]:
            yield (
                {
                    "term": f"{gain.name}: {each.title}",
                    "quantity": "modification_index",
                    "place": each.title,
                    "estimate": gain.change,
                    "std_all": gain.standardised,
                    "statistic": gain.index,
                    "df": 1.0,
                    "p_value": gain.p_value,
                    "p_bonferroni": misfit.bonferroni(gain),
                    "candidates": len(misfit.gains),
                },
                each.key,
            )


def misfit_tables(left: Sequence[Left], estimator: str) -> Iterator[Table]:
    """Yield the tables: residuals as matrices and as lists, and modification indices."""
    whole = [each for each in left if each.whole]
    if whole:
        yield _matrix(whole, estimator)
    if len(whole) < len(left):
        yield _list([each for each in left if not each.whole], estimator)
    yield _gains(left, estimator)


def misfit_notes() -> list[Note]:
    """Return what must be kept in mind."""
    return [Note(CHANCE)]


def _what(estimator: str) -> str:
    return f"{_SIZE} {_Z}{', which is robust' * (estimator == 'MLR')}."


def _matrix(left: Sequence[Left], estimator: str) -> Table:
    width = max(len(each.misfit.items) for each in left)
    body: list[Row] = []
    for each in left:
        looked, bound = len(each.misfit.residuals), each.misfit.bound
        head = f"{each.title}: {looked} residuals, Bonferroni's bound |z| = {bound:.2f}"
        body.append(Row((Cell(head),), heading=True))
        items = each.misfit.items
        size = {(one.second, one.first): one.size for one in each.misfit.residuals}
        z = {(one.first, one.second): one.z for one in each.misfit.residuals}
        for i, item in enumerate(items):
            cells = [Cell("")] * width
            for j in range(len(items)):
                if i > j:
                    cells[j] = Cell(size[i, j], each.key, "correlation")
                elif i < j:
                    cells[j] = Cell(z[i, j], each.key, "statistic")
            body.append(Row((Cell(f"{i + 1}. {item}"), *cells)))
    return Table(
        name="residuals",
        title="Residuals of the models with a factor for each scale",
        columns=(
            Column("item", "Item"),
            *(Column(f"item_{k}", str(k), "statistic") for k in range(1, width + 1)),
        ),
        rows=tuple(body),
        notes=(
            f"Below the diagonal residuals, above it z. {_what(estimator)} Bonferroni's bound: of "
            "so many residuals of a true model one lies beyond it in at most 5 % of samples.",
        ),
    )


def _list(left: Sequence[Left], estimator: str) -> Table:
    body: list[Row] = []
    for each in left:
        looked = len(each.misfit.residuals)
        body.append(Row((Cell(f"{each.title}: the largest of {looked}"),), heading=True))
        for one in each.misfit.largest:
            values = (one.size, one.z, one.p_value, each.misfit.bonferroni(one))
            cells = [Cell(value, each.key) for value in values]
            body.append(Row((Cell(each.misfit.pair(one)), *cells)))
    return Table(
        name="largest_residuals",
        title="Largest residuals of the models with a factor for each scale",
        columns=(
            Column("items", "Items"),
            Column("residual", "Residual", "correlation"),
            Column("z", "z", "statistic"),
            Column("p", "p", "p_value"),
            Column("p_bonferroni", "p (Bonferroni)", "p_value"),
        ),
        rows=tuple(body),
        notes=(f"{_what(estimator)} Bonferroni: p times the number of residuals looked at.",),
    )


def _gains(left: Sequence[Left], estimator: str) -> Table:
    body: list[Row] = []
    for each in left:
        looked = len(each.misfit.gains)
        body.append(Row((Cell(f"{each.title}: the largest of {looked}"),), heading=True))
        for gain in each.misfit.gains[:LARGEST]:
            values = (
                gain.index,
                gain.p_value,
                each.misfit.bonferroni(gain),
                gain.change,
                gain.standardised,
            )
            body.append(Row((Cell(gain.name), *(Cell(value, each.key) for value in values))))
    return Table(
        name="modification_indices",
        title="Largest modification indices of the models with a factor for each scale",
        columns=(
            Column("parameter", "Cross-loading or residual covariance"),
            Column("index", "Index", "statistic"),
            Column("p", "p", "p_value"),
            Column("p_bonferroni", "p (Bonferroni)", "p_value"),
            Column("change", "Raw", "statistic", "Expected value"),
            Column("standardised", "Standardised", "correlation", "Expected value"),
        ),
        rows=tuple(body),
        notes=(
            "Index: how far χ² is expected to fall when the one parameter is freed"
            + (", scaled as χ² is" * (estimator == "MLR"))
            + ". Parameters with the same index are ways to say the same. Bonferroni: p times the "
            "number of parameters looked at, for one chosen because it is large.",
        ),
    )
