"""From a covariance matrix and means, as published or computed elsewhere, to a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.model_data import require_definite
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.sample import Sample, sample_of_moments


def sample_of_given(
    table: ParTable,
    sample_cov: pd.DataFrame | ArrayLike | None,
    sample_mean: pd.Series | Mapping[str, float] | ArrayLike | None,
    n_obs: int | None,
) -> Sample:
    """Turn a covariance matrix of divisor N - 1 into the moments of a sample."""
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
    if n_obs <= p:
        raise DataError(
            f"A model of {p} variables needs more than {p} dyads, but n_obs is {n_obs}."
        )
    mean = _means_of(names, sample_mean) if sample_mean is not None else np.zeros(p)
    covariance = (covariance + covariance.T) * (0.5 * (n_obs - 1) / n_obs)
    require_definite(covariance, names)
    return sample_of_moments([n_obs], [mean], [covariance])


def _means_of(
    names: Sequence[str], sample_mean: pd.Series | Mapping[str, float] | ArrayLike
) -> FloatArray:
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
