"""Groups, clusters, weights and robust requests that are wrong: refused, with the way out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, FitError, Refused, StudyError

RNG = np.random.default_rng(11)
N = 120
FACTOR = RNG.normal(size=(N, 1))
DATA = pd.DataFrame(FACTOR + RNG.normal(size=(N, 4)), columns=["x1", "x2", "x3", "x4"]).assign(
    site=np.repeat(["a", "b"], N // 2),
    coach=[f"c{number // 4}" for number in range(N)],
    weight=RNG.uniform(0.5, 2.0, N),
)
MODEL = "f =~ x1 + x2 + x3 + x4"


def fit(data: pd.DataFrame = DATA, model: str = MODEL, **options):
    return dk.fit_sem(model, data, **options)


def test_groups_must_have_rows():
    few = DATA.assign(site=["a"] * (N - 3) + ["b"] * 3)
    with pytest.raises(DataError, match=r"more than 4 rows in every group, but 3 .* group 'b'"):
        fit(few, group="site")
    constant = DATA.assign(x1=np.where(DATA["site"] == "b", 3.0, DATA["x1"]))
    with pytest.raises(DataError, match="same value wherever they are observed in group 'b'"):
        fit(constant, group="site")
    copied = DATA.assign(x2=np.where(DATA["site"] == "b", DATA["x1"], DATA["x2"]))
    with pytest.raises(DataError, match="covariance matrix in group 'b' is singular"):
        fit(copied, group="site")
    with pytest.raises(Refused, match="one value only"):
        fit(DATA[DATA["site"] == "a"], group="site")
    with pytest.raises(Refused, match="too many"):
        fit(DATA.assign(site=np.arange(N)), group="site")


def test_rows_without_group_are_left_out_and_counted():
    gaps = DATA.assign(site=DATA["site"].where(np.arange(N) > 9))
    found = fit(gaps, group="site")
    assert found.summary["n_obs"] == N - 10
    assert "10 row(s) left out" in found.notes[0].text
    assert "site is missing" in found.notes[0].text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group": "sites"}, "Did you mean 'site'"),
        ({"cluster": "choach", "estimator": "MLR"}, "cluster='choach' is not a column"),
        ({"sampling_weights": "w", "estimator": "MLR"}, "sampling_weights='w' is not a column"),
        ({"group_equal": ["loadings"]}, "there is no group="),
        ({"estimator": "MLX"}, "estimator='MLX' is not a choice"),
        ({"group": "site", "group_equal": ["loading"]}, "loadings"),
    ],
)
def test_wrong_names_are_said(options, message):
    with pytest.raises(StudyError, match=message):
        fit(**options)


@pytest.mark.parametrize("bad", [-1.0, 0.0, np.inf])
def test_weights_must_be_positive(bad):
    weights = DATA["weight"].copy()
    weights.iloc[3] = bad
    with pytest.raises(DataError, match="not positive numbers"):
        fit(DATA.assign(weight=weights), estimator="MLR", sampling_weights="weight")
    with pytest.raises(DataError, match="is not numeric"):
        fit(estimator="MLR", sampling_weights="coach")


def test_clusters_lie_in_groups():
    crossing = DATA.assign(coach=[f"c{number % 10}" for number in range(N)])
    with pytest.raises(DataError, match=r"10 cluster\(s\) of 'coach' have rows in more than one"):
        fit(crossing, estimator="MLR", cluster="coach", group="site")
    with pytest.raises(Refused, match="cannot be estimated from one"):
        fit(DATA.assign(coach="c"), estimator="MLR", cluster="coach")


def test_requests_that_have_no_meaning_are_refused():
    gaps = DATA.assign(x1=DATA["x1"].where(np.arange(N) > 9))
    with pytest.raises(Refused, match="MLM' needs complete scores, but 10 are missing"):
        fit(gaps, estimator="MLM")
    assert fit(gaps, estimator="MLM", missing="listwise").summary["n_obs"] == N - 10
    with pytest.raises(Refused, match="MLM' takes rows for independent"):
        fit(estimator="MLM", cluster="coach")
    with pytest.raises(Refused, match="Use estimator='MLR'"):
        fit(cluster="coach")
    with pytest.raises(Refused, match="Use estimator='MLR'"):
        fit(sampling_weights="weight")
    covariance = DATA[["x1", "x2", "x3", "x4"]].cov()
    with pytest.raises(Refused, match="covariance matrix says nothing"):
        dk.fit_sem(MODEL, sample_cov=covariance, n_obs=N, estimator="MLR")
    with pytest.raises(StudyError, match="no column site"):
        dk.fit_sem(MODEL, sample_cov=covariance, n_obs=N, group="site")
    with pytest.raises(Refused, match="missing='fiml'"):
        fit(model="f =~ x1 + x2 + x3", auxiliary=["x4"], missing="listwise")
    with pytest.raises(StudyError, match="has already"):
        fit(auxiliary=["x4"])


def test_a_constraint_on_a_fixed_parameter_is_said():
    with pytest.raises(StudyError, match="no free parameter"):
        fit(model="f =~ a*x1 + x2 + x3 + x4; a == 2")


def test_few_clusters_are_warned_of():
    found = fit(estimator="MLR", cluster="coach")
    assert found.summary["n_clusters"] == 30
    assert any("30 clusters" in note.text and note.level == "warning" for note in found.notes)
    fewer = fit(DATA.assign(coach=np.arange(N) // 15), estimator="MLR", cluster="coach")
    assert any("fewer than the 12 free parameters" in note.text for note in fewer.notes)


def test_weights_of_one_change_nothing():
    plain = fit(estimator="MLR")
    weighted = fit(DATA.assign(weight=3.0), estimator="MLR", sampling_weights="weight")
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(weighted.tidy()[column], plain.tidy()[column], rtol=1e-9)
    own = fit(DATA.assign(coach=np.arange(N)), estimator="MLR", cluster="coach")
    # Clusters of one row are rows, but for the factor C / (C - 1).
    ratio = own.tidy()["std_error"] / plain.tidy()["std_error"]
    np.testing.assert_allclose(ratio.dropna(), np.sqrt(N / (N - 1)), rtol=1e-9)


def test_the_bootstrap_draws_clusters_within_groups():
    from dyadkit.sem.bootstrap import bootstrap_counts

    found = fit(estimator="MLR", cluster="coach", group="site")
    rng = np.random.default_rng(1)
    structure = found.solution.objective.structure
    counts = np.concatenate(list(bootstrap_counts(found.cases, structure, 40, rng)))
    clusters = DATA["coach"].factorize()[0]
    for draw in counts:
        # All rows of a cluster are drawn as often, and each group keeps its number of clusters.
        assert (pd.Series(draw).groupby(clusters).nunique() == 1).all()
    first = counts[:, : N // 2].sum(axis=1)
    np.testing.assert_array_equal(first, N // 2)
    assert found.with_bootstrap(30, seed=2).tidy()["std_error"].notna().any()


def test_a_negative_scaling_is_no_test():
    # Factors of two members that the model merges; lavaan 0.6-14 has NA for this chi-square.
    rng = np.random.default_rng(4)
    own = rng.normal(size=(300, 4)) + 0.8 * np.repeat(rng.normal(size=(300, 2)), 2, axis=1)
    scores = 0.9 * np.repeat(own, 2, axis=1) + 0.6 * rng.normal(size=(300, 8))
    names = [f"{item}_{who}" for who in "ab" for item in ("t1", "t2", "s1", "s2")]
    data = pd.DataFrame(scores, columns=names)
    same = "\n".join(f"{item}_a ~~ {item}_b" for item in ("t1", "t2", "s1", "s2"))
    model = f"t =~ t1_a + t2_a + t1_b + t2_b\ns =~ s1_a + s2_a + s1_b + s2_b\n{same}"
    with pytest.raises(FitError, match="no robust test of it"):
        fit(data, model, auto="cfa", std_lv=True, estimator="MLR")
    assert fit(data, model, auto="cfa", std_lv=True).convergence.converged
