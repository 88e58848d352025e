"""Dynamic panel models with fixed effects, in lavaan syntax (Allison and others, 2017).

    y_t = τ_t + ρ y_{t-1} + β x_{t-1} + α + ε_t.

What is stable in a person (α) is a latent variable with loadings of 1 that goes freely with the
first y and with every x, so that it stands for all that does not change (fixed effects).  x is
predetermined: later x may depend on y, so that ε_t goes freely with x_s for s > t.  Intercepts and
variances of residuals are free in every wave.

References
----------
Allison, P. D., Williams, R., & Moral-Benito, E. (2017). Maximum likelihood for cross-lagged panel
models with fixed effects. Socius, 3, 1-17.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise

from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True)
class Form:
    """What a dynamic panel model assumes.

    Attributes
    ----------
    effect : bool
        Whether x has an effect.
    by_wave : bool
        Whether effects differ between waves.
    random : bool
        Whether what is stable in y is unrelated to x (random effects).
    exogenous : bool
        Whether x does not depend on earlier y.
    same_wave : bool
        Whether residuals of y go with x of the same wave too.
    """

    effect: bool = True
    by_wave: bool = False
    random: bool = False
    exogenous: bool = False
    same_wave: bool = False

    def label(self, what: str, now: int) -> str:
        """Return the label of an effect ("rho" or "beta") on a wave, counted from 0."""
        return f"{what}_{now + 1}" if self.by_wave else what


def stable(y: Series) -> str:
    """Return the name of what is stable in y."""
    return f"stable_{y.name}"


def dynamic_syntax(x: Series, y: Series, form: Form) -> str:
    """Write a dynamic panel model.

    Parameters
    ----------
    x, y : Series
        Of three waves or more; x of the last has no part.
    form : Form

    Examples
    --------
    >>> x = Series("x", "x", "X", "", ("x1", "x2", "x3"))
    >>> y = Series("y", "y", "Y", "", ("y1", "y2", "y3"))
    >>> print(dynamic_syntax(x, y, Form()).split("stable_y ~~")[0])
    y2 ~ rho*y1 + beta*x1
    y3 ~ rho*y2 + beta*x2
    stable_y =~ 1*y2 + 1*y3
    <BLANKLINE>
    """
    return "\n".join(_lines(x, y, form))


def _lines(x: Series, y: Series, form: Form) -> Iterator[str]:
    causes = x.columns[:-1]
    for now, (before, after) in enumerate(pairwise(y.columns), 1):
        terms = [f"{form.label('rho', now)}*{before}"]
        if form.effect:
            terms.append(f"{form.label('beta', now)}*{causes[now - 1]}")
        yield f"{after} ~ {' + '.join(terms)}"
    later = y.columns[1:]
    yield f"{stable(y)} =~ {' + '.join(f'1*{column}' for column in later)}"
    yield f"{stable(y)} ~~ {stable(y)}"
    yield f"{stable(y)} ~~ {y.columns[0]}"
    yield from (f"{stable(y)} ~~ {'0*' * form.random}{column}" for column in causes)
    for now, column in enumerate(later, 1):
        yield f"{column} ~~ {column}"
        first = now if form.same_wave else now + 1
        for cause in () if form.exogenous else causes[first:]:
            yield f"{column} ~~ {cause}"
    given = (y.columns[0], *causes)
    yield from (f"{one} ~~ {other}" for one, other in combinations_with_replacement(given, 2))
    yield from (f"{column} ~ 1" for column in (*y.columns, *causes))
