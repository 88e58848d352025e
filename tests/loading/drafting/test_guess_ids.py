from __future__ import annotations

from dyadkit.loading.drafting.guess_ids import guess_id_match, overlap
from tests.loading.making_exports import ids

KNOWN = [f"{number:04d}K" for number in range(1, 101)]


def test_only_what_is_needed_is_ignored():
    assert guess_id_match([(KNOWN[:9], KNOWN)]) == ()
    assert guess_id_match([([*KNOWN[:9], "0042k"], KNOWN)]) == ("case",)
    assert guess_id_match([(["0042 K"], KNOWN)]) == ("space",)
    assert guess_id_match([(["42K"], KNOWN)]) == ("zero_pad",)
    assert guess_id_match([(["42 k"], KNOWN)]) == ("case", "space", "zero_pad")


def test_needs_of_several_files_add_up():
    assert guess_id_match([(["0042k"], KNOWN), (["7K"], KNOWN)]) == ("case", "zero_pad")


def test_ids_of_nobody_ask_for_nothing():
    assert guess_id_match([(["X1", "X2"], KNOWN), ([], KNOWN), (KNOWN, [])]) == ()


def test_what_keeps_known_ids_apart_is_not_ignored():
    # In these ids, capital and small letters are different people.
    apart = [*ids("A"), *ids("a")]
    assert guess_id_match([(["A 001"], apart)]) == ("space",)
    assert guess_id_match([(["b001"], [*apart, *ids("B")])]) == ()


def test_overlap_is_that_of_the_smaller_set():
    assert overlap(frozenset({"a"}), frozenset({"a", "b", "c"})) == 1
    assert overlap(frozenset(), frozenset({"a"})) == 0
