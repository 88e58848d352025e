"""Models that compete with the main one of a panel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dyadkit.errors import FitError
from dyadkit.models.differences import difference_of
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.compared import Compared
from dyadkit.panel.exchangeable import saturated
from dyadkit.panel.reasons import reason_of
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


def fit_models(
    request: Request, main: Rival, rivals: Iterable[Rival], *, instead: str
) -> tuple[list[Compared[Rival]], list[str]]:
    """Fit models, the main one last; return also why one, or a difference, is missing.

    Raises
    ------
    FitError
        When the main one cannot be fitted, or only worse than a restriction of it; `instead` says
        what may be fitted in its place.
    """
    main, *rivals = (
        replace(each, syntax=request.measurement.whole(each.syntax)) for each in (main, *rivals)
    )
    full = fit_main(request, main, instead)
    reference = saturated(request) if request.dyads.exchangeable else None
    found: list[Compared[Rival]] = []
    why: list[str] = []
    for rival in rivals:
        try:
            fit = request.fit(rival.syntax)
        except FitError as error:
            why.append(f"The model '{rival.name}' could not be fitted. {reason_of(error)}.")
            continue
        _require_best(main, full, rival, fit, instead)
        corrected = None if reference is None else reference.correct(fit, rival.name)
        if not rival.nested:
            found.append(Compared(rival, rival.syntax, fit, corrected=corrected))
            continue
        told = difference_of(fit, full, (rival.name, main.name))
        found.append(
            Compared(rival, rival.syntax, fit, told.statistic, told.df, told.p_value, corrected)
        )
        why += [told.remark] * bool(told.remark)
    corrected = None if reference is None else reference.correct(full, main.name)
    return [*found, Compared(main, main.syntax, full, corrected=corrected)], why


def fit_main(request: Request, main: Rival, instead: str) -> SemFit:
    """Fit a model without which there is no result.

    Raises
    ------
    FitError
        When it cannot be fitted; `instead` says what may be fitted in its place.
    """
    easier = ' Scores need less of the data: indicators = "score".' * request.measurement.latent
    try:
        return request.fit(main.syntax)
    except FitError as error:
        raise FitError(
            f"The model '{main.name}' could not be fitted: {reason_of(error)}. The sample may be "
            f"too small for it, or too little varies. {instead}{easier}",
            convergence=error.convergence,
        ) from error


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
