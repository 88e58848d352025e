"""Which variables of a model are observed, latent, exogenous: lavaan's classes, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The variables of a model by their part in it.

    Attributes
    ----------
    latent : tuple of str
        Left sides of ``=~``.
    observed : tuple of str
        Indicators, then outcomes of regressions, then predictors, then those that occur in
        covariances and intercepts only.
    exogenous : tuple of str
        Observed predictors that nothing explains and for which no (co)variance or intercept is
        written: their moments may be taken from the sample (``fixed_x``).
    other_observed : tuple of str
        The other observed variables.
    latent_sources : tuple of str
        Latent variables that are neither indicators nor outcomes.
    outcomes : tuple of str
        Latent, then observed, outcomes of regressions that predict and indicate nothing.
    """

    latent: tuple[str, ...]
    observed: tuple[str, ...]
    exogenous: tuple[str, ...]
    other_observed: tuple[str, ...]
    latent_sources: tuple[str, ...]
    outcomes: tuple[str, ...]


def classify(triples: Sequence[Triple]) -> Vocabulary:
    """Sort the variables of written formulas into lavaan's classes.

    Parameters
    ----------
    triples : sequence of (lhs, op, rhs)
        What is written, with the operators ``=~ ~ ~~ ~1``.

    Returns
    -------
    Vocabulary

    Examples
    --------
    >>> classify([("f", "=~", "x1"), ("f", "=~", "x2"), ("f", "~", "age")]).observed
    ('x1', 'x2', 'age')
    """
    latent = _unique(lhs for lhs, op, _ in triples if op == "=~")
    indicators = _unique(rhs for _, op, rhs in triples if op == "=~")
    explained = _unique(lhs for lhs, op, _ in triples if op == "~")
    explaining = _unique(rhs for _, op, rhs in triples if op == "~")
    ordered = {name: None for name in indicators if name not in latent}
    ordered.update((name, None) for name in explained if name not in latent)
    predictors = [name for name in explaining if name not in latent and name not in ordered]
    ordered.update((name, None) for name in predictors)
    loose = [lhs for lhs, op, _ in triples if op == "~~"]
    loose += [rhs for _, op, rhs in triples if op == "~~"]
    loose += [lhs for lhs, op, _ in triples if op == "~1"]
    ordered.update((name, None) for name in loose if name not in latent)
    written = set(loose)
    exogenous = {name: None for name in predictors if name not in written}
    ends = [n for n in explained if n not in indicators and n not in explaining]
    return Vocabulary(
        latent=tuple(latent),
        observed=tuple(ordered),
        exogenous=tuple(exogenous),
        other_observed=tuple(name for name in ordered if name not in exogenous),
        latent_sources=tuple(n for n in latent if n not in indicators and n not in explained),
        outcomes=(
            *(name for name in latent if name in ends),
            *(name for name in ordered if name in ends),
        ),
    )


def in_order(triples: Sequence[Triple], vocabulary: Vocabulary) -> list[Triple]:
    """Turn each covariance so that latent variables come first, then as variables are ordered.

    Examples
    --------
    >>> written = [("f", "=~", "x1"), ("f", "=~", "x2"), ("x2", "~~", "x1")]
    >>> in_order(written, classify(written))[-1]
    ('x1', '~~', 'x2')
    """
    rank = {n: i for i, n in enumerate((*vocabulary.latent, *vocabulary.observed))}
    return [
        (rhs, op, lhs) if op == "~~" and rank[lhs] > rank[rhs] else (lhs, op, rhs)
        for lhs, op, rhs in triples
    ]


def _unique(names: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(names)
