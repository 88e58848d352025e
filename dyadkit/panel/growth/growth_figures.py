"""Path diagrams of a growth model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import isnan

from dyadkit.display.figures import GrowthArrow, GrowthFactor, GrowthFigure
from dyadkit.display.growth_figures import MOST_COVARIATES, MOST_SERIES, MOST_WAVES
from dyadkit.display.tables import Cell
from dyadkit.panel.estimates import KEY
from dyadkit.panel.growth.growth_estimates import Found, Growth
from dyadkit.panel.growth.growth_inputs import Group
from dyadkit.panel.growth.growth_tables import means_at
from dyadkit.panel.series import Series

_ALONE = 2
"""So many factors of each of two series are all correlated without crossing others' labels."""

_LARGE = 1e5
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def path_diagrams(growth: Growth, hidden: frozenset[str]) -> Iterator[GrowthFigure]:
    """Draw the model of each group, of more than two series with a diagram for each variable.

    Nothing is drawn of more waves than a page holds.
    """
    inputs = growth.inputs
    if len(inputs.times) > MOST_WAVES:
        return
    parts = [inputs.series]
    if len(inputs.series) > MOST_SERIES:
        names = dict.fromkeys(one.variable for one in inputs.series)
        parts = [tuple(one for one in inputs.series if one.variable == name) for name in names]
    several = len(parts) * len(inputs.groups) > 1
    number = 0
    for group in inputs.groups:
        for part in parts:
            number += 1
            figure = _diagram(growth, group, part, KEY in hidden)
            of_what = f" of {part[0].short}" if len(parts) > 1 else ""
            where = f" ({group.label})" if group.label else ""
            title = f"Growth factors and waves{of_what}{inputs.whose}{where}"
            yield replace(figure, name=f"paths_{number}" if several else "paths", title=title)


def _diagram(
    growth: Growth, group: Group, series: Sequence[Series], concealed: bool
) -> GrowthFigure:
    inputs = growth.inputs
    covariates = inputs.covariates if len(inputs.covariates) <= MOST_COVARIATES else ()
    effects = tuple(_effects(growth, group, series)) if covariates else ()
    correlations = () if inputs.covariates else tuple(_correlations(growth, group, series))
    lacking = not concealed and any(map(_undefined, (*effects, *correlations)))
    if lacking:
        effects, correlations = (
            tuple(one for one in arrows if not _undefined(one))
            for arrows in (effects, correlations)
        )
    return GrowthFigure(
        name="paths",
        title="",
        alt="Path diagram with a row of boxes for the waves of each series and a row of ovals for "
        "its growth factors; what the tables say of these stands in ovals and on arrows.",
        series=tuple(one.label for one in series),
        waves=inputs.request.wave_labels,
        factors=tuple(tuple(_factors(growth, group, one)) for one in series),
        loadings=tuple(_loadings(growth, group, series)),
        covariates=tuple(one.label for one in covariates),
        effects=effects,
        correlations=correlations,
        caption=" ".join(
            _caption(
                growth,
                series,
                drawn=bool(effects or correlations),
                dashed=not concealed and any(one.faint for one in (*effects, *correlations)),
                lacking=lacking,
            )
        ),
    )


def _undefined(one: GrowthArrow) -> bool:
    """Return whether an inadmissible solution leaves nothing to stand on an arrow."""
    return isinstance(one.label.value, float) and isnan(one.label.value)


def _found(growth: Growth, group: Group, quantity: str) -> dict[str, Found]:
    return {one.term: one for one in growth.get(quantity, group)}


def _factors(growth: Growth, group: Group, series: Series) -> Iterator[GrowthFactor]:
    means, variances = (_found(growth, group, f"growth {what}") for what in ("mean", "variance"))
    for factor in growth.inputs.factors:
        term = f"{factor.term}: {series.name}"
        mean, variance = means[f"mean of {term}"].raw, variances[f"variance of {term}"].raw
        numbers = (("M", mean), ("s²", variance))
        yield GrowthFactor(
            factor.label,
            tuple((name, Cell(one["estimate"], KEY, "statistic_3")) for name, one in numbers),
        )


def _loadings(growth: Growth, group: Group, series: Sequence[Series]) -> Iterator[GrowthArrow]:
    free = _found(growth, group, "loading")
    for row, one in enumerate(series):
        for place, factor in enumerate(growth.inputs.factors):
            for wave, column in enumerate(one.columns):
                loading = factor.loadings[wave]
                label = Cell(_written(loading))
                if wave in factor.free:
                    found = free[f"loading: {growth.inputs.score(column)}"]
                    label = Cell(found.raw["estimate"], KEY, "statistic")
                elif loading == 0:
                    continue
                yield GrowthArrow((row, place), (row, wave), label)


def _written(loading: float) -> str:
    """Write a fixed loading: with two decimals, or three digits of a small or a large one.

    Examples
    --------
    >>> [_written(each) for each in (1.0, 0.5, 2.333, 0.00123, 81.0, 133225.0)]
    ['1', '0.5', '2.33', '0.00123', '81', '1.33 ·10⁵']
    """
    if loading >= _LARGE:
        digits, power = f"{loading:.2e}".split("e+")
        return f"{digits} ·10{power.lstrip('0').translate(_RAISED)}"
    text = f"{loading:.2f}" if loading >= 1 else f"{loading:.3g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _effects(growth: Growth, group: Group, series: Sequence[Series]) -> Iterator[GrowthArrow]:
    """Yield standardised effects of covariates, faint where sentences tell of no relation."""
    found = _found(growth, group, "covariate effect")
    for row, one in enumerate(series):
        for place, factor in enumerate(growth.inputs.factors):
            for number, covariate in enumerate(growth.inputs.covariates):
                effect = found[f"{covariate.column} -> {factor.term}: {one.name}"]
                label = Cell(effect.standardised["estimate"], KEY, "correlation")
                faint = not (effect.raw["conf_low"] > 0 or effect.raw["conf_high"] < 0)
                yield GrowthArrow((row, number), (row, place), label, faint)


def _correlations(growth: Growth, group: Group, series: Sequence[Series]) -> Iterator[GrowthArrow]:
    found = _found(growth, group, "growth covariance")
    factors = growth.inputs.factors
    places = [(row, place) for row in range(len(series)) for place in range(len(factors))]
    for one, other in combinations(places, 2):
        if one[0] != other[0] and one[1] != other[1] and len(factors) > _ALONE:
            continue
        ends = (f"{factors[place].term}: {series[row].name}" for row, place in (one, other))
        each = found[" with ".join(ends)].standardised
        faint = not (each["conf_low"] > 0 or each["conf_high"] < 0)
        yield GrowthArrow(one, other, Cell(each["estimate"], KEY, "correlation"), faint)


def _caption(
    growth: Growth, series: Sequence[Series], *, drawn: bool, dashed: bool, lacking: bool
) -> Iterator[str]:
    inputs = growth.inputs
    yield "M: mean. s²: variance" + (" that covariates leave." if inputs.covariates else ".")
    if at := means_at(growth):
        yield at
    black = "; black ones: estimated" * any(factor.free for factor in inputs.factors)
    yield f"Grey arrows: loadings that are fixed{black}. Those of 0 are not drawn."
    if drawn:
        yield (
            "Effects of covariates are standardised."
            if inputs.covariates
            else "Arrows with two heads: correlations."
        )
    if dashed:
        yield "Dashed: the interval has zero in it."
    *others, last = _not_drawn(growth, series, lacking)
    yield f"Not drawn: {', '.join(others)}{', and ' if others else ''}{last}."


def _not_drawn(growth: Growth, series: Sequence[Series], lacking: bool) -> Iterator[str]:
    inputs = growth.inputs
    if lacking:
        what = "standardised effects" if inputs.covariates else "correlations"
        yield f"{what} that an inadmissible solution leaves undefined"
    if len(inputs.covariates) > MOST_COVARIATES:
        yield "effects of covariates"
    if inputs.predictors:
        yield "predictors and what goes with them"
    if inputs.covariates:
        yield "correlations of growth factors beyond covariates"
    elif len(series) > 1 and len(inputs.factors) > _ALONE:
        yield "correlations between different growth factors of two series"
    if len(inputs.series) > len(series) and not inputs.covariates:
        yield "correlations with growth factors of other variables"
    yield "residuals" + (" and their correlations within waves" if len(inputs.series) > 1 else "")
