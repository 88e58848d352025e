"""Dyadic factor models: does a scale measure the members, the dyad, or both?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place, confidence_of, frame_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import hidden_keys
from dyadkit.display.figures import PathFigure
from dyadkit.display.labels import role_label, wave_label
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import FitError, Refused, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.measurement.dyadic_models import KINDS, LABELS, Coding, Kind, dyadic_syntax
from dyadkit.measurement.factor_diagrams import factor_diagram
from dyadkit.measurement.places import scale_of
from dyadkit.models.exchangeable_fit import CorrectedFit, corrected_fit, inull_syntax
from dyadkit.models.indistinguishable import isat_df, isat_syntax
from dyadkit.models.measured import FIT, FIT_COLUMNS
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.results import Estimates, Note
from dyadkit.study import Part

_KEY = "dyadic_factors"


class DyadicFactorsOptions(Part):
    """What a study file may say about an analysis of type "dyadic_factors"."""

    scale: str
    kinds: tuple[Kind, ...] = KINDS
    coding: Coding = "fixed_factor"
    exchangeable: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """A model, its fit, and the fit corrected for exchangeable members."""

    kind: Kind
    syntax: str
    fit: SemFit
    corrected: CorrectedFit | None

    def measure(self, name: str) -> float:
        """Return a fit measure, corrected where there is such."""
        if self.corrected is not None and name != "srmr":
            return float(getattr(self.corrected, name))
        return float(self.fit.summary[name])

    def standardised(self) -> dict[tuple[str, str, str], float]:
        """Return standardised estimates by left-hand side, operator and right-hand side."""
        tidy = self.fit.tidy()
        keys = zip(tidy["lhs"], tidy["op"], tidy["rhs"], strict=True)
        return dict(zip(keys, tidy["std_all"].to_numpy(np.float64).tolist(), strict=True))

    @property
    def warning(self) -> str:
        """Why the estimates are not to be interpreted; empty where they may be."""
        if self.fit.convergence is None or self.fit.convergence.admissible:
            return ""
        return (
            "a variance is negative or factors correlate beyond 1; the estimates are not to be "
            "interpreted."
        )


def fit_dyadic_factors(
    data: DyadFrame,
    scale: str,
    *,
    kinds: Sequence[Kind] = KINDS,
    coding: Coding = "fixed_factor",
    exchangeable: bool | None = None,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
) -> PresentedResult:
    """Fit factor models of one scale that both members answered.

    Parameters
    ----------
    data : DyadFrame
        With the items of the scale.
    scale : str
        Of one wave, such as ``"trust.t1"``.
    kinds : sequence of str
        Among "correlated" (a factor for each member), "one_factor" (one of the dyad),
        "hierarchical" (one above the members') and "bifactor" (one beside them).
    coding : {"marker", "fixed_factor", "effects"}
        What gives factors their scale; fit is the same.
    exchangeable : bool, optional
        Default: whether members share one role.  True for two roles holds them equal.
    alpha : float
        1 − confidence.
    seed : optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        Tables ``models`` and ``loadings``, and a path diagram of each model: figures
        ``diagram_correlated``, ``diagram_one_factor``, …

    Raises
    ------
    Refused
        When the scale was not asked of both members, or has fewer than three items.
    StudyError
        When the scale is unknown, or was asked in several waves and none is named.
    FitError
        When no model can be fitted.

    Notes
    -----
    Residuals of the same item are correlated between members in all models.  The hierarchical model
    says of the covariance of the members' factors that it is the variance of a factor of the dyad:
    it fits as the correlated one does, and has no proper solution where that is negative.
    For exchangeable members everything that exchanging them cannot change is equal, and fit is
    corrected by I-SAT and I-NULL (see `dyadkit.models.exchangeable_fit`).
    """
    confidence_of(alpha)
    dyads = frame_of(data)
    sample = Sample.of(dyads)
    found = scale_of(dyads, scale)
    variable = found.variable
    if len(found.roles or dyads.roles) < len(dyads.roles):
        raise Refused(
            f"A dyadic factor model needs a scale that both members answered; '{scale}' names one "
            "role's answers only."
        )
    waves = found.waves or dyads.occasions
    if len(waves) > 1:
        raise StudyError(
            f"'{scale}' was asked in {len(waves)} waves; say which, e.g. "
            f"'{variable.name}.{waves[0]}'."
        )
    alike = dyads.exchangeable if exchangeable is None else exchangeable
    if dyads.exchangeable and not alike:
        raise Refused("The members share one role, so that they cannot be told apart.")
    frame = _frame(sample, variable.items, variable, waves[0])
    members = tuple([f"{item}_{member}" for item in variable.items] for member in (1, 2))
    fitted, notes = _fit(frame, (members[0], members[1]), kinds, coding, alike)
    if not fitted:
        raise FitError("No dyadic factor model could be fitted. " + " ".join(n.text for n in notes))
    sides = ("Member 1", "Member 2") if alike else tuple(role_label(r) for r in dyads.roles)
    label = ", ".join(part for part in (variable.label, wave_label(waves[0])) if part)
    answered = frame.notna().any(axis=1).to_numpy()
    each_item = (frame[item].notna().to_numpy() for item in frame)
    supports = (sample.least_support(_KEY, each_item), sample.everyone())
    minimum = minimum_of(dyads)
    hidden = hidden_keys(supports, (), minimum)
    return PresentedResult(
        type="dyadic_factors",
        title="Dyadic factor models",
        estimates=_estimates(fitted),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": int(answered.sum()),
            "n_persons": sample.n_persons,
            "n_models": len(fitted),
        },
        table_specs=(
            _models_table(fitted, label, alike),
            _loadings_table(fitted, variable.items, (sides[0], sides[1])),
        ),
        figure_specs=tuple(_diagrams(fitted, variable.items, (sides[0], sides[1]), label, hidden)),
        sentences=tuple(_sentences(fitted, label)),
        methods=tuple(_methods(alike, coding)),
        supports=supports,
        minimum=minimum,
        notes=tuple(notes),
    )


def _frame(sample: Sample, items: Sequence[str], variable: Any, wave: str) -> pd.DataFrame:
    """Return keyed items of both members, called 1 and 2, a row a dyad."""
    roles = sample.dyads.roles
    if sample.dyads.exchangeable:
        both = sample.items(Place(variable, roles[0], wave))
        one, other = both[: sample.n], both[sample.n :]
    else:
        one, other = (sample.items(Place(variable, role, wave)) for role in roles)
    columns = {
        f"{item}_{member}": values[:, place]
        for member, values in ((1, one), (2, other))
        for place, item in enumerate(items)
    }
    return pd.DataFrame(columns)


def _fit(
    frame: pd.DataFrame,
    members: tuple[list[str], list[str]],
    kinds: Sequence[Kind],
    coding: Coding,
    alike: bool,
) -> tuple[list[_Fitted], list[Note]]:
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise StudyError(f"kinds: {list(kinds)} has no model. They are {', '.join(KINDS)}.")
    notes: list[Note] = []
    references = _references(frame, members) if alike else None
    fitted = []
    for kind in kinds:
        syntax = dyadic_syntax(kind, members, coding=coding, exchangeable=alike)
        try:
            fit = fit_sem(syntax, frame, auto="lavaan")
        except FitError as error:
            notes.append(Note(f"{LABELS[kind]}: not fitted. {error}", "warning", _KEY))
            continue
        corrected = None
        if references is not None:
            own = float(fit.summary["chisq"]), float(fit.summary["df"])
            corrected = corrected_fit(own, *references, int(fit.summary["n_obs"]))
        fitted.append(_Fitted(kind, syntax, fit, corrected))
        if warning := fitted[-1].warning:
            notes.append(Note(f"{LABELS[kind]}: {warning}", "warning", _KEY))
    there = {each.kind for each in fitted}
    if {"correlated", "hierarchical"} <= there:
        notes.append(
            Note(
                "The hierarchical model fits as the one with correlated factors does: data cannot "
                "tell them apart."
            )
        )
    return fitted, notes


def _references(
    frame: pd.DataFrame, members: tuple[list[str], list[str]]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return chi-square and degrees of freedom of I-SAT and of I-NULL."""
    names = [column.removesuffix("_1") for column in members[0]]
    found = []
    for syntax in (isat_syntax(names), inull_syntax(names)):
        fit = fit_sem(syntax, frame, auto="lavaan")
        found.append((float(fit.summary["chisq"]), float(fit.summary["df"])))
    if found[0][1] != isat_df(len(names)):
        raise FitError(
            f"I-SAT has {found[0][1]:g} degrees of freedom, not {isat_df(len(names))} as it must."
        )
    return found[0], found[1]


def _estimates(fitted: Sequence[_Fitted]) -> Estimates:
    rows: list[dict[str, Any]] = []
    for each in fitted:
        row: dict[str, Any] = {"term": LABELS[each.kind], "quantity": "model", "kind": each.kind}
        row |= {"estimate": each.measure("chisq"), "statistic": each.measure("chisq")}
        for name in ("df", "p_value", "cfi", "tli", "rmsea", "srmr"):
            row[name] = each.measure(name)
        rows.append({**row, "syntax": each.syntax})
        tidy = each.fit.tidy()
        for _, found in tidy[tidy["op"].isin(["=~"])].iterrows():
            rows.append(
                {
                    "term": f"{found['lhs']} =~ {found['rhs']}: {LABELS[each.kind]}",
                    "quantity": "loading",
                    "kind": each.kind,
                    "estimate": found["estimate"],
                    "std_error": found["std_error"],
                    "std_all": found["std_all"],
                }
            )
    return Estimates(rows, [_KEY] * len(rows))


def _models_table(fitted: Sequence[_Fitted], label: str, alike: bool) -> Table:
    rows = [
        Row(
            (
                Cell(LABELS[each.kind]),
                *(Cell(each.measure(name), _KEY) for name in FIT),
                Cell(each.fit.summary["aic"], _KEY),
                Cell(each.fit.summary["bic"], _KEY),
            )
        )
        for each in fitted
    ]
    corrected = (
        "χ², CFI, TLI and RMSEA are corrected for the arbitrary order of members (I-SAT and "
        "I-NULL; Olsen & Kenny, 2006). "
    )
    return Table(
        name="models",
        title=f"Dyadic factor models: {label}",
        columns=(
            Column("model", "Model"),
            *FIT_COLUMNS,
            Column("aic", "AIC", "statistic_1"),
            Column("bic", "BIC", "statistic_1"),
        ),
        rows=tuple(rows),
        notes=(corrected * alike + "Smaller AIC and BIC are better.",),
    )


def _loadings_table(
    fitted: Sequence[_Fitted], items: Sequence[str], sides: tuple[str, str]
) -> Table:
    body: list[Row] = []
    for each in fitted:
        body.append(Row((Cell(LABELS[each.kind]),), heading=True))
        value = each.standardised()
        for member, side in enumerate(sides, start=1):
            for item in items:
                column = f"{item}_{member}"
                own = value.get((f"f{member}", "=~", column))
                dyad = value.get(("dyad", "=~", column))
                body.append(Row((Cell(side), Cell(item), Cell(own, _KEY), Cell(dyad, _KEY))))
    return Table(
        name="loadings",
        title="Standardised loadings",
        columns=(
            Column("member", "Member"),
            Column("item", "Item"),
            Column("own", "Own factor", "correlation"),
            Column("dyad", "Factor of the dyad", "correlation"),
        ),
        rows=tuple(body),
        notes=("Items keyed in reverse are turned round.",),
    )


def _diagrams(
    fitted: Sequence[_Fitted],
    items: Sequence[str],
    sides: tuple[str, str],
    label: str,
    hidden: frozenset[str],
) -> Iterator[PathFigure]:
    for each in fitted:
        warning = each.warning
        yield factor_diagram(
            each.kind,
            each.standardised(),
            items,
            sides,
            label=label,
            key=_KEY,
            remark=f"{warning[:1].upper()}{warning[1:]}",
            hidden=hidden,
        )


def _sentences(fitted: Sequence[_Fitted], label: str) -> Iterator[Sentence]:
    for each in fitted:
        if each.kind != "correlated":
            continue
        yield Sentence(
            "{label}: the members' factors correlate {r} (χ²({df}) = {chisq}, CFI = {cfi}, RMSEA = "
            "{rmsea}).",
            {
                "label": Cell(label),
                "r": Cell(each.standardised()["f1", "~~", "f2"], _KEY, "correlation"),
                "df": Cell(each.measure("df"), _KEY, "df"),
                "chisq": Cell(each.measure("chisq"), _KEY, "statistic"),
                "cfi": Cell(each.measure("cfi"), _KEY, "statistic_3"),
                "rmsea": Cell(each.measure("rmsea"), _KEY, "statistic_3"),
            },
        )


def _methods(alike: bool, coding: Coding) -> Iterator[str]:
    words = {
        "marker": "the first loading 1",
        "fixed_factor": "factors' variances 1",
        "effects": "loadings that average 1",
    }
    yield (
        "Dyadic factor models were fitted by maximum likelihood with incomplete rows, residuals of "
        f"the same item correlated between members, {words[coding]}."
    )
    if alike:
        yield (
            "Members share one role: parameters that exchanging them cannot change are equal, and "
            "fit is corrected by the saturated and the null model of exchangeable members (Olsen & "
            "Kenny, 2006)."
        )
