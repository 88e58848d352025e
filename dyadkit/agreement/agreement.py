"""Agreement: do the two members of a dyad, or the members of a group, see the same thing?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pydantic import Field

from dyadkit.agreement.comparisons import (
    Comparison,
    comparisons_of,
    levels_of,
    subjects_of,
)
from dyadkit.agreement.derived import DerivedValues
from dyadkit.agreement.guide import RATINGS, guide_table
from dyadkit.agreement.members_shown import Likened, show_members
from dyadkit.agreement.ratings_shown import Rated, show_ratings
from dyadkit.agreement.shown import Shown
from dyadkit.agreement.two_members import compare_members
from dyadkit.agreement.two_ratings import compare_ratings
from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import Minimum
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import DataError, Refused
from dyadkit.estimation.arrays import BoolArray
from dyadkit.frame import DyadFrame
from dyadkit.results import Estimates, Note, Total
from dyadkit.study import Part


class AgreementOptions(Part):
    """What a study file may say about an analysis of type "agreement"."""

    variables: tuple[str, ...] | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    by: str | None = None
    margin: float | None = Field(default=None, gt=0)
    within: float | None = Field(default=None, gt=0)
    share: float = Field(default=0.90, gt=0, lt=1)
    rescale: bool = False


def assess_agreement(
    data: DyadFrame | pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    pairs: Sequence[tuple[str, str]] = (),
    by: str | None = None,
    margin: float | None = None,
    within: float | None = None,
    share: float = 0.90,
    rescale: bool = False,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
    dyad: str | None = None,
    role: str | None = None,
    wave: str | None = None,
    person: str | None = None,
    group: str | None = None,
) -> PresentedResult:
    """Estimate how far the two members of dyads agree."""
    confidence = confidence_of(alpha)
    percent = f"{100 * confidence:g} % CI"
    sample = Sample.of(frame_of(data, dyad=dyad, role=role, wave=wave, person=person, group=group))
    dyads = sample.dyads
    if not sample.paired:
        raise Refused(
            "Agreement needs dyads in which both members answered, and there is none. Check the "
            "dyad codes; without dyad=…, every row is a person on their own."
        )
    subjects, notes = subjects_of(dyads, variables, pairs)
    levels = levels_of(sample, by)
    shown = Shown(notes=notes)
    derived = DerivedValues(sample)
    rated: list[Rated] = []
    likened: list[Likened] = []
    for subject in subjects:
        for comparison in comparisons_of(sample, subject, levels, rescale=rescale):
            if not comparison.level:
                shown.totals += _totals(comparison, levels)
            shown.supports.append(sample.support(comparison.key, comparison.slots))
            first, second = comparison.ratings
            try:
                if subject.roles:
                    found = compare_ratings(
                        first, second, confidence, margin=margin, within=within, share=share
                    )
                    rated.append((comparison, found))
                else:
                    alike = compare_members(first, second, confidence, within=within, share=share)
                    likened.append((comparison, alike))
            except DataError as error:
                text = f"{comparison.label}: {error}"
                shown.notes.append(Note(text, "warning", comparison.key))
                continue
            if not comparison.level:
                derived.add_differences(comparison)
    shown.add(show_ratings(rated, percent))
    shown.add(show_members(likened, percent))
    shown.tables.append(guide_table([RATINGS], not dyads.exchangeable))
    shown.notes += [
        Note(
            f"{role_label(shared)}: some belong to several dyads, which are then not independent "
            "of each other; these intervals are too narrow.",
            "warning",
        )
        for shared in sample.shared_roles
    ]
    everyone = sample.everyone()
    return PresentedResult(
        type="agreement",
        title="Agreement",
        estimates=Estimates([row for row, _ in shown.rows], [key for _, key in shown.rows]),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": everyone.dyads,
            "n_persons": sample.n_persons,
        },
        table_specs=tuple(shown.tables),
        figure_specs=tuple(shown.figures),
        sentences=tuple(shown.sentences),
        methods=tuple(shown.methods),
        supports=(*shown.supports, everyone),
        totals=tuple(shown.totals),
        minimum=Minimum(dyads.privacy.minimum_dyads, dyads.privacy.minimum_persons),
        notes=tuple(shown.notes),
        derived=derived.frame(),
    )


def _totals(comparison: Comparison, levels: dict[str, BoolArray]) -> list[Total]:
    """Say that the dyads of all levels make up the whole."""
    if not levels:
        return []
    whole = comparison.key
    return [Total(whole, tuple(f"{whole}#{level}" for level in levels))]
