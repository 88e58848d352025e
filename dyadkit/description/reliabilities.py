"""α and ω of every scale, in each role and wave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Sample
from dyadkit.display.labels import wave_label
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import DyadKitError, Refused
from dyadkit.estimation.reliability import Omega, Reliability, cronbach_alpha, mcdonald_omega
from dyadkit.results import Note, Support


@dataclass(frozen=True, slots=True)
class ScaleReliability:
    """α and ω of a scale in one place; None where they could not be had."""

    place: Place
    alpha: Reliability | None
    omega: Omega | None
    support: Support
    notes: tuple[Note, ...]


def reliability_at(
    sample: Sample, place: Place, confidence: float, draws: int, seed: np.random.SeedSequence
) -> ScaleReliability:
    """Estimate α and ω from the persons who answered every item of the scale.

    The bootstrap draws from a stream of its own, made of the seed and the place, so that other
    variables change nothing.
    """
    stream = np.random.SeedSequence(
        seed.entropy, spawn_key=(*seed.spawn_key, crc32(place.key.encode()))
    )
    rng = np.random.default_rng(stream)
    items = list(place.variable.items)
    rows = sample.dyads.items(place.variable.name, place.role, place.wave)
    complete = rows.dropna(subset=items)
    key = f"{place.key}#items"
    notes: list[Note] = []
    scores = complete[items].to_numpy(dtype=float)
    alpha: Reliability | None = None
    omega: Omega | None = None
    try:
        alpha = cronbach_alpha(scores, confidence)
    except DyadKitError as error:
        notes.append(Note(f"{place.label}: no α. {error}", "warning", key))
    if alpha is not None:
        try:
            omega = mcdonald_omega(scores, confidence, draws, rng)
        except Refused:
            pass  # two items; `scale_notes` says so, once for each scale
        except DyadKitError as error:
            notes.append(Note(f"{place.label}: no ω. {error}", "warning", key))
        if alpha.estimate < 0:
            notes.append(
                Note(
                    f"{place.label}: α is negative, because the items correlate negatively on "
                    "balance. Check which of them are keyed in reverse.",
                    "warning",
                    key,
                )
            )
    if omega is not None:
        notes += _omega_notes(place, omega, key)
    support = sample.support(key, sample.slots_of(complete))
    return ScaleReliability(place, alpha, omega, support, tuple(notes))


def scale_notes(sample: Sample, places: Sequence[Place]) -> tuple[Note, ...]:
    """Say which scales have too few items, and whom the intervals take for independent."""
    scales = {place.variable.name: place.variable for place in places}
    dependent = [
        f"{scale.label}: α and ω take what one person answered about several partners for "
        "independent answers; their intervals are too narrow."
        for scale in scales.values()
        if len(scale.items) > 1
        and scale.level == "relationship"
        and any(role in sample.shared_roles for role in scale.roles)
    ]
    if (
        sample.dyads.exchangeable
        and sample.paired
        and any(len(s.items) > 1 for s in scales.values())
    ):
        dependent.append(
            "The intervals of α and ω take the two members of a dyad for independent persons."
        )
    few = (
        Note(
            f"{scale.label}: one item, so that neither α nor ω can be estimated."
            if len(scale.items) == 1
            else f"{scale.label}: no ω, because the correlation of two items cannot give two "
            "loadings; α of two items of equal variance is their Spearman–Brown coefficient."
        )
        for scale in scales.values()
        if 0 < len(scale.items) < 3
    )
    return (*few, *(Note(text, "warning") for text in dependent))


def _omega_notes(place: Place, omega: Omega, key: str) -> Iterator[Note]:
    if omega.inadmissible:
        yield Note(
            f"{place.label}: the one-factor model behind ω has a negative residual variance (a "
            "Heywood case); ω is not to be trusted there.",
            "warning",
            key,
        )
    left_out = [
        (omega.failed_draws, "did not converge and are left out of"),
        (omega.inadmissible_draws, "have a negative residual variance and are kept in"),
    ]
    for count, what in left_out:
        if count:
            yield Note(
                f"{place.label}: {count:,} of {omega.draws:,} bootstrap draws for ω {what} its "
                "interval.",
                key=key,
            )


def reliability_rows(found: Sequence[ScaleReliability]) -> list[tuple[dict[str, Any], str]]:
    """Return the tidy rows and their support keys."""
    rows: list[tuple[dict[str, Any], str]] = []
    for entry in found:
        place = entry.place
        for name, estimate in (("alpha", entry.alpha), ("omega", entry.omega)):
            if estimate is None:
                continue
            rows.append(
                (
                    {
                        "term": f"{name}: {place.term}",
                        "quantity": name,
                        **place.columns,
                        "n": estimate.n,
                        "estimate": estimate.estimate,
                        "conf_low": estimate.conf_low,
                        "conf_high": estimate.conf_high,
                    },
                    entry.support.key,
                )
            )
    return rows


def reliability_table(found: Sequence[ScaleReliability], confidence: float) -> Table:
    """Lay out items, n, α and ω with their intervals."""
    percent = f"{100 * confidence:g} % CI"
    waves = any(entry.place.wave for entry in found)
    rows: list[Row] = []
    current = ""
    for entry in found:
        place, key = entry.place, entry.support.key
        if place.variable.label != current:
            current = place.variable.label
            rows.append(
                Row((Cell(f"{current} ({len(place.variable.items)} items)"),), heading=True)
            )
        rows.append(
            Row(
                (
                    Cell(place.who),
                    *([Cell(wave_label(place.wave))] if waves else []),
                    Cell(_n(entry), key),
                    *_estimate(entry.alpha, key),
                    *_estimate(entry.omega, key),
                )
            )
        )
    return Table(
        name="reliability",
        title="Reliability of each scale by role and wave",
        columns=(
            Column("role", "Role"),
            *([Column("wave", "Wave")] if waves else []),
            Column("n", "n", "count"),
            Column("alpha", "Estimate", "correlation", spanner="Cronbach's α"),
            Column("alpha_conf", percent, "correlation_interval", spanner="Cronbach's α"),
            Column("omega", "Estimate", "correlation", spanner="McDonald's ω"),
            Column("omega_conf", percent, "correlation_interval", spanner="McDonald's ω"),
        ),
        rows=tuple(rows),
        notes=(
            "n = persons who answered every item. CI = confidence interval: Feldt's for α, "
            "percentile bootstrap for ω.",
        ),
    )


def method(draws: int) -> str:
    """Say how reliability was estimated."""
    interval = (
        f" and a percentile interval over {draws:,} bootstrap draws of persons" if draws else ""
    )
    return (
        "Reliability is given as Cronbach's α with Feldt's (1965) interval and as McDonald's ω, "
        "from a one-factor maximum-likelihood model with the observed variance of the sum as "
        f"denominator{interval}; both rest on the persons who answered every item."
    )


def _n(entry: ScaleReliability) -> int | None:
    return entry.alpha.n if entry.alpha else None


def _estimate(found: Reliability | Omega | None, key: str) -> tuple[Cell, Cell]:
    if found is None:
        return Cell(None, key), Cell(None, key)
    return Cell(found.estimate, key), Cell((found.conf_low, found.conf_high), key)


def by_place(found: Sequence[ScaleReliability]) -> Mapping[str, ScaleReliability]:
    """Index reliabilities by the key of their place."""
    return {entry.place.key: entry for entry in found}
