"""The actor–partner model: published numbers, identities, and what follows from its effects.

The couples of Acitelli (1997) are rebuilt from their published moments, which have four digits, so
that effects agree to about 5e-4, deviances to 0.1, and degrees of freedom exactly.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import dyadkit as dk

ROOT = Path(__file__).parents[2]
MEANS = [4.2811, 4.2459, 3.6182, 3.5912, 2.3412, 2.5203]
SDS = [0.4740, 0.5227, 0.4618, 0.5300, 0.6548, 0.7092]
CORRELATIONS = """
    .2342
    .5050 .3982
    .3747 .4398 .6234
    -.3418 -.2985 -.5675 -.3892
    -.2599 -.3879 -.4522 -.6248 .3403
"""


def couples() -> pd.DataFrame:
    """Return 148 couples with the published moments; no couple is a real one."""
    r = np.eye(6)
    for row, line in enumerate(CORRELATIONS.split("\n")[1:-1], start=1):
        r[row, :row] = r[:row, row] = list(map(float, line.split()))
    noise = np.random.default_rng(11).normal(size=(148, 6))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise, rowvar=False))).T
    values = MEANS + white @ np.linalg.cholesky(r).T * SDS
    frame = pd.DataFrame(
        {
            "couple": np.repeat(np.arange(148), 2),
            "role": ["husband", "wife"] * 148,
            "positivity": values[:, :2].ravel(),
            "satisfaction": values[:, 2:4].ravel(),
            "tension": values[:, 4:].ravel(),
        }
    )
    frame["years"] = np.repeat(np.random.default_rng(12).normal(size=148), 2)
    return frame


@pytest.fixture(scope="module")
def told() -> dk.DyadFrame:
    return dk.DyadFrame.from_individual(couples(), dyad="couple", role="role", dyad_level=["years"])


def terms(result: dk.PresentedResult) -> pd.DataFrame:
    return result.tidy().set_index("term")


def test_distinguishable(told: dk.DyadFrame) -> None:
    result = dk.fit_apim(told, "satisfaction", "positivity", center=None)
    found = terms(result)
    expected = {
        "intercept (wife)": (0.6112, 0.4128),
        "intercept (husband)": (0.6905, 0.3429),
        "actor: positivity (wife)": (0.3777, 0.07392),
        "actor: positivity (husband)": (0.4244, 0.06772),
        "partner: positivity (wife)": (0.3215, 0.08152),
        "partner: positivity (husband)": (0.2616, 0.06140),
    }
    for term, (estimate, error) in expected.items():
        assert found.loc[term, "estimate"] == pytest.approx(estimate, abs=5e-4)
        assert found.loc[term, "std_error"] == pytest.approx(error, abs=1e-4)
        assert found.loc[term, "df"] == pytest.approx(145.0, abs=1e-6)
    assert found.loc["Variance: wife", "estimate"] == pytest.approx(0.2075, abs=1e-4)
    assert found.loc["Variance: husband", "estimate"] == pytest.approx(0.1431, abs=1e-4)
    assert found.loc["Correlation: husband, wife", "estimate"] == pytest.approx(0.4751, abs=1e-4)
    assert result.glance()["deviance"].item() == pytest.approx(300.22160, abs=0.02)


def test_distinguishability(told: dk.DyadFrame) -> None:
    found = terms(dk.fit_apim(told, "satisfaction", "positivity", center=None))
    everything = found.loc["test: indistinguishable: all of them"]
    assert everything["estimate"] == pytest.approx(7.277, abs=0.01)
    assert everything["df"] == 4.0
    assert everything["p_value"] == pytest.approx(0.122, abs=5e-4)
    effects = found.loc["test: equal effects"]
    assert (effects["estimate"], effects["df"]) == (pytest.approx(0.330, abs=2e-3), 2.0)


def test_indistinguishable(told: dk.DyadFrame) -> None:
    result = dk.fit_apim(told, "satisfaction", "positivity", center=None, distinguishable=False)
    found = terms(result)
    for term, estimate, error, beta in (
        ("intercept", 0.6698, 0.3224, None),
        ("actor: positivity", 0.4004, 0.04731, 0.4020),
        ("partner: positivity", 0.2880, 0.04731, 0.2891),
    ):
        assert found.loc[term, "estimate"] == pytest.approx(estimate, abs=2e-4)
        assert found.loc[term, "std_error"] == pytest.approx(error, abs=5e-5)
        if beta is not None:
            assert found.loc[term, "std_estimate"] == pytest.approx(beta, abs=2e-4)
    assert found.loc["Variance", "estimate"] == pytest.approx(0.17419, abs=2e-5)
    assert found.loc["Correlation", "estimate"] == pytest.approx(0.4693, abs=1e-4)
    assert found.loc["pseudo-R²", "estimate"] == pytest.approx(0.2946, abs=1e-4)
    assert result.glance()["deviance"].item() == pytest.approx(296.71826, abs=0.02)


def test_structural_model_of_the_same(told: dk.DyadFrame) -> None:
    result = dk.fit_apim(
        told, "satisfaction", "positivity", center=None, engine="sem", distinguishable=False
    )
    found = terms(result)
    assert found.loc["k: positivity", "estimate"] == pytest.approx(0.719, abs=5e-4)
    assert found.loc["k: positivity", "std_error"] == pytest.approx(0.125, abs=5e-4)
    assert found.loc["actor: positivity", "std_estimate"] == pytest.approx(0.4020, abs=2e-4)
    summary = result.glance().iloc[0]
    assert (summary["isat_chisq"], summary["isat_df"]) == (pytest.approx(9.255, abs=0.01), 6)
    assert (summary["chisq"], summary["df"]) == (pytest.approx(7.277, abs=0.01), 4)


def test_two_predictors(told: dk.DyadFrame) -> None:
    result = dk.fit_apim(told, "satisfaction", ["positivity", "tension"], center=None)
    found = terms(result)
    for name, wife, husband in (
        ("actor: positivity", 0.1855, 0.2905),
        ("partner: positivity", 0.1899, 0.1289),
        ("actor: tension", -0.3512, -0.2502),
        ("partner: tension", -0.0944, -0.1285),
    ):
        assert found.loc[f"{name} (wife)", "estimate"] == pytest.approx(wife, abs=5e-4)
        assert found.loc[f"{name} (husband)", "estimate"] == pytest.approx(husband, abs=5e-4)
    assert result.glance()["deviance"].item() == pytest.approx(243.44404, abs=0.03)


@pytest.mark.parametrize("distinguishable", [True, False])
def test_full_likelihood_is_that_of_the_structural_model(
    told: dk.DyadFrame, distinguishable: bool
) -> None:
    both = [
        terms(
            dk.fit_apim(
                told,
                "satisfaction",
                ["positivity", "tension"],
                method="ML",
                engine=engine,
                distinguishable=distinguishable,
            )
        )
        for engine in ("mixed", "sem")
    ]
    effects = both[1][both[1]["effect"].isin(["intercept", "actor", "partner"])].index
    for column in ("estimate", "std_error", "std_estimate"):
        mixed, sem = (frame.loc[effects, column].to_numpy(float) for frame in both)
        np.testing.assert_allclose(mixed, sem, rtol=2e-6, atol=1e-9, equal_nan=True)


def test_order_of_exchangeable_members_is_nothing() -> None:
    frame = couples().drop(columns="role")
    swapped = frame.iloc[np.arange(296).reshape(-1, 2)[:, ::-1].ravel()]
    found = [
        terms(dk.fit_apim(one, "satisfaction", "positivity", dyad="couple"))
        for one in (frame, swapped)
    ]
    pd.testing.assert_frame_equal(
        found[0].select_dtypes("number"), found[1].select_dtypes("number"), rtol=1e-9
    )


def test_dyadic_scores_are_those_of_regressions(told: dk.DyadFrame) -> None:
    """With the same predictors in both equations, least squares is maximum likelihood."""
    found = terms(dk.fit_apim(told, "satisfaction", "positivity", center=None))
    pairs = couples()[["positivity", "satisfaction"]].to_numpy().reshape(-1, 2, 2)
    level, difference = pairs.mean(axis=1), pairs[:, 0] - pairs[:, 1]
    x = sm.add_constant(np.column_stack([level[:, 0], difference[:, 0]]))
    for name, y in (("level", level[:, 1]), ("difference", difference[:, 1])):
        fitted = sm.OLS(y, x).fit()
        for number, by in ((1, "level"), (2, "difference")):
            row = found.loc[f"{name}, by {by}: positivity"]
            assert row["estimate"] == pytest.approx(fitted.params[number], rel=1e-7)
            assert row["std_error"] == pytest.approx(fitted.bse[number], rel=1e-6)


def test_between_and_within_dyads_are_those_of_means_and_differences(told: dk.DyadFrame) -> None:
    found = terms(
        dk.fit_apim(told, "satisfaction", "positivity", center=None, distinguishable=False)
    )
    pairs = couples()[["positivity", "satisfaction"]].to_numpy().reshape(-1, 2, 2)
    mean = pairs.mean(axis=1)
    between = sm.OLS(mean[:, 1], sm.add_constant(mean[:, 0])).fit()
    difference = pairs[:, 0] - pairs[:, 1]
    within = sm.OLS(difference[:, 1], difference[:, :1]).fit()
    for term, fitted, place in (("between", between, 1), ("within", within, 0)):
        row = found.loc[f"{term} dyads: positivity"]
        assert row["estimate"] == pytest.approx(fitted.params[place], rel=1e-7)
        assert row["std_error"] == pytest.approx(fitted.bse[place], rel=1e-6)
        assert row["df"] == pytest.approx(fitted.df_resid, rel=1e-6)


def test_role_differences_by_interaction_coding(told: dk.DyadFrame) -> None:
    """The interaction of role and effect, in other coding, is the tested difference."""
    found = terms(
        dk.fit_apim(told, "satisfaction", "positivity", center=None, equivalence=0.2)
    ).loc["difference in actor: positivity (husband − wife)"]
    frame = couples()
    frame["own"] = frame["positivity"]
    frame["other"] = frame["positivity"].to_numpy().reshape(-1, 2)[:, ::-1].ravel()
    fit = dk.fit_mixed("satisfaction ~ role * (own + other)", frame, dyad="couple", role="role")
    row = fit.tidy().set_index("term").loc["role[T.wife]:own"]
    for column, sign in (("estimate", -1), ("std_error", 1), ("df", 1), ("p_value", 1)):
        assert found[column] == pytest.approx(sign * row[column], rel=1e-6)
    # Two one-sided tests, the margin in standardised units.
    scale = frame["positivity"].std() / frame["satisfaction"].std()
    t = (0.2 - abs(found["estimate"]) * scale) / (found["std_error"] * scale)
    assert found["p_equivalent"] == pytest.approx(stats.t.sf(t, found["df"]), rel=1e-9)


def test_simple_slopes_are_effects_where_the_moderator_is_zero(told: dk.DyadFrame) -> None:
    result = dk.fit_apim(told, "satisfaction", "positivity", moderator="years")
    found = terms(result)
    frame = couples()
    shift = frame["years"].mean() + frame["years"].std()
    frame["years"] -= shift
    moved = dk.DyadFrame.from_individual(frame, dyad="couple", role="role", dyad_level=["years"])
    frame["positivity"] -= frame["positivity"].mean()
    again = terms(dk.fit_apim(moved, "satisfaction", "positivity", moderator="years", center=0.0))
    assert again.index.str.startswith("actor").any()
    for role in ("husband", "wife"):
        slope = found[
            (found["effect"] == "simple slope, actor")
            & (found["role"] == role)
            & found["at"].str.contains("+1 SD", regex=False, na=False)
        ].iloc[0]
        row = again.loc[f"actor: positivity ({role})"]
        for column in ("estimate", "std_error", "df", "p_value"):
            assert slope[column] == pytest.approx(row[column], rel=1e-5)


def test_figures_show_the_numbers_of_the_tables(told: dk.DyadFrame) -> None:
    result = dk.fit_apim(told, "satisfaction", "positivity", moderator="years", center=None)
    assert list(result.figures()) == [
        "effects",
        "paths",
        "actor_1_by_moderator",
        "partner_2_by_moderator",
        "expected_actor_1",
        "expected_partner_2",
    ]
    _, paths, actor, *_ = result.figure_specs
    found = terms(result)
    texts = {(path.start, path.end): str(path.label.value) for path in paths.paths}
    # From husbands (0) to wives (1) leads the wives' partner effect.
    row = found.loc["partner: positivity (wife)"]
    low, high = (f"{row[end]:.2f}".replace("-", "−") for end in ("conf_low", "conf_high"))
    assert texts["x0", "y1"] == f"{row['estimate']:.2f} [{low}, {high}]".replace("-", "−")
    covariances = (("x0", "x1"), ("y0", "y1"))
    assert set(texts) == {("x0", "y0"), ("x1", "y1"), ("x0", "y1"), ("x1", "y0"), *covariances}
    # A line runs through the simple slopes.
    line = next(line for line in actor.lines if line.label == "Wife")
    for slope in found[
        (found["effect"] == "simple slope, actor") & (found["role"] == "wife")
    ].itertuples():
        frame = couples()["years"].iloc[::2]
        steps = {"−1 SD": -1, "mean": 0, "+1 SD": 1}
        at = next(step for name, step in steps.items() if slope.at.endswith(name))
        x = frame.mean() + at * np.repeat(frame.to_numpy(), 2).std(ddof=1)
        assert np.interp(x, line.x, line.y) == pytest.approx(slope.estimate, abs=1e-6)


def test_bootstrap_of_k(told: dk.DyadFrame) -> None:
    def row(**options: object) -> pd.Series:
        result = dk.fit_apim(told, "satisfaction", "positivity", distinguishable=False, **options)
        return terms(result).loc["k: positivity"]

    fieller, first, again = row(), row(bootstrap=2000, seed=4), row(bootstrap=2000, seed=4)
    assert first["conf_low"] == again["conf_low"]
    for end in ("conf_low", "conf_high"):
        assert first[end] != fieller[end]
        assert first[end] == pytest.approx(fieller[end], abs=0.08)


def test_known_truth_in_a_large_sample() -> None:
    rng = np.random.default_rng(21)
    n = 4000
    x = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n)
    e = rng.multivariate_normal([0, 0], [[1, -0.8], [-0.8, 4]], n)
    y = np.column_stack([0.5 * x[:, 0] + 0.2 * x[:, 1], -0.1 * x[:, 1] + 0.4 * x[:, 0]]) + e
    frame = pd.DataFrame(
        {"pair": np.repeat(np.arange(n), 2), "role": ["a", "b"] * n, "x": x.ravel(), "y": y.ravel()}
    )
    found = terms(dk.fit_apim(frame, "y", "x", dyad="pair", role="role", center=None))
    for term, truth in {
        "actor: x (a)": 0.5,
        "partner: x (a)": 0.2,
        "actor: x (b)": -0.1,
        "partner: x (b)": 0.4,
        "Variance: a": 1.0,
        "Variance: b": 4.0,
        "Correlation: a, b": -0.4,
    }.items():
        row = found.loc[term]
        assert abs(row["estimate"] - truth) < 4 * row["std_error"]


def test_the_sample_has_the_effects_that_it_was_simulated_with() -> None:
    """Population correlations and deviations are exact; no interaction is in the population."""
    truth = json.loads((ROOT / "data/sample/distance_coaching/truth.json").read_text("utf-8"))
    names = truth["correlations"]["variables"]
    r = pd.DataFrame(truth["correlations"]["matrix"], index=names, columns=names)
    sd = {score["variable"]: score["sd"] for score in truth["scores"]}
    dyads = dk.load(dk.read_study(ROOT / "analyses/distance_coaching/study.toml"))
    found = terms(dk.fit_apim(dyads, "trust.t2", "similarity"))
    for role, partner in (("coach", "client"), ("client", "coach")):
        x = [f"similarity_{role}_t1", f"similarity_{partner}_t1"]
        y = f"trust_{role}_t2"
        betas = np.linalg.solve(r.loc[x, x], r.loc[x, y])
        for effect, name, beta in zip(("actor", "partner"), x, betas, strict=True):
            row = found.loc[f"{effect}: similarity ({role})"]
            assert abs(row["estimate"] - beta * sd[y] / sd[name]) < 3 * row["std_error"]


def test_readers_see_labels_and_where_predictors_are_centred() -> None:
    dyads = dk.load(dk.read_study(ROOT / "analyses/distance_coaching/study.toml"))
    for center, words in (("grand", "about the mean"), (3.0, "about a chosen value")):
        result = dk.fit_apim(dyads, "trust.t2", "similarity", moderator="tenure", center=center)
        centred = next(note.text for note in result.notes if note.text.startswith("Centred"))
        assert words in centred
        assert "Deep-level similarity (3." in centred
        for table in result.tables().values():
            texts = [text for row in table.rows for text in row.texts]
            assert not any(text == "similarity" or ": similarity" in text for text in texts)


def test_sentences_follow_alpha(told: dk.DyadFrame) -> None:
    """p = .122 for all roles' differences: not shown at 5 %, but at 20 %."""
    for alpha, words in ((0.05, "were not shown to differ"), (0.2, "the two roles differed")):
        result = dk.fit_apim(told, "satisfaction", "positivity", center=None, alpha=alpha)
        assert any(words in sentence for sentence in result.text())
