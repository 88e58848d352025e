"""Growth curve models in lavaan syntax.

Every series has growth factors, whose means, variances and covariances (of all series) are free;
its residuals have a variance in each wave, and are related to those of other series within it.
Covariates and predictors enter as deviations, by factors without an error: of covariates from their
means, of predictors from the mean of the first wave.  So means of growth factors are those at
average covariates, and at predictors as they were on average at first.  Predictors are related to
growth factors; else their effects would mix what varies within persons with what lasts in them.
Bollen and Curran (2006) treat all of these models.

References
----------
Bollen, K. A., & Curran, P. J. (2006). Latent curve models: A structural equation
perspective. Wiley.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from dyadkit.panel.growth.growth_inputs import GrowthInputs
from dyadkit.panel.growth.growth_shapes import Factor
from dyadkit.panel.series import Series

Effects = Literal["equal", "free", "none"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a growth model has, and what it holds equal.

    Attributes
    ----------
    factors : tuple of Factor
        Of each series.
    alike : bool
        Whether all persons change alike: factors after the first have no variance.
    equal_residuals : bool
        Whether residual variances are equal in all waves.
    equal_means : frozenset of str
        Factors whose means are the same in both roles.
    equal_variances : bool
        Whether growth factors have the same variances in both roles.
    effects : {"equal", "free", "none"}
        Of predictors: equal in all waves, free in each, or 0.
    unrelated : bool
        Whether predictors are unrelated to growth factors.
    covariates : bool
        Whether covariates have effects.
    groups_share : frozenset of str
        What is the same in all groups: "means", "variances".
    """

    factors: tuple[Factor, ...]
    alike: bool = False
    equal_residuals: bool = False
    equal_means: frozenset[str] = frozenset()
    equal_variances: bool = False
    effects: Effects = "equal"
    unrelated: bool = False
    covariates: bool = True
    groups_share: frozenset[str] = frozenset()


def factor_name(factor: Factor, series: Series) -> str:
    """Return what a growth factor of a series is called in syntax."""
    return f"{factor.name}_{series.name}"


def deviation(column: str) -> str:
    """Return what the deviation of a covariate or predictor is called in syntax."""
    return f"d_{column}"


def write_growth(inputs: GrowthInputs, terms: Terms) -> str:
    """Write a growth curve model; to be completed by ``auto = "lavaan"``."""
    return "\n".join(
        [
            *_measured(inputs, terms),
            *_growth(inputs, terms),
            *_residuals(inputs, terms),
            *_outside(inputs, terms),
        ]
    )


def _label(inputs: GrowthInputs, stem: str, share: bool = False) -> str:
    """Return a label, with ``*``: one in each group, or one that all groups share."""
    count = len(inputs.groups)
    if count == 1 or share:
        return f"{stem}*"
    return f"c({', '.join(f'{stem}_g{number}' for number in range(1, count + 1))})*"


def _measured(inputs: GrowthInputs, terms: Terms) -> Iterator[str]:
    for one in inputs.series:
        for factor in terms.factors:
            parts = []
            for wave, column in enumerate(one.columns):
                loading = factor.loadings[wave]
                how = f"start({loading!r})" if wave in factor.free else repr(loading)
                parts.append(f"{how}*{column}")
            yield f"{factor_name(factor, one)} =~ {' + '.join(parts)}"
        yield from (f"{column} ~ 0*1" for column in one.columns)


def _growth(inputs: GrowthInputs, terms: Terms) -> Iterator[str]:
    """Means, variances and covariances of growth factors."""
    varying = []
    shared = "variances" in terms.groups_share
    for one in inputs.series:
        for number, factor in enumerate(terms.factors):
            name = factor_name(factor, one)
            label = ""
            if factor.name in terms.equal_means:
                label = _label(inputs, f"m_{factor.name}_{one.variable}")
            elif "means" in terms.groups_share:
                label = _label(inputs, f"m_{name}", share=True)
            yield f"{name} ~ {label}1"
            if number and terms.alike:
                yield f"{name} ~~ 0*{name}"
                continue
            label = ""
            if terms.equal_variances:
                label = _label(inputs, f"v_{factor.name}_{one.variable}")
            elif shared:
                label = _label(inputs, f"v_{name}", share=True)
            yield f"{name} ~~ {label}{name}"
            varying.append(name)
    for one_name, other in combinations(varying, 2):
        label = _label(inputs, f"c_{one_name}_{other}", share=True) if shared else ""
        yield f"{one_name} ~~ {label}{other}"


def _residuals(inputs: GrowthInputs, terms: Terms) -> Iterator[str]:
    for one in inputs.series:
        label = _label(inputs, f"r_{one.name}") if terms.equal_residuals else ""
        yield from (f"{column} ~~ {label}{column}" for column in one.columns)
    for one, other in combinations(inputs.series, 2):
        for left, right in zip(one.columns, other.columns, strict=True):
            yield f"{left} ~~ {right}"


def _outside(inputs: GrowthInputs, terms: Terms) -> Iterator[str]:
    """Covariates and predictors."""
    outside = [one.column for one in inputs.covariates]
    for column in outside:
        yield from (*_deviation(column), f"{column} ~ 1", f"{deviation(column)} ~ 0*1")
    for one in inputs.predictors:
        for wave, column in enumerate(one.columns):
            label = _label(inputs, f"m_{one.name}")
            yield from (*_deviation(column), f"{column} ~ {label}1")
            yield f"{deviation(column)} ~ {'1' if wave else '0*1'}"
            outside.append(column)
    names = [deviation(column) for column in outside]
    yield from (f"{name} ~~ {name}" for name in names)
    yield from (f"{one} ~~ {other}" for one, other in combinations(names, 2))
    varying = [
        factor_name(factor, one)
        for one in inputs.series
        for factor in (terms.factors[:1] if terms.alike else terms.factors)
    ]
    zero = "" if terms.covariates else "0*"
    for name in varying:
        effects = [f"{zero}{deviation(one.column)}" for one in inputs.covariates]
        if effects:
            yield f"{name} ~ {' + '.join(effects)}"
    for one in inputs.predictors:
        zero = "0*" if terms.unrelated else ""
        for name in varying:
            yield from (f"{name} ~~ {zero}{deviation(column)}" for column in one.columns)
        for target in inputs.series:
            equal = _label(inputs, f"b_{target.name}_{one.name}")
            before = {"equal": equal, "free": "", "none": "0*"}[terms.effects]
            for column, source in zip(target.columns, one.columns, strict=True):
                yield f"{column} ~ {before}{deviation(source)}"


def _deviation(column: str) -> Iterator[str]:
    yield f"{deviation(column)} =~ 1*{column}"
    yield f"{column} ~~ 0*{column}"
