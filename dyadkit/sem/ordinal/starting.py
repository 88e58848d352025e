"""Starting values for models of ordered outcomes.

Latent responses start with the covariances of the sample statistics and those of
`dyadkit.sem.starting`; under the theta parameterization they have the variance 2, of which a fixed
residual variance of 1 is half.  Thresholds start at the sample's, in these units, and scaling
factors at 1.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.ordinal.inference import Weighted
from dyadkit.sem.ordinal.moments import OrdinalStructure, covariances_among
from dyadkit.sem.sample import Sample, sample_of_moments
from dyadkit.sem.starting import starting_values

_COMMUNALITIES = (0.2, 0.8, 0.35, 0.65, 0.05, 0.95)
_SHAKEN = 6


def sample_of_responses(model: OrdinalStructure, sample: Weighted) -> Sample:
    """Return the moments of latent responses and continuous variables, as one sample."""
    unit = _units(model)
    covariances = covariances_among(model, sample.values) * unit[:, None] * unit
    means = np.zeros((sample.n.size, unit.size))
    continuous = ~np.isin(model.variable, model.ordered)
    first = sample.values[:, : model.variable.size]
    means[:, model.variable[continuous]] = -first[:, continuous]
    return sample_of_moments(sample.n.tolist(), list(means), list(covariances))


def usual_start(
    table: ParTable,
    model: OrdinalStructure,
    sample: Weighted,
    communality: float = 0.5,
    *,
    heeded: bool = True,
) -> FloatArray:
    """Return starting values, shape (q,).

    Parameters
    ----------
    table : ParTable
    model : OrdinalStructure
    sample : Weighted
    communality : float
        The share of an indicator's variance that goes to factors.
    heeded : bool
        Whether the user's starting values are taken.
    """
    given = np.full(model.structure.n_free, np.nan)
    loading = np.zeros(model.structure.n_free, dtype=np.bool_)
    for row in table.rows:
        if row.free:
            loading[row.free - 1] |= row.op == "=~"
            if heeded and not np.isnan(row.start):
                given[row.free - 1] = row.start
    responses = sample_of_responses(model, sample)
    start = starting_values(model.structure, responses, given, loading, communality)[0]
    start = start[: model.n_free]
    unit = _units(model)[model.variable]
    total, count = np.zeros(start.size), np.zeros(start.size)
    g, k = np.nonzero(model.threshold_parameter >= 0)
    number = model.threshold_parameter[g, k]
    np.add.at(total, number, sample.n[g] * sample.values[g, k] * unit[k])
    np.add.at(count, number, sample.n[g])
    start = np.where(count > 0, total / np.where(count > 0, count, 1.0), start)
    start[model.scale_parameter[model.scale_parameter >= 0]] = 1.0
    given = given[: model.n_free]
    return np.asarray(np.where(np.isnan(given), start, given))


def other_starts(table: ParTable, model: OrdinalStructure, sample: Weighted) -> FloatArray:
    """Return further sets of starting values, shape (b, q), for where the usual one fails."""
    rng = np.random.default_rng(0)
    found = []
    # The starts of the user may be what is wrong: the second round leaves them out.
    given = any(row.free and not np.isnan(row.start) for row in table.rows)
    for heeded in (True, False)[: 1 + given]:
        usual = usual_start(table, model, sample, heeded=heeded)
        found += [
            usual_start(table, model, sample, share, heeded=heeded) for share in _COMMUNALITIES
        ]
        size = np.sqrt(np.abs(usual)) + 0.1
        found += [usual + 0.3 * size * rng.standard_normal(size.size) for _ in range(_SHAKEN)]
    return np.array(found)


def _units(model: OrdinalStructure) -> FloatArray:
    """Return the standard deviations with which the latent responses start, shape (p,)."""
    unit = np.ones(model.structure.n_observed)
    if not model.follows:
        unit[model.ordered] = sqrt(2.0)
    return unit
