"""The chi-square difference of two models in an analysis, whose reader chooses no formula."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from dyadkit.errors import Refused
from dyadkit.models.comparison import Difference as Formula
from dyadkit.models.comparison import compare_models
from dyadkit.models.measured import Fit


@dataclass(frozen=True, slots=True)
class Difference:
    """What the smaller of two models costs.

    Attributes
    ----------
    statistic, p_value : float
        NaN where there is none.
    df : float
    remark : str
        Why there is none, or another one than usual; empty otherwise.
    """

    statistic: float
    df: float
    p_value: float
    remark: str = ""


def difference_of(one: Fit, other: Fit, names: tuple[str, str]) -> Difference:
    """Compare two models, of which one restricts the other.

    After robust inference it is the difference of 2001, and where that would be negative the one of
    2010, which seldom is (see `dyadkit.compare_models`).

    Parameters
    ----------
    one, other : SemFit or OrdinalFit
        In either order.
    names : pair of str
        What remarks call them.

    Examples
    --------
    >>> import pandas as pd
    >>> import numpy as np
    >>> from dyadkit.models.structural import fit_sem
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(200, 3)), columns=["x", "y", "z"])
    >>> free, equal = (fit_sem(f"z ~ {text}", data) for text in ("x + y", "b*x + b*y"))
    >>> found = difference_of(free, equal, ("free", "equal"))
    >>> found.df, found.remark
    (1.0, '')
    """
    try:
        return _compared(one, other, names, "auto")
    except Refused as error:
        usual = str(error)
    try:
        found = _compared(one, other, names, "satorra_bentler_2010")
    except Refused:
        apart = abs(float(one.summary["df"]) - float(other.summary["df"]))
        return Difference(nan, apart, nan, usual)
    remark = (
        f"The scaled chi-square difference of '{names[0]}' and '{names[1]}' by Satorra and Bentler "
        "(2001) would be negative, as can happen in small samples; their difference of 2010 stands "
        "in its place."
    )
    return Difference(found.statistic, found.df, found.p_value, remark)


def _compared(one: Fit, other: Fit, names: tuple[str, str], kind: Formula) -> Difference:
    row = compare_models(one, other, names=names, difference=kind).tidy().iloc[1]
    return Difference(float(row["difference"]), float(row["df_difference"]), float(row["p_value"]))
