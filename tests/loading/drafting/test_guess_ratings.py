from __future__ import annotations

from dyadkit.loading.drafting.guess_ratings import family_size, read_ratings


def test_ratings_are_read_in_four_languages_or_by_their_numbers():
    assert read_ratings(["Trifft gar nicht zu", "trifft eher zu"]) == {
        "Trifft gar nicht zu": 1,
        "trifft eher zu": 4,
    }
    assert read_ratings(["Nunca", "Siempre"]) == {"Nunca": 1, "Siempre": 5}
    assert read_ratings(["d’accord", "Pas du tout d’accord"])["d’accord"] == 4
    assert read_ratings(["Slightly agree", "Agree"]) == {"Slightly agree": 5, "Agree": 6}
    assert read_ratings(["7 = fully", "1 = not at all", "4"]) == {
        "7 = fully": 7,
        "1 = not at all": 1,
    }
    assert read_ratings(["fully (7)", "not at all (1)"]) == {"fully (7)": 7, "not at all (1)": 1}


def test_other_words_are_no_ratings():
    for texts in (
        ["man", "woman"],
        ["P01", "P02"],
        ["1", "2"],
        [],
        ["agree"],
        ["1 low", "1 lower"],
    ):
        assert read_ratings(texts) == {}


def test_a_family_has_five_or_seven_answers():
    assert (family_size([5]), family_size([2, 6]), family_size([12])) == (5, 7, 12)


def test_words_for_no_answer_do_not_hide_the_others():
    assert read_ratings(["Never", "Often", "n/a", "-99", "Prefer not to say"]) == {
        "Never": 1,
        "Often": 4,
    }
