"""What is asked for wrongly is refused in words, and what has no effect is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, StudyError
from dyadkit.frame import Variable
from dyadkit.study import Scale
from tests.agreement.test_assess import couples, framed
from tests.agreement.test_assess_groups import several

TABLE = np.array([[1.0, 0.5], [0.5, 1.0]])


def warnings_of(result: dk.results.Result) -> list[str]:
    return [note.text for note in result.notes if "without effect" in note.text]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"families": []}, r"must be a list of one or several"),
        ({"families": "ratings"}, r"must be a list of one or several"),
        ({"pairs": [("trust.coach", "care.client", "mode.coach")]}, "is no pair of two"),
        ({"pairs": ("trust.coach", "care.client")}, "'trust.coach' is no pair of two"),
        ({"weights": "quadratik"}, "Did you mean 'quadratic'"),
        ({"weights": [[1, 0], [0]]}, "one row and one column"),
        ({"weights": [["a", "b"], ["c", "d"]]}, "one row and one column"),
        ({"weights": np.eye(3)}, r"2 by 2 numbers.*the shape is \(3, 3\)"),
        ({"draws": -5}, "draws = -5 must be 0 or more"),
        ({"permutations": 0}, "permutations = 0"),
    ],
)
def test_wrong_options_are_refused_in_words(options, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        dk.assess_agreement(framed(couples()), ["mode"], seed=1, **options)


@pytest.mark.parametrize(
    ("nulls", "said"),
    [
        ([], "must be a list of null distributions"),
        ("uniform", "must be a list of null distributions"),
        ([("a", "b")], "neither the name of a distribution"),
        ([np.full(4, 0.25)], "5 options needs 5 probabilities, but 4"),
        ([float("nan")], "must lie above 0"),
        ([(0.2, 0.2, 0.2, 0.2, float("nan"))], "sum to nan"),
    ],
)
def test_wrong_nulls_are_refused_in_words(nulls, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        dk.assess_agreement(several(), ["climate.developee"], groups="mentor", nulls=nulls)


def test_a_matrix_of_numpy_weighs_as_the_same_rows_do() -> None:
    one, other = (
        dk.assess_agreement(framed(couples()), ["mode"], weights=weights, seed=1).tidy()
        for weights in (TABLE, TABLE.tolist())
    )
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("variable", "options", "named"),
    [
        ("trust", {"weights": "linear"}, "weights"),
        ("mode", {"margin": 1.0, "within": 1.0}, "margin, within"),
        ("trust", {"margin": 1.0, "within": 1.0}, ""),
    ],
)
def test_options_without_effect_are_named(variable, options, named: str) -> None:
    found = warnings_of(dk.assess_agreement(framed(couples()), [variable], seed=1, **options))
    assert [text.split(":")[0] for text in found] == [named] * bool(named)


def test_a_margin_has_no_effect_on_members_who_share_one_role() -> None:
    alike = dk.DyadFrame.from_individual(couples().drop(columns="role"), dyad="pair")
    (found,) = warnings_of(dk.assess_agreement(alike, ["trust"], margin=1.0))
    assert found.startswith("margin: ")


def test_what_is_about_pairs_has_no_effect_on_groups() -> None:
    described = Variable("trust", "Trust", roles=("coach", "client"), range=(1, 7))
    dyads = framed(couples(), trust=described)
    result = dk.assess_agreement(dyads, ["trust"], groups="dyad", by="site", within=1.0, seed=1)
    (found,) = warnings_of(result)
    assert found.startswith("by, within: ")


def test_a_role_that_several_dyads_share_is_no_excuse_for_the_pairs() -> None:
    # Groups of a mentor's developees allow for the mentor; intervals of pairs do not.
    frame = several().individual().drop(columns="climate")
    frame[["q1", "q2", "q3"]] = np.random.default_rng(1).integers(1, 6, (len(frame), 3))
    whole = dk.DyadFrame.from_individual(
        frame, dyad="dyad", role="role", person="person", roles=("mentor", "developee")
    )
    scale = Scale(name="climate", label="Climate", items=("q1", "q2", "q3"), range=(1, 5))
    dyads = dk.score_scales(whole, [scale])
    options = {"groups": "mentor", "draws": 0, "permutations": 9, "seed": 1}
    both = dk.assess_agreement(dyads, ["climate"], families=["ratings", "groups"], **options)
    alone = dk.assess_agreement(dyads, ["climate"], **options)
    said = [any("too narrow" in note.text for note in each.notes) for each in (both, alone)]
    assert said == [True, False]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (("q1", "q2"), "patterns need three items or more, and it has 2"),
        (("q1", "q2", "q9"), "its items are not in the data"),
    ],
)
def test_patterns_that_cannot_be_compared_are_not_left_out_in_silence(items, said) -> None:
    data = couples()
    data[["q1", "q2"]] = np.random.default_rng(1).integers(1, 6, (len(data), 2))
    scale = Variable("trust", "Trust", "scale", roles=("coach", "client"), items=items)
    dyads = framed(data, trust=scale)
    with pytest.raises(DataError, match=said):
        dk.assess_agreement(dyads, ["trust"], families=["profiles"])
    # Nobody asked for them here, so that nothing is missed.
    assert not [n for n in dk.assess_agreement(dyads, ["trust"]).notes if "left out" in n.text]
