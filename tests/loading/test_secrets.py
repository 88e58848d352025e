"""Nothing of a person who refused or withdrew goes on: not an id, not an answer, not a row."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest

from dyadkit.errors import DataError
from dyadkit.loading.screening.listing import list_findings

COLUMNS = (
    "role",
    "wave",
    "pair",
    "id",
    "team",
    "ok",
    "Finished",
    "t1",
    "t2",
    "age",
    "born",
    "said",
)
STUDY = """\
[study]
roles = ["coach", "client"]
waves = ["w1", "w2"]
[[source]]
path = "all.csv"
name = "all"
role_column = "role"
wave_column = "wave"
dyad = "pair"
person = "id"
group = "team"
exclude = {{ age = ["17"] }}
duplicates = "{duplicates}"
{source}
[[consent]]
column = "ok"
granted = ["yes"]
scope = "person"
[[withdrawal]]
path = "out.csv"
person = "id"
partner = "{partner}"
[scale.trust]
items = ["t1", "t2"]
range = [1, 7]
[variable.age]
column = "age"
[variable.born]
column = "born"
type = "date"
[variable.said]
column = "said"
type = "category"
"""


def row(role, wave, pair, person, **cells):
    usual = dict.fromkeys(COLUMNS, "")
    usual |= {"ok": "yes", "Finished": "1", "t1": "3", "t2": "4", "team": "T1", "said": "hello"}
    return {**usual, "role": role, "wave": wave, "pair": pair, "id": person, **cells}


GOOD = [
    row(role, wave, pair, person)
    for pair, coach, client in (("P1", "a", "A"), ("P2", "b", "B"), ("P3", "c", "C"))
    for role, person in (("coach", coach), ("client", client))
    for wave in ("w1", "w2")
]
NUMBER = "987654321"
WORD = "ZZSECRETZZ"


def secret(**cells):
    """Return a row in which every cell that may be is a word or number that stands nowhere else."""
    words = {name: f"{WORD}{name}" for name in ("pair", "id", "team", "said")}
    numbers = {"t1": NUMBER, "t2": NUMBER, "age": NUMBER, "born": f"{WORD}born"}
    return row(**{"role": "client", "wave": "w1", **words, "person": "", **numbers, **cells})


SECRETS = {
    "refused": [secret(ok=f"{WORD}no")],
    "refused twice": [secret(ok="no"), secret(ok="no")],
    "refused in another wave": [secret(wave="w2", ok="no"), secret(t1=f"{WORD}text")],
    "never asked": [secret(ok="")],
    "stopped before consent": [secret(ok="", Finished="0")],
    "strange word for finished": [secret(ok="no", Finished=f"{WORD}finished")],
    "unknown role": [secret(ok="no", role=f"{WORD}role"), secret(ok="no", wave=f"{WORD}wave")],
    "partner of somebody": [secret(ok="no", pair="P1")],
    "withdrew": [secret(id=f"{WORD}out")],
    "withdrew and answered twice": [secret(id=f"{WORD}out"), secret(id=f"{WORD}out", t1="2")],
    "withdrew and is odd": [
        secret(id=f"{WORD}out", role=f"{WORD}role", Finished=f"{WORD}x"),
        secret(id=f"{WORD}out", wave=f"{WORD}wave", pair=""),
        secret(id=f"{WORD}out", pair="P2", wave="w2", t1="4,5"),
    ],
    "withdrew and is excluded": [secret(id=f"{WORD}out", age="17")],
}


def as_csv(rows, columns=COLUMNS):
    lines = [columns, [f"{name}?" for name in columns], ['{"ImportId":"x"}'] * len(columns)]
    lines += [[one[name] for name in columns] for one in rows]
    return "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in line) for line in lines)


@pytest.fixture
def load_with(loaded):
    def load_rows(rows, duplicates="first_complete", partner="keep", source="", columns=COLUMNS):
        toml = STUDY.format(duplicates=duplicates, partner=partner, source=source)
        return loaded(toml, all__csv=as_csv(rows, columns), out__csv=f"id\n{WORD}out\n")

    return load_rows


def everything(dyads) -> bytes:
    """Gather all that a frame says of itself, and its pickled bytes."""
    shown = [
        *(repr(dyads), str(dyads), dyads._repr_html_(), list_findings(dyads), *dyads.notes),
        *(repr(variable) for variable in dyads.variables.values()),
    ]
    tables = [
        *(dyads.exclusions, dyads.flow(), dyads.pairing(), dyads.individual(), dyads.wide()),
        dyads.pairwise(),
    ]
    shown += [table.to_csv() for table in tables]
    return "\n".join(shown).encode() + pickle.dumps(dyads) + pickle.dumps(tables)


@pytest.fixture(params=["python", "pyarrow"])
def storage(request):
    """Hold texts as each of pandas' two ways does; they leave different bytes behind."""
    with pd.option_context("mode.string_storage", request.param):
        yield


ALL = [one for story in SECRETS.values() for one in story]


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize("partner", ["keep", "drop_dyad"])
@pytest.mark.parametrize("place", [0, 5, len(GOOD)])
def test_nothing_of_all_of_them_reaches_the_frame(load_with, place, partner):
    check(load_with([*GOOD[:place], *ALL, *GOOD[place:]], partner=partner), ALL)


@pytest.mark.parametrize("story", SECRETS)
def test_nothing_of_them_reaches_the_frame(load_with, story):
    check(load_with([*GOOD[:5], *SECRETS[story], *GOOD[5:]]), SECRETS[story])


def check(dyads, hidden):
    found = everything(dyads)
    assert WORD.encode() not in found
    assert NUMBER.encode() not in found
    # Nor as a float: the pattern of bytes of the number.
    assert pd.Series([float(NUMBER)]).to_numpy().tobytes() not in found
    ledger = dyads.exclusions
    anonymous = ledger[ledger["row"].isna()]
    assert len(anonymous) >= len(hidden)
    assert anonymous[["row", "person", "dyad", "detail"]].isna().all(axis=None)
    flow = dyads.flow()
    assert flow.loc[flow["step"] == "read", "n"].sum() == len(GOOD) + len(hidden)
    assert flow.loc[flow["step"] == "kept", "n"].sum() == len(dyads.individual())


def test_the_sentinels_would_be_found(load_with):
    """The check above can fail: the same rows with consent are all over the frame."""
    hidden = [secret(pair="P9", born="2026-01-31", age="30", t1="5", t2="6", said=f"{WORD}said")]
    hidden.append({**hidden[0], "role": "coach", "id": f"{WORD}coach"})
    found = everything(load_with([*GOOD, *hidden]))
    assert found.count(f"{WORD}said".encode()) > 3
    assert found.count(f"{WORD}coach".encode()) > 3


# Errors that others cause name nothing of theirs.

TROUBLE = {
    "a text in a number": row("client", "w1", "P1", "A", t1="often"),
    "a word for finished": row("client", "w1", "P8", "H", Finished="beinahe"),
    "a decimal comma and a point": row("client", "w1", "P8", "H", age="4,5"),
    "a date": row("client", "w1", "P8", "H", born="31.1.2026"),
    "a duplicate": row("client", "w1", "P2", "B", t1="1"),
    "a contradiction": row("client", "w1", "P8", "A", t1="1"),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_no_error_shows_anything_of_them(load_with, trouble):
    rows = [TROUBLE[trouble], *ALL, row("coach", "w1", "P8", "h", age="4.5"), *GOOD]
    with pytest.raises(DataError) as found:
        load_with(rows, duplicates="error")
    message = str(found.value)
    assert WORD not in message
    assert NUMBER not in message
    # Rows 5 and on are theirs: the first row below the three headers is the troublesome one.
    theirs = set(range(5, 5 + len(ALL)))
    assert found.value.rows
    assert not theirs & set(found.value.rows)


@pytest.mark.parametrize("story", SECRETS)
def test_their_own_mistakes_are_nobodys_concern(load_with, story):
    """A refused row may be as broken as it likes: nobody may look at it."""
    broken = [{**one, "t1": "x", "t2": "4,5", "born": "never"} for one in SECRETS[story]]
    dyads = load_with([*broken, *broken, *GOOD], duplicates="error")
    assert dyads.n_dyads == 3


def test_a_refused_row_that_is_too_long_is_nobodys_concern(loaded):
    text = as_csv([*GOOD, secret(ok="no")]) + f',"{WORD}more"'
    toml = STUDY.format(duplicates="error", partner="keep", source="")
    dyads = loaded(toml, all__csv=text, out__csv="id\n")
    assert WORD.encode() not in everything(dyads)
    with pytest.raises(DataError, match="1 row has more cells than the header") as found:
        loaded(toml, all__csv=as_csv(GOOD) + ',"more"', out__csv="id\n")
    assert found.value.rows == (len(GOOD) + 3,)


@pytest.mark.parametrize("missing", ["t1", "said"])
def test_a_missing_column_shows_names_of_columns_only(load_with, missing):
    with pytest.raises(DataError) as found:
        load_with([*SECRETS["withdrew"], *GOOD], columns=tuple(c for c in COLUMNS if c != missing))
    assert WORD not in str(found.value)
    assert missing in str(found.value)


def test_their_place_in_the_file_is_hidden_too(load_with, entries):
    """The order of the ledger does not tell between which rows theirs stood."""
    hidden = secret(ok="no")
    blank = dict.fromkeys(COLUMNS, "")
    first = load_with([hidden, blank, *GOOD])
    last = load_with([blank, *GOOD, hidden])
    assert entries(first) == [("all", 5, "blank"), ("all", None, "no_consent")]
    assert entries(last) == [("all", 4, "blank"), ("all", None, "no_consent")]
