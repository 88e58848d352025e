"""From a covariance matrix and means, as published or computed elsewhere, to a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.model_data import require_definite
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.sample import Sample, sample_of_moments

Covariances = pd.DataFrame | ArrayLike
Means = pd.Series | Mapping[str, float] | ArrayLike


def given_groups(sample_cov: Covariances | Mapping[str, Covariances] | None) -> tuple[str, ...]:
    """Return the groups of covariance matrices passed by group; none where there is one matrix."""
    return tuple(map(str, sample_cov)) if isinstance(sample_cov, Mapping) else ()


def sample_of_given(
    table: ParTable,
    sample_cov: Covariances | Mapping[str, Covariances] | None,
    sample_mean: Means | Mapping[str, Means] | None,
    n_obs: int | Mapping[str, int] | None,
) -> Sample:
    """Turn covariance matrices of divisor N - 1, one or one a group, into moments of a sample."""
    if not isinstance(sample_cov, Mapping):
        if isinstance(n_obs, Mapping):
            raise StudyError("n_obs is by group, but sample_cov is one matrix. Pass one number.")
        return _one_sample(table, sample_cov, sample_mean, n_obs)
    groups = list(sample_cov)
    for name, given in (("n_obs", n_obs), ("sample_mean", sample_mean)):
        if name == "sample_mean" and given is None:
            continue
        if not isinstance(given, Mapping) or set(given) != set(groups):
            raise StudyError(
                f"sample_cov has a matrix for each of {listed([str(g) for g in groups])}, so that "
                f"{name} needs a value for each of these too: {name}={{'{groups[0]}': …}}."
            )
    if len(groups) < 2:
        raise StudyError("sample_cov by group needs two groups or more.")
    parts = []
    for group in groups:
        n = n_obs[group] if isinstance(n_obs, Mapping) else None
        mean: Any = sample_mean[group] if isinstance(sample_mean, Mapping) else None
        try:
            parts.append(_one_sample(table, sample_cov[group], mean, n))
        except (DataError, StudyError) as error:
            raise type(error)(f"Group '{group}': {error}") from error
    return sample_of_moments(
        [float(part.counts[0, 0]) for part in parts],
        [part.means[0, 0] for part in parts],
        [part.scatter[0, 0] for part in parts],
    )


def _one_sample(
    table: ParTable, sample_cov: Covariances | None, sample_mean: Any, n_obs: int | None
) -> Sample:
    names = list(table.observed)
    p = len(names)
    if n_obs is None:
        raise StudyError("sample_cov=… needs n_obs=…, the number of dyads that it is from.")
    if isinstance(sample_cov, pd.DataFrame):
        known = [str(name) for name in sample_cov.columns]
        for name in names:
            if name not in known:
                raise StudyError(
                    f"The covariance matrix has no column '{name}'.{nearest(name, known)} It has "
                    f"{listed(known, 20)}."
                )
        index = [known.index(name) for name in names]
        matrix = sample_cov.to_numpy(dtype=np.float64)
        if matrix.shape[0] != matrix.shape[1]:
            raise StudyError(
                f"The covariance matrix must be square, but it has {matrix.shape[0]} rows and "
                f"{matrix.shape[1]} columns."
            )
        covariance = matrix[np.ix_(index, index)]
    else:
        covariance = np.array(sample_cov, dtype=np.float64)
        if covariance.shape != (p, p):
            raise StudyError(
                f"The model has {p} observed variables ({listed(names, 20)}), but the covariance "
                f"matrix has shape {covariance.shape}. Pass a DataFrame to pick them by name."
            )
    if not np.isfinite(covariance).all():
        raise DataError("The covariance matrix has missing or infinite values.")
    if not np.allclose(covariance, covariance.T, rtol=1e-6, atol=0):
        raise DataError(
            "The covariance matrix is not symmetric. Fill both triangles with the same values."
        )
    if n_obs < 2:
        raise StudyError(f"n_obs is the number of dyads and must be at least 2, but it is {n_obs}.")
    if n_obs <= p:
        raise DataError(
            f"A model of {p} variables needs more than {p} dyads, but n_obs is {n_obs}."
        )
    mean = _means_of(names, sample_mean) if sample_mean is not None else np.zeros(p)
    covariance = (covariance + covariance.T) * (0.5 * (n_obs - 1) / n_obs)
    require_definite(covariance, names)
    return sample_of_moments([n_obs], [mean], [covariance])


def _means_of(names: Sequence[str], sample_mean: Means) -> FloatArray:
    if isinstance(sample_mean, (pd.Series, Mapping)):
        given = {str(name): float(value) for name, value in dict(sample_mean).items()}
        absent = [name for name in names if name not in given]
        if absent:
            raise StudyError(f"sample_mean has no value for {listed(absent)}.")
        found = np.array([given[name] for name in names])
    else:
        found = np.array(sample_mean, dtype=np.float64)
    if found.shape != (len(names),) or not np.isfinite(found).all():
        raise StudyError(
            f"sample_mean needs one finite value for each of {listed(list(names), 20)}."
        )
    return found
