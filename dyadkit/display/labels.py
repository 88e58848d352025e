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
