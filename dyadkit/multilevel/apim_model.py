"""An actor–partner model fitted as a mixed model; its effects are combinations of estimates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.models.mixed_models import fit_rows
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_setup import DfMethod
from dyadkit.models.mixed_structure import Residual, Wanted
from dyadkit.multilevel.apim_rows import ApimRows, Regressor

_INTERCEPT = Regressor("intercept", "", "Intercept")


@dataclass(frozen=True, slots=True, eq=False)
class ApimModel:
    """A fitted model.

    Attributes
    ----------
    rows : ApimRows
    fit : MixedFit
    """

    rows: ApimRows
    fit: MixedFit

    @property
    def roles(self) -> tuple[str, ...]:
        """Whose effects there are; one empty name for exchangeable members."""
        return self.rows.roles or ("",)

    def weights(self, number: int, role: str) -> FloatArray:
        """Return what picks the effect of a regressor (−1: the intercept) in a role."""
        found = np.zeros(len(self.fit.setup.names))
        found[(number + 1) * len(self.roles) + self.roles.index(role)] = 1.0
        return found

    def effects(self) -> Iterator[tuple[Regressor, str, FloatArray]]:
        """Yield every fixed effect: its regressor, role and weights, by regressor then role."""
        for number, regressor in enumerate((_INTERCEPT, *self.rows.regressors)):
            for role in self.roles:
                yield regressor, role, self.weights(number - 1, role)

    def used(self) -> Any:
        """Return the rows that the model was fitted to."""
        frame = self.rows.frame
        columns = ["y", *(f"x{number + 1}" for number in range(len(self.rows.regressors)))]
        return frame[frame[columns].notna().all(axis=1)]


def fit_apim_rows(
    rows: ApimRows,
    *,
    method: Literal["REML", "ML"],
    df: DfMethod = "satterthwaite",
    confidence: float = 0.95,
) -> ApimModel:
    """Fit the model: every effect by role, or one for both of exchangeable members."""
    return ApimModel(rows, fit_formula(rows, formula_of(rows), method, df, confidence))


def formula_of(rows: ApimRows, *, by_role: bool = True, intercepts: bool = True) -> str:
    """Return the formula with effects, or intercepts, by role or not."""
    columns = [f"x{number + 1}" for number in range(len(rows.regressors))]
    if not rows.roles:
        return " + ".join(["y ~ 1", *columns])
    start = "y ~ 0 + role" if intercepts else "y ~ 1"
    return " + ".join([start, *(f"role:{name}" if by_role else name for name in columns)])


def fit_formula(
    rows: ApimRows,
    formula: str,
    method: Literal["REML", "ML"],
    df: DfMethod = "satterthwaite",
    confidence: float = 0.95,
    residual: Residual | None = None,
) -> MixedFit:
    """Fit any formula to the rows, with the residual structure of their roles unless another."""
    told = bool(rows.roles)
    columns = Columns("dyad", "role" if told else None, "member" if not told else None)
    kind = residual or ("unstructured" if told else "compound_symmetry")
    return fit_rows(
        formula,
        rows.frame,
        columns,
        Wanted(kind),
        roles=rows.roles or None,
        method=method,
        df=df,
        confidence=confidence,
        called={
            "y": rows.outcome,
            **{
                f"x{number + 1}": f"{regressor.effect} {regressor.predictor}"
                for number, regressor in enumerate(rows.regressors)
            },
        },
    )


def empty_of(rows: ApimRows) -> ApimRows:
    """Return the same rows without predictors, restricted to those the model uses."""
    columns = ["y", *(f"x{number + 1}" for number in range(len(rows.regressors)))]
    used = rows.frame[rows.frame[columns].notna().all(axis=1)]
    return replace(rows, frame=used, regressors=(), moderator=None)
