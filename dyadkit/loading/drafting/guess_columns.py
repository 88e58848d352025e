"""What a column of an export seems to hold, by its name and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from dyadkit.loading.drafting.guess_ratings import read_ratings
from dyadkit.loading.drafting.guess_words import role_of, tokens
from dyadkit.loading.reading.header_words import LIMESURVEY_HEADINGS, QUALTRICS_NAMES
from dyadkit.loading.reading.platforms import identifying_columns
from dyadkit.loading.reading.raw import RawTable

_ID = frozenset(
    {
        *(
            "id",
            "ids",
            "pid",
            "code",
            "codes",
            "codigo",
            "ident",
            "pseudonym",
            "kennung",
            "chiffre",
        ),
        *("vpn", "token", "key"),
    }
)
_PERSON = frozenset(
    {
        *("person", "participant", "respondent", "subject", "member", "proband", "teilnehmer"),
        *("persona", "participante", "sujeto", "personne", "sujet"),
    }
)
_NUMBER = frozenset({"nr", "no", "num", "number", "nummer", "numero"})
_PAIR = frozenset(
    {
        *("pair", "paar", "dyad", "dyade", "couple", "tandem", "pareja", "dupla", "paire"),
        *("binome", "duo", "dyada", "diada"),
    }
)
_GROUP = frozenset(
    {
        *("team", "organisation", "organization", "org", "company", "firm", "group", "school"),
        *("department", "class", "unit", "site", "clinic"),
        *("firma", "unternehmen", "gruppe", "schule", "klasse", "abteilung", "standort"),
        *("equipo", "empresa", "grupo", "escuela", "organizacion", "departamento"),
        *("equipe", "entreprise", "groupe", "ecole", "departement"),
    }
)
_PARTNER = frozenset({"partner", "other", "about", "target", "rated", "pareja", "partenaire"})
_SUFFIXES = ("id", "code", "nr", "number", "nummer")

# Parts of the names that survey programs give to what they record themselves.
_LIMESURVEY = frozenset(LIMESURVEY_HEADINGS.values())
_SURVEYMONKEY = frozenset(
    {"respondent id", "collector id", "date created", "date modified", "response status"}
)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}.*")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?")
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_DECIMAL = re.compile(r"[+-]?[0-9]*[.,](?!0+$)[0-9]+")
_WHOLE = re.compile(r"[+-]?[0-9]{1,6}([.,]0+)?")
_ID_SHAPE = re.compile(r"[^\W_][\w.#/+\-]{0,39}( ?[\w.#/+\-]+){0,3}")
_CODE = re.compile(r"(?=.*[0-9])(?=.*[^\W\d_])[\w\- ]+|0[0-9]+|[0-9]{3,}")
_SEEN_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Column:
    """The distinct texts of a column.

    Attributes
    ----------
    name : str
    counts : mapping of str to int
        How many rows hold each text; without empty cells and what the file declares missing.
    labels : mapping of str to str
        What the file says a code means.
    """

    name: str
    counts: Mapping[str, int]
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        """How many rows have a text here."""
        return sum(self.counts.values())

    @property
    def words(self) -> list[str]:
        """The words and numbers in its name, and in ``pairid`` too."""
        return name_words(self.name)

    def numbers(self) -> dict[int, int]:
        """Count the rows of each whole number."""
        found: dict[int, int] = {}
        for text, n in self.counts.items():
            if _WHOLE.fullmatch(text):
                number = int(re.split(r"[.,]", text)[0])
                found[number] = found.get(number, 0) + n
        return found

    def has(self, what: re.Pattern[str], share: float = 0.9) -> bool:
        """Tell whether nearly all distinct texts are of a kind."""
        seen = list(islice(self.counts, _SEEN_AT_MOST))
        return bool(seen) and sum(bool(what.fullmatch(text)) for text in seen) >= share * len(seen)


@dataclass(frozen=True, slots=True)
class Export:
    """A file, or a sheet of one, and its columns.

    Attributes
    ----------
    path : str
        As the study file will have it.
    sheet : str
        Only where the workbook has several.
    columns : mapping of str to Column
        Those whose names the file has once, without names, addresses and places of people, and
        without what a survey platform records by itself.
    """

    path: str
    table: RawTable
    sheet: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.path.rsplit("/", 1)[-1]


def describe_export(path: str, table: RawTable, sheet: str = "") -> Export:
    """Look at the columns of an export.

    Parameters
    ----------
    path : str
        As the study file will have it.
    table : RawTable
    sheet : str
        Its sheet, where the workbook has several.
    """
    hidden = {*identifying_columns(table), *_recorded(table), ""}
    names = list(dict.fromkeys(table.columns))
    if len(names) < len(table.columns):
        hidden |= {name for name in names if table.columns.count(name) > 1}
    columns = {}
    for name in names:
        if name not in hidden:
            own = table.missing.get(name, frozenset())
            counts = table.column(name).value_counts()
            columns[name] = Column(
                name,
                {str(t): int(n) for t, n in counts.items() if n and t != "" and t not in own},
                table.value_labels.get(name, {}),
            )
    return Export(path, table, sheet, columns)


def _recorded(table: RawTable) -> set[str]:
    """Return the columns that a survey platform fills by itself."""
    known: dict[str, Callable[[str], bool]] = {
        "qualtrics": lambda name: name.casefold() in QUALTRICS_NAMES,
        "limesurvey": lambda name: name.casefold() in _LIMESURVEY,
        "surveymonkey": lambda name: name.casefold() in _SURVEYMONKEY,
    }
    told = known.get(table.platform)
    if told is None:
        return set()
    found = {name for name in table.columns if told(name)}
    return found | {name for alias, name in table.aliases.items() if told(alias)}


def name_words(name: str) -> list[str]:
    """Split the name of a column, and what is run together in it.

    Examples
    --------
    >>> name_words("PairID"), name_words("mentorid"), name_words("valid")
    (['pair', 'id'], ['mentor', 'id'], ['valid'])
    """
    found = []
    for token in tokens(name):
        suffix = next((s for s in _SUFFIXES if token.endswith(s) and token != s), "")
        stem = token.removesuffix(suffix)
        known = stem in _PAIR | _PERSON | _GROUP or bool(role_of(stem))
        found += [stem, suffix] if suffix and known else [token]
    return found


def names_pair(name: str) -> bool:
    """Tell whether a column's name speaks of the pair.

    Examples
    --------
    >>> names_pair("pair_code"), names_pair("Paarcode"), names_pair("repaired")
    (True, True, False)
    """
    return not _PAIR.isdisjoint(name_words(name))


def names_group(name: str) -> bool:
    """Tell whether a column's name speaks of a team or organisation."""
    return not _GROUP.isdisjoint(name_words(name))


def names_partner(name: str) -> bool:
    """Tell whether a column's name speaks of the other person."""
    return not _PARTNER.isdisjoint(name_words(name))


def names_person(name: str) -> bool:
    """Tell whether a column's name speaks of an id of somebody."""
    return not (_ID | _PERSON | _NUMBER).isdisjoint(name_words(name))


def holds_ids(column: Column) -> bool:
    """Tell whether a column seems to hold ids, by its name and by its texts.

    Examples
    --------
    >>> ids = dict.fromkeys(["0042", "0117", "0256"], 1)
    >>> holds_ids(Column("mentor_id", ids)), holds_ids(Column("tr1", {"1": 9, "2": 8, "5": 9}))
    (True, False)
    """
    distinct, filled = len(column.counts), column.filled
    if distinct < 2 or not column.has(_ID_SHAPE) or column.has(_DATE, 0.5):
        return False
    if column.has(_DECIMAL, 0.2):
        return False
    words = set(column.words)
    coded = column.has(_CODE, 0.8)
    if words & (_ID | _PAIR):
        return coded or distinct >= 5 or distinct >= 0.3 * filled
    if words & (_PERSON | _NUMBER) or any(role_of(word) for word in words):
        return coded or distinct > max(12, 0.3 * filled)
    return coded and distinct >= max(5, 0.2 * filled)


def holds_dates(column: Column) -> bool:
    """Tell whether a column holds dates as loading reads them, 2026-01-31."""
    return column.has(_ISO_DATE)


def holds_stamps(column: Column) -> bool:
    """Tell whether a column holds dates with the time of day."""
    return column.has(_STAMP, 0.8)


def holds_answers(column: Column) -> bool:
    """Tell whether a column holds few whole numbers, or answers in words.

    Some other words may stand between the numbers.

    Examples
    --------
    >>> holds_answers(Column("tr1", {"1": 9, "5": 8, "n/a": 1, "99": 1}))
    True
    >>> holds_answers(Column("income", {"1200": 1, "950": 1})), holds_answers(Column("x", {}))
    (False, False)
    """
    if read_ratings(column.counts):
        return True
    numbers = column.numbers()
    n, filled = sum(numbers.values()), column.filled
    if not n or n < 0.7 * filled or column.has(_DATE, 0.2):
        return False
    if column.has(_DECIMAL, 0.1):
        return False
    usual = sum(count for number, count in numbers.items() if 0 <= number <= 10)
    return usual >= 0.8 * n or (len(numbers) > 11 and _is_slider(numbers, n))


def _is_slider(numbers: Mapping[int, int], n: int) -> bool:
    inside = [number for number in numbers if 0 <= number <= 100]
    return sum(numbers[number] for number in inside) >= 0.9 * n and max(inside) - min(inside) > 50
