"""What is hidden, and that what is shown does not give it back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.display.disclosure import Minimum, hidden_keys
from dyadkit.results import Support, Total

SETTINGS = settings(derandomize=True, max_examples=300, deadline=None)


def supports(**counts):
    return [Support(key, n, n) for key, n in counts.items()]


@pytest.mark.parametrize(
    ("dyads", "persons", "hidden"),
    [(5, 5, False), (4, 9, True), (9, 4, True), (1, 1, True), (0, 0, False)],
)
def test_either_minimum_hides_and_an_empty_cell_tells_of_nobody(dyads, persons, hidden):
    found = hidden_keys([Support("a", dyads, persons)], [], Minimum())
    assert found == (frozenset("a") if hidden else frozenset())


def test_a_part_that_a_total_would_give_back_takes_another_with_it():
    parts = supports(a=3, b=40, c=9, all=52)
    assert hidden_keys(parts, [Total("all", ("a", "b", "c"))], Minimum()) == {"a", "c"}


def test_hidden_parts_that_are_too_few_together_take_another_with_them():
    # By hand: all - c = 3 would be the number of those who chose a or b.
    parts = supports(a=2, b=1, c=40, d=12, all=55)
    assert hidden_keys(parts, [Total("all", ("a", "b", "c", "d"))], Minimum()) == {"a", "b", "d"}
    enough = supports(a=2, b=3, c=40, d=12, all=57)
    assert hidden_keys(enough, [Total("all", ("a", "b", "c", "d"))], Minimum()) == {"a", "b"}


def test_the_total_goes_when_no_part_is_left_to_hide():
    parts = [*supports(a=6, b=0, all=6, small=2, more=8)]
    totals = [Total("all", ("a", "b")), Total("more", ("a", "small"))]
    # small = more - a, so a goes; all = a, so all goes.
    assert hidden_keys(parts, totals, Minimum()) == {"small", "a", "all"}


def test_totals_of_totals_are_taken_together():
    parts = supports(a=20, b=30, left=50, d=3, all=53)
    totals = [Total("left", ("a", "b")), Total("all", ("left", "d"))]
    # By hand: d = all - left, so left goes; left = a + b, so a goes.
    assert hidden_keys(parts, totals, Minimum()) == {"d", "left", "a"}


def test_a_smaller_minimum_hides_less():
    parts = supports(a=3, b=40, all=43)
    totals = [Total("all", ("a", "b"))]
    assert hidden_keys(parts, totals, Minimum(3, 3)) == frozenset()
    assert hidden_keys(parts, totals, Minimum(50, 50)) == {"a", "b", "all"}


@st.composite
def grouped(draw):
    """Draw counts in groups, with the sum of each group and sometimes the sum of all."""
    sizes = st.lists(st.integers(0, 30), min_size=1, max_size=5)
    groups = draw(st.lists(sizes, min_size=1, max_size=3))
    counts: dict[str, int] = {}
    totals = []
    for g, group in enumerate(groups):
        names = tuple(f"{g}.{i}" for i in range(len(group)))
        counts |= dict(zip(names, group, strict=True))
        counts[f"{g}"] = sum(group)
        totals.append(Total(f"{g}", names))
    if draw(st.booleans()):
        counts["all"] = sum(map(sum, groups))
        totals.append(Total("all", tuple(f"{g}" for g in range(len(groups)))))
    return counts, totals


@SETTINGS
@given(grouped())
def test_no_hidden_number_follows_from_the_shown_ones(drawn):
    counts, totals = drawn
    hidden = hidden_keys([Support(k, n, n) for k, n in counts.items()], totals, Minimum())
    assert {key for key, n in counts.items() if 0 < n < 5} <= hidden
    assert all(counts[key] > 0 for key in hidden)
    # A hidden number follows when its unit vector lies in the row space of what is known: the
    # totals, and the unit vectors of all shown numbers.
    keys = list(counts)
    known = [np.eye(len(keys))[keys.index(key)] for key in keys if key not in hidden]
    for total in totals:
        row = np.zeros(len(keys))
        row[[keys.index(part) for part in total.parts]] = 1
        row[keys.index(total.whole)] = -1
        known.append(row)
    matrix = np.array(known)
    rank = np.linalg.matrix_rank(matrix)
    for key in hidden:
        unit = np.eye(len(keys))[keys.index(key)]
        assert np.linalg.matrix_rank(np.vstack([matrix, unit])) > rank, key


@SETTINGS
@given(grouped())
def test_what_is_left_of_a_shown_total_is_never_a_small_group(drawn):
    counts, totals = drawn
    hidden = hidden_keys([Support(k, n, n) for k, n in counts.items()], totals, Minimum())
    for total in totals:
        if total.whole not in hidden:
            rest = counts[total.whole] - sum(counts[p] for p in total.parts if p not in hidden)
            assert rest == 0 or rest >= 5


@SETTINGS
@given(grouped(), st.randoms(use_true_random=False))
def test_the_order_of_supports_and_totals_does_not_matter(drawn, random):
    counts, totals = drawn
    supports = [Support(k, n, n) for k, n in counts.items()]
    expected = hidden_keys(supports, totals, Minimum())
    random.shuffle(supports)
    random.shuffle(totals)
    assert hidden_keys(supports, totals, Minimum()) == expected
