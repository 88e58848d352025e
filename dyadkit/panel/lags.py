"""How far waves are apart, and what follows for effects over time."""

from __future__ import annotations

from collections.abc import Iterator

from dyadkit.panel.request import Request
from dyadkit.results import Note


def lag_notes(request: Request, *, equal: bool) -> Iterator[Note]:
    """Say how far waves are apart, and what unequal lags forbid.

    Parameters
    ----------
    request : Request
    equal : bool
        Whether effects were held equal between all waves.
    """
    gaps, unit = request.gaps, request.time_unit
    if gaps is None:
        yield Note(
            "The study does not say how far the waves are apart. Effects hold for the lag that was "
            "studied only: say when each wave was (time = …)."
        )
        return
    if not request.lags_differ:
        lag = f"{gaps[0]:g} {unit}" + "s" * bool(gaps[0] != 1.0)
        yield Note(f"Waves are {lag} apart; effects hold for this lag.")
        return
    told = ", ".join(f"{gap:g}" for gap in gaps.tolist())
    if equal:
        yield Note(
            f"Effects were held equal over lags of different length ({told} {unit}s), which only a "
            "process without drift would give. Let them differ.",
            "warning",
        )
        return
    yield Note(f"Lags differ ({told} {unit}s): effects over different lags are not to be compared.")
