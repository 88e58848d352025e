"""What must not change a fit, and how a fit shows itself."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import FitError, Refused, StudyError
from tests.models.conftest import MODELS_BY_NAME, dataset, fitted

APIM = "y_m ~ a1*x_m + p1*x_d\ny_d ~ a2*x_d + p2*x_m\ny_m ~~ y_d\nk := p1/a1"
CFA = "trust =~ t1 + t2 + t3\ngrowth =~ g1 + g2 + g3\ngrowth ~ trust"


def pairs(n: int = 150, share: float = 0.0, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)) @ np.array([[1.0, 0.3], [0.0, 0.9]])
    y = 0.5 * x + 0.2 * x[:, ::-1] + rng.normal(size=(n, 2))
    values = np.hstack([x, y])
    holes = rng.random(values.shape) < share
    holes[holes.all(axis=1)] = False
    return pd.DataFrame(np.where(holes, np.nan, values), columns=["x_m", "x_d", "y_m", "y_d"])


def items(n: int = 200, share: float = 0.0, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 2))
    factors[:, 1] += 0.6 * factors[:, 0]
    values = factors[:, [0, 0, 0, 1, 1, 1]] * 0.8 + 0.6 * rng.normal(size=(n, 6)) + 4.0
    holes = rng.random(values.shape) < share
    holes[holes.all(axis=1)] = False
    return pd.DataFrame(
        np.where(holes, np.nan, values), columns=["t1", "t2", "t3", "g1", "g2", "g3"]
    )


@pytest.mark.parametrize("share", [0.0, 0.2])
@pytest.mark.parametrize(("model", "data"), [(APIM, pairs), (CFA, items)])
def test_order_of_rows_and_columns_is_nothing(model, data, share) -> None:
    frame = data(share=share)
    shuffled = frame.sample(frac=1.0, random_state=1)[frame.columns[::-1]].reset_index(drop=True)
    one, other = dk.fit_sem(model, frame), dk.fit_sem(model, shuffled)
    np.testing.assert_allclose(
        one.tidy()["estimate"], other.tidy()["estimate"], rtol=1e-7, atol=1e-9
    )
    np.testing.assert_allclose(
        one.tidy()["std_error"].dropna(), other.tidy()["std_error"].dropna(), rtol=1e-7
    )
    np.testing.assert_allclose(
        one.glance().to_numpy(float), other.glance().to_numpy(float), rtol=1e-7, atol=1e-7
    )


@pytest.mark.parametrize("share", [0.0, 0.2])
@pytest.mark.parametrize("unit", [1e-3, 1e4])
def test_unit_and_origin_change_only_what_they_must(share, unit) -> None:
    frame = pairs(share=share)
    moved = frame.assign(x_m=100.0 + unit * frame["x_m"], y_d=-5.0 + unit * frame["y_d"])
    one, other = dk.fit_sem(APIM, frame), dk.fit_sem(APIM, moved)
    for name in ("chisq", "cfi", "rmsea", "srmr", "df"):
        assert one.summary[name] == pytest.approx(other.summary[name], rel=1e-6, abs=1e-7)
    standard, moved_standard = one.standardized(), other.standardized()
    relations = standard["op"].isin(["~", "~~"])
    np.testing.assert_allclose(
        standard[relations]["estimate"], moved_standard[relations]["estimate"], rtol=1e-6
    )
    assert other.coef()["a1"] == pytest.approx(one.coef()["a1"] / unit, rel=1e-6)
    assert other.coef()["a2"] == pytest.approx(one.coef()["a2"] * unit, rel=1e-6)
    scores = float(frame["x_m"].notna().sum() + frame["y_d"].notna().sum())
    assert other.summary["loglik"] == pytest.approx(
        one.summary["loglik"] - scores * np.log(unit), rel=1e-9
    )


def test_order_of_statements_is_nothing() -> None:
    frame = pairs(share=0.1)
    lines = APIM.splitlines()
    other = dk.fit_sem("\n".join([lines[2], lines[1], lines[0], lines[3]]), frame)
    one = dk.fit_sem(APIM, frame)
    for fit in (one, other):
        assert fit.convergence.converged
    named = other.tidy().set_index("term")
    for row in one.tidy().itertuples():
        term = row.term if row.term in named.index else f"{row.rhs} {row.op} {row.lhs}"
        assert named.loc[term, "estimate"] == pytest.approx(row.estimate, rel=1e-7)
        assert named.loc[term, "std_error"] == pytest.approx(row.std_error, rel=1e-6)


def test_roles_that_swap_swap_their_effects() -> None:
    frame = pairs()
    names = {"x_m": "x_d", "x_d": "x_m", "y_m": "y_d", "y_d": "y_m"}
    one, other = dk.fit_sem(APIM, frame), dk.fit_sem(APIM, frame.rename(columns=names))
    assert other.coef()["a1"] == pytest.approx(one.coef()["a2"], rel=1e-8)
    assert other.coef()["p1"] == pytest.approx(one.coef()["p2"], rel=1e-8)


def test_equal_groups_of_patterns_are_one() -> None:
    # Rows without a score in any variable, and rows said to be of the same pattern twice.
    frame = pairs(share=0.2)
    blank = pd.concat([frame, pd.DataFrame(np.nan, index=range(7), columns=frame.columns)])
    one, other = dk.fit_sem(APIM, frame), dk.fit_sem(APIM, blank)
    assert other.summary["n_obs"] == 150
    np.testing.assert_allclose(one.coef(), other.coef(), rtol=1e-12)
    assert any("7 row(s) left out" in note.text for note in other.notes)


def test_full_information_of_complete_data_is_complete_maximum_likelihood() -> None:
    frame = pairs()
    one = dk.fit_sem(APIM, frame)
    other = dk.fit_sem(APIM, frame, missing="listwise", fixed_x=False, information="observed")
    np.testing.assert_allclose(one.coef(), other.coef(), rtol=1e-10)
    np.testing.assert_allclose(one.vcov(), other.vcov(), rtol=1e-8, atol=1e-14)


def test_moments_in_place_of_data() -> None:
    frame = pairs()
    one = dk.fit_sem(APIM, frame, missing="listwise")
    other = dk.fit_sem(APIM, sample_cov=frame.cov(), sample_mean=frame.mean(), n_obs=len(frame))
    np.testing.assert_allclose(one.tidy()["estimate"], other.tidy()["estimate"], rtol=1e-9)
    assert one.summary["chisq"] == pytest.approx(other.summary["chisq"], abs=1e-9)
    without = dk.fit_sem(
        APIM,
        sample_cov=frame.cov().to_numpy()[np.ix_([2, 3, 0, 1], [2, 3, 0, 1])],
        n_obs=len(frame),
    )
    assert not (without.tidy()["op"] == "~1").any()
    assert without.coef()["a1"] == pytest.approx(one.coef()["a1"], rel=1e-9)


def test_data_are_never_changed() -> None:
    frame = pairs(share=0.1)
    before = frame.copy()
    dk.fit_sem(APIM, frame, bootstrap=20, seed=1)
    pd.testing.assert_frame_equal(frame, before)


def test_missing_values_of_any_kind_and_whole_numbers() -> None:
    frame = pairs(share=0.1)
    nullable = frame.convert_dtypes()
    one, other = dk.fit_sem(APIM, frame), dk.fit_sem(APIM, nullable)
    np.testing.assert_allclose(one.coef(), other.coef(), rtol=1e-12)
    whole = (items() * 10).round().astype(int)
    assert dk.fit_sem(CFA, whole).convergence.converged


def test_a_fit_survives_pickling_and_cannot_be_changed() -> None:
    fit = dk.fit_sem(APIM, pairs(share=0.1), bootstrap=20, seed=1)
    again = pickle.loads(pickle.dumps(fit))
    pd.testing.assert_frame_equal(fit.tidy(), again.tidy())
    assert again.bootstrap_intervals("bc").equals(fit.bootstrap_intervals("bc"))
    with pytest.raises(AttributeError):
        fit.confidence = 0.5


def test_partable_says_what_was_assumed() -> None:
    table = dk.fit_sem(CFA, items()).partable()
    assert table.columns.tolist() == [
        "lhs", "op", "rhs", "group", "free", "fixed_at", "start", "label", "user", "exo",
        "lower", "upper", "estimate",
    ]  # fmt: skip
    first = table.iloc[0]
    assert (first["free"], first["fixed_at"], first["estimate"]) == (0, 1.0, 1.0)
    assumed = table[~table["user"]]
    assert set(assumed["op"]) == {"~~", "~1"}
    fixed = dk.fit_sem(APIM, pairs(), fixed_x=True).partable()
    moments = fixed[fixed["exo"]]
    np.testing.assert_allclose(
        moments[(moments["lhs"] == "x_m") & (moments["rhs"] == "x_d")]["estimate"],
        np.cov(pairs()["x_m"], pairs()["x_d"], bias=True)[0, 1],
    )


def test_it_writes_a_lavaan_script() -> None:
    script = dk.fit_sem(APIM, pairs(share=0.1)).to_lavaan("pairs.csv")
    assert 'read.csv("pairs.csv"' in script
    assert 'missing = "fiml"' in script
    assert "a1*x_m" in script


def test_tables_figures_and_words() -> None:
    fit = dk.fit_sem(APIM, pairs(share=0.1))
    tables = fit.tables()
    assert list(tables) == ["fit", "estimates"]
    assert any(row.texts[0] == "k = p1/a1" for row in tables["estimates"].rows)
    assert list(fit.figures()) == ["paths"]
    loadings = dk.fit_sem("f =~ t1 + t2 + t3 + g1", items())
    assert list(loadings.figures()) == ["loadings"]
    assert len(loadings.figure_specs[0].intervals) == 4
    saturated = dk.fit_sem("y_m ~ x_m", pairs())
    assert saturated.text() == ("The model is saturated, so that its fit cannot be tested.",)
    assert "χ²(" in repr(fit)
    assert "<table>" in fit._repr_html_()


def test_intervals_are_called_what_they_are() -> None:
    fit = dk.fit_sem(APIM, pairs(), confidence=0.9)
    assert "90 % CI" in fit.tables()["estimates"].headings
    assert "90 % intervals" in fit.figure_specs[0].alt
    tidy, wider = fit.tidy(), dk.fit_sem(APIM, pairs()).tidy()
    np.testing.assert_allclose(  # qnorm(.95) / qnorm(.975) in R
        (tidy["conf_high"] - tidy["estimate"]) / (wider["conf_high"] - wider["estimate"]),
        1.6448536269514722 / 1.959963984540054,
        rtol=1e-9,
    )


def test_a_heywood_case_is_reported_loudly() -> None:
    fit = fitted("heywood")
    assert not fit.convergence.admissible
    assert fit.notes[0].level == "warning"
    assert "variance" in fit.notes[0].text
    assert "negative" in fit.notes[0].text


def test_small_samples_are_said_to_be_small() -> None:
    fit = dk.fit_sem(CFA, items(n=40))
    assert any("rejects a correct model too often" in note.text for note in fit.notes)
    few = dk.fit_sem(CFA, items(n=16, seed=5))
    assert any("only 16 rows" in note.text for note in few.notes)


def test_bounds_of_variances() -> None:
    name = "heywood_positive_variances"
    fit = fitted(name)
    variances = fit.tidy().query("op == '~~' and lhs == rhs")
    assert variances["estimate"].min() >= -1e-12
    assert fit.convergence.admissible
    assert fit.with_bootstrap(50, seed=1).draws.n_improper == 0
    assert fitted("heywood").with_bootstrap(50, seed=1).draws.n_improper > 40
    assert any("at its limit" in note.text for note in fit.notes)
    model = MODELS_BY_NAME[name]
    free = dk.fit_sem("\n".join(model["syntax"]), dataset(model["dataset"]), missing="listwise")
    assert free.summary["loglik"] > fit.summary["loglik"]


def test_the_second_opinion_agrees() -> None:
    # semopy 2.3.11 stops at a gradient that leaves it about 1e-3 standard errors from the optimum.
    frame = items()
    for model, data in ((CFA, frame), (APIM, pairs() + 2.0)):
        ours = dk.fit_sem(model, data)
        theirs = dk.fit_sem(model, data, engine="semopy")
        se = np.sqrt(np.diagonal(ours.vcov()))
        assert (np.abs(ours.coef() - theirs.coef()) / se).max() < 0.02
        assert theirs.summary["chisq"] == pytest.approx(ours.summary["chisq"], abs=1e-3)
        assert any("semopy" in note.text for note in theirs.notes)


@pytest.mark.parametrize(
    ("model", "data", "reason"),
    [
        (APIM, pairs(share=0.1), "scores are missing"),
        (APIM + "\na1 == a2", pairs(), "constraints"),
        ("y_m ~ a*x_m\ny_d ~ a*x_d", pairs(), "share a label"),
        ("y_m ~ x_m\ny_m ~ 0*1", pairs(), "means are modelled"),
        ("y_m ~ lower(0)*x_m", pairs(), "bounds"),
    ],
)
def test_no_second_opinion_where_it_would_be_wrong(model, data, reason) -> None:
    with pytest.raises(Refused, match=reason):
        dk.fit_sem(model, data, engine="semopy")


def test_further_starts_find_what_the_first_does_not() -> None:
    # A start that implies an impossible covariance matrix; the others are as usual but for it.
    frame = items()
    usual = dk.fit_sem(CFA, frame)
    fit = dk.fit_sem(CFA + "\nt1 ~~ start(-9)*t1", frame)
    assert fit.solution.starts > 1
    np.testing.assert_allclose(fit.summary["chisq"], usual.summary["chisq"], rtol=1e-8)
    assert any("starting values" in note.text for note in fit.notes)


def test_a_failed_fit_never_looks_like_a_success() -> None:
    with pytest.raises(FitError) as caught:
        dk.fit_sem("f =~ t1 + t2 + t3\ng =~ g1 + g2 + g3\nf ~ g\ng ~ f", items())
    assert "f~g" in str(caught.value)
    assert caught.value.convergence is not None
    assert not caught.value.convergence.converged


def test_residuals_by_hand() -> None:
    frame = pairs()
    fit = dk.fit_sem("y_m ~ x_m\ny_d ~ x_d\ny_m ~~ y_d", frame)
    covariance, mean = fit.residuals("raw")
    implied, _ = fit.implied()
    names = list(implied.columns)
    observed = np.cov(frame[names].T, bias=True)
    np.testing.assert_allclose(covariance, observed - implied, atol=1e-12)
    np.testing.assert_allclose(mean, 0.0, atol=1e-8)
    sd = np.sqrt(np.diagonal(observed))
    np.testing.assert_allclose(
        fit.residuals()[0], (observed - implied) / np.outer(sd, sd), atol=1e-12
    )
    with pytest.raises(StudyError, match="kind"):
        fit.residuals("odd")
