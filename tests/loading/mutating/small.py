"""Studies made by hand: coaches and clients in a file each, or in one."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.loading.mutating.study import Field, Source, Study
from tests.loading.mutating.tables import Manner, Table

#: Words in the answers of people who refused: they must never be seen.
SECRET = "Geheim"
ITEMS = ("tr1", "tr2", "tr3")
TRUST = """
[scale.trust]
items = ["tr1..tr3"]
range = [1, 7]
reverse = ["tr2"]
minimum_answered = 2
"""
CONSENT = '[[consent]]\ncolumn = "consent"\ngranted = ["yes", "ja"]\n'
WITHDRAWAL = '[[withdrawal]]\npath = "withdrawn.csv"\nperson = "id"\n'
LISTED = Table(("id",), (("C109",), ("X999",)))


def some_codes(chance: random.Random, n: int = 3) -> list[str]:
    return [chance.choice("1234567") for _ in range(n)]


def _coaches(chance: random.Random, comma: bool) -> list[list[str]]:
    rows = []
    for n in range(1, 15):
        tenure = f"{chance.randrange(1, 20)}.{chance.randrange(1, 10)}"
        rows.append(
            [
                *(f"P{100 + n}", f"00{40 + n}", "yes", tenure.replace(".", "," if comma else ".")),
                *(chance.choice(["video", "mixed", "Präsenz"]), *some_codes(chance)),
                chance.choice(["", "", "gut, gern", 'sagt "ja"']),
            ]
        )
    rows[2][4] = ""
    rows[4][5] = "-99"
    rows[5][6] = "9"
    secret = [f"{SECRET}{n:02}" for n in range(6)]
    rows.insert(3, ["P150", "0991", "no", secret[0], secret[1], "9", secret[2], "8", secret[3]])
    rows.insert(9, ["P115", "0992", "", "3", "video", "0", secret[4], "77", secret[5]])
    rows.insert(6, ["P116", "0071", "yes", "4", "video", *some_codes(chance), "ohne Klient"])
    rows.insert(8, ["", "0072", "yes", "4", "mixed", *some_codes(chance), ""])
    rows.append(["P107", "0073", "yes", "5", "mixed", *some_codes(chance), "zweiter Coach"])
    return rows


def _clients(chance: random.Random) -> list[list[str]]:
    rows = [
        [f"P{100 + n}", f"C{100 + n}", "yes", f"2026-03-{n:02}", *some_codes(chance), ""]
        for n in range(1, 15)
    ]
    rows[1][5] = "0"
    rows[8][4] = ""
    rows[10][7] = "erste Zeile\nzweite Zeile"
    secret = [f"{SECRET}{n:02}" for n in range(6, 12)]
    rows.insert(5, ["P115", "C991", "no", secret[0], "12", secret[1], "3", secret[2]])
    rows.insert(5, ["P111", "C992", "vielleicht", secret[3], "4", secret[4], "3", secret[5]])
    rows.append(["P117", "C171", "yes", "2026-03-28", *some_codes(chance), "ohne Coach"])
    rows.append(["P103", "C103", "yes", "2026-03-27", "5", "", "", "noch einmal"])
    return rows


def _fields(kind: str) -> tuple[Field, ...]:
    items = {"coach": "ctr", "client": "tr"}[kind]
    answers = [Field(f"tr{n}", f"{items}{n}", range=(1, 7)) for n in (1, 2, 3)]
    if kind == "coach":
        more = [Field("tenure", "tenure"), Field("format", "format", "category")]
    else:
        more = [Field("day", "day", "date")]
    return (*answers, *more)


def two_files(suffix: str, coach: Manner, client: Manner, comma: bool = False) -> Study:
    """Make a study of two files: coaches and clients, one wave, and a list of who withdrew."""
    chance = random.Random(5)
    tables = {
        f"coaches.{suffix}": Table(
            ("pair", "coach_id", "consent", "tenure", "format", "ctr1", "ctr2", "ctr3", "remark"),
            tuple(map(tuple, _coaches(chance, comma))),
            coach,
            numeric=frozenset({"tenure", "ctr1", "ctr2", "ctr3"}),
        ),
        f"clients.{suffix}": Table(
            ("pair", "client_id", "consent", "day", *ITEMS, "remark"),
            tuple(map(tuple, _clients(chance))),
            client,
            numeric=frozenset(ITEMS),
        ),
        "withdrawn.csv": LISTED,
    }
    sources, toml = [], '[study]\nroles = ["coach", "client"]\n'
    for role, name in (("coach", "coaches"), ("client", "clients")):
        toml += (
            f'[[source]]\npath = "{name}.{suffix}"\nname = "{name}"\nrole = "{role}"\n'
            f'dyad = "pair"\nperson = "{role}_id"\nmissing = [-99]\n'
            'duplicates = "first_complete"\n'
        )
        place = {"dyad": "pair", "person": f"{role}_id", "consent": "consent"}
        sources.append(Source(name, f"{name}.{suffix}", _fields(role), role, **place))
    toml += f'{CONSENT}{WITHDRAWAL}{TRUST}[[scale.trust.version]]\nrole = "coach"\n'
    toml += 'items = ["ctr1..ctr3"]\n[variable.tenure]\ncolumn = "tenure"\nroles = ["coach"]\n'
    toml += '[variable.format]\ncolumn = "format"\ntype = "category"\nlevel = "dyad"\n'
    toml += 'roles = ["coach"]\n[variable.day]\ncolumn = "day"\ntype = "date"\nroles = ["client"]\n'
    return Study(toml, tables, {}, tuple(sources), withdrawn="withdrawn.csv")


_PLATFORM = (
    *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)"),
    *("Finished", "RecordedDate", "ResponseId", "DistributionChannel", "UserLanguage"),
)


def qualtrics() -> Study:
    """Make a study whose clients answered in Qualtrics: three rows of header, unfinished rows."""
    plain = two_files("csv", Manner(), Manner(quote_all=True))
    clients = plain.tables["clients.csv"]
    columns = (*_PLATFORM, *clients.columns)
    rows = []
    for n, record in enumerate(clients.records):
        moment = f"2026-03-{1 + n % 28:02} 09:{n:02}:11"
        answer = "Survey Preview" if n == 0 else "IP Address"
        done = "False" if n in (4, 12) else "True"
        front = (moment, moment, answer, f"10.0.0.{n}", "100", "321", done, moment)
        rows.append((*front, f"R_{n:04}", "anonymous", "DE", *record))
    above = (
        tuple(f"Frage zu {column},\nso gestellt" for column in columns),
        tuple(f'{{"ImportId":"QID{n}"}}' for n in range(len(columns))),
    )
    written = Table(columns, tuple(rows), clients.manner, above)
    coaches, answers = plain.sources
    gated = replace(answers, gates=("Status", "Finished", "DistributionChannel"))
    tables = {**plain.tables, "clients.csv": written}
    return replace(plain, tables=tables, sources=(coaches, gated))


def one_file() -> Study:
    """Make a study of one file that says role and wave in columns; refusals count for good."""
    chance = random.Random(6)
    rows = []
    for wave in ("1", "2"):
        for n in range(1, 12):
            for word, letter in (("Coach", "K"), ("Klient", "C")):
                consent = "nein" if (n, wave, letter) == (7, "1", "C") else "ja"
                codes = some_codes(chance)
                if consent == "nein":
                    codes[0] = f"{SECRET}12"
                person = f"{letter}{100 + n}"
                rows.append((f"P{100 + n}", person, word, wave, consent, *codes, f"T{n % 3}"))
    del rows[-3], rows[7]
    rows.insert(4, ())
    rows[12] = (*rows[12][:6], "0", *rows[12][7:])
    rows.insert(9, ("P199", "X1", "Beobachter", "1", "ja", "1", "1", "1", "T1"))
    rows.insert(9, ("P101", "K101", "Coach", "3", "ja", "1", "1", "1", "T1"))
    table = Table(
        ("pair", "id", "who", "time", "consent", *ITEMS, "team"), tuple(rows), Manner("text", ";")
    )
    toml = (
        '[study]\nroles = ["coach", "client"]\nwaves = ["t1", "t2"]\n[[source]]\n'
        'path = "all.csv"\nname = "answers"\nrole_column = "who"\nwave_column = "time"\n'
        'role_values = { "Coach" = "coach", "Klient" = "client" }\n'
        'wave_values = { "1" = "t1", "2" = "t2" }\ndyad = "pair"\nperson = "id"\n'
        'group = "team"\nmissing = [-99]\nduplicates = "last"\n'
        f'{CONSENT}scope = "person"\n{WITHDRAWAL}from_wave = "t2"\n{TRUST}'
    )
    roles, waves = {"coach": "coach", "klient": "client"}, {"1": "t1", "2": "t2"}
    source = Source(
        *("answers", "all.csv", tuple(Field(i, i, range=(1, 7)) for i in ITEMS)),
        **{"role_column": "who", "role_words": roles, "dyad": "pair"},
        **{"wave_column": "time", "wave_words": waves},
        **{"person": "id", "consent": "consent", "gates": ("team",)},
    )
    return Study(
        toml,
        {"all.csv": table, "withdrawn.csv": LISTED},
        {},
        (source,),
        *(("t1", "t2"), ("yes", "ja"), True, "withdrawn.csv", "t2"),
    )
