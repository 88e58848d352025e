"""Growth models that compete with the one that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dyadkit.panel.growth.growth_inputs import GrowthInputs
from dyadkit.panel.growth.growth_shapes import FEWEST
from dyadkit.panel.growth.growth_syntax import Terms
from dyadkit.panel.request import Shape

NAMES: dict[Shape, str] = {
    "linear": "Linear",
    "quadratic": "Quadratic",
    "piecewise": "Piecewise",
    "latent_basis": "Latent basis",
}


@dataclass(frozen=True, slots=True)
class Competing:
    """A model to compare: what a reader calls it, and what it has.

    `tested` says that its chi-square difference to the model that was asked for is a test: it
    restricts that model regularly, or is restricted by it.
    """

    name: str
    words: str
    terms: Terms
    tested: bool = True


def chosen_model(inputs: GrowthInputs) -> Competing:
    """Return the model that was asked for."""
    shape = inputs.request.shape
    words = {
        "linear": "change at one pace",
        "quadratic": "change at a pace that changes",
        "piecewise": f"change that turns at {inputs.request.wave_labels[inputs.turn]}",
        "latent_basis": "change of free shape",
    }
    return Competing(NAMES[shape], words[shape], Terms(inputs.factors))


def competing_models(inputs: GrowthInputs) -> Iterator[Competing]:
    """Yield the models to compare with it.

    Linear change restricts every other shape.  Quadratic change restricts neither change in pieces
    nor change of free shape, nor do these restrict it.  Without change a free shape is undefined,
    so that the difference to it would not follow a chi-square distribution.
    """
    chosen = Terms(inputs.factors)
    shape = inputs.request.shape
    still = replace(chosen, factors=inputs.factors[:1])
    yield Competing("No change", "level only", still, tested=shape != "latent_basis")
    words = "persons differ in level only"
    yield Competing("Same change for all", words, replace(chosen, alike=True))
    simple: tuple[Shape, ...] = ("linear", "quadratic")
    for other in simple:
        if other == shape or len(inputs.times) < FEWEST[other]:
            continue
        words = "change at one pace" if other == "linear" else "change at a pace that changes"
        tested = other == "linear" or shape == "linear"
        yield Competing(NAMES[other], words, Terms(inputs.shaped(other)), tested)
    equal = replace(chosen, equal_residuals=True)
    yield Competing("Equal residual variances", "the same in all waves", equal)
    if inputs.both_roles:
        level, *changes = (factor.name for factor in inputs.factors)
        for name, words, terms in (
            ("Equal levels", "means of level", replace(chosen, equal_means=frozenset({level}))),
            ("Equal change", "means of change", replace(chosen, equal_means=frozenset(changes))),
            ("Equal variances", "of level and change", replace(chosen, equal_variances=True)),
        ):
            yield Competing(f"{name} in both roles", words, terms)
    if inputs.covariates:
        yield Competing(
            "Covariates without effects", "on level and change", replace(chosen, covariates=False)
        )
    if inputs.predictors:
        yield from _about_predictors(chosen)
    if len(inputs.groups) > 1:
        means, variances = (replace(chosen, groups_share=frozenset({one})) for one in _SHARED)
        yield Competing("Equal means in groups", "of level and change", means)
        yield Competing("Equal variances in groups", "covariances too", variances)


_SHARED = ("means", "variances")


def _about_predictors(chosen: Terms) -> Iterator[Competing]:
    yield Competing("Predictors without effects", "in any wave", replace(chosen, effects="none"))
    yield Competing("Effects free in each wave", "of predictors", replace(chosen, effects="free"))
    yield Competing(
        "Predictors unrelated to growth", "with level and change", replace(chosen, unrelated=True)
    )
