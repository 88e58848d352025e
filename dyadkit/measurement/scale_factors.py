"""One factor model of all scales of both members in a wave, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.estimation.arrays import FloatArray
from dyadkit.measurement.ladder import Factor
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem


@dataclass(frozen=True, slots=True, eq=False)
class FactorModel:
    """A fitted factor model with the factors' variances 1.

    Attributes
    ----------
    factors : tuple of Factor
    syntax : str
    fit : SemFit
    loadings, residuals, standardised : tuple of ndarray, shape (items,)
        By factor.
    phi : ndarray, shape (factors, factors)
        Correlations of the factors.
    """

    factors: tuple[Factor, ...]
    syntax: str
    fit: SemFit
    loadings: tuple[FloatArray, ...]
    residuals: tuple[FloatArray, ...]
    standardised: tuple[FloatArray, ...]
    phi: FloatArray


def factor_syntax(factors: Sequence[Factor], same: Sequence[tuple[int, int]] = ()) -> str:
    """Write the model; residuals of the same item are correlated between factors of one scale.

    Parameters
    ----------
    factors : sequence of Factor
    same : sequence of (int, int)
        Pairs of factors of one scale, with equally many items.

    Examples
    --------
    >>> pair = [Factor("f1", "Mentor", ("a1", "b1")), Factor("f2", "Developee", ("a2", "b2"))]
    >>> print(factor_syntax(pair, [(0, 1)]))
    f1 =~ a1 + b1
    f2 =~ a2 + b2
    a1 ~~ a2
    b1 ~~ b2
    """
    lines = [f"{factor.name} =~ {' + '.join(factor.indicators)}" for factor in factors]
    lines += [
        f"{one} ~~ {other}"
        for first, second in same
        for one, other in zip(factors[first].indicators, factors[second].indicators, strict=True)
    ]
    return "\n".join(lines)


def fit_factors(
    factors: Sequence[Factor], same: Sequence[tuple[int, int]], data: pd.DataFrame
) -> FactorModel:
    """Fit the model by maximum likelihood, with incomplete rows.

    Raises
    ------
    DataError
        When an item does not vary, or there are too few rows.
    FitError
        When there is no solution.
    """
    syntax = factor_syntax(factors, same)
    fit = fit_sem(syntax, data, auto="cfa", std_lv=True)
    tidy = fit.tidy()
    keys = zip(tidy["lhs"], tidy["op"], tidy["rhs"], strict=True)
    value = dict(zip(keys, tidy["estimate"].to_numpy(np.float64).tolist(), strict=True))
    keys = zip(tidy["lhs"], tidy["op"], tidy["rhs"], strict=True)
    std = dict(zip(keys, tidy["std_all"].to_numpy(np.float64).tolist(), strict=True))

    def of(factor: Factor, table: dict[tuple[str, str, str], float]) -> FloatArray:
        return np.array([table[factor.name, "=~", item] for item in factor.indicators])

    phi = np.eye(len(factors))
    for i, one in enumerate(factors):
        for j, other in enumerate(factors):
            if i != j:
                pair = (one.name, "~~", other.name)
                phi[i, j] = value[pair] if pair in value else value[other.name, "~~", one.name]
    return FactorModel(
        tuple(factors),
        syntax,
        fit,
        tuple(of(factor, value) for factor in factors),
        tuple(
            np.array([value[item, "~~", item] for item in factor.indicators]) for factor in factors
        ),
        tuple(of(factor, std) for factor in factors),
        phi,
    )


def combined_by_model(model: FactorModel, first: int, second: int, *, difference: bool) -> float:
    """Return the reliability of two factors' mean scores' difference, or mean, by the model.

    What is due to the factors, over the implied variance: residuals of the same item, which
    correlate between members, are error.
    """
    order = list(model.fit.solution.table.observed)
    weights = np.zeros(len(order))
    true = np.zeros(len(model.factors))
    for number, sign in ((first, 1.0), (second, -1.0 if difference else 1.0)):
        factor = model.factors[number]
        share = sign / len(factor.indicators)
        for item in factor.indicators:
            weights[order.index(item)] = share
        true[number] = share * float(model.loadings[number].sum())
    implied = model.fit.solution.implied.sigma[0, 0]
    return float(true @ model.phi @ true) / float(weights @ implied @ weights)
