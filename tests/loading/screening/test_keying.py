"""Reverse-keyed items: planted ones are found and named, sound scales are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.loading.screening.keying import opposed_items, wrong_keying
from dyadkit.study import Scale

NONE = np.zeros(5, dtype=bool)
T1 = ("client", "t1")
T2 = ("client", "t2")


def answers(rows: int = 120, *, turned=(), items: int = 5, seed: int = 1, missing: float = 0.05):
    """Items of one construct, answered from 1 to 7, of which some are worded the other way."""
    rng = np.random.default_rng(seed)
    construct = rng.normal(size=(rows, 1))
    codes = np.clip(np.round(4 + construct + rng.normal(size=(rows, items))), 1, 7)
    codes[:, list(turned)] = 8 - codes[:, list(turned)]
    codes[rng.random(codes.shape) < missing] = np.nan
    return codes


def scale(*reverse: str, items: int = 5) -> Scale:
    names = tuple(f"a{number}" for number in range(1, items + 1))
    return Scale(name="trust", items=names, range=(1, 7), reverse=reverse)


def declared(*positions: int) -> np.ndarray:
    return np.isin(np.arange(5), positions)


def test_one_item_is_found_by_its_item_rest_correlation():
    codes = answers(turned=[2], missing=0.0)
    found = opposed_items(codes, NONE)
    assert (found.items, found.n, found.halves) == ((2,), 120, False)
    rest = codes[:, [0, 1, 3, 4]].mean(axis=1)
    assert found.r == pytest.approx([np.corrcoef(codes[:, 2], rest)[0, 1]])


@pytest.mark.parametrize("seed", range(20))
def test_sound_scales_have_no_findings(seed):
    assert opposed_items(answers(25, seed=seed), NONE) is None
    assert opposed_items(answers(seed=seed, turned=[1, 4]), declared(1, 4)) is None


@pytest.mark.parametrize("seed", range(40))
def test_items_without_anything_in_common_do_not_oppose_each_other(seed):
    noise = np.random.default_rng(seed).integers(1, 8, size=(60, 5)).astype(float)
    assert opposed_items(noise, NONE) is None


@pytest.mark.parametrize(
    ("turned", "keyed", "found"),
    [
        ([1, 3], [], (1, 3)),
        # Declared, but worded like the others.
        ([], [0], (0,)),
        # One right, one forgotten, one too many.
        ([0, 1], [1, 2], (0, 2)),
        # Most point the other way: the few are named.
        ([0, 1, 2], [], (3, 4)),
    ],
)
def test_forgotten_and_wrong_declarations_are_found(turned, keyed, found):
    opposed = opposed_items(answers(turned=turned), declared(*keyed))
    assert opposed.items == found
    assert max(opposed.r) < -0.3


def test_half_against_half_is_said():
    opposed = opposed_items(answers(turned=[1, 2], items=4), np.zeros(4, dtype=bool))
    assert (opposed.items, opposed.halves) == ((1, 2), True)
    many = opposed_items(answers(turned=range(5, 10), items=10), np.zeros(10, dtype=bool))
    assert (many.items, many.halves) == ((5, 6, 7, 8, 9), True)
    two = opposed_items(answers(300, turned=[0], items=2), np.zeros(2, dtype=bool))
    assert (two.items, two.halves) == ((1,), True)


def test_few_people_or_items_prove_nothing():
    construct = np.arange(20.0)
    plain = np.column_stack([construct, construct**2, -construct])
    assert opposed_items(plain, np.zeros(3, dtype=bool)).items == (2,)
    assert opposed_items(plain[:19], np.zeros(3, dtype=bool)) is None
    assert opposed_items(answers(items=1), np.zeros(1, dtype=bool)) is None
    assert opposed_items(np.full((50, 5), np.nan), NONE) is None
    assert opposed_items(np.full((50, 5), 3.0), NONE) is None
    assert opposed_items(np.empty((0, 5)), NONE) is None


def test_a_forgotten_item_is_named_with_what_to_write():
    (found,) = wrong_keying(scale("a1"), {T1: answers(turned=[0, 2]), T2: answers(turned=[0, 2])})
    assert (found.kind, found.count, found.places) == ("keying", 1, ())
    assert found.text.startswith("Scale trust (client t1, client t2): a3 goes against the other")
    assert 'write reverse = ["a1", "a3"] in [scale.trust]' in found.text


def test_a_wrong_declaration_is_named():
    (found,) = wrong_keying(scale("a2"), {T1: answers()})
    assert "a2 goes against the other items (r = -." in found.text
    assert "n = 120)" in found.text
    assert found.text.endswith("take reverse out of [scale.trust].")


def test_a_file_that_differs_from_the_others_is_looked_at():
    (found,) = wrong_keying(scale("a3"), {T1: answers(turned=[2]), T2: answers(seed=2)})
    assert found.text.startswith("Scale trust (client t2): a3 goes against")
    assert "Elsewhere it does not" in found.text
    assert "reverse =" not in found.text


def test_too_few_people_elsewhere_say_nothing():
    (found,) = wrong_keying(scale(), {T1: answers(turned=[2]), T2: answers(12, seed=2)})
    assert "Elsewhere" not in found.text


def test_halves_are_left_to_the_researcher():
    (found,) = wrong_keying(scale(items=4), {T1: answers(turned=[1, 2], items=4)})
    assert "a2, a3 go against the other items" in found.text
    assert "As many point one way as the other" in found.text


def test_a_study_without_answers_has_no_findings():
    assert wrong_keying(scale(), {}) == []
    assert wrong_keying(scale(), {T1: answers(), T2: answers(seed=3)}) == []
