"""Fit of models of exchangeable members, corrected for what exchanging them cannot change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import nan, sqrt

from scipy.special import chdtrc


@dataclass(frozen=True, slots=True)
class CorrectedFit:
    """Chi-square and indices beyond the saturated model of exchangeable members (I-SAT)."""

    chisq: float
    df: float
    p_value: float
    cfi: float
    tli: float
    rmsea: float


def corrected_fit(
    model: tuple[float, float], isat: tuple[float, float], inull: tuple[float, float], n: int
) -> CorrectedFit:
    r"""Correct a model's fit.

    Parameters
    ----------
    model, isat, inull : tuple of float
        Chi-square and degrees of freedom of the model, of I-SAT and of the null model of
        exchangeable members (I-NULL), all by maximum likelihood.
    n : int
        Dyads.

    Notes
    -----
    What is arbitrary about who is called first counts as misfit in all of them, and is taken away:
    :math:`\chi^2 - \chi^2_{I-SAT}` on :math:`df - df_{I-SAT}`, and the same of I-NULL; CFI, TLI and
    RMSEA follow from these, floored at 0 (Olsen & Kenny, 2006).

    References
    ----------
    Olsen, J. A., & Kenny, D. A. (2006). Structural equation modeling with interchangeable dyads.
    Psychological Methods, 11, 127-141.

    Examples
    --------
    >>> found = corrected_fit((40.0, 30.0), (20.0, 20.0), (220.0, 40.0), 100)
    >>> found.chisq, found.df, round(found.cfi, 4), round(found.rmsea, 4)
    (20.0, 10.0, 0.9444, 0.1)
    """
    chisq, df = max(0.0, model[0] - isat[0]), model[1] - isat[1]
    null, null_df = inull[0] - isat[0], inull[1] - isat[1]
    over, null_over = max(0.0, chisq - df), max(0.0, null - null_df)
    worst = max(over, null_over)
    tli = nan
    if df > 0 and null_df > 0 and null / null_df != 1.0:
        tli = (null / null_df - chisq / df) / (null / null_df - 1.0)
    return CorrectedFit(
        chisq,
        df,
        float(chdtrc(df, chisq)) if df > 0 else nan,
        1.0 - over / worst if worst > 0.0 else 1.0,
        tli,
        sqrt(over / (df * n)) if df > 0 else 0.0,
    )


def inull_syntax(variables: Sequence[str]) -> str:
    """Write the null model of exchangeable members: equal means and variances, no covariances.

    Examples
    --------
    >>> print(inull_syntax(["y"]))
    y_1 ~ m_y*1
    y_2 ~ m_y*1
    y_1 ~~ v_y*y_1
    y_2 ~~ v_y*y_2
    y_1 ~~ 0*y_2
    """
    lines = []
    for name in variables:
        lines += [f"{name}_{member} ~ m_{name}*1" for member in (1, 2)]
        lines += [f"{name}_{member} ~~ v_{name}*{name}_{member}" for member in (1, 2)]
    columns = [f"{name}_{member}" for name in variables for member in (1, 2)]
    return "\n".join([*lines, *(f"{one} ~~ 0*{other}" for one, other in combinations(columns, 2))])
