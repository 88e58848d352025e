"""Tests within one fitted model: Wald, score, modification indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from dyadkit.errors import Refused, StudyError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.sem_setup import Setup
from dyadkit.sem.inference import rank_of
from dyadkit.sem.language.further import absent_parameters, further_constraints, keys_of
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.score_tests import Extended, extend, one_by_one, release
from dyadkit.sem.solution import Information, Solution
from dyadkit.sem.standardised import standardising_factors


@dataclass(frozen=True, slots=True, eq=False)
class ConstraintTest:
    """A test of constraints on a fitted model.

    Attributes
    ----------
    kind : {"Wald", "score"}
    statistic, df, p_value : float
        Of all constraints together.
    univariate : DataFrame
        One row per constraint: ``term, statistic, df, p_value``, and of parameters to add ``epc``,
        the value that each is expected to take.
    changes : DataFrame
        Of score tests, one row per parameter: ``term, group, estimate, epc`` (how much it is
        expected to change once all of this is free) and ``sepc_all``, completely standardised.
    """

    kind: str
    statistic: float
    df: int
    p_value: float
    univariate: pd.DataFrame
    changes: pd.DataFrame | None = None

    def tidy(self) -> pd.DataFrame:
        """Return the joint test and the single ones, one row each."""
        joint = {
            "term": "all together",
            "statistic": self.statistic,
            "df": float(self.df),
            "p_value": self.p_value,
        }
        return pd.concat([pd.DataFrame([joint]), self.univariate], ignore_index=True)

    def __repr__(self) -> str:
        return (
            f"<{self.kind} test: χ²({self.df}) = {self.statistic:.2f}, p = {self.p_value:.3g}, "
            f"{len(self.univariate)} constraint(s)>"
        )

    def _repr_html_(self) -> str:
        return str(self.tidy().to_html(index=False))


def wald_test(solution: Solution, setup: Setup, constraints: str) -> ConstraintTest:
    """Test equations between parameters; see `SemFit.wald_test`."""
    return wald_of(solution.table, solution.theta, solution.covariance, setup.model, constraints)


def wald_of(
    table: ParTable, theta: FloatArray, covariance: FloatArray, model: str, constraints: str
) -> ConstraintTest:
    """Test equations between parameters (q,) with this covariance matrix (q, q)."""
    functions = further_constraints(table, model, constraints)
    found = [function.evaluate(theta) for function in functions]
    values = np.array([float(value) for value, _ in found])
    jacobian = np.array([gradient for _, gradient in found])
    spread = jacobian @ covariance @ jacobian.T
    scale = np.sqrt(np.maximum(np.diagonal(spread), 0.0))
    names = [function.text for function in functions]
    size = np.sqrt(np.diagonal(covariance))
    flat = scale <= 1e-8 * np.abs(jacobian) @ size
    if flat.any():
        raise Refused(
            f"'{names[int(np.flatnonzero(flat)[0])]}' holds in the model already, or is about "
            "fixed parameters only, so that there is nothing to test. Free the parameters with "
            "NA*, or test another equation."
        )
    rank = rank_of(spread / np.outer(scale, scale))
    if rank < len(names):
        raise Refused(
            f"The {len(names)} equations say the same more than once; {rank} of them are "
            "independent. Leave the others out."
        )
    statistic = float(values @ np.linalg.solve(spread, values))
    single = (values / scale) ** 2
    return ConstraintTest(
        "Wald",
        statistic,
        rank,
        float(chdtrc(rank, statistic)),
        pd.DataFrame({"term": names, "statistic": single, "df": 1.0, "p_value": chdtrc(1, single)}),
    )


def score_test(
    solution: Solution,
    labels: Sequence[str],
    *,
    add: str | None,
    release_constraints: Sequence[int] | None,
    information: Information,
) -> ConstraintTest:
    """Test fixed parameters or constraints; see `SemFit.score_test`."""
    if add is not None:
        keys = keys_of(solution.table, add)
        known = {(row.lhs, row.op, row.rhs, row.group) for row in solution.table.rows if row.free}
        twice = [key for key in keys if key in known]
        if twice:
            raise StudyError(
                f"'{''.join(twice[0][:3])}' is free in the model already, so that there is nothing "
                "to add."
            )
        extended = extend(solution, keys, information)
        n = extended.n_estimated
        added = np.arange(n, extended.theta.size)
        statistic, df, moved = release(extended, np.zeros(0, dtype=np.int64), added)
        single, change = one_by_one(extended)
        return ConstraintTest(
            "score",
            statistic,
            df,
            float(chdtrc(df, statistic)),
            pd.DataFrame(
                {
                    "term": extended.table.names[n:],
                    "statistic": single,
                    "df": 1.0,
                    "p_value": chdtrc(1, single),
                    "epc": extended.theta[n:] + change,
                }
            ),
            _changes(extended, moved, labels),
        )
    extended = extend(solution, [], information)
    count = len(extended.names)
    if not count:
        raise Refused(
            "The model has no equality constraint to let go: no shared label, no group_equal and "
            "no '=='. To test parameters that it lacks, name them: add='y ~~ x'."
        )
    chosen = list(range(1, count + 1)) if release_constraints is None else [*release_constraints]
    if not chosen or not all(1 <= number <= count for number in chosen):
        raise StudyError(
            f"release={chosen} names constraints by their number, from 1 to {count}. "
            "score_test() without release= lists them."
        )
    places = np.array(chosen, dtype=np.int64) - 1
    none = np.zeros(0, dtype=np.int64)
    statistic, df, moved = release(extended, places, none)
    single = np.array([release(extended, places[k : k + 1], none)[0] for k in range(places.size)])
    return ConstraintTest(
        "score",
        statistic,
        df,
        float(chdtrc(df, statistic)),
        pd.DataFrame(
            {
                "term": [extended.names[place] for place in places],
                "statistic": single,
                "df": 1.0,
                "p_value": chdtrc(1, single),
            }
        ),
        _changes(extended, moved, labels),
    )


def _changes(extended: Extended, moved: FloatArray, labels: Sequence[str]) -> pd.DataFrame:
    """Return the expected change of each parameter."""
    rows = sorted((row for row in extended.table.rows if row.free), key=lambda row: row.free)
    factor = standardising_factors(
        extended.table,
        extended.objective.structure,
        extended.objective.fixed,
        extended.theta,
        [(row.lhs, row.op, row.rhs, row.group) for row in rows],
    )
    return pd.DataFrame(
        {
            "term": [f"{row.lhs} {row.op} {row.rhs}".strip() for row in rows],
            "group": [labels[row.group - 1] if labels else row.group for row in rows],
            "estimate": extended.theta,
            "epc": moved,
            "sepc_all": moved * factor,
        }
    )


def modification_indices(
    solution: Solution, setup: Setup, information: Information
) -> pd.DataFrame:
    """Return a score test of every absent parameter; see `SemFit.modification_indices`."""
    keys = absent_parameters(solution.table)
    extended = extend(solution, keys, information)
    statistic, change = one_by_one(extended)
    factor = standardising_factors(
        extended.table,
        extended.objective.structure,
        extended.objective.fixed,
        extended.theta,
        keys,
    )
    labels = setup.labels
    frame = pd.DataFrame(
        {
            "lhs": [key[0] for key in keys],
            "op": [key[1] for key in keys],
            "rhs": [key[2] for key in keys],
            "group": [labels[key[3] - 1] if labels else key[3] for key in keys],
            "mi": statistic,
            "p_value": chdtrc(1, statistic),
            "epc": change,
            "sepc_all": change * factor,
        }
    )
    if solution.scaled is not None and solution.measures.df > 0:
        scaled = statistic / solution.scaled.scaling
        frame.insert(5, "mi_scaled", scaled)
        frame["p_value"] = chdtrc(1, scaled)
    known = frame.loc[np.isfinite(statistic)]
    return known.sort_values("mi", ascending=False, kind="stable", ignore_index=True)
