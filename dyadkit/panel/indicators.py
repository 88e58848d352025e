r"""Latent series: what their indicators are, in lavaan syntax.

With ``indicators = "items"`` the series in each wave is a factor of the scale's items.  Loadings
and intercepts of an item are equal in all waves and, where both members answered, for both: change
and differences are of the factors only where they are (the first item has loading 1 and intercept
0, so that factors have its scale and means).  Residual variances are free, and residuals of one
item covary between waves and, within a wave, across the members.

With ``indicators = "reliability"`` the score of a wave is the one indicator, whose error variance
is held at :math:`(1 - \alpha) s^2` of that wave, alpha and variance from the sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import BoolArray, Sample
from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.estimation.reliability import cronbach_alpha
from dyadkit.frame import DyadFrame, Variable
from dyadkit.panel.items import require_answered, require_own_items
from dyadkit.panel.series import Series

Indicators = Literal["score", "reliability", "items"]
_LATENT = "f_"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """How series are measured.

    Attributes
    ----------
    how : {"score", "reliability", "items"}
    series : tuple of Series
        Whose columns are what effects are about: scores, or latent variables.
    observed : mapping of str to tuple of str
        By each of these columns those of the frame's `wide` that measure it, of which the first has
        its units.
    lines : tuple of str
        The measurement model; empty for scores.
    reliabilities : tuple of (str, tuple of float)
        Of each series by its name alpha in each wave, where error variances were held.
    scales : mapping of str to Variable
        By their names the variables whose items are observed.
    answered : tuple of ndarray of bool, shape (dyads,)
        The dyads on which each alpha rests.
    """

    how: Indicators
    series: tuple[Series, ...]
    observed: Mapping[str, tuple[str, ...]]
    lines: tuple[str, ...] = ()
    reliabilities: tuple[tuple[str, tuple[float, ...]], ...] = ()
    scales: Mapping[str, Variable] = field(default_factory=dict)
    answered: tuple[BoolArray, ...] = ()

    @property
    def latent(self) -> bool:
        """Whether the columns of the series are latent variables."""
        return bool(self.lines)

    @property
    def columns(self) -> tuple[str, ...]:
        """All observed columns."""
        return tuple(column for columns in self.observed.values() for column in columns)

    def units(self, one: Series) -> tuple[str, ...]:
        """Return the observed columns whose units a series has, wave by wave."""
        return tuple(self.observed[column][0] for column in one.columns)

    def score(self, column: str) -> str:
        """Return what a column of a series is called in tables: by the score that it stands for."""
        return column.removeprefix(_LATENT) if self.latent else column

    def whole(self, effects: str) -> str:
        """Return a model with the measurement of those latent variables that it is about."""
        about = set(_WORD.findall(effects))
        others = {
            column
            for name, columns in self.observed.items()
            if name not in about
            for column in columns
        }
        kept = [line for line in self.lines if others.isdisjoint(_WORD.findall(line))]
        return "\n".join([*kept, effects])


def measurement_of(
    how: Indicators, series: Sequence[Series], sample: Sample, waves: Sequence[str]
) -> Measurement:
    """Return how series are measured.

    Parameters
    ----------
    how : {"score", "reliability", "items"}
    series : sequence of Series
        Of scores.
    sample : Sample
        Of a frame that `with_indicators` returned.
    waves : sequence of str

    Raises
    ------
    Refused
        When members share one role, or alpha is not above 0 in a wave.
    StudyError
        When an item was not answered in a wave.
    DataError
        When all answers to an item in a wave are the same, or nobody answered all items.
    """
    if how == "score":
        columns = [column for one in series for column in one.columns]
        return Measurement(how, tuple(series), {column: (column,) for column in columns})
    if sample.dyads.exchangeable:
        raise Refused(
            'indicators: panels of members who share one role take indicators = "score". Leave it '
            "out, or give members two roles."
        )
    measured = _by_items if how == "items" else _by_reliability
    return measured(series, sample, waves)


def with_indicators(
    dyads: DyadFrame,
    how: Indicators,
    references: Sequence[str],
    others: Mapping[str, Sequence[str]],
) -> DyadFrame:
    """Return a frame that has what measures the variables that references name.

    `others` are further references, by the key that has them.

    Raises
    ------
    Refused
        When a scale has one item, or shares one with another.
    StudyError
        When a variable has no items in the frame, or one of them is named beside it.
    """
    if how == "score":
        return dyads
    variables = [found.variable for found in dyads.resolve(list(references))]
    keyed = _keyed_frame(dyads, variables)
    if how != "items":
        return dyads
    require_own_items(dyads, variables, others)
    return keyed


def _keyed_frame(dyads: DyadFrame, variables: Sequence[Variable]) -> DyadFrame:
    """Return a frame that has items keyed in reverse turned round too, as ``{item}_keyed``.

    Raises
    ------
    Refused
        When a scale has one item.
    StudyError
        When a variable has no items in the frame.
    """
    rows = dyads.individual()
    columns: dict[str, pd.Series] = {}
    known: dict[str, Variable] = {}
    for variable in variables:
        absent = [item for item in variable.items if item not in rows]
        if not variable.items or absent:
            what = f"the frame lacks its items {listed(absent)}" if absent else "it has no items"
            raise StudyError(
                f"indicators: '{variable.name}' cannot be latent, since {what}. Declare the scale "
                'with its items, or set indicators = "score".'
            )
        if len(variable.items) < 2:
            raise Refused(
                f"indicators: '{variable.name}' has one item, whose error cannot be told from what "
                'it measures. Set indicators = "score".'
            )
        for item in variable.reverse:
            if item in variable.items:
                name = _keyed(item)
                if name in rows:
                    raise StudyError(
                        f"indicators: the data have a '{name}', as item '{item}' is called once it "
                        "is turned round (it is keyed in reverse). Give that column another name."
                    )
                columns[name] = sum(variable.item_range or ()) - rows[item]
                known[name] = replace(dyads.variables[item], name=name)
    return dyads.with_columns(columns, known) if columns else dyads


def _keyed(item: str) -> str:
    return f"{item}_keyed"


def _by_items(series: Sequence[Series], sample: Sample, waves: Sequence[str]) -> Measurement:
    """Return series of factors, whose items are equal in all waves and for both members."""
    dyads = sample.dyads
    items = {one.name: _items_of(one, dyads, waves) for one in series}
    for one in series:
        require_answered(one, items[one.name], dyads, waves)
    latent = tuple(_factors(one) for one in series)
    lines = [
        line
        for one, factor in zip(series, latent, strict=True)
        for line in _factor_lines(factor, items[one.name])
    ]
    for one, other in combinations(series, 2):
        if one.variable == other.variable:
            for left, right in zip(items[one.name], items[other.name], strict=True):
                lines += [f"{a} ~~ {b}" for a, b in zip(left, right, strict=True)]
    observed = {
        column: names
        for one, factor in zip(series, latent, strict=True)
        for column, names in zip(factor.columns, items[one.name], strict=True)
    }
    scales = {one.variable: dyads.variables[one.variable] for one in series}
    return Measurement("items", latent, observed, tuple(lines), scales=scales)


def _items_of(one: Series, dyads: DyadFrame, waves: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the columns of the items, wave by wave."""
    variable = dyads.variables[one.variable]
    names = [_keyed(item) if item in variable.reverse else item for item in variable.items]
    return tuple(
        tuple("_".join(part for part in (name, one.role, wave) if part) for name in names)
        for wave in waves
    )


def _factors(one: Series) -> Series:
    return replace(one, columns=tuple(f"{_LATENT}{column}" for column in one.columns))


def _factor_lines(factor: Series, items: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    name = factor.variable
    for latent, columns in zip(factor.columns, items, strict=True):
        terms = [f"1*{columns[0]}"]
        terms += [f"l{k}_{name}*{column}" for k, column in enumerate(columns[1:], 2)]
        yield f"{latent} =~ {' + '.join(terms)}"
        yield f"{columns[0]} ~ 0*1"
        yield from (f"{column} ~ t{k}_{name}*1" for k, column in enumerate(columns[1:], 2))
        yield from (f"{column} ~~ {column}" for column in columns)
    for same in zip(*items, strict=True):
        yield from (f"{a} ~~ {b}" for a, b in combinations(same, 2))


def _by_reliability(series: Sequence[Series], sample: Sample, waves: Sequence[str]) -> Measurement:
    """Return series whose scores have the error variance that their reliability leaves."""
    wide, fewest = sample.dyads.wide(), minimum_of(sample.dyads)
    lines = []
    found = []
    answered = []
    for one in series:
        variable = sample.dyads.variables[one.variable]
        alphas = []
        for column, wave in zip(one.columns, waves, strict=True):
            items = sample.items(Place(variable, one.role, wave))
            complete = np.asarray(~np.isnan(items).any(axis=1))
            if complete.sum() < 2:
                raise DataError(
                    f"indicators: alpha of '{variable.name}' in {column} needs persons who "
                    f"answered all of its {len(variable.items)} items, and hardly anybody did. "
                    'Name the waves in which all were asked (waves = ["…"]), or set '
                    'indicators = "score".'
                )
            alpha = cronbach_alpha(items).estimate
            if not alpha > 0:
                support = sample.support(column, complete)
                shown = fewest.allows(support.dyads, support.persons)
                raise Refused(
                    f"indicators: alpha of '{variable.name}' in {column} is "
                    f"{f'{alpha:.2f}' if shown else 'not above 0'}, so that no part of its "
                    "variance would be left. See the reliability of its items, or set "
                    'indicators = "score".'
                )
            answered.append(complete)
            error = (1.0 - alpha) * float(np.nanvar(wide[column].to_numpy(float), ddof=1))
            lines += [f"{_LATENT}{column} =~ 1*{column}", f"{column} ~~ {error!r}*{column}"]
            lines.append(f"{column} ~ 0*1")
            alphas.append(alpha)
        found.append((one.label, tuple(alphas)))
    latent = tuple(_factors(one) for one in series)
    observed = {
        name: (column,)
        for one, factor in zip(series, latent, strict=True)
        for name, column in zip(factor.columns, one.columns, strict=True)
    }
    return Measurement(
        "reliability", latent, observed, tuple(lines), tuple(found), answered=tuple(answered)
    )
