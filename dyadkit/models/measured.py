"""The fit measures that are reported of a model: robust ones where there are such."""

from __future__ import annotations

from math import nan

from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.models.sem_fit import SemFit

Fit = SemFit | OrdinalFit


def measure(fit: Fit, name: str) -> float:
    """Return a fit measure: of robust inference its robust, else its scaled form.

    Ordered answers have scaled measures only: robust ones do not see restricted thresholds.

    Parameters
    ----------
    fit : SemFit or OrdinalFit
    name : str
        Such as "chisq", "p_value" or "cfi".
    """
    suffixes = ("_scaled", "") if isinstance(fit, OrdinalFit) else ("_robust", "_scaled", "")
    for suffix in suffixes:
        if f"{name}{suffix}" in fit.summary:
            return float(fit.summary[f"{name}{suffix}"])
    return nan
