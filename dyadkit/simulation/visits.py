"""What people send: one row of an export, and whether it counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """One row: what the person did, and why the row does not count (or that it does).

    `kind` is "answered" (all there, until cells are blanked at random), "full" (all there), or
    says in what the row differs.
    """

    kind: str
    fate: str = "kept"


KEPT = (Visit("answered"),)
ORPHAN = (Visit("answered", "orphan"),)
NONE: tuple[Visit, ...] = ()
FULL = Visit("full")
GAPPY = Visit("gappy", "duplicate")
AGAIN = Visit("again", "duplicate")
REFUSED = (Visit("refused", "no_consent"),)
WITHDREW = (Visit("answered", "withdrawn"),)
