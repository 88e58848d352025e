from __future__ import annotations

from dyadkit.loading.drafting.guess_layouts import guess_layout
from dyadkit.loading.drafting.guess_stems import guess_scales, range_of
from tests.loading.making_exports import answers, ids, make_export, spelt

ITEMS = ["tr1", "tr2", "tr3", "tr4"]


def scales(columns, *, taken=(), **more):
    export = make_export("clients.csv", columns, **more)
    return guess_scales(export, guess_layout(export, one_role=True), taken)


def test_items_share_a_stem():
    found = scales({**answers(ITEMS), "age": [30 + n for n in range(40)], "Q1": [1, 2] * 20})
    assert [(stem.name, stem.items) for stem in found.stems] == [("tr", tuple(ITEMS))]


def test_an_item_that_runs_against_the_others_is_found_in_rows_and_in_slots():
    assert scales(answers(ITEMS, reverse=["tr3"])).stems[0].reverse == ("tr3",)
    loop = {
        "mentor_id": ids("M"),
        "m1_id": ids("A"),
        "m2_id": ids("B"),
        **{f"{item}_1": cells for item, cells in answers(ITEMS, reverse=["tr3"]).items()},
        **{f"{item}_2": cells for item, cells in answers(ITEMS, reverse=["tr3"], seed=2).items()},
    }
    (stem,) = scales(loop).stems
    assert (stem.items, stem.reverse, stem.spelt) == (tuple(ITEMS), ("tr3",), True)


def test_items_that_all_run_together_are_not_reversed():
    assert scales(answers(ITEMS)).stems[0].reverse == ()


def test_the_range_is_the_smallest_usual_one_that_holds_nearly_all_answers():
    assert range_of({1: 30, 2: 30, 5: 39, 77: 1}, None) == (1, 5)
    assert range_of({0: 30, 10: 30}, None) == (0, 10)
    assert range_of({0: 30, 50: 30, 100: 2}, None) == (0, 100)
    # 3 of 63 answers are too many for a slip.
    assert range_of({1: 30, 5: 30, 7: 3}, None) == (1, 7)


def test_labels_in_the_file_tell_the_range_unless_answers_lie_outside():
    labels = {"1": "never", "4": "often", "7": "always", "99": "not said"}
    codes = {"value_labels": dict.fromkeys(ITEMS, labels)}
    low = {item: [min(cell, 3) for cell in cells] for item, cells in answers(ITEMS).items()}
    (stem,) = scales(low, missing={item: frozenset({"99"}) for item in ITEMS}, **codes).stems
    assert stem.labelled == (1, 7)
    assert range_of(stem.numbers, stem.labelled) == (1, 7)
    assert range_of({1: 50, 9: 50}, (1, 7)) == (1, 9)


def test_codes_and_words_for_no_answer_are_found_when_they_come_again_and_again():
    columns = answers(ITEMS, 200)
    for item in ITEMS[:3]:
        columns[item][:3] = [-99, 999, "n/a"]
    columns["tr1"][5], columns["tr2"][6] = 77, "5 kg"
    assert scales(columns).missing == (-99, 999, "n/a")


def test_a_word_of_one_person_is_never_shown():
    columns = answers(ITEMS, 200)
    for item in ITEMS:
        columns[item][7] = "my own words"
    assert scales(columns).missing == ()
    for item in ITEMS[:2]:
        columns[item][8:11] = ["skipped"] * 3
    assert scales(columns).missing == ("skipped",)


def test_what_the_file_declares_missing_is_not_said_again():
    columns = answers(ITEMS, 200)
    for item in ITEMS:
        columns[item][:9] = [99] * 9
    declared = {item: frozenset({"99"}) for item in ITEMS}
    assert scales(columns, missing=declared).missing == ()
    assert scales(columns).missing == (99,)


def test_known_answers_in_words_are_numbers():
    words = {1: "Strongly disagree", 2: "Disagree", 3: "Neutral", 4: "Agree", 5: "Strongly agree"}
    columns = {item: [words[cell] for cell in cells] for item, cells in answers(ITEMS).items()}
    found = scales(columns)
    assert found.values == {word: code for code, word in words.items()}
    assert found.missing == ()
    few = {item: cells[:] for item, cells in columns.items()}
    for cells in few.values():
        cells[:] = ["Agree" if cell == "Strongly agree" else cell for cell in cells]
    (stem,) = scales(few).stems
    assert range_of(stem.numbers, stem.labelled) == (1, 5)


def test_words_that_mean_two_numbers_are_left_to_the_researcher():
    five = ["Strongly disagree", "Disagree", "Agree", "Strongly agree"] * 10
    seven = ["Strongly disagree", "Somewhat disagree", "Slightly agree", "Strongly agree"] * 10
    found = scales({"a1": five, "a2": five, "b1": seven, "b2": seven})
    assert found.values == {}


def test_boxes_that_were_ticked_are_no_scale():
    assert scales({f"box{n}": ["1", ""] * 20 for n in range(4)}).stems == ()


def test_columns_that_are_something_else_are_no_items():
    assert scales(answers(["wave1", "wave2"]), taken=["wave1"]).stems == ()


def test_names_that_a_study_file_reads_otherwise_are_left_out():
    assert scales({**answers(["x..1", "x..2"]), **answers(["{y}1", "{y}2"])}).stems == ()


def test_limesurvey_items_stand_in_brackets():
    (stem,) = scales(answers(["Q1[SQ001]", "Q1[SQ002]"])).stems
    assert (stem.name, stem.items) == ("Q1", ("Q1[SQ001]", "Q1[SQ002]"))


def test_stems_with_a_placeholder_in_the_middle_are_found():
    columns = {"couple": ids("C"), **spelt(["trust_w_{item}", "trust_h_{item}"], ["1", "2", "3"])}
    export = make_export("all.csv", columns)
    (stem,) = guess_scales(export, guess_layout(export, one_role=False), ()).stems
    assert (stem.name, stem.items) == ("trust_", ("trust_1", "trust_2", "trust_3"))
