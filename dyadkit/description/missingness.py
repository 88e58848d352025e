"""Missing data: how much, in which patterns, who left, and whether it looks random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dyadkit.answers.places import confidence_of, frame_of, places_of
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.description.attrition import compare_leavers
from dyadkit.description.missing_patterns import (
    check_randomness,
    count_patterns,
    little_row,
    little_sentence,
    pattern_plot,
    pattern_table,
    side_by_side,
)
from dyadkit.description.missing_shares import (
    KEY,
    share_map,
    share_missing,
    share_rows,
    share_table,
    total_sentence,
)
from dyadkit.description.retention import (
    count_retention,
    retention_rows,
    retention_sentences,
    retention_table,
)
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import Table
from dyadkit.errors import StudyError
from dyadkit.frame import DyadFrame
from dyadkit.results import Estimates, Note, Support
from dyadkit.study import Part


class MissingnessOptions(Part):
    """What a study file may say about an analysis of type "missingness"."""

    variables: tuple[str, ...] | None = None


def assess_missingness(
    data: DyadFrame | pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
    dyad: str | None = None,
    role: str | None = None,
    wave: str | None = None,
    person: str | None = None,
) -> PresentedResult:
    """Describe missing data by variable, role and wave.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        Of a DataFrame, `dyad`, `role`, `wave` and `person` name the columns.
    variables : sequence of str, optional
        Default: all that are no items.
    alpha : float
        Level of significance.
    seed : optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        Tables ``missingness``, ``patterns``, and with several waves ``retention``, ``leavers`` and
        ``leavers-categories``; figures ``missingness`` (shares) and ``patterns``.

    Raises
    ------
    StudyError
        When a variable is unknown, or there is none.
    DataError
        When the frame is empty, or a number is infinite.

    Notes
    -----
    Little's test (1988) is taken over the dyads' scores side by side, with the maximum-likelihood
    covariance matrix.  Leavers (who did not take part in the last wave) are compared with
    completers on what they answered in the first: numbers by Welch's t-test, categories by
    Pearson's χ².

    References
    ----------
    Little, R. J. A. (1988). A test of missing completely at random for multivariate data with
    missing values. Journal of the American Statistical Association, 83, 1198-1202.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, None, 3, 2], "y": [2.0, 1, None, 2]})
    >>> assess_missingness(df).tidy()["estimate"].head(2).tolist()
    [0.25, 0.25]
    """
    confidence = confidence_of(alpha)
    sample = Sample.of(frame_of(data, dyad=dyad, role=role, wave=wave, person=person))
    dyads = sample.dyads
    minimum = minimum_of(dyads)
    places = places_of(dyads, variables)
    if not places:
        raise StudyError("There is no variable whose missing answers could be counted.")
    unit = "dyads" if sample.paired or not dyads.exchangeable else "persons"
    shares = [share_missing(sample, place) for place in places]
    sides = side_by_side(sample, places)
    counts = count_patterns(sample, sides, minimum)
    random = check_randomness(sample, sides, unit)
    little = random.little

    rows: list[tuple[dict[str, Any], str]] = share_rows(shares)
    supports: list[Support] = [sample.everyone(), *random.supports]
    supports += [pattern.support for pattern in counts.common]
    tables: list[Table] = [share_table(shares), pattern_table(counts, unit, minimum)]
    sentences = [total_sentence(shares)]
    notes: list[Note] = [*random.notes, *_notes(sample, little is not None)]
    if little is not None:
        rows.append((little_row(little), KEY))
        sentences.append(little_sentence(little, alpha, KEY))
    if len(dyads.waves) > 1:
        stayed = count_retention(sample)
        compared = compare_leavers(sample, places, confidence)
        rows += [*retention_rows(stayed), *compared.rows]
        supports += compared.supports
        tables += [retention_table(sample, stayed), *compared.tables]
        sentences += retention_sentences(sample, stayed)
        notes += compared.notes
    return PresentedResult(
        type="missingness",
        title="Missing data",
        estimates=Estimates([row for row, _ in rows], [key for _, key in rows]),
        summary={
            "n_obs": sample.n_observations,
            "n_dyads": sample.n,
            "n_persons": sample.n_persons,
        },
        table_specs=tuple(tables),
        figure_specs=(share_map(sample, shares, minimum), pattern_plot(counts, unit)),
        sentences=tuple(sentences),
        methods=_methods(unit, little=little is not None, waves=len(dyads.waves)),
        supports=tuple(supports),
        minimum=minimum,
        notes=tuple(notes),
    )


def _notes(sample: Sample, tested: bool) -> tuple[Note, ...]:
    """Say what the patterns and Little's test do not allow for."""
    notes = []
    if sample.dyads.exchangeable and sample.paired:
        text = "Members 1 and 2 are numbered by their ids"
        more = ", which Little's test takes for an order; another numbering may change it a little"
        notes.append(Note(f"{text}{more if tested else ''}."))
    if tested:
        notes += [
            Note(
                f"{role_label(role)}: some belong to several dyads; Little's test takes the dyads "
                "for independent.",
                "warning",
            )
            for role in sample.shared_roles
        ]
    return tuple(notes)


def _methods(unit: str, *, little: bool, waves: int) -> tuple[str, ...]:
    texts = [
        "Missing answers are counted over the members of all dyads that were kept, so that a "
        "member who skipped a wave counts as missing in it."
        if unit == "dyads"
        else "Missing answers are counted over all persons, so that somebody who skipped a wave "
        "counts as missing in it."
    ]
    if little:
        texts.append(
            f"Little's (1988) test of values missing completely at random was taken over the "
            f"scores of the {unit} with the maximum-likelihood covariance matrix; a test that does "
            "not reject does not show that they are."
        )
    if waves > 1:
        texts.append(
            "Leavers were compared with completers on their answers in the first wave, by Welch's "
            "t-test or, for categories, Pearson's χ²."
        )
    return tuple(texts)
