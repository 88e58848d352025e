"""How a structural equation model is shown: tables, a figure, sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd

from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.formats import Format
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.models.sem_estimates import standardised_frame
from dyadkit.models.sem_setup import Setup
from dyadkit.results import Estimates, Note, Support
from dyadkit.sem.fit_measures import FitMeasures, ScaledMeasures
from dyadkit.sem.ordinal.solve import OrdinalSolution
from dyadkit.sem.solution import Solution

_KEY = "model"
_OF_LIKELIHOOD = ("Log-likelihood", "AIC", "BIC", "Sample-size adjusted BIC")
_SECTIONS = (
    ("=~", "Loadings"),
    ("~", "Regressions"),
    ("~~", "Variances and covariances"),
    ("~1", "Intercepts and means"),
    ("|", "Thresholds"),
    ("~*~", "Scaling factors"),
    (":=", "Defined parameters"),
)


def presented(
    solution: Solution,
    setup: Setup,
    confidence: float,
    tidy: pd.DataFrame,
    summary: Mapping[str, float],
    notes: tuple[Note, ...],
) -> PresentedResult:
    """Put tables, figure and sentences of a fit together."""
    measures, scaled = solution.measures, solution.scaled
    n = int(solution.objective.sample.n[0])
    fewest = setup.fewest_persons or n
    cfi, rmsea = measures.cfi, measures.rmsea
    low, high = measures.rmsea_low, measures.rmsea_high
    if scaled is not None:
        cfi, rmsea = scaled.cfi_robust, scaled.rmsea_robust
        low, high = scaled.rmsea_robust_low, scaled.rmsea_robust_high
    robust = "" if scaled is None else "robust "
    standard = standardised_frame(solution, "std_all", confidence, setup.labels)
    fitted = f"The model{_in_groups(setup)} fitted with {_scaled_word(setup)}χ²"
    return PresentedResult(
        type="sem",
        title="Structural equation model",
        estimates=Estimates(_records(tidy), [_KEY] * len(tidy)),
        summary=dict(summary),
        table_specs=(
            _fit_table(measures, scaled, n),
            _estimates_table(tidy, confidence),
        ),
        figure_specs=tuple(_path_plot(tidy, standard, confidence, setup.labels)),
        sentences=(
            Sentence(
                fitted
                + "({df}) = {chisq}, {p}, "
                + robust
                + "CFI = {cfi}, "
                + robust
                + "RMSEA = {rmsea}, 90 % CI [{low}, {high}], SRMR = {srmr}."
                if measures.df > 0
                else "The model is saturated, so that its fit cannot be tested.",
                {
                    "df": Cell(measures.df, _KEY, "count"),
                    "chisq": Cell((scaled or measures).chisq, _KEY, "statistic"),
                    "p": Cell((scaled or measures).p_value, _KEY, "p_relation"),
                    "cfi": Cell(cfi, _KEY, "statistic_3"),
                    "rmsea": Cell(rmsea, _KEY, "statistic_3"),
                    "low": Cell(low, _KEY, "statistic_3"),
                    "high": Cell(high, _KEY, "statistic_3"),
                    "srmr": Cell(measures.srmr, _KEY, "statistic_3"),
                },
            ),
        ),
        methods=(
            "The structural equation model was estimated by "
            + (
                "full-information maximum likelihood"
                if setup.missing == "fiml"
                else "maximum likelihood"
            )
            + f" with {_errors(setup)}.",
        ),
        supports=(Support(_KEY, n, fewest),),
        notes=notes,
        convergence=solution.convergence,
    )


def present_ordinal(
    solution: OrdinalSolution,
    setup: Setup,
    confidence: float,
    tidy: pd.DataFrame,
    standard: pd.DataFrame,
    summary: Mapping[str, float],
    notes: tuple[Note, ...],
) -> PresentedResult:
    """Put tables, figure and sentences of a fit to ordered outcomes together."""
    measures, scaled = solution.measures, solution.scaled
    n = int(solution.sample.n.sum())
    return PresentedResult(
        type="sem",
        title="Structural equation model of ordered outcomes",
        estimates=Estimates(_records(tidy), [_KEY] * len(tidy)),
        summary=dict(summary),
        table_specs=(_fit_table(measures, scaled, n), _estimates_table(tidy, confidence)),
        figure_specs=tuple(_path_plot(tidy, standard, confidence, setup.labels)),
        sentences=(
            Sentence(
                f"The model{_in_groups(setup)} fitted with scaled and shifted "
                "χ²({df}) = {chisq}, {p}, scaled CFI = {cfi}, scaled RMSEA = {rmsea}, 90 % CI "
                "[{low}, {high}], SRMR = {srmr}.",
                {
                    "df": Cell(measures.df, _KEY, "count"),
                    "chisq": Cell(scaled.chisq, _KEY, "statistic"),
                    "p": Cell(scaled.p_value, _KEY, "p_relation"),
                    "cfi": Cell(scaled.cfi, _KEY, "statistic_3"),
                    "rmsea": Cell(scaled.rmsea, _KEY, "statistic_3"),
                    "low": Cell(scaled.rmsea_low, _KEY, "statistic_3"),
                    "high": Cell(scaled.rmsea_high, _KEY, "statistic_3"),
                    "srmr": Cell(measures.srmr, _KEY, "statistic_3"),
                },
            ),
        )
        if measures.df > 0
        else (),
        methods=(
            "Ordered answers were modelled as categories of normal latent responses, by diagonally "
            f"weighted least squares with robust standard errors and a mean-and-variance adjusted "
            f"chi-square ({setup.estimator}).",
        ),
        supports=(Support(_KEY, n, setup.fewest_persons or n),),
        notes=notes,
        convergence=solution.convergence,
    )


def _in_groups(setup: Setup) -> str:
    return f" in {len(setup.labels)} groups" if setup.labels else ""


def _scaled_word(setup: Setup) -> str:
    return {"ML": "", "MLR": "scaled ", "MLM": "Satorra–Bentler-scaled "}[setup.estimator]


def _errors(setup: Setup) -> str:
    """Say where standard errors and chi-square come from."""
    if setup.estimator == "MLM":
        return (
            "standard errors and a chi-square robust against non-normal scores (Satorra & Bentler, "
            "1994)"
        )
    if setup.estimator == "ML":
        return f"standard errors from the {setup.information} information"
    against = ["non-normal scores"]
    if setup.columns.cluster is not None:
        against.append(f"the dependence of rows that share {setup.columns.cluster}")
    weighted = f", and sampling weights ({setup.columns.weights})" if setup.columns.weights else ""
    return (
        f"standard errors and a chi-square (Yuan–Bentler–Mplus) robust against "
        f"{' and '.join(against)}{weighted}"
    )


def _fit_table(m: FitMeasures, scaled: ScaledMeasures | None, n: int) -> Table:
    cells: list[tuple[str, float, Format]] = [
        ("Dyads (rows)", n, "count"),
        ("Free parameters", m.n_parameters, "count"),
        ("χ²", m.chisq, "statistic"),
        ("df", m.df, "count"),
        ("p", m.p_value, "p_value"),
        *_scaled_rows(scaled),
        ("CFI", m.cfi, "statistic_3"),
        ("TLI", m.tli, "statistic_3"),
        ("RMSEA", m.rmsea, "statistic_3"),
        ("RMSEA, 90 % interval: low", m.rmsea_low, "statistic_3"),
        ("RMSEA, 90 % interval: high", m.rmsea_high, "statistic_3"),
        ("p (RMSEA ≤ .05)", m.rmsea_close, "p_value"),
        ("SRMR", m.srmr, "statistic_3"),
        ("Log-likelihood", m.loglik, "statistic"),
        ("AIC", m.aic, "statistic"),
        ("BIC", m.bic, "statistic"),
        ("Sample-size adjusted BIC", m.sabic, "statistic"),
    ]
    rows = tuple(
        Row((Cell(label), Cell(None if _absent(value) else value, _KEY, style)))
        for label, value, style in cells
        if label not in _OF_LIKELIHOOD or not _absent(value)
    )
    return Table(
        name="fit",
        title="Fit of the model",
        columns=(Column("measure", "Measure"), Column("value", "Value", "statistic")),
        rows=rows,
    )


def _scaled_rows(scaled: ScaledMeasures | None) -> list[tuple[str, float, Format]]:
    if scaled is None:
        return []
    return [
        ("Scaled χ²", scaled.chisq, "statistic"),
        ("p (scaled)", scaled.p_value, "p_value"),
        ("Scaling factor", scaled.scaling, "statistic_3"),
        ("Robust CFI", scaled.cfi_robust, "statistic_3"),
        ("Robust TLI", scaled.tli_robust, "statistic_3"),
        ("Robust RMSEA", scaled.rmsea_robust, "statistic_3"),
        ("Robust RMSEA, 90 % interval: low", scaled.rmsea_robust_low, "statistic_3"),
        ("Robust RMSEA, 90 % interval: high", scaled.rmsea_robust_high, "statistic_3"),
    ]


def _absent(value: object) -> bool:
    return isinstance(value, float) and isnan(value)


def _estimates_table(tidy: pd.DataFrame, confidence: float) -> Table:
    rows: list[Row] = []
    for op, heading in _SECTIONS:
        part = tidy[tidy["op"] == op]
        if part.empty:
            continue
        rows.append(Row((Cell(heading),), heading=True))
        rows += [_estimate_row(record) for record in _records(part)]
    return Table(
        name="estimates",
        title="Estimates",
        columns=(
            Column("term", "Parameter"),
            Column("estimate", "Estimate", "statistic_3"),
            Column("std_error", "SE", "statistic_3"),
            Column("conf", f"{100 * confidence:g} % CI", "interval"),
            Column("statistic", "z", "statistic"),
            Column("p_value", "p", "p_value"),
            Column("std_all", "β", "statistic"),
        ),
        rows=tuple(rows),
        notes=(
            "β = completely standardised. Parameters without SE are fixed, or follow from the "
            "sample.",
        ),
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in record.items()} for record in frame.to_dict("records")
    ]


def _estimate_row(record: Mapping[str, object]) -> Row:
    def number(name: str) -> object:
        value = record[name]
        return None if _absent(value) else value

    label, name = str(record["term"]), str(record["label"])
    # A label with a dot is an automatic one, which nobody wrote.
    if name and not name.startswith("."):
        label += f" ({name})"
    if record["op"] == ":=":
        label = f"{record['lhs']} = {record['rhs']}"
    return Row(
        (
            Cell(label),
            Cell(number("estimate"), _KEY),
            Cell(number("std_error"), _KEY),
            Cell((record["conf_low"], record["conf_high"]), _KEY),
            Cell(number("statistic"), _KEY),
            Cell(number("p_value"), _KEY),
            Cell(number("std_all"), _KEY),
        )
    )


def _path_plot(
    tidy: pd.DataFrame, standard: pd.DataFrame, confidence: float, labels: Sequence[str]
) -> Iterator[IntervalPlot]:
    """Yield a plot of the free regressions, or of all loadings where there is none."""
    percent = f"{100 * confidence:g} %"
    # A loading fixed to give its factor a unit has a standardised value to estimate all the same.
    known = standard["std_error"] > 0
    free = tidy["std_error"].notna()
    for op, what, shown in (("~", "paths", known & free), ("=~", "loadings", known)):
        part = standard[shown & (tidy["op"] == op)]
        if part.empty:
            continue
        yield IntervalPlot(
            name=what,
            title=f"Standardised {what}",
            alt=f"The standardised {what} of the model with their {percent} intervals.",
            axis=f"Standardised {what[:-1]}",
            intervals=tuple(
                Interval(
                    _arrow(lhs, op, rhs) + (f" ({group})" if labels else ""),
                    estimate,
                    low,
                    high,
                    _KEY,
                )
                for lhs, op, rhs, group, estimate, low, high in part[
                    ["lhs", "op", "rhs", "group", "estimate", "conf_low", "conf_high"]
                ].itertuples(index=False)
            ),
            style="statistic",
            reference=0.0,
            interval=f"{percent} CI",
        )
        return


def _arrow(lhs: str, op: str, rhs: str) -> str:
    return f"{lhs} → {rhs}" if op == "=~" else f"{rhs} → {lhs}"
