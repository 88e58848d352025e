"""The smallest support that a study allows to be shown."""

from __future__ import annotations

from dyadkit.display.disclosure import Minimum
from dyadkit.frame import DyadFrame


def minimum_of(dyads: DyadFrame) -> Minimum:
    """Return how many dyads and persons a published number needs behind it."""
    return Minimum(dyads.privacy.minimum_dyads, dyads.privacy.minimum_persons)
