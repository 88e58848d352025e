"""How latent change was modelled, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Iterator

from dyadkit.panel.change.change_found import Change
from dyadkit.panel.change.change_two_waves import change as change_name
from dyadkit.panel.change.dual_change import change_at, slope, true_score
from dyadkit.panel.estimates import KEY
from dyadkit.panel.lags import lag_notes
from dyadkit.panel.request import INCOMPLETE
from dyadkit.panel.shown import column_labels, fit_warnings
from dyadkit.results import Note


def methods_of_change(change: Change) -> Iterator[str]:
    """Say how models were fitted."""
    fitted = f"were fitted by maximum likelihood; {INCOMPLETE}."
    if change.dual:
        yield (
            f"Dual change score models (McArdle & Hamagami, 2001) {fitted} A change between steps "
            "has a constant part of the person and depends on true scores of the step before; "
            f"effects and variances of {change.errors} are the same in all waves."
        )
    else:
        yield (
            f"Latent change score models of two waves (McArdle, 2009) {fitted} Change depends on "
            "where series started."
        )
    yield (
        "Competing models are compared with the one that has all effects by chi-square differences."
    )
    if change.request.estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )


def notes_of_change(change: Change) -> Iterator[Note]:
    """Yield what models assume, and warnings."""
    roles = " and in both roles" if len({one.role for one in change.series}) > 1 else ""
    if change.request.indicators != "items":
        yield Note(
            f"Means are compared as they are: that scales measure the same in all waves{roles} is "
            'taken for granted (see type = "invariance").'
        )
    if change.dual:
        yield from _dual_notes(change)
    elif change.request.measurement.latent:
        yield from lag_notes(change.request, equal=False)
    else:
        yield Note(
            "Changes are of scores, with their errors of measurement: who scored high by error "
            "falls back (regression to the mean), so that feedback comes out more negative than it "
            "is, and couplings are biased too. Two waves cannot tell error from change."
        )
        yield from lag_notes(change.request, equal=False)
    yield from _negative(change)
    yield from fit_warnings(change.full.fit, _labels(change))


def _labels(found: Change) -> dict[str, str]:
    """Return what a reader calls the variables of the model."""
    labels = column_labels(found.series, found.waves)
    steps = range(found.steps.of_waves[-1] + 1) if found.steps else ()
    for one in found.series:
        labels[change_name(one)] = f"change of {one.label}"
        labels[slope(one)] = f"constant change of {one.label}"
        for step in steps:
            labels[true_score(one, step)] = f"true score of {one.label} at step {step}"
            labels[change_at(one, step)] = f"change of {one.label} to step {step}"
    return labels


def _dual_notes(change: Change) -> Iterator[Note]:
    steps = change.steps
    if steps is None:
        return
    yield Note(
        "The model takes change to follow from constant parts and true scores without a remainder, "
        "and effects to be the same over time. Where it does not fit, neither do its couplings."
    )
    if not steps.length:
        yield Note(
            "The study does not say how far the waves are apart; they were taken to be equally "
            "far. Say when each wave was (time = …)."
        )
    else:
        unseen = f", {steps.unseen} of which had no wave" if steps.unseen else ""
        yield Note(
            f"Effects hold for a step of {steps.length}; there are {steps.of_waves[-1]}{unseen}."
        )
    if len(change.series) > 1 and len(change.waves) == 3:
        yield Note(
            "Three waves identify couplings by the curvature of three points only; their "
            "estimates are unstable. Four waves or more are recommended.",
            "warning",
        )


def _negative(change: Change) -> Iterator[Note]:
    for one in change.series:
        for what, found in change.variances(one).items():
            if found["estimate"] > 0:
                continue
            enough = (
                ", whose interval reaches above 0: it may be none, and a simpler model do."
                if found["conf_high"] > 0
                else " below 0 by more than chance: the model is wrong for it."
            )
            yield Note(
                f"{one.label}: the {what} is negative{enough} Correlations and standardised "
                "effects with it are not to be interpreted.",
                "warning",
                KEY,
            )
