"""Structural equation models in lavaan syntax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np
import pandas as pd

from dyadkit.errors import Refused, StudyError
from dyadkit.estimation.arrays import require_confidence
from dyadkit.frame import DyadFrame
from dyadkit.models.design import DesignColumns
from dyadkit.models.given_moments import Covariances, Means, given_groups, sample_of_given
from dyadkit.models.model_data import ModelData, require_definite, take_variables
from dyadkit.models.ordinal import fit_ordered, refuse_beyond
from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.models.second_opinion import semopy_estimates
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.sem_request import (
    as_texts,
    bounded,
    check_choices,
    count_groups,
    require_data,
    require_identifiable,
    require_use,
    robust_kind,
)
from dyadkit.models.sem_setup import Setup
from dyadkit.sem.auxiliary import with_auxiliary
from dyadkit.sem.cases import Cases
from dyadkit.sem.language.partable import ParTable, build_partable
from dyadkit.sem.solution import Information, solve


@overload
def fit_sem(
    model: str,
    data: pd.DataFrame | DyadFrame | None = None,
    *,
    estimator: Literal["WLSMV", "ULSMV"],
    **options: Any,
) -> OrdinalFit: ...


@overload
def fit_sem(
    model: str,
    data: pd.DataFrame | DyadFrame | None = None,
    *,
    estimator: Literal["ML", "MLR", "MLM"] = "ML",
    **options: Any,
) -> SemFit: ...


# The overloads leave the many options they share to the implementation, which lists them.
def fit_sem(  # type: ignore[misc]
    model: str,
    data: pd.DataFrame | DyadFrame | None = None,
    *,
    auto: Literal["sem", "cfa", "growth", "lavaan"] = "sem",
    group: str | None = None,
    group_equal: Sequence[str] | str = (),
    group_partial: Sequence[str] | str = (),
    missing: Literal["fiml", "listwise"] = "fiml",
    estimator: Literal["ML", "MLR", "MLM", "WLSMV", "ULSMV"] = "ML",
    ordered: Sequence[str] | bool = False,
    parameterization: Literal["delta", "theta"] = "delta",
    information: Literal["expected", "observed"] | None = None,
    fixed_x: bool | None = None,
    std_lv: bool = False,
    meanstructure: bool = True,
    int_ov_free: bool | None = None,
    bounds: str | None = None,
    sample_cov: Covariances | Mapping[str, Covariances] | None = None,
    sample_mean: Means | Mapping[str, Means] | None = None,
    n_obs: int | Mapping[str, int] | None = None,
    cluster: str | None = None,
    sampling_weights: str | None = None,
    auxiliary: Sequence[str] | str = (),
    bootstrap: int = 0,
    seed: int | np.random.SeedSequence | None = None,
    confidence: float = 0.95,
    engine: Literal["dyadkit", "semopy"] = "dyadkit",
) -> SemFit | OrdinalFit:
    r"""Fit a structural equation model by maximum likelihood, or of ordered outcomes.

    Parameters
    ----------
    model : str
        In lavaan syntax: ``=~ ~ ~~ ~1 := == < >`` with fixed values, ``NA*``, ``start()``, labels.
    data : DataFrame or DyadFrame
        One row per dyad; of a DyadFrame its `wide` form (``trust_client_t1``).  Never changed.
    auto : {"sem", "cfa", "growth", "lavaan"}
        The lavaan function whose defaults complete the model.
    group : str, optional
        Column of the groups, in each of which the model has parameters of its own; rows without
        one are left out.  Groups are numbered in the order in which they first appear.
    group_equal : sequence of str
        What is equal in all groups: ``"loadings", "intercepts", "means", "residuals",
        "residual.covariances", "regressions", "lv.variances", "lv.covariances"``.
    group_partial : sequence of str
        Parameters that are free all the same, such as ``"f=~x2"`` or ``"x3~1"``.
    missing : {"fiml", "listwise"}
        Full information from every row with a score, or complete rows only.
    estimator : {"ML", "MLR", "MLM", "WLSMV", "ULSMV"}
        Normal-theory maximum likelihood; with standard errors and chi-square that are robust
        against scores that are not normal (``"MLR"``: Huber-White, Yuan-Bentler-Mplus); or for
        complete scores only, Satorra and Bentler's (``"MLM"``).  ``"WLSMV"`` (``"ULSMV"``) is
        (un)weighted least squares of ordered outcomes, on rows with every score.
    ordered : sequence of str, or bool
        The variables whose few values are ordered categories, with ``"WLSMV"``; True for all.
    parameterization : {"delta", "theta"}
        Of ordered variables: scaling factors, or residual variances, as parameters.
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
        observed variables, a DataFrame by name.  By group a mapping of such, and the same of
        `sample_mean` and `n_obs`.
    sample_mean : Series, mapping or array_like, shape (p,), optional
        Means that go with them; without, the model has no mean structure.
    n_obs : int, optional
        Number of dyads behind `sample_cov`.
    cluster : str, optional
        Column of persons or teams that several rows share, such as the mentor of several
        developees; their rows are not taken for independent (``"MLR"`` only).
    sampling_weights : str, optional
        Column of the number of units that each row stands for; scaled to add up to the number of
        rows (``"MLR"`` only).
    auxiliary : sequence of str
        Variables that say why scores are missing, added as saturated correlates under FIML.
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
        With ``"WLSMV"`` or ``"ULSMV"`` an `OrdinalFit`.

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
    check_choices(auto, missing, estimator, information, bounds, engine, bootstrap)
    require_confidence(confidence)
    if estimator in ("WLSMV", "ULSMV") and data is not None:
        refuse_beyond(
            {
                "cluster=": cluster is not None,
                "sampling_weights=": sampling_weights is not None,
                "auxiliary=": bool(auxiliary),
                "bootstrap=": bool(bootstrap),
                "bounds=": bounds is not None,
                "fixed_x=True": bool(fixed_x),
                "meanstructure=False": not meanstructure,
                "engine='semopy'": engine == "semopy",
            },
            estimator,
        )
        options = {"auto": auto, "std_lv": std_lv, "int_ov_free": int_ov_free}
        equal = {"group_equal": group_equal, "group_partial": group_partial}
        request = options | equal | {"estimator": estimator, "ordered": ordered, "group": group}
        return fit_ordered(
            model,
            data,
            ordered,
            estimator=estimator,
            parameterization=parameterization,
            group=group,
            confidence=confidence,
            options=options | {key: as_texts(value) for key, value in equal.items()},
            request=request | {"parameterization": parameterization, "confidence": confidence},
        )
    if ordered is not False:
        raise StudyError(
            f"ordered= names ordered outcomes, which estimator={estimator!r} treats as continuous. "
            "Use estimator='WLSMV', or leave ordered= out."
        )
    if (data is None) == (sample_cov is None):
        raise StudyError(
            "A model needs either data or a covariance matrix: pass data=…, or sample_cov=… with "
            "n_obs=… (and sample_mean=… for means)."
        )
    columns = DesignColumns(group, cluster, sampling_weights)
    from_data = data is not None
    if not from_data:
        require_data(columns, estimator)
        missing = "listwise"
    fixed = missing == "listwise" if fixed_x is None else fixed_x
    means = meanstructure and (from_data or sample_mean is not None)
    groups = given_groups(sample_cov)
    if group is None and not groups and (group_equal or group_partial):
        raise StudyError(
            "group_equal and group_partial say what is equal between groups, but there is no "
            "group=. Name the column of the groups."
        )

    correlates = as_texts(auxiliary)

    def build(groups: int) -> ParTable:
        table = build_partable(
            model,
            auto=auto,
            fixed_x=fixed,
            std_lv=std_lv,
            meanstructure=means,
            int_ov_free=int_ov_free,
            n_groups=groups,
            group_equal=as_texts(group_equal),
            group_partial=as_texts(group_partial),
        )
        if bounds is not None:
            table = bounded(table, bounds)
        return with_auxiliary(table, correlates) if correlates else table

    # The number of groups is in the data, and what the model takes from them in its table.
    count = 1 if group is None or data is None else count_groups(data, group)
    table = build(len(groups) or count)
    require_identifiable(table)
    if correlates:
        require_use(correlates, table, missing, fixed)
    used: ModelData | None = None
    cases: Cases | None = None
    if data is not None:
        exogenous = {row.lhs for row in table.rows if row.exo}
        used = take_variables(
            data,
            table.observed,
            listwise=missing == "listwise",
            complete=sorted(exogenous),
            columns=columns,
        )
        if used.n_missing and not table.meanstructure:
            raise Refused(
                "Full information needs a mean structure, because scores are missing: the means of "
                "rows with and without them differ. Leave meanstructure=False out, or set "
                "missing='listwise'."
            )
        design = used.design
        if len(design.labels) != table.n_groups and group is not None:
            table = build(len(design.labels))
        cases = Cases(used.values, design.group, design.cluster, design.weights)
        sample = cases.sample()
    else:
        sample = sample_of_given(table, sample_cov, sample_mean, n_obs)
    robust = robust_kind(estimator, columns, used)
    if sample.complete:
        for g, scatter in enumerate(sample.scatter[0]):
            where = f" in group '{used.design.labels[g]}'" if group and used else ""
            require_definite(scatter, table.observed, where)
    usual: Information = "observed" if missing == "fiml" or robust == "MLR" else "expected"
    chosen = information or usual
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
        estimator=estimator,
        columns=columns,
        labels=used.design.labels if used else groups,
        sizes=tuple(sample.by_group(sample.counts)[0].astype(int).tolist()),
        n_clusters=used.design.n_clusters if used else 0,
        request={
            "auto": auto,
            "group": group,
            "group_equal": group_equal,
            "group_partial": group_partial,
            "missing": missing,
            "estimator": estimator,
            "information": information,
            "fixed_x": fixed_x,
            "std_lv": std_lv,
            "meanstructure": meanstructure,
            "int_ov_free": int_ov_free,
            "bounds": bounds,
            "cluster": cluster,
            "sampling_weights": sampling_weights,
            "auxiliary": auxiliary,
            "confidence": confidence,
            "engine": engine,
        },
    )
    values = used.values if used is not None else None
    found = semopy_estimates(table, sample, values) if engine == "semopy" else None
    solution = solve(table, sample, information=chosen, cases=cases, found=found, robust=robust)
    fit = SemFit(solution, setup, confidence, cases)
    if bootstrap:
        fit = fit.with_bootstrap(bootstrap, seed=seed)
    return fit
