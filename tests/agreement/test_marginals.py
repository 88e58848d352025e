"""Prevalence, bias and tests of margins against R and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from dyadkit.agreement.category_counts import count_categories
from dyadkit.agreement.chance_corrected import brennan_prediger
from dyadkit.agreement.marginals import compare_margins
from dyadkit.errors import DataError
from tests.agreement.categorised import ORACLE, agree, counted_of, from_table

few = settings(max_examples=25, derandomize=True, deadline=None)


@pytest.mark.parametrize("case", ORACLE["margins"], ids=lambda c: c["data"])
def test_against_r(case) -> None:
    # R 4.2.2: mcnemar.test (Bowker) where all categories were confused, and mantelhaen.test with
    # one stratum a unit (Stuart and Maxwell), both without correction.
    found = compare_margins(counted_of(case["data"]))
    expected = dict(case["expected"])
    agree(found.symmetry, expected.pop("symmetry"))
    agree(found.homogeneity, expected.pop("homogeneity"))
    agree(found, expected)


def test_two_categories_by_hand() -> None:
    found = compare_margins(count_categories(from_table([[40, 9], [6, 45]])))
    assert found.prevalence == pytest.approx(0.05, rel=1e-12)
    assert found.bias == pytest.approx(0.03, rel=1e-12)
    assert found.pabak == pytest.approx(2 * 0.85 - 1, rel=1e-12)
    # McNemar: (9 - 6)² / 15.
    for test in (found.symmetry, found.homogeneity):
        assert (test.statistic, test.df) == (pytest.approx(0.6, rel=1e-12), 1.0)
        assert test.p_value == pytest.approx(chi2.sf(0.6, 1), rel=1e-12)
    assert (found.symmetry.method, found.homogeneity.method) == ("Bowker", "Stuart–Maxwell")


@few
@given(st.integers(0, 10**6))
def test_raters_and_categories_may_change_places(seed) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 6, size=(4, 4)) + 3 * np.eye(4, dtype=int)
    base = compare_margins(count_categories(from_table(table.tolist())))
    order = rng.permutation(4)
    for other in (table.T, table[np.ix_(order, order)]):
        found = compare_margins(count_categories(from_table(other.tolist())))
        for name in ("symmetry", "homogeneity"):
            ours, theirs = getattr(base, name), getattr(found, name)
            assert ours.df == theirs.df
            np.testing.assert_allclose(theirs.statistic, ours.statistic, rtol=1e-9, atol=1e-12)
        assert found.pabak == pytest.approx(base.pabak, rel=1e-12)
    assert np.isnan([base.prevalence, base.bias]).all()
    plain = brennan_prediger(count_categories(from_table(table.tolist()), [1, 2, 3, 4]))
    assert base.pabak == pytest.approx(plain.estimate, rel=1e-12)


def test_categories_confused_in_groups() -> None:
    # 1 with 2, 3 with 4, and 5 with none: the sum of two tests of McNemar.
    table = np.diag([5, 5, 5, 5, 5])
    table[0, 1], table[1, 0], table[2, 3], table[3, 2] = 7, 2, 1, 6
    found = compare_margins(count_categories(from_table(table.tolist())))
    expected = 25 / 9 + 25 / 7
    for test in (found.symmetry, found.homogeneity):
        assert (test.statistic, test.df) == (pytest.approx(expected, rel=1e-12), 2.0)


def test_no_disagreement() -> None:
    found = compare_margins(count_categories([[1, 1], [2, 2], [2, 2]]))
    for test in (found.symmetry, found.homogeneity):
        assert np.isnan([test.statistic, test.p_value]).all()
        assert (test.df, test.n) == (0.0, 3)
    assert found.pabak == 1.0


def test_what_has_no_margins() -> None:
    with pytest.raises(DataError, match="3 raters and 2 categories"):
        compare_margins(count_categories([[1, 1, 2], [2, 2, 1]]))
    with pytest.raises(DataError, match="2 raters and 1 categories"):
        compare_margins(count_categories([[1, 1], [1, 1]]))
