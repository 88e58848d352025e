"""The distance-coaching study's truth in numbers, as data and as a page to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from dyadkit.simulation.coaching_mess import Mess, expected_dyads, expected_ledger
from dyadkit.simulation.coaching_model import CARRY_OVER, INSTRUMENTS, PATHS, coaching_population
from dyadkit.simulation.coaching_rows import FieldWork, scores_available
from dyadkit.simulation.pages import bullets, correlation_table, score_table, table
from dyadkit.simulation.population import score_truth
from dyadkit.simulation.truth_values import (
    partner_values,
    rounded_rows,
    scale_values,
    score_values,
)

_NOTES = (
    "All data are simulated. No person took part, and no real data were used.",
    "Means, standard deviations, alpha, omega and correlations are population values, computed "
    "exactly from the model (see dyadkit/simulation/likert.py), not by simulation.",
    "A score is the mean of its items' codes, reverse-keyed items turned round. Its truth is that "
    "of people who answered every item; a score that lacks one or two items has the same "
    "expectation and a slightly larger variance.",
    "Everything missing is missing completely at random: single items, whole scales, codes out of "
    "range, persons who left, and rows that are excluded for any reason. Nothing of it depends on "
    "the answers, so statistics of the usable rows are consistent for the truth.",
    "The constructs are jointly normal: no interaction is in the population, so similarity does "
    "not moderate anything.",
    "A scale's loadings and thresholds are the same in both roles and at both waves: measurement "
    "is invariant, up to what cutting normal variables into seven codes does to a linear model.",
    "Coaches' tenure and the format are independent of everything.",
)


def truth(mess: Mess, work: FieldWork, seed: int, title: str) -> dict[str, Any]:
    """Return the study's truth: population values, expected ledger, and what was planted.

    Returns
    -------
    dict
        Ready for JSON. ``scores`` and ``correlations`` are the population's; ``ledger`` and
        ``dyads`` follow from ``mess`` alone; ``scores_available`` depends on the seed.
    """
    population = coaching_population()
    scores, correlation = score_truth(population)
    names = [measure.name for measure in population.measures]
    return {
        "schema": 1,
        "title": title,
        "seed": seed,
        "notes": list(_NOTES),
        "scores": score_values(scores),
        "correlations": {"variables": names, "matrix": rounded_rows(correlation)},
        "partners": partner_values(names, correlation, ("coach", "client")),
        "ledger": expected_ledger(mess),
        "dyads": expected_dyads(mess),
        "scores_available": scores_available(work),
        "mess": asdict(mess),
        "model": {
            "constructs": names,
            "construct_means": [measure.latent_mean for measure in population.measures],
            "construct_correlations": rounded_rows(np.asarray(population.construct_correlation)),
            "paths": {outcome: dict(paths) for outcome, paths in PATHS.items()},
            "carry_over": CARRY_OVER,
            "scales": scale_values(INSTRUMENTS),
        },
    }


def readme(values: Mapping[str, Any]) -> str:
    """Return a page that says what the study is and states its truth in tables."""
    ledger, dyads = values["ledger"], values["dyads"]
    sources = list(ledger["rows_read"])
    reasons = list(ledger["excluded"][sources[0]])
    parts = [
        f"# {values['title']}: a simulated study",
        "Coaches and their clients, one client per coach, answered twice, twelve weeks apart. "
        f"{dyads['complete_at_every_wave']} pairs are complete at both waves. The exports have the "
        "faults that exports have, in exactly known numbers. `python -m dyadkit.simulation` wrote "
        f"this folder (seed {values['seed']}); `truth.json` has the numbers below in full.",
        table(
            ["File", "What it imitates"],
            [
                ["clients_t1.csv", "Qualtrics, English, UTF-8, three header rows"],
                ["clients_t2.csv", "Qualtrics, German question texts, UTF-8 with byte order mark"],
                ["coaches_t1.csv", "German spreadsheet: semicolons, decimal commas, cp1252, CRLF"],
                ["coaches_t2.csv", "Plain CSV: commas, UTF-8"],
                ["withdrawn.csv", "Clients who withdrew, from t2 on"],
            ],
        ),
        bullets(values["notes"]),
        "## Scores in the population",
        score_table(values["scores"]),
        "ω is the one-factor maximum likelihood ω, over the observed variance of the sum.",
        "## Correlations of the scores in the population",
        correlation_table(values["correlations"]),
        "## What a loader must count",
        "Reasons are tried in the order of the table; the first that applies counts.",
        table(
            ["Rows", *sources],
            [
                ["read", *(str(ledger["rows_read"][source]) for source in sources)],
                *(
                    [reason, *(str(ledger["excluded"][source][reason]) for source in sources)]
                    for reason in reasons
                ),
                ["kept", *(str(ledger["rows_kept"][source]) for source in sources)],
            ],
        ),
        table(
            ["Cells in rows kept", *sources],
            [
                [name, *(str(ledger[key][source]) for source in sources)]
                for name, key in (
                    ("out of range, set missing", "out_of_range"),
                    ("-99, declared missing", "declared_missing"),
                )
            ],
        ),
        table(
            ["Dyads", "complete", "one-sided", "client only", "coach only"],
            [[wave, *(str(dyads[wave][key]) for key in dyads[wave])] for wave in ("t1", "t2")],
        ),
    ]
    return "\n\n".join(parts) + "\n"
