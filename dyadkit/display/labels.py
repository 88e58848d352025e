"""How roles and waves read in print."""

from __future__ import annotations


def role_label(role: str) -> str:
    """Return a role as a reader sees it.

    Examples
    --------
    >>> role_label("team_leader")
    'Team leader'
    """
    return role.replace("_", " ").capitalize()


def wave_label(wave: str) -> str:
    """Return a wave as a reader sees it.

    Examples
    --------
    >>> wave_label("t1")
    'T1'
    """
    return wave.replace("_", " ").capitalize()


def role_word(role: str) -> str:
    """Return a role within a sentence.

    Examples
    --------
    >>> role_word("team_leader")
    'team leader'
    """
    return role.replace("_", " ")


def role_plural(role: str) -> str:
    """Return several persons of a role within a sentence.

    Examples
    --------
    >>> role_plural("developee"), role_plural("team_coach"), role_plural("deputy")
    ('developees', 'team coaches', 'deputies')
    """
    word = role_word(role)
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and not word.endswith(("ay", "ey", "oy", "uy")):
        return f"{word[:-1]}ies"
    return f"{word}s"
