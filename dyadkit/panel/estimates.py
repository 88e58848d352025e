"""The estimates of a fitted panel by what they are of."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

import pandas as pd

from dyadkit.models.sem_fit import SemFit

KEY = "panel"
"""Under which the numbers of a panel are protected: all rest on the same dyads."""

Estimate = Mapping[str, float]
Key = tuple[str, str, str]
_ROUNDING = 1e-8
ByGroup = Mapping[str, Mapping[Key, Estimate]]


def indexed(fit: SemFit, group: str = "") -> tuple[dict[Key, Estimate], dict[Key, Estimate]]:
    """Return raw and standardised estimates by left-hand side, operator and right-hand side.

    A correlation beyond 1, of a covariance matrix that no population has, is NaN: there is none.

    Parameters
    ----------
    fit : SemFit
    group : str
        Whose they are, where the model has groups.
    """

    def rows(frame: pd.DataFrame) -> dict[Key, Estimate]:
        if group:
            frame = frame[frame["group"] == group]
        names = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
        values = frame[names].to_dict("records")
        keys = zip(frame["lhs"], frame["op"], frame["rhs"], strict=True)
        return {
            key: {str(name): float(value) for name, value in one.items()}
            for key, one in zip(keys, values, strict=True)
        }

    standardised = {
        key: dict.fromkeys(found, nan) if _beyond_one(key, found) else found
        for key, found in rows(fit.standardized()).items()
    }
    return rows(fit.tidy()), standardised


def related(found: Mapping[Key, Estimate], one: str, other: str) -> Estimate | None:
    """Return the covariance of two variables, in whichever order it was written, if there is one.

    Examples
    --------
    >>> related({("x", "~~", "y"): {"estimate": 0.5}}, "y", "x")
    {'estimate': 0.5}
    """
    return found.get((one, "~~", other)) or found.get((other, "~~", one))


def _beyond_one(key: Key, found: Estimate) -> bool:
    """Tell whether an estimate is a correlation that cannot be."""
    lhs, op, rhs = key
    return op == "~~" and lhs != rhs and abs(found["estimate"]) > 1 + _ROUNDING
