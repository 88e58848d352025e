from __future__ import annotations

from dyadkit.loading.drafting.guessing import guess_exports
from tests.loading.making_exports import answers, ids, make_export, spelt, stacked

TRUST = ["tr1", "tr2", "tr3"]


def guess(**files):
    return guess_exports(
        [make_export(path.replace("__", "."), columns) for path, columns in files.items()]
    )


def test_files_of_roles_and_waves_make_a_study():
    found = guess(
        coaches_t1__csv={"code": ids("P"), **answers(TRUST)},
        coaches_t2__csv={"code": ids("P"), **answers(TRUST)},
        clients_t1__csv={"code": ids("P"), **answers(TRUST)},
    )
    assert (found.roles, found.roles_known, found.waves) == (("coach", "client"), True, (1, 2))
    assert [(s.role, s.wave, s.dyad) for s in found.sources] == [
        ("coach", 1, "code"),
        ("coach", 2, "code"),
        ("client", 1, "code"),
    ]


def test_key_files_and_lists_are_told_from_answers():
    found = guess(
        mentors__csv={"id": ids("M"), **answers(TRUST)},
        mentees__csv={"id": ids("D"), **answers(TRUST)},
        key__csv={"mentor": ids("M"), "mentee": ids("D")},
        gone__csv={"id": ids("D")[:3]},
        ages__csv={"id": ids("D"), "age": [30 + n for n in range(40)]},
    )
    assert [source.export.path for source in found.sources] == ["mentors.csv", "mentees.csv"]
    assert [link.export.path for link in found.links] == ["key.csv"]
    assert [list_.export.path for list_ in found.withdrawals] == ["gone.csv"]
    assert [export.path for export in found.left_out] == ["ages.csv"]


def test_files_without_any_answers_are_sources_all_the_same():
    found = guess(mentors__csv={"id": ids("M"), "age": [30 + n for n in range(40)]})
    assert [source.export.path for source in found.sources] == ["mentors.csv"]


def test_partners_in_one_file_without_roles_are_alike():
    once = {"pair": ids("P"), **answers(TRUST)}
    found = guess(friends__csv=stacked(once, once))
    assert (found.roles, found.roles_known) == (("partner",), False)


def test_codes_for_unknown_roles_have_names_to_be_filled_in():
    once = {"pair": ids("P"), "role": ["1"] * 40, **answers(TRUST)}
    found = guess(all__csv=stacked(once, {**once, "role": ["2"] * 40}))
    assert (found.roles, found.roles_known) == (("first", "second"), False)
    assert found.sources[0].role_values == {"1": "first", "2": "second"}


def test_two_files_of_nobody_known_have_two_roles():
    found = guess(a__csv={"x_id": ids("P")}, b__csv={"x_id": ids("P")})
    assert found.roles == ("first", "second")


def test_abbreviations_mean_the_roles_that_files_say():
    found = guess(
        mentor_developee_study__csv={
            "pair": ids("P"),
            **spelt(["{item}_ment", "{item}_dev"], TRUST),
        },
    )
    assert found.roles == ("mentor", "developee")


def test_letters_in_columns_mean_what_they_usually_do():
    found = guess(
        all__csv={"id_M": ids("M"), "id_F": ids("F"), **spelt(["{item}_M", "{item}_F"], TRUST)}
    )
    assert found.roles == ("female", "male")
    assert found.sources[0].layout.roles == {"M": "male", "F": "female"}


def test_ids_that_differ_between_files_are_compared():
    small = [code.lower() for code in ids("P")]
    found = guess(
        coaches__csv={"pair": ids("P"), **answers(TRUST)},
        clients__csv={"pair": small, **answers(TRUST)},
    )
    assert found.id_match == ("case",)
    spaced = {"partner_id": [code.replace("P", "P ") for code in ids("P")], "id": ids("C")}
    found = guess(
        coaches__csv={**spaced, **answers(TRUST)},
        clients__csv={"id": ids("P"), **answers(TRUST)},
    )
    assert [source.partner for source in found.sources] == ["partner_id", ""]
    assert found.id_match == ("space",)


def test_a_withdrawal_list_with_other_zeros_is_compared_too():
    people = [f"{number:04d}" for number in range(1, 41)]
    found = guess(
        coaches__csv={"pair": ids("P"), "coach_id": people, **answers(TRUST)},
        clients__csv={"pair": ids("P"), "client_id": ids("K"), **answers(TRUST)},
        withdrawn__csv={"id": ["7", "12"]},
    )
    assert found.id_match == ("zero_pad",)
