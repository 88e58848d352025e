"""Whether the two roles differ at all: likelihood-ratio tests of restricted models."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scipy.special import chdtrc

from dyadkit.models.mixed_fit import MixedFit
from dyadkit.models.mixed_structure import Residual
from dyadkit.multilevel.apim_model import ApimModel, empty_of, fit_formula, formula_of
from dyadkit.multilevel.apim_rows import ApimRows


@dataclass(frozen=True, slots=True)
class Restriction:
    """A test that something is the same in both roles.

    Attributes
    ----------
    name, label : str
    statistic, df, p_value : float
        χ² of the likelihood ratio, by maximum likelihood.
    """

    name: str
    label: str
    statistic: float
    df: float
    p_value: float


def distinguishability_tests(rows: ApimRows) -> tuple[Restriction, ...]:
    """Test each equality against the model in which everything differs, and all of them at once.

    All fits are by maximum likelihood, whatever the method of the model: restricted likelihoods of
    different fixed effects cannot be compared.
    """
    told = replace(rows, roles=rows.roles)
    full = fit_formula(told, formula_of(told), "ML")
    plain = replace(rows, roles=())
    single: Residual = "compound_symmetry"
    same_effects = formula_of(told, by_role=False)
    steps: list[tuple[str, str, MixedFit]] = []
    if rows.regressors:
        steps.append(("effects", "Equal effects", fit_formula(told, same_effects, "ML")))
    intercepts = formula_of(told, intercepts=False)
    steps += [
        ("intercepts", "Equal intercepts", fit_formula(told, intercepts, "ML")),
        (
            "variances",
            "Equal residual variances",
            fit_formula(told, formula_of(told), "ML", residual=single),
        ),
        ("all", "Indistinguishable: all of them", fit_formula(plain, formula_of(plain), "ML")),
    ]
    return tuple(_restriction(name, label, full, fit) for name, label, fit in steps)


def _restriction(name: str, label: str, full: MixedFit, fit: MixedFit) -> Restriction:
    statistic = max(fit.summary["deviance"] - full.summary["deviance"], 0.0)
    df = full.summary["n_parameters"] - fit.summary["n_parameters"]
    return Restriction(name, label, statistic, df, float(chdtrc(df, statistic)))


def pseudo_r_squared(model: ApimModel) -> dict[str, float]:
    """Return 1 − σ²/σ²₀ by role, with the same residual structure in the empty model.

    Negative values are possible, and kept (Kenny, Kashy & Cook, 2006, p. 94).
    """
    empty = empty_of(model.rows)
    fit = fit_formula(
        empty, formula_of(empty), "REML" if model.fit.setup.method == "REML" else "ML"
    )
    full, without = _variances(model.fit), _variances(fit)
    return {role: 1.0 - full[place] / without[place] for place, role in enumerate(model.roles)}


def _variances(fit: MixedFit) -> list[float]:
    theta = fit.solution.theta
    return [float(theta[0]), float(theta[2])] if theta.size == 3 else [float(theta[0])]
