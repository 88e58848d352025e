"""Models that are compared with the one that has all of their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import nan
from typing import Any, Generic, Protocol, TypeVar

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.models.exchangeable_fit import CorrectedFit
from dyadkit.models.measured import FIT, FIT_COLUMNS, difference_columns, measure
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.estimates import KEY


class Named(Protocol):
    """A model to compare: what a reader calls it, and what it says."""

    @property
    def name(self) -> str:
        """Such as "Stability"."""

    @property
    def words(self) -> str:
        """Such as "no cross-lagged effects"."""


Model = TypeVar("Model", bound=Named, covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Compared(Generic[Model]):
    """A model, and its chi-square difference to the fullest; NaN where there is none.

    `corrected` is the fit of a model of exchangeable members beyond what exchanging them cannot
    change; None for others.
    """

    model: Model
    syntax: str
    fit: SemFit
    difference: float = nan
    df: float = nan
    p_value: float = nan
    corrected: CorrectedFit | None = None

    def measure(self, name: str) -> float:
        """Return a fit measure, corrected where there is such."""
        if self.corrected is not None and hasattr(self.corrected, name):
            return float(getattr(self.corrected, name))
        return measure(self.fit, name)


def compared_rows(models: Iterable[Compared[Named]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of models in `tidy`."""
    for each in models:
        yield {
            "term": f"model: {each.model.name}",
            "quantity": "model",
            "estimate": each.measure("chisq"),
            "statistic": each.measure("chisq"),
            **{name: each.measure(name) for name in FIT[1:]},
            "aic": float(each.fit.summary["aic"]),
            "bic": float(each.fit.summary["bic"]),
            "difference": each.difference,
            "df_difference": each.df,
            "p_difference": each.p_value,
            "syntax": each.syntax,
        }


def compared_table(
    models: Iterable[Compared[Named]], *, title: str, against: str, estimator: str, note: str = ""
) -> Table:
    """Lay out models that compete.

    Parameters
    ----------
    models : iterable of Compared
    title : str
    against : str
        What differences are to, such as "Against all effects".
    estimator : {"ML", "MLR"}
    note : str
        What a reader must know besides.
    """
    rows = []
    corrected = ""
    for each in models:
        values = [
            *(each.measure(name) for name in FIT),
            *(float(each.fit.summary[name]) for name in ("aic", "bic")),
            *(each.difference, each.df, each.p_value),
        ]
        name = f"{each.model.name}: {each.model.words}"
        rows.append(Row((Cell(name), *(Cell(value, KEY) for value in values))))
        if each.corrected is not None:
            corrected = (
                "χ² and df are those beyond the saturated model of exchangeable members (I-SAT), "
                "and so are CFI, TLI and RMSEA, which there are of ML only (Olsen & Kenny, 2006)."
            )
    scaled = "After MLR, chi-squares and differences are scaled." * (estimator == "MLR")
    better = "Smaller AIC and BIC are better."
    return Table(
        name="models",
        title=title,
        columns=(
            Column("model", "Model"),
            *FIT_COLUMNS,
            Column("aic", "AIC", "statistic_1"),
            Column("bic", "BIC", "statistic_1"),
            *difference_columns(against),
        ),
        rows=tuple(rows),
        notes=(" ".join(filter(None, (corrected, better, note, scaled))),),
    )
