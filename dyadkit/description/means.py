"""Means, standard deviations, skewness and quartiles of every variable, by role and wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Answers, BoolArray, FloatArray, IntArray, Sample
from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.formats import statistic_style
from dyadkit.display.labels import wave_label
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.estimation.moments import Moments, describe
from dyadkit.results import Note, Support

_QUARTILES = ("q25", "median", "q75")
_DECILES = ("q10", "q90")


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of one variable in one place.

    Attributes
    ----------
    place : Place
    moments : Moments
    std_error, df, conf_low, conf_high : float
        Of the mean, with the dyads that a shared person links as clusters.
    supports : tuple of Support
        Of the moments, the quartiles and the deciles.
    """

    place: Place
    moments: Moments
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    supports: tuple[Support, Support, Support]


def describe_place(
    sample: Sample, place: Place, answers: Answers, clusters: IntArray, confidence: float
) -> tuple[Described | None, tuple[Note, ...]]:
    """Describe the answers given in one place, each counted once."""
    from scipy.stats import t

    once = answers.once
    if not once.any():
        return None, (Note(f"{place.label}: nobody answered.", "warning"),)
    values = answers.values[once]
    moments = describe(values)
    std_error, df = _std_error(values, np.resize(clusters, len(once))[once])
    width = std_error * float(t.ppf(0.5 + confidence / 2, df)) if df > 0 else float("nan")
    notes: tuple[Note, ...] = ()
    if moments.sd == 0:
        text = f"{place.label}: everybody gave the same answer."
        notes = (Note(text, "warning", key=place.key),)
    found = Described(
        place,
        moments,
        std_error,
        df,
        moments.mean - width,
        moments.mean + width,
        _supports(sample, place.key, once, answers),
    )
    return found, notes


def moment_rows(found: Described) -> list[tuple[dict[str, Any], str]]:
    """Return the tidy rows of one place and their support keys."""
    place, moments = found.place, found.moments
    shared = {**place.columns, "n": moments.n}
    rows: list[tuple[dict[str, Any], str]] = [
        (
            {
                "term": f"mean: {place.term}",
                "quantity": "mean",
                **shared,
                "estimate": moments.mean,
                "std_error": found.std_error,
                "df": found.df,
                "conf_low": found.conf_low,
                "conf_high": found.conf_high,
            },
            place.key,
        )
    ]
    values = asdict(moments)
    for quantity in ("sd", "skewness", *_QUARTILES, *_DECILES):
        row = {
            "term": f"{quantity}: {place.term}",
            "quantity": quantity,
            **shared,
            "estimate": values[quantity],
        }
        rows.append((row, _key(place, quantity)))
    return rows


def moments_table(found: Sequence[Described]) -> Table:
    """Lay out n, M, SD, skew, the possible range and the quartiles."""
    waves = any(entry.place.wave for entry in found)
    rows: list[Row] = []
    current = ""
    for entry in found:
        place, moments, key = entry.place, entry.moments, entry.place.key
        if place.variable.label != current:
            current = place.variable.label
            rows.append(Row((Cell(current),), heading=True))
        style = statistic_style(moments.sd)
        quartiles = ((name, getattr(moments, name)) for name in _QUARTILES)
        rows.append(
            Row(
                (
                    Cell(place.who),
                    *([Cell(wave_label(place.wave))] if waves else []),
                    Cell(moments.n, key),
                    Cell(moments.mean, key, style),
                    Cell(moments.sd, key, style),
                    Cell(moments.skewness, key),
                    Cell(possible_range(place)),
                    *(Cell(value, _key(place, name), style) for name, value in quartiles),
                )
            )
        )
    return Table(
        name="descriptives",
        title="Means, standard deviations and quartiles by role and wave",
        columns=(
            Column("role", "Role"),
            *([Column("wave", "Wave")] if waves else []),
            Column("n", "n", "count"),
            Column("mean", "M", "statistic"),
            Column("sd", "SD", "statistic"),
            Column("skewness", "Skew", "statistic"),
            Column("possible_range", "Possible range"),
            Column("q25", "25 %", "statistic", spanner="Quantile"),
            Column("median", "50 %", "statistic", spanner="Quantile"),
            Column("q75", "75 %", "statistic", spanner="Quantile"),
        ),
        rows=tuple(rows),
        notes=("n = persons (or dyads) who answered; each answer counts once.",),
    )


def mean_plots(found: Sequence[Described], confidence: float) -> list[IntervalPlot]:
    """Show the means of scales on their possible range, one plot a range."""
    scales = [e for e in found if e.place.variable.kind == "scale" and e.place.variable.range]
    plots: list[IntervalPlot] = []
    ranges = dict.fromkeys(entry.place.variable.range for entry in scales)
    for limits in ranges:
        mine = [entry for entry in scales if entry.place.variable.range == limits]
        if len(mine) < 2 or limits is None:
            continue
        written = f"{limits[0]:g}–{limits[1]:g}"
        plots.append(
            IntervalPlot(
                name="means" if len(ranges) == 1 else f"means-{len(plots) + 1}",
                title=f"Means with confidence intervals (possible range {written})",
                alt="Means with confidence intervals, as in the table of descriptive statistics.",
                axis="Mean",
                intervals=tuple(
                    Interval(
                        label=", ".join(
                            part
                            for part in (e.place.variable.label, wave_label(e.place.wave))
                            if part
                        ),
                        estimate=e.moments.mean,
                        low=e.conf_low,
                        high=e.conf_high,
                        key=e.place.key,
                        series=e.place.who,
                    )
                    for e in mine
                ),
                style="statistic",
                limits=limits,
                interval=f"{100 * confidence:g} % CI",
            )
        )
    return plots


def possible_range(place: Place) -> str | None:
    """Write the lowest and the highest possible value."""
    if place.variable.range is None:
        return None
    low, high = place.variable.range
    return f"{low:g}–{high:g}"


def _std_error(values: FloatArray, clusters: IntArray) -> tuple[float, float]:
    """Return the standard error of a mean and its degrees of freedom, clusters less one.

    The sums of the deviations in each of G clusters vary about zero: the variance of the mean of
    N values is G/(G − 1) times the sum of their squares, over N² (Liang & Zeger, 1986).  With one
    value a cluster that is the ordinary SD/√N.
    """
    _, code = np.unique(clusters, return_inverse=True)
    sums = np.bincount(code, weights=values - values.mean())
    count = sums.size
    if count < 2:
        return float("nan"), 0.0
    variance = count / (count - 1) * float(sums @ sums) / values.size**2
    return float(np.sqrt(variance)), float(count - 1)


def _supports(
    sample: Sample, key: str, once: BoolArray, answers: Answers
) -> tuple[Support, Support, Support]:
    """Return who supports the moments, the quartiles and the deciles.

    A quantile is an answer, or lies between two.  It rests on the people of the part that it cuts
    off: the quarter below the first quartile, the tenth below the first decile.
    """
    whole = sample.support_of_values(key, once, answers.values)

    def part(name: str, parts: int) -> Support:
        few = (max(count // parts, min(count, 1)) for count in (whole.dyads, whole.persons))
        return Support(f"{key}#{name}", *few)

    return whole, part("quartiles", 4), part("deciles", 10)


def _key(place: Place, quantity: str) -> str:
    if quantity in _QUARTILES:
        return f"{place.key}#quartiles"
    return f"{place.key}#deciles" if quantity in _DECILES else place.key
