"""What growth curves cannot be had of."""

from __future__ import annotations

from typing import Any

import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import Variable
from tests.panel.growing import fit, framed, growing


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"waves": ["t1", "t2"]}, Refused, "needs 3 waves, and there are 2"),
        (
            {"waves": ["t1", "t2", "t3"], "shape": "quadratic"},
            Refused,
            'Set shape = "linear" or "latent_basis"',
        ),
        ({"shape": "piecewise", "turn": "t2"}, Refused, "needs 5 waves"),
        ({"shape": "piecewise"}, StudyError, r'turn = "t3"'),
        ({"turn": "t2"}, StudyError, "does not turn"),
        ({"shape": "cubic"}, StudyError, "'cubic' is no shape"),
        ({"equal_lags": True}, StudyError, "equal_lags: panels of kind"),
        ({"y": "trust.mentor"}, StudyError, "twice"),
        ({"predictors": "trust.mentor"}, StudyError, "twice"),
        ({"covariates": "trust.mentor.t2"}, StudyError, "is one of the series itself"),
        ({"by": "trust.mentor"}, StudyError, "is one of the series itself"),
        ({"predictors": "turst"}, StudyError, "trust"),
    ],
)
def test_what_cannot_be_had_is_refused(options: dict[str, Any], error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        fit(growing(50), **options)


def test_pieces_of_two_waves_are_refused() -> None:
    times = (0.0, 1.0, 2.0, 3.0, 4.0)
    dyads = framed(growing(60, times), times)
    for turn in ("t1", "t2", "t4", "t5"):
        with pytest.raises(Refused, match="It may be t3"):
            fit(dyads, shape="piecewise", turn=turn)
    with pytest.raises(StudyError, match="'t9' is none of the waves"):
        fit(dyads, shape="piecewise", turn="t9")


def test_data_that_cannot_tell_are_refused() -> None:
    data = growing(60)
    constant = data.assign(trust=data["trust"].where(data["wave"] != "t2", 3.0))
    with pytest.raises(dk.DataError, match="trust_mentor_t2"):
        fit(constant)
    absent = data[(data["role"] != "mentor") | (data["wave"] != "t3")]
    with pytest.raises(StudyError, match="Nobody answered 'trust' as mentor in t3"):
        fit(absent)
    with pytest.raises(dk.DyadKitError, match="1"):
        fit(data[data["pair"] == 0])
    with pytest.raises(dk.DyadKitError):
        fit(data[data["pair"] < 4], "trust")


def test_members_who_share_a_role_are_refused() -> None:
    data = growing(60)
    data["person"] = data["pair"].astype(str) + data["role"]
    dyads = dk.DyadFrame.from_individual(
        data.drop(columns="role"), dyad="pair", person="person", wave="wave"
    )
    with pytest.raises(Refused, match=r'share one role.*"growth"'):
        fit(dyads, "trust")


def test_one_group_is_none() -> None:
    data = growing(60).assign(kind="long")
    kind = Variable("kind", "Kind", kind="category", level="dyad")
    with pytest.raises(StudyError, match="one group"):
        fit(framed(data, kind=kind), by="kind")
