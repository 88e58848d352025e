"""The actor–partner model as a structural equation model, with observed or latent variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from dyadkit.errors import Refused, StudyError, listed
from dyadkit.estimation.ratios import ratio_of
from dyadkit.frame import DyadFrame, Reference
from dyadkit.models.indistinguishable import isat_df, isat_syntax
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.multilevel.apim_effects import (
    Row,
    Scales,
    carries_ratio,
    described,
    ratio_row,
    scales_of,
)
from dyadkit.multilevel.apim_rows import ApimRows, Regressor
from dyadkit.multilevel.member_rows import find

_COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True)
class SemApim:
    """A fitted model, its effects as rows, and the test of exchangeability where it was made.

    Attributes
    ----------
    fit : SemFit
    rows : list of dict
    isat : tuple of float or None
        χ², degrees of freedom and p of I-SAT: whether the two members can be told apart at all.
    """

    fit: SemFit
    rows: list[Row]
    isat: tuple[float, float, float] | None


def fit_observed(rows: ApimRows, confidence: float) -> SemApim:
    """Fit the model to observed scores of both members.

    Raises
    ------
    Refused
        For products of variables.
    """
    if any(regressor.factors for regressor in rows.regressors):
        raise Refused(
            "Products of variables (a moderator, actor × partner) are not normal, so that maximum "
            "likelihood from incomplete rows would be wrong for them. Take engine='mixed'."
        )
    own = [(n, r) for n, r in enumerate(rows.regressors) if r.effect in ("actor", "covariate")]
    wide, shared = _wide(rows, [number for number, _ in own])
    told = bool(rows.roles)
    lines = []
    for member in (1, 2):
        terms = []
        for number, regressor in own:
            name = f"x{number + 1}"
            tag = f"_{member}" if told else ""
            if regressor.effect == "actor":
                terms.append(f"a{number}{tag}*{name}_{member}")
                terms.append(f"p{number}{tag}*{name}_{3 - member}")
            else:
                column = name if name in shared else f"{name}_{member}"
                terms.append(f"c{number}{tag}*{column}")
        label = f"i{member if told else ''}"
        lines.append(f"y_{member} ~ {' + '.join([f'{label}*1', *terms])}")
        lines.append(f"y_{member} ~~ v{member if told else ''}*y_{member}")
    lines.append("y_1 ~~ y_2")
    fit = fit_sem("\n".join(lines), wide, confidence=confidence, fixed_x=None)
    estimates = fit.tidy().drop_duplicates("label").set_index("label")
    found = []
    tags = [f"_{member}" for member in (1, 2)] if told else [""]
    roles = rows.roles or ("",)
    intercept = Regressor("intercept", "", "Intercept")
    for role, tag in zip(roles, tags, strict=True):
        found.append(_row(intercept, role, estimates.loc[f"i{tag.lstrip('_')}"]))
    scales = scales_of(rows.frame, rows.regressors)
    for number, regressor in enumerate(rows.regressors):
        letter = {"actor": "a", "partner": "p", "covariate": "c"}[regressor.effect]
        place = number - 1 if letter == "p" else number
        for role, tag in zip(roles, tags, strict=True):
            row = _row(regressor, role, estimates.loc[f"{letter}{place}{tag}"])
            row["std_estimate"] = row["estimate"] * scales.factor(number)
            found.append(row)
    found += _ratios(rows, fit, scales, tags, confidence)
    return SemApim(fit, found, _isat(wide, own, shared))


def _ratios(
    rows: ApimRows, fit: SemFit, scales: Scales, tags: Sequence[str], confidence: float
) -> list[Row]:
    """Return k of each predictor and role whose actor effect carries it."""
    found = []
    vcov = fit.vcov()
    critical = float(ndtri(0.5 + 0.5 * confidence))
    estimates = fit.tidy().drop_duplicates("label").set_index("label")
    columns = {name: estimates[name].astype(float).to_dict() for name in _COLUMNS}
    for number, regressor in enumerate(rows.regressors):
        if regressor.effect != "actor":
            continue
        for role, tag in zip(rows.roles or ("",), tags, strict=True):
            actor, partner = f"a{number}{tag}", f"p{number}{tag}"
            own = {name: values[actor] for name, values in columns.items()}
            if not carries_ratio(own, scales.factor(number)):
                continue
            names = [partner, actor]
            v = vcov.loc[names, names].to_numpy()
            ratio = ratio_of(
                columns["estimate"][partner],
                own["estimate"],
                (float(v[0, 0]), float(v[0, 1]), float(v[1, 1])),
                critical,
            )
            found.append(ratio_row(regressor, role, ratio) | {"std_estimate": nan})
    return found


def fit_latent(
    dyads: DyadFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    distinguishable: bool,
    confidence: float,
) -> SemApim:
    """Fit the model to latent variables measured by the items of scales.

    Loadings are equal in both roles, and residuals of one item covary across the partners.

    Raises
    ------
    StudyError
        When a variable has no items.
    """
    references = [find(dyads, text, both=True) for text in (outcome, *predictors)]
    without = [reference.variable.name for reference in references if not reference.variable.items]
    if without:
        raise StudyError(
            f"latent = true needs scales with items, but there are none of {listed(without)}. "
            "Leave latent out, or declare the scales' items."
        )
    lines: list[str] = []
    columns: dict[str, pd.Series] = {}
    for number, reference in enumerate(references):
        _measure(dyads, reference, number, distinguishable, lines, columns)
    told = ("_1", "_2") if distinguishable else ("", "")
    for member in (1, 2):
        terms = [
            term
            for number in range(1, len(references))
            for term in (
                f"a{number}{told[member - 1]}*f{number}_{member}",
                f"p{number}{told[member - 1]}*f{number}_{3 - member}",
            )
        ]
        lines.append(f"f0_{member} ~ {' + '.join(terms)}")
    lines.append("f0_1 ~~ f0_2")
    if not distinguishable:
        lines += ["f0_1 ~~ z0*f0_1", "f0_2 ~~ z0*f0_2"]
        lines += [
            f"f{number}_{member} ~~ z{number}*f{number}_{member}"
            for number in range(1, len(references))
            for member in (1, 2)
        ]
    fit = fit_sem("\n".join(lines), pd.DataFrame(columns), confidence=confidence)
    tidy = fit.tidy()
    estimates = tidy[tidy["label"] != ""].drop_duplicates("label").set_index("label")
    roles = dyads.roles if distinguishable else ("",)
    found = []
    for number, reference in enumerate(references[1:], start=1):
        for effect, letter in (("actor", "a"), ("partner", "p")):
            regressor = Regressor(effect, reference.variable.name, reference.variable.label)
            for role, tag in zip(roles, told, strict=False):
                found.append(_row(regressor, role, estimates.loc[f"{letter}{number}{tag}"]))
    return SemApim(fit, found, None)


def _measure(
    dyads: DyadFrame,
    reference: Reference,
    number: int,
    told: bool,
    lines: list[str],
    columns: dict[str, pd.Series],
) -> None:
    """Add the measurement of one variable for both members."""
    variable, wave = reference.variable, reference.waves[0]
    wide = dyads.wide(list(variable.items))
    for member, place in zip(dyads.members, (1, 2), strict=True):
        names = []
        for item_number, item in enumerate(variable.items):
            column = "_".join(part for part in (item, member, wave if dyads.waves else "") if part)
            scores = pd.to_numeric(wide[column]).astype(float)
            if item in variable.reverse and variable.item_range is not None:
                scores = sum(variable.item_range) - scores
            name = f"q{number}_{item_number}_{place}"
            columns[name] = scores
            names.append(f"l{number}_{item_number}*{name}" if item_number else name)
            if not told:
                lines.append(f"{name} ~ t{number}_{item_number}*1")
                lines.append(f"{name} ~~ u{number}_{item_number}*{name}")
        lines.append(f"f{number}_{place} =~ {' + '.join(names)}")
    lines += [f"q{number}_{n}_1 ~~ q{number}_{n}_2" for n in range(len(variable.items))]


def _wide(rows: ApimRows, own: Sequence[int]) -> tuple[pd.DataFrame, set[str]]:
    """Return one row per dyad, and which regressors describe the dyad as a whole."""
    frame = rows.frame
    y = frame["y"].to_numpy()
    columns: dict[str, Any] = {"y_1": y[::2], "y_2": y[1::2]}
    shared = set()
    for number in own:
        name = f"x{number + 1}"
        first, second = frame[name].to_numpy()[::2], frame[name].to_numpy()[1::2]
        same = np.array_equal(first, second, equal_nan=True)
        if rows.regressors[number].effect == "covariate" and same:
            columns[name] = first
            shared.add(name)
        else:
            columns |= {f"{name}_1": first, f"{name}_2": second}
    return pd.DataFrame(columns), shared


def _isat(
    wide: pd.DataFrame, own: Sequence[tuple[int, Regressor]], shared: set[str]
) -> tuple[float, float, float]:
    names = [f"x{number + 1}" for number, _ in own]
    personal = ["y", *(name for name in names if name not in shared)]
    whole = [name for name in names if name in shared]
    fit = fit_sem(isat_syntax(personal, whole), wide, auto="lavaan", fixed_x=False)
    measures = fit.solution.measures
    expected = isat_df(len(personal), len(whole))
    if int(measures.df) != expected:
        raise AssertionError(f"I-SAT has {measures.df} degrees of freedom, not {expected}")
    return float(measures.chisq), float(measures.df), float(measures.p_value)


def _row(regressor: Regressor, role: str, found: Any) -> Row:
    row: Row = described(regressor, role)
    row |= {name: float(found[name]) for name in _COLUMNS}
    return row | {
        "std_estimate": nan if regressor.effect == "intercept" else float(found["std_all"])
    }
