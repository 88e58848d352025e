"""Models of teams against R, the exchangeable actor–partner model, and known truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import dyadkit as dk
from dyadkit.models.mixed_models import fit_rows
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_structure import Wanted

FOLDER = Path(__file__).parents[1] / "oracles" / "mixed"
MODELS = {
    model["name"]: model
    for model in json.loads((FOLDER / "residual.json").read_text(encoding="utf-8"))["models"]
}

TEAMS = json.loads((FOLDER.parent / "teams.json").read_text(encoding="utf-8"))
OURS = {"(Intercept)": "intercept", "own_age": "covariate: age", "size": "size"} | {
    f"{ours}_{name}": f"{term}: {name}"
    for name in ("x", "z")
    for ours, term in (("own", "own"), ("others", "others"), (f"own_{name}:others", "own × others"))
}


def data_of(name: str) -> pd.DataFrame:
    """Return a data set that R simulated."""
    found = json.loads((FOLDER / "data.json").read_text(encoding="utf-8"))
    return pd.DataFrame(found["datasets"][name])


def terms(result: dk.PresentedResult) -> pd.DataFrame:
    return result.tidy().set_index("term")


@pytest.mark.parametrize(
    ("name", "data", "size", "method"),
    [
        ("teams_cs_reml", "teams35", False, "REML"),
        ("teams_cs_ml", "teams35", False, "ML"),
        ("teams_cs_size_reml", "teams35", True, "REML"),
        ("teams_negative_cs_reml", "teams_negative40", False, "REML"),
        ("teams_negative_cs_ml", "teams_negative40", False, "ML"),
    ],
)
def test_against_r(name: str, data: str, size: bool, method: str) -> None:
    """R had the others' means rounded to four digits: 1e-4 standard errors."""
    theirs = MODELS[name]
    result = dk.fit_teams(
        data_of(data), "y", "own", team="team", person="person", size=size, method=method
    )
    found = terms(result)
    assert result.glance()["loglik"].item() == pytest.approx(theirs["loglik"], rel=2e-6)
    names = {"own: own": "own", "others: own": "others"} | ({"size": "size"} if size else {})
    for term, column in names.items():
        at = theirs["columns"].index(column)
        row = found.loc[term]
        error = theirs["se"][at]
        assert row["estimate"] == pytest.approx(theirs["coef"][at], abs=1e-4 * error)
        assert row["std_error"] == pytest.approx(error, rel=2e-5)
        assert row["df"] == pytest.approx(theirs["df"][at], rel=1e-4)
    variance = theirs["covariance"]["residual|variance"]
    assert found.loc["variance", "estimate"] == pytest.approx(variance, rel=1e-5)
    correlation = theirs["covariance"]["residual|covariance"] / variance
    assert found.loc["correlation", "estimate"] == pytest.approx(correlation, rel=1e-4)


@pytest.mark.parametrize("model", TEAMS["models"], ids=lambda model: model["name"])
def test_unequal_sizes_and_missing_answers_against_r(model: dict) -> None:
    """R found the others' means itself; its gls stops up to 2.3e-6 standard errors early."""
    frame = pd.DataFrame(TEAMS["datasets"][model["data"]])
    full = "full" in model["name"]
    result = dk.fit_teams(
        frame,
        "y",
        ["x", "z"] if full else "x",
        covariates="age" if full else (),
        own_others=full,
        method=model["method"],
        team="team",
        person="person",
    )
    found = terms(result)
    sizes = result.glance().iloc[0]
    assert (sizes["n_obs"], sizes["n_teams"]) == (model["n"], model["teams"])
    assert sizes["loglik"] == pytest.approx(model["loglik"], rel=1e-12)
    rows = found.loc[[OURS[name] for name in model["terms"]]]
    assert len(rows) == (9 if full else 4)
    away = (rows["estimate"] - model["coef"]) / rows["std_error"]
    assert np.abs(away).max() < 1e-5
    if model["method"] == "REML":
        assert rows["std_error"].to_numpy() == pytest.approx(model["se"], rel=5e-6)
    if "df" in model:
        assert rows["df"].to_numpy() == pytest.approx(model["df"], rel=1e-6)
    assert ("df" in model) == (model["data"] == "alike" and model["method"] == "REML")
    assert found.loc["variance", "estimate"] == pytest.approx(model["variance"], rel=5e-6)
    row = found.loc["correlation"]
    assert row["estimate"] == pytest.approx(model["correlation"], rel=1e-5)
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(model["interval"], abs=5e-6)


@pytest.mark.parametrize(
    "model", TEAMS["by_role"], ids=lambda one: f"{one['data']}-{one['method']}"
)
def test_effects_by_role_against_r(model: dict) -> None:
    """The gls of nlme with varIdent, for a team's first member and the rest."""
    names = {"size": "size"}
    for role in ("leader", "member"):
        names[f"role{role}"] = f"intercept ({role})"
        for ours, theirs in (("own", "own_x"), ("others", "others_x")):
            names[f"role{role}:{theirs}"] = f"{ours}: x ({role})"
    frame = pd.DataFrame(TEAMS["datasets"][model["data"]])
    result = dk.fit_teams(
        frame,
        "y",
        "x",
        by_role=True,
        method=model["method"],
        team="team",
        person="person",
        role="role",
    )
    found = terms(result)
    rows = found.loc[[names[name] for name in model["terms"]]]
    assert len(rows) == 7
    assert result.glance()["n_obs"].item() == model["n"]
    assert result.glance()["loglik"].item() == pytest.approx(model["loglik"], rel=1e-12)
    assert np.abs((rows["estimate"] - model["coef"]) / rows["std_error"]).max() < 5e-6
    if model["method"] == "REML":
        assert rows["std_error"].to_numpy() == pytest.approx(model["se"], rel=1e-6)
    for term, name in (
        ("variance", "variance"),
        ("SD ratio: member to leader", "ratio"),
        ("correlation", "correlation"),
    ):
        assert found.loc[term, "estimate"] == pytest.approx(model[name], rel=5e-6)
    apart = found.loc["difference in own: x (member − leader)", "estimate"]
    own = found["estimate"]
    assert apart == pytest.approx(own["own: x (member)"] - own["own: x (leader)"], rel=1e-12)
    both = own["own: x (member)"] + own["others: x (member)"]
    assert own["own + others: x (member)"] == pytest.approx(both, rel=1e-12)


@pytest.mark.parametrize("one", TEAMS["iccs"], ids=lambda one: f"{one['data']}-{one['variable']}")
def test_icc_against_r(one: dict) -> None:
    """The mean size is that of multilevel::ICC1; n₀ is from R's mean squares."""
    frame = pd.DataFrame(TEAMS["datasets"][one["data"]])
    found = terms(dk.fit_teams(frame, "y", ["x", "z"], team="team", person="person"))
    for kind, value in (("mean size", one["mean_size"]), ("n₀", one["n0"])):
        row = found.loc[f"ICC(1), {kind}: {one['variable']}"]
        assert row["estimate"] == pytest.approx(value, rel=1e-11)
        assert row["statistic"] == pytest.approx(one["f"], rel=1e-11)
        assert row["p_value"] == pytest.approx(one["p"], rel=1e-10)


def test_members_who_differ_more_than_strangers() -> None:
    """The interval of the correlation stays above −1/(k − 1), and a note says what is shown."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"team": np.repeat(np.arange(8), 3), "y": rng.normal(size=24)})
    frame["y"] -= 0.95 * frame.groupby("team")["y"].transform("mean")
    result = dk.fit_teams(frame, "y", team="team")
    row = terms(result).loc["correlation"]
    assert -0.5 < row["conf_low"] < row["estimate"] < row["conf_high"] < 0.0
    # The z of two members would not know of that bound.
    reach = 1.96 * row["std_error"] / (1.0 - row["estimate"] ** 2)
    assert np.tanh(np.arctanh(row["estimate"]) - reach) < -0.5
    assert any("differ more in y" in note.text for note in result.notes)


def test_rows_and_units_do_not_matter() -> None:
    """Shuffled rows; teams' codes as text; the predictor in hundredths, the outcome shifted."""
    frame = pd.DataFrame(TEAMS["datasets"]["alike"])
    before = terms(dk.fit_teams(frame, "y", "x", team="team", person="person"))
    other = frame.sample(frac=1.0, random_state=1).assign(
        team=lambda now: "t" + now["team"].astype(str),
        x=lambda now: 100.0 * now["x"],
        y=lambda now: 7.0 + now["y"],
    )
    after = terms(dk.fit_teams(other, "y", "x", team="team", person="person"))
    for term in ("own: x", "others: x", "own + others: x"):
        assert 100.0 * after.loc[term, "estimate"] == pytest.approx(
            before.loc[term, "estimate"], rel=1e-7
        )
        for column in ("statistic", "df"):
            assert after.loc[term, column] == pytest.approx(before.loc[term, column], rel=1e-6)
    for term in ("size", "variance", "correlation"):
        assert after.loc[term, "estimate"] == pytest.approx(before.loc[term, "estimate"], rel=1e-6)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_model_without_predictors_against_r(method: str) -> None:
    """Nothing is rounded here."""
    theirs = MODELS[f"teams_negative_empty_{method.lower()}"]["covariance"]
    found = terms(
        dk.fit_teams(
            data_of("teams_negative40"),
            "y",
            team="team",
            person="person",
            size=False,
            method=method,
        )
    )
    for suffix in ("", " (empty)"):
        assert found.loc[f"variance{suffix}", "estimate"] == pytest.approx(
            theirs["residual|variance"], rel=1e-6
        )
        assert found.loc[f"correlation{suffix}", "estimate"] == pytest.approx(
            theirs["residual|covariance"] / theirs["residual|variance"], rel=1e-5
        )


def test_others_are_those_who_answered() -> None:
    """The means of the others, person by person, as a model of its own."""
    frame = data_of("teams35")
    frame.loc[[2, 9, 30], "own"] = np.nan
    means = []
    for place, row in frame.iterrows():
        same = frame[(frame["team"] == row["team"]) & (frame.index != place)]
        means.append(same["own"].mean())
    frame["mean_of_others"] = means
    grand = frame["own"].mean()
    frame = frame.assign(a=frame["own"] - grand, b=frame["mean_of_others"] - grand)
    expected = fit_rows(
        "y ~ a + b + a:b",
        frame,
        Columns("team", person="person"),
        Wanted("compound_symmetry", largest=None),
    )
    result = dk.fit_teams(
        frame, "y", "own", own_others=True, team="team", person="person", size=False
    )
    found, coef = terms(result), expected.coef()
    for term, name in (("own", "a"), ("others", "b"), ("own × others", "a:b")):
        assert found.loc[f"{term}: own", "estimate"] == pytest.approx(coef[name], rel=1e-9)
    assert result.glance()["n_obs"].item() == 152
    assert any("3 member(s) were left out because an own answer" in n.text for n in result.notes)


def test_teams_of_two_are_exchangeable_dyads() -> None:
    frame = data_of("peers70")
    teams = terms(dk.fit_teams(frame, "y", "act", team="dyad", person="person"))
    pairs = terms(
        dk.fit_apim(frame[["dyad", "person", "y", "act"]], "y", "act", dyad="dyad", person="person")
    )
    for ours, theirs in (("own: act", "actor: act"), ("others: act", "partner: act")):
        for column in ("estimate", "std_error", "df", "p_value"):
            assert teams.loc[ours, column] == pytest.approx(pairs.loc[theirs, column], rel=1e-6)
    both = teams.loc["own + others: act", "estimate"]
    assert both == pytest.approx(pairs.loc["between dyads: act", "estimate"], rel=1e-8)


@pytest.mark.parametrize("shared", [0.97, 0.0, -1.5])
def test_intervals_of_a_correlation_in_closed_form(shared: float) -> None:
    """Teams of three without predictors: the eigenvalues' mean squares are independent.

    The deviance is (n−1)(ln b + MSB/b) + 2n(ln a + MSW/a) with ρ = (b − a)/(b + 2a); of the ratio
    b/a alone it is (3n−1) ln(((n−1)MSB·a/b + 2n·MSW)/(3n−1)) + (n−1) ln(b/a).  Fisher's z is half
    of ln(b/a), of which the observed information is 2n(n−1)/(3n−1)/2.
    """
    n = 12
    y = np.random.default_rng(5).normal(size=(n, 3))
    y -= shared * y.mean(axis=1, keepdims=True)
    mean = y.mean(axis=1, keepdims=True)
    between = 3 * np.var(mean, ddof=1)
    within = ((y - mean) ** 2).sum() / (2 * n)

    def deviance(ratio: float) -> float:
        pooled = ((n - 1) * between / ratio + 2 * n * within) / (3 * n - 1)
        return (3 * n - 1) * np.log(pooled) + (n - 1) * np.log(ratio)

    def correlation(ratio: float) -> float:
        return (ratio - 1) / (ratio + 2)

    best = between / within
    limit = deviance(best) + stats.chi2.ppf(0.95, 1)
    ends = [
        optimize.brentq(lambda ratio: deviance(ratio) - limit, *sides, xtol=1e-15)
        for sides in ((best / 1e3, best), (best, best * 1e3))
    ]
    frame = pd.DataFrame({"team": np.repeat(np.arange(n), 3), "y": y.ravel()})
    fit = fit_rows("y ~ 1", frame, Columns("team"), Wanted("compound_symmetry", largest=None))
    row = fit.tidy().set_index("term").loc["correlation"]
    assert row["estimate"] == pytest.approx(correlation(best), abs=1e-9)
    reach = stats.norm.ppf(0.975) * np.sqrt(2 * (3 * n - 1) / (2 * n * (n - 1)))
    wald = [correlation(best * np.exp(side * reach)) for side in (-1, 1)]
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(wald, abs=1e-7)
    found = fit.intervals("profile").set_index("term").loc["correlation"]
    profile = [correlation(end) for end in ends]
    assert [found["conf_low"], found["conf_high"]] == pytest.approx(profile, abs=1e-5)


def test_known_truth_with_members_who_differ() -> None:
    """Within teams of four, a correlation of −.2 (the least possible is −1/3)."""
    rng = np.random.default_rng(8)
    n = 1500
    x = rng.normal(size=(n, 4))
    shared = np.full((4, 4), -0.2) + 1.2 * np.eye(4)
    others = (x.sum(axis=1, keepdims=True) - x) / 3
    y = 0.4 * x - 0.3 * others + rng.multivariate_normal(np.zeros(4), shared, n)
    frame = pd.DataFrame({"team": np.repeat(np.arange(n), 4), "x": x.ravel(), "y": y.ravel()})
    found = terms(dk.fit_teams(frame, "y", "x", team="team"))
    for term, truth in {
        "own: x": 0.4,
        "others: x": -0.3,
        "own + others: x": 0.1,
        "variance": 1.0,
        "correlation": -0.2,
    }.items():
        row = found.loc[term]
        assert abs(row["estimate"] - truth) < 4 * row["std_error"]


def test_what_a_team_shares_has_one_effect() -> None:
    frame = data_of("teams35")
    frame["online"] = (frame["format"] == "online").astype(float)
    found = terms(dk.fit_teams(frame, "y", ["own", "online"], team="team", person="person"))
    assert "team: online" in found.index
    assert "others: online" not in found.index
    assert "size" in found.index


def test_from_the_study_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    n = 120
    frame = pd.DataFrame(
        {
            "team": np.repeat(np.arange(n // 4), 8),
            "pair": np.repeat(np.arange(n), 2),
            "role": ["leader", "follower"] * n,
            "tr1": rng.integers(1, 8, 2 * n),
            "li1": rng.integers(1, 8, 2 * n),
            "climate": np.repeat(rng.integers(1, 6, n // 4), 8),
        }
    )
    # One leader for each team, who answers about every follower.
    frame["who"] = np.where(
        frame["role"] == "leader", "L" + frame["team"].astype(str), "F" + frame["pair"].astype(str)
    )
    frame.to_csv(tmp_path / "answers.csv", index=False)
    (tmp_path / "study.toml").write_text(
        """
        [study]
        roles = ["leader", "follower"]
        [[source]]
        path = "answers.csv"
        role_column = "role"
        dyad = "pair"
        group = "team"
        person = "who"
        [scale]
        trust = { items = ["tr1"], range = [1, 7], level = "relationship" }
        liking = { items = ["li1"], range = [1, 7], level = "relationship" }
        [variable]
        climate = { column = "climate", level = "group" }
        [[analysis]]
        type = "teams"
        name = "Teams"
        outcome = "trust"
        predictors = ["liking", "climate"]
        """,
        encoding="utf-8",
    )
    report = dk.analyze(tmp_path / "study.toml")
    assert not report.failed, report.failed
    result = report.results["Teams"]
    assert result.glance()["n_obs"].item() == 150  # 120 followers and 30 leaders
    assert any("30 person(s) answered about several" in note.text for note in result.notes)
    assert "team: climate" in set(result.tidy()["term"])
    report.write(tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "How alike the members of a team are" in page
