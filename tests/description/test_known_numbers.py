"""The Acitelli couples end to end: data with the published moments, from rows to `tidy`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk

# Acitelli's 148 couples (data set acipair of the R package dyadr): satisfaction of husband and
# wife.  Means, standard deviations and their correlation, published to four decimals.
N = 148
MEANS = np.array([3.6182, 3.5912])
SDS = np.array([0.4618, 0.5300])
R = 0.6234
# Four decimals of the moments leave about half a unit of the fourth decimal in what follows.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def couples() -> pd.DataFrame:
    """Return rows of 148 couples with exactly these moments."""
    z = np.random.default_rng(148).normal(size=(N, 2))
    z -= z.mean(axis=0)
    z = np.linalg.solve(np.linalg.cholesky(np.cov(z.T)), z.T).T
    scores = MEANS + (z @ np.linalg.cholesky([[1, R], [R, 1]]).T) * SDS
    wide = pd.DataFrame(scores, columns=["husband", "wife"]).assign(couple=range(N))
    return wide.melt("couple", var_name="spouse", value_name="satisfaction").sample(
        frac=1, random_state=1
    )


def estimates(couples: pd.DataFrame, **rest: object) -> pd.DataFrame:
    result = dk.assess_nonindependence(couples, dyad="couple", role="spouse", **rest)
    return result.tidy().set_index("term")


def test_spouses_told_apart(couples):
    found = estimates(couples).loc["r: satisfaction"]
    assert found["estimate"] == pytest.approx(0.6234, abs=TOLERANCE)
    # By hand: 2 r s1 s2 / (s1² + s2²).
    rho = 2 * R * 0.4618 * 0.53 / (0.4618**2 + 0.53**2)
    assert found["rho"] == pytest.approx(rho, abs=1e-12)
    assert found["n"] == N


def test_spouses_treated_alike(couples):
    found = estimates(couples, distinguishable=False)
    entry, icc = found.loc["double-entry r: satisfaction"], found.loc["ICC(1): satisfaction"]
    assert entry["estimate"] == pytest.approx(0.6164, abs=TOLERANCE)
    assert icc["estimate"] == pytest.approx(0.6185, abs=TOLERANCE)
    # By hand: √(1 + ρ), √(1 − ρ) and 2n/(1 + ρ).
    rho = icc["estimate"]
    assert icc["se_ratio_between"] == pytest.approx((1 + rho) ** 0.5, rel=1e-12)
    assert icc["se_ratio_within"] == pytest.approx((1 - rho) ** 0.5, rel=1e-12)
    assert icc["effective_n"] == pytest.approx(2 * N / (1 + rho), rel=1e-12)


def test_means_and_correlation(couples):
    result = dk.describe(couples, dyad="couple", role="spouse")
    found = result.tidy().set_index("term")["estimate"]
    for spouse, mean, sd in zip(("husband", "wife"), MEANS, SDS, strict=True):
        assert found[f"mean: satisfaction ({spouse})"] == pytest.approx(mean, rel=1e-12)
        assert found[f"sd: satisfaction ({spouse})"] == pytest.approx(sd, rel=1e-12)
    between = [term for term in found.index if term.startswith("r: ")]
    assert found[between].tolist() == pytest.approx([R], rel=1e-12)


def test_partners_who_are_unlike_are_not_called_independent(couples):
    # Turning one spouse's answers round turns the sign and nothing else.
    turned = couples.copy()
    wife = turned["spouse"] == "wife"
    turned.loc[wife, "satisfaction"] = 2 * 3.5912 - turned.loc[wife, "satisfaction"]
    plain, negative = estimates(couples), estimates(turned)
    for column in ("estimate", "rho", "statistic"):
        np.testing.assert_allclose(negative[column], -plain[column], rtol=1e-10)
    result = dk.assess_nonindependence(turned, dyad="couple", role="spouse")
    assert "partners were less alike than people of different dyads (r = −.62" in result.text()[0]
