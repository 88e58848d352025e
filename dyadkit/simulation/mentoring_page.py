"""The mentoring study's truth as a page to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dyadkit.simulation.pages import bullets, correlation_table, score_table, table

_FILES = (
    ("developees_t1.sav, _t2, _t3", "SPSS: question texts, value labels, 99 user-missing, dates"),
    ("mentors.xlsx", "One row per mentor and wave, three slots; the answers on the second sheet"),
    ("pairs.csv", "The key file: which developee belongs to which mentor"),
    ("withdrawn.csv", "Developees and a mentor who withdrew, from t2 on"),
)


def readme(values: Mapping[str, Any]) -> str:
    """Return a page that says what the study is and states its truth in tables."""
    dyads, mentors = values["dyads"], values["mentors"]
    many = mentors["with_two_developees"] + mentors["with_three_developees"]
    parts = [
        f"# {values['title']}: a simulated study",
        "Mentors and their developees answered three times, four weeks apart: "
        f"{dyads['t1']['complete']} complete pairs at t1, {dyads['t2']['complete']} at t2 and "
        f"{dyads['t3']['complete']} at t3. {many} of the "
        f"{many + mentors['with_one_developee']} mentors have two or three developees and answered "
        "about each. The exports have the faults that exports have, in exactly known numbers. "
        f"`python -m dyadkit.simulation` wrote this folder (seed {values['seed']}); `truth.json` "
        "has the numbers below in full.",
        table(["File", "What it holds"], _FILES),
        bullets(values["notes"]),
        "## Scores in the population",
        score_table(values["scores"], [("icc_mentor", "ICC (mentor)")]),
        "ω is the one-factor maximum likelihood ω, over the observed variance of the sum. "
        "ICC (mentor) is the correlation of two developees' scores under one mentor.",
        "## Correlations of the scores in the population",
        "Within a relationship:",
        correlation_table(values["correlations"]),
        "Between two relationships of one mentor:",
        correlation_table(values["same_mentor"]),
        *_panel(values["panel"]),
        *_counts(values),
    ]
    return "\n\n".join(parts) + "\n"


def _panel(panel: Mapping[str, Any]) -> list[str]:
    """Return the cross-lagged truth, of constructs and of scores."""
    model = panel["constructs"]
    paths = [
        [name, f"{value:.4f}", f"{model['paths'][name]:.4f}"]
        for name, value in model["standardized_paths"].items()
    ]
    return [
        "## Support and courage: the panel in the population",
        "Paths of the constructs' within-person parts, the same from t1 to t2 and from t2 to t3:",
        table(["Path", "standardised", "in the constructs' units"], paths),
        f"The within-person parts correlate {model['moving_correlation']:.4f} at each wave, the "
        f"random intercepts {model['intercept_correlation']:.4f}; the intercepts' variances are "
        f"{model['intercept_covariances'][0][0]:.4f} (support) and "
        f"{model['intercept_covariances'][1][1]:.4f} (courage) of 1.",
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


def _counts(values: Mapping[str, Any]) -> list[str]:
    """Return what a loader must count, and by which rules."""
    ledger, dyads = values["ledger"], values["dyads"]
    places = [
        record["source"]
        if record["wave"] is None
        else f"{record['source'].removesuffix(' ' + record['wave'])} {record['wave']}"
        for record in ledger
    ]
    return [
        "## What a loader must count",
        bullets(values["rules"]),
        "The last column is the mentors' empty lines.",
        table(
            ["Rows", *places],
            [
                ["read", *(str(record["read"]) for record in ledger)],
                *(
                    [reason, *(str(record["excluded"][reason]) for record in ledger)]
                    for reason in ledger[0]["excluded"]
                ),
                ["kept", *(str(record["kept"]) for record in ledger)],
            ],
        ),
        table(
            ["In rows kept", *places],
            [
                [name, *(str(record[key]) for record in ledger)]
                for name, key in (
                    ("ids spelt otherwise, joined", "joined"),
                    ("cells out of range, set missing", "out_of_range"),
                    ("cells declared missing", "declared_missing"),
                )
            ],
        ),
        table(
            ["Dyads", "complete", "one-sided", "developee only", "mentor only"],
            [
                [wave, *(str(count) for count in dyads[wave].values())]
                for wave in ("t1", "t2", "t3")
            ],
        ),
        f"{dyads['complete_at_every_wave']} dyads are complete at every wave, "
        f"{dyads['in_any_wave']} have a usable row at all; the key file lists "
        f"{dyads['in_the_key_file']}.",
    ]
