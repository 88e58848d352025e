"""How often the intervals of agreement on categories hold the truth: 4,000 samples a world.

A deviation of 3.5 Monte-Carlo standard errors from the nominal 95 % is allowed (1.2 points).
"""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
import pytest

from dyadkit.agreement.category_counts import count_categories, weights_of
from dyadkit.agreement.chance_corrected import (
    brennan_prediger,
    conger_kappa,
    gwet_ac,
    percent_agreement,
    scott_pi,
)
from dyadkit.agreement.cohen import cohen_kappa
from dyadkit.agreement.krippendorff import METRICS, krippendorff_alpha

DRAWS, N = 4_000, 300
ALLOWED = 3.5 * sqrt(0.95 * 0.05 / DRAWS)
CODES = np.array([1.0, 2.0, 3.0, 4.0])

pytestmark = pytest.mark.slow


def joint(raters: int, spread: float) -> np.ndarray:
    """Return the probability of each combination of categories, shape (q,) * raters.

    Each unit has a place of its own, from which raters stray by a step or two; each strays a
    little higher than the one before.
    """
    together = np.zeros((4,) * raters)
    for place, share in enumerate((0.4, 0.3, 0.2, 0.1)):
        each = []
        for rater in range(raters):
            near = np.exp(-np.abs(np.arange(4) - place) / spread) * (
                1 + 0.05 * rater * np.arange(4)
            )
            each.append(near / near.sum())
        outer = each[0]
        for near in each[1:]:
            outer = np.multiply.outer(outer, near)
        together += share * outer
    return together


def pairs_of(together: np.ndarray) -> list[np.ndarray]:
    """Return the table of each ordered pair of raters."""
    raters = range(together.ndim)
    tables = []
    for one in raters:
        for other in raters:
            if one < other:
                rest = tuple(rater for rater in raters if rater not in (one, other))
                table = together.sum(axis=rest)
                tables += [table, table.T]
    return tables


def truths(together: np.ndarray, weights: str) -> dict[str, float]:
    """Return what each index is in the population."""
    w, tables = weights_of(weights, CODES), pairs_of(together)
    mean = np.mean(tables, axis=0)
    share = mean.sum(axis=1)
    observed = float((w * mean).sum())
    chances = {
        "percent": 0.0,
        "pi": float(share @ w @ share),
        "ac": float(w.sum() / 12 * (share * (1 - share)).sum()),
        "bp": float(w.mean()),
        "conger": float(np.mean([t.sum(axis=1) @ w @ t.sum(axis=0) for t in tables])),
    }
    found = {name: (observed - chance) / (1 - chance) for name, chance in chances.items()}
    ranks = share.cumsum() - share / 2
    distances = {
        "nominal": 1 - np.eye(4),
        "ordinal": (ranks[:, np.newaxis] - ranks) ** 2,
        "interval": (CODES[:, np.newaxis] - CODES) ** 2,
        "ratio": ((CODES[:, np.newaxis] - CODES) / (CODES[:, np.newaxis] + CODES)) ** 2,
    }
    for metric, apart in distances.items():
        found[metric] = 1 - float((mean * apart).sum() / (share @ apart @ share))
    return found


def samples(together: np.ndarray, missing: float, seed: int):
    """Yield samples of units, with ratings missing at random."""
    rng = np.random.default_rng(seed)
    for _ in range(DRAWS):
        cells = rng.choice(together.size, N, p=together.ravel())
        ratings = CODES[np.column_stack(np.unravel_index(cells, together.shape))]
        ratings[rng.random(ratings.shape) < missing] = nan
        yield count_categories(ratings, CODES.tolist())


@pytest.mark.parametrize("weights", ["unweighted", "quadratic"])
@pytest.mark.parametrize(
    ("raters", "spread", "missing"), [(2, 0.7, 0.0), (2, 1.5, 0.1), (3, 0.7, 0.15)]
)
def test_linearised_intervals_cover(raters, spread, missing, weights, record_property) -> None:
    together = joint(raters, spread)
    true = truths(together, weights)
    indices = {
        "percent": percent_agreement,
        "pi": scott_pi,
        "ac": gwet_ac,
        "bp": brennan_prediger,
        "conger": conger_kappa,
    }
    held = dict.fromkeys([*indices, *METRICS], 0)
    for counted in samples(together, missing, raters):
        for name, index in indices.items():
            found = index(counted, weights)
            held[name] += found.conf_low <= true[name] <= found.conf_high
        for metric in METRICS if weights == "unweighted" else ():
            alpha = krippendorff_alpha(counted, metric)
            held[metric] += alpha.conf_low <= true[metric] <= alpha.conf_high
    covered = {name: held[name] / DRAWS for name in held if held[name]}
    record_property("printed", f"{raters} raters, {spread}, {missing}, {weights}: {covered}")
    assert len(covered) == (9 if weights == "unweighted" else 5)
    for name, share in covered.items():
        assert share == pytest.approx(0.95, abs=ALLOWED), name


@pytest.mark.parametrize("spread", [0.7, 1.5])
def test_kappa_covers(spread, record_property) -> None:
    together = joint(2, spread)
    for weights in ("unweighted", "quadratic"):
        true = truths(together, weights)["conger"]
        found = [cohen_kappa(counted, weights) for counted in samples(together, 0.0, 7)]
        covered = float(np.mean([k.conf_low <= true <= k.conf_high for k in found]))
        record_property("printed", f"kappa, {spread}, {weights}: {covered}")
        assert covered == pytest.approx(0.95, abs=ALLOWED)


def test_kappas_test_keeps_its_level(record_property) -> None:
    # Independent raters with unequal shares: the null standard error.
    together = np.outer([0.4, 0.3, 0.2, 0.1], [0.3, 0.3, 0.2, 0.2])
    for weights in ("unweighted", "linear"):
        found = [cohen_kappa(counted, weights) for counted in samples(together, 0.0, 9)]
        rejected = float(np.mean([k.p_value < 0.05 for k in found]))
        record_property("printed", f"kappa's test, {weights}: {rejected}")
        assert rejected == pytest.approx(0.05, abs=ALLOWED)


@pytest.mark.parametrize("metric", METRICS)
def test_bootstrap_of_alpha_covers(metric, record_property) -> None:
    together, rng = joint(2, 0.7), np.random.default_rng(3)
    true = truths(together, "unweighted")[metric]
    held = 0
    for counted in samples(together, 0.1, 11):
        found = krippendorff_alpha(counted, metric, draws=999, rng=rng)
        held += found.conf_low <= true <= found.conf_high
    record_property("printed", f"bootstrap of alpha, {metric}: {held / DRAWS}")
    assert held / DRAWS == pytest.approx(0.95, abs=ALLOWED)
