"""Common fate models in lavaan syntax.

The members' answers to one variable indicate one latent variable of the dyad, both with a loading
of 1; what is left of one member's answers to two variables covaries (Kenny & La Voie, 1985;
Ledermann & Kenny, 2012).  At one time the dyad's x predicts its y.  Over time each of the dyad's
variables depends on those of the wave before, and what is left of one member's answers to one
variable covaries between all waves.

References
----------
Kenny, D. A., & La Voie, L. (1985). Separating individual and group effects. Journal of Personality
and Social Psychology, 48, 339-348.

Ledermann, T., & Kenny, D. A. (2012). The common fate model for dyadic data: Variations of a
theoretically important but underutilized model. Journal of Family Psychology, 26, 140-148.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from dyadkit.panel.together.both import Both


@dataclass(frozen=True, slots=True)
class Fate:
    """What a common fate model has.

    Attributes
    ----------
    effects : frozenset of (int, int)
        From which variable to which, by their positions: at one time in that wave, over time on the
        next wave.  A variable on itself is (0, 0).
    equal : bool
        Whether unstandardised effects are the same between all waves.
    same_means : bool
        Whether both members have the same mean of a variable in a wave.
    exchangeable : bool
        Whether the members share one role, so that nothing differs between them.
    """

    effects: frozenset[tuple[int, int]]
    equal: bool = False
    same_means: bool = False
    exchangeable: bool = False


def latent(one: Both, wave: int) -> str:
    """Return the name of the dyad's variable: that of the first member's column, for the dyad.

    Examples
    --------
    >>> from dyadkit.panel.series import Series
    >>> members = [Series(f"x_{r}", "x", "X", r, (f"x_{r}_t1",)) for r in ("coach", "client")]
    >>> latent(Both("x", "X", tuple(members)), 0)
    'dyad_x_t1'
    """
    first = one.members[0]
    return f"dyad_{one.name}{first.columns[wave].removeprefix(first.name)}"


def variance(one: Both, wave: int) -> str:
    """Return the label of the variance of the dyad's variable."""
    return f"v_{latent(one, wave)}"


def share(one: Both, wave: int, member: int, *, exchangeable: bool) -> str:
    """Return the label of the share that the dyad has in the variance of a member's answers."""
    return f"share_{latent(one, wave) if exchangeable else one.columns[wave][member]}"


def common_fate_syntax(variables: Sequence[Both], fate: Fate) -> str:
    """Write a common fate model.

    Parameters
    ----------
    variables : sequence of Both
        One or two, with equally many waves; one needs two waves.
    fate : Fate

    Returns
    -------
    str
        With the variances of the dyad's variables, and their shares in each member's, as defined
        parameters.

    Examples
    --------
    >>> from dyadkit.panel.series import Series
    >>> x, y = (
    ...     Both(v, v, tuple(Series(f"{v}_{m}", v, v, m, (f"{v}_{m}",)) for m in ("1", "2")))
    ...     for v in ("x", "y")
    ... )
    >>> fate = Fate(frozenset({(0, 1)}), exchangeable=True)
    >>> print(common_fate_syntax([x, y], fate))
    dyad_x =~ 1*x_1 + 1*x_2
    x_1 ~~ e_dyad_x*x_1
    x_2 ~~ e_dyad_x*x_2
    x_1 ~ m_dyad_x*1
    x_2 ~ m_dyad_x*1
    dyad_y =~ 1*y_1 + 1*y_2
    y_1 ~~ e_dyad_y*y_1
    y_2 ~~ e_dyad_y*y_2
    y_1 ~ m_dyad_y*1
    y_2 ~ m_dyad_y*1
    x_1 ~~ w_1*y_1
    x_2 ~~ w_1*y_2
    dyad_y ~ b*dyad_x
    dyad_x ~~ v_dyad_x*dyad_x
    dyad_y ~~ r_dyad_y*dyad_y
    v_dyad_y := b*b*v_dyad_x + r_dyad_y
    share_dyad_x := v_dyad_x / (v_dyad_x + e_dyad_x)
    share_dyad_y := v_dyad_y / (v_dyad_y + e_dyad_y)
    """
    waves = len(variables[0].columns)
    at_once = waves == 1
    return "\n".join(
        [
            *_measured(variables, fate),
            *_residuals(variables, fate),
            *(_at_once(variables, fate) if at_once else _over_time(variables, fate)),
            *_shares(variables, fate),
        ]
    )


def _residual(one: Both, wave: int, member: int, fate: Fate) -> str:
    whose = latent(one, wave) if fate.exchangeable else one.columns[wave][member]
    return f"e_{whose}"


def _measured(variables: Sequence[Both], fate: Fate) -> Iterator[str]:
    for one in variables:
        for wave, pair in enumerate(one.columns):
            name = latent(one, wave)
            yield f"{name} =~ {' + '.join(f'1*{column}' for column in pair)}"
            for member, column in enumerate(pair):
                yield f"{column} ~~ {_residual(one, wave, member, fate)}*{column}"
            mean = f"m_{name}*" if fate.same_means or fate.exchangeable else ""
            yield from (f"{column} ~ {mean}1" for column in pair)


def _residuals(variables: Sequence[Both], fate: Fate) -> Iterator[str]:
    """Yield covariances of what is left of one member's answers."""
    for letter, one in zip("xy", variables, strict=False):
        for early, late in combinations(range(len(one.columns)), 2):
            label = f"s_{letter}_{early + 1}_{late + 1}*" if fate.exchangeable else ""
            for before, after in zip(one.columns[early], one.columns[late], strict=True):
                yield f"{before} ~~ {label}{after}"
    for one, other in combinations(variables, 2):
        for wave, pairs in enumerate(zip(one.columns, other.columns, strict=True), 1):
            label = f"w_{wave}*" if fate.exchangeable else ""
            for x, y in zip(*pairs, strict=True):
                yield f"{x} ~~ {label}{y}"


def _at_once(variables: Sequence[Both], fate: Fate) -> Iterator[str]:
    x, y = variables
    before, after = latent(x, 0), latent(y, 0)
    explained = ""
    if fate.effects:
        yield f"{after} ~ b*{before}"
        explained = f"b*b*{variance(x, 0)} + "
    yield f"{before} ~~ {variance(x, 0)}*{before}"
    yield f"{after} ~~ r_{after}*{after}"
    yield f"{variance(y, 0)} := {explained}r_{after}"


def _over_time(variables: Sequence[Both], fate: Fate) -> Iterator[str]:
    pairs = list(combinations(range(len(variables)), 2))
    waves = range(len(variables[0].columns))
    defined = []
    for wave in waves:
        names = [latent(one, wave) for one in variables]
        # Variances and covariances are parameters in the first wave, and follow afterwards.
        first = wave == 0
        for target in range(len(variables)):
            sources = [k for k in range(len(variables)) if (k, target) in fate.effects]
            terms = (
                f"{_effect(target, k, wave, fate)}*{latent(variables[k], wave - 1)}"
                for k in sorted(sources, key=lambda k: k != target)
            )
            if sources and not first:
                yield f"{names[target]} ~ {' + '.join(terms)}"
        for one, name in zip(variables, names, strict=True):
            yield f"{name} ~~ {variance(one, wave) if first else f'r_{name}'}*{name}"
        for i, j in pairs:
            yield f"{names[i]} ~~ {'c' if first else 'q'}_{wave + 1}*{names[j]}"
        if not first:
            defined += [
                f"{_moment(variables, i, j, wave)} := {_followed(variables, i, j, wave, fate)}"
                for i, j in [*((k, k) for k in range(len(variables))), *pairs]
            ]
    yield from defined


def _effect(target: int, source: int, wave: int, fate: Fate) -> str:
    ends = f"b_{'xy'[target]}_{'xy'[source]}"
    return ends if fate.equal else f"{ends}_{wave}"


def _moment(variables: Sequence[Both], i: int, j: int, wave: int) -> str:
    return variance(variables[i], wave) if i == j else f"c_{wave + 1}"


def _followed(variables: Sequence[Both], i: int, j: int, wave: int, fate: Fate) -> str:
    """Return a variance or covariance of the dyad's variables by what they depend on."""
    count = range(len(variables))
    terms = [
        f"{_effect(i, k, wave, fate)}*{_effect(j, m, wave, fate)}"
        f"*{_moment(variables, k, m, wave - 1)}"
        for k, m in product(count, count)
        if {(k, i), (m, j)} <= fate.effects
    ]
    own = f"r_{latent(variables[i], wave)}" if i == j else f"q_{wave + 1}"
    return " + ".join([*terms, own])


def _shares(variables: Sequence[Both], fate: Fate) -> Iterator[str]:
    for one in variables:
        for wave in range(len(one.columns)):
            whole = variance(one, wave)
            for member in (0, 1)[: 1 if fate.exchangeable else 2]:
                name = share(one, wave, member, exchangeable=fate.exchangeable)
                yield f"{name} := {whole} / ({whole} + {_residual(one, wave, member, fate)})"
