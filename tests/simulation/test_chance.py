from __future__ import annotations

import numpy as np

from dyadkit.simulation.chance import mistyped, moment, pause, shuffled


def test_an_order_holds_everything_once():
    order = shuffled(100, np.random.default_rng(4))
    assert sorted(order) == list(range(100))
    assert order.tolist() != list(range(100))


def test_people_answer_by_day_within_the_field_time():
    rng = np.random.default_rng(5)
    days, seconds = np.divmod([moment(3, rng) for _ in range(500)], 86_400)
    assert set(days) == {0, 1, 2}
    assert seconds.min() >= 8 * 3600
    assert seconds.max() < 20 * 3600


def test_the_next_answer_comes_a_day_or_two_later():
    rng = np.random.default_rng(6)
    days, seconds = np.divmod([pause(rng) for _ in range(200)], 86_400)
    assert set(days) == {1, 2}
    assert seconds.max() < 3600


def test_what_is_mistyped_is_nobodys_and_one_digit_off():
    numbers = list(range(1, 900))
    typed = mistyped(numbers)
    assert len({*numbers, *typed}) == 2 * len(numbers)
    # One digit is turned on, and one that runs over the nine takes the next one along.
    turns = {digit * place for digit in range(1, 10) for place in (1, 10, 100, 1000)}
    assert {(w - n) % 10_000 for n, w in zip(numbers, typed, strict=True)} <= turns
    assert all(0 < wrong < 10_000 for wrong in typed)
