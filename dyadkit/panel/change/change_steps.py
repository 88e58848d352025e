"""Steps of equal length between waves, for models whose effects hold for a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyadkit.errors import Refused
from dyadkit.panel.request import Request

MOST_STEPS = 24


@dataclass(frozen=True, slots=True)
class Steps:
    """Where waves are in steps of equal length.

    Attributes
    ----------
    of_waves : tuple of int
        The step of each wave, the first at 0.
    length : str
        How long a step is, such as "4 weeks"; empty where the study does not say.
    """

    of_waves: tuple[int, ...]
    length: str

    @property
    def unseen(self) -> int:
        """How many steps have no wave."""
        return self.of_waves[-1] + 1 - len(self.of_waves)


def steps_of(request: Request) -> Steps:
    """Return the longest steps that meet every wave.

    Raises
    ------
    Refused
        When waves are so unequally far apart that there would be more than `MOST_STEPS`.
    """
    gaps = request.gaps
    if gaps is None:
        return Steps(tuple(range(len(request.waves))), "")
    shortest = float(gaps.min())
    for parts in range(1, MOST_STEPS + 1):
        counts = gaps / shortest * parts
        whole = np.rint(counts)
        if whole.sum() > MOST_STEPS:
            break
        if np.allclose(counts, whole, rtol=0, atol=1e-6):
            ends = np.cumsum(whole).astype(int).tolist()
            length = shortest / parts
            return Steps((0, *ends), f"{length:g} {request.time_unit}{'s' * (length != 1)}")
    told = ", ".join(f"{gap:g}" for gap in gaps.tolist())
    raise Refused(
        f"Waves are {told} {request.time_unit}s apart. Effects of a dual change model hold for "
        f"steps of one length, and it would take more than {MOST_STEPS} of them to meet every "
        'wave. Take waves that are equally far apart (waves = […]), or kind = "growth", which '
        "takes any times."
    )
