"""Models of one panel that are compared with the fullest of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any

from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import FitError
from dyadkit.models.differences import Difference, difference_of
from dyadkit.models.exchangeable_fit import CorrectedFit
from dyadkit.models.measured import FIT, FIT_COLUMNS, difference_columns, measure
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.exchangeable import saturated
from dyadkit.panel.fitted import KEY
from dyadkit.panel.request import Request
from dyadkit.results import Note


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to fit: what a reader calls it, what it says, and its syntax.

    `nested` is False for one that fits as the fullest does, so that there is no difference to test.
    """

    name: str
    words: str
    syntax: str
    nested: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """A fitted model, and its chi-square difference to the fullest.

    `corrected` is the fit beyond what exchanging the members cannot change; None where they have
    two roles.
    """

    candidate: Candidate
    fit: SemFit
    difference: Difference
    corrected: CorrectedFit | None

    def measure(self, name: str) -> float:
        """Return a fit measure, corrected where there is such."""
        if self.corrected is not None and hasattr(self.corrected, name):
            return float(getattr(self.corrected, name))
        return measure(self.fit, name)


def fit_rivals(
    request: Request, candidates: Sequence[Candidate]
) -> tuple[tuple[Rival, ...], list[Note]]:
    """Fit models, the fullest of which comes last, and say which could not be fitted.

    Raises
    ------
    FitError
        When the last cannot be fitted.
    """
    *smaller, last = candidates
    none = Difference(nan, nan, nan)
    reference = saturated(request) if request.dyads.exchangeable else None
    try:
        full = request.fit(last.syntax)
    except FitError as error:
        raise FitError(
            f"The model '{last.name}' ({last.words}) could not be fitted: {_reason(error)} The "
            "sample may be too small for it, or members may share too little; try it with fewer "
            "waves or more dyads.",
            convergence=error.convergence,
        ) from error
    rivals, notes = [], []
    for each in smaller:
        try:
            fit = request.fit(each.syntax)
        except FitError as error:
            text = f"The model '{each.name}' could not be fitted: {_reason(error)}"
            notes.append(Note(text, "warning", KEY))
            continue
        found = difference_of(fit, full, (each.name, last.name)) if each.nested else none
        if found.remark:
            notes.append(Note(found.remark, "warning", KEY))
        corrected = None if reference is None else reference.correct(fit, each.name)
        rivals.append(Rival(each, fit, found, corrected))
    corrected = None if reference is None else reference.correct(full, last.name)
    return (*rivals, Rival(last, full, none, corrected)), notes


def _reason(error: FitError) -> str:
    """Return why, without the engine's advice, which is for models that users write."""
    return f"{str(error).split('. ')[0].removesuffix('.')}."


def rival_rows(rivals: Sequence[Rival]) -> Iterator[dict[str, Any]]:
    """Yield models as rows of estimates."""
    for each in rivals:
        yield {
            "term": f"model: {each.candidate.name}",
            "quantity": "model",
            "estimate": each.measure("chisq"),
            "statistic": each.measure("chisq"),
            **{name: each.measure(name) for name in FIT[1:]},
            "aic": float(each.fit.summary["aic"]),
            "bic": float(each.fit.summary["bic"]),
            "difference": each.difference.statistic,
            "df_difference": each.difference.df,
            "p_difference": each.difference.p_value,
            "syntax": each.candidate.syntax,
        }


def rivals_table(rivals: Sequence[Rival], title: str, *, robust: bool) -> Table:
    """Lay out models that are compared.

    Parameters
    ----------
    rivals : sequence of Rival
        The fullest last.
    title : str
    robust : bool
        Whether inference is robust, so that differences are scaled.
    """
    rows = []
    for each in rivals:
        values = [
            *(each.measure(name) for name in FIT),
            *(float(each.fit.summary[name]) for name in ("aic", "bic")),
            *(each.difference.statistic, each.difference.df, each.difference.p_value),
        ]
        name = f"{each.candidate.name}: {each.candidate.words}"
        rows.append(Row((Cell(name), *(Cell(value, KEY) for value in values))))
    alike = rivals[-1].corrected is not None
    corrected = (
        "χ² and df are those beyond the saturated model of exchangeable members (I-SAT), "
        "and so are CFI, TLI and RMSEA, which there are of ML only (Olsen & Kenny, 2006). "
    )
    return Table(
        name="models",
        title=title,
        columns=(
            Column("model", "Model"),
            *FIT_COLUMNS,
            Column("aic", "AIC", "statistic_1"),
            Column("bic", "BIC", "statistic_1"),
            *difference_columns(f"Against '{rivals[-1].candidate.name}'"),
        ),
        rows=tuple(rows),
        notes=(
            corrected * alike
            + "Smaller AIC and BIC are better."
            + " After MLR, chi-squares and differences are scaled." * robust,
        ),
    )


def difference_sentence(text: str, rival: Rival) -> Iterator[Sentence]:
    """Say what a model costs beside the fullest, unless that is not known.

    `text` reads "Without …, the model fitted {how}", where ``how`` is "worse" or "as well".
    """
    found = rival.difference
    if isnan(found.statistic):
        return
    yield Sentence(
        f"{text}, Δχ²({{df}}) = {{difference}}, {{p}}.",
        {
            "how": Cell("worse" if found.p_value < 1 - rival.fit.confidence else "as well"),
            "df": Cell(found.df, KEY, "df"),
            "difference": Cell(found.statistic, KEY, "statistic"),
            "p": Cell(found.p_value, KEY, "p_relation"),
        },
    )


def with_corrected_fit(result: PresentedResult, rival: Rival) -> PresentedResult:
    """Let the summary of exchangeable members' model be about its corrected fit."""
    if rival.corrected is None:
        return result
    names = ("chisq", "df", "p_value", "cfi", "tli", "rmsea")
    corrected = {name: rival.measure(name) for name in names}
    # These have no interval.
    corrected |= {"rmsea_low": nan, "rmsea_high": nan}
    return replace(result, summary={**result.summary, **corrected})
