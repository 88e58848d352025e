"""Latent change between two waves, in lavaan syntax (McArdle, 2009).

The second wave is the first plus a change, which is a latent variable with a mean, a variance, and
regressions on where the series started (feedback of its own; couplings of others).  Starts and
covariates are related freely.  Mean and variance of change are defined from these parameters:

    mean of change = a + b₁ μ₁ + b₂ μ₂ + …,    variance = ψ + Σᵢ Σⱼ bᵢ bⱼ σᵢⱼ.

References
----------
McArdle, J. J. (2009). Latent variable modeling of differences and changes with longitudinal data.
Annual Review of Psychology, 60, 577-605.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement

from dyadkit.panel.change.couplings import Coupling, contrasts
from dyadkit.panel.series import Series


def change(series: Series) -> str:
    """Return the name of a series' latent change."""
    return f"change_{series.name}"


def two_wave_syntax(
    series: Sequence[Series], coupling: Coupling, covariates: Sequence[str] = ()
) -> str:
    """Write a model of latent change between two waves.

    Parameters
    ----------
    series : sequence of Series
        Of two waves.
    coupling : Coupling
    covariates : sequence of str
        Columns on which every change depends, and which go with every start.

    Examples
    --------
    >>> x = Series("x", "x", "X", "", ("x1", "x2"))
    >>> print(two_wave_syntax([x], Coupling()))
    change_x =~ 1*x2
    x2 ~ 1*x1
    x2 ~~ 0*x2
    x2 ~ 0*1
    change_x ~ a_x*1
    change_x ~ b_x_from_x*x1
    change_x ~~ r_x*change_x
    x1 ~ m_x1*1
    x1 ~~ v_x1_x1*x1
    mean_x := a_x + b_x_from_x*m_x1
    variance_x := r_x + b_x_from_x*b_x_from_x*v_x1_x1
    d_x := mean_x/sqrt(v_x1_x1)
    """
    return "\n".join(_lines(series, coupling, covariates))


def _lines(
    series: Sequence[Series], coupling: Coupling, covariates: Sequence[str]
) -> Iterator[str]:
    starts = [one.columns[0] for one in series]
    before = [*starts, *covariates]
    effects = [_effects(series, place, coupling, covariates) for place in range(len(series))]
    for one, own in zip(series, effects, strict=True):
        start, end = one.columns
        yield f"{change(one)} =~ 1*{end}"
        yield f"{end} ~ 1*{start}"
        yield f"{end} ~~ 0*{end}"
        yield f"{end} ~ 0*1"
        yield f"{change(one)} ~ a_{one.name}*1"
        if own:
            terms = (f"{label}*{column}" for column, label in own.items())
            yield f"{change(one)} ~ {' + '.join(terms)}"
        yield f"{change(one)} ~~ r_{one.name}*{change(one)}"
    for one, other in combinations(series, 2):
        yield f"{change(one)} ~~ {change(other)}"
    yield from (f"{name} ~ m_{name}*1" for name in before)
    for left, right in combinations_with_replacement(before, 2):
        yield f"{left} ~~ v_{left}_{right}*{right}"
    for one, own in zip(series, effects, strict=True):
        yield from _definitions(one, own, before)
    for one, other, apart in contrasts(series):
        yield f"{apart} := mean_{one.name} - mean_{other.name}"


def _effects(
    series: Sequence[Series], place: int, coupling: Coupling, covariates: Sequence[str]
) -> dict[str, str]:
    """Return the label of each effect on a change, by the column that it is of."""
    target = series[place]
    found = {
        series[k].columns[0]: coupling.label(target, series[k])
        for k in coupling.sources(place, len(series))
    }
    return found | {column: f"k_{target.name}_from_{column}" for column in covariates}


def _definitions(one: Series, effects: dict[str, str], before: Sequence[str]) -> Iterator[str]:
    means = (f"{label}*m_{column}" for column, label in effects.items())
    yield f"mean_{one.name} := {' + '.join([f'a_{one.name}', *means])}"
    terms = [f"r_{one.name}"]
    columns = [column for column in before if column in effects]
    for column, other in combinations_with_replacement(columns, 2):
        twice = "" if column == other else "2*"
        terms.append(f"{twice}{effects[column]}*{effects[other]}*v_{column}_{other}")
    yield f"variance_{one.name} := {' + '.join(terms)}"
    start = one.columns[0]
    yield f"d_{one.name} := mean_{one.name}/sqrt(v_{start}_{start})"
