"""Comparisons of models of ordered outcomes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import Cell, Row, Table
from dyadkit.errors import Refused, listed
from dyadkit.models.measured import COMPARED
from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.results import Estimates, Support
from dyadkit.sem.ordinal.difference import ordinal_difference

_KEY = "model"
_NOTE = (
    "χ², CFI and RMSEA are scaled and shifted; Δχ² is Satorra's (2000) scaled and shifted "
    "difference, not that of the χ² shown."
)


def compare_ordinal(fits: Sequence[OrdinalFit], names: Sequence[str]) -> PresentedResult:
    """Compare nested models of ordered outcomes; see `dyadkit.compare_models`."""
    for fit, name in zip(fits[1:], names[1:], strict=True):
        _require_comparable(fits[0], fit, f"'{names[0]}' and '{name}'")
    order = sorted(range(len(fits)), key=lambda number: fits[number].solution.test.df)
    chosen, called = [fits[number] for number in order], [names[number] for number in order]
    rows = [_own(fit, name) for fit, name in zip(chosen, called, strict=True)]
    for number in range(1, len(rows)):
        pair = f"'{called[number - 1]}' and '{called[number]}'"
        rows[number] |= _difference(chosen[number - 1], chosen[number], pair)
        for name in ("cfi", "rmsea"):
            apart = float(rows[number][name]) - float(rows[number - 1][name])
            rows[number][f"{name}_difference"] = apart
    n, setup = int(fits[0].summary["n_obs"]), fits[0].setup
    return PresentedResult(
        type="comparison",
        title="Comparison of models",
        estimates=Estimates(rows, [_KEY] * len(rows)),
        summary={"n_obs": n, "n_models": len(rows)},
        table_specs=(
            Table(
                name="comparison",
                title="Comparison of models",
                columns=COMPARED,
                rows=tuple(Row(tuple(_cell(row[c.name]) for c in COMPARED)) for row in rows),
                notes=(_NOTE,),
            ),
        ),
        supports=(Support(_KEY, n, setup.fewest_persons or n),),
        convergence=fits[0].convergence,
    )


def _own(fit: OrdinalFit, name: str) -> dict[str, float | str]:
    scaled = fit.solution.scaled
    return {
        "term": name,
        "n_parameters": fit.summary["n_parameters"],
        "chisq": scaled.chisq,
        "df": float(fit.solution.test.df),
        "cfi": scaled.cfi,
        "rmsea": scaled.rmsea,
        "srmr": fit.solution.measures.srmr,
        "difference": np.nan,
        "df_difference": np.nan,
        "p_value": np.nan,
        "cfi_difference": np.nan,
        "rmsea_difference": np.nan,
    }


def _difference(larger: OrdinalFit, smaller: OrdinalFit, what: str) -> dict[str, float | str]:
    one, two = larger.solution.test, smaller.solution.test
    if two.df <= one.df:
        raise Refused(
            f"{what} have the same degrees of freedom ({one.df}), so that none is a restriction of "
            "the other. Models of ordered outcomes have no likelihood and no information criteria "
            "by which others could be compared."
        )
    if two.chisq < one.chisq - 1e-6 * max(1.0, one.chisq):
        raise Refused(
            f"Of {what} the one with fewer parameters fits better (before scaling χ² = "
            f"{two.chisq:.3f} against {one.chisq:.3f}), which no restriction does: they are not "
            "nested."
        )
    test = ordinal_difference(larger.solution, smaller.solution)
    return {
        "difference": test.adjusted,
        "df_difference": float(test.df),
        "p_value": test.p_value,
    }


def _require_comparable(one: OrdinalFit, other: OrdinalFit, what: str) -> None:
    a, b = one.solution, other.solution
    if set(a.model.names) != set(b.model.names):
        apart = sorted(set(a.table.observed) ^ set(b.table.observed))
        if not apart:
            raise Refused(f"{what} do not take the same variables for ordered. Fit both alike.")
        raise Refused(
            f"{what} are of different variables ({listed(apart)} are in one only), so that their "
            "chi-squares cannot be compared. Put all variables in both, with the paths that a "
            "hypothesis denies fixed at 0."
        )
    if one.setup.estimator != other.setup.estimator:
        raise Refused(f"{what} have different estimators. Fit both in the same way.")
    if one.setup.columns != other.setup.columns:
        raise Refused(f"{what} have different groups. Fit both in the same way.")
    place = [b.model.names.index(name) for name in a.model.names]
    same = np.array_equal(a.sample.n, b.sample.n) and np.allclose(
        a.sample.values, b.sample.values[:, place], rtol=1e-9, atol=1e-9
    )
    if not same:
        raise Refused(
            f"{what} were fitted to different rows ({a.sample.n.sum():.0f} and "
            f"{b.sample.n.sum():.0f} of them). Fit both to the rows that both can use."
        )


def _cell(value: float | str) -> Cell:
    if isinstance(value, str):
        return Cell(value)
    return Cell(None if np.isnan(value) else value, _KEY)
