"""Nothing of the id of somebody who refused or withdrew is left in a partner's rows."""

from __future__ import annotations

import json

import pytest

from dyadkit.loading.screening.inspection import inspect
from dyadkit.loading.screening.inspection_json import inspection_data
from dyadkit.loading.screening.listing import list_inspection
from dyadkit.study import read_study

NAMED = """\
[study]
roles = ["mentor", "developee"]
orphans = "{orphans}"

[[source]]
path = "all.csv"
role_column = "role"
person = "id"
partner = "about"
{source}

[variable.x]
column = "x"
{rest}
"""
CONSENT = '[[consent]]\ncolumn = "ok"\ngranted = ["yes"]\nscope = "person"\n'
WITHDRAWN = '[[withdrawal]]\npath = "gone.csv"\nperson = "who"\n'
ROWS = """\
role,id,about,x,ok
mentor,SECRET1,D1,1,{ok}
mentor,SECRET1,D2,2,{ok}
mentor,M2,D3,3,yes
developee,D1,SECRET1,4,yes
developee,D2,secret1,5,yes
developee,D3,M2,6,yes
"""


def everything(path) -> str:
    found = inspect(read_study(path))
    frame = found.frame
    parts = [
        list_inspection(found),
        json.dumps(inspection_data(found)),
        frame.exclusions.to_csv(),
        frame.individual().to_csv(),
        frame.wide().to_csv(),
        frame.pairwise().to_csv(),
        *frame.notes,
    ]
    return "\n".join(parts)


@pytest.mark.parametrize("orphans", ["keep", "exclude"])
@pytest.mark.parametrize(("ok", "rest"), [("no", CONSENT), ("yes", WITHDRAWN)])
def test_dyads_lose_the_id_of_who_is_gone(write, orphans, ok, rest):
    path = write(
        NAMED.format(orphans=orphans, source='id_match = ["case"]', rest=rest),
        all__csv=ROWS.format(ok=ok),
        gone__csv="who\nSECRET1\n",
    )
    assert "secret1" not in everything(path).casefold()
    frame = inspect(read_study(path)).frame
    kept = frame.wide(["x"]).set_index("dyad")["x_developee"].to_dict()
    stays = orphans == "keep" or rest == WITHDRAWN
    assert kept == ({"…+D1": 4, "…+D2": 5, "M2+D3": 6} if stays else {"M2+D3": 6})


def test_a_person_with_rows_that_may_be_used_keeps_the_name(write):
    text = ROWS.format(ok="yes").replace("D2,2,yes", "D2,2,no")
    rest = CONSENT.replace('scope = "person"', 'scope = "wave"')
    path = write(NAMED.format(orphans="keep", source="", rest=rest), all__csv=text)
    dyads = inspect(read_study(path)).frame.wide()["dyad"].tolist()
    assert "SECRET1+D1" in dyads


def test_a_code_of_the_key_file_stays(write):
    path = write(
        NAMED.format(
            orphans="keep",
            source='id_match = ["case"]',
            rest=CONSENT + '[[link]]\npath = "pairs.csv"\ndyad = "code"\nmentor = "m"\n'
            'developee = "d"\n',
        ),
        all__csv=ROWS.format(ok="no"),
        pairs__csv="code,m,d\nA,SECRET1,D1\nB,SECRET1,D2\nC,M2,D3\n",
    )
    assert inspect(read_study(path)).frame.wide()["dyad"].tolist() == ["A", "B", "C"]
    assert "secret1" not in everything(path).casefold()


def test_two_of_the_same_partner_are_told_apart(write):
    rows = "role,id,about,x,ok\nmentor,S1,D1,1,no\nmentor,S2,D1,1,no\ndevelopee,D1,S1,2,yes\n"
    path = write(
        NAMED.format(orphans="keep", source="", rest=CONSENT + ""),
        all__csv=rows + "developee,D1,S2,2,yes\nmentor,M3,D4,1,yes\ndevelopee,D4,M3,1,yes\n",
    )
    dyads = inspect(read_study(path)).frame.wide()["dyad"].tolist()
    assert sorted(dyads) == ["M3+D4", "…+D1", "…+D1 (2)"]


def test_who_only_withdrew_from_a_later_wave_makes_no_one_sided_dyad(loaded):
    toml = (
        '[study]\nroles = ["coach", "client"]\nwaves = ["w1", "w2"]\n[[source]]\npath = "a.csv"\n'
        'role_column = "role"\nwave_column = "wave"\ndyad = "pair"\nperson = "id"\n'
        '[variable.x]\ncolumn = "x"\n[[withdrawal]]\npath = "gone.csv"\nperson = "who"\n'
        'from_wave = "w2"\n'
    )
    rows = "role,wave,pair,id,x\ncoach,w1,P1,C1,1\ncoach,w2,P1,C1,1\n"
    both = "coach,w1,P2,C2,1\nclient,w1,P2,K2,1\n"
    dyads = loaded(toml, a__csv=rows + both, gone__csv="who\nC1\n")
    assert dyads.exclusions["reason"].tolist() == ["orphan", "withdrawn"]


def test_a_missing_group_is_no_group(loaded):
    dyads = loaded(
        '[study]\nroles = ["a", "b"]\n[[source]]\npath = "x.csv"\nrole_column = "role"\n'
        'dyad = "pair"\ngroup = "team"\n[variable.c]\ncolumn = "c"\nlevel = "group"\n',
        x__csv="role,pair,team,c\na,P1,,1\nb,P1,,1\na,P2,,2\nb,P2,,2\n",
    )
    assert dyads.individual()["group"].isna().all()
    assert dyads.answers("c")["value"].tolist() == [1, 2]


@pytest.mark.parametrize("first", ["t1", "t2"])
def test_the_order_of_the_sources_decides_nothing(write, first):
    """M1 refused in one wave and may be shown in the other: the name stays either way."""
    waves = (first, "t2" if first == "t1" else "t1")
    toml = '[study]\nroles = ["mentor", "developee"]\nwaves = ["t1", "t2"]\norphans = "keep"\n'
    for wave in waves:
        toml += f'[[source]]\npath = "{wave}.csv"\nwave = "{wave}"\nrole_column = "role"\n'
        toml += 'person = "id"\npartner = "about"\n'
    toml += '[variable.x]\ncolumn = "x"\n' + CONSENT.replace('"person"', '"wave"')
    rows = "role,id,about,x,ok\nmentor,M1,D1,1,{}\ndevelopee,D1,M1,2,yes\n"
    path = write(toml, t1__csv=rows.format("yes"), t2__csv=rows.format("no"))
    assert inspect(read_study(path)).frame.wide()["dyad"].tolist() == ["M1+D1"]
