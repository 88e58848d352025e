"""Answers that no scale could give, and variables on which nobody could agree, are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, Refused
from dyadkit.frame import Variable
from tests.agreement.test_assess import couples, estimate, framed

BOTH = ("coach", "client")


def test_answers_outside_the_range_are_counted_by_side() -> None:
    data = couples()
    coach = data["role"] == "coach"
    high = coach & (data["trust"] >= 5)
    data.loc[high, "trust"] += 4
    described = Variable("trust", "Trust", roles=BOTH, range=(1, 7))
    result = dk.assess_agreement(framed(data, trust=described), ["trust"])
    (note,) = result.notes
    assert note.level == "warning"
    assert note.text == (
        f"Trust: {int(high.sum())} of 60 answers of the coach lie outside the range from 1 to 7. "
        "Correct them, or the range."
    )
    assert not dk.assess_agreement(framed(couples(), trust=described), ["trust"]).notes


@pytest.mark.parametrize("factor", [1e70, 1e200])
def test_numbers_too_large_to_compute_with_are_an_error(factor: float) -> None:
    data = couples()
    data["trust"] *= factor
    with pytest.raises(DataError, match=r"larger than 1e\+70.*divide the variable"):
        dk.assess_agreement(framed(data), ["trust"])


def test_large_numbers_give_the_same_coefficients() -> None:
    data = couples()
    large = data.assign(trust=data["trust"] * 1e60)
    for term in ("ICC(A,1): trust", "CCC: trust", "r: trust"):
        one, other = (
            estimate(dk.assess_agreement(framed(each), ["trust"]), term) for each in (data, large)
        )
        assert one == pytest.approx(other, rel=1e-10)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([f"text {number}" for number in range(120)], "120 different texts"),
        (pd.to_datetime(["2026-01-01"] * 120), "holds dates"),
        (["x", None] * 60, "asked of coach only"),
    ],
)
def test_why_nothing_can_be_compared_is_told(values, said: str) -> None:
    data = couples().assign(mode=values)
    with pytest.raises(Refused, match=f"both members answered.*{said}.*Name one"):
        dk.assess_agreement(framed(data), ["mode"])


@pytest.mark.parametrize(("ends", "categories"), [((0, 8), 9), ((1, 7), 7), ((0.5, 7.5), 7)])
def test_only_whole_ends_of_a_range_tell_which_codes_were_possible(ends, categories) -> None:
    data = couples(200)
    assert set(data["trust"]) == {1, 2, 3, 4, 5, 6, 7}
    described = Variable("trust", "Trust", "ordinal", roles=BOTH, range=ends)
    result = dk.assess_agreement(framed(data, trust=described), ["trust"], draws=0)
    assert result.tables()["categories_more"].to_frame()["n_categories"].tolist() == [categories]


def test_weighted_agreement_is_not_called_a_share_of_dyads() -> None:
    described = Variable("trust", "Trust", "ordinal", roles=BOTH, range=(1, 7))
    dyads = framed(couples(), trust=described)
    result = dk.assess_agreement(dyads, ["trust", "mode"], draws=0)
    ordered, named = result.text()
    assert "weighted agreement is 94.3 % in 60 dyads" in ordered
    assert "68.3 % of 60 dyads agree" in named
    assert "AC1 or AC2" in result.tables()["categories"].headings


def test_one_dyad_is_told_that_it_is_too_few() -> None:
    with pytest.raises(DataError, match="fewer than 5 dyads or 5 persons"):
        dk.assess_agreement(framed(couples(1)), ["trust"])


def test_an_identity_matrix_counts_as_no_weights() -> None:
    number = np.arange(60)
    names = np.array(["a", "b", "c"])
    other = names[np.where(number < 3, number + 1, number) % 3]
    data = couples().assign(mode=np.column_stack([names[number % 3], other]).ravel())
    result = dk.assess_agreement(framed(data), ["mode"], weights=np.eye(3), draws=0)
    assert not result.text()
