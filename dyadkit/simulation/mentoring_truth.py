"""The mentoring study's truth in numbers, as data; `mentoring_page` makes a page of it."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

import numpy as np

from dyadkit.simulation.mentoring_mess import Mess, expected_dyads, expected_ledger
from dyadkit.simulation.mentoring_model import (
    CARRY_OVER,
    CONSTRUCTS,
    INSTRUMENTS,
    LAGGED,
    LATENT_MEANS,
    MENTOR,
    MOVING,
    STABLE,
    mentoring_population,
)
from dyadkit.simulation.mentoring_panel import random_intercept_panel, score_regressions
from dyadkit.simulation.mentoring_rows import (
    GENDER_SHARES,
    GENDERS,
    TENURE_MEAN,
    TENURE_SD,
    FieldWork,
    scores_available,
)
from dyadkit.simulation.population import ScoreTruth, score_truth
from dyadkit.simulation.truth_values import (
    FloatArray,
    partner_values,
    rounded,
    rounded_all,
    rounded_rows,
    scale_values,
    score_values,
)

NOTES = (
    "All data are simulated. No person took part, and no real data were used.",
    "Means, standard deviations, alpha, omega and correlations are population values, computed "
    "exactly from the model (see dyadkit/simulation/likert.py), not by simulation. They are those "
    "of a relationship, so a mentor with three developees counts three times.",
    "A score is the mean of its items' codes, reverse-keyed items turned round. Its truth is that "
    "of people who answered every item; a score that lacks an item or two has the same "
    "expectation and a slightly larger variance.",
    "Everything missing is missing completely at random: single items, whole scales, codes out of "
    "range, persons who left, and rows that are excluded for any reason. Nothing of it depends on "
    "the answers, so statistics of the usable rows are consistent for the truth.",
    "How many developees a mentor has is independent of everything. Relationships of one mentor "
    "correlate as stated, those of different mentors are independent.",
    "The constructs are jointly normal, and measurement is the same in both roles and at all "
    "waves, up to what cutting normal variables into codes does to a linear model.",
    "Developees' gender and mentors' tenure are independent of everything.",
    "The random-intercept panel holds exactly for the constructs. Scale scores measure them with "
    "error, so a panel model of scores estimates weaker paths; models with latent variables, and "
    "with correlated unique parts of an item over the waves, estimate those stated. The "
    "regressions of scores are exact for scores.",
)
RULES = (
    "A row of the mentors' file holds up to three relationships. Each filled slot counts as one "
    "row: a slot is filled when its id or any of its items is not empty. An empty line counts "
    "once, and has no wave.",
    "The pair is looked up in the key file: a developee's by dev_id, a slot's by mentor_id and the "
    "slot's id together. Consent, the mentor's id and withdrawal hold for all slots of a row.",
    "Reasons are tried in this order, the first that applies counts: blank, no_consent (consent is "
    "0; the other waves stay), withdrawn, no_dyad (no developee id), not_linked (the key file has "
    "no such developee, or not with this mentor), duplicate, orphan.",
    'Duplicates are decided for each slot by itself: with "first_complete" the row with most '
    "answered items stays, of equals the first. A mentor answered twice in turns, so that the "
    "first sitting counts for one developee and the second for another.",
    "An orphan is a pair of which only one person has a usable row, over all waves. A pair that "
    "lost a person by withdrawal stays.",
    "Ids are joined whatever their case, their spaces (inside too, and no-break spaces) and their "
    "leading zeros. `joined` counts kept rows whose developee id is not spelt as in the key file, "
    "apart from spaces at its ends.",
    "`out_of_range` and `declared_missing` count item cells of kept rows. Declared missing are "
    '99, the user-missing code of the .sav files, and "n/a" in the workbook.',
    "Variables of level person, here tenure, stand in one column of the row without a slot.",
)


@cache
def exact_scores() -> tuple[tuple[ScoreTruth, ...], FloatArray, FloatArray]:
    """Return every score's truth, their correlations, and those with another relationship's.

    Returns
    -------
    scores : tuple of ScoreTruth
        Of one relationship.
    correlation : ndarray, shape (15, 15)
        Within a relationship.
    same_mentor : ndarray, shape (15, 15)
        Of one relationship's scores with those of another one of the same mentor; the diagonal
        holds the scores' intraclass correlations.
    """
    scores, matrix = score_truth(mentoring_population(2))
    size = len(scores) // 2
    return scores[:size], matrix[:size, :size], matrix[:size, size:]


def truth(mess: Mess, work: FieldWork, seed: int, title: str) -> dict[str, Any]:
    """Return the study's truth: population values, expected ledger, and what was planted.

    Returns
    -------
    dict
        Ready for JSON. ``scores``, ``correlations``, ``same_mentor`` and ``panel`` are the
        population's; ``ledger`` and ``dyads`` follow from ``mess`` alone; ``scores_available``
        depends on the seed.
    """
    scores, correlation, same_mentor = exact_scores()
    names = [score.measure.name for score in scores]
    sd = np.array([score.sd for score in scores])
    return {
        "schema": 1,
        "title": title,
        "seed": seed,
        "notes": list(NOTES),
        "rules": list(RULES),
        "scores": [
            {**values, "icc_mentor": rounded(same_mentor[place, place])}
            for place, values in enumerate(score_values(scores))
        ],
        "correlations": {"variables": names, "matrix": rounded_rows(correlation)},
        "same_mentor": {"variables": names, "matrix": rounded_rows(same_mentor)},
        "partners": partner_values(names, correlation, ("mentor", "developee")),
        "panel": {
            "constructs": rounded_all(random_intercept_panel()),
            "score_regressions": rounded_all(score_regressions(names, correlation, sd)),
        },
        "ledger": expected_ledger(mess),
        "dyads": expected_dyads(mess),
        "mentors": _mentors(mess),
        "gender": {
            "shares": dict(zip(GENDERS, GENDER_SHARES, strict=True)),
            "user_missing": mess.gender_not_said,
        },
        "tenure": {
            "mean": rounded(float(np.exp(TENURE_MEAN + TENURE_SD**2 / 2))),
            "median": rounded(float(np.exp(TENURE_MEAN))),
        },
        "scores_available": scores_available(work),
        "mess": asdict(mess),
        "model": {
            "constructs": [f"{scale}_{role}" for scale, role in CONSTRUCTS],
            "construct_means": [list(LATENT_MEANS[construct]) for construct in CONSTRUCTS],
            "mentor_covariances": [list(row) for row in MENTOR],
            "stable_covariances": [list(row) for row in STABLE],
            "moving_correlations": [list(row) for row in MOVING],
            "lagged_paths": [list(row) for row in LAGGED],
            "carry_over": CARRY_OVER,
            "scales": scale_values(INSTRUMENTS),
        },
    }


def _mentors(mess: Mess) -> dict[str, int]:
    """Count the mentors by the developees that the study gave them."""
    one, two, three = mess.mentors
    return {
        "with_one_developee": one,
        "with_two_developees": two,
        "with_three_developees": three,
        "relationships": mess.mentors.relationships,
    }
