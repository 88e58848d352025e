"""All indices at once: each is what it is alone, of two raters and of more."""

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.agreement.category_agreement import compare_categories
from dyadkit.agreement.category_counts import count_categories
from dyadkit.agreement.chance_corrected import (
    brennan_prediger,
    conger_kappa,
    gwet_ac,
    percent_agreement,
    scott_pi,
)
from dyadkit.agreement.cohen import cohen_kappa
from dyadkit.agreement.krippendorff import krippendorff_alpha
from dyadkit.agreement.marginals import compare_margins
from dyadkit.errors import DataError, StudyError
from tests.agreement.categorised import OBSERVERS, ratings_of


@pytest.mark.parametrize("weights", ["unweighted", "quadratic", np.eye(7).tolist()])
def test_two_raters(weights) -> None:
    ratings, scale = ratings_of("unused"), [1, 2, 3, 4, 5, 6, 7]
    found = compare_categories(
        ratings,
        scale,
        weights=weights,
        metric="ordinal",
        confidence=0.9,
        draws=200,
        rng=np.random.default_rng(1),
    )
    counted = count_categories(ratings, scale)
    assert found.percent == percent_agreement(counted, weights, 0.9)
    assert found.pi == scott_pi(counted, weights, 0.9)
    assert found.ac == gwet_ac(counted, weights, 0.9)
    assert found.brennan_prediger == brennan_prediger(counted, weights, 0.9)
    assert found.conger == conger_kappa(counted, weights, 0.9)
    assert found.kappa == cohen_kappa(counted, weights, 0.9)
    assert found.alpha == krippendorff_alpha(
        counted, "ordinal", draws=200, rng=np.random.default_rng(1), confidence=0.9
    )
    assert repr(found.margins) == repr(compare_margins(counted))
    assert (found.n, found.raters) == (40, 2)
    assert found.table is not None
    assert found.table.shape == (7, 7)
    assert found.table.sum() == 40
    assert np.isnan([found.prevalence, found.bias]).all()


def test_two_categories() -> None:
    found = compare_categories([[1, 1], [1, 1], [1, 2], [2, 2], [1, 1], [2, 1], [1, 2]])
    assert found.prevalence == pytest.approx(2 / 7, rel=1e-12)
    assert found.bias == pytest.approx(1 / 7, rel=1e-12)


def test_more_raters() -> None:
    found = compare_categories(OBSERVERS, [1, 2, 3, 4, 5])
    assert (found.kappa, found.margins, found.table) == (None, None, None)
    assert (found.n, found.raters, found.pi.name) == (11, 4, "Fleiss' κ")
    assert np.isnan([found.prevalence, found.bias]).all()


def test_what_is_undefined_is_said() -> None:
    with pytest.raises(DataError, match="all ratings of the 3 units are equal"):
        compare_categories([[2, 2], [2, 2], [2, 2]], [1, 2, 3])
    with pytest.raises(DataError, match="rated nothing: number 2"):
        compare_categories([[2, np.nan], [1, np.nan], [2, np.nan]])
    with pytest.raises(StudyError, match="needs draws"):
        compare_categories([[2, 1], [1, 1], [2, 2]], draws=10)
