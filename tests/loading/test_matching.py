"""Ids written otherwise: joined where the study file says so, and listed."""

from __future__ import annotations

import pytest

from dyadkit.errors import DataError

STUDY = """\
[study]
roles = ["coach", "client"]
orphans = "keep"
{link}
[[source]]
path = "coaches.csv"
name = "coaches"
role = "coach"
{who}
{coach}

[[source]]
path = "clients.csv"
name = "clients"
role = "client"
{who}
{client}

[variable.x]
column = "x"
{rest}
"""
ALL = 'id_match = ["case", "space", "zero_pad"]'


@pytest.fixture
def matched(loaded):
    """Return what loads coaches and clients with a code."""

    def load_matched(coaches, clients, coach="", client="", who='dyad = "id"', link="", **files):
        rest = files.pop("rest", "")
        return loaded(
            STUDY.format(coach=coach, client=client, who=who, link=link, rest=rest),
            coaches__csv=coaches,
            clients__csv=clients,
            **files,
        )

    return load_matched


def complete(dyads) -> int:
    return int(dyads.pairing()["complete"].iloc[-1])


def joined(dyads) -> list[tuple[str, int, str]]:
    found = dyads.exclusions.query("reason == 'id_joined'")
    return [(s, int(r), d) for s, r, d in found[["source", "row", "detail"]].to_numpy()]


def test_nothing_is_joined_unless_the_study_file_says_so(matched):
    dyads = matched("id,x\nP7,1\n", "id,x\np7,1\n")
    assert complete(dyads) == 0
    assert joined(dyads) == []


@pytest.mark.parametrize(
    ("word", "other"), [("case", "p07"), ("space", "P 0\u00a07"), ("zero_pad", "00P07")]
)
def test_each_word_ignores_one_thing(matched, word, other):
    dyads = matched("id,x\nP07,1\n", f"id,x\n{other},1\n", client=f'id_match = ["{word}"]')
    assert complete(dyads) == 1
    assert joined(dyads) == [("clients", 2, f"'{other}' in id is 'P07'")]
    others = {"case", "space", "zero_pad"} - {word}
    words = ", ".join(f'"{other_word}"' for other_word in sorted(others))
    assert (
        complete(matched("id,x\nP07,1\n", f"id,x\n{other},1\n", client=f"id_match = [{words}]"))
        == 0
    )


def test_the_spelling_of_the_file_without_id_match_counts(matched):
    dyads = matched("id,x\np7,1\n", "id,x\nP7,1\n", coach=ALL)
    assert dyads.wide(["x"])["dyad"].tolist() == ["P7"]


def test_an_exact_id_is_never_joined_with_another(matched):
    dyads = matched("id,x\n42,1\n042,2\n", "id,x\n42,1\n042,2\n", client=ALL)
    assert complete(dyads) == 2
    assert joined(dyads) == []


def test_an_id_that_fits_several_is_asked_about(matched):
    with pytest.raises(DataError, match="id_match lets fit several ids") as found:
        matched("id,x\n42,1\n042,2\n", "id,x\n0042,1\n42,2\n", client=ALL)
    assert list(found.value.rows) == [2]


def test_ids_are_compared_within_their_role(matched):
    """Coach 042 and client 42 are two people."""
    link = '[[link]]\npath = "pairs.csv"\ncoach = "c"\nclient = "k"\n'
    dyads = matched(
        "id,x\n042,1\n",
        "id,x\n42,1\n",
        coach=ALL,
        client=ALL,
        who='person = "id"',
        link=link,
        pairs__csv="c,k\n042,42\n",
    )
    assert complete(dyads) == 1
    assert joined(dyads) == []


def test_partners_are_joined_with_the_key_file(matched):
    link = '[[link]]\npath = "pairs.csv"\ncoach = "c"\nclient = "k"\n'
    dyads = matched(
        "id,about,x\nC1,k01,1\nc1,K2,1\n",
        "id,about,x\nK01,C1,1\nK2,C1,1\n",
        coach=ALL,
        who='person = "id"\npartner = "about"',
        link=link,
        pairs__csv="c,k\nC1,K01\nC1,K2\n",
    )
    assert complete(dyads) == 2
    assert joined(dyads) == [
        ("coaches", 2, "'k01' in about is 'K01'"),
        ("coaches", 3, "'c1' in id is 'C1'"),
    ]


def test_ids_of_people_without_consent_are_not_listed(matched):
    dyads = matched(
        "id,x,ok\nP7,1,yes\nP8,1,yes\n",
        "id,x,ok\np7,1,no\nP8,1,yes\n",
        client=ALL,
        rest='[[consent]]\ncolumn = "ok"\ngranted = ["yes"]\n',
    )
    assert joined(dyads) == []
    assert "p7" not in dyads.exclusions.to_csv()


def test_a_withdrawal_reaches_ids_that_are_joined(matched):
    files = {"gone__csv": "who\nK01\n"}
    rest = '[[withdrawal]]\npath = "gone.csv"\nperson = "who"\n'
    dyads = matched(
        "pair,id,x\n1,C1,1\n2,C2,2\n",
        "pair,id,x\n1,k01,1\n2,K2,2\n",
        who='dyad = "pair"\nperson = "id"',
        client=ALL,
        rest=rest,
        **files,
    )
    assert dyads.exclusions["reason"].tolist() == ["withdrawn"]
    assert "k01" not in dyads.individual().to_csv()
