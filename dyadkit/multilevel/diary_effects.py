"""What follows from a diary's effects: contrasts, shares of variance, expected trajectories."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import Any

import numpy as np
from scipy.special import chdtrc

from dyadkit.errors import FitError
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.multilevel.diary_model import DiaryModel, empty_model, restricted
from dyadkit.multilevel.diary_rows import Regressor

Row = dict[str, Any]
_GRID = 7


def described(regressor: Regressor, role: str, effect: str | None = None) -> Row:
    """Return the columns that say which effect a row is of."""
    name = effect or regressor.effect
    term = name if regressor.predictor in ("", "time") else f"{name}: {regressor.predictor}"
    return {
        "term": f"{term} ({role})" if role else term,
        "effect": name,
        "predictor": regressor.predictor,
        "role": role,
    }


def effect_rows(model: DiaryModel) -> list[Row]:
    """Return one row per fixed effect."""
    return [
        described(regressor, role) | model.fit.combination(weights)
        for regressor, role, weights in model.effects()
    ]


def contextual_rows(model: DiaryModel) -> list[Row]:
    """Return between less within of every actor and partner effect.

    Of equals within and between there is no contextual effect (Raudenbush & Bryk, 2002, ch. 5).
    """
    regressors = model.rows.regressors
    place = {(r.effect, r.predictor): number for number, r in enumerate(regressors)}
    rows = []
    for (effect, predictor), number in place.items():
        side, _, kind = effect.partition(", ")
        other = place.get((f"{side}, between", predictor))
        if kind != "within" or side not in ("actor", "partner") or other is None:
            continue
        for role in model.roles:
            weights = model.weights(other, role) - model.weights(number, role)
            found = described(regressors[number], role, f"{side}, between − within")
            rows.append(found | model.fit.combination(weights))
    return rows


def difference_rows(model: DiaryModel) -> list[Row]:
    """Test every effect's difference between the roles."""
    if len(model.roles) < 2:
        return []
    first, second = model.roles
    return [
        described(regressor, f"{first} − {second}", f"difference in {regressor.effect}")
        | model.fit.combination(model.weights(number, first) - model.weights(number, second))
        for number, regressor in enumerate(model.rows.regressors)
    ]


def equality_rows(model: DiaryModel) -> tuple[list[Row], str]:
    """Test by likelihood ratios that the roles are the same; and say why not, where that is so."""
    if len(model.roles) < 2:
        return [], ""
    try:
        fits = list(restricted(model.rows, model.fitting))
    except FitError as error:
        return [], (
            "Whether the roles are the same was not tested by likelihood ratios, since one of the "
            f"models compared could not be fitted. {error}"
        )
    if any(fit.solution.singular.any() for _, _, fit in fits):
        return [], (
            "Whether the roles are the same was not tested by likelihood ratios: a covariance "
            "matrix is on its boundary, where these do not follow χ²."
        )
    full = fits[0][2]
    rows = []
    for _, label, fit in fits[1:]:
        statistic = max(fit.summary["deviance"] - full.summary["deviance"], 0.0)
        df = full.summary["n_parameters"] - fit.summary["n_parameters"]
        rows.append(
            {
                "term": f"test: {label.lower()}",
                "label": label,
                "effect": "distinguishability",
                "predictor": "",
                "role": "",
                "estimate": statistic,
                "statistic": statistic,
                "df": df,
                "p_value": float(chdtrc(df, statistic)),
            }
        )
    return rows, ""


def share_rows(model: DiaryModel) -> tuple[list[Row], str]:
    """Return the share of variance between persons, and by how much predictors reduce variances.

    The first is of the model without predictors.  The second, pseudo-R² = 1 − σ²/σ²₀ with the same
    random intercepts and residual structure in both, can be negative, and is then left so.  Where
    that model does not converge there are none, and the second value says why.
    """
    try:
        empty = empty_model(model)
    except FitError as error:
        return (
            [],
            f"No shares of variance: the model without predictors could not be fitted. {error}",
        )
    rows = []
    for role in model.roles:
        between0, within0 = _variances(empty, role)
        between, within = _variances(model.fit, role)
        found = [("share between persons", between0 / (between0 + within0))]
        found.append(("pseudo-R² within", 1.0 - within / within0))
        if not model.rows.slopes and between0 > 1e-8 * within0:
            found.append(("pseudo-R² between", 1.0 - between / between0))
        rows += [
            {
                "term": f"{name} ({role})" if role else name,
                "effect": name,
                "predictor": "",
                "role": role,
                "estimate": value,
            }
            for name, value in found
        ]
    return rows, ""


def _variances(fit: MixedFit, role: str) -> tuple[float, float]:
    """Return the variances of intercepts and residuals of a role."""
    tidy = fit.tidy()
    rows = tidy[tidy["effect"] == "covariance"].set_index(["group", "term"])["estimate"]
    if not role:
        return float(rows["dyad", "variance: Intercept"]), float(rows["residual", "variance"])
    return (
        float(rows["dyad", f"variance: role[{role}]"]),
        float(rows["residual", f"variance: {role}"]),
    )


def component_rows(model: DiaryModel) -> list[Row]:
    """Return variances and correlations of random effects and residuals, by readable names."""
    tidy = model.fit.tidy()
    rows = []
    for record in tidy[tidy["effect"] == "covariance"].to_dict("records"):
        residual = record["group"] == "residual"
        what = "residual" if residual else "random effect"
        term = str(record["term"])
        if not residual:
            for place in model.rows.slopes:
                predictor = model.rows.regressors[place].predictor
                term = term.replace(f":x{place + 1}", f" × {predictor}")
                term = term.replace(f"x{place + 1}", predictor)
            for role in model.roles:
                term = term.replace(f"role[{role}]", role)
        rows.append(
            {
                "term": f"{what}, {term}",
                "effect": what,
                "predictor": "",
                "role": "",
                **{k: record[k] for k in ("estimate", "std_error", "conf_low", "conf_high")},
            }
        )
    return rows


def trajectory_rows(model: DiaryModel) -> list[Row]:
    """Return the expected outcome over time by role, of a person at all means.

    Returns
    -------
    list of dict
        ``time`` as measured, ``role``, ``estimate``, ``std_error``, ``conf_low``, ``conf_high``;
        empty without a trend.
    """
    places = [n for n, r in enumerate(model.rows.regressors) if r.effect == "trend"]
    if not places:
        return []
    (place,) = places
    used = model.rows.frame["time"].to_numpy(np.float64)
    middle = model.rows.centres["time"]
    return [
        {
            "term": f"expected at {time:g} ({role})" if role else f"expected at {time:g}",
            "effect": "trajectory",
            "predictor": "time",
            "role": role,
            "time": time,
            **model.fit.combination(
                model.weights(-1, role) + (time - middle) * model.weights(place, role)
            ),
            "statistic": nan,
            "p_value": nan,
        }
        for role in model.roles
        for time in _times(used)
    ]


def _times(used: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Iterator[float]:
    """Yield moments over the diary: its own occasions where they are few."""
    distinct = np.unique(used)
    low, high = float(distinct[0]), float(distinct[-1])
    if distinct.size <= _GRID:
        yield from distinct.tolist()
    else:
        yield from np.linspace(low, high, _GRID).tolist()
