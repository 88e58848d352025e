"""Dual change score models of three waves or more, in lavaan syntax (McArdle & Hamagami, 2001).

A series is a true score plus an error of measurement.  The true score of a step is that of the step
before plus a change, and the change has a constant part (slope) of the person and depends on the
true scores of the step before (feedback; couplings of other series), without a residual:

    η_t = η_{t-1} + Δ_t,    Δ_t = s + β η_{t-1} + γ ξ_{t-1}.

First true scores and slopes are related freely; effects and variances of errors, and the
covariances of errors of one wave, are the same in all.  Steps are of equal length: one without a
wave has a true score that nobody observed.

References
----------
McArdle, J. J., & Hamagami, F. (2001). Latent difference score structural models for linear dynamic
analyses with incomplete longitudinal data. In L. M. Collins & A. G. Sayer (Eds.), New methods for
the analysis of change (pp. 139-175). American Psychological Association.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement

from dyadkit.panel.change.couplings import Coupling, contrasts
from dyadkit.panel.series import Series


def true_score(series: Series, step: int) -> str:
    """Return the name of a series' true score at a step, from 0."""
    return f"true_{series.name}_{step}"


def slope(series: Series) -> str:
    """Return the name of the constant part of a series' changes."""
    return f"slope_{series.name}"


def dual_change_syntax(series: Sequence[Series], coupling: Coupling, steps: Sequence[int]) -> str:
    """Write a dual change score model.

    Parameters
    ----------
    series : sequence of Series
    coupling : Coupling
    steps : sequence of int
        The step of each wave, the first at 0.
    """
    return "\n".join(_lines(series, coupling, steps))


def _lines(series: Sequence[Series], coupling: Coupling, steps: Sequence[int]) -> Iterator[str]:
    last = steps[-1]
    for one in series:
        yield from _measurement(one, steps)
        for step in range(1, last + 1):
            yield f"{true_score(one, step)} ~ 1*{true_score(one, step - 1)}"
            yield f"{change_at(one, step)} =~ 1*{true_score(one, step)}"
            yield f"{true_score(one, step)} ~~ 0*{true_score(one, step)}"
            yield f"{change_at(one, step)} ~~ 0*{change_at(one, step)}"
    for wave in range(len(steps)):
        for one, other in combinations(series, 2):
            ends = one.columns[wave], other.columns[wave]
            yield f"{ends[0]} ~~ {_error(one, other)}*{ends[1]}"
    for place, one in enumerate(series):
        sources = [series[k] for k in coupling.sources(place, len(series))]
        for step in range(1, last + 1) if sources else ():
            terms = (
                f"{coupling.label(one, each)}*{true_score(each, step - 1)}" for each in sources
            )
            yield f"{change_at(one, step)} ~ {' + '.join(terms)}"
    factors = [true_score(one, 0) for one in series]
    yield from (f"{true_score(one, 0)} ~ start_{one.name}*1" for one in series)
    if coupling.form != "proportional":
        for one in series:
            changes = (f"1*{change_at(one, step)}" for step in range(1, last + 1))
            yield f"{slope(one)} =~ {' + '.join(changes)}"
            yield f"{slope(one)} ~ level_{one.name}*1"
        factors += [slope(one) for one in series]
    variances = {true_score(one, 0): f"v_{one.name}*" for one in series}
    for left, right in combinations_with_replacement(factors, 2):
        label = variances.get(left, "") if left == right else ""
        yield f"{left} ~~ {label}{right}"
    yield from _definitions(series, coupling, last)


def change_at(series: Series, step: int) -> str:
    """Return the name of a series' change to a step."""
    return f"change_{series.name}_{step}"


def _error(one: Series, other: Series) -> str:
    return f"e_{one.name}_{other.name}"


def _measurement(one: Series, steps: Sequence[int]) -> Iterator[str]:
    observed = dict(zip(steps, one.columns, strict=True))
    for step in range(steps[-1] + 1):
        # A true score without a wave is latent by a loading of 0.
        seen = f"1*{observed[step]}" if step in observed else f"0*{one.columns[0]}"
        yield f"{true_score(one, step)} =~ {seen}"
    yield from (f"{column} ~~ {_error(one, one)}*{column}" for column in one.columns)
    yield from (f"{column} ~ 0*1" for column in one.columns)


def _definitions(series: Sequence[Series], coupling: Coupling, last: int) -> Iterator[str]:
    """Yield the mean change from the first to the last wave, by what each step adds."""

    def mean(one: Series, step: int) -> str:
        return f"mean_{one.name}_{step}" if step else f"start_{one.name}"

    for step in range(1, last + 1):
        for place, one in enumerate(series):
            added = [
                f"{coupling.label(one, series[k])}*{mean(series[k], step - 1)}"
                for k in coupling.sources(place, len(series))
            ]
            level = [f"level_{one.name}"] if coupling.form != "proportional" else []
            terms = [mean(one, step - 1), *level, *added]
            yield f"{mean(one, step)} := {' + '.join(terms)}"
    for one in series:
        yield f"mean_{one.name} := {mean(one, last)} - start_{one.name}"
        yield f"d_{one.name} := mean_{one.name}/{_spread(one)}"
    for one, other, apart in contrasts(series):
        yield f"{apart} := mean_{one.name} - mean_{other.name}"
    for place, one in enumerate(series):
        for k in coupling.sources(place, len(series)):
            if k != place:
                label = coupling.label(one, series[k])
                ratio = f"{_spread(series[k])}/{_spread(one)}"
                yield f"{in_spreads(one, series[k])} := {label}*{ratio}"


def in_spreads(target: Series, source: Series) -> str:
    """Return the name of a coupling in standard deviations of the first wave."""
    return f"std_{target.name}_from_{source.name}"


def _spread(series: Series) -> str:
    """Return the standard deviation of the first wave, with the errors of measurement."""
    return f"sqrt(v_{series.name} + {_error(series, series)})"
