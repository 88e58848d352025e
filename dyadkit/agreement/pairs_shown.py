"""Two members' answers, from what was asked to what is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Literal

import numpy as np

from dyadkit.agreement.behind import support_of, support_of_rest, supports_of_shares
from dyadkit.agreement.categories_shown import Categorised, show_categories
from dyadkit.agreement.category_agreement import compare_categories
from dyadkit.agreement.comparisons import Comparison, Subject, comparisons_of
from dyadkit.agreement.derived import DerivedValues
from dyadkit.agreement.figures_shown import Patterns, difference_plot, limits_plot, pattern_plot
from dyadkit.agreement.guide import CATEGORIES, PROFILES, RATINGS, SELF_OTHER, Family
from dyadkit.agreement.krippendorff import Metric
from dyadkit.agreement.members_shown import Likened, show_members
from dyadkit.agreement.plausible import outside_range, require_computable
from dyadkit.agreement.profiles_shown import Profiled, profile, show_profiles
from dyadkit.agreement.ratings_shown import Rated, show_ratings
from dyadkit.agreement.self_other import SelfOther, self_other_categories
from dyadkit.agreement.self_other_shown import show_self_other
from dyadkit.agreement.shown import Shown, unused
from dyadkit.agreement.two_members import compare_members
from dyadkit.agreement.two_ratings import compare_ratings
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import hidden_keys
from dyadkit.errors import DataError
from dyadkit.estimation.arrays import BoolArray, IntArray, constant
from dyadkit.results import Note, Total

Weights = Literal["unweighted", "linear", "quadratic", "ordinal"] | tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for; see `assess_agreement`."""

    confidence: float
    percent: str
    families: tuple[Family, ...] | None
    margin: float | None
    within: float | None
    share: float
    weights: Weights | None
    rescale: bool
    draws: int
    permutations: int


@dataclass(slots=True)
class _Found:
    """What was estimated, by family."""

    rated: list[Rated] = field(default_factory=list)
    likened: list[Likened] = field(default_factory=list)
    categorised: list[Categorised] = field(default_factory=list)
    profiled: list[Profiled] = field(default_factory=list)
    sorted: list[tuple[Comparison, SelfOther]] = field(default_factory=list)


def families_of(
    sample: Sample, subject: Subject, asked: Sequence[Family] | None
) -> tuple[tuple[Family, ...], list[Note]]:
    """Return the families of indices that a subject calls for, and why one asked for is not."""
    kind = subject.first.kind
    items = len(subject.first.items) if subject.has_items else 0
    held = all(sample.holds_items(variable) for variable in (subject.first, subject.second))
    fitting = {
        RATINGS: subject.numeric and (kind != "ordinal" or asked is not None),
        CATEGORIES: not subject.numeric or kind == "ordinal" or asked is not None,
        PROFILES: items > 2 and held,
        SELF_OTHER: bool(subject.roles) and subject.numeric and asked is not None,
    }
    if asked is None:
        return tuple(family for family in _ESTIMATE if fitting[family]), []
    why_not = {
        RATINGS: "its answers are no numbers",
        PROFILES: (
            f"patterns need three items or more, and it has {items}"
            if items < 3
            else "its items are not in the data"
        ),
        SELF_OTHER: (
            "its answers are no numbers"
            if subject.roles
            else "the members share one role, so that none is the self"
        ),
    }
    chosen = tuple(family for family in _ESTIMATE if family in asked)
    notes = [
        Note(f"{subject.label}: {family.replace('_', '–')} left out, since {why_not[family]}.")
        for family in chosen
        if not fitting[family]
    ]
    return tuple(family for family in chosen if fitting[family]), notes


def show_pairs(
    sample: Sample,
    subjects: Sequence[Subject],
    levels: dict[str, BoolArray],
    settings: Settings,
    derived: DerivedValues,
    rng: np.random.Generator,
) -> tuple[Shown, list[str]]:
    """Estimate and lay out all families of all subjects; return which families there are."""
    shown, found = Shown(), _Found()
    cluster = sample.clusters()
    tried = set[str]()
    for subject in subjects:
        families, left_out = families_of(sample, subject, settings.families)
        shown.notes += left_out
        tried |= set(families)
        counted = _are_none(settings.weights or _usual(subject))
        for comparison in comparisons_of(
            sample, subject, levels, families, rescale=settings.rescale
        ):
            key = comparison.key
            shown.supports.append(support_of(sample, comparison, counted=counted))
            if levels and not comparison.level:
                parts = (*(f"{key}#{level}" for level in levels), comparison.rest_key)
                shown.totals.append(Total(key, parts))
                there = list(levels.values())
                shown.supports.append(support_of_rest(sample, comparison, there, counted=counted))
            if comparison.family == RATINGS:
                shown.notes += outside_range(comparison)
            try:
                _ESTIMATE[comparison.family](comparison, found, settings, cluster, rng)
            except DataError as error:
                text = f"{comparison.label}: {error}"
                if not any(note.text == text for note in shown.notes):
                    shown.notes.append(Note(text, "warning", key))
    shown.notes += _without_effect(sample, settings, tried)
    for comparison, codes in found.sorted:
        supports, total = supports_of_shares(sample, comparison, codes.codes)
        shown.supports += supports
        shown.totals.append(total)
    _derive(found, derived)
    shown.add(show_ratings(found.rated, settings.percent))
    shown.add(show_members(found.likened, settings.percent))
    words = settings.weights if isinstance(settings.weights, str) else None
    shown.add(
        show_categories(found.categorised, settings.percent, words or _weights_named(settings))
    )
    shown.add(show_profiles(found.profiled, settings.percent))
    shown.add(show_self_other(found.sorted, settings.percent))
    hidden = hidden_keys(shown.supports, shown.totals, minimum_of(sample.dyads))
    _draw(sample, found, shown, hidden)
    estimated = {
        RATINGS: found.rated or found.likened,
        CATEGORIES: found.categorised,
        PROFILES: found.profiled,
        SELF_OTHER: found.sorted,
    }
    return shown, [family for family, estimates in estimated.items() if estimates]


def _without_effect(sample: Sample, settings: Settings, tried: set[str]) -> list[Note]:
    """Note the options that were given but mean nothing here."""
    notes = []
    if RATINGS not in tried:
        notes += unused("no numbers are compared", margin=settings.margin, within=settings.within)
    elif sample.dyads.exchangeable:
        why = "the difference of members who share one role has no sign, and no mean"
        notes += unused(why, margin=settings.margin)
    if CATEGORIES not in tried:
        notes += unused("no categories are compared", weights=settings.weights)
    return notes


def _weights_named(settings: Settings) -> str:
    if settings.weights is not None:
        return "the study's own"
    return "quadratic where categories are ordered, none elsewhere"


def _rate(
    comparison: Comparison, found: _Found, settings: Settings, _: IntArray, rng: object
) -> None:
    require_computable(comparison)
    first, second = comparison.ratings
    confidence, within, share = settings.confidence, settings.within, settings.share
    if comparison.subject.roles:
        _require_variance(comparison)
        margin = settings.margin
        rated = compare_ratings(
            first, second, confidence, margin=margin, within=within, share=share
        )
        found.rated.append((comparison, rated))
    else:
        alike = compare_members(first, second, confidence, within=within, share=share)
        found.likened.append((comparison, alike))


def _require_variance(comparison: Comparison) -> None:
    """Say which side gave one answer only."""
    sides = zip(comparison.subject.sides, comparison.ratings, strict=True)
    alike = [side.lower() for side, answers in sides if answers.size > 2 and constant(answers)]
    if alike:
        n = int(comparison.slots.sum())
        raise DataError(
            f"The answers of the {' and of the '.join(alike)} are the same in all {n} dyads, so "
            "that nobody can be seen to agree. Leave the variable out, or check its coding."
        )


def _categorise(
    comparison: Comparison,
    found: _Found,
    settings: Settings,
    _: IntArray,
    rng: np.random.Generator,
) -> None:
    metric: Metric = "ordinal" if comparison.subject.numeric else "nominal"
    first, second = comparison.ratings
    given = np.unique(np.concatenate([first, second]))
    if given.size == 1:
        raise DataError(
            f"All {first.size} dyads agree, since both sides chose one and the same category "
            "throughout: agreement beyond chance cannot be told."
        )
    agreement = compare_categories(
        np.column_stack([first, second]),
        _codes(comparison),
        weights=settings.weights or _usual(comparison.subject),
        metric=metric,
        confidence=settings.confidence,
        draws=settings.draws,
        rng=rng,
    )
    found.categorised.append((comparison, agreement))


def _usual(subject: Subject) -> Weights:
    return "quadratic" if subject.numeric else "unweighted"


def _are_none(weights: Weights) -> bool:
    """Tell whether only one and the same category counts as agreement."""
    if isinstance(weights, str):
        return weights == "unweighted"
    matrix = np.array(weights)
    return matrix.shape == (len(matrix),) * 2 and np.array_equal(matrix, np.eye(len(matrix)))


def _codes(comparison: Comparison) -> list[float] | None:
    """Return the codes that were possible: of names, all; of whole numbers, those of the range."""
    if comparison.categories:
        return [float(code) for code in range(len(comparison.categories))]
    possible = comparison.subject.first.range
    if possible is None:
        return None
    numbers = np.concatenate([*comparison.ratings, possible])
    if not np.array_equal(numbers, np.rint(numbers)):
        return None
    return [float(code) for code in range(int(possible[0]), int(possible[1]) + 1)]


def _profile(
    comparison: Comparison,
    found: _Found,
    settings: Settings,
    cluster: IntArray,
    rng: np.random.Generator,
) -> None:
    draws, confidence = settings.permutations, settings.confidence
    found.profiled.append(
        profile(comparison, cluster, permutations=draws, rng=rng, confidence=confidence)
    )


def _sort(
    comparison: Comparison, found: _Found, settings: Settings, _: IntArray, rng: object
) -> None:
    first, second = comparison.ratings
    confidence = settings.confidence
    found.sorted.append((comparison, self_other_categories(first, second, confidence=confidence)))


_ESTIMATE: dict[Family, Callable[..., None]] = {
    RATINGS: _rate,
    CATEGORIES: _categorise,
    PROFILES: _profile,
    SELF_OTHER: _sort,
}


def _derive(found: _Found, derived: DerivedValues) -> None:
    for comparison, _ in (*found.rated, *found.likened):
        if not comparison.level:
            derived.add_differences(comparison)
    for each in found.profiled:
        comparison, subject = each.comparison, each.comparison.subject
        if not comparison.level:
            for name in ("distinctive", "overall"):
                derived.add(
                    f"{subject.name}_{name}_similarity",
                    f"{subject.label}: {name} similarity",
                    comparison.wave,
                    comparison.slots,
                    getattr(each.profiles, name),
                )
    for comparison, codes in found.sorted:
        if not comparison.level:
            derived.add(
                f"{comparison.subject.name}_self_other",
                f"{comparison.subject.label}: self–other category",
                comparison.wave,
                comparison.slots,
                np.where(codes.codes > -9, codes.codes, nan),
            )


def _draw(sample: Sample, found: _Found, shown: Shown, hidden: frozenset[str]) -> None:
    distances = [(comparison, rated.limits) for comparison, rated in found.rated]
    distances += [(comparison, alike.limits) for comparison, alike in found.likened]
    for name in dict.fromkeys(comparison.subject.name for comparison, _ in distances):
        own = [each for each in distances if each[0].subject.name == name]
        plots = (
            limits_plot(sample, own, hidden),
            difference_plot(sample, [comparison for comparison, _ in own], hidden),
        )
        shown.figures += [plot for plot in plots if plot is not None]
    for name in dict.fromkeys(each.comparison.subject.name for each in found.profiled):
        patterns = [
            Patterns(each.comparison, each.profiles.distinctive, each.distinctive)
            for each in found.profiled
            if each.comparison.subject.name == name
        ]
        plot = pattern_plot(sample, patterns)
        if plot is not None:
            shown.figures.append(plot)
