"""Agreement: do the two members of a dyad, or the members of a group, see the same thing?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pydantic import Field

from dyadkit.agreement.assess_groups import GroupSettings, NullOption, show_group_agreement
from dyadkit.agreement.comparisons import levels_of, subjects_of
from dyadkit.agreement.derived import DerivedValues
from dyadkit.agreement.guide import GROUPS, guide_table
from dyadkit.agreement.pairs_shown import Family, Settings, Weights, show_pairs
from dyadkit.agreement.shown import Shown
from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import Minimum
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError, listed
from dyadkit.frame import DyadFrame
from dyadkit.results import Estimates, Note, Verdict
from dyadkit.study import Part


class AgreementOptions(Part):
    """What a study file may say about an analysis of type "agreement"."""

    variables: tuple[str, ...] | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    families: tuple[Family, ...] | None = None
    by: str | None = None
    groups: str | None = None
    nulls: tuple[NullOption, ...] = ("uniform", "slight skew")
    margin: float | None = Field(default=None, gt=0)
    within: float | None = Field(default=None, gt=0)
    share: float = Field(default=0.90, gt=0, lt=1)
    weights: Weights | None = None
    rescale: bool = False
    draws: int = Field(default=1000, ge=0)
    permutations: int = Field(default=1000, ge=1)


def assess_agreement(
    data: DyadFrame | pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    pairs: Sequence[tuple[str, str]] = (),
    families: Sequence[Family] | None = None,
    by: str | None = None,
    groups: str | None = None,
    nulls: Sequence[NullOption] = ("uniform", "slight skew"),
    margin: float | None = None,
    within: float | None = None,
    share: float = 0.90,
    weights: Weights | None = None,
    rescale: bool = False,
    draws: int = 1000,
    permutations: int = 1000,
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
    sample = Sample.of(frame_of(data, dyad=dyad, role=role, wave=wave, person=person, group=group))
    dyads = sample.dyads
    if groups is None and group is not None and not sample.paired:
        groups = "group"
    chosen = families or ((GROUPS,) if groups is not None else None)
    shown, derived = Shown(), DerivedValues(sample)
    percent = f"{100 * confidence:g} % CI"
    rng = np.random.default_rng(seed)
    there: list[str] = []
    verdicts: list[Verdict] = []
    if chosen is None or set(chosen) - {GROUPS}:
        if not sample.paired:
            raise Refused(
                "Agreement needs dyads in which both members answered, and there is none. Check "
                "the dyad codes; without dyad=…, every row is a person on their own. For groups, "
                'say groups = "group".'
            )
        subjects, notes = subjects_of(dyads, variables, pairs)
        settings = Settings(
            confidence=confidence,
            percent=percent,
            families=None if chosen is None else tuple(chosen),
            margin=margin,
            within=within,
            share=share,
            weights=weights,
            rescale=rescale,
            draws=draws,
            permutations=permutations,
        )
        levels = levels_of(sample, by)
        of_pairs, there = show_pairs(sample, subjects, levels, settings, derived, rng)
        shown.notes += notes
        shown.add(of_pairs)
    if chosen is not None and GROUPS in chosen:
        if groups is None:
            raise StudyError(
                'The family "groups" needs to know which: groups = "group" for teams, "dyad" for '
                f"the two members, or one of the roles {listed(list(dyads.roles))}."
            )
        of_groups = GroupSettings(groups, tuple(nulls), confidence, percent, draws)
        added, verdicts = show_group_agreement(sample, variables, of_groups, derived, rng)
        shown.add(added)
        there.append(GROUPS)
    shown.tables.append(guide_table(there, not dyads.exchangeable))
    shown.notes += [
        Note(
            f"{role_label(shared)}: some belong to several dyads, which are then not independent "
            "of each other; these intervals are too narrow.",
            "warning",
        )
        for shared in sample.shared_roles
        if shared != groups
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
        verdicts=tuple(verdicts),
        derived=derived.frame(),
    )
