"""How a dynamic panel was modelled, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Iterator

from dyadkit.panel.dynamic.dynamic_found import Dynamic
from dyadkit.panel.dynamic.dynamic_models import stable
from dyadkit.panel.estimates import KEY
from dyadkit.panel.lagged.fitted import Effect
from dyadkit.panel.lags import lag_notes
from dyadkit.panel.request import INCOMPLETE
from dyadkit.panel.shown import column_labels, fit_warnings
from dyadkit.results import Note


def methods_of_dynamic(found: Dynamic) -> Iterator[str]:
    """Say how models were fitted."""
    equal = "" if found.form.by_wave else ", with effects that are equal between all waves"
    yield (
        "Dynamic panel models with fixed effects (Allison, Williams, & Moral-Benito, 2017) were "
        f"fitted by maximum likelihood; {INCOMPLETE}. "
        f"{found.y.label} depends on itself and on {found.x.label} one wave before{equal}, and on "
        f"what is stable, which may go with {found.x.label}; {found.x.label} may depend on earlier "
        f"{found.y.label}."
    )
    yield (
        "Random effects, unrelated to x, are tested against fixed ones by the chi-square "
        "difference, as are the other models."
    )
    if found.request.estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )


def notes_of_dynamic(found: Dynamic, effects: list[Effect]) -> Iterator[Note]:
    """Yield what models assume, and warnings."""
    x, y = found.x.label, found.y.label
    yield Note(
        f"Fixed effects take out what is stable in {found.within} and bears on {y} equally in all "
        "waves, known or not; they do not take out what changes over time and drives both."
    )
    yield Note(
        f"{x} of a wave is taken to be unrelated to what else moves {y} in that wave. The model "
        "'Related within waves' does not assume this."
    )
    yield Note(
        f"This is the effect of {x} on later {y} only, and {x} of {found.waves[-1]} has no part in "
        "it. For the other direction ask again with x and y exchanged."
    )
    yield from lag_notes(found.request, equal=not found.form.by_wave)
    related = found.model("Related within waves")
    if related is not None and related.p_value < 1 - found.request.confidence:
        yield Note(
            f"Residuals of {y} go with {x} of the same wave: the model that lets them fits better. "
            "Fixed effects without these are biased then; see its effect in the figure.",
            "warning",
            KEY,
        )
    variance = found.raw[stable(found.y), "~~", stable(found.y)]
    if variance["estimate"] <= 0:
        enough = (
            ", whose interval reaches above 0: nothing stable beyond the effects over time was "
            "found."
            if variance["conf_high"] > 0
            else " below 0 by more than chance: the model is wrong."
        )
        yield Note(f"What is stable in {y} has a negative variance{enough}", "warning", KEY)
    own = [effect.raw["estimate"] for effect in effects if not effect.crossed]
    if max(map(abs, own)) >= 1:
        yield Note(
            f"{y} depends on itself by 1 or more: it does not return to a usual level, and what is "
            "said of one does not hold.",
            "warning",
            KEY,
        )
    labels = column_labels((found.x, found.y), found.waves)
    labels[stable(found.y)] = f"what is stable in {y}"
    yield from fit_warnings(found.models[-1].fit, labels)
