"""The errors that a user of dyadkit may meet.

Each message is one paragraph: what is wrong, where, how many times, and what
to do next.  Everything else that escapes is a bug in dyadkit.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


class DyadKitError(Exception):
    """Base of every error that dyadkit raises on purpose."""

    exit_code = 1


class StudyError(DyadKitError):
    """The study file, or the call, is wrong."""

    exit_code = 2


class DataError(DyadKitError):
    """The data have a problem that the researcher must see.

    Parameters
    ----------
    message : str
        One paragraph: what, where, how many, what next.
    rows : sequence of int, optional
        The rows concerned, numbered as a spreadsheet shows them.
    """

    def __init__(self, message: str, rows: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.rows = tuple(int(row) for row in rows)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.rows)


class FitError(DyadKitError):
    """An estimate could not be had: the fit failed or did not converge.

    Parameters
    ----------
    message : str
        One paragraph: what, where, what next.
    convergence : object, optional
        What is known about the optimisation (see `dyadkit.results.Convergence`).
    """

    def __init__(self, message: str, convergence: object | None = None) -> None:
        super().__init__(message)
        self.convergence = convergence

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.convergence)


class Refused(DyadKitError):
    """The request has an answer that would mislead; the message says why and what instead."""


def nearest(word: str, choices: Sequence[str]) -> str:
    """Return a hint that names the choice nearest to a misspelt word.

    Parameters
    ----------
    word : str
        What was written.
    choices : sequence of str
        What could have been meant.

    Returns
    -------
    str
        ``" Did you mean 'trust'?"``, or an empty string when nothing is near.

    Examples
    --------
    >>> nearest("revers", ["reverse", "range"])
    " Did you mean 'reverse'?"
    """
    lowered = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), list(lowered), n=1, cutoff=0.6)
    return f" Did you mean '{lowered[near[0]]}'?" if near else ""


_LONG = 120


def listed(values: Sequence[object], most: int = 8) -> str:
    """Join values for a message, the long ones cut, and count what was left off.

    Examples
    --------
    >>> listed([3, 5, 9], most=2)
    '3, 5 and 1 more'
    """
    texts = (str(value) for value in values[:most])
    shown = ", ".join(text if len(text) <= _LONG else f"{text[: _LONG - 1]}…" for text in texts)
    rest = len(values) - most
    return f"{shown} and {rest} more" if rest > 0 else shown
