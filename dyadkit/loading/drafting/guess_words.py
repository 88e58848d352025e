"""The words by which files and columns tell roles and waves, in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

#: Two roles that belong together, in the order in which they are usually named.
RELATIONS: tuple[tuple[str, str], ...] = (
    *(("coach", "client"), ("coach", "coachee"), ("coach", "athlete")),
    *(("mentor", "developee"), ("mentor", "mentee"), ("mentor", "protege")),
    *(("supervisor", "employee"), ("supervisor", "subordinate"), ("supervisor", "supervisee")),
    *(("leader", "follower"), ("leader", "member"), ("manager", "employee")),
    *(("teacher", "student"), ("tutor", "tutee"), ("trainer", "trainee")),
    *(("therapist", "patient"), ("therapist", "client"), ("physician", "patient")),
    *(("counselor", "client"), ("caregiver", "patient"), ("buyer", "seller")),
    *(("wife", "husband"), ("woman", "man"), ("female", "male"), ("girl", "boy")),
    *(("parent", "child"), ("mother", "father"), ("mother", "child"), ("father", "child")),
    # German
    *(("coach", "klient"), ("berater", "klient"), ("therapeut", "patient")),
    *(("therapeut", "klient"), ("fuehrungskraft", "mitarbeiter"), ("vorgesetzte", "mitarbeiter")),
    *(("lehrer", "schueler"), ("lehrkraft", "schueler"), ("ausbilder", "azubi")),
    *(("betreuer", "doktorand"), ("arzt", "patient"), ("ehefrau", "ehemann"), ("frau", "mann")),
    *(("eltern", "kind"), ("mutter", "vater"), ("mutter", "kind"), ("vater", "kind")),
    # Spanish
    *(("coach", "cliente"), ("mentor", "aprendiz"), ("lider", "seguidor"), ("jefe", "empleado")),
    *(("supervisor", "empleado"), ("supervisor", "subordinado"), ("profesor", "alumno")),
    *(("profesor", "estudiante"), ("docente", "estudiante"), ("terapeuta", "paciente")),
    *(("esposa", "esposo"), ("mujer", "marido"), ("mujer", "hombre"), ("madre", "padre")),
    *(("madre", "hijo"), ("padre", "hijo")),
    # French
    *(("superieur", "subordonne"), ("chef", "employe"), ("responsable", "collaborateur")),
    *(("manager", "collaborateur"), ("tuteur", "tutore")),
    *(("enseignant", "eleve"), ("enseignant", "etudiant"), ("professeur", "eleve")),
    *(("professeur", "etudiant"), ("therapeute", "patient"), ("epouse", "epoux")),
    *(("femme", "mari"), ("femme", "homme"), ("parent", "enfant"), ("mere", "pere")),
    *(("mere", "enfant"), ("pere", "enfant")),
)
# Forms that are not a role and an ending.
_FORMS: Mapping[str, str] = {
    **dict.fromkeys(("coaché", "coachés", "coachée", "coachées"), "coachee"),
    **dict.fromkeys(("mentoré", "mentorés", "mentorée", "mentorées"), "mentee"),
    **dict.fromkeys(("children", "kid", "kids"), "child"),
    **dict.fromkeys(("doctor", "doctors"), "physician"),
    **dict.fromkeys(("pupil", "pupils", "studierende", "studierenden"), "student"),
    **dict.fromkeys(("carer", "carers"), "caregiver"),
    **dict.fromkeys(("counsellor", "counsellors"), "counselor"),
    **dict.fromkeys(("mitarbeitende", "mitarbeitenden"), "mitarbeiter"),
    **dict.fromkeys(("lehrkraefte", "lehrende", "lehrenden"), "lehrkraft"),
    **dict.fromkeys(("aerzte", "aerztin", "aerztinnen"), "arzt"),
    **dict.fromkeys(("elternteil", "elternteile"), "eltern"),
    **dict.fromkeys(("profesora", "profesoras", "maestro", "maestra", "maestros"), "profesor"),
    **dict.fromkeys(("alumna", "alumnas"), "alumno"),
    **dict.fromkeys(("empleada", "empleadas"), "empleado"),
    **dict.fromkeys(("hija", "hijas"), "hijo"),
    **dict.fromkeys(("jefa", "jefas"), "jefe"),
    "wives": "wife",
    "women": "woman",
    "men": "man",
    "fuehrungskraefte": "fuehrungskraft",
    "maenner": "mann",
    "ehemaenner": "ehemann",
    "muetter": "mutter",
    "vaeter": "vater",
}
_ENDINGS = ("s", "es", "e", "n", "en", "in", "innen", "nen", "r", "er")
# What makes another word of a role: mentoring, leadership.
_NO_ROLE = re.compile(r"(ing|ship|hood|ed)")
#: Letters and figures that stand for a role in the names of columns, and the roles they may mean.
ABBREVIATIONS: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (("w", "h"), ("wife", "husband")),
    (("f", "m"), ("female", "male")),
    (("w", "m"), ("woman", "man")),
    (("a", "b"), ("partner", "partner")),
    (("p1", "p2"), ("partner", "partner")),
    (("1", "2"), ("partner", "partner")),
)

_WAVE_WORDS = "wave|time|welle|zeitpunkt|mzp|messzeitpunkt|ola|tiempo|vague|temps|onda|tempo"
# A single letter stands right before the number: trust_w_1 is the wife's first item.
_WAVE = re.compile(
    rf"(?:(?<![A-Za-z])(?:(?:{_WAVE_WORDS})[ _.\-]?|[tw])|(?<=[a-z])(?:[TW]|Wave|Time|Welle))"
    r"0?([0-9]{1,2})(?![0-9])",
    re.ASCII,
)
_WAVE_ANY_CASE = re.compile(
    rf"(?<![A-Za-z])(?:(?:{_WAVE_WORDS})[ _.\-]?|[tw])0?([0-9]{{1,2}})(?![0-9])",
    re.ASCII | re.IGNORECASE,
)
_NAMED_WAVES: Mapping[str, int] = {
    **dict.fromkeys(("pre", "baseline", "before", "vorher", "antes", "avant", "pretest"), 1),
    **dict.fromkeys(("post", "after", "nachher", "despues", "apres", "posttest"), 2),
    **dict.fromkeys(("followup", "fu", "katamnese", "seguimiento", "suivi"), 3),
}
_LARGE, _SMALL = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_TOKEN = re.compile(rf"[{_LARGE}]+(?![{_SMALL}])|[{_LARGE}]?[{_SMALL}]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word for a role or wave, and where in a name it stands."""

    start: int
    end: int
    text: str
    meaning: str


def fold(text: str) -> str:
    """Write a text in small letters without accents; umlauts as German does without them.

    Examples
    --------
    >>> fold("Führungskraft"), fold("Supérieur")
    ('fuehrungskraft', 'superieur')
    """
    spelt = unicodedata.normalize("NFC", text).casefold()
    for umlaut, letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        spelt = spelt.replace(umlaut, letters)
    bare = unicodedata.normalize("NFKD", spelt)
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def tokens(name: str) -> list[str]:
    """Split a name into its words and numbers, in small letters.

    Examples
    --------
    >>> tokens("coachTrust1_T1"), tokens("Führungskräfte t2.csv")
    (['coach', 'trust', '1', 't', '1'], ['fuehrungskraefte', 't', '2', 'csv'])
    """
    return [fold(found[0]) for found in _TOKEN.finditer(name)]


@lru_cache(maxsize=50_000)
def role_of(word: str) -> str:
    """Return the role that a word means; empty for another word.

    Examples
    --------
    >>> role_of("Mentors"), role_of("Mitarbeiterinnen"), role_of("mentoring")
    ('mentor', 'mitarbeiter', '')
    """
    plain = fold(word)
    if plain in _ROLES:
        return plain
    for form in (word.casefold(), plain):
        if form in _FORMS:
            return _FORMS[form]
    for ending in _ENDINGS:
        if plain.endswith(ending) and plain.removesuffix(ending) in _ROLES:
            return plain.removesuffix(ending)
    return ""


def roles_in(name: str) -> list[str]:
    """Return the roles that the words of a name mean, each once.

    Examples
    --------
    >>> roles_in("2025_mentors_and_mentees.xlsx"), roles_in("mentoring.csv"), roles_in("coachid")
    (['mentor', 'mentee'], [], ['coach'])
    """
    found = []
    for token in _TOKEN.finditer(name):
        role = role_of(token[0])
        if not role:
            plain = fold(token[0])
            role = next((r for r in _LONG_ROLES if plain.startswith(r) and _other(plain, r)), "")
        found.append(role)
    return [role for role in dict.fromkeys(found) if role]


def role_words(name: str) -> Iterator[Word]:
    """Find the words for roles in the name of a column, run together with others too.

    Examples
    --------
    >>> [(word.text, word.meaning) for word in role_words("CoachTrust1")]
    [('Coach', 'coach')]
    """
    seen = False
    for found in _TOKEN.finditer(name):
        role = role_of(found[0])
        if role:
            seen = True
            yield Word(found.start(), found.end(), found[0], role)
    if not seen and name.isascii():
        low = name.casefold()
        for role in _LONG_ROLES:
            place = low.find(role)
            if place >= 0:
                yield Word(place, place + len(role), name[place : place + len(role)], role)
                return


def wave_words(name: str) -> Iterator[Word]:
    """Find the words for waves in the name of a column.

    Examples
    --------
    >>> [(word.text, word.meaning) for word in wave_words("tr1_coach_T2")]
    [('T2', '2')]
    >>> [word.meaning for word in wave_words("trust_post")]
    ['2']
    """
    found = _WAVE.search(name) or _WAVE_ANY_CASE.search(name)
    if found:
        yield Word(found.start(), found.end(), found[0], found[1])
        return
    for token in _TOKEN.finditer(name):
        if token[0].casefold() in _NAMED_WAVES:
            yield Word(token.start(), token.end(), token[0], str(_NAMED_WAVES[token[0].casefold()]))


def wave_in(name: str) -> int | None:
    """Return the number of the wave that a name says, if any.

    Examples
    --------
    >>> wave_in("clients_t2.csv"), wave_in("Welle 1"), wave_in("post.sav"), wave_in("report_7")
    (2, 1, 2, None)
    """
    return next((int(word.meaning) for word in wave_words(name)), None)


def choose_roles(evidence: Mapping[str, float]) -> tuple[str, ...]:
    """Choose the two roles of a study.

    Parameters
    ----------
    evidence : mapping of str to float
        How much speaks for each role.

    Returns
    -------
    tuple of str
        Two roles, or none where nothing speaks for any.

    Examples
    --------
    >>> choose_roles({"client": 2, "mentee": 1, "coach": 3})
    ('coach', 'client')
    >>> choose_roles({"mentor": 3, "student": 3}), choose_roles({"husband": 1}), choose_roles({})
    (('mentor', 'student'), ('wife', 'husband'), ())
    """
    if not any(evidence.values()):
        return ()

    def weight(pair: tuple[str, str]) -> tuple[bool, float]:
        return all(evidence.get(role) for role in pair), sum(evidence.get(r, 0) for r in pair)

    best = max(RELATIONS, key=weight)
    strongest = sorted(evidence, key=lambda role: -evidence[role])[:2]
    if not weight(best)[0] and len(strongest) == 2:
        return tuple(role for role in evidence if role in strongest)
    return best


def _other(token: str, role: str) -> bool:
    """Tell whether what follows a role in a word leaves it a word for people."""
    return not _NO_ROLE.match(token[len(role) :])


_ROLES = frozenset(role for pair in RELATIONS for role in pair)
_LONG_ROLES: Sequence[str] = sorted((r for r in _ROLES if len(r) > 4), key=lambda r: (-len(r), r))
