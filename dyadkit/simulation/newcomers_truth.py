"""The newcomer study's truth in numbers, as data and as a page to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from dyadkit.simulation.newcomers_mess import Mess, expected_ledger, expected_newcomers
from dyadkit.simulation.newcomers_model import (
    CARRY_OVER,
    CONSTRUCTS,
    INSTRUMENTS,
    LAGGED,
    LATENT_MEANS,
    MOVING,
    ROLE,
    STABLE,
    WAVES,
    newcomer_population,
    random_intercept_panel,
)
from dyadkit.simulation.newcomers_rows import FieldWork, scores_available
from dyadkit.simulation.pages import bullets, correlation_table, score_table, table
from dyadkit.simulation.panels import named_paths, score_regressions
from dyadkit.simulation.population import score_truth
from dyadkit.simulation.score_panels import panel_of_scores
from dyadkit.simulation.truth_values import (
    FloatArray,
    rounded_all,
    rounded_rows,
    scale_values,
    score_values,
)

_NOTES = (
    "All data are simulated. No person took part, and no real data were used. The items were "
    "written for the simulation; effects, reliabilities and the four weeks between waves are "
    "assumed and are not those of any study.",
    "Means, standard deviations, alpha, omega and correlations are population values, computed "
    "exactly from the model (see dyadkit/simulation/likert.py), not by simulation.",
    "A score is the mean of its items' codes, reverse-keyed items turned round. Its truth is that "
    "of people who answered every item; a score that lacks some has the same expectation and a "
    "slightly larger variance.",
    "Support drives later courage and courage does not drive later support, within persons. What "
    "is stable in persons correlates too, so little that regressions of scores on the scores one "
    "wave earlier, which mix both, show next to no effect of courage on support either.",
    "A scale's loadings and thresholds are the same at all waves: measurement is invariant, up to "
    "what cutting normal variables into codes does to a linear model. Each scale has one factor.",
    "Everything missing is missing completely at random: single items, whole scales, persons who "
    "left or missed a wave, and rows that are excluded for any reason. Nothing of it depends on "
    "the answers, so statistics of the usable rows are consistent for the truth.",
    "Mentors answered no scale. Their tenure, and whether they work at the newcomer's site, are "
    "independent of everything.",
)
_FILES = (
    ("newcomers_t1.csv, _t2, _t3", "Qualtrics, three header rows; the newcomer typed the code"),
    ("mentors.csv", "A list from the mentors' form: semicolons, decimal commas, one blank line"),
)


def truth(mess: Mess, work: FieldWork, seed: int, title: str) -> dict[str, Any]:
    """Return the study's truth: population values, expected ledger, and what was planted.

    Returns
    -------
    dict
        Ready for JSON. ``scores``, ``correlations`` and ``panel`` are the population's; ``ledger``
        and ``newcomers`` follow from ``mess`` alone; ``scores_available`` depends on the seed.
    """
    population = newcomer_population()
    scores, correlation = score_truth(population)
    names = [measure.name for measure in population.measures]
    variables = [f"{scale}_{ROLE}" for scale in CONSTRUCTS]
    sd = np.array([score.sd for score in scores])
    regressions = score_regressions(variables, WAVES, names, correlation, sd)
    return {
        "schema": 1,
        "title": title,
        "seed": seed,
        "notes": list(_NOTES),
        "scores": score_values(scores),
        "correlations": {"variables": names, "matrix": rounded_rows(correlation)},
        "panel": {
            "constructs": rounded_all(random_intercept_panel()),
            "score_regressions": rounded_all(regressions),
            "score_intercepts": rounded_all(_of_scores(correlation * np.outer(sd, sd))),
        },
        "ledger": expected_ledger(mess),
        "newcomers": expected_newcomers(mess),
        "scores_available": scores_available(work),
        "mess": asdict(mess),
        "model": {
            "constructs": list(CONSTRUCTS),
            "construct_means": [list(LATENT_MEANS[scale]) for scale in CONSTRUCTS],
            "stable_covariances": [list(row) for row in STABLE],
            "moving_correlations": [list(row) for row in MOVING],
            "lagged_paths": [list(row) for row in LAGGED],
            "carry_over": CARRY_OVER,
            "scales": scale_values(INSTRUMENTS),
        },
    }


def _of_scores(covariance: FloatArray) -> dict[str, Any]:
    """Return what a random-intercept panel with equal paths estimates from scores."""
    panel = panel_of_scores(covariance)
    between = panel.intercepts
    return {
        "paths": named_paths(CONSTRUCTS, panel.paths),
        "standardized_paths": {
            wave: named_paths(CONSTRUCTS, betas)
            for wave, betas in zip(WAVES[1:], panel.betas, strict=True)
        },
        "intercept_covariances": between.tolist(),
        "intercept_correlation": float(between[0, 1] / np.sqrt(between[0, 0] * between[1, 1])),
    }


def readme(values: Mapping[str, Any]) -> str:
    """Return a page that says what the study is and states its truth in tables."""
    who = values["newcomers"]
    parts = [
        f"# {values['title']}: a simulated study",
        f"{who['in_any_wave']} newcomers answered in three waves, four weeks apart: {who['t1']} at "
        f"t1, {who['t2']} at t2 and {who['t3']} at t3, {who['at_every_wave']} every time. "
        f"{who['with_a_mentors_form']} of their mentors filled in a short form. The exports have "
        "the faults that exports have, in exactly known numbers. `python -m dyadkit.simulation` "
        f"wrote this folder (seed {values['seed']}); `truth.json` has the numbers below in full.",
        table(["File", "What it holds"], _FILES),
        bullets(values["notes"]),
        "## Scores in the population",
        score_table(values["scores"]),
        "ω is the one-factor maximum likelihood ω, over the observed variance of the sum.",
        "## Correlations of the scores in the population",
        correlation_table(values["correlations"]),
        *_panel(values["panel"]),
        *_counts(values["ledger"]),
    ]
    return "\n\n".join(parts) + "\n"


def _panel(panel: Mapping[str, Any]) -> list[str]:
    """Return the cross-lagged truth, of constructs and of scores."""
    model, scores = panel["constructs"], panel["score_intercepts"]
    late = list(scores["standardized_paths"])
    return [
        "## Support and courage: the panel in the population",
        "Paths within persons, the same from t1 to t2 and from t2 to t3: of the constructs, and of "
        "the scores as a random-intercept panel with equal effects estimates them. Scores measure "
        "with error, so theirs are weaker.",
        table(
            ["Path", "constructs: β", "scores: b", *(f"scores: β at {wave}" for wave in late)],
            [
                [name, f"{value:.4f}", f"{scores['paths'][name]:.4f}"]
                + [f"{scores['standardized_paths'][wave][name]:.4f}" for wave in late]
                for name, value in model["standardized_paths"].items()
            ],
        ),
        f"What moves within persons correlates {model['moving_correlation']:.4f} at each wave. "
        f"Between persons, the random intercepts of the constructs correlate "
        f"{model['intercept_correlation']:.4f} and have a variance of "
        f"{model['intercept_covariances'][0][0]:.4f} of 1 each; those of the scores correlate "
        f"{scores['intercept_correlation']:.4f}, with variances of "
        f"{scores['intercept_covariances'][0][0]:.4f} (support) and "
        f"{scores['intercept_covariances'][1][1]:.4f} (courage).",
        "Regressions of scores on the scores one wave earlier (a panel without random intercepts):",
        table(
            ["Outcome", "Predictor", "β", "b", "R²"],
            [
                [row["outcome"], row["predictor"]]
                + [f"{row[key]:.4f}" for key in ("beta", "b", "r_squared")]
                for row in panel["score_regressions"]
            ],
        ),
    ]


def _counts(ledger: Mapping[str, Any]) -> list[str]:
    """Return what a loader must count."""
    sources: Sequence[str] = list(ledger["rows_read"])
    counted = [
        ("read", ledger["rows_read"]),
        *(
            (reason, {source: ledger["excluded"][source][reason] for source in sources})
            for reason in ledger["excluded"][sources[0]]
        ),
        ("kept", ledger["rows_kept"]),
        ("ids spelt otherwise, joined", ledger["joined"]),
        ("cells with -99, declared missing", ledger["declared_missing"]),
    ]
    return [
        "## What a loader must count",
        "Reasons are tried in the order of the table; the first that applies counts. The last two "
        "lines count rows and cells that are kept.",
        table(
            ["Rows", *sources],
            [[name, *(str(counts[source]) for source in sources)] for name, counts in counted],
        ),
    ]
