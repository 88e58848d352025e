"""Whether structural equation models can be compared, and where one is a case of the other."""

from __future__ import annotations

import numpy as np

from dyadkit.errors import Refused, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.sem_estimates import row_estimates
from dyadkit.models.sem_fit import SemFit


def require_comparable(one: SemFit, other: SemFit, what: str) -> None:
    """Refuse models whose likelihoods are of different things."""
    a, b = one.solution, other.solution
    if set(a.table.observed) != set(b.table.observed):
        apart = sorted(set(a.table.observed) ^ set(b.table.observed))
        raise Refused(
            f"{what} are of different variables ({listed(apart)} are in one only), so that their "
            "likelihoods cannot be compared. Put all variables in both, with the paths that a "
            "hypothesis denies fixed at 0."
        )
    for attribute, why in (
        ("estimator", "have different estimators"),
        ("missing", "treat missing scores in different ways"),
        ("columns", "have different groups, clusters or weights"),
    ):
        if getattr(one.setup, attribute) != getattr(other.setup, attribute):
            raise Refused(f"{what} {why}. Fit both in the same way.")
    if a.table.meanstructure != b.table.meanstructure:
        raise Refused(f"Of {what} one models means and the other does not. Fit both alike.")
    fixed = [{row.lhs for row in s.table.rows if row.exo} for s in (a, b)]
    if fixed[0] != fixed[1]:
        raise Refused(
            f"{what} take the moments of different variables from the sample "
            f"({listed(sorted(fixed[0] ^ fixed[1]))}), so that their likelihoods are of different "
            "things. Pass the same fixed_x=False to both."
        )
    if not _same_rows(one, other):
        raise Refused(
            f"{what} were fitted to different rows ({a.objective.sample.n[0]:.0f} and "
            f"{b.objective.sample.n[0]:.0f} of them). Fit both to the rows that both can use."
        )


def _same_rows(one: SemFit, other: SemFit) -> bool:
    first, second = one.solution.table.observed, other.solution.table.observed
    place = [second.index(name) for name in first]
    if one.cases is not None and other.cases is not None:
        ours, theirs = one.cases.values, other.cases.values[:, place]
        return ours.shape == theirs.shape and np.array_equal(ours, theirs, equal_nan=True)
    a, b = one.solution.objective.sample, other.solution.objective.sample
    return a.counts.shape == b.counts.shape and bool(
        np.allclose(a.counts, b.counts)
        and np.allclose(a.scatter, b.scatter[:, :, place][:, :, :, place])
        and np.allclose(a.means, b.means[:, :, place])
    )


def at_restriction(smaller: SemFit, larger: SemFit) -> FloatArray:
    """Return the parameters of the larger model that make it the smaller one, shape (q,)."""
    small, large = smaller.solution, larger.solution
    known = {
        _key(row.lhs, row.op, row.rhs, row.group): value
        for row, value in zip(small.table.rows, row_estimates(small).tolist(), strict=True)
    }
    theta = np.zeros(large.table.n_free)
    for row in large.table.rows:
        if row.free:
            theta[row.free - 1] = known.get(_key(row.lhs, row.op, row.rhs, row.group), 0.0)
    return theta


def _key(lhs: str, op: str, rhs: str, group: int) -> tuple[str, str, str, int]:
    return (rhs, op, lhs, group) if op == "~~" and rhs < lhs else (lhs, op, rhs, group)
