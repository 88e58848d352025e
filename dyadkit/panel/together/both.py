"""Variables that both members of a dyad answered."""

from __future__ import annotations

from dataclasses import dataclass

from dyadkit.display.labels import role_word
from dyadkit.errors import Refused
from dyadkit.panel.request import Request
from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True)
class Both:
    """A variable with the answers of both members.

    Attributes
    ----------
    name : str
    label : str
        What a reader sees, such as "Trust".
    members : pair of Series
        The first member's and the second's; of exchangeable members those called 1 and 2.
    """

    name: str
    label: str
    members: tuple[Series, Series]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The two members' columns of `DyadFrame.wide`, wave by wave."""
        first, second = self.members
        return tuple(zip(first.columns, second.columns, strict=True))

    @property
    def roles(self) -> tuple[str, str]:
        """What a sentence calls the members."""
        return role_word(self.members[0].role), role_word(self.members[1].role)


def both_of(request: Request, what: str) -> tuple[Both, ...]:
    """Return the variables of a request, each with both members' answers.

    Parameters
    ----------
    request : Request
    what : str
        The model in a sentence, such as "A common fate model".

    Raises
    ------
    Refused
        When a variable belongs to the dyad, or one member's answers only are named.
    """
    series: dict[str, list[Series]] = {}
    for one in request.series:
        series.setdefault(one.variable, []).append(one)
    found = []
    for name, members in series.items():
        if members[0].role == "":
            raise Refused(
                f"{what} is about what both members answered, and '{name}' is one answer of the "
                "dyad. Name a variable of the members; one of the dyad can be related to them by "
                "dk.fit_sem."
            )
        if len(members) != 2:
            why = (
                f"'{name}' was asked of one role only. Name a variable that both answered."
                if name in request.references
                else f'only those of one role are named. Name it without a role, "{name}".'
            )
            raise Refused(f"{what} needs both members' answers to '{name}', and {why}")
        found.append(Both(name, members[0].short, (members[0], members[1])))
    return tuple(found)
