"""Models that compete with the main one of a panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import FitError
from dyadkit.models.differences import difference_of
from dyadkit.models.exchangeable_fit import CorrectedFit
from dyadkit.models.measured import FIT, FIT_COLUMNS, difference_columns, measure
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.exchangeable import saturated
from dyadkit.panel.lagged.fitted import KEY
from dyadkit.panel.request import Request

# Of log-likelihoods at their maxima.
_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Rival:
    """A model to compare: what a reader calls it, and how it is written.

    `nested` is False for one that fits as the main one does: there is no difference to test.
    """

    name: str
    words: str
    syntax: str
    nested: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A model, and its chi-square difference to the main one; NaN of that itself.

    `corrected` is the fit of a model of exchangeable members beyond what exchanging them cannot
    change; None for others.
    """

    rival: Rival
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


def fit_models(
    request: Request, main: Rival, rivals: Iterable[Rival], *, instead: str
) -> tuple[list[Compared], list[str]]:
    """Fit models, the main one last; return also why one, or a difference, is missing.

    Raises
    ------
    FitError
        When the main one cannot be fitted, or only worse than a restriction of it; `instead` says
        what may be fitted in its place.
    """
    full = _fit_main(request, main, instead)
    reference = saturated(request) if request.dyads.exchangeable else None
    found: list[Compared] = []
    why: list[str] = []
    for rival in rivals:
        try:
            fit = request.fit(rival.syntax)
        except FitError as error:
            why.append(f"The model '{rival.name}' could not be fitted. {_reason(error)}.")
            continue
        _require_best(main, full, rival, fit, instead)
        corrected = None if reference is None else reference.correct(fit, rival.name)
        if not rival.nested:
            found.append(Compared(rival, fit, corrected=corrected))
            continue
        told = difference_of(fit, full, (rival.name, main.name))
        found.append(Compared(rival, fit, told.statistic, told.df, told.p_value, corrected))
        why += [told.remark] * bool(told.remark)
    corrected = None if reference is None else reference.correct(full, main.name)
    return [*found, Compared(main, full, corrected=corrected)], why


def _fit_main(request: Request, main: Rival, instead: str) -> SemFit:
    try:
        return request.fit(main.syntax)
    except FitError as error:
        raise FitError(
            f"The model '{main.name}' could not be fitted: {_reason(error)}. The sample may be too "
            f"small for it, or too little varies. {instead}",
            convergence=error.convergence,
        ) from error


def _reason(error: FitError) -> str:
    """Return what went wrong, without the engine's advice, which is for models that users write."""
    return str(error).split(". ")[0]


def _require_best(main: Rival, full: SemFit, rival: Rival, fit: SemFit, instead: str) -> None:
    """Refuse a solution of the main model that a restriction of it proves not to be the best."""
    smaller = float(fit.summary["df"]) > float(full.summary["df"])
    gain = float(fit.summary["loglik"]) - float(full.summary["loglik"])
    if smaller and gain > _ROUNDING:
        raise FitError(
            f"The model '{main.name}' has several solutions, and the best was not found: "
            f"'{rival.name}', which only restricts it, fits better. The data tell too little of "
            f"its parameters. {instead}",
            convergence=full.convergence,
        )


def rival_rows(models: Sequence[Compared]) -> Iterator[dict[str, Any]]:
    """Yield the rows of models in `tidy`."""
    for each in models:
        yield {
            "term": f"model: {each.rival.name}",
            "quantity": "model",
            "estimate": each.measure("chisq"),
            "statistic": each.measure("chisq"),
            **{name: each.measure(name) for name in FIT[1:]},
            "aic": float(each.fit.summary["aic"]),
            "bic": float(each.fit.summary["bic"]),
            "difference": each.difference,
            "df_difference": each.df,
            "p_difference": each.p_value,
            "syntax": each.rival.syntax,
        }


def rivals_table(models: Sequence[Compared], *, title: str, against: str, estimator: str) -> Table:
    """Lay out models that compete; `against` reads "Against the one with …"."""
    rows = []
    for each in models:
        values = [
            *(each.measure(name) for name in FIT),
            *(float(each.fit.summary[name]) for name in ("aic", "bic")),
            *(each.difference, each.df, each.p_value),
        ]
        name = f"{each.rival.name}: {each.rival.words}"
        rows.append(Row((Cell(name), *(Cell(value, KEY) for value in values))))
    corrected = (
        "χ² and df are those beyond the saturated model of exchangeable members (I-SAT), and so "
        "are CFI, TLI and RMSEA, which there are of ML only (Olsen & Kenny, 2006). "
    )
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
        notes=(
            corrected * (models[-1].corrected is not None)
            + "Smaller AIC and BIC are better."
            + " After MLR, chi-squares and differences are scaled." * (estimator == "MLR"),
        ),
    )
