"""Ids that look like others: shown, unless they are somebody's who refused or withdrew."""

from __future__ import annotations

import pytest

from dyadkit.loading.screening.inspection import inspect
from dyadkit.study import read_study

STUDY = """\
[study]
roles = ["mentor", "developee"]
[[link]]
path = "pairs.csv"
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
partner = "about"
[variable.x]
column = "x"
"""
FILES = {
    "pairs__csv": "m,d\nM1,D1\nM2,D2\n",
    "mentors__csv": "id,x\nM1,1\nM2,2\n",
    "developees__csv": "id,about,x\nD1,m1,1\nD2,M2,2\n",
}
WITHDRAWN = '[[withdrawal]]\npath = "gone.csv"\nperson = "who"\n'


@pytest.fixture
def found(write):
    def look(toml: str, **files: str) -> list[str]:
        return [finding.text for finding in inspect(read_study(write(toml, **files))).findings]

    return look


def test_an_id_like_one_in_the_key_file_is_shown(found):
    (text,) = found(STUDY, **FILES)
    assert "'m1' and 'M1' (case) (developees.csv row 2)" in text


def test_an_id_of_somebody_who_withdrew_is_not(found):
    assert found(STUDY + WITHDRAWN, **FILES, gone__csv="who\nM1\n") == []
    assert found(STUDY + WITHDRAWN, **FILES, gone__csv="who\nM2\n") != []


def test_long_codes_are_cut(found):
    toml = STUDY.partition("[[link]]")[0] + "".join(
        f'[[source]]\npath = "{role}s.csv"\nrole = "{role}"\ndyad = "id"\n'
        for role in ("mentor", "developee")
    )
    texts = found(
        f'{toml}[variable.x]\ncolumn = "x"\n',
        mentors__csv=f"id,x\n{'A' * 90},1\nB,2\n",
        developees__csv=f"id,x\n{'a' * 90},1\nB,2\n",
    )
    assert f"'{'A' * 23}…' and '{'a' * 23}…' (case)" in texts[0]


@pytest.mark.parametrize("place", range(4))
def test_codes_of_peers_are_compared_wherever_they_stand(loaded_peers, place):
    codes = ["P1", "X2", "Y3", "Z4", "W5"]
    codes.insert(place, "p1")
    assert loaded_peers(codes) == ["likely_dyads"]


@pytest.fixture
def loaded_peers(write):
    """Return what inspects peers who answered alone, and tells the kinds of findings."""

    def inspect_peers(codes):
        rows = "".join(f"{code},a{n},{n}\n" for n, code in enumerate(codes))
        path = write(
            '[study]\nroles = ["peer"]\norphans = "keep"\n[[source]]\npath = "p.csv"\n'
            'dyad = "pair"\nperson = "id"\n[variable.x]\ncolumn = "x"\n',
            p__csv=f"pair,id,x\n{rows}",
        )
        return [finding.kind for finding in inspect(read_study(path)).findings]

    return inspect_peers
