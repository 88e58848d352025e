"""How much of what two members answered is the dyad's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dyadkit.panel.estimates import Estimate
from dyadkit.panel.together.both import Both


@dataclass(frozen=True, slots=True)
class SharedVariance:
    """The variance of a variable of the dyad, and its share in each member's answers.

    Attributes
    ----------
    variable : Both
    wave : str
        As a reader calls it; empty without waves.
    whole : mapping
        The variance, with its standard error and interval.
    shares : tuple of mapping
        Of both members, or one of exchangeable members.
    """

    variable: Both
    wave: str
    whole: Estimate
    shares: tuple[Estimate, ...]

    @property
    def named(self) -> str:
        """The variable within a sentence."""
        return f"{self.variable.label} at {self.wave}" if self.wave else self.variable.label

    @property
    def negative(self) -> bool:
        """Whether it is no variance."""
        return not self.whole["estimate"] > 0

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the variance."""
        return self.whole["conf_low"], self.whole["conf_high"]

    def by_member(self) -> Iterator[tuple[str, Estimate]]:
        """Yield the shares with the member's role, which is empty for exchangeable members."""
        roles = self.variable.roles if len(self.shares) == 2 else ("",)
        return zip(roles, self.shares, strict=True)
