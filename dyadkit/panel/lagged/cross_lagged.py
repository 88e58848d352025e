"""Cross-lagged panel models in lavaan syntax, with random intercepts or without.

In a cross-lagged panel model (CLPM) every series depends on the series of the wave before.  With
random intercepts (RI-CLPM; Hamaker, Kuiper & Grasman, 2015) a series is the sum of its mean in the
wave, of a stable part of the person, with loadings of 1, and of a part that varies within the
person, which alone depends on that of the wave before.  A CLPM is an RI-CLPM whose stable parts
have no variance.

References
----------
Hamaker, E. L., Kuiper, R. M., & Grasman, R. P. P. P. (2015). A critique of the cross-lagged panel
model. Psychological Methods, 20, 102-116.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True)
class Lagged:
    """Which effects over time a model has, and which parameters are the same.

    Attributes
    ----------
    cross : frozenset of (int, int)
        From which series to which other one, by their positions; each depends on itself always.
    equal : bool
        Whether unstandardised effects are the same between all waves.
    second : bool
        Whether a series depends on itself two waves before too.
    alike : bool
        Whether unstandardised effects of own and of the partner's variables are the same for both
        members.
    exchangeable : bool
        Whether all that exchanging the members cannot change is the same: effects, means,
        variances and covariances.
    groups : int
        In how many groups the model has parameters of its own.
    same_groups : bool
        Whether unstandardised effects are the same in all groups.
    """

    cross: frozenset[tuple[int, int]]
    equal: bool = False
    second: bool = False
    alike: bool = False
    exchangeable: bool = False
    groups: int = 1
    same_groups: bool = False

    def effect(self, kind: str, target: Series, source: Series, wave: int) -> str:
        """Return the label, with ``*``, of an effect that others equal; empty for none."""
        alike = self.alike or self.exchangeable
        same_groups = self.same_groups and self.groups > 1
        if not (self.equal or alike or same_groups):
            return ""
        ends = [kind, target.name, source.name]
        if alike:
            ends = [kind, target.variable, source.variable, _whose(target, source)]
        label = "_".join(ends if self.equal else [*ends, str(wave)])
        if self.groups == 1 or same_groups:
            return f"{label}*"
        return f"c({', '.join(f'{label}_g{g}' for g in range(1, self.groups + 1))})*"

    def moment(self, kind: str, one: Series, other: Series, wave: int | None = None) -> str:
        """Return the label, with ``*``, of a (co)variance or mean that exchanging members leaves.

        That of both members' same variable is one parameter, which needs none.
        """
        if not self.exchangeable or (one is not other and one.variable == other.variable):
            return ""
        names = [kind, *sorted({one.variable, other.variable})]
        if one is not other:
            names.append(_whose(one, other))
        return "_".join(names if wave is None else [*names, str(wave)]) + "*"


def _whose(one: Series, other: Series) -> str:
    return "own" if one.role == other.role else "partner"


@dataclass(frozen=True, slots=True)
class Covariates:
    """Columns that predict series and do not change.

    Attributes
    ----------
    columns : tuple of str
    labels : tuple of str
        What a reader calls them.
    on_intercepts : bool
        Whether they predict the random intercepts alone; else the series in every wave (without
        random intercepts in every wave but the first, with which they covary).
    """

    columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    on_intercepts: bool = False


NONE = Covariates()


def cross_lagged_syntax(
    series: Sequence[Series],
    lagged: Lagged,
    *,
    intercepts: bool,
    latent: bool = False,
    covariates: Covariates = NONE,
) -> str:
    """Write a cross-lagged panel model.

    Parameters
    ----------
    series : sequence of Series
        With equally many waves.
    lagged : Lagged
    intercepts : bool
        Whether it has random intercepts.  Without them the first wave of observed series is left
        to what ``auto = "sem"`` adds: its moments are free, and the baseline model of CFI has them
        too.
    latent : bool
        Whether the columns of the series are latent variables.
    covariates : Covariates

    Examples
    --------
    >>> x = Series("x", "x", "X", "", ("x1", "x2"))
    >>> y = Series("y", "y", "Y", "", ("y1", "y2"))
    >>> print(cross_lagged_syntax([x, y], Lagged(frozenset({(0, 1)})), intercepts=False))
    x2 ~ x1
    y2 ~ y1 + x1
    x2 ~~ x2
    y2 ~~ y2
    x2 ~~ y2
    x2 ~ 1
    y2 ~ 1
    """
    # What members share must be written out from the first wave on.
    explicit = intercepts or latent or lagged.exchangeable
    return "\n".join(
        [
            *(_parts(series) if intercepts else ()),
            *_effects(series, lagged, intercepts, covariates),
            *_moments(series, lagged, intercepts, 0 if explicit else 1),
            *(_stable_moments(series, lagged) if intercepts else ()),
            *_means(series, lagged, 0 if explicit else 1),
            *(_of_covariates(series, covariates, intercepts) if explicit else ()),
        ]
    )


def part(column: str, intercepts: bool) -> str:
    """Return what stands for a column among effects: its part within persons, or itself."""
    return f"w_{column}" if intercepts else column


def stable(series: Series) -> str:
    """Return the name of a series' random intercept."""
    return f"i_{series.name}"


def _parts(series: Sequence[Series]) -> Iterator[str]:
    """Part each series into what is stable and what varies within persons."""
    for one in series:
        yield f"{stable(one)} =~ {' + '.join(f'1*{column}' for column in one.columns)}"
    for column in (column for one in series for column in one.columns):
        yield f"{part(column, True)} =~ 1*{column}"
        yield f"{column} ~~ 0*{column}"


def _effects(
    series: Sequence[Series], lagged: Lagged, intercepts: bool, covariates: Covariates
) -> Iterator[str]:
    within = _within(series, intercepts)
    predictors = list(covariates.columns)
    for before, now in pairwise(range(len(within[0]))):
        for to, one in enumerate(series):
            terms = []
            sources = [to, *(k for k in range(len(series)) if (k, to) in lagged.cross)]
            for source in sources:
                label = lagged.effect("b", one, series[source], now)
                terms.append(f"{label}{within[source][before]}")
            if lagged.second and before > 0:
                label = lagged.effect("c", one, one, now)
                terms.append(f"{label}{within[to][before - 1]}")
            if not intercepts:
                terms += predictors
            yield f"{within[to][now]} ~ {' + '.join(terms)}"
    if intercepts and predictors:
        ends = [stable(one) for one in series]
        if not covariates.on_intercepts:
            ends = [column for one in series for column in one.columns]
        yield from (f"{end} ~ {' + '.join(predictors)}" for end in ends)


def _within(series: Sequence[Series], intercepts: bool) -> list[list[str]]:
    return [[part(column, intercepts) for column in one.columns] for one in series]


def _moments(
    series: Sequence[Series], lagged: Lagged, intercepts: bool, first: int
) -> Iterator[str]:
    """Free variances and covariances within waves from the first one that is written."""
    within = _within(series, intercepts)
    waves = range(first, len(within[0]))
    for one, own in zip(series, within, strict=True):
        yield from (f"{own[t]} ~~ {lagged.moment('v', one, one, t)}{own[t]}" for t in waves)
    for t in waves:
        for (one, left), (other, right) in combinations(zip(series, within, strict=True), 2):
            yield f"{left[t]} ~~ {lagged.moment('v', one, other, t)}{right[t]}"


def _stable_moments(series: Sequence[Series], lagged: Lagged) -> Iterator[str]:
    yield from (f"{stable(one)} ~~ {lagged.moment('s', one, one)}{stable(one)}" for one in series)
    for one, other in combinations(series, 2):
        yield f"{stable(one)} ~~ {lagged.moment('s', one, other)}{stable(other)}"
    # What is stable and what varies within persons are unrelated.
    begins = [part(one.columns[0], True) for one in series]
    yield from (f"{stable(one)} ~~ 0*{begin}" for one in series for begin in begins)


def _means(series: Sequence[Series], lagged: Lagged, first: int) -> Iterator[str]:
    for one in series:
        for t, column in list(enumerate(one.columns))[first:]:
            yield f"{column} ~ {lagged.moment('m', one, one, t)}1"


def _of_covariates(
    series: Sequence[Series], covariates: Covariates, intercepts: bool
) -> Iterator[str]:
    """Free the moments of covariates, and those that they share with a first wave."""
    columns = covariates.columns
    yield from (f"{column} ~~ {column}" for column in columns)
    yield from (f"{one} ~~ {other}" for one, other in combinations(columns, 2))
    yield from (f"{column} ~ 1" for column in columns)
    if not intercepts:
        yield from (f"{column} ~~ {one.columns[0]}" for column in columns for one in series)
