"""Who answered: the roles of a study, of a file, and the column that says them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dyadkit.loading.drafting.guess_columns import Column, Export, holds_ids
from dyadkit.loading.drafting.guess_source import SourceGuess
from dyadkit.loading.drafting.guess_words import (
    ABBREVIATIONS,
    RELATIONS,
    choose_roles,
    fold,
    role_of,
    roles_in,
    tokens,
)

#: What two roles are called of which nothing is known.
UNKNOWN = ("first", "second")
#: What the only role is called of partners who are alike.
ALIKE = ("partner",)
_NAMES = frozenset(
    {
        *("role", "rolle", "rol", "papel", "position", "function", "funktion", "typ", "type"),
        *("tipo", "member", "respondent", "source", "informant", "who"),
    }
)
_GENDER = frozenset({"gender", "sex", "geschlecht", "sexo", "sexe", "genero", "genre"})
_FEWEST_SHARE = 0.02


def named_roles(export: Export) -> list[str]:
    """Return the roles in the name of a sheet, of a file, or of its folders."""
    parts = [export.sheet, export.file.rsplit(".", 1)[0], *reversed(export.path.split("/")[:-1])]
    return next(filter(None, map(roles_in, parts)), [])


def one_role_each(exports: Sequence[Export]) -> dict[str, bool]:
    """Tell of each export, by its path and sheet, whether its name says its only role.

    A single role in the names of all files says what the study is about.
    """
    named = [named_roles(export) for export in exports]
    several = len({role for roles in named for role in roles}) > 1
    return {
        export.path + export.sheet: several and len(roles) == 1
        for export, roles in zip(exports, named, strict=True)
    }


def study_roles(sources: Iterable[SourceGuess], lists: Iterable[Export]) -> tuple[str, ...]:
    """Choose the roles of a study.

    Parameters
    ----------
    sources : iterable of SourceGuess
        With layouts.
    lists : iterable of Export
        Files without answers.

    Returns
    -------
    tuple of str
        Two roles, one where the names of columns number two partners alike, none where nothing
        is known.
    """
    evidence: Counter[str] = Counter()
    for source in sources:
        spelt = list(source.layout.roles.values())
        if spelt and len(set(spelt)) == 1:
            return (spelt[0],)
        evidence.update(dict.fromkeys(map(role_of, spelt), 3))
        evidence.update(dict.fromkeys(named_roles(source.export), 3))
        for column in source.export.columns.values():
            evidence.update(dict.fromkeys(_role_words(column).values(), 3))
            if holds_ids(column):
                evidence.update(dict.fromkeys(roles_in(column.name), 1))
    for export in lists:
        evidence.update({r: 1 for name in export.columns for r in roles_in(name)})
    del evidence[""]
    chosen = choose_roles(evidence)
    if chosen:
        return chosen
    for source in sources:
        if source.layout.roles:
            words = list(source.layout.roles.values())
            return tuple(dict.fromkeys(usual_meanings(words).values() or map(fold, words)))
    return ()


def meaning_of(word: str, roles: Sequence[str]) -> str:
    """Return the role that an abbreviation means.

    Examples
    --------
    >>> meaning_of("dev", ("mentor", "developee")), meaning_of("H", ("wife", "husband"))
    ('developee', 'husband')
    """
    plain = fold(word)
    if role_of(word) in roles:
        return role_of(word)
    begun = [role for role in roles if role.startswith(plain)]
    if len(begun) == 1:
        return begun[0]
    return role_of(word) or plain


def usual_meanings(words: Sequence[str]) -> dict[str, str]:
    """Return what two abbreviations usually mean together, in the usual order of the roles.

    Examples
    --------
    >>> usual_meanings(["M", "F"]), usual_meanings(["m", "x"])
    ({'F': 'female', 'M': 'male'}, {})
    """
    plain = {fold(word): word for word in words}
    for usual, meanings in ABBREVIATIONS:
        if plain.keys() == set(usual):
            return {plain[word]: role for word, role in zip(usual, meanings, strict=True)}
    return {}


def with_role(source: SourceGuess, roles: Sequence[str]) -> SourceGuess:
    """Say which role answered in a file, or which column says it."""
    if source.layout.kind == "dyad":
        return source
    named = [role for role in named_roles(source.export) if role in roles]
    if len(named) == 1:
        return replace(source, role=named[0])
    found = _role_column(source, roles)
    if found:
        column, values = found
        return replace(source, role_column=column, role_values=values)
    own = {role for name in source.id_columns() for role in roles if abbreviates(name, role)}
    return replace(source, role=own.pop()) if len(own) == 1 else source


def abbreviates(name: str, role: str) -> bool:
    """Tell whether the name of a column has a word for a role, or its beginning.

    Examples
    --------
    >>> abbreviates("dev_id", "developee"), abbreviates("date", "developee")
    (True, False)
    """
    return role in roles_in(name) or any(
        len(token) > 2 and role.startswith(token) for token in tokens(name)
    )


def _role_column(source: SourceGuess, roles: Sequence[str]) -> tuple[str, dict[str, str]] | None:
    """Find the column with words for roles, or codes for them."""
    best: tuple[int, str, dict[str, str]] | None = None
    for name, column in source.export.columns.items():
        if name in source.layout.spelt:
            continue
        words = set(tokens(name))
        known = {word: role for word, role in _role_words(column).items() if role in roles}
        common = _common(column)
        if len(set(known.values())) == 2:
            score, values = 3 + bool(words & _NAMES), known
        elif len(common) == 2 and words & _NAMES:
            score, values = 2, dict(zip(sorted(common), roles or UNKNOWN, strict=False))
        elif len(common) == 2 and words & _GENDER and set(roles) & _GENDERED:
            score, values = 1, dict(zip(sorted(common), roles, strict=False))
        else:
            continue
        if best is None or score > best[0]:
            best = (score, name, values)
    return best[1:] if best else None


def _common(column: Column) -> list[str]:
    """Return the texts of a column that are no slips; several people must share each."""
    least = max(2, _FEWEST_SHARE * column.filled)
    return [text for text, n in column.counts.items() if n >= least]


def _role_words(column: Column) -> dict[str, str]:
    """Return the texts of a column that mean a role, if two do and all else is rare."""
    if not 2 <= len(column.counts) <= 20:
        return {}
    found = {text: _role_in(column.labels.get(text, text)) for text in _common(column)}
    known = {text: role for text, role in found.items() if role}
    return known if len(set(known.values())) == 2 and len(known) == len(found) else {}


def _role_in(word: str) -> str:
    """Return the only role that a word or short phrase means."""
    roles = roles_in(word)
    return roles[0] if len(roles) == 1 and len(tokens(word)) <= 4 else ""


_WOMEN = frozenset(
    {
        *("wife", "woman", "female", "girl", "mother", "ehefrau", "frau", "mutter", "esposa"),
        *("mujer", "madre", "epouse", "femme", "mere"),
    }
)
_GENDERED = frozenset(role for pair in RELATIONS if _WOMEN & {*pair} for role in pair)
