"""Bootstrap and jackknife of models, against lavaan's refits to the same resamples and boot.ci.

R drew the counts, fitted each resample tightly with lavaan 0.6-14, and boot 1.3-28.1 made the
intervals (tests/oracles/sem/resample.R).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import FitError, Refused, StudyError
from dyadkit.estimation.resample import (
    bias_corrected_interval,
    jackknife_acceleration,
    percentile_interval,
)
from dyadkit.models.sem_bootstrap import Bootstrap
from dyadkit.sem.bootstrap import bootstrap_counts, jackknife_counts, refit
from tests.models.conftest import dataset, loaded

MODELS = ("mediation", "clpm", "apim_fiml")
DATA = pd.DataFrame(
    np.random.default_rng(8).normal(size=(60, 3))
    @ np.array([[1, 0.5, 0.4], [0, 1, 0.3], [0, 0, 1]]),
    columns=["x", "m", "y"],
)
MEDIATION = "m ~ a*x\ny ~ b*m + x\nindirect := a*b"


def fit_of(name: str) -> tuple[dict, dk.DataError]:
    reference = loaded()["bootstraps"][name]
    return reference, dk.fit_sem(
        "\n".join(reference["syntax"]), dataset(reference["dataset"]), **reference["options"]
    )


def columns(reference: dict, fit) -> list[int]:
    """Return where the oracle's parameters are among ours, definitions after free parameters."""
    table = fit.solution.table
    rows = {(row.lhs, row.op, row.rhs): row.free - 1 for row in table.rows}
    rows |= {
        (one.name, ":="): table.n_free + number for number, one in enumerate(table.definitions)
    }
    triples = zip(reference["lhs"], reference["op"], reference["rhs"], strict=True)
    return [rows[(lhs, op) if op == ":=" else (lhs, op, rhs)] for lhs, op, rhs in triples]


@pytest.mark.parametrize("name", MODELS)
def test_refits_are_lavaans(name: str) -> None:
    # The last Newton step starts within 1e-3 standard errors and is exact to its square.
    reference, fit = fit_of(name)
    records = fit.cases.records
    where = columns(reference, fit)
    se = fit.tidy().dropna(subset="std_error")
    definitions = fit.solution.table.definitions
    refits = [(np.array(reference["counts"]), np.array(reference["draws"]))]
    if "jackknife" in reference:
        refits.append((1 - np.eye(records.n), np.array(reference["jackknife"])))
    for counts, expected in refits:
        found = refit(fit.solution, records, [counts])
        assert found.converged.all()
        theta = np.column_stack(
            [found.theta, *(definition.evaluate(found.theta)[0] for definition in definitions)]
        )
        errors = np.array(
            [
                se[(se["lhs"] == lhs) & (se["op"] == op)]["std_error"].max()
                for lhs, op in zip(reference["lhs"], reference["op"], strict=True)
            ]
        )
        off = np.abs(theta[:, where] - expected) / errors
        assert off.max() < 2e-5


@pytest.mark.parametrize("name", ["mediation", "clpm"])
def test_intervals_are_boots(name: str) -> None:
    reference = loaded()["bootstraps"][name]
    draws, jackknife = np.array(reference["draws"]), np.array(reference["jackknife"])
    for number, estimate in enumerate(reference["estimate"]):
        acceleration = jackknife_acceleration(jackknife[:, number], estimate)
        assert acceleration == pytest.approx(reference["acceleration"][number], rel=1e-6, abs=1e-9)
        for level, intervals in reference["intervals"].items():
            found = percentile_interval(draws[:, number], float(level))
            np.testing.assert_allclose(found, intervals["percentile"][number], rtol=1e-9)
            found = bias_corrected_interval(
                draws[:, number], estimate, float(level), reference["acceleration"][number]
            )
            np.testing.assert_allclose(found, intervals["bca"][number], rtol=1e-8)


def test_interval_of_a_correlation_is_boots() -> None:
    reference = loaded()["bootstraps"]["correlation"]
    acceleration = jackknife_acceleration(reference["jackknife"], reference["estimate"])
    assert acceleration == pytest.approx(reference["acceleration"], rel=1e-9)
    for level, intervals in reference["intervals"].items():
        found = bias_corrected_interval(
            reference["draws"], reference["estimate"], float(level), acceleration
        )
        np.testing.assert_allclose(found, intervals["bca"][0], rtol=1e-8)


def test_the_seed_decides_and_threads_do_not() -> None:
    fit = dk.fit_sem(MEDIATION, DATA)
    first, second = (fit.with_bootstrap(200, seed=4).draws for _ in range(2))
    np.testing.assert_array_equal(first.values, second.values)
    other = fit.with_bootstrap(200, seed=5).draws
    assert not np.array_equal(first.values, other.values)
    assert isinstance(first, Bootstrap)
    assert first.frame().shape == (200, len(first.names))


def test_tidy_shows_bootstrap_errors_and_percentiles() -> None:
    fit = dk.fit_sem(MEDIATION, DATA, bootstrap=300, seed=1)
    tidy = fit.tidy().set_index("term")
    draws = fit.draws.frame()
    assert tidy.loc["indirect", "std_error"] == pytest.approx(draws["indirect"].std())
    low, high = percentile_interval(draws["indirect"])
    assert tidy.loc["indirect", "conf_low"] == pytest.approx(low)
    assert tidy.loc["indirect", "conf_high"] == pytest.approx(high)
    np.testing.assert_allclose(draws["indirect"], draws["a"] * draws["b"], rtol=1e-12)
    assert any("300 bootstrap samples" in note.text for note in fit.notes)
    plain = dk.fit_sem(MEDIATION, DATA).tidy().set_index("term")
    # The same standard errors but for the bootstrap's own error, about 1 / sqrt(600).
    np.testing.assert_allclose(tidy["std_error"].dropna(), plain["std_error"].dropna(), rtol=0.35)


def test_kinds_of_intervals() -> None:
    fit = dk.fit_sem(MEDIATION, DATA, bootstrap=300, seed=1)
    for kind in ("percentile", "bc", "bca"):
        frame = fit.bootstrap_intervals(kind).set_index("term")
        assert (frame["conf_low"] < frame["conf_high"]).all()
    with pytest.raises(StudyError, match="kind='bcb'"):
        fit.bootstrap_intervals("bcb")


def test_monte_carlo_interval_is_that_of_the_product_of_normals() -> None:
    fit = dk.fit_sem(MEDIATION, DATA)
    found = fit.monte_carlo_intervals(50_000, seed=3).iloc[0]
    theta, cov = fit.coef()[["a", "b"]], fit.vcov().loc[["a", "b"], ["a", "b"]]
    drawn = np.random.default_rng(9).multivariate_normal(theta, cov, size=200_000).prod(axis=1)
    np.testing.assert_allclose(
        found[["conf_low", "conf_high"]].astype(float),
        np.quantile(drawn, [0.025, 0.975]),
        atol=0.01,
    )


def test_blocks_cover_every_row() -> None:
    fit = dk.fit_sem(MEDIATION, DATA)
    records = fit.cases.records
    structure = fit.solution.objective.structure
    left_out = np.concatenate(list(jackknife_counts(fit.cases, structure)))
    np.testing.assert_array_equal(left_out, 1 - np.eye(records.n))
    drawn = list(bootstrap_counts(fit.cases, structure, 150, np.random.default_rng(1)))
    assert sum(len(block) for block in drawn) == 150
    assert all(len(first) >= len(second) for first, second in pairwise(drawn))


def test_what_cannot_be_resampled_is_refused() -> None:
    moments = dk.fit_sem(MEDIATION, sample_cov=DATA.cov(), n_obs=60)
    with pytest.raises(Refused, match="covariance matrix"):
        moments.with_bootstrap(10)
    with pytest.raises(StudyError, match="no bootstrap draws yet"):
        moments.bootstrap_intervals()
    few = dk.fit_sem("y ~ x", DATA.head(15), bootstrap=50, seed=2)
    with pytest.raises(Refused, match="15 rows"):
        few.bootstrap_intervals("bca")
    with pytest.raises(StudyError, match="defines no parameter"):
        few.monte_carlo_intervals()


def test_too_many_failed_draws_are_no_interval() -> None:
    # One row carries all the variance of z: without it, in about 37 % of the draws, z is constant;
    # two such rows and models fail in more than half of them.
    data = DATA.head(12).assign(z=[1.0] + [0.0] * 11, w=[0.0] * 11 + [1.0])
    fit = dk.fit_sem("y ~ z + w", data, missing="listwise", fixed_x=False)
    with pytest.raises(FitError, match="did not converge, too many"):
        fit.with_bootstrap(100, seed=1)
