"""What follows from actor and partner effects: standardised ones, k, patterns, differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.ratios import Ratio, ratio_of
from dyadkit.estimation.resample import percentile_interval
from dyadkit.multilevel.apim_model import ApimModel
from dyadkit.multilevel.apim_rows import Regressor

_LEAST_ACTOR = 0.10
_PATTERNS = (
    ("couple", "actor = partner, k = 1", 1.0, -1.0),
    ("contrast", "actor = −partner, k = −1", 1.0, 1.0),
    ("actor only", "partner = 0, k = 0", 0.0, 1.0),
    ("partner only", "actor = 0", 1.0, 0.0),
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scales:
    """Standard deviations about the grand mean over both members, of outcome and regressors."""

    outcome: float
    regressors: tuple[float, ...]

    def factor(self, number: int) -> float:
        """Return what standardises the effect of a regressor."""
        return self.regressors[number] / self.outcome


def scales_of(used: pd.DataFrame, regressors: Sequence[Regressor]) -> Scales:
    """Return the standard deviations of the rows used, the same for both roles."""
    names = [f"x{number + 1}" for number in range(len(regressors))]
    return Scales(
        float(used["y"].std(ddof=1)), tuple(float(used[name].std(ddof=1)) for name in names)
    )


def effect_rows(model: ApimModel, scales: Scales) -> list[Row]:
    """Return one row per fixed effect, with its standardised value where it has one."""
    found = []
    places = {regressor: number for number, regressor in enumerate(model.rows.regressors)}
    for regressor, role, weights in model.effects():
        row = described(regressor, role) | model.fit.combination(weights)
        row["std_estimate"] = nan
        if regressor.effect != "intercept":
            row["std_estimate"] = row["estimate"] * scales.factor(places[regressor])
        found.append(row)
    return found


def described(regressor: Regressor, role: str, effect: str | None = None) -> Row:
    """Return the columns that say which effect a row is of."""
    name = effect or regressor.effect
    term = f"{name}: {regressor.predictor}" if regressor.predictor else name
    return {
        "term": f"{term} ({role})" if role else term,
        "effect": name,
        "predictor": regressor.predictor,
        "role": role,
    }


def focal_pairs(model: ApimModel) -> Iterator[tuple[int, int]]:
    """Yield the places of each predictor's actor and partner effect."""
    effects = [regressor.effect for regressor in model.rows.regressors]
    for place, effect in enumerate(effects):
        if effect == "actor":
            yield place, place + 1


def ratio_rows(
    model: ApimModel, scales: Scales, draws: FloatArray | None = None
) -> tuple[list[Row], list[str]]:
    """Return k = partner/actor where the actor effect carries it, and where it does not.

    Parameters
    ----------
    model : ApimModel
    scales : Scales
    draws : ndarray, shape (b, p), optional
        Effects of bootstrap refits, for percentile intervals in place of Fieller's.
    """
    rows, reasons = [], []
    fit = model.fit
    vcov = fit.degrees.covariance
    for actor, partner in focal_pairs(model):
        regressor = model.rows.regressors[actor]
        for role in model.roles:
            a, p = model.weights(actor, role), model.weights(partner, role)
            own = fit.combination(a)
            if not carries_ratio(own, scales.factor(actor)):
                reasons.append(f"{regressor.label} ({role})" if role else regressor.label)
                continue
            found = ratio_of(
                float(p @ fit.solution.beta),
                own["estimate"],
                (float(p @ vcov @ p), float(a @ vcov @ p), float(a @ vcov @ a)),
                float(stdtrit(own["df"], 0.5 + 0.5 * fit.setup.confidence)),
            )
            row = ratio_row(regressor, role, found)
            if draws is not None:
                row["conf_low"], row["conf_high"] = percentile_interval(
                    (draws @ p) / (draws @ a), fit.setup.confidence
                )
            rows.append(row)
    return rows, reasons


def carries_ratio(actor: Mapping[str, float], factor: float) -> bool:
    """Tell whether an actor effect is large and certain enough to be divided by."""
    large = abs(actor["estimate"] * factor) >= _LEAST_ACTOR
    return large and not actor["conf_low"] <= 0.0 <= actor["conf_high"]


def ratio_row(regressor: Regressor, role: str, found: Ratio) -> Row:
    """Return the row of k."""
    return described(regressor, role, "k") | {
        "estimate": found.estimate,
        "std_error": found.std_error,
        "statistic": nan,
        "df": nan,
        "p_value": nan,
        "conf_low": found.low,
        "conf_high": found.high,
    }


def pattern_rows(model: ApimModel) -> list[Row]:
    """Test the patterns that k can name, one row each."""
    rows = []
    for actor, partner in focal_pairs(model):
        regressor = model.rows.regressors[actor]
        for role in model.roles:
            a, p = model.weights(actor, role), model.weights(partner, role)
            for name, _, by_actor, by_partner in _PATTERNS:
                found = model.fit.combination(by_actor * a + by_partner * p)
                rows.append(described(regressor, role, f"{name} pattern") | found)
    return rows


def difference_rows(model: ApimModel, scales: Scales, margin: float | None) -> list[Row]:
    """Test every effect's difference between the roles, and that it is smaller than a margin.

    The margin is in standardised units; the test is of two one-sided ones (Schuirmann, 1987).
    """
    if len(model.roles) < 2:
        return []
    rows = []
    first, second = model.roles
    places = {regressor: number for number, regressor in enumerate(model.rows.regressors)}
    for regressor in model.rows.regressors:
        number = places[regressor]
        weights = model.weights(number, first) - model.weights(number, second)
        found = model.fit.combination(weights)
        factor = scales.factor(number)
        row = described(regressor, f"{first} − {second}", f"difference in {regressor.effect}")
        row |= found | {"std_estimate": found["estimate"] * factor, "p_equivalent": nan}
        if margin is not None:
            reach = (margin - abs(found["estimate"] * factor)) / (found["std_error"] * abs(factor))
            row["p_equivalent"] = float(stdtr(found["df"], -reach))
        rows.append(row)
    return rows


def average_rows(model: ApimModel) -> list[Row]:
    """Return every effect averaged over the roles."""
    if len(model.roles) < 2:
        return []
    first, second = model.roles
    return [
        described(regressor, "average")
        | model.fit.combination(
            0.5 * (model.weights(number, first) + model.weights(number, second))
        )
        for number, regressor in enumerate(model.rows.regressors)
    ]


def dyadic_rows(model: ApimModel) -> list[Row]:
    r"""Return the same model by dyad means and differences.

    For exchangeable members, an effect between dyads a + p and one within them a − p (Kenny,
    Kashy & Cook, 2006, ch. 7).  For two roles the dyadic score model (Iida, Seidman & Shrout,
    2018): with level :math:`L = (y_1 + y_2)/2` and difference :math:`D = y_1 - y_2`,

    .. math::

        L &= \cdot + \tfrac12 (a_1 + p_1 + a_2 + p_2) L_x + \tfrac14 (a_1 - p_1 - a_2 + p_2) D_x \\
        D &= \cdot + (a_1 + p_1 - a_2 - p_2) L_x + \tfrac12 (a_1 - p_1 + a_2 - p_2) D_x .
    """
    rows = []
    for actor, partner in focal_pairs(model):
        regressor = model.rows.regressors[actor]
        if len(model.roles) < 2:
            a, p = model.weights(actor, ""), model.weights(partner, "")
            combinations: list[tuple[str, FloatArray]] = [
                ("between dyads", a + p),
                ("within dyads", a - p),
            ]
        else:
            (a1, a2), (p1, p2) = (
                [model.weights(place, role) for role in model.roles] for place in (actor, partner)
            )
            combinations = [
                ("level, by level", 0.5 * (a1 + p1 + a2 + p2)),
                ("level, by difference", 0.25 * (a1 - p1 - a2 + p2)),
                ("difference, by level", a1 + p1 - a2 - p2),
                ("difference, by difference", 0.5 * (a1 - p1 + a2 - p2)),
            ]
        rows += [
            described(regressor, "", name) | model.fit.combination(np.asarray(weights))
            for name, weights in combinations
        ]
    return rows
