"""Reliability of scales and of what is made of two members' scores, and whether scales differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from pydantic import Field

from dyadkit.answers.places import Place, confidence_of, frame_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.labels import role_label, wave_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import DataError, FitError, Refused
from dyadkit.estimation.correlation import pearson_matrix
from dyadkit.estimation.reliability import Omega, Reliability, cronbach_alpha, mcdonald_omega
from dyadkit.frame import DyadFrame
from dyadkit.measurement.composites import (
    average_variance_extracted,
    combined_reliability,
    composite_reliability,
    heterotrait_monotrait,
)
from dyadkit.measurement.items import item_columns, keyed_items, scale_places
from dyadkit.measurement.ladder import Factor
from dyadkit.measurement.reliability_shown import Combined, Pair, Scored, show_reliability
from dyadkit.measurement.scale_factors import FactorModel, combined_by_model, fit_factors
from dyadkit.results import Estimates, Note, Support
from dyadkit.study import Part


class ReliabilityOptions(Part):
    """What a study file may say about an analysis of type "reliability"."""

    variables: tuple[str, ...] | None = None
    draws: int = Field(default=1000, ge=0)


def assess_reliability(
    data: DyadFrame,
    variables: Sequence[str] | None = None,
    *,
    draws: int = 1000,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
) -> PresentedResult:
    """Estimate how reliable scales are, by role and wave, and what their two members' scores give.

    Parameters
    ----------
    data : DyadFrame
        With the items of the scales.
    variables : sequence of str, optional
        Scales with two items or more; default: all.
    draws : int
        Bootstrap samples for the interval of ω.
    alpha : float
        1 − confidence.
    seed : optional
        Of the bootstrap.

    Returns
    -------
    PresentedResult
        Tables ``reliability`` (α with Feldt's interval, ω with the observed variance, composite
        reliability and average variance extracted by the factor model of the wave), ``validity``
        (correlations of factors, HTMT, HTMT2, Fornell and Larcker's criterion) and ``members`` (of
        the difference and the mean of two members' scores).

    Raises
    ------
    Refused
        When there is no scale with items.
    StudyError
        When a variable is unknown, or no scale.

    Notes
    -----
    One factor model a wave has a factor for each scale and role, all correlated, and residuals of
    the same item correlated between members.  The formulas are in `dyadkit.measurement.composites`.
    """
    confidence = confidence_of(alpha)
    dyads = frame_of(data)
    sample = Sample.of(dyads)
    rng = np.random.default_rng(seed)
    places = scale_places(dyads, variables)
    scored: list[Scored] = []
    pairs: list[Pair] = []
    combined: list[Combined] = []
    supports: list[Support] = []
    notes: list[Note] = []
    models: list[FactorModel] = []
    for wave in dyads.occasions:
        here = [place for place in places if place.wave == wave]
        if not here:
            continue
        frame = keyed_items(sample, here)
        model, why = _model(here, frame)
        if why:
            key = f"model.{wave}"
            each_item = (frame[item].notna().to_numpy() for item in frame)
            supports.append(sample.least_support(key, each_item))
            text = f"{wave_label(wave) or 'All'}: no factor model. {why}"
            notes.append(Note(text, "warning", key))
        if model is not None:
            models.append(model)
        own = [
            _scored(sample, place, model, number, confidence, draws, rng, notes)
            for number, place in enumerate(here)
        ]
        scored += own
        supports += [each.support for each in own]
        if not dyads.exchangeable:
            combined += _combined(here, frame, model, own, sample, supports)
        pairs += _pairs(here, frame, model, sample, supports)
    shown = show_reliability(scored, pairs, combined, confidence)
    everyone = sample.everyone()
    return PresentedResult(
        type="reliability",
        title="Reliability and validity of scales",
        estimates=Estimates([row for row, _ in shown.rows], [key for _, key in shown.rows]),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": everyone.dyads,
            "n_persons": sample.n_persons,
            "n_models": len(models),
        },
        table_specs=tuple(shown.tables),
        sentences=tuple(shown.sentences),
        methods=tuple(shown.methods),
        supports=(*supports, everyone),
        minimum=minimum_of(dyads),
        notes=(*notes, *_shared(sample)),
    )


def _model(here: Sequence[Place], frame: pd.DataFrame) -> tuple[FactorModel | None, str]:
    """Fit the factor model of a wave; return none, and why, where there is none."""
    factors = [
        Factor(
            "_".join(part for part in ("f", place.variable.name, place.role, place.wave) if part),
            place.label,
            tuple(item_columns(place)),
        )
        for place in here
    ]
    few = [place.label for place in here if len(place.variable.items) < 3]
    if few and len(here) == 1:
        return None, f"{few[0]} has two items only, and one factor needs three."
    names = [place.variable.name for place in here]
    same = [(i, j) for i, j in combinations(range(len(here)), 2) if names[i] == names[j]]
    try:
        return fit_factors(factors, same, frame), ""
    except (DataError, FitError) as error:
        return None, str(error)


def _scored(
    sample: Sample,
    place: Place,
    model: FactorModel | None,
    number: int,
    confidence: float,
    draws: int,
    rng: np.random.Generator,
    notes: list[Note],
) -> Scored:
    """Estimate α and ω from persons who answered every item, each counted once."""
    names = list(place.variable.items)
    complete = sample.dyads.items(place.variable.name, place.role, place.wave).dropna(subset=names)
    values = complete[names].to_numpy(np.float64)
    support = sample.support(place.key, sample.slots_of(complete))
    alpha: Reliability | None = None
    omega: Omega | None = None
    try:
        alpha = cronbach_alpha(values, confidence)
        omega = mcdonald_omega(values, confidence, draws, rng)
    except (DataError, FitError, Refused) as error:
        notes.append(Note(f"{place.label}: {error}", "warning", place.key))
    composite = ave = None
    if model is not None:
        composite = composite_reliability(model.loadings[number], model.residuals[number])
        ave = average_variance_extracted(model.standardised[number])
    return Scored(place, len(values), alpha, omega, composite, ave, support)


def _pairs(
    here: Sequence[Place],
    frame: pd.DataFrame,
    model: FactorModel | None,
    sample: Sample,
    supports: list[Support],
) -> Iterator[Pair]:
    """Yield what tells each two scales or roles of a wave apart."""
    correlations = pearson_matrix(frame.to_numpy(np.float64)).estimate
    places = np.cumsum([0, *(len(place.variable.items) for place in here)])
    for i, j in combinations(range(len(here)), 2):
        one, other = (np.arange(places[k], places[k + 1]) for k in (i, j))
        both = frame.iloc[:, np.concatenate([one, other])].notna().all(axis=1).to_numpy()
        key = f"{here[i].key}&{here[j].key}"
        supports.append(sample.support(key, both))
        phi = None if model is None else float(model.phi[i, j])
        smaller = None
        if model is not None:
            smaller = min(average_variance_extracted(model.standardised[k]) for k in (i, j))
        yield Pair(
            here[i],
            here[j],
            key,
            phi,
            heterotrait_monotrait(correlations, one, other),
            heterotrait_monotrait(correlations, one, other, geometric=True),
            None if phi is None or smaller is None else smaller > phi**2,
        )


def _combined(
    here: Sequence[Place],
    frame: pd.DataFrame,
    model: FactorModel | None,
    scored: Sequence[Scored],
    sample: Sample,
    supports: list[Support],
) -> Iterator[Combined]:
    """Yield the reliability of the two members' difference and mean, for scales both answered."""
    for i, j in combinations(range(len(here)), 2):
        one, other = scored[i].omega or scored[i].alpha, scored[j].omega or scored[j].alpha
        if here[i].variable.name != here[j].variable.name or one is None or other is None:
            continue
        scores = np.column_stack(
            [frame[item_columns(place)].mean(axis=1, skipna=False) for place in (here[i], here[j])]
        )
        known = np.asarray(~np.isnan(scores).any(axis=1))
        if known.sum() < 3:
            continue
        sd = scores[known].std(axis=0, ddof=1)
        r = float(np.corrcoef(scores[known].T)[0, 1])
        key = f"{here[i].variable.name}.{here[i].wave}.members"
        supports.append(sample.support(key, known))

        def of(difference: bool, i: int = i, j: int = j) -> float | None:
            if model is None:
                return None
            return combined_by_model(model, i, j, difference=difference)

        both = (float(sd[0]), float(sd[1])), r, (one.estimate, other.estimate)
        yield Combined(
            here[i].variable,
            here[i].wave,
            key,
            int(known.sum()),
            r,
            combined_reliability(*both, difference=True),
            combined_reliability(*both, difference=False),
            of(True),
            of(False),
        )


def _shared(sample: Sample) -> Iterator[Note]:
    for shared in sample.shared_roles:
        yield Note(
            f"{role_label(shared)}: some belong to several dyads; in factor models their answers "
            "count once for each.",
            "warning",
        )
