"""What a mixed model can be asked after its estimates, against lme4 and a likelihood searched
otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize_scalar

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.models.mixed_models import fit_rows
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_structure import Wanted
from tests.mixed.making_problems import dense_loglik

ORACLES = Path(__file__).parent.parent / "oracles"
MODELS = {
    model["name"]: model
    for model in json.loads((ORACLES / "mixed" / "random.json").read_text("utf-8"))["models"]
    if model.get("random_effects")
}


def data_of(name: str) -> pd.DataFrame:
    """Return a data set that R simulated."""
    found = json.loads((ORACLES / "mixed" / "data.json").read_text(encoding="utf-8"))
    return pd.DataFrame(found["datasets"][name])


def mentees(random: str) -> dk.MixedFit:
    """Fit developees under mentors by maximum likelihood."""
    return fit_rows(
        "y ~ own + experience",
        data_of("mentees30"),
        Columns("mentor"),
        Wanted("independent", largest=None),
        random=random,
        method="ML",
    )


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return data_of("pairs60")


@pytest.fixture(scope="module")
def fit(pairs: pd.DataFrame) -> dk.MixedFit:
    return dk.fit_mixed("y ~ 0 + role + role:act", pairs, dyad="dyad", role="role")


@pytest.mark.parametrize(
    ("name", "random"), [("mentor_intercept", "1 | mentor"), ("mentor_slope", "1 + own | mentor")]
)
def test_profile_intervals_against_lme4(name: str, random: str) -> None:
    """lme4 interpolates its profiles: its ends are good to 1e-4."""
    theirs = json.loads((ORACLES / "mixed_profile.json").read_text("utf-8"))["intervals"][name]
    expected = {
        label: (low, high)
        for label, low, high in zip(theirs["names"], theirs["low"], theirs["high"], strict=True)
    }
    ours = mentees(random).intervals().set_index("term")
    names = {
        "variance: Intercept": "sd_(Intercept)|mentor",
        "variance: own": "sd_own|mentor",
        "variance": "sigma",
    }
    for label, other in names.items():
        if label in ours.index:
            ends = np.sqrt(ours.loc[label, ["conf_low", "conf_high"]].to_numpy(float))
            np.testing.assert_allclose(ends, expected[other], atol=2e-4)
    if "correlation: Intercept, own" in ours.index:
        ends = ours.loc["correlation: Intercept, own", ["conf_low", "conf_high"]].to_numpy(float)
        np.testing.assert_allclose(ends, expected["cor_own.(Intercept)|mentor"], atol=1e-4)
        assert ends[1] == 1.0


def test_profile_of_a_residual_correlation_against_a_plain_search(pairs: pd.DataFrame) -> None:
    """Compound symmetry: the restricted likelihood at a correlation, maximised over σ² alone."""
    fit = dk.fit_mixed("y ~ act", pairs, dyad="dyad", role="role", residual="compound_symmetry")
    problem = fit.solution.problem

    def excess(r: float) -> float:
        best = minimize_scalar(
            lambda log: -dense_loglik(problem, np.exp(log) * np.array([1.0, r])),
            bracket=(-1.0, 1.0),
            tol=1e-12,
        )
        return 2.0 * (fit.solution.loglik + best.fun) - 3.841458820694124

    row = fit.intervals().set_index("term").loc["correlation"]
    low = brentq(excess, -0.99, row["estimate"])
    high = brentq(excess, row["estimate"], 0.99)
    assert row["conf_low"] == pytest.approx(low, abs=1e-6)
    assert row["conf_high"] == pytest.approx(high, abs=1e-6)


@pytest.mark.parametrize("name", ["mentor_intercept_ml", "mentor_slope_reml"])
def test_random_effects_against_r(name: str) -> None:
    theirs = MODELS[name]
    term = theirs["random"][0]
    ours = fit_rows(
        theirs["formula"],
        data_of(theirs["dataset"]),
        Columns("mentor"),
        Wanted("independent", largest=None),
        random=f"{term['formula'].lstrip('~ ')} | {term['group']}",
        method=theirs["method"],
    )
    np.testing.assert_allclose(ours.residuals()["fitted"], theirs["fitted"], atol=1e-8)
    residuals = ours.residuals()
    conditional = ours.solution.problem.y - residuals["conditional"]
    np.testing.assert_allclose(conditional, theirs["fitted_conditional"], atol=1e-6)
    found = ours.random_effects()
    assert list(found["unit"].unique()) == theirs["random_effects"][0]["group"]


def test_bootstrap_intervals(fit: dk.MixedFit) -> None:
    for kind in ("cluster", "parametric"):
        found = fit.intervals(kind, draws=400, seed=1)
        again = fit.intervals(kind, draws=400, seed=1)
        pd.testing.assert_frame_equal(found, again)
        assert list(found["term"]) == list(fit.tidy()["term"])
        assert (found["failed"] == 0).all()
        wald = fit.tidy()
        width = (found["conf_high"] - found["conf_low"]) / (wald["conf_high"] - wald["conf_low"])
        assert width.between(0.6, 1.5).all()
        assert (
            (found["conf_low"] < found["estimate"]) & (found["estimate"] < found["conf_high"])
        ).all()


def test_residuals_keep_the_index_of_the_data(pairs: pd.DataFrame) -> None:
    holes = pairs.set_axis([f"row {number}" for number in range(len(pairs))])
    holes.loc["row 3", "act"] = np.nan
    fit = dk.fit_mixed("y ~ 0 + role + role:act", holes, dyad="dyad", role="role")
    found = fit.residuals()
    assert "row 3" not in found.index
    assert len(found) == len(pairs) - 1
    np.testing.assert_allclose(
        found["fitted"] + found["marginal"], holes.loc[found.index, "y"], atol=1e-12
    )


def test_diagnostics_and_r_squared(fit: dk.MixedFit) -> None:
    found = fit.residual_diagnostics()
    assert list(found["role"]) == list(fit.setup.members)
    np.testing.assert_allclose(found["sd"], 1.0, atol=0.05)
    shares = fit.r_squared().iloc[0]
    assert 0 < shares["marginal"] == shares["conditional"] < 1


def test_influence_names_dyads(fit: dk.MixedFit, pairs: pd.DataFrame) -> None:
    found = fit.influence()
    assert found.index.name == "dyad"
    assert list(found.index) == list(pairs["dyad"].drop_duplicates())
    assert list(found.columns) == ["cooks_distance", *fit.setup.names]


def test_comparison(pairs: pd.DataFrame) -> None:
    models = [
        dk.fit_mixed(formula, pairs, dyad="dyad", role="role", method="ML")
        for formula in ("y ~ 0 + role", "y ~ 0 + role + act", "y ~ 0 + role + role:act")
    ]
    found = dk.compare_models(*models[::-1], names=["c", "b", "a"]).tidy()
    assert list(found["term"]) == ["a", "b", "c"]
    assert found["difference"].iloc[1] == pytest.approx(
        2 * (models[1].solution.loglik - models[0].solution.loglik), rel=1e-12
    )
    assert list(found["df_difference"].iloc[1:]) == [1.0, 1.0]
    assert found["aic_weight"].sum() == pytest.approx(1.0, rel=1e-12)


def test_comparison_refuses_by_name(pairs: pd.DataFrame, fit: dk.MixedFit) -> None:
    other = dk.fit_mixed("y ~ 0 + role", pairs, dyad="dyad", role="role")
    with pytest.raises(Refused, match=r"'small' and 'large' cannot .* method='ML'"):
        dk.compare_models(fit, other, names=["large", "small"])
    sem = dk.fit_sem("y ~ act", pairs)
    with pytest.raises(Refused, match="structural equation model"):
        dk.compare_models(fit, sem)


def test_wrong_choices(fit: dk.MixedFit) -> None:
    with pytest.raises(StudyError, match="profile"):
        fit.intervals("profil")
    with pytest.raises(StudyError, match="too few"):
        fit.intervals("cluster", draws=1)
    with pytest.raises(StudyError, match="no random effects"):
        fit.random_effects()
