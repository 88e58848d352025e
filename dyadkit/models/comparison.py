"""Comparison of structural equation models fitted to the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr

from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import Refused, StudyError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.quadratic_forms import weighted_chisq_tail
from dyadkit.models.comparable import at_restriction, require_comparable
from dyadkit.models.measured import COMPARED
from dyadkit.models.mixed_comparison import compare_mixed
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.models.ordinal_comparison import compare_ordinal
from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.models.sem_fit import SemFit
from dyadkit.results import Estimates, Support
from dyadkit.sem.casewise import case_logliks, implied_of, parameter_scores
from dyadkit.sem.robust import Robust
from dyadkit.sem.scaling import trace_at
from dyadkit.sem.solution import Solution

Difference = Literal["auto", "satorra_bentler_2001", "satorra_bentler_2010"]
_KEY = "model"


def compare_models(
    *fits: SemFit | OrdinalFit | MixedFit,
    names: Sequence[str] = (),
    difference: Difference = "auto",
) -> PresentedResult:
    r"""Compare nested models by chi-square differences, and all by information criteria.

    Parameters
    ----------
    *fits : SemFit, OrdinalFit or MixedFit
        Two or more of one kind, fitted to the same rows; each with fewer parameters is taken for a
        restriction of the next larger one.
    names : sequence of str
        What to call them, in the order given.
    difference : {"auto", "satorra_bentler_2001", "satorra_bentler_2010"}
        After robust inference the difference of chi-squares is divided by a scaling of its own;
        ``"auto"`` is that of 2001.  Of ordered outcomes it is scaled and shifted as in Satorra
        (2000).

    Returns
    -------
    PresentedResult
        `tidy` has one row per model, structural models with fewest degrees of freedom first, mixed
        models with fewest parameters first, with ``difference, df_difference, p_value,
        aic, aic_weight, bic, bic_weight``, and ``cfi_difference, rmsea_difference`` of structural
        ones; the table is ``comparison``.

    Raises
    ------
    Refused
        When rows, variables, moments that are taken from the sample or estimators differ, when no
        model is a restriction of another, when a scaled difference would be negative, or when mixed
        models with different fixed effects were fitted by REML.

    Notes
    -----
    With chi-squares :math:`T_0 > T_1` before scaling, on :math:`d_0 > d_1` degrees of freedom, and
    scalings :math:`c_0` and :math:`c_1`, the difference is

    .. math:: (T_0 - T_1) \,/\, \frac{d_0 c_0 - d_1 c_1}{d_0 - d_1}

    (Satorra & Bentler, 2001).  In 2010's :math:`c_1` is that of the larger model at the estimates
    of the smaller one.  Weights are :math:`e^{-\Delta/2}` over their sum (Wagenmakers & Farrell,
    2004).

    References
    ----------
    Satorra, A. (2000). Scaled and adjusted restricted tests in multi-sample analysis of moment
    structures. In R. D. H. Heijmans, D. S. G. Pollock, & A. Satorra (Eds.), Innovations in
    multivariate statistical analysis (pp. 233-247). Kluwer.

    Satorra, A., & Bentler, P. M. (2001). A scaled difference chi-square test statistic for moment
    structure analysis. Psychometrika, 66, 507-514.

    Satorra, A., & Bentler, P. M. (2010). Ensuring positiveness of the scaled difference chi-square
    test statistic. Psychometrika, 75, 243-248.

    Wagenmakers, E.-J., & Farrell, S. (2004). AIC model selection using Akaike weights. Psychonomic
    Bulletin & Review, 11, 192-196.

    Examples
    --------
    >>> from dyadkit import fit_sem
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 2))
    >>> y = x @ [[0.5, 0.2], [0.2, 0.5]] + rng.normal(size=(200, 2))
    >>> data = pd.DataFrame(np.hstack([x, y]), columns=["x1", "x2", "y1", "y2"])
    >>> free = fit_sem("y1 ~ x1 + x2; y2 ~ x1 + x2; y1 ~~ y2", data)
    >>> equal = fit_sem("y1 ~ a*x1 + p*x2; y2 ~ p*x1 + a*x2; y1 ~~ y2", data)
    >>> compare_models(free, equal).tidy()["df_difference"].tolist()
    [nan, 2.0]
    """
    if len(fits) < 2:
        raise StudyError("A comparison takes two models or more.")
    if names and len(names) != len(fits):
        raise StudyError(f"There are {len(fits)} models but {len(names)} names.")
    called = list(names) or [f"Model {number}" for number in range(1, len(fits) + 1)]
    mixed = [fit for fit in fits if isinstance(fit, MixedFit)]
    if len(mixed) == len(fits):
        return compare_mixed(mixed, called)
    if mixed:
        raise Refused(
            "A mixed and a structural equation model cannot be compared by likelihoods or "
            "information criteria: they are not models of the same variables. Fit both in one way."
        )
    ordinal = [fit for fit in fits if isinstance(fit, OrdinalFit)]
    if len(ordinal) == len(fits):
        if difference != "auto":
            raise Refused(
                f"difference='{difference}' is of models with a likelihood; models of ordered "
                "outcomes have Satorra's (2000) difference only. Leave it out."
            )
        return compare_ordinal(ordinal, called)
    if ordinal:
        raise Refused(
            "A model of ordered and one of continuous outcomes cannot be compared: they are not "
            "models of the same statistics. Fit both in one way."
        )
    structural = [fit for fit in fits if isinstance(fit, SemFit)]
    return _compare_structural(structural, called, difference)


def _compare_structural(
    fits: Sequence[SemFit], called: list[str], difference: Difference
) -> PresentedResult:
    for fit, name in zip(fits[1:], called[1:], strict=True):
        require_comparable(fits[0], fit, f"'{called[0]}' and '{name}'")
    order = sorted(range(len(fits)), key=lambda number: fits[number].solution.measures.df)
    chosen, called = [fits[number] for number in order], [called[number] for number in order]
    rows: list[dict[str, float | str]] = []
    for number, fit in enumerate(chosen):
        row = _own(fit, called[number])
        if number:
            pair = f"'{called[number - 1]}' and '{called[number]}'"
            row |= _difference(chosen[number - 1], fit, difference, pair)
        rows.append(row)
    for name in ("aic", "bic"):
        values = np.array([float(row[name]) for row in rows])
        weight = np.exp(-0.5 * (values - values.min()))
        for row, share in zip(rows, (weight / weight.sum()).tolist(), strict=True):
            row[f"{name}_weight"] = share
    frame = pd.DataFrame(rows).rename(columns={"name": "term"})
    return _presented(frame, chosen, difference)


def compare_nonnested(first: SemFit | OrdinalFit, second: SemFit | OrdinalFit) -> pd.DataFrame:
    r"""Compare models of which none is a restriction of the other.

    Parameters
    ----------
    first, second : SemFit
        Fitted to the same rows by maximum likelihood; others are refused.

    Returns
    -------
    DataFrame
        Two rows: ``"distinguishable"``, whether the models differ in these data at all (statistic
        and p-value), and ``"first better"``, z and the two-sided p of the difference of
        log-likelihoods, which has a meaning only if they do.

    Notes
    -----
    With :math:`l_i` the difference of row i's log-likelihoods and :math:`\hat\omega^2` its
    variance, :math:`n \hat\omega^2` is a weighted sum of chi-squares where the models are the same,
    with the squares of the eigenvalues of Vuong's W as weights; else
    :math:`\sum l_i / \sqrt{n \hat\omega^2}` is standard normal where both are as good (Vuong, 1989;
    Merkle, You & Preacher, 2016).

    References
    ----------
    Merkle, E. C., You, D., & Preacher, K. J. (2016). Testing nonnested structural equation models.
    Psychological Methods, 21, 151-163.

    Vuong, Q. H. (1989). Likelihood ratio tests for model selection and non-nested hypotheses.
    Econometrica, 57, 307-333.
    """
    if isinstance(first, OrdinalFit) or isinstance(second, OrdinalFit):
        raise Refused(
            "Models of ordered outcomes have no likelihood by which models that are not nested "
            "could be compared. Nested ones can be, by compare_models."
        )
    require_comparable(first, second, "The two models")
    cases = first.cases
    if cases is None:
        raise Refused(
            "Vuong's test compares row by row, but a covariance matrix has no rows. Pass data=… to "
            "both models, or compare their AIC and BIC."
        )
    if cases.cluster is not None or cases.weights is not None:
        raise Refused(
            "Vuong's test takes rows for independent and equal, which clusters and sampling "
            "weights are not. Compare AIC and BIC."
        )
    n = cases.values.shape[0]
    apart = case_logliks(cases, *implied_of(first.solution))
    apart = apart - case_logliks(cases, *implied_of(second.solution))
    variance = float(apart.var())
    spread = [parameter_scores(fit.solution, cases) for fit in (first, second)]
    inverse = [_unit_covariance(fit.solution, n) for fit in (first, second)]

    def cross(i: int, j: int) -> FloatArray:
        return np.asarray(spread[i].T @ spread[j] / n @ inverse[j])

    whole = np.block([[-cross(0, 0), -cross(0, 1)], [cross(1, 0), cross(1, 1)]])
    weights = np.linalg.eigvals(whole).real
    statistic = n * variance
    z = float(apart.sum()) / sqrt(statistic) if statistic > 0 else 0.0
    return pd.DataFrame(
        {
            "term": ["distinguishable", "first better"],
            "estimate": [variance, float(apart.sum())],
            "statistic": [statistic, z],
            "p_value": [weighted_chisq_tail(statistic, weights**2), 2.0 * float(ndtr(-abs(z)))],
        }
    )


def _unit_covariance(solution: Solution, n: int) -> FloatArray:
    """Return n times the covariance matrix of estimates by normal theory."""
    if solution.scaled is None:
        return solution.covariance * n
    return solution.model_covariance * n


def _own(fit: SemFit, name: str) -> dict[str, float | str]:
    measures, scaled = fit.solution.measures, fit.solution.scaled
    return {
        "name": name,
        "n_parameters": float(measures.n_parameters),
        "chisq": (scaled or measures).chisq,
        "df": measures.df,
        "cfi": scaled.cfi_robust if scaled else measures.cfi,
        "rmsea": scaled.rmsea_robust if scaled else measures.rmsea,
        "srmr": measures.srmr,
        "difference": np.nan,
        "df_difference": np.nan,
        "p_value": np.nan,
        "cfi_difference": np.nan,
        "rmsea_difference": np.nan,
        "aic": measures.aic,
        "bic": measures.bic,
    }


def _difference(
    larger: SemFit, smaller: SemFit, kind: Difference, what: str
) -> dict[str, float | str]:
    """Return the test of a model against one with fewer degrees of freedom."""
    one, two = larger.solution.measures, smaller.solution.measures
    df, fall = two.df - one.df, two.chisq - one.chisq
    if df <= 0:
        raise Refused(
            f"{what} have the same degrees of freedom ({one.df:.0f}), so that none is a "
            "restriction of the other. Use compare_nonnested, or AIC and BIC."
        )
    if fall < -1e-6 * max(1.0, one.chisq):
        raise Refused(
            f"Of {what} the one with fewer parameters fits better (χ² = {two.chisq:.3f} against "
            f"{one.chisq:.3f}), which no restriction does: they are not nested. Use "
            "compare_nonnested."
        )
    statistic = fall
    scaled = larger.solution.scaled, smaller.solution.scaled
    if scaled[0] is not None and scaled[1] is not None:
        above = scaled[1].scaling * two.df
        below = scaled[0].scaling * one.df if one.df > 0 else 0.0
        if kind == "satorra_bentler_2010":
            below = _trace_at_restriction(larger, smaller)
        scaling = (above - below) / df
        if scaling <= 0:
            other = "a Wald test of the restriction (wald_test)"
            if kind != "satorra_bentler_2010" and _has_2010(larger, smaller, above):
                other = "difference='satorra_bentler_2010'"
            raise Refused(
                f"The scaled difference of {what} would be negative (its scaling is "
                f"{scaling:.3g}), which can happen in small samples. Use {other}."
            )
        statistic = fall / scaling
    a, b = _own(larger, ""), _own(smaller, "")
    return {
        "difference": statistic,
        "df_difference": df,
        "p_value": float(chdtrc(df, max(statistic, 0.0))),
        "cfi_difference": float(b["cfi"]) - float(a["cfi"]),
        "rmsea_difference": float(b["rmsea"]) - float(a["rmsea"]),
    }


def _has_2010(larger: SemFit, smaller: SemFit, above: float) -> bool:
    """Tell whether the other difference can be had, and is not negative either."""
    try:
        return _trace_at_restriction(larger, smaller) < above
    except Refused:
        return False


def _trace_at_restriction(larger: SemFit, smaller: SemFit) -> float:
    """Return scaling times df of the larger model at the estimates of the smaller one."""
    if larger.cases is None or larger.setup.estimator == "ML":
        raise Refused("A scaled difference needs models with estimator='MLR' or 'MLM'.")
    kind: Robust = "MLM" if larger.setup.estimator == "MLM" else "MLR"
    theta = at_restriction(smaller, larger)
    one, two = larger.solution, smaller.solution
    place = [two.table.observed.index(name) for name in one.table.observed]
    there = one.objective.at(theta[None]).implied.sigma[0]
    here = two.implied.sigma[0][:, place][:, :, place]
    # Parameters are matched by their names: those of factors that are merged have none in common.
    if not np.allclose(there, here, rtol=1e-6, atol=1e-8 * float(np.abs(here).max())):
        raise Refused(
            "The scaled difference of 2010 takes the larger model at the estimates of the smaller "
            "one, and parameters of the same names do not give the same model here. Write the "
            "smaller model as the larger one with parameters fixed or equal, such as 'f1 ~~ 1*f2' "
            "in place of one factor."
        )
    return trace_at(larger.solution, larger.cases, theta, kind)


def _presented(
    frame: pd.DataFrame, fits: Sequence[SemFit], difference: Difference
) -> PresentedResult:
    records = [{str(k): v for k, v in record.items()} for record in frame.to_dict("records")]
    robust = fits[0].solution.scaled is not None
    n = int(fits[0].solution.objective.sample.n[0])
    columns = (
        *COMPARED,
        Column("aic", "AIC", "statistic"),
        Column("aic_weight", "Weight (AIC)", "statistic"),
        Column("bic", "BIC", "statistic"),
        Column("bic_weight", "Weight (BIC)", "statistic"),
    )
    rows = tuple(
        Row(
            tuple(
                Cell(str(record[column.name]))
                if column.name == "term"
                else Cell(None if pd.isna(record[column.name]) else record[column.name], _KEY)
                for column in columns
            )
        )
        for record in records
    )
    year = "2010" if difference == "satorra_bentler_2010" else "2001"
    note = (
        f"χ², CFI and RMSEA are scaled or robust; Δχ² is Satorra and Bentler's ({year}) scaled "
        "difference, not that of the scaled χ²."
        if robust
        else "Δχ² is the likelihood-ratio test of each model against the one above."
    )
    return PresentedResult(
        type="comparison",
        title="Comparison of models",
        estimates=Estimates(records, [_KEY] * len(frame)),
        summary={"n_obs": float(n), "n_models": float(len(frame))},
        table_specs=(
            Table(
                name="comparison",
                title="Comparison of models",
                columns=columns,
                rows=rows,
                notes=(note,),
            ),
        ),
        supports=(Support(_KEY, n, fits[0].setup.fewest_persons or n),),
        convergence=fits[0].convergence,
    )
