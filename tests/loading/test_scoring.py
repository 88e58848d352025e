"""Items → scores: reverse keying, means and sums, the answers a score needs, versions."""

from __future__ import annotations

import pandas as pd
import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.loading import score_scales
from dyadkit.study import Scale


def frame(**items):
    size = len(next(iter(items.values())))
    keys = {
        "pair": [place // 2 for place in range(size)],
        "role": ["coach", "client"] * (size // 2),
    }
    return DyadFrame.from_individual(
        pd.DataFrame(keys | items), dyad="pair", role="role", roles=("coach", "client")
    )


ITEMS = {
    "a": [1.0, 2.0, 7.0, None],
    "b": [2.0, None, 1.0, None],
    "c": [6.0, None, 7.0, None],
}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        # Every item must be answered, unless the scale says otherwise.
        ({}, [3, None, 5, None]),
        ({"minimum_answered": 2}, [3, None, 5, None]),
        ({"minimum_answered": 1}, [3, 2, 5, None]),
        ({"score": "sum"}, [9, None, 15, None]),
        # A sum over what was answered, brought to the size of the scale: 2 × 3.
        ({"score": "sum", "minimum_answered": 1}, [9, 6, 15, None]),
        # 8 − 6 = 2 and 8 − 7 = 1 take the places of 6 and 7.
        ({"reverse": ("c",)}, [5 / 3, None, 3, None]),
        ({"reverse": ("a", "b", "c")}, [5, None, 3, None]),
    ],
)
def test_scores_are_worked_out_by_hand(options, expected):
    scale = Scale(name="x", items=("a", "b", "c"), range=(1, 7), **options)
    scored = score_scales(frame(**ITEMS), [scale]).individual(["x"])["x"]
    assert scored.isna().tolist() == [value is None for value in expected]
    # Sums of small whole numbers and one division: exact up to the last bit of the quotient.
    assert scored.dropna().tolist() == pytest.approx(
        [v for v in expected if v is not None], abs=1e-15
    )


def test_sums_of_complete_answers_are_exact():
    # 49 × (1/49) is not 1 in floating point.
    items = {f"i{number}": [1.0, 2.0] for number in range(49)}
    scale = Scale(name="x", items=tuple(items), range=(1, 7), score="sum")
    assert score_scales(frame(**items), [scale]).individual(["x"])["x"].tolist() == [49, 98]


@pytest.mark.parametrize(("score", "highest"), [("mean", (1, 7)), ("sum", (3, 21))])
def test_a_scale_knows_its_range(score, highest):
    scale = Scale(name="x", items=("a", "b", "c"), range=(1, 7), score=score, reverse=("b",))
    variable = score_scales(frame(**ITEMS), [scale]).variables["x"]
    assert (variable.range, variable.item_range) == (highest, (1, 7))
    assert (variable.items, variable.reverse) == (("a", "b", "c"), ("b",))
    assert (variable.kind, variable.label) == ("scale", "X")


def test_only_those_who_were_asked_have_a_score():
    scale = Scale(name="x", items=("a",), range=(1, 7), roles=("client",))
    scored = score_scales(frame(**ITEMS), [scale])
    assert scored.individual(["x"])["x"].notna().tolist() == [False, True, False, False]
    assert scored.wide(["x"]).columns.tolist() == ["dyad", "x_client"]


def test_keyed_items_are_what_the_score_is_made_of():
    scale = Scale(name="x", items=("a", "b", "c"), range=(1, 7), reverse=("c",))
    items = score_scales(frame(**ITEMS), [scale]).items("x", "coach", "")
    assert items[["a", "b", "c"]].to_numpy().tolist() == [[1, 2, 2], [7, 1, 1]]


def test_the_frame_that_is_scored_stays_as_it_was():
    dyads = frame(**ITEMS)
    before = dyads.individual()
    scored = score_scales(dyads, [Scale(name="x", items=("a",), range=(1, 7))])
    pd.testing.assert_frame_equal(dyads.individual(), before)
    assert "x" not in dyads.variables
    assert next(iter(scored.variables)) == "x"


def test_items_that_are_not_there_are_named():
    scale = Scale(name="x", items=("a", "bb"), range=(1, 7))
    with pytest.raises(StudyError, match=r"Scale x: the frame has no item bb\. Did you mean 'b'\?"):
        score_scales(frame(**ITEMS), [scale])


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(StudyError, match="already has a; give it another name"):
        score_scales(frame(**ITEMS), [Scale(name="a", items=("b",), range=(1, 7))])


def test_answers_that_cannot_be_are_refused():
    scale = Scale(name="x", items=("a", "b", "c"), range=(1, 5))
    with pytest.raises(DataError, match=r"3 answers lie outside 1 to 5 \(a, c\)") as found:
        score_scales(frame(**ITEMS), [scale])
    assert found.value.rows == (0, 2)


def test_texts_are_no_answers():
    with pytest.raises(DataError, match="Scale x: a holds no numbers"):
        score_scales(frame(a=["1", "2"]), [Scale(name="x", items=("a",), range=(1, 5))])


# Versions of a scale, by role and wave

VERSIONS = """\
[study]
roles = ["coach", "client"]
waves = ["w1", "w2"]
[[source]]
path = "a.csv"
role_column = "role"
wave_column = "wave"
dyad = "pair"
[scale.trust]
items = ["i1", "i2"]
range = [1, 7]
reverse = ["i2"]
[[scale.trust.version]]
role = "coach"
items = ["c1", "c2"]
[[scale.trust.version]]
wave = "w2"
items = ["l1", "l2"]
[[scale.trust.version]]
role = "coach"
wave = "w2"
items = ["cl1", "cl2"]
"""


def test_the_most_specific_version_counts(loaded, values):
    text = (
        "role,wave,pair,i1,i2,c1,c2,l1,l2,cl1,cl2\n"
        "client,w1,P1,1,7,,,,,,\n"  # i: (1 + 1) / 2
        "coach,w1,P1,,,2,6,,,,\n"  # c: (2 + 2) / 2
        "client,w2,P1,,,,,3,5,,\n"  # l: (3 + 3) / 2
        "coach,w2,P1,,,,,,,4,4\n"  # cl: (4 + 4) / 2
    )
    dyads = loaded(VERSIONS, a__csv=text)
    assert values(dyads, "trust") == {
        ("P1", "client", "w1"): 1,
        ("P1", "coach", "w1"): 2,
        ("P1", "client", "w2"): 3,
        ("P1", "coach", "w2"): 4,
    }
    assert values(dyads, "i2")["P1", "coach", "w2"] == 4


def test_the_role_goes_before_the_wave():
    scale = Scale.model_validate(
        {
            "name": "x",
            "items": ["i"],
            "range": [1, 2],
            "version": [{"wave": "w2", "items": ["l"]}, {"role": "coach", "items": ["c"]}],
        }
    )
    assert scale.columns("coach", "w2") == ("c",)
    assert scale.columns("client", "w2") == ("l",)
    assert scale.columns("client", "w1") == ("i",)


def test_two_scales_may_share_an_item(two_files, values):
    scales = (
        '[scale.short]\nitems = ["t1"]\nrange = [1, 7]\n'
        '[scale.long]\nitems = ["t1", "t2"]\nrange = [1, 7]\nreverse = ["t1"]\n'
    )
    dyads = two_files("pair,t1,t2\nP1,1,3\n", "pair,t1,t2\nP1,7,5\n", scales=scales)
    assert values(dyads, "short") == {("P1", "coach"): 1, ("P1", "client"): 7}
    assert values(dyads, "long") == {("P1", "coach"): 5, ("P1", "client"): 3}
