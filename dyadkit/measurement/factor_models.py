"""Factor models compared: each scale a factor of its own, against models in which some are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place, confidence_of, frame_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import hidden_keys
from dyadkit.display.labels import role_label, wave_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import DataError, FitError, Refused, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.measurement.factor_alternatives import (
    FactorModel,
    alternatives_to,
    factor_syntax,
    read_merge,
)
from dyadkit.measurement.factor_models_shown import Compared, Variant, show_models
from dyadkit.measurement.items import keyed_items, scale_places
from dyadkit.measurement.ladder_asked import texts_asked
from dyadkit.measurement.marker import check_marker, marker_places
from dyadkit.measurement.marker_shown import (
    marker_methods,
    marker_notes,
    marker_rows,
    marker_sentences,
    marker_tables,
)
from dyadkit.models.differences import difference_of
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.results import Estimates, Note, Support
from dyadkit.study import Part


class FactorModelsOptions(Part):
    """What a study file may say about an analysis of type "factor_models"."""

    variables: tuple[str, ...] | None = None
    estimator: Literal["ML", "MLR"] = "ML"
    alternatives: tuple[str, ...] | None = None
    method_factor: bool = False
    marker: str | None = None


def compare_factor_models(
    data: DyadFrame,
    variables: Sequence[str] | None = None,
    *,
    estimator: Literal["ML", "MLR"] = "ML",
    alternatives: Sequence[str] | None = None,
    method_factor: bool = False,
    marker: str | None = None,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
) -> PresentedResult:
    """Compare the model with a factor for each scale with models in which scales are one factor.

    Parameters
    ----------
    data : DyadFrame
        With the items of the scales.
    variables : sequence of str, optional
        Scales; default: all with two items or more.
    estimator : {"ML", "MLR"}
        Incomplete rows count by full information.
    alternatives : sequence of str, optional
        Models in which scales are one factor, such as ``"trust + support"`` or, of two such
        factors, ``"trust + support, goals + focus"``.  Default: each two scales in turn.
    method_factor : bool
        Whether a model of each role with an unmeasured method factor is fitted too: one on which
        all items load alike, unrelated to the others.
    marker : str, optional
        A scale such as ``"chronotype"`` that theory does not relate to the others, asked of the
        same members: where one member answered it and two scales or more, the models of a marker
        variable say whether items share variance with it, and whether that biases the factors'
        correlations.  It is none of the variables that are compared.
    alpha : float
        1 − confidence; the level at which models with a marker are told apart.
    seed : optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        Table ``models``: each wave's models for each role alone and for both members, and those of
        all waves at once (residuals of the same item correlated across members and waves).  Of the
        models with a factor for each scale ``loadings``; ``residuals`` of all pairs of up to 12
        items, the ``largest_residuals`` of more; and the largest ``modification_indices`` of
        cross-loadings and residual covariances.
        With a marker ``marker``, the models of each role and wave, and ``marker_correlations``.

    Raises
    ------
    Refused
        When there are not two scales in any place, or the marker was not asked in any such place.
    StudyError
        When a variable is unknown, or no scale; when an alternative cannot be read, or the marker
        is one that is compared.

    Notes
    -----
    The one-factor model is Harman's test in its confirmatory form.  That it fits badly does not
    show that there is no common method variance; that it fits well would show a problem (Podsakoff
    and others, 2003).  Correlations of 1 lie on the boundary, so that chi-square differences of
    merged factors are conservative.

    The largest of many residuals and modification indices are large by chance alone; Bonferroni's
    p counts how many were looked at (MacCallum and others, 1992).

    The models with a marker are those of Williams, Hartman and Cavazotte (2010).  CFA correlates
    all factors; Baseline holds the marker's loadings and residual variances at their values there
    and its correlations at 0; Method-C adds equal loadings of all other items on it, Method-U
    unequal ones; Method-R is Method-U, where it differs from Method-C, else Method-C, with the
    other factors' correlations held at Baseline's.  Held values count as known, though they are
    estimates from the same answers: the test of Method-R seldom rejects where bias is small.

    References
    ----------
    MacCallum, R. C., Roznowski, M., & Necowitz, L. B. (1992). Model modifications in covariance
    structure analysis: The problem of capitalization on chance. Psychological Bulletin, 111,
    490-504.

    Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Common method biases
    in behavioral research: A critical review of the literature and recommended remedies. Journal of
    Applied Psychology, 88, 879-903.

    Williams, L. J., Hartman, N., & Cavazotte, F. (2010). Method variance and marker variables: A
    review and comprehensive CFA marker technique. Organizational Research Methods, 13, 477-514.
    """
    confidence_of(alpha)
    if estimator not in ("ML", "MLR"):
        raise StudyError(
            f"estimator = {estimator!r} compares no factor models: it takes ML or MLR. For ordered "
            "answers fit single models by fit_sem."
        )
    dyads = frame_of(data)
    sample = Sample.of(dyads)
    marked = {} if marker is None else marker_places(dyads, marker, variables)
    if variables is None and marked:
        apart = next(iter(marked.values())).variable.name
        every = dyads.variables.items()
        variables = [name for name, one in every if len(one.items) > 1 and name != apart]
    everywhere = scale_places(dyads, variables)
    sets = [*_sets(dyads, everywhere)]
    scales = list(dict.fromkeys(place.variable.name for place in everywhere))
    merges = None
    if alternatives is not None:
        example = " + ".join(scales[:2])
        asked = texts_asked("alternatives", alternatives, example)
        merges = [read_merge(text, scales) for text in asked]
    checks, without = (
        check_marker(sample, sets, marked, estimator=estimator, alpha=alpha) if marked else ([], [])
    )
    compared: list[Compared] = []
    supports: list[Support] = []
    notes: list[Note] = []
    for places, title in sets:
        frame = keyed_items(sample, places)
        key = f"models.{len(supports)}"
        each_item = (frame[item].notna().to_numpy() for item in frame)
        supports.append(sample.least_support(key, each_item))
        models = alternatives_to(places, merges, method=method_factor)
        variants, why = _fitted(models, places, frame, estimator)
        notes += [Note(f"{title}: {text}", "warning", key) for text in why]
        if variants:
            compared.append(Compared(title, key, tuple(places), tuple(variants)))
    if not compared:
        hidden = hidden_keys(supports, (), minimum_of(dyads))
        reasons = " ".join(note.text for note in notes if note.key not in hidden)
        raise Refused(
            "Factor models are compared where one person answered two scales or more, and nothing "
            f"could be compared here. {reasons}".rstrip()
        )
    shown = show_models(compared, estimator, method_factor)
    if marked:
        label = next(iter(marked.values())).variable.label
        supports += [check.support for check in checks]
        shown.rows += marker_rows(checks)
        shown.tables += marker_tables(checks, estimator)
        shown.sentences += marker_sentences(checks, alpha)
        shown.methods += marker_methods(label, estimator, alpha)
        shown.notes += marker_notes(checks, without, label)
    everyone = sample.everyone()
    return PresentedResult(
        type="factor_models",
        title="Factor models compared",
        estimates=Estimates([row for row, _ in shown.rows], [key for _, key in shown.rows]),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": everyone.dyads,
            "n_persons": sample.n_persons,
            "n_models": sum(len(each.variants) for each in compared)
            + sum(len(check.models) for check in checks),
        },
        table_specs=tuple(shown.tables),
        sentences=tuple(shown.sentences),
        methods=tuple(shown.methods),
        supports=(*supports, everyone),
        minimum=minimum_of(dyads),
        notes=(*notes, *shown.notes),
    )


def _sets(dyads: DyadFrame, everywhere: Sequence[Place]) -> Iterator[tuple[list[Place], str]]:
    """Yield the places of each role in each wave, those of both members, and those of all waves."""
    if dyads.exchangeable:
        raise Refused(
            "The members of these dyads share one role, so that there is no model for each. Fit "
            "one with equal parameters by fit_sem."
        )
    for wave in dyads.occasions:
        own = {
            role: [place for place in everywhere if (place.role, place.wave) == (role, wave)]
            for role in dyads.roles
        }
        for role, places in own.items():
            if len(places) > 1:
                yield places, ", ".join(p for p in (role_label(role), wave_label(wave)) if p)
        both = [place for places in own.values() for place in places]
        if all(own.values()):
            yield both, ", ".join(p for p in ("Both members", wave_label(wave)) if p)
    if len({place.wave for place in everywhere}) > 1:
        roles = list(dict.fromkeys(place.role for place in everywhere))
        who = "Both members" if len(roles) > 1 else role_label(roles[0])
        yield list(everywhere), f"{who}, all waves"


def _fitted(
    models: Iterable[FactorModel],
    places: Sequence[Place],
    frame: pd.DataFrame,
    estimator: Literal["ML", "MLR"],
) -> tuple[list[Variant], list[str]]:
    """Fit all models of a set; those that cannot be fitted are told of."""
    variants: list[Variant] = []
    why: list[str] = []
    first: SemFit | None = None
    for model in models:
        syntax = factor_syntax(places, model)
        try:
            fit = fit_sem(syntax, frame, auto="cfa", std_lv=True, estimator=estimator)
        except (DataError, FitError) as error:
            why.append(f"the model '{model.name}' could not be fitted. {error}")
            if first is None:
                break
            continue
        if first is None:
            first = fit
            variants.append(Variant(model.name, len(model.groups), syntax, fit))
            continue
        found = difference_of(first, fit, (variants[0].name, model.name))
        why += [found.remark] * bool(found.remark)
        factors = len(model.groups) + int(model.method)
        tested = (found.statistic, found.df, found.p_value)
        variants.append(Variant(model.name, factors, syntax, fit, *tested))
    return variants, why
