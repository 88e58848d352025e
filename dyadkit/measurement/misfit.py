"""Where a factor model leaves something unexplained: residuals and modification indices.

References
----------
MacCallum, R. C., Roznowski, M., & Necowitz, L. B. (1992). Model modifications in covariance
structure analysis: The problem of capitalization on chance. Psychological Bulletin, 111, 490-504.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan, nan

import numpy as np
from scipy.special import ndtr, ndtri

from dyadkit.answers.places import Place
from dyadkit.display.labels import role_word, wave_label
from dyadkit.measurement.items import item_columns
from dyadkit.models.sem_fit import SemFit

# So many of the largest are shown where there are too many for a matrix.
LARGEST = 10


@dataclass(frozen=True, slots=True)
class Residual:
    """What a model leaves of the covariance of two items.

    Attributes
    ----------
    first, second : int
        Positions among the items; the first one is the smaller.
    size : float
        Observed minus implied covariance over the items' standard deviations.
    z : float
        The same difference over its standard error; NaN where it cannot differ from zero.
    """

    first: int
    second: int
    size: float
    z: float

    @property
    def p_value(self) -> float:
        """Of z, two-sided."""
        return nan if isnan(self.z) else 2.0 * float(ndtr(-abs(self.z)))


@dataclass(frozen=True, slots=True)
class Gain:
    """What freeing one parameter is expected to do.

    Attributes
    ----------
    name : str
        A cross-loading or a residual covariance, as a reader calls it.
    index : float
        The expected fall of chi-square, scaled after robust inference.
    p_value : float
    change, standardised : float
        The expected parameter, and the same completely standardised.
    """

    name: str
    index: float
    p_value: float
    change: float
    standardised: float


@dataclass(frozen=True, slots=True)
class Misfit:
    """What a model leaves unexplained.

    Attributes
    ----------
    items : tuple of str
    residuals : tuple of Residual
        Of all pairs of items.
    gains : tuple of Gain
        Of all cross-loadings and residual covariances that the model lacks, the largest first.
    """

    items: tuple[str, ...]
    residuals: tuple[Residual, ...]
    gains: tuple[Gain, ...]

    @property
    def largest(self) -> tuple[Residual, ...]:
        """The largest residuals beside their standard errors, the largest first."""
        known = [each for each in self.residuals if not isnan(each.z)]
        return tuple(sorted(known, key=lambda each: -abs(each.z))[:LARGEST])

    def pair(self, residual: Residual) -> str:
        """Name the two items of a residual."""
        return f"{self.items[residual.first]} with {self.items[residual.second]}"

    @property
    def bound(self) -> float:
        """How large z of any residual must be for p < .05, as so many were looked at."""
        return -float(ndtri(0.025 / max(len(self.residuals), 1)))

    def bonferroni(self, one: Residual | Gain) -> float:
        """Return p of a residual or gain that was looked for among all of its kind."""
        many = len(self.residuals if isinstance(one, Residual) else self.gains)
        return one.p_value if isnan(one.p_value) else min(1.0, one.p_value * many)


def misfit_of(fit: SemFit, places: Sequence[Place]) -> Misfit:
    """Return what a model with a factor for each place leaves unexplained.

    Parameters
    ----------
    fit : SemFit
        With factors called f1, f2 and so on, in the order of the places.
    places : sequence of Place
        In one wave or several.
    """
    roles, waves = ({getattr(place, at) for place in places} for at in ("role", "wave"))
    who = [
        f", {role_word(place.role)}" * (len(roles) > 1)
        + f", {wave_label(place.wave)}" * (len(waves) > 1)
        for place in places
    ]
    names = {
        column: f"{item}{end}"
        for place, end in zip(places, who, strict=True)
        for column, item in zip(item_columns(place), place.variable.items, strict=True)
    }
    factors = {
        f"f{number}": f"{place.variable.label}{end}"
        for number, (place, end) in enumerate(zip(places, who, strict=True), start=1)
    }
    columns = list(names)
    size, z = (
        fit.residuals(kind)[0].loc[columns, columns].to_numpy(np.float64)
        for kind in ("correlation", "standardized")
    )
    residuals = [
        Residual(i, j, float(size[i, j]), float(z[i, j]))
        for i, j in combinations(range(len(columns)), 2)
    ]
    return Misfit(tuple(names.values()), tuple(residuals), tuple(_gains(fit, names, factors)))


def _gains(fit: SemFit, names: dict[str, str], factors: dict[str, str]) -> list[Gain]:
    found = fit.modification_indices()
    index = found["mi_scaled" if "mi_scaled" in found else "mi"]
    gains = []
    for lhs, op, rhs, value, p_value, change, standardised in zip(
        *(found[name] for name in ("lhs", "op", "rhs")),
        *(column.to_numpy(np.float64).tolist() for column in (index, found["p_value"])),
        *(found[name].to_numpy(np.float64).tolist() for name in ("epc", "sepc_all")),
        strict=True,
    ):
        if op == "=~" and lhs in factors and rhs in names:
            name = f"{names[rhs]} on {factors[lhs]}"
        elif op == "~~" and lhs in names and rhs in names and lhs != rhs:
            name = f"{names[lhs]} with {names[rhs]}"
        else:
            continue
        gains.append(Gain(name, value, p_value, change, standardised))
    return gains
