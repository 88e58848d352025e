"""Fixed effects, variances, reciprocities and shares of a one-with-many model as rows."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from dyadkit.display.labels import role_plural
from dyadkit.estimation.one_way import OneWay, one_way_icc
from dyadkit.mixed.components import Component, Quantity, on_boundary, wald_component
from dyadkit.models.mixed_covariances import quantities_of
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.multilevel.one_with_many_rows import FocalRows


def effect_rows(rows: FocalRows, fit: MixedFit) -> list[dict[str, Any]]:
    """Return the fixed effects, on either side's outcome."""
    found = fit.combinations(np.eye(len(fit.setup.names)))
    roles = rows.roles if rows.reciprocal else ("",)
    described = [("intercept", "intercept", "", "Intercept", "")]
    described += [(r.term, r.effect, r.predictor, r.label, r.level) for r in rows.regressors]
    effects = []
    place = 0
    for term, effect, predictor, label, level in described:
        for role in roles:
            effects.append(
                {
                    "term": f"{term} ({role})" if role else term,
                    "effect": effect,
                    "predictor": predictor,
                    "label": label,
                    "level": level,
                    "role": role,
                    **{name: float(values[place]) for name, values in found.items()},
                }
            )
            place += 1
    return effects


def component_rows(rows: FocalRows, fit: MixedFit) -> list[dict[str, Any]]:
    """Return variances, reciprocities and shares, each with its name in this design."""
    solution = fit.solution
    quantities = {
        (group, name): quantity for group, name, quantity in quantities_of(solution, fit.setup)
    }
    confidence = fit.setup.confidence
    found = []

    def add(effect: str, label: str, role: str, quantity: Quantity) -> None:
        component = wald_component(solution, quantity, confidence)
        found.append(_row(effect, label, role, component))

    many = role_plural(rows.focal)
    names = {
        rows.focal: ("actor variance", f"{many} as raters (actor variance)"),
        rows.partner: ("partner variance", f"{many} as rated by partners (partner variance)"),
    }
    single = not rows.reciprocal
    own = {
        role: quantities["focal", "variance: Intercept" if single else f"variance: role[{role}]"]
        for role in rows.roles
    }
    rest = {
        role: quantities["residual", "variance" if single else f"variance: {role}"]
        for role in rows.roles
    }
    for role in rows.roles:
        add(*names[role], role, own[role])
    if rows.reciprocal:
        add("generalised reciprocity", "Generalised reciprocity", "", _between(quantities, "focal"))
    for role in rows.roles:
        label = f"Relationship and error, rated by {role_plural(role)}"
        add("relationship variance", label, role, rest[role])
    if rows.reciprocal:
        add("dyadic reciprocity", "Dyadic reciprocity", "", _between(quantities, "residual"))
    for role in rows.roles:
        label = f"Share of {many} in {role_plural(role)}' ratings"
        share = _share(fit, own[role], rest[role])
        found.append(_row("share of focal persons", label, role, share))
    return found


def _share(fit: MixedFit, focal: Quantity, rest: Quantity) -> Component:
    """Return a share of variance, with an interval symmetric in its logit."""
    if on_boundary(fit.solution, focal):
        return Component(0.0, nan, nan, nan)
    total = focal.c + rest.c
    found = wald_component(
        fit.solution, Quantity("correlation", focal.c, total, total), fit.setup.confidence
    )
    if isnan(found.std_error):
        return found
    share = found.estimate
    reach = float(ndtri(0.5 + 0.5 * fit.setup.confidence)) * found.std_error / (share * (1 - share))
    low, high = (float(expit(logit(share) + side * reach)) for side in (-1.0, 1.0))
    return Component(share, found.std_error, low, high)


def _between(quantities: dict[tuple[str, str], Quantity], group: str) -> Quantity:
    return next(
        quantity
        for (where, name), quantity in quantities.items()
        if where == group and name.startswith("correlation")
    )


def _row(effect: str, label: str, role: str, found: Component) -> dict[str, Any]:
    return {
        "term": f"{effect} ({role})" if role else effect,
        "effect": effect,
        "predictor": "",
        "label": label[0].upper() + label[1:],
        "level": "",
        "role": role,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "conf_low": found.low,
        "conf_high": found.high,
    }


def analyses_of_variance(rows: FocalRows, used: pd.DataFrame) -> dict[str, OneWay]:
    """Return the analysis of variance of each side's outcome by focal persons."""
    found = {}
    for role in rows.roles:
        own = used[used["role"] == role]
        found[role] = one_way_icc(own["y"].to_numpy(np.float64), pd.factorize(own["focal"])[0])
    return found


def anova_rows(anova: dict[str, OneWay]) -> list[dict[str, Any]]:
    """Return signed intraclass correlations as rows of `tidy`."""
    return [
        {
            "term": f"ANOVA ICC(1), {'mean size' if kind == 'mean' else 'n₀'} ({role})",
            "effect": "anova ICC(1)",
            "predictor": "",
            "level": "",
            "role": role,
            "estimate": getattr(found, f"icc_{kind}"),
            "statistic": found.f,
            "df": found.df1,
            "p_value": found.p_value,
        }
        for role, found in anova.items()
        for kind in ("mean", "n0")
    ]
