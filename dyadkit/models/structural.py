"""Structural equation models in lavaan syntax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, Refused, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray, require_confidence
from dyadkit.frame import DyadFrame
from dyadkit.models.model_data import ModelData, require_definite, take_variables
from dyadkit.models.second_opinion import semopy_estimates
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.sem_setup import Setup
from dyadkit.sem.language.partable import ParTable, build_partable
from dyadkit.sem.sample import Sample, records_of, sample_of_moments
from dyadkit.sem.solution import solve

_AUTO = ("sem", "cfa", "growth", "lavaan")
_BOUNDS = ("pos.var", "pos.ov.var", "pos.lv.var")


def fit_sem(
    model: str,
    data: pd.DataFrame | DyadFrame | None = None,
    *,
    auto: Literal["sem", "cfa", "growth", "lavaan"] = "sem",
    missing: Literal["fiml", "listwise"] = "fiml",
    estimator: Literal["ML"] = "ML",
    information: Literal["expected", "observed"] | None = None,
    fixed_x: bool | None = None,
    std_lv: bool = False,
    meanstructure: bool = True,
    int_ov_free: bool | None = None,
    bounds: str | None = None,
    sample_cov: pd.DataFrame | ArrayLike | None = None,
    sample_mean: pd.Series | Mapping[str, float] | ArrayLike | None = None,
    n_obs: int | None = None,
    bootstrap: int = 0,
    seed: int | np.random.SeedSequence | None = None,
    confidence: float = 0.95,
    engine: Literal["dyadkit", "semopy"] = "dyadkit",
) -> SemFit:
    r"""Fit a structural equation model by maximum likelihood.

    Parameters
    ----------
    model : str
        In lavaan syntax: ``=~ ~ ~~ ~1 := == < >`` with fixed values, ``NA*``, ``start()``, labels.
    data : DataFrame or DyadFrame
        One row per dyad; of a DyadFrame its `wide` form (``trust_client_t1``).  Never changed.
    auto : {"sem", "cfa", "growth", "lavaan"}
        The lavaan function whose defaults complete the model.
    missing : {"fiml", "listwise"}
        Full information from every row with a score, or complete rows only.
    estimator : {"ML"}
        Normal-theory maximum likelihood.
    information : {"expected", "observed"}, optional
        What standard errors come from; by default observed under FIML, expected otherwise.
    fixed_x : bool, optional
        Whether means, variances and covariances of exogenous observed variables are taken from the
        sample, which leaves out rows where one is missing.  By default not under FIML.
    std_lv : bool
        Unit variances of latent variables in place of a loading of 1.
    meanstructure : bool
        Whether means are modelled.  FIML needs them where something is missing.
    int_ov_free : bool, optional
        Whether intercepts of observed variables are free; by default as `auto` has it.
    bounds : {"pos.var", "pos.ov.var", "pos.lv.var"}, optional
        Keep (residual) variances of all, of observed or of latent variables from being negative.
        By default they are not bounded, and a negative one is reported.
    sample_cov : DataFrame or array_like, shape (p, p), optional
        Covariances in place of data, of divisor N - 1; an array in the order of the model's
        observed variables, a DataFrame by name.
    sample_mean : Series, mapping or array_like, shape (p,), optional
        Means that go with them; without, the model has no mean structure.
    n_obs : int, optional
        Number of dyads behind `sample_cov`.
    bootstrap : int
        Draws of dyads for bootstrap intervals; see `SemFit.bootstrap` for the kinds.
    seed : int or SeedSequence, optional
        Makes the bootstrap repeatable.
    confidence : float
        Level of the intervals.
    engine : {"dyadkit", "semopy"}
        ``"semopy"`` is a second opinion where that package is right (complete data, saturated
        means, no constraint): its estimates, with standard errors and fit evaluated there.

    Returns
    -------
    SemFit

    Raises
    ------
    StudyError
        When the model or the call is wrong.
    DataError
        When the data cannot support the model: see `dyadkit.models.model_data`.
    FitError
        When no minimum is found or a parameter is not identified.
    Refused
        When the request has no meaning.

    Notes
    -----
    Maximises the normal log-likelihood, with a mean structure and any pattern of missing scores,

    .. math:: \ell = -\tfrac12 \sum_i \{p_i \log 2\pi + \log|\Sigma_i|
              + (y_i - \mu_i)' \Sigma_i^{-1} (y_i - \mu_i)\}

    over the scores that row i has (Arbuckle, 1996), from their moments in each pattern; chi-square
    multiplies by N.  Defaults and output agree with lavaan's (Rosseel, 2012) but for `fixed_x`
    under FIML and `meanstructure`.

    References
    ----------
    Arbuckle, J. L. (1996). Full information estimation in the presence of incomplete data. In G. A.
    Marcoulides & R. E. Schumacker (Eds.), Advanced structural equation modeling (pp. 243-277).
    Erlbaum.

    Rosseel, Y. (2012). lavaan: An R package for structural equation modeling. Journal of
    Statistical Software, 48(2), 1-36.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> own = rng.normal(size=(200, 2))
    >>> trust = 0.4 * own + 0.2 * own[:, ::-1] + rng.normal(size=(200, 2))
    >>> data = pd.DataFrame(np.hstack([own, trust]), columns=["x_m", "x_d", "y_m", "y_d"])
    >>> fit = fit_sem("y_m ~ a*x_m + p*x_d; y_d ~ a*x_d + p*x_m; y_m ~~ y_d", data)
    >>> fit.convergence.converged, fit.glance()["df"].item()
    (True, 2.0)
    """
    _check(auto, missing, estimator, information, bounds, engine, bootstrap, n_obs)
    require_confidence(confidence)
    if (data is None) == (sample_cov is None):
        raise StudyError(
            "A model needs either data or a covariance matrix: pass data=…, or sample_cov=… with "
            "n_obs=… (and sample_mean=… for means)."
        )
    from_data = data is not None
    if not from_data and missing == "fiml":
        missing = "listwise"
    fixed = missing == "listwise" if fixed_x is None else fixed_x
    means = meanstructure and (from_data or sample_mean is not None)
    table = build_partable(
        model,
        auto=auto,
        fixed_x=fixed,
        std_lv=std_lv,
        meanstructure=means,
        int_ov_free=int_ov_free,
    )
    if bounds is not None:
        table = _bounded(table, bounds)
    _require_identifiable(table)
    used: ModelData | None = None
    if data is not None:
        exogenous = {row.lhs for row in table.rows if row.exo}
        used = take_variables(
            data, table.observed, listwise=missing == "listwise", complete=sorted(exogenous)
        )
        if used.n_missing and not table.meanstructure:
            raise Refused(
                "Full information needs a mean structure, because scores are missing: the means of "
                "rows with and without them differ. Leave meanstructure=False out, or set "
                "missing='listwise'."
            )
        records = records_of(used.values) if used.n_missing else None
        sample = records.sample() if records is not None else _complete_sample(used.values)
    else:
        sample = _sample_of(table, sample_cov, sample_mean, n_obs)
    if sample.complete:
        require_definite(sample.scatter[0, 0], table.observed)
    chosen = information or ("observed" if missing == "fiml" else "expected")
    setup = Setup(
        model=model,
        auto=auto,
        missing=missing,
        information=chosen,
        unit=used.unit if used else "dyad",
        n_dropped=used.n_dropped if used else 0,
        dropped_why=used.dropped_why if used else "",
        n_missing=used.n_missing if used else 0,
        n_persons=sum(used.persons.values()) if used else 0,
        fewest_persons=min(used.persons.values(), default=0) if used else 0,
        shared=used.shared if used else (),
        from_moments=not from_data,
        engine=engine,
    )
    values = used.values if used is not None else None
    found = semopy_estimates(table, sample, values) if engine == "semopy" else None
    solution = solve(table, sample, information=chosen, values=values, found=found)
    fit = SemFit(solution, setup, confidence, values)
    if bootstrap:
        fit = fit.with_bootstrap(bootstrap, seed=seed)
    return fit


def _check(
    auto: str,
    missing: str,
    estimator: str,
    information: str | None,
    bounds: str | None,
    engine: str,
    bootstrap: int,
    n_obs: int | None,
) -> None:
    """Refuse arguments that are none of the choices."""
    for name, value, choices in (
        ("auto", auto, _AUTO),
        ("missing", missing, ("fiml", "listwise")),
        ("estimator", estimator, ("ML",)),
        ("information", information or "expected", ("expected", "observed")),
        ("bounds", bounds or "pos.var", _BOUNDS),
        ("engine", engine, ("dyadkit", "semopy")),
    ):
        if value not in choices:
            raise StudyError(
                f"{name}={value!r} is not a choice.{nearest(str(value), choices)} It takes "
                f"{listed(choices)}."
            )
    if bootstrap < 0:
        raise StudyError(f"bootstrap is a number of draws and cannot be {bootstrap}.")
    if n_obs is not None and n_obs < 2:
        raise StudyError(f"n_obs is the number of dyads and must be at least 2, but it is {n_obs}.")


def _bounded(table: ParTable, bounds: str) -> ParTable:
    """Give variances a lower bound of zero."""
    chosen = {
        "pos.var": {*table.observed, *table.latent},
        "pos.ov.var": {*table.observed},
        "pos.lv.var": {*table.latent},
    }[bounds]
    rows = tuple(
        replace(row, lower=max(row.lower, 0.0))
        if row.free and row.op == "~~" and row.lhs == row.rhs and row.lhs in chosen
        else row
        for row in table.rows
    )
    return replace(table, rows=rows)


def _require_identifiable(table: ParTable) -> None:
    """Refuse more parameters than moments, before any data are looked at."""
    p = len(table.observed)
    x = len({row.lhs for row in table.rows if row.exo})
    moments = p * (p + 1) // 2 - x * (x + 1) // 2 + ((p - x) if table.meanstructure else 0)
    count = table.n_free - len(table.equalities)
    if table.n_free == 0:
        raise StudyError(
            "The model has no free parameter, so that there is nothing to estimate. Free one with "
            "NA*, or leave a fixed value out."
        )
    if count > moments:
        raise StudyError(
            f"The model has {count} free parameters, but {p} observed variables give only "
            f"{moments} means, variances and covariances to estimate them from. Fix or equate at "
            f"least {count - moments} of them."
        )


def _complete_sample(values: FloatArray) -> Sample:
    from dyadkit.sem.sample import mean_and_scatter

    mean, scatter = mean_and_scatter(values)
    return sample_of_moments([values.shape[0]], [mean], [scatter])


def _sample_of(
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
