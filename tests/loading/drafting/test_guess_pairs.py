from __future__ import annotations

from dataclasses import replace

import pytest

from dyadkit.loading.drafting.guess_layouts import guess_layout
from dyadkit.loading.drafting.guess_pairs import comes_in_twos, pair_up
from dyadkit.loading.drafting.guess_people import with_group
from dyadkit.loading.drafting.guess_source import SourceGuess
from tests.loading.making_exports import answers, ids, make_export, spelt, stacked

ROLES = ("leader", "follower")
LEADERS, FOLLOWERS, PAIRS = ids("L"), ids("F"), ids("P")


def source(role, columns, **more):
    size = max(map(len, columns.values()))
    export = make_export(f"{role}.csv", {**columns, **answers(["a1", "a2"], size)})
    return SourceGuess(export, guess_layout(export, one_role=bool(role)), role=role, **more)


def keys(sources, roles=ROLES):
    return [(s.dyad, s.person, s.partner) for s in pair_up(sources, roles)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # A code that both share.
        (
            {"pair": PAIRS, "leader_id": LEADERS},
            {"pair": PAIRS, "follower_id": FOLLOWERS},
            [("pair", "leader_id", ""), ("pair", "follower_id", "")],
        ),
        ({"code": PAIRS}, {"code": PAIRS}, [("code", "", ""), ("code", "", "")]),
        (
            {"Tandem": PAIRS, "id": LEADERS},
            {"Tandemcode": PAIRS, "id": FOLLOWERS},
            [("Tandem", "id", ""), ("Tandemcode", "id", "")],
        ),
        # Ids of partners, on both sides or on one.
        (
            {"leader_id": LEADERS, "follower_id": FOLLOWERS},
            {"follower_id": FOLLOWERS, "leader_id": LEADERS},
            [("", "leader_id", "follower_id"), ("", "follower_id", "leader_id")],
        ),
        (
            {"leader_id": LEADERS, "follower_id": FOLLOWERS},
            {"follower_id": FOLLOWERS},
            [("", "leader_id", "follower_id"), ("", "follower_id", "")],
        ),
        (
            {"code": LEADERS},
            {"code": FOLLOWERS, "my_leader": LEADERS},
            [("", "code", ""), ("", "code", "my_leader")],
        ),
        (
            {"id": LEADERS, "partner_id": FOLLOWERS},
            {"id": FOLLOWERS, "partner_id": LEADERS},
            [("", "id", "partner_id"), ("", "id", "partner_id")],
        ),
        # Nothing in common.
        ({"id": LEADERS}, {"id": FOLLOWERS}, [("", "id", ""), ("", "id", "")]),
    ],
)
def test_two_files_share_a_code_or_name_partners(first, second, expected):
    assert keys([source("leader", first), source("follower", second)]) == expected


def test_ids_that_agree_by_chance_are_no_code_when_there_is_one():
    numbers = [str(n) for n in range(101, 141)]
    first = source("leader", {"id": numbers, "pair_id": PAIRS})
    second = source("follower", {"id": numbers[::-1], "pair_id": PAIRS})
    assert [dyad for dyad, _, _ in keys([first, second])] == ["pair_id", "pair_id"]


def test_the_same_people_in_two_waves_share_no_code():
    waves = [replace(source("leader", {"id": LEADERS}), wave=wave) for wave in (1, 2)]
    assert keys(waves) == [("", "id", "")] * 2


def test_in_one_file_the_code_of_a_pair_stands_with_both_roles():
    rows = stacked(
        {"role": ["L"] * 40, "who": LEADERS, "code": PAIRS},
        {"role": ["F"] * 40, "who": FOLLOWERS, "code": PAIRS},
    )
    values = {"L": "leader", "F": "follower"}
    both = source("", rows, role_column="role", role_values=values)
    assert keys([both])[0][0] == "code"
    assert comes_in_twos(both, "code")
    assert not comes_in_twos(both, "who")


def test_in_one_file_without_roles_the_code_comes_twice_in_each_wave():
    once = {"pair": PAIRS, "wave": ["1"] * 40}
    rows = stacked(once, once, {**once, "wave": ["2"] * 40}, {**once, "wave": ["2"] * 40})
    alike = source("", rows, wave_column="wave", wave_values={"1": 1, "2": 2})
    assert comes_in_twos(alike, "pair")
    assert keys([alike], ()) == [("pair", "", "")]


def test_in_one_file_partners_may_be_named():
    rows = stacked(
        {"person_id": LEADERS, "partner_id": FOLLOWERS},
        {"person_id": FOLLOWERS, "partner_id": LEADERS},
    )
    assert keys([source("", rows)]) == [("", "person_id", "partner_id")]


def test_a_dyad_in_each_row_has_ids_of_both():
    columns = {
        "couple": PAIRS,
        "id_w": ids("W"),
        "id_h": ids("H"),
        **spelt(["{item}_w", "{item}_h"], ["q1", "q2", "q3"]),
    }
    export = make_export("couples.csv", columns)
    rows = SourceGuess(export, guess_layout(export, one_role=False))
    assert keys([rows], ("wife", "husband")) == [("couple", "id_{role}", "")]


def test_slots_hold_partners_or_codes_of_pairs():
    def loop(slot_ids, codes):
        columns = {
            "leader_id": LEADERS,
            **{f"{slot_ids}{slot}": codes[slot * 10 : slot * 10 + 40] for slot in (1, 2)},
            **spelt(["{item}_1", "{item}_2"], ["q1", "q2"]),
        }
        export = make_export("leaders.csv", columns)
        return SourceGuess(export, guess_layout(export, one_role=True), role="leader")

    partners = source("follower", {"follower_id": ids("F", 80)})
    assert keys([loop("member_", ids("F", 80)), partners]) == [
        ("", "leader_id", "member_{slot}"),
        ("", "follower_id", ""),
    ]
    paired = source("follower", {"pair": ids("P", 80), "follower_id": ids("F", 80)})
    assert keys([loop("code_", ids("P", 80)), paired]) == [
        ("code_{slot}", "leader_id", ""),
        ("pair", "follower_id", ""),
    ]


@pytest.mark.parametrize(
    ("name", "texts", "found"),
    [
        ("team_id", [f"T{n % 8}" for n in range(40)], True),
        ("Firma", ["A", "B", "C", "D"] * 10, True),
        ("group", ["1", "2"] * 20, False),
        ("company", ids("C"), False),
        ("color", ["A", "B", "C", "D"] * 10, False),
    ],
)
def test_teams_have_several_people_each(name, texts, found):
    data = source("leader", {"id": LEADERS, name: texts})
    assert with_group(data).group == (name if found else "")
