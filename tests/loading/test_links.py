"""Key files: pairs, gaps, clashes and circles."""

from __future__ import annotations

import pytest

from dyadkit.errors import DataError
from dyadkit.loading import load
from dyadkit.study import read_study

STUDY = """\
[study]
roles = ["mentor", "developee"]
orphans = "keep"

[[link]]
path = "pairs.csv"
{dyad}
mentor = "m"
developee = "d"

[[source]]
path = "mentors.csv"
role = "mentor"
person = "id"

[[source]]
path = "developees.csv"
role = "developee"
person = "id"

[variable.x]
column = "x"
"""
MENTORS = "id,x\nM1,1\nM2,2\nM3,3\n"
DEVELOPEES = "id,x\nD1,1\nD2,2\nD3,3\n"


@pytest.fixture
def linked(loaded):
    """Return what loads three mentors and three developees with a key file."""

    def load_linked(pairs: str, dyad: str = 'dyad = "pair"'):
        return loaded(
            STUDY.format(dyad=dyad),
            pairs__csv=pairs,
            mentors__csv=MENTORS,
            developees__csv=DEVELOPEES,
        )

    return load_linked


def reasons(dyads) -> dict[tuple[str, int], str]:
    ledger = dyads.exclusions
    return {(s, int(r)): why for s, r, why in ledger[["source", "row", "reason"]].to_numpy()}


def test_codes_are_those_of_the_key_file(linked):
    dyads = linked("pair,m,d\nA,M1,D1\nB,M2,D2\nC,M3,D3\n")
    assert dyads.wide(["x"])["dyad"].tolist() == ["A", "B", "C"]
    assert reasons(dyads) == {}


def test_without_codes_a_pair_is_called_by_its_ids(linked):
    dyads = linked("m,d\nM1,D1\nM2,D2\nM3,D3\n", dyad="")
    assert dyads.wide(["x"])["dyad"].tolist() == ["M1+D1", "M2+D2", "M3+D3"]


def test_the_mark_between_ids_stands_in_none_of_them(loaded):
    dyads = loaded(
        STUDY.format(dyad=""),
        pairs__csv="m,d\na+b,c\na,b+c\n",
        mentors__csv="id,x\na+b,1\na,2\n",
        developees__csv="id,x\nc,1\nb+c,2\n",
    )
    assert dyads.wide(["x"])["dyad"].tolist() == ["a++b+c", "a+b++c"]


def test_who_is_in_no_pair_is_left_out_and_listed(linked):
    dyads = linked("pair,m,d\nA,M1,D1\nB,M2,D2\n")
    assert reasons(dyads) == {
        ("mentors.csv", 4): "not_linked",
        ("developees.csv", 4): "not_linked",
    }


def test_gaps_are_counted_with_their_rows(linked):
    dyads = linked("pair,m,d\nA,M1,D1\nB,,D2\n,M3,D3\n,,\nD,M2,D2\n")
    assert dyads.n_dyads == 2
    assert dyads.notes == (
        "pairs.csv: 2 rows of the key file lack an id or a code, and link nobody.",
    )


def test_the_same_pair_twice_is_one_pair(linked):
    dyads = linked("pair,m,d\nA,M1,D1\nA,M1,D1\nB,M2,D2\n")
    assert dyads.n_dyads == 2


@pytest.mark.parametrize(
    ("pairs", "message", "rows"),
    [
        ("pair,m,d\nA,M1,D1\nA,M2,D2\n", "the same code as another pair", (2, 3)),
        ("pair,m,d\nA,M1,D1\nB,M1,D1\nC,M2,D2\n", "a pair that stands there with another", (2, 3)),
        ("pair,m,d\nA,M1,M1\nB,M2,D2\n", "an id with itself", (2,)),
    ],
)
def test_clashes_are_refused_with_their_rows(linked, pairs, message, rows):
    with pytest.raises(DataError, match=message) as found:
        linked(pairs)
    assert tuple(found.value.rows) == rows


def test_a_pair_with_and_without_a_code_is_one_pair(loaded):
    toml = STUDY.format(dyad='dyad = "pair"')
    again = '[[link]]\npath = "more.csv"\nmentor = "m"\ndevelopee = "d"\n\n[[source]]'
    dyads = loaded(
        toml.replace("[[source]]", again, 1),
        pairs__csv="pair,m,d\nM2+D2,M1,D1\n",
        more__csv="m,d\nM1,D1\nM2,D2\n",
        mentors__csv=MENTORS,
        developees__csv=DEVELOPEES,
    )
    # The code of the first pair is no name for the second one.
    assert dyads.wide(["x"])["dyad"].tolist() == ["M2++D2", "M2+D2"]
    assert dyads.wide(["x"])["x_mentor"].tolist() == [2, 1]


def test_codes_here_and_ids_there_are_never_one_dyad(loaded):
    dyads = loaded(
        STUDY.format(dyad="").replace('person = "id"', 'person = "id"\ndyad = "pair"', 1),
        pairs__csv="m,d\nM1,D1\n",
        mentors__csv="pair,id,x\nA,M1,1\n",
        developees__csv="id,x\nD1,1\n",
    )
    assert dyads.n_dyads == 2
    assert dyads.notes[0].startswith("Dyads are known by a code in mentors.csv and by the ids of")


def test_circles_are_noted(loaded):
    dyads = loaded(
        STUDY.format(dyad='dyad = "pair"'),
        pairs__csv="pair,m,d\nA,P1,P2\nB,P2,P3\nC,P3,P1\nD,P4,P5\n",
        mentors__csv="id,x\nP1,1\nP2,2\nP3,3\nP4,4\n",
        developees__csv="id,x\nP1,1\nP2,2\nP3,3\nP5,4\n",
    )
    assert dyads.n_dyads == 4
    assert "goes round in circles in 3 rows:" in dyads.notes[0]


def test_a_key_file_that_lacks_a_column_says_so(linked):
    with pytest.raises(DataError, match=r"pairs.csv lacks 1 column .*'m' \(link\)"):
        linked("pair,mentor,d\nA,M1,D1\n")


def test_partners_who_share_a_role(loaded):
    dyads = loaded(
        '[study]\nroles = ["peer"]\n[[link]]\npath = "pairs.csv"\npeer = ["a", "b"]\n'
        '[[source]]\npath = "peers.csv"\nperson = "id"\n[variable.x]\ncolumn = "x"\n',
        pairs__csv="a,b\np2,p1\np3,p4\n",
        peers__csv="id,x\np1,1\np2,2\np3,3\np4,4\n",
    )
    wide = dyads.wide(["x"])
    assert wide["dyad"].tolist() == ["p1+p2", "p3+p4"]
    assert wide[["x_1", "x_2"]].to_numpy().tolist() == [[1, 2], [3, 4]]


def test_key_files_are_among_the_files_of_a_study(write):
    path = write(
        STUDY.format(dyad=""),
        pairs__csv="m,d\nM1,D1\n",
        mentors__csv=MENTORS,
        developees__csv=DEVELOPEES,
    )
    study = read_study(path)
    assert path.parent / "pairs.csv" in study.files
    assert load(study).n_dyads == 1
