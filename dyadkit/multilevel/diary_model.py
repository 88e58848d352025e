"""A diary's model fitted as a mixed model; its effects are combinations of estimates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.terms import SerialKind
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.models.mixed_models import fit_rows
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_setup import DfMethod
from dyadkit.models.mixed_structure import Wanted
from dyadkit.multilevel.diary_rows import DiaryRows, Regressor

INTERCEPT = Regressor("intercept", "", "Intercept")


@dataclass(frozen=True, slots=True)
class Fitting:
    """How models of a diary are fitted.

    Attributes
    ----------
    serial : str or None
        How residual covariances decay with the gap in time.
    method, df : str
    confidence : float
    """

    serial: SerialKind | None
    method: Literal["REML", "ML"]
    df: DfMethod
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class DiaryModel:
    """A fitted model.

    Attributes
    ----------
    rows : DiaryRows
    fitting : Fitting
    fit : MixedFit
    """

    rows: DiaryRows
    fitting: Fitting
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
        for number, regressor in enumerate((INTERCEPT, *self.rows.regressors)):
            for role in self.roles:
                yield regressor, role, self.weights(number - 1, role)

    @property
    def n_persons(self) -> int:
        """The number of distinct persons in the rows used, in the role that has fewest."""
        used = self.rows.frame
        if not self.rows.roles:
            return int(used["person"].nunique())
        return int(used.groupby("role")["person"].nunique().min())


def fit_diary_rows(rows: DiaryRows, fitting: Fitting) -> DiaryModel:
    """Fit the model: every effect by role, or one for both of exchangeable members."""
    return DiaryModel(rows, fitting, fit_formula(rows, fitting, formula_of(rows)))


def formula_of(rows: DiaryRows, *, by_role: bool = True) -> str:
    """Return the formula with effects by role or not."""
    columns = [f"x{number + 1}" for number in range(len(rows.regressors))]
    if not rows.roles:
        return " + ".join(["y ~ 1", *columns])
    return " + ".join(["y ~ 0 + role", *(f"role:{name}" if by_role else name for name in columns)])


def random_of(rows: DiaryRows) -> str:
    """Return the random intercepts and slopes of the members, with all covariances."""
    slopes = [f"x{place + 1}" for place in rows.slopes]
    if not rows.roles:
        return f"exchangeable({' + '.join(['1', *slopes])} | dyad)"
    return f"{' + '.join(['0 + role', *(f'role:{name}' for name in slopes)])} | dyad"


def fit_formula(rows: DiaryRows, fitting: Fitting, formula: str) -> MixedFit:
    """Fit a formula with the random effects and the residual structure of the members.

    Raises
    ------
    DataError
        When the data cannot carry the model; regressors are called by their names.
    """
    told = bool(rows.roles)
    when = "number" if fitting.serial is None else "time"
    columns = Columns("dyad", "role" if told else None, None if told else "member", when)
    try:
        return fit_rows(
            formula,
            rows.frame,
            columns,
            Wanted("unstructured" if told else "compound_symmetry", fitting.serial),
            random=random_of(rows),
            roles=rows.roles or None,
            method=fitting.method,
            df=fitting.df,
            confidence=fitting.confidence,
        )
    except DataError as error:
        raise DataError(_named(str(error), rows), error.rows) from error


def restricted(rows: DiaryRows, fitting: Fitting) -> Iterator[tuple[str, str, MixedFit]]:
    """Yield models in which the roles are the same, by maximum likelihood."""
    ml = replace(fitting, method="ML", df="satterthwaite")
    plain = replace(rows, roles=())
    yield "full", "", fit_formula(rows, ml, formula_of(rows))
    yield "effects", "Equal effects", fit_formula(rows, ml, formula_of(rows, by_role=False))
    yield "all", "Indistinguishable: all of them", fit_formula(plain, ml, formula_of(plain))


def empty_model(model: DiaryModel) -> MixedFit:
    """Fit the same rows without predictors, with random intercepts and the same residuals."""
    rows = replace(model.rows, regressors=(), slopes=())
    fitting = replace(model.fitting, df="satterthwaite")
    return fit_formula(rows, fitting, formula_of(rows))


def _named(text: str, rows: DiaryRows) -> str:
    """Put the names of regressors in the place of x1, x2, …"""

    def name(found: re.Match[str]) -> str:
        place = int(found.group(2)) - 1
        if place >= len(rows.regressors):
            return found.group(0)
        regressor = rows.regressors[place]
        role = f" ({found.group(1)})" if found.group(1) else ""
        return f"{regressor.effect}: {regressor.predictor}{role}"

    text = re.sub(r"\boutcome y\b", f"outcome '{rows.outcome}'", text)
    return re.sub(r"(?:role\[([^\]]*)\]:)?\bx(\d+)\b", name, text)
