"""In what two parts of a study file may disagree."""

from __future__ import annotations

import pytest

CASES = {
    "a role of a source": (
        ('role = "coach"\nwave', 'role = "coch"\nwave'),
        "[source number 1] (line 11): unknown role 'coch'. Did you mean 'coach'? Declared: coach, "
        "client.",
    ),
    "a wave of a source": (
        ('wave = "t1"\n', 'wave = "t3"\n'),
        "[source number 1] (line 12): unknown wave 't3'. Declared: t1, t2.",
    ),
    "a role of role_values": (
        ('role_column = "role"', 'role_column = "role"\nrole_values = { c = "coach", x = "boss" }'),
        "[source number 2] (line 18): unknown role 'boss'. Declared: coach, client.",
    ),
    "a wave of wave_values": (
        ('wave_column = "wave"', 'wave_column = "wave"\nwave_values = { "1" = "t1", "2" = "T2" }'),
        "[source number 2] (line 19): unknown wave 'T2'. Did you mean 't2'? Declared: t1, t2.",
    ),
    "a wave with a time": (
        ("[wave.t2]", "[wave.t9]"),
        "[wave.t9] (line 6): unknown wave 't9'. Declared: t1, t2.",
    ),
    "times that fall": (
        ("[wave.t2]", "[wave.t1]\ntime = 5\n[wave.t2]"),
        "[study] (line 4): the waves' times must rise in the order of 'waves'.",
    ),
    "a role twice": (
        ('roles = ["coach", "client"]', 'roles = ["coach", "coach"]'),
        "[study] (line 3): the role 'coach' is named twice.",
    ),
    "a label twice": (
        ('waves = ["t1", "t2"]', 'waves = ["t1", "t2", "coach"]'),
        "[study] (line 4): 'coach' is both a role and a wave.",
    ),
    "no role": (
        ('role_column = "role"\n', ""),
        "[source number 2] (line 15): says neither role nor role_column, and the study has two "
        "roles.",
    ),
    "no wave": (
        ('wave_column = "wave"\n', ""),
        "[source number 2] (line 15): says neither wave nor wave_column, and the study has waves.",
    ),
    "two sources of one name": (
        ('path = "b.csv"', 'path = "x/a.csv"'),
        "[source number 2] (line 15): another source is called 'a.csv' too; give each a name of "
        'its own, name = "…".',
    ),
    "a role of a scale": (
        ("range = [1, 7]", 'range = [1, 7]\nroles = ["coach", "clint"]'),
        "[scale.trust] (line 24): unknown role 'clint'. Did you mean 'client'? Declared: coach, "
        "client.",
    ),
    "a wave of a variable": (
        ('column = "years"', 'column = "years"\nwaves = ["t"]'),
        "[variable.tenure] (line 31): unknown wave 't'. Did you mean 't2'? Declared: t1, t2.",
    ),
    "a role of a version": (
        ('role = "coach"\nitems', 'role = "boss"\nitems'),
        "[scale.trust.version number 1] (line 26): unknown role 'boss'. Declared: coach, client.",
    ),
    "a version for somebody else": (
        ("range = [1, 7]", 'range = [1, 7]\nroles = ["client"]'),
        "[scale.trust.version number 1] (line 27): the scale itself is not asked of role 'coach'.",
    ),
    "a scale and a variable of one name": (
        ("[variable.tenure]", "[variable.trust]"),
        "[variable.trust] (line 29): 'trust' is both a scale and a variable.",
    ),
    "a word of dyadkit's": (
        ("[variable.tenure]", "[variable.role]"),
        "[variable.role] (line 29): 'role' is a word dyadkit uses itself; choose another.",
    ),
    "a name in the table": (
        ('column = "years"', 'column = "years"\nname = "age"'),
        "[variable.tenure] (line 29): unknown key 'name': the name is the table's own title, "
        "'tenure'.",
    ),
    "a group without a column": (
        ('column = "years"', 'column = "years"\nlevel = "group"'),
        '[variable.tenure] (line 31): level = "group" needs group = "…" in a [[source]].',
    ),
    "an item that is a variable": (
        ("[variable.tenure]", "[variable.tr2]"),
        "[scale.trust] (line 22): 'tr2' is an item here and a scale or variable elsewhere.",
    ),
    "an item of dyadkit's": (
        ('items = ["tr1..tr3"]', 'items = ["tr1", "time", "tr3"]'),
        "[scale.trust] (line 22): 'time' is a word dyadkit uses itself. List another name in "
        "'items', and the columns as they are in a [[scale.…version]] without role and wave.",
    ),
    "an item with two ranges": (
        (
            "[variable.tenure]",
            '[scale.b]\nitems = ["tr1"]\nrange = [1, 5]\nroles = ["client"]\n[variable.tenure]',
        ),
        "[scale.b] (line 30): the item 'tr1' is also in the scale trust, with another range or "
        "level.",
    ),
    "an item of two columns": (
        ("[variable.tenure]", '[scale.b]\nitems = ["tr1"]\nrange = [1, 7]\n[variable.tenure]'),
        "[scale.b] (line 30): the item name 'tr1' stands for two columns (coach t1): 'c1' in the "
        "scale trust, 'tr1' here. Give one of the scales item names of its own.",
    ),
    "a source of a consent": (
        ('granted = ["yes"]', 'granted = ["yes"]\nsource = ["c.csv"]'),
        "[consent number 1] (line 35): unknown source 'c.csv'. Did you mean 'b.csv'? Declared: "
        "a.csv, b.csv.",
    ),
    "a consent of persons nobody knows": (
        ('granted = ["yes"]', 'granted = ["yes"]\nscope = "person"'),
        '[consent number 1] (line 35): scope = "person" needs to know who answered: say person = '
        '"…" in the [[source]] a.csv, b.csv.',
    ),
    "two analyses of one name": (
        ("", '[[analysis]]\ntype = "descriptives"\n'),
        "[analysis number 2] (line 41): another analysis is called 'descriptives' too; give each a "
        'name of its own, name = "…".',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_contradictions_are_named_with_their_place(complaint, case):
    change, message = CASES[case]
    assert complaint(*change) == message


HEAD = '[study]\nroles = ["coach", "client"]\n'
SOURCE = '[[source]]\npath = "{0}.csv"\n{1}dyad = "d"\n'
SCALE = '[scale.x]\nitems = ["i"]\nrange = [1, 7]\n'


def test_a_role_or_wave_without_a_source_is_named(complaint):
    text = HEAD + 'waves = ["t1", "t2"]\n' + SOURCE.format("a", 'role = "coach"\nwave = "t1"\n')
    assert complaint(text=text + SCALE) == (
        " has 2 problems:\n"
        "  - [study] (line 2): no [[source]] has the role 'client'.\n"
        "  - [study] (line 3): no [[source]] has the wave 't2'."
    )


def test_values_say_what_a_source_holds(complaint):
    text = HEAD + SOURCE.format("a", 'role_column = "r"\nrole_values = { "1" = "coach" }\n')
    assert complaint(text=text + SCALE) == "[study] (line 2): no [[source]] has the role 'client'."


def test_a_scale_that_nobody_was_asked_is_named(complaint):
    text = HEAD + 'waves = ["t1", "t2"]\n'
    text += SOURCE.format("a", 'role = "coach"\nwave = "t1"\n')
    text += SOURCE.format("b", 'role = "client"\nwave = "t2"\n')
    text += SCALE + 'roles = ["coach"]\nwaves = ["t2"]\n'
    assert complaint(text=text) == (
        "[scale.x] (line 14): is asked of a role and wave that no [[source]] has."
    )


def test_waves_need_to_be_declared(complaint):
    text = HEAD + SOURCE.format("a", 'role_column = "r"\nwave = "t1"\n') + SCALE
    assert complaint(text=text) == (
        "[source number 1] (line 6): unknown wave 't1'. [study] declares no waves."
    )
    text = HEAD + SOURCE.format("a", 'role_column = "r"\nwave_column = "w"\n') + SCALE
    assert complaint(text=text) == (
        "[source number 1] (line 6): wave_column needs waves = [...] in [study]."
    )


def test_withdrawals_need_to_know_who_answered(complaint):
    text = HEAD + SOURCE.format("a", 'role_column = "r"\n') + SCALE
    text += '[[withdrawal]]\npath = "w.csv"\nperson = "id"\nfrom_wave = "t1"\n'
    assert complaint(text=text) == (
        " has 2 problems:\n"
        '  - [source number 1] (line 3): needs person = "…", the column that says who answered: a '
        "[[withdrawal]] list names persons.\n"
        "  - [withdrawal number 1] (line 13): unknown wave 't1'. [study] declares no waves."
    )


def test_exchangeable_members_over_waves_need_ids(complaint):
    text = '[study]\nroles = ["peer"]\nwaves = ["t1", "t2"]\n'
    text += SOURCE.format("a", 'wave_column = "w"\n') + SCALE
    assert complaint(text=text).startswith(
        '[source number 1] (line 4): needs person = "…", the column that says who answered: with '
        "one role and several waves"
    )


def test_a_study_without_variables_is_no_study(complaint):
    text = HEAD + SOURCE.format("a", 'role_column = "r"\n')
    assert complaint(text=text) == (
        "the file: the study declares no [scale.…] and no [variable.…]."
    )


def test_what_is_no_contradiction(accepted):
    assert accepted("[wave.t2]\ntime = 4\n", "").wave_times == {}
    # A version for no role and wave in particular.
    shared = '[scale.b]\nitems = ["time_"]\nrange = [1, 7]\n[[scale.b.version]]\nitems = ["time"]\n'
    assert accepted("[variable.tenure]", shared + "[variable.tenure]").scales[1].columns(
        "coach", "t1"
    ) == ("time",)
    # An item in two scales of the same range and columns.
    again = '[scale.b]\nitems = ["tr1"]\nrange = [1, 7]\n[[scale.b.version]]\nrole = "coach"\n'
    assert accepted("[variable.tenure]", again + 'items = ["c1"]\n[variable.tenure]')


@pytest.mark.parametrize(
    ("roles", "key", "values", "message"),
    [
        ('["peer"]', 'dyad = "p"', '{ A = "peer" }', "are told apart by two words, e.g. { A ="),
        ('["peer"]', 'person = "i_{role}"', '{ A = "peer" }', "are told apart by two words"),
        ('["a", "b"]', 'person = "i_{role}"', '{ A = "a" }', "gives 'b' 0 words; a row that is"),
        (
            '["a", "b"]',
            'person = "i_{role}"',
            '{ A = "a", X = "a", B = "b" }',
            "gives 'a' 2 words; a row that is",
        ),
    ],
)
def test_rows_of_dyads_tell_two_members_apart(complaint, roles, key, values, message):
    text = f'[study]\nroles = {roles}\n[[source]]\npath = "a.csv"\nlayout = "dyad"\n{key}\n'
    text += f'columns = "{{item}}_{{role}}"\nrole_values = {values}\n{SCALE}'
    assert message in complaint(text=text)


def test_a_key_file_names_two_columns(complaint):
    text = HEAD + '[[link]]\npath = "k.csv"\ncoach = "id"\nclient = "id"\n'
    text += SOURCE.format("a", 'role_column = "r"\nperson = "id"\n') + SCALE
    assert complaint(text=text) == (
        "[link number 1] (line 3): the column 'id' is named for both members; name one for each."
    )
