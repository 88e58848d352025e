"""The models of a marker variable, and what each costs.

References
----------
Williams, L. J., Hartman, N., & Cavazotte, F. (2010). Method variance and marker variables: A review
and comprehensive CFA marker technique. Organizational Research Methods, 13, 477-514.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import isnan, nan
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place
from dyadkit.errors import DataError, FitError, Refused
from dyadkit.measurement.items import item_columns
from dyadkit.models.differences import difference_of
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem

CFA, BASELINE, EQUAL, UNEQUAL, RESTRICTED = (
    "CFA",
    "Baseline",
    "Method-C",
    "Method-U",
    "Method-R",
)


@dataclass(frozen=True, slots=True, eq=False)
class MarkerModel:
    """A model with a marker, and its chi-square difference to another one.

    Attributes
    ----------
    name : str
        "CFA", "Baseline", "Method-C", "Method-U" or "Method-R".
    syntax : str
    fit : SemFit
    against : str
        The model of which one of the two is a restriction; empty for none.
    difference, df, p_value : float
        Of the test of both, scaled after MLR.
    remark : str
        What is unusual about it; empty otherwise.
    """

    name: str
    syntax: str
    fit: SemFit
    against: str = ""
    difference: float = nan
    df: float = nan
    p_value: float = nan
    remark: str = ""

    def values(self, op: Literal["=~", "~~"], column: str = "estimate") -> dict[str, float]:
        """Return loadings or covariances by "left right"."""
        tidy = self.fit.tidy()
        chosen = tidy[tidy["op"] == op]
        numbers = chosen[column].to_numpy(np.float64).tolist()
        names = [f"{a} {b}" for a, b in zip(chosen["lhs"], chosen["rhs"], strict=True)]
        return dict(zip(names, numbers, strict=True))


def fit_marker_models(
    places: Sequence[Place],
    marker: Place,
    frame: pd.DataFrame,
    *,
    estimator: Literal["ML", "MLR"],
    alpha: float,
) -> tuple[list[MarkerModel], str]:
    """Fit the models of one role in one wave, as far as they can be had.

    Parameters
    ----------
    places : sequence of Place
        The scales.
    marker : Place
    frame : DataFrame
        With the keyed items of all of them.
    estimator : {"ML", "MLR"}
    alpha : float
        Level of the test of equal method loadings, which says what Method-R restricts.

    Returns
    -------
    models : list of MarkerModel
    why : str
        Why there are no more; empty where all were fitted.
    """
    models: list[MarkerModel] = []
    syntax = _Syntax(places, marker)

    def add(name: str, text: str) -> MarkerModel:
        try:
            fit = fit_sem(text, frame, auto="cfa", std_lv=True, estimator=estimator)
        except (DataError, FitError) as error:
            raise FitError(f"the model '{name}' could not be fitted. {error}") from None
        models.append(MarkerModel(name, text, fit))
        return models[-1]

    def against(other: MarkerModel) -> MarkerModel:
        models[-1] = _compared(models[-1], other)
        return models[-1]

    try:
        held = _held(add(CFA, syntax.cfa()), syntax.marker)
        baseline = add(BASELINE, syntax.method(held))
        add(EQUAL, syntax.method(held, "c*"))
        equal = against(baseline)
        add(UNEQUAL, syntax.method(held, ""))
        unequal = against(equal)
        kept, label = (unequal, "") if unequal.p_value < alpha else (equal, "c*")
        correlations = baseline.values("~~")
        add(RESTRICTED, syntax.method(held, label, correlations))
        against(kept)
    except (FitError, Refused) as error:
        return models, str(error)
    return models, ""


def _compared(model: MarkerModel, other: MarkerModel) -> MarkerModel:
    found = difference_of(model.fit, other.fit, (model.name, other.name))
    if isnan(found.statistic):
        raise Refused(
            f"the model '{model.name}' has no chi-square difference to '{other.name}'. "
            f"{found.remark}"
        )
    return replace(
        model,
        against=other.name,
        difference=found.statistic,
        df=found.df,
        p_value=found.p_value,
        remark=found.remark,
    )


def _held(cfa: MarkerModel, items: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return loading and residual variance of each of the marker's items."""
    loading, variance = cfa.values("=~"), cfa.values("~~")
    held = {item: (loading[f"marker {item}"], variance[f"{item} {item}"]) for item in items}
    for item, (_, residual) in held.items():
        if residual <= 0:
            raise Refused(
                f"the marker's item {item} has a residual variance of {residual:.3g} in the model "
                "'CFA', which the others would hold, so that they were not fitted. Look at how the "
                "marker's items go together, or take a marker with more of them."
            )
    return held


@dataclass(frozen=True, slots=True)
class _Syntax:
    """Writes the models of some places and a marker."""

    places: Sequence[Place]
    place: Place

    @property
    def marker(self) -> list[str]:
        return item_columns(self.place)

    def _measured(self) -> list[str]:
        return [
            f"f{number} =~ {' + '.join(item_columns(place))}"
            for number, place in enumerate(self.places, start=1)
        ]

    def cfa(self) -> str:
        return "\n".join([*self._measured(), f"marker =~ {' + '.join(self.marker)}"])

    def method(
        self,
        held: Mapping[str, tuple[float, float]],
        label: str | None = None,
        correlations: Mapping[str, float] | None = None,
    ) -> str:
        """Hold the marker as it is, apart from the factors.

        Parameters
        ----------
        held : mapping
            Item to loading and residual variance.
        label : str, optional
            What goes before each item of the scales where the marker leads to them.
        correlations : mapping, optional
            "f1 f2" to what is held.
        """
        terms = [f"{loading!r}*{item}" for item, (loading, _) in held.items()]
        if label is not None:
            columns = [column for place in self.places for column in item_columns(place)]
            terms += [f"start(0.1)*{column} + {label}{column}" for column in columns]
        factors = [f"f{number}" for number in range(1, len(self.places) + 1)]
        lines = [*self._measured(), f"marker =~ {' + '.join(terms)}"]
        lines += [f"{item} ~~ {residual!r}*{item}" for item, (_, residual) in held.items()]
        lines += [f"marker ~~ 0*{factor}" for factor in factors]
        if correlations is not None:
            pairs = combinations(factors, 2)
            lines += [f"{a} ~~ {correlations[f'{a} {b}']!r}*{b}" for a, b in pairs]
        return "\n".join(lines)
