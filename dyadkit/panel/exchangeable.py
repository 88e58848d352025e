"""Panels of exchangeable members: their fit beyond what exchanging members cannot change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import nan

from dyadkit.errors import FitError
from dyadkit.models.differences import difference_of
from dyadkit.models.exchangeable_fit import CorrectedFit, corrected_fit, inull_syntax
from dyadkit.models.indistinguishable import isat_syntax
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.reasons import reason_of
from dyadkit.panel.request import Request


@dataclass(frozen=True, slots=True, eq=False)
class Saturated:
    """The saturated (I-SAT) and the null model (I-NULL) of exchangeable members."""

    isat: SemFit
    inull: SemFit

    def correct(self, fit: SemFit, name: str) -> CorrectedFit:
        """Return a model's fit beyond that of the saturated model.

        After robust inference chi-square is the scaled difference, and there are no indices.
        """
        if fit.setup.estimator == "MLR":
            found = difference_of(fit, self.isat, (name, "saturated"))
            return CorrectedFit(found.statistic, found.df, found.p_value, nan, nan, nan)
        model, isat, inull = (
            (float(each.summary["chisq"]), float(each.summary["df"]))
            for each in (fit, self.isat, self.inull)
        )
        return corrected_fit(model, isat, inull, int(fit.summary["n_obs"]))


def saturated(request: Request) -> Saturated:
    """Fit the saturated and the null model to the columns of a panel.

    Raises
    ------
    FitError
        When one cannot be fitted.
    """
    columns: dict[str, str] = {}
    for one in request.series:
        columns |= {
            f"{one.variable}_{wave}_{one.role}": column
            for column, wave in zip(one.columns, request.waves, strict=True)
        }
    names = list(dict.fromkeys(name.rpartition("_")[0] for name in columns))
    # Both are written for names that end in the member.
    try:
        isat, inull = (
            request.fit(re.sub(r"\w+", lambda word: columns.get(word[0], word[0]), syntax))
            for syntax in (isat_syntax(names), inull_syntax(names))
        )
    except FitError as error:
        raise FitError(
            "The fit of members who share one role is counted from a saturated model, in which "
            f"they are alike, and this could not be fitted: {reason_of(error)}. The sample may be "
            "too small for so many columns. Try it with fewer waves or variables, or more dyads.",
            convergence=error.convergence,
        ) from error
    return Saturated(isat, inull)
