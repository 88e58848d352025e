"""Items in another order: a shifted or exchanged column is found, chance is not."""

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.loading.screening.item_order import displaced_items, wrong_order
from dyadkit.study import Scale


def waves(rows: int = 250, items: int = 6, *, kept: float = 0.5, seed: int = 1):
    """Two waves of a scale; `kept` is how much of what is an item's own stays."""
    rng = np.random.default_rng(seed)
    construct = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=rows)
    loadings = np.linspace(0.5, 0.8, items)
    own = rng.normal(size=(2, rows, items))
    own[1] = kept * own[0] + np.sqrt(1 - kept**2) * own[1]
    codes = construct.T[:, :, None] * loadings + own * np.sqrt(1 - loadings**2)
    codes[rng.random(codes.shape) < 0.03] = np.nan
    early, late = np.clip(np.round(1.3 * codes + 4), 1, 7)
    return early, late


@pytest.mark.parametrize("kept", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("items", [2, 3, 6, 12])
def test_the_declared_order_is_believed(items, kept):
    for seed in range(10):
        early, late = waves(items=items, kept=kept, seed=seed)
        assert displaced_items(early, late) == tuple(range(items))


@pytest.mark.parametrize("order", [(5, 0, 1, 2, 3, 4), (5, 4, 3, 2, 1, 0), (1, 0, 3, 2, 4, 5)])
def test_another_order_is_found(order):
    early, late = waves()
    assert displaced_items(early, late[:, list(order)]) == order


def test_two_exchanged_items_are_found_among_many_people():
    early, late = waves(800)
    assert displaced_items(early, late[:, [0, 2, 1, 3, 4, 5]]) == (0, 2, 1, 3, 4, 5)


def test_reverse_keyed_items_have_their_place_too():
    early, late = (8 - wave * [1, -1, 1, 1, -1, 1] for wave in waves())
    order = [1, 2, 3, 4, 5, 0]
    assert displaced_items(early, late) == tuple(range(6))
    assert displaced_items(early, late[:, order]) == tuple(order)


def test_few_people_and_constant_items_prove_nothing():
    early, late = waves()
    shifted = late[:, [5, 0, 1, 2, 3, 4]]
    assert displaced_items(early[:49], shifted[:49]) == tuple(range(6))
    shifted[:, 2] = 4.0
    assert displaced_items(early, shifted) == tuple(range(6))
    assert displaced_items(early[:0], late[:0]) == tuple(range(6))


def test_it_is_said_what_goes_with_what():
    scale = Scale(name="trust", items=("a1..a6",), range=(1, 7))
    early, late = waves(800)
    assert wrong_order(scale, "client", ("t1", "t2"), early, late) == []
    (found,) = wrong_order(scale, "client", ("t1", "t2"), early, late[:, [0, 2, 1, 3, 4, 5]])
    assert (found.kind, found.count, found.places) == ("item_order", 2, ())
    assert found.text.startswith(
        "Scale trust (client): at t2 items seem to stand in another order than at t1: a2 goes "
        "with a3 of t1, a3 goes with a2 of t1."
    )
