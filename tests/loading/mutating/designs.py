"""Studies made by hand in the other layouts: dyads, loops, partners by name, peers."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.loading.mutating.small import (
    CONSENT,
    ITEMS,
    SECRET,
    TRUST,
    WITHDRAWAL,
    some_codes,
    two_files,
)
from tests.loading.mutating.study import Field, Link, Source, Study
from tests.loading.mutating.tables import Manner, Table


def dyad_rows() -> Study:
    """Make a study with a row for each dyad, which holds both roles and both waves."""
    chance = random.Random(7)
    parts = tuple({"role": r, "wave": w} for r in ("coach", "client") for w in ("t1", "t2"))
    spelt = [f"{item}_{part['role']}_{part['wave']}" for part in parts for item in ITEMS]
    rows = []
    for n in range(1, 15):
        codes = some_codes(chance, 12)
        if n in (3, 8):
            codes[6:] = [""] * 6
        rows.append((f"P{100 + n}", "yes", "yes", chance.choice(["mixed", "video"]), *codes))
    rows[4] = (*rows[4][:2], "no", *rows[4][3:10], *[f"{SECRET}{n}" for n in range(20, 26)])
    rows[5] = (*rows[5][:7], "9", *rows[5][8:])
    rows.insert(3, ("P130", "yes", "yes", "video", *[""] * 12))
    rows.insert(9, ())
    names = ("pair", "consent_coach", "consent_client", "format", *spelt)
    table = Table(names, tuple(rows), numeric=frozenset(spelt))
    fields = (
        *(Field(item, f"{item}_{{role}}_{{wave}}", range=(1, 7)) for item in ITEMS),
        Field("format", "format", "category"),
    )
    place = {"dyad": "pair", "consent": "consent_{role}", "parts": parts}
    toml = (
        '[study]\nroles = ["coach", "client"]\nwaves = ["t1", "t2"]\n[[source]]\n'
        'path = "dyads.csv"\nname = "dyads"\nlayout = "dyad"\ndyad = "pair"\n'
        'columns = "{item}_{role}_{wave}"\nmissing = [-99]\nduplicates = "first_complete"\n'
        '[[consent]]\ncolumn = "consent_{role}"\ngranted = ["yes", "ja"]\n'
        f'{TRUST}[variable.format]\ncolumn = "format"\ntype = "category"\nlevel = "dyad"\n'
    )
    source = Source("dyads", "dyads.csv", fields, **place)
    return Study(toml, {"dyads.csv": table}, {}, (source,), ("t1", "t2"))


def loop() -> Study:
    """Make a study whose mentors answer about up to three developees in a row; a key file links."""
    chance = random.Random(8)
    pairs, mentors, developees = [], [], []
    for n in range(1, 10):
        mine = [f"00{10 * n + k}D" for k in range(1 + n % 3)]
        pairs += [(f"P{one[2:4]}", f"M{n}", one) for one in mine]
        for wave in ("1", "2"):
            slots = [[one, *some_codes(chance)] for one in mine]
            slots += [[""] * 4] * (3 - len(mine))
            cells = [cell for slot in slots for cell in slot]
            mentors.append((f"M{n}", wave, "no" if n == 7 else "yes", str(n + 3), *cells))
            for one in mine:
                developees.append((one, wave, "yes", *some_codes(chance)))
    mentors[2] = (*mentors[2][:4], "9 D", *mentors[2][5:])
    mentors[12] = (*mentors[12][:5], f"{SECRET}31", f"{SECRET}32", *mentors[12][7:])
    developees[4] = (developees[4][0].lower().lstrip("0"), *developees[4][1:])
    developees[9] = (*developees[9][:2], "", f"{SECRET}33", *developees[9][4:])
    mentors.insert(5, ())
    developees.insert(5, ("", "1", "yes", "1", "2", "3"))
    slots = ("1", "2", "3")
    spelt = [name.format(n) for n in slots for name in ("m{}_id", "tr1_{}", "tr2_{}", "tr3_{}")]
    tables = {
        "mentors.xlsx": Table(
            ("mentor_id", "wave", "consent", "tenure", *spelt),
            tuple(mentors),
            Manner("xlsx"),
            numeric=frozenset({"wave", "tenure", *spelt} - {f"m{n}_id" for n in slots}),
        ),
        "developees.csv": Table(("dev_id", "wave", "consent", *ITEMS), tuple(developees)),
        "pairs.csv": Table(("pair", "mentor_id", "dev_id"), tuple(pairs)),
        "withdrawn.csv": Table(("id",), (("0052D",), ("X9",))),
    }
    about = (
        'wave_column = "wave"\nwave_values = { "1" = "t1", "2" = "t2" }\nmissing = [-99]\n'
        'id_match = ["case", "space", "zero_pad"]\nduplicates = "first_complete"\n'
    )
    toml = (
        '[study]\nroles = ["mentor", "developee"]\nwaves = ["t1", "t2"]\n'
        '[[link]]\npath = "pairs.csv"\ndyad = "pair"\nmentor = "mentor_id"\n'
        'developee = "dev_id"\n[[source]]\npath = "mentors.xlsx"\nname = "mentors"\n'
        'layout = "loop"\nrole = "mentor"\nperson = "mentor_id"\nslots = ["1", "2", "3"]\n'
        f'partner = "m{{slot}}_id"\ncolumns = "{{item}}_{{slot}}"\n{about}'
        '[[source]]\npath = "developees.csv"\nname = "developees"\nrole = "developee"\n'
        f'person = "dev_id"\n{about}{CONSENT}{WITHDRAWAL}from_wave = "t2"\n'
        f'{TRUST}level = "relationship"\n[variable.tenure]\ncolumn = "tenure"\n'
        'roles = ["mentor"]\n'
    )
    waves = {"1": "t1", "2": "t2"}
    place = {"wave_column": "wave", "wave_words": waves, "consent": "consent"}
    rated = tuple(Field(item, f"{item}_{{slot}}", range=(1, 7)) for item in ITEMS)
    sources = (
        Source(
            *("mentors", "mentors.xlsx", (*rated, Field("tenure", "tenure")), "mentor"),
            **{"person": "mentor_id", "partner": "m{slot}_id", **place},
            parts=tuple({"slot": slot} for slot in slots),
        ),
        Source(
            *("developees", "developees.csv", tuple(Field(i, i, range=(1, 7)) for i in ITEMS)),
            **{"role": "developee", "person": "dev_id", **place},
        ),
    )
    people = {"mentor": "mentor_id", "developee": "dev_id"}
    return Study(
        *(toml, tables, {}, sources, ("t1", "t2")),
        **{"withdrawn": "withdrawn.csv", "withdrawn_from": "t2", "loosely": True},
        link=Link("pairs.csv", "pair", people),
    )


def partner() -> Study:
    """Make a study whose rows name their partner, in place of a code."""
    plain = two_files("csv", Manner(), Manner())
    tables, sources, toml = dict(plain.tables), [], plain.toml
    other = {"coach": "client", "client": "coach"}
    ids = {"coach": lambda n: f"00{n - 60}", "client": lambda n: f"C{n}"}
    for source in plain.sources:
        table, partner = tables[source.file], f"{other[source.role]}_id"
        rows = [
            (ids[other[source.role]](int(row[0][1:])) if row[0] else "", *row[1:])
            for row in table.records
        ]
        tables[source.file] = replace(
            table, columns=(partner, *table.columns[1:]), records=tuple(rows)
        )
        sources.append(replace(source, dyad="", partner=partner))
        toml = toml.replace('dyad = "pair"\n', f'partner = "{partner}"\n', 1)
    return replace(plain, toml=toml, tables=tables, sources=tuple(sources))


def peers() -> Study:
    """Make a study of partners who share their role."""
    chance = random.Random(9)
    rows = [
        (f"P{100 + n}", f"{letter}{100 + n}", "yes", *some_codes(chance))
        for n in range(1, 13)
        for letter in "AB"
    ]
    rows[4] = (*rows[4][:2], "no", f"{SECRET}41", *rows[4][4:])
    del rows[9]
    rows.append(rows[2])
    rows.append(("P103", "E103", "yes", *some_codes(chance)))
    table = Table(("pair", "id", "consent", *ITEMS), tuple(rows), Manner(delimiter="\t"))
    toml = (
        '[study]\nroles = ["peer"]\n[[source]]\npath = "peers.tsv"\nname = "peers"\n'
        'dyad = "pair"\nperson = "id"\nmissing = [-99]\nduplicates = "last"\n'
        f"{CONSENT}{TRUST}"
    )
    place = {"role": "peer", "dyad": "pair", "person": "id", "consent": "consent"}
    fields = tuple(Field(item, item, range=(1, 7)) for item in ITEMS)
    source = Source("peers", "peers.tsv", fields, **place)
    return Study(toml, {"peers.tsv": table}, {}, (source,))


def diary() -> Study:
    """Make a study of a diary: occasions are numbers, time stamps those of a time zone."""
    chance = random.Random(10)
    rows = []
    for n in range(1, 11):
        for role, letter in (("leader", "L"), ("follower", "F")):
            consent = "no" if (n, letter) == (4, "F") else "yes"
            for day in range(1, 5):
                codes = some_codes(chance)
                if consent == "no":
                    codes[0] = f"{SECRET}{50 + day}"
                stamp = f"2026-03-{1 + day:02}T18:{chance.randrange(60):02}:00"
                if day == 3:
                    stamp += "+01:00"
                rows.append((f"P{n}", f"{letter}{100 + n}", role, str(day), stamp, consent, *codes))
    rows[3] = (*rows[3][:3], "", *rows[3][4:])
    rows[9] = (*rows[9][:4], "", *rows[9][5:])
    rows[17] = (*rows[17][:7], "9", *rows[17][8:])
    rows[44] = (*rows[44][:3], "01.0", *rows[44][4:])
    del rows[21]
    rows.insert(30, ())
    rows.insert(40, rows[35])
    names = ("pair", "id", "role", "day", "beep_at", "consent", *ITEMS)
    toml = (
        '[study]\nroles = ["leader", "follower"]\n[[source]]\npath = "diary.csv"\n'
        'name = "diary"\nrole_column = "role"\ndyad = "pair"\nperson = "id"\n'
        'occasion = "day"\ntime = "beep_at"\ntimezone = "Europe/Rome"\nmissing = [-99]\n'
        f'duplicates = "first_complete"\n{CONSENT}{WITHDRAWAL}{TRUST}'
    )
    fields = (
        Field("occasion", "day", "occasion"),
        Field("time", "beep_at", "moment"),
        *(Field(item, item, range=(1, 7)) for item in ITEMS),
    )
    place = {"dyad": "pair", "person": "id", "consent": "consent"}
    words = {"leader": "leader", "follower": "follower"}
    source = Source(*("diary", "diary.csv", fields), role_column="role", role_words=words, **place)
    gone = Table(("id",), (("F109",), ("X999",)))
    tables = {"diary.csv": Table(names, tuple(rows)), "withdrawn.csv": gone}
    return Study(toml, tables, {}, (source,), withdrawn="withdrawn.csv")
