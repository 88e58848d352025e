r"""Latent series: what their indicators are, in lavaan syntax.

With ``indicators = "items"`` the series in each wave is a factor of the scale's items.  Loadings
and intercepts of an item are equal in all waves, since change is of the factor only where they are
(the first item has loading 1 and intercept 0, so that the factor has its scale and means); residual
variances are free, and residuals of one item covary between waves and across the members.

With ``indicators = "reliability"`` the score of a wave is the one indicator, whose error variance
is held at :math:`(1 - \alpha) s^2` of that wave, alpha and variance from the sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Sample
from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.estimation.reliability import cronbach_alpha
from dyadkit.frame import DyadFrame, Variable
from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True)
class Measurement:
    """How series are measured.

    Attributes
    ----------
    series : tuple of Series
        Whose columns are what effects are about: scores, or latent variables.
    syntax : str
        The measurement model; empty for scores.
    columns : tuple of str
        The observed columns, of the frame's `wide`.
    latent : bool
    reliabilities : tuple of (str, tuple of float)
        Of each series by its name alpha in each wave, where error variances were held.
    """

    series: tuple[Series, ...]
    syntax: str
    columns: tuple[str, ...]
    latent: bool = False
    reliabilities: tuple[tuple[str, tuple[float, ...]], ...] = ()


def measured_by_scores(series: Sequence[Series]) -> Measurement:
    """Return series that are what was observed."""
    columns = tuple(column for one in series for column in one.columns)
    return Measurement(tuple(series), "", columns)


def keyed_frame(dyads: DyadFrame, variables: Sequence[Variable]) -> DyadFrame:
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
                columns[name] = sum(variable.item_range or ()) - rows[item]
                known[name] = replace(dyads.variables[item], name=name)
    return dyads.with_columns(columns, known) if columns else dyads


def _keyed(item: str) -> str:
    return f"{item}_keyed"


def measured_by_items(
    series: Sequence[Series], dyads: DyadFrame, waves: Sequence[str]
) -> Measurement:
    """Return series of factors, whose items are equal in all waves.

    Parameters
    ----------
    series : sequence of Series
        Of scales.
    dyads : DyadFrame
        As `keyed_frame` returns it.
    waves : sequence of str

    Raises
    ------
    StudyError
        When an item was not answered in a wave.
    """
    wide = dyads.wide()
    items = {one.name: _items_of(one, dyads, waves) for one in series}
    every = [column for names in items.values() for wave in names for column in wave]
    lost = [column for column in every if column not in wide or not wide[column].notna().any()]
    if lost:
        raise StudyError(
            f"indicators: nobody answered {listed(lost)}, and factors need the same items in "
            'every wave. Name the waves in which all were answered (waves = ["…"]), or set '
            'indicators = "score".'
        )
    latent = tuple(_factors(one) for one in series)
    lines = [
        line
        for one, factor in zip(series, latent, strict=True)
        for line in _factor_lines(one, factor, items[one.name])
    ]
    for one, other in combinations(series, 2):
        if one.variable == other.variable:
            for left, right in zip(items[one.name], items[other.name], strict=True):
                lines += [f"{a} ~~ {b}" for a, b in zip(left, right, strict=True)]
    return Measurement(latent, "\n".join(lines), tuple(every), latent=True)


def _items_of(one: Series, dyads: DyadFrame, waves: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the columns of the items, wave by wave."""
    variable = dyads.variables[one.variable]
    names = [_keyed(item) if item in variable.reverse else item for item in variable.items]
    return tuple(
        tuple("_".join(part for part in (name, one.role, wave) if part) for name in names)
        for wave in waves
    )


def _factors(one: Series) -> Series:
    return replace(one, columns=tuple(f"f_{column}" for column in one.columns))


def _factor_lines(one: Series, factor: Series, items: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for name, columns in zip(factor.columns, items, strict=True):
        terms = [f"1*{columns[0]}"]
        terms += [f"l{k}_{one.name}*{column}" for k, column in enumerate(columns[1:], 2)]
        yield f"{name} =~ {' + '.join(terms)}"
        yield f"{columns[0]} ~ 0*1"
        yield from (f"{column} ~ t{k}_{one.name}*1" for k, column in enumerate(columns[1:], 2))
        yield from (f"{column} ~~ {column}" for column in columns)
    for same in zip(*items, strict=True):
        yield from (f"{a} ~~ {b}" for a, b in combinations(same, 2))


def measured_by_reliability(
    series: Sequence[Series], sample: Sample, waves: Sequence[str]
) -> Measurement:
    """Return series whose scores have the error variance that their reliability leaves.

    Raises
    ------
    Refused
        When alpha is not above 0 in a wave.
    DataError
        When nobody answered all items of a wave.
    """
    wide = sample.dyads.wide()
    lines = []
    found = []
    for one in series:
        variable = sample.dyads.variables[one.variable]
        alphas = []
        for column, wave in zip(one.columns, waves, strict=True):
            items = sample.items(Place(variable, one.role, wave))
            complete = int((~np.isnan(items)).all(axis=1).sum())
            if complete < 2:
                raise DataError(
                    f"indicators: alpha of '{variable.name}' in {column} needs persons who "
                    f"answered all of its {len(variable.items)} items, and there are {complete}. "
                    'Name the waves in which all were asked (waves = ["…"]), or set '
                    'indicators = "score".'
                )
            alpha = cronbach_alpha(items).estimate
            if not alpha > 0:
                raise Refused(
                    f"indicators: alpha of '{variable.name}' in {column} is {alpha:.2f}, so that "
                    "no part of its variance would be left. See the reliability of its items, or "
                    'set indicators = "score".'
                )
            error = (1.0 - alpha) * float(np.nanvar(wide[column].to_numpy(float), ddof=1))
            lines += [f"f_{column} =~ 1*{column}", f"{column} ~~ {error!r}*{column}"]
            lines.append(f"{column} ~ 0*1")
            alphas.append(alpha)
        found.append((one.label, tuple(alphas)))
    columns = tuple(column for one in series for column in one.columns)
    latent = tuple(_factors(one) for one in series)
    return Measurement(latent, "\n".join(lines), columns, True, tuple(found))
