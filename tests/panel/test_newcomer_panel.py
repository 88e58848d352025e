"""The published style with 124 newcomers: what is true is found, and the study runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.simulation.newcomers_model import INSTRUMENTS, WAVES, newcomer_population
from dyadkit.simulation.population import draw_answers

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "analyses/dong_style/study.toml"
TRUTH = json.loads((ROOT / "data/sample/newcomer_support/truth.json").read_text(encoding="utf-8"))
PANELS = ("Which comes first?", "Which comes first within newcomers?")

# The panel with random intercepts and equal effects, written out.
SYNTAX = "\n".join(
    [
        "bs =~ 1*support_t1 + 1*support_t2 + 1*support_t3",
        "bc =~ 1*courage_t1 + 1*courage_t2 + 1*courage_t3",
        "bs ~~ bs + bc\nbc ~~ bc",
        *(f"s{k} =~ 1*support_t{k}\nc{k} =~ 1*courage_t{k}" for k in (1, 2, 3)),
        *(f"support_t{k} ~ 1\ncourage_t{k} ~ 1" for k in (1, 2, 3)),
        *(f"s{k} ~~ s{k} + c{k}\nc{k} ~~ c{k}" for k in (1, 2, 3)),
        *(f"s{k + 1} ~ ss*s{k} + sc*c{k}\nc{k + 1} ~ cs*s{k} + cc*c{k}" for k in (1, 2)),
    ]
)


@pytest.fixture(scope="module")
def panels() -> dict[str, pd.DataFrame]:
    report = dk.analyze(STUDY, only=list(PANELS))
    assert not report.failed
    return {name: report.results[name].tidy().set_index("term") for name in PANELS}


def z(found: pd.Series, stated: float, of: str = "estimate") -> float:
    """Return how many standard errors an estimate is away, a standardised one by its scale."""
    error = float(found["std_error"])
    if of == "std_all":
        error *= abs(found["std_all"] / found["estimate"])
    return abs(float(found[of]) - stated) / error


def test_the_published_panel_finds_the_regressions_of_the_population(
    panels: dict[str, pd.DataFrame],
) -> None:
    stated = TRUTH["panel"]["score_regressions"]
    assert len(stated) == 8
    for each in stated:
        early, late = (each[name].rsplit("_", 1) for name in ("predictor", "outcome"))
        found = panels[PANELS[0]].loc[
            f"{early[0]} {early[1].upper()} -> {late[0]} {late[1].upper()}"
        ]
        assert z(found, each["b"]) < 3.5, each
        assert z(found, each["beta"], "std_all") < 3.5, each


def test_effects_within_persons_are_those_of_the_population(
    panels: dict[str, pd.DataFrame],
) -> None:
    tidy, stated = panels[PANELS[1]], TRUTH["panel"]["score_intercepts"]
    for path, b in stated["paths"].items():
        target, source = path.split(" on ")
        for early, late in (("T1", "T2"), ("T2", "T3")):
            found = tidy.loc[f"{source}_newcomer {early} -> {target}_newcomer {late}"]
            assert z(found, b) < 3.5, path
            beta = stated["standardized_paths"][late.lower()][path]
            assert z(found, beta, "std_all") < 3.5, path
    for place, name in enumerate(("support", "courage")):
        found = tidy.loc[f"random intercept: {name}_newcomer"]
        assert z(found, stated["intercept_covariances"][place][place]) < 3.5
    found = tidy.loc["random intercepts: support_newcomer with courage_newcomer"]
    assert z(found, stated["intercept_correlation"]) < 3.5


@pytest.mark.parametrize("name", PANELS)
def test_support_drives_courage_and_courage_does_not_drive_support(
    panels: dict[str, pd.DataFrame], name: str
) -> None:
    p = panels[name]["p_difference"]
    # What lacks the effect of support fits worse; what lacks that of courage does not.
    assert p["model: Stability"] < 0.01
    assert p["model: Reversed"] < 0.01
    assert p["model: Causal"] > 0.1
    cross = panels[name][panels[name]["quantity"].eq("cross-lagged")]
    forth = cross[cross.index.str.startswith("support")]
    assert (forth["estimate"] > 0).all()
    assert (forth["p_value"] < 0.05).all()
    assert (cross.drop(forth.index)["p_value"] > 0.05).all()


@pytest.mark.slow
def test_the_whole_study_runs_and_finds_that_measurement_is_invariant(tmp_path: Path) -> None:
    report = dk.analyze(STUDY)
    assert not report.failed
    named = {section.name: section.result for section in report.sections}
    assert len(named) == 9
    for scale in ("support", "courage"):
        result: Any = named[f"Does {scale} mean the same at all times?"]
        ladder = result.tidy().query("quantity == 'model'").set_index("term")
        assert len(ladder) == 4
        assert [verdict.holds for verdict in result.verdicts] == [True] * 3
    distinct: Any = named["Are support and courage two things?"]
    assert "nearest to it comes" in " ".join(distinct.text())
    folder = report.write(tmp_path / "report")
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "Causal: Secure-base support on later Courage" in html
    assert (folder / "report.docx").stat().st_size > 10_000


def drawn(seed: int) -> pd.DataFrame:
    """Return the scores of 124 newcomers, of whom as many left as in the sample."""
    answers = draw_answers(newcomer_population(), 124, np.random.default_rng(seed))
    scores, first = {}, 0
    for scale, instrument in INSTRUMENTS.items():
        for wave in WAVES:
            last = first + len(instrument.loadings)
            scores[f"{scale}_{wave}"] = answers[:, first:last].mean(axis=1)
            first = last
    data = pd.DataFrame(scores)
    for scale in INSTRUMENTS:
        data.loc[:21, f"{scale}_t3"] = np.nan
        data.loc[:9, f"{scale}_t2"] = np.nan
        data.loc[22:28, f"{scale}_t2"] = np.nan
    return data


@pytest.mark.slow
def test_samples_like_this_one_find_what_the_readme_says() -> None:
    stated = TRUTH["panel"]["score_intercepts"]["paths"]
    impossible, found, pulls = [], [], []
    for seed in range(400):
        fit = dk.fit_sem(SYNTAX, drawn(seed), auto="lavaan")
        assert fit.convergence is not None
        impossible.append(not fit.convergence.admissible)
        paths = fit.tidy().query("op == '~'").drop_duplicates("label").set_index("label")
        forth, back = paths.loc["cs"], paths.loc["sc"]
        found.append([each["p_value"] < 0.05 for each in (forth, back)])
        pulls.append(
            [
                (each["estimate"] - stated[path]) / each["std_error"]
                for each, path in ((forth, "courage on support"), (back, "support on courage"))
            ]
        )
    # The shares that the README gives; an optimiser may end otherwise in a sample or two.
    shares = [*np.mean(found, axis=0), np.mean(impossible)]
    np.testing.assert_allclose(shares, [0.73, 0.05, 0.07], atol=0.015)
    # Three standard errors of a mean of 400 pulls, and of their share beyond 1.96.
    assert np.abs(np.mean(pulls, axis=0)).max() < 3 / np.sqrt(400) + 0.1
    beyond = (np.abs(pulls) > 1.96).mean(axis=0)
    assert np.abs(beyond - 0.05).max() < 3 * np.sqrt(0.05 * 0.95 / 400)
