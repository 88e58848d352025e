"""The fit measures that are reported of a model: robust ones where there are such."""

from __future__ import annotations

from math import nan

from dyadkit.display.tables import Column
from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.models.sem_fit import SemFit

Fit = SemFit | OrdinalFit

FIT = ("chisq", "df", "p_value", "cfi", "tli", "rmsea", "srmr")
FIT_COLUMNS = (
    Column("chisq", "χ²", "statistic"),
    Column("df", "df", "df"),
    Column("p", "p", "p_value"),
    Column("cfi", "CFI", "statistic_3"),
    Column("tli", "TLI", "statistic_3"),
    Column("rmsea", "RMSEA", "statistic_3"),
    Column("srmr", "SRMR", "statistic_3"),
)
# For tables that would be too wide.
FIT_COLUMNS_WITHOUT_TLI = tuple(column for column in FIT_COLUMNS if column.name != "tli")
# Of models compared with one another, with a likelihood or without.
COMPARED = (
    Column("term", "Model"),
    Column("chisq", "χ²", "statistic"),
    Column("df", "df", "count"),
    Column("cfi", "CFI", "statistic_3"),
    Column("rmsea", "RMSEA", "statistic_3"),
    Column("srmr", "SRMR", "statistic_3"),
    Column("difference", "Δχ²", "statistic"),
    Column("df_difference", "Δdf", "count"),
    Column("p_value", "p", "p_value"),
    Column("cfi_difference", "ΔCFI", "statistic_3"),
    Column("rmsea_difference", "ΔRMSEA", "statistic_3"),
)


def difference_columns(against: str) -> tuple[Column, ...]:
    """Return the columns of a chi-square difference, under what it is against."""
    return (
        Column("difference", "Δχ²", "statistic", against),
        Column("df_difference", "Δdf", "df", against),
        Column("p_difference", "p", "p_value", against),
    )


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
