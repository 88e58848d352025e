"""Statistics of ordered variables and their covariance matrix against lavaan and brute force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.bivariate_normal import bivariate_normal_cdf
from dyadkit.estimation.ordinal_moments import OrdinalMoments, estimate_ordinal_moments
from dyadkit.estimation.ordinal_variables import COVARIANCE, MEAN, THRESHOLD, VARIANCE

FOLDER = Path(__file__).parent.parent / "oracles"
CASES: dict[str, Any] = json.loads((FOLDER / "ordinal_moments.json").read_text("utf-8"))["cases"]

every_case = pytest.mark.parametrize("name", list(CASES))


def found_in(case: dict[str, Any]) -> OrdinalMoments:
    return estimate_ordinal_moments(np.array(case["values"], dtype=float), case["ordered"])


def mixed(seed: int, n: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1)) + rng.normal(size=(n, 4))
    x[:, 0] = np.digitize(x[:, 0], [-1, 0.5, 2])
    x[:, 2] = np.digitize(x[:, 2], [0.7])
    return x


MIXED = [True, False, True, False]


@every_case
def test_statistics_against_lavaan(name) -> None:
    # Statistics by their standard error, root of gamma. lavaan's correlations are good to 1e-8,
    # but for two polyserial ones, which it leaves 1e-5 from the solution of the equation.
    case = CASES[name]
    found = found_in(case)
    off = (found.statistics - case["statistics"]) / np.sqrt(np.diag(case["gamma"]))
    np.testing.assert_allclose(off, 0, atol=2e-5 if name == "mixed" else 2e-8)
    in_closed_form = found.kind != COVARIANCE
    np.testing.assert_allclose(off[in_closed_form], 0, atol=1e-13)


@every_case
def test_correlations_solve_the_likelihood_equation(name) -> None:
    found = found_in(CASES[name])
    for u, x, rho in CASES[name]["polyserial"]:
        own = found.covariances[int(u), int(x)] / np.sqrt(found.variances[int(x)])
        assert own == pytest.approx(rho, abs=1e-12)


@every_case
def test_gamma_against_lavaan(name) -> None:
    # Relative to the roots of the diagonal. It moves with the correlations it is taken at.
    case = CASES[name]
    gamma = np.array(case["gamma"])
    roots = np.sqrt(np.diag(gamma))
    off = (found_in(case).gamma - gamma) / np.outer(roots, roots)
    np.testing.assert_allclose(off, 0, atol=5e-5 if name == "mixed" else 1e-7)


@pytest.mark.parametrize("name", ["wlsmv_cfa", "wlsmv_binary", "wlsmv_mixed"])
def test_other_fits_of_lavaan(name) -> None:
    # Optimised as above: lavaan's polyserial correlations are up to 1e-5 off.
    models = json.loads((FOLDER / "sem_more" / "ordinal.json").read_text("utf-8"))["models"]
    (model,) = [model for model in models if model["name"] == name]
    datasets = json.loads((FOLDER / "sem_more" / "data.json").read_text("utf-8"))["datasets"]
    data, called = datasets[model["dataset"]], model["variables"]
    ordered = [variable in model["options"]["ordered"] for variable in called]
    columns = [
        np.unique(data[variable], return_inverse=True)[1] if is_ordered else data[variable]
        for variable, is_ordered in zip(called, ordered, strict=True)
    ]
    found = estimate_ordinal_moments(np.stack(columns, axis=1), ordered)
    gamma = np.array(model["gamma"][0])
    roots = np.sqrt(np.diag(gamma))
    off = (found.statistics - model["wls_obs"][0]) / roots
    np.testing.assert_allclose(off, 0, atol=2e-5 if "mixed" in name else 2e-8)
    off = (found.gamma - gamma) / np.outer(roots, roots)
    np.testing.assert_allclose(off, 0, atol=5e-5 if "mixed" in name else 1e-7)


@every_case
def test_parts_against_lavaan(name) -> None:
    case = CASES[name]
    found = found_in(case)
    ordered = np.array(case["ordered"])
    np.testing.assert_allclose(found.means[~ordered], np.array(case["means"])[~ordered], rtol=1e-13)
    assert (found.means[ordered] == 0).all()
    cuts = np.concatenate(found.thresholds)
    np.testing.assert_allclose(cuts, case["thresholds"], rtol=0, atol=1e-14)
    scale = np.sqrt(np.outer(found.variances, found.variances))
    np.testing.assert_allclose(
        (found.covariances - case["covariances"]) / scale, 0, atol=1e-5 if name == "mixed" else 1e-8
    )
    names = [
        f"y{i + 1}|t{j + 1}"
        for kind, i, j in zip(found.kind, found.i, found.j, strict=True)
        if kind == THRESHOLD
    ]
    assert names == case["threshold_names"]


def test_an_index_tells_what_a_statistic_is() -> None:
    found = estimate_ordinal_moments(mixed(5), MIXED)
    assert found.kind.tolist() == [0, 0, 0, 1, 0, 1, 2, 2, 3, 3, 3, 3, 3, 3]
    for value, kind, i, j in zip(found.statistics, found.kind, found.i, found.j, strict=True):
        expected = {
            THRESHOLD: lambda i, j: found.thresholds[i][j],
            MEAN: lambda i, j: -found.means[i],
            VARIANCE: lambda i, j: found.variances[i],
            COVARIANCE: lambda i, j: found.covariances[i, j],
        }[int(kind)]
        assert value == expected(i, j)
    pairs = [(1, 0), (2, 0), (3, 0), (2, 1), (3, 1), (3, 2)]
    assert list(zip(found.i[8:].tolist(), found.j[8:].tolist(), strict=True)) == pairs
    np.testing.assert_array_equal(np.diag(found.covariances), found.variances)
    assert [cuts.size for cuts in found.thresholds] == [3, 0, 1, 0]


@pytest.mark.parametrize("seed", range(1, 9))
def test_polychoric_correlation_by_brute_force(seed) -> None:
    # minimize_scalar ends within about 1e-8 of the maximum, which is flat to rounding there.
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(150, 2)) @ np.array([[1, rng.uniform(-1, 2)], [0, 1]])
    x = np.stack([np.digitize(x[:, 0], [-1, 1.1]), np.digitize(x[:, 1], [-1, 0, 2.5])], axis=1)
    found = estimate_ordinal_moments(x, [True, True])
    a, b = (np.concatenate([[-np.inf], cuts, [np.inf]]) for cuts in found.thresholds)
    table = np.zeros((3, 4))
    np.add.at(table, tuple(x.T), 1)

    def negative(rho: float) -> float:
        below = bivariate_normal_cdf(a[:, None], b, rho)
        cells = np.diff(np.diff(below, axis=0), axis=1)
        return -float(np.sum(table * np.log(np.maximum(cells, 1e-12))))

    best = minimize_scalar(
        negative, bounds=(-0.999, 0.999), method="bounded", options={"xatol": 1e-10}
    )
    assert found.covariances[1, 0] == pytest.approx(best.x, abs=1e-6)
    assert negative(found.covariances[1, 0]) <= best.fun + 1e-12


def test_thresholds_are_quantiles() -> None:
    values = np.repeat([0.0, 1.0, 2.0], [10, 60, 30])[:, None]
    found = estimate_ordinal_moments(values, [True])
    np.testing.assert_allclose(found.thresholds[0], norm.ppf([0.1, 0.7]), atol=1e-15)
    # Of proportions: multinomial covariances, by the delta method.
    slopes = np.diag(1 / norm.pdf(norm.ppf([0.1, 0.7])))
    multinomial = np.array([[0.1 * 0.9, 0.1 * 0.3], [0.1 * 0.3, 0.7 * 0.3]])
    np.testing.assert_allclose(found.gamma, slopes @ multinomial @ slopes, rtol=1e-12)


def test_continuous_variables_alone() -> None:
    x = mixed(2)[:, [1, 3]] * [1, 10] + [0, 50]
    found = estimate_ordinal_moments(x, [False, False])
    np.testing.assert_allclose(found.covariances, np.cov(x.T, bias=True), rtol=1e-13)
    # Slopes estimated by crossproducts, as lavaan's are, approach those of normal scores only.
    np.testing.assert_allclose(found.gamma[:2, :2], np.cov(x.T, bias=True), rtol=0.2)
    np.testing.assert_allclose(found.gamma[2:4, 2:4], 2 * found.covariances**2, rtol=0.5)


def test_the_scale_of_continuous_variables_does_not_matter() -> None:
    values, scale = mixed(8), np.array([1, 1e4, 1, 1e-4])
    one = estimate_ordinal_moments(values, MIXED)
    other = estimate_ordinal_moments(values * scale + [0, 300, 0, -2], MIXED)
    factor = np.where(one.kind == THRESHOLD, 1, scale[one.i])
    factor = factor * np.where(
        one.kind == MEAN, 1, np.where(one.kind == THRESHOLD, 1, scale[one.j])
    )
    np.testing.assert_allclose(
        other.gamma / np.outer(factor, factor), one.gamma, rtol=1e-7, atol=1e-9
    )


def test_the_order_of_variables_does_not_matter() -> None:
    values, order = mixed(3), [3, 0, 1, 2]
    one = estimate_ordinal_moments(values, MIXED)
    other = estimate_ordinal_moments(values[:, order], np.array(MIXED)[order])
    np.testing.assert_allclose(other.covariances, one.covariances[np.ix_(order, order)], atol=1e-12)
    names = {}
    for key, moments, columns in (("one", one, [0, 1, 2, 3]), ("other", other, order)):
        names[key] = {}
        rows = zip(moments.kind.tolist(), moments.i.tolist(), moments.j.tolist(), strict=True)
        for place, (kind, i, j) in enumerate(rows):
            owners = {columns[i], columns[j]} if kind == COVARIANCE else {columns[i]}
            number = j if kind == THRESHOLD else 0
            names[key][kind, frozenset(owners), number] = place
    places = [names["other"][what] for what in names["one"]]
    np.testing.assert_allclose(
        other.gamma[np.ix_(places, places)], one.gamma, rtol=1e-9, atol=1e-11
    )


def test_an_outlying_cell_does_not_stop_the_search() -> None:
    values = np.repeat([[0, 0], [1, 1], [2, 2], [0, 2]], [3000, 3000, 3000, 1], axis=0)
    found = estimate_ordinal_moments(values, [True, True])
    assert 0.9 < found.covariances[1, 0] < 0.9999
    assert np.isfinite(found.gamma).all()


@pytest.mark.parametrize(
    ("ordered", "sign"),
    [([True, True], 1), ([True, True], -1), ([True, False], 1), ([False] * 2, -1)],
)
def test_a_perfect_correlation_is_refused(ordered, sign) -> None:
    codes = np.repeat([0.0, 1.0, 2.0], [10, 20, 15])
    second = codes if sign > 0 else 2 - codes
    if not ordered[1] and ordered[0]:
        second = norm.ppf((np.arange(codes.size) + 0.5) / codes.size)
    with pytest.raises(DataError, match=f"of trust and ease is estimated at {sign}: ") as caught:
        estimate_ordinal_moments(np.stack([codes, second], axis=1), ordered, ["trust", "ease"])
    assert "\n" not in str(caught.value)


def test_a_table_without_exceptions_is_refused() -> None:
    table = np.array([[29, 0, 0, 0], [33, 18, 48, 7], [0, 0, 0, 15]])
    values = np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0)
    with pytest.raises(DataError, match="is estimated at 1"):
        estimate_ordinal_moments(values, [True, True])
    with pytest.raises(DataError, match="is estimated at -1"):
        estimate_ordinal_moments([0, 3] + values * [1, -1], [True, True])


def test_unusable_values_are_refused() -> None:
    values = mixed(1)
    gap = values.copy()
    gap[3, 1] = np.nan
    with pytest.raises(DataError, match="complete rows, but 1 of 1200 values are missing"):
        estimate_ordinal_moments(gap, MIXED)
    with pytest.raises(DataError, match="variable 2 has one value in all 300 rows"):
        estimate_ordinal_moments(values * [1, 0, 1, 1], MIXED)
    with pytest.raises(DataError, match="variable c must hold the codes 0 to 1 of"):
        estimate_ordinal_moments(values * [1, 1, 2, 1], MIXED, list("abcd"))
    with pytest.raises(DataError, match="variable c has only two values"):
        estimate_ordinal_moments(values, [True, False, False, False], list("abcd"))
    with pytest.raises(StudyError, match="must have 4 entries"):
        estimate_ordinal_moments(values, [True])


def test_the_result_is_read_only() -> None:
    found = estimate_ordinal_moments(mixed(1), MIXED)
    for array in (found.gamma, found.statistics, found.covariances, found.means, found.kind):
        assert not array.flags.writeable
