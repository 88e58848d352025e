"""What a reader is told of how series are measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dyadkit.display.formats import format_value
from dyadkit.errors import listed
from dyadkit.panel.estimates import KEY
from dyadkit.panel.indicators import Measurement
from dyadkit.results import Note


def item_labels(measurement: Measurement, waves: Sequence[str]) -> dict[str, str]:
    """Return what a reader calls the columns of items; `waves` are the waves' labels."""
    return {
        column: " at ".join(part for part in (f"item {item} of {one.label}", wave) if part)
        for one in measurement.series * (measurement.how == "items")
        for factor, wave in zip(one.columns, waves, strict=True)
        for item, column in zip(
            measurement.scales[one.variable].items, measurement.observed[factor], strict=True
        )
    }


def measurement_methods(
    measurement: Measurement, hidden: frozenset[str], *, grouped: bool
) -> Iterator[str]:
    """Say how latent series are measured, without numbers where these are `hidden`.

    `grouped` says that the model has groups.
    """
    if measurement.how == "items":
        waves = ["in all waves"] * (len(measurement.series[0].columns) > 1)
        variables = [one.variable for one in measurement.series]
        both = ["for both members"] * (len(set(variables)) < len(variables))
        groups = ["in all groups"] * grouped
        covary = [
            *(["between waves"] if waves else []),
            *(["between members within a wave" if waves else "between members"] if both else []),
        ]
        yield (
            "Series are latent variables of their items, whose loadings and intercepts are equal "
            f"{' and '.join([*waves, *both, *groups])}; residuals of one item covary "
            f"{' and '.join(covary)}."
        )
    if measurement.how == "reliability":
        told = "; ".join(
            f"{name}: {', '.join(format_value(alpha, 'correlation') for alpha in alphas)}"
            for name, alphas in measurement.reliabilities
        )
        yield (
            "Scores are single indicators of latent variables, with the error variance that "
            "coefficient alpha of each wave leaves"
            + ", the same in all groups" * grouped
            + ("." if KEY in hidden else f" ({told}).")
        )


def measurement_notes(measurement: Measurement) -> Iterator[Note]:
    """Say what the units of latent series are, and what is taken as known."""
    if measurement.how == "items":
        labels = {one.variable: one.short for one in measurement.series}
        firsts = listed(list(_first_items(measurement, labels)))
        yield Note(
            "Latent series have the units and the means of the first item of their scales: "
            f"{firsts}. The fit of the models is that of loadings and intercepts being equal too."
        )
        pairs = [labels[name] for name, scale in measurement.scales.items() if len(scale.items) < 3]
        if pairs:
            yield Note(
                f"Of two items ({listed(pairs)}), whose residuals covary over "
                f"{'waves' if len(measurement.series[0].columns) > 1 else 'members'}, no more than "
                "means and relations with other series tell the loading of the second: it, and "
                "what rests on it, may be nearly undetermined. Take scales of three items or more, "
                'or indicators = "reliability".',
                "warning",
            )
    if measurement.how == "reliability":
        yield Note(
            "Error variances are held at what alpha leaves, as if it were known: standard errors "
            "do not tell that it is estimated.",
        )
    if measurement.latent:
        yield Note(
            "What is standardised is so by the latent series, without errors of measurement: β, d "
            "and correlations are not to be compared with those of scores."
        )


def _first_items(measurement: Measurement, labels: Mapping[str, str]) -> Iterator[str]:
    for name, scale in measurement.scales.items():
        first = scale.items[0]
        turned = " (keyed in reverse, and turned round)" * (first in scale.reverse)
        yield f"{first}{turned} of {labels[name]}"
