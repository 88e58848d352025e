"""Every kind of mistake in a study file: table, key, line, valid choices, the nearest one."""

from __future__ import annotations

import pytest

SOURCE_KEYS = (
    "path, name, layout, wave, wave_column, wave_values, role, role_column, role_values, dyad, "
    "person, partner, columns, slots, group, date, time, timezone, occasion, duration, language, "
    "missing, values, exclude, duplicates, id_match, sheet, delimiter, encoding, decimal, header"
)

UNKNOWN = {
    "a table": (
        ("[privacy]", "[privcy]"),
        "the file (line 36): unknown table 'privcy'. Did you mean 'privacy'? Valid here: schema, "
        "study, wave, source, link, scale, variable, consent, withdrawal, careless, privacy, "
        "analysis, report.",
    ),
    "a key of the study": (
        ("title", "titel"),
        "[study] (line 2): unknown key 'titel'. Did you mean 'title'? Valid here: title, roles, "
        "waves, time_unit, seed, alpha, orphans.",
    ),
    "a key of a source": (
        ('dyad = "pair"\n\n[scale', 'dyadd = "x"\ndyad = "pair"\n\n[scale'),
        "[source number 2] (line 19): unknown key 'dyadd'. Did you mean 'dyad'? Valid here: "
        f"{SOURCE_KEYS}.",
    ),
    "a key of a scale": (
        ("range = [1, 7]", 'range = [1, 7]\nrevers = ["tr1"]'),
        "[scale.trust] (line 24): unknown key 'revers'. Did you mean 'reverse'? Valid here: label, "
        "items, range, reverse, score, minimum_answered, roles, waves, level, about, version.",
    ),
    "a key of a version": (
        ('items = ["c1..c3"]', 'items = ["c1..c3"]\nwav = "t1"'),
        "[scale.trust.version number 1] (line 28): unknown key 'wav'. Did you mean 'wave'? Valid "
        "here: role, wave, items.",
    ),
    "a key of a variable": (
        ('column = "years"', 'column = "years"\ntyp = "count"'),
        "[variable.tenure] (line 31): unknown key 'typ'. Did you mean 'type'? Valid here: label, "
        "column, type, range, roles, waves, level.",
    ),
    "a key of a wave": (
        ("time = 4", "tme = 4\ntime = 4"),
        "[wave.t2] (line 7): unknown key 'tme'. Did you mean 'time'? Valid here: time.",
    ),
    "a key with nothing near": (
        ("minimum_dyads = 5", "minimum_dyads = 5\nxyz = 1"),
        "[privacy] (line 38): unknown key 'xyz'. Valid here: minimum_dyads, minimum_persons, "
        "export_data.",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown_keys_name_the_nearest(complaint, case):
    change, message = UNKNOWN[case]
    assert complaint(*change) == message


LAYOUTS = {
    "a loop without slots": ('layout = "loop"\ncolumns = "{item}_{slot}"', "needs slots"),
    "a loop without columns": ('layout = "loop"\nslots = ["1"]', "needs columns"),
    "a loop without partners": (
        'layout = "loop"\nslots = ["1"]\ncolumns = "{item}_{slot}"',
        'needs partner = "…{slot}…"',
    ),
    "a dyad without columns": ('layout = "dyad"', "needs columns"),
    "a dyad with a role": ('layout = "dyad"\ncolumns = "{item}_{role}"', "holds both roles"),
    "a pattern without items": (
        'layout = "loop"\nslots = ["1"]\npartner = "m{slot}"\nperson = "p"\ncolumns = "q_{slot}"',
        "must hold {item} once",
    ),
    "a place that is none": (
        'layout = "loop"\nslots = ["1"]\npartner = "m{slot}"\nperson = "p"\n'
        'columns = "{item}_{slot}_{day}"',
        "{day} stands for nothing",
    ),
    "slots for persons": ('slots = ["1"]', "slots says nothing about rows of single persons"),
    "a slot twice": ('layout = "loop"\nslots = ["1", "1"]', "1 stands here more than once"),
    "a partner and a code": ('partner = "c"\nperson = "p"', "either dyad"),
    "a partner without a person": ('partner = "c"', "partner needs person"),
    "a time zone without a time": ('timezone = "Europe/Rome"', "timezone needs time"),
    "a time zone that is none": ('time = "t"\ntimezone = "Europe/Rom"', "no time zone called"),
    "a word for id_match": ('id_match = ["zeros"]', "must be one of case, space, zero_pad"),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_layouts_say_what_they_need(complaint, case):
    keys, message = LAYOUTS[case]
    code = "" if "partner" in keys and "code" not in case else 'dyad = "pair"\n'
    said = complaint('dyad = "pair"\n\n[scale', f"{code}{keys}\n\n[scale")
    assert "[source number 2]" in said
    assert message in said


LINKS = {
    "an unknown role": ('coach = "a"\nclint = "b"', "unknown key 'clint'. Did you mean 'client'?"),
    "a role too few": ('coach = "a"', "the key 'client' is missing"),
    "two columns of a role": ('coach = ["a", "b"]\nclient = "c"', "names 2 columns"),
    "a number": ('coach = 1\nclient = "c"', "must name the column"),
    "no path": ("", "the key 'path' is missing"),
}


@pytest.mark.parametrize("case", LINKS)
def test_key_files_name_a_column_for_each_role(complaint, case):
    keys, message = LINKS[case]
    path = "" if case == "no path" else 'path = "pairs.csv"\n'
    assert message in complaint("[privacy]", f"[[link]]\n{path}{keys}\n\n[privacy]")


VALUES = {
    "a missing key": (
        ('dyad = "pair"\n\n[scale', "\n[scale"),
        '[source number 2] (line 15): does not say who belongs together: say dyad = "…" (the '
        'code both partners share), partner = "…" (the column that names the other one), or give a '
        "key file, [[link]].",
    ),
    "a missing range": (
        ("range = [1, 7]\n", ""),
        "[scale.trust] (line 21): the key 'range' is missing.",
    ),
    "one number for a range": (
        ("range = [1, 7]", "range = [1]"),
        "[scale.trust] (line 23): 'range' needs two numbers: the lowest and the highest possible "
        "answer.",
    ),
    "three numbers for a range": (
        ("range = [1, 7]", "range = [1, 4, 7]"),
        "[scale.trust] (line 23): 'range' has 3 numbers; it needs two, the lowest and the highest "
        "possible answer.",
    ),
    "a range backwards": (
        ("range = [1, 7]", "range = [7, 1]"),
        "[scale.trust] (line 21): range must run from the lowest to the highest possible answer.",
    ),
    "words for a range": (
        ("range = [1, 7]", 'range = ["low", "high"]'),
        "[scale.trust] (line 23): 'range' is \"low\"; it must be a number.",
    ),
    "an endless range": (
        ("range = [1, 7]", "range = [1, inf]"),
        "[scale.trust] (line 23): 'range' is Infinity; it must be a finite number.",
    ),
    "a text for a list": (
        ('items = ["tr1..tr3"]', 'items = "tr1..tr3"'),
        "[scale.trust] (line 22): 'items' is \"tr1..tr3\"; it must be a list: items = "
        '["tr1..tr3"].',
    ),
    "a number for a list": (
        ('roles = ["coach", "client"]', "roles = 2"),
        "[study] (line 3): 'roles' is 2; it must be a list: roles = [\"…\"].",
    ),
    "an empty list": (
        ('items = ["tr1..tr3"]', "items = []"),
        "[scale.trust] (line 22): 'items' must not be empty.",
    ),
    "an empty text": (
        ('path = "a.csv"', 'path = ""'),
        "[source number 1] (line 10): 'path' is empty.",
    ),
    "a blank column": (
        ('column = "years"', 'column = "  "'),
        "[variable.tenure] (line 30): 'column' is empty.",
    ),
    "a bad range of items": (
        ('items = ["tr1..tr3"]', 'items = ["tr3..tr1"]'),
        "[scale.trust] (line 22): 'items': the range 'tr3..tr1' runs backwards.",
    ),
    "three roles": (
        ('roles = ["coach", "client"]', 'roles = ["a", "b", "c"]'),
        "[study] (line 3): 'roles' names 3 roles; a dyad has two, or one when its members are "
        "exchangeable.",
    ),
    "a bad name": (
        ('roles = ["coach", "client"]', 'roles = ["coach", "the client"]'),
        "[study] (line 3): 'roles': 'the client' cannot be a name: use the letters A to Z, digits "
        "and underscores, a letter first.",
    ),
    "a word that is no choice": (
        ('column = "years"', 'column = "years"\ntype = "numbr"'),
        "[variable.tenure] (line 31): 'type' is \"numbr\"; it must be one of number, ordinal, "
        "category, count, date, text. Did you mean 'number'?",
    ),
    "a number that is no choice": (
        ('path = "a.csv"', 'path = "a.csv"\nheader = 4'),
        "[source number 1] (line 11): 'header' is 4; it must be one of 1, 2, 3.",
    ),
    "a format that is no choice": (
        ("", '[report]\nformats = ["html", "pdf"]\n'),
        "[report] (line 42): 'formats' is \"pdf\"; it must be one of html, docx.",
    ),
    "a long delimiter": (
        ('path = "a.csv"', 'path = "a.csv"\ndelimiter = "tab"'),
        "[source number 1] (line 11): 'delimiter' is \"tab\"; it must be one character, such as "
        '";" or "\\t" (tab).',
    ),
    "an unknown encoding": (
        ('path = "a.csv"', 'path = "a.csv"\nencoding = "utf-9"'),
        "[source number 1] (line 11): 'encoding': there is no text encoding called 'utf-9'; common "
        'ones are "utf-8", "cp1252" and "utf-16".',
    ),
    "a number out of bounds": (
        ('title = "T"', "alpha = 5"),
        "[study] (line 2): 'alpha' is 5; it must be below 1.",
    ),
    "a negative seed": (
        ('title = "T"', "seed = -1"),
        "[study] (line 2): 'seed' is -1; it must be at least 0.",
    ),
    "a broken number": (
        ("minimum_dyads = 5", "minimum_dyads = 2.5"),
        "[privacy] (line 37): 'minimum_dyads' is 2.5; it must be a whole number.",
    ),
    "a number for a text": (
        ('path = "a.csv"', "path = 1"),
        "[source number 1] (line 10): 'path' is 1; it must be text in quotation marks.",
    ),
    "a list for a switch": (
        ("minimum_dyads = 5", "export_data = [1]"),
        "[privacy] (line 37): 'export_data' is [1]; it must be true or false.",
    ),
    "a date for a code": (
        ('granted = ["yes"]', "granted = [2026-01-31]"),
        "[consent number 1] (line 34): 'granted' is 2026-01-31; it must be texts or numbers.",
    ),
    "a text for rules": (
        ('path = "a.csv"', 'path = "a.csv"\nexclude = "Status"'),
        "[source number 1] (line 11): 'exclude' is \"Status\"; it must look like exclude = { "
        'Status = ["Survey Preview"] }.',
    ),
    "a text for one rule": (
        ('path = "a.csv"', 'path = "a.csv"\nexclude = { Status = "x" }'),
        '[source number 1] (line 11): \'exclude\' is "x"; it must be a list: exclude = ["x"].',
    ),
    "a list for words": (
        ('path = "a.csv"', 'path = "a.csv"\nvalues = [1]'),
        "[source number 1] (line 11): 'values' is [1]; it must look like values = { Never = 1 }.",
    ),
    "a text for the words of roles": (
        ('role_column = "role"', 'role_column = "role"\nrole_values = "coach"'),
        '[source number 2] (line 18): \'role_values\' must look like role_values = { "1" = "…" }, '
        "file's word = declared role.",
    ),
    "role and role_column": (
        ('role_column = "role"', 'role_column = "role"\nrole = "coach"'),
        "[source number 2] (line 15): give either role (the whole file is one role) or "
        "role_column, not both.",
    ),
    "values without a column": (
        ('role = "coach"\nwave', 'role = "coach"\nrole_values = { x = "coach" }\nwave'),
        "[source number 1] (line 9): role_values needs role_column.",
    ),
    "a range of a text": (
        ('column = "years"', 'column = "years"\ntype = "text"\nrange = [1, 2]'),
        "[variable.tenure] (line 29): a text has no range.",
    ),
    "a schema of later": (
        ("[study]", "schema = 2\n[study]"),
        "the file (line 1): schema is 2; this version of dyadkit reads study files of schema 1.",
    ),
}


@pytest.mark.parametrize("case", VALUES)
def test_wrong_values_say_what_is_right(complaint, case):
    change, message = VALUES[case]
    assert complaint(*change) == message


SHAPES = {
    "single brackets for sources": (
        '[study]\nroles = ["a"]\n[source]\npath = "a.csv"\n',
        "the file (line 3): give it double square brackets, [[source]]: there can be several.",
    ),
    "double brackets for a scale": (
        '[study]\nroles = ["a"]\n[[source]]\npath = "a"\ndyad = "d"\n[[scale.trust]]\n',
        "[scale.trust] (line 6): it must be a table with single brackets: [scale.trust], its keys "
        "below.",
    ),
    "a scale without a name": (
        '[study]\nroles = ["a"]\n[[source]]\npath = "a"\ndyad = "d"\n[[scale]]\nitems = ["a"]\n',
        "the file (line 6): it must be written as tables with a name each, like [scale.…].",
    ),
    "single brackets for a version": (
        '[study]\nroles = ["a"]\n[[source]]\npath = "a"\ndyad = "d"\n[scale.x]\nitems = ["a"]\n'
        'range = [1, 2]\n[scale.x.version]\nitems = ["b"]\n',
        "[scale.x] (line 9): give it double square brackets, [[scale.x.version]]: there can be "
        "several.",
    ),
    "a number for the study": (
        'study = 1\n[[source]]\npath = "a"\ndyad = "d"\n',
        "the file (line 1): it must be a table: [study] on a line of its own, its keys below.",
    ),
    "no source": (
        'source = []\n[study]\nroles = ["a"]\n',
        "the file (line 1): 'source' must not be empty.",
    ),
}


@pytest.mark.parametrize("case", SHAPES)
def test_wrong_brackets_are_explained(complaint, case):
    text, message = SHAPES[case]
    assert complaint(text=text) == message


def test_an_empty_file_lacks_its_tables(complaint):
    assert complaint(text="\n") == (
        " has 2 problems:\n  - the file: the table [study] is missing.\n"
        "  - the file: the table [[source]] is missing."
    )


def test_several_mistakes_are_listed_at_once(complaint):
    text = (
        '[study]\nroles = ["a", "b"]\nwaves = "t1"\n[[source]]\npth = "a.csv"\ndyad = "d"\n'
        '[scale.x]\nitems = ["a..b"]\nrange = [1, "seven"]\n'
    )
    assert complaint(text=text).split("\n") == [
        " has 5 problems:",
        '  - [study] (line 3): \'waves\' is "t1"; it must be a list: waves = ["t1"].',
        "  - [source number 1] (line 4): the key 'path' is missing.",
        "  - [source number 1] (line 5): unknown key 'pth'. Did you mean 'path'? Valid here: "
        f"{SOURCE_KEYS}.",
        "  - [scale.x] (line 8): 'items': 'a..b' is no range of items; write it like 'tr1..tr5'.",
        "  - [scale.x] (line 9): 'range' is \"seven\"; it must be a number.",
    ]


def test_many_mistakes_are_cut(complaint):
    keys = "".join(f"key{number} = 1\n" for number in range(30))
    message = complaint(text=f'[study]\nroles = ["a"]\n{keys}[[source]]\npath = "a"\ndyad = "d"\n')
    assert message.startswith(" has 30 problems:\n")
    assert message.endswith("\n  - and 18 more")
    assert message.count("unknown key") == 12


def test_endless_words_are_cut(complaint):
    word = "x" * 5000
    message = complaint("minimum_dyads = 5", f"minimum_dyads = 5\n{word} = 1")
    assert len(message) < 300
    assert len(complaint('column = "years"', f'column = "years"\ntype = "{word}"')) < 300
    assert len(complaint('role = "coach"\nwave', f'role = "{word}"\nwave')) < 500
