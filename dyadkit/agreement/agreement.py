"""Agreement: do the two members of a dyad, or the members of a group, see the same thing?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pydantic import Field

from dyadkit.agreement.asked import (
    families_asked,
    pairs_asked,
    require_times,
    weights_asked,
)
from dyadkit.agreement.assess_groups import GroupSettings, show_group_agreement
from dyadkit.agreement.comparisons import subjects_of
from dyadkit.agreement.derived import DerivedValues
from dyadkit.agreement.guide import GROUPS, Family, guide_table
from dyadkit.agreement.levels import levels_of
from dyadkit.agreement.nulls_asked import NullOption, checked_nulls
from dyadkit.agreement.pairs_shown import Settings, Weights, show_pairs
from dyadkit.agreement.shown import Shown, unused
from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import hidden_keys
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import DataError, Refused, StudyError, listed
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
    r"""Estimate how far the two members of dyads, or the members of groups, agree.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        Of a DataFrame, `dyad`, `role`, `wave`, `person` and `group` name the columns; with `group`
        and without `dyad`, every row is a member of a group.
    variables : sequence of str, optional
        Each asked of both members.  Default: the scales, or without any, every variable.
    pairs : sequence of (str, str)
        Two variables that say the same of one thing, such as ``("coaching_self.coach",
        "coaching_rated.client")``.
    families : sequence of str, optional
        Among "ratings", "categories", "profiles", "groups" and "self_other".  Default: ratings of
        numbers, and profiles of scales with three items or more; categories of what is no number or
        only ordered; groups alone where `groups` is given.
    by : str, optional
        A variable with few values; agreement is then shown for the dyads with each, too.  Blank
        text is no value.
    groups : str, optional
        Whose members are taken together: "group" (teams), "dyad", or a role whose persons have
        several partners.
    nulls : sequence
        What r_wg is compared with: names ("uniform", "slight skew", "moderate skew", "heavy skew",
        "triangular", "normal"), probabilities of all options, or a variance.  A name that is not
        published for a scale's number of options is left out of it, with a note.
    margin : float, optional
        Of an equivalence test of the means, in points of the scale.
    within : float, optional
        The distance of the coverage probability, in points of the scale.
    share : float
        The share of dyads that the total deviation index holds.
    weights : str or matrix, optional
        Of disagreements between categories: "unweighted", "linear", "quadratic", "ordinal", or a
        row a category.  Default: "quadratic" where categories are ordered, else "unweighted".
    rescale : bool
        Whether variables of a pair with different ranges are stretched to the first one's.
    draws, permutations : int
        Bootstrap samples (of Krippendorff's α and of the groups' ICCs; random groups) and
        permutations (of pseudo-couples).
    alpha : float
        1 − confidence.
    seed : optional
        Of what is drawn.

    Returns
    -------
    PresentedResult
        In `tidy`, ``index`` and ``family`` say which index a row is, ``given`` what it was computed
        for (a share, a distance, a critical value), ``also`` its other name.  `derived` has the
        values of single dyads for other analyses: ``{variable}_difference``, ``{variable}_mean``,
        ``{variable}_absolute_difference``, ``{variable}_distinctive_similarity``,
        ``{variable}_overall_similarity``, ``{variable}_self_other``, and of groups
        ``{variable}_{role}_ad`` and ``{variable}_{role}_rwg``.  `verdicts` say whether group means
        may stand for groups.

    Raises
    ------
    Refused
        When nobody has a partner, no chosen variable was answered by both members, the ranges of a
        pair differ, or members of one role are to be set against each other.
    StudyError
        When a variable, family, null or group is unknown, or an option is out of its range.
    DataError
        When nothing can be estimated, or a value is infinite.

    Notes
    -----
    Members with different roles: ICC(A,1) first, the limits of agreement beside it.  Members who
    share one role: ICC(1), and nothing that depends on who comes first.  No index is truncated at
    0.  What cannot be estimated (an answer that does not vary, too few dyads) is in `notes`, with
    the reason.  Each index has a function of its own in `dyadkit.agreement`, with formula and
    source.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"pair": [1, 1, 2, 2, 3, 3, 4, 4], "role": ["coach", "client"] * 4,
    ...                    "trust": [5.0, 6, 3, 4, 6, 6, 2, 4]})
    >>> result = assess_agreement(df, ["trust"], dyad="pair", role="role", within=1)
    >>> tidy = result.tidy().set_index("index")
    >>> tidy.loc[["ICC(A,1)", "mean difference"], "estimate"].round(3).tolist()
    [0.727, 1.0]
    """
    confidence = confidence_of(alpha)
    sample = Sample.of(frame_of(data, dyad=dyad, role=role, wave=wave, person=person, group=group))
    dyads = sample.dyads
    if groups is None and group is not None and not sample.paired:
        groups = "group"
    chosen = families_asked(families, groups)
    pairs, weights = pairs_asked(pairs), weights_asked(weights)
    require_times(draws, permutations)
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
            families=chosen,
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
    else:
        why = "two members are not compared, only groups are"
        told = {"by": by, "pairs": pairs, "margin": margin, "within": within, "weights": weights}
        shown.notes += unused(why, **told)
    if chosen is not None and GROUPS in chosen:
        if groups is None:
            raise StudyError(
                'The family "groups" needs to know which: groups = "group" for teams, "dyad" for '
                f"the two members, or one of the roles {listed(list(dyads.roles))}."
            )
        of_groups = GroupSettings(groups, checked_nulls(nulls), confidence, percent, draws)
        added, verdicts = show_group_agreement(sample, variables, of_groups, derived, rng)
        shown.add(added)
        there.append(GROUPS)
    minimum = minimum_of(sample.dyads)
    if not shown.rows:
        hidden = hidden_keys(shown.supports, shown.totals, minimum)
        said = [note.text for note in shown.notes if note.key not in hidden]
        if len(said) < len(shown.notes):
            said.append(
                f"Of fewer than {minimum.dyads} dyads or {minimum.persons} persons it is not told "
                "why, to protect them; count the dyads in which both answered."
            )
        raise DataError(" ".join(["No agreement could be estimated.", *dict.fromkeys(said)]))
    shown.tables.append(guide_table(there, not dyads.exchangeable))
    shown.notes += [
        Note(
            f"{role_label(shared)}: some belong to several dyads, which are then not independent "
            "of each other; these intervals are too narrow.",
            "warning",
        )
        for shared in sample.shared_roles
        if shared != groups or chosen != (GROUPS,)
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
        minimum=minimum,
        notes=tuple(shown.notes),
        verdicts=tuple(verdicts),
        derived=derived.frame(),
    )
