"""What Qualtrics writes: previews, unfinished answers, and columns that identify people."""

from __future__ import annotations

import pytest

from dyadkit.loading.reading.files import read_file
from dyadkit.loading.reading.platforms import (
    identifying_columns,
    is_preview,
    preview_rows,
    unfinished_rows,
)
from dyadkit.study import Source


def source(**keys):
    return Source(path="a.csv", dyad="pair", **keys)


@pytest.fixture
def table(tmp_path):
    def make(columns, *rows, qualtrics=True):
        heads = [list(columns)]
        if qualtrics:
            heads += [[f"{name}?" for name in columns], ['{"ImportId":"x"}' for _ in columns]]
        path = tmp_path / "a.csv"
        lines = [
            ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
            for row in [*heads, *map(list, rows)]
        ]
        path.write_text("\n".join(lines), encoding="utf-8")
        return read_file(path, name="a", delimiter=",")

    return make


@pytest.mark.parametrize(
    "word",
    [
        *("Survey Preview", "survey preview", " Preview ", "Survey Test", "Umfragevorschau"),
        *("Offline Survey Preview", "Aperçu de l'enquête", "1", "2", "9", "17"),
    ],
)
def test_previews_are_recognised(word):
    assert is_preview(word)


@pytest.mark.parametrize("word", ["IP Address", "0", "4", "8", "16", "", "Imported", "Contest"])
def test_answers_are_no_previews(word):
    assert not is_preview(word)


def test_previews_are_marked_in_both_columns(table):
    rows = [
        ("Survey Preview", "preview"),
        ("IP Address", "anonymous"),
        ("IP Address", "preview"),
        ("0", "1"),
        ("1", "email"),
    ]
    made = table(("Status", "DistributionChannel"), *rows)
    assert preview_rows(made, source()).tolist() == [True, False, True, False, True]
    # A rule of one's own adds to the usual one; an empty rule switches it off.
    spam = source(exclude={"Status": ["Spam"]})
    assert preview_rows(made, spam).tolist() == [True, False, True, False, True]
    off = source(exclude={"Status": [], "DistributionChannel": []})
    assert not preview_rows(made, off).any()
    plain = table(("Status", "DistributionChannel"), *rows, qualtrics=False)
    assert not preview_rows(plain, source()).any()


def test_unfinished_answers_are_marked_in_any_language(table):
    words = ["True", "FALSE", "1", "0", "Wahr", "Falsch", "", "Faux", "Nein", "beinahe"]
    made = table(("Finished",), *[(word,) for word in words])
    unfinished, strange = unfinished_rows(made, source())
    assert [w for w, found in zip(words, unfinished, strict=True) if found] == [
        *("FALSE", "0", "Falsch", "Faux", "Nein")
    ]
    assert [w for w, found in zip(words, strange, strict=True) if found] == ["beinahe"]


def test_a_rule_of_ones_own_says_what_finished_means(table):
    made = table(("Finished",), ("beinahe",), ("False",), ("True",))
    unfinished, strange = unfinished_rows(made, source(exclude={"Finished": ["beinahe"]}))
    assert unfinished.tolist() == [False, True, False]
    assert not strange.any()
    kept, strange = unfinished_rows(made, source(exclude={"Finished": []}))
    assert not kept.any()
    assert not strange.any()


@pytest.mark.parametrize(
    "name",
    [
        *("RecipientLastName", "RecipientFirstName", "RecipientEmail", "IPAddress", "IP", "Name"),
        *("LocationLatitude", "LocationLongitude", "ExternalReference", "E-Mail", "email address"),
        *("First name", "Nachname", "Vorname", "full_name", "Phone", "Telefon", "City", "PLZ"),
        *("E-Mail-Adresse", "your e-mail", "latitude", "Postleitzahl", "Mobile number"),
    ],
)
def test_identifying_columns_are_recognised(table, name):
    assert identifying_columns(table((name, "t1"), ("x", "4"))) == [name]


@pytest.mark.parametrize(
    "name",
    [
        *("pair", "t1", "named", "Status", "age", "format", "rename", "Duration (in seconds)"),
        *("UserLanguage", "id", "client_id", "unit", "latent1", "ipsative", "comment"),
    ],
)
def test_other_columns_are_not(table, name):
    assert identifying_columns(table((name, "x1"), ("x", "4"))) == []
