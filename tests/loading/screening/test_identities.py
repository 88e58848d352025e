"""Who is who: planted mess is found, row by row, and what is no mess is not."""

from __future__ import annotations

import pandas as pd
import pytest

from dyadkit.loading.screening.identities import both_roles, changed_partners, partner_lists

ROLES = ("coach", "client")


def keys_of(text: str, kind: str = "object") -> pd.DataFrame:
    """Read rows like "t1 coach c1 1 k1": wave, role, person, dyad, partner; "-" is empty."""
    names = ["wave", "role", "person", "dyad", "partner"]
    cells = [[cell.replace("-", "") for cell in line.split()] for line in text.splitlines()]
    frame = pd.DataFrame(cells, columns=names[: len(cells[0])])
    frame.insert(0, "source", frame["role"] + "s")
    frame["row"] = range(2, len(frame) + 2)
    return frame.astype({name: kind for name in frame if name != "row"})


PAIRS = "\n".join(
    f"{wave} {role} {role[1]}{pair} {pair}"
    for wave in ("t1", "t2")
    for role in ROLES
    for pair in range(1, 7)
)


@pytest.fixture(params=["object", "str", "category"])
def kind(request):
    return request.param


def test_a_clean_study_has_no_findings(kind):
    keys = keys_of(PAIRS, kind)
    assert both_roles(keys) == changed_partners(keys) == partner_lists(keys, ROLES) == []


@pytest.mark.parametrize("find", [both_roles, changed_partners])
def test_no_rows_have_no_findings(find):
    keys = keys_of(PAIRS).iloc[:0]
    assert find(keys) == []
    assert partner_lists(keys.assign(partner=""), ROLES) == []


def test_one_person_in_both_roles_is_found(kind):
    keys = keys_of(PAIRS.replace("t2 client l4", "t2 client o2"), kind)
    (found,) = both_roles(keys)
    assert (found.kind, found.count) == ("both_roles", 1)
    assert found.places == (("coachs", 3), ("coachs", 15), ("clients", 23))
    assert "1 id stands in more than one role (coach and client): o2" in found.text
    assert "coachs rows 3, 15; clients row 23" in found.text


def test_roles_that_are_numbered_alike_are_no_mess(kind):
    alike = PAIRS.replace("coach o", "coach ").replace("client l", "client ")
    assert both_roles(keys_of(alike, kind)) == []


def test_rows_without_an_id_are_nobody(kind):
    alike = PAIRS.replace("coach o2", "coach -").replace("client l3", "client -")
    keys = keys_of(alike, kind)
    assert both_roles(keys) == changed_partners(keys) == []


def test_another_dyad_in_a_later_wave_is_found(kind):
    (found,) = changed_partners(keys_of(PAIRS.replace("t2 client l4 4", "t2 client l4 9"), kind))
    assert (found.kind, found.count) == ("changed_partner", 1)
    assert found.places == (("clients", 11), ("clients", 23))
    assert found.text.startswith("1 person has another dyad code in a later wave: l4 (")


def test_who_has_several_partners_may_change_them(kind):
    several = PAIRS + "\nt1 coach o2 7\nt2 coach o2 8"
    assert changed_partners(keys_of(several, kind)) == []


def test_the_same_number_in_the_other_role_is_somebody_else():
    keys = keys_of("t1 coach 1 1\nt1 client 1 2\nt2 coach 1 1\nt2 client 1 2")
    assert changed_partners(keys) == []


def named(pairs: str) -> str:
    """Write rows like "c1>k1" of both roles; who begins with c is a coach."""
    rows = []
    for wave, text in enumerate(pairs.split("/"), start=1):
        for pair in text.split():
            me, you = pair.split(">")
            rows.append(f"t{wave} {'coach' if me[0] == 'c' else 'client'} {me} - {you}")
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("pairs", "rows"),
    [
        ("c1>k1 k1>c1 c2>k2 k2>c2", []),
        # Several partners.
        ("c1>k1 c1>k2 k1>c1 k2>c1", []),
        # k2 names a coach who names only k1.
        ("c1>k1 k1>c1 k2>c1", [4]),
        # Crossed: nobody is named back.
        ("c1>k1 c2>k2 k1>c2 k2>c1", [2, 3, 4, 5]),
        # The partner did not answer.
        ("c1>k1 c2>k2 k1>c1", []),
        # k1 is there, and names nobody.
        ("c1>k1 c2>k2 k1>- k2>c2", [2]),
        # Clients are never asked whose they are.
        ("c1>k1 c2>k2 k1>- k2>-", []),
        # k1 named back in the other wave, and is asked about this one only if present.
        ("c1>k1 k1>c1 / c1>k1", []),
        ("c1>k1 k1>c2 c2>k1 / c1>k1", [2, 5]),
        ("c1>k1 k1>c1 / c1>k1 k1>c2", [4]),
        # The partner changed for both.
        ("c1>k1 k1>c1 / c1>k2 k2>c1", []),
    ],
)
def test_who_is_not_named_back_is_found(pairs, rows, kind):
    keys = keys_of(named(pairs), kind)
    found = partner_lists(keys, ROLES)
    assert sorted(row for one in found for _, row in one.places) == rows
    assert all(one.kind == "partner_lists" and one.count == len(rows) for one in found)


def test_it_is_said_who_names_whom():
    (found,) = partner_lists(keys_of(named("c1>k1 k1>c1 k2>c1")), ROLES)
    assert found.text.startswith(
        "1 row names a partner who does not name that person back: k2 names c1 (clients row 4)."
    )


def test_the_partner_of_a_coach_is_a_client():
    keys = keys_of("t1 coach 1 - 1\nt1 client 1 - 1\nt1 coach 2 - 2\nt1 client 2 - 1")
    (found,) = partner_lists(keys, ROLES)
    assert found.places == (("coachs", 4), ("clients", 5))


def test_peers_name_each_other_and_not_themselves():
    rows = "t1 peer a - b\nt1 peer b - a\nt1 peer c - c\nt1 peer d - a"
    (found,) = partner_lists(keys_of(rows), ["peer"])
    assert found.places == (("peers", 4), ("peers", 5))


def test_without_named_partners_there_are_no_lists():
    assert partner_lists(keys_of(PAIRS), ROLES) == []


def test_a_person_may_name_another_partner_in_a_later_wave(kind):
    (found,) = changed_partners(keys_of(named("c1>k1 k1>c1 / c1>k2 k1>c1"), kind))
    assert found.places == (("coachs", 2), ("coachs", 4))
    assert "another partner in a later wave: c1" in found.text
