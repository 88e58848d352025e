"""What is asked of a ladder has an effect, or is refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest

import dyadkit as dk
from dyadkit.errors import StudyError
from tests.measurement.test_invariance import answers, framed
from tests.measurement.test_ordered_ladder import FIVE, cut, models


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"steps": ["loadings", "intercepts"]}, 'Write "configural" too'),
        ({"steps": ["intercepts"]}, 'Write "configural" too'),
        ({"steps": []}, 'Write "configural" too'),
        ({"steps": "loadings"}, "must be a list of texts"),
        ({"steps": 5}, "must be a list of texts"),
        ({"free": [3]}, "must be a list of texts"),
        ({"free": "loadings: q1"}, "must be a list of texts"),
        (
            {"free": ["residuals: q1"], "steps": ["configural", "loadings"]},
            "no step up to 'loadings' holds residuals equal",
        ),
        ({"across": "roles"}, "must be a list of one or several of roles, waves, groups"),
        ({"across": []}, "must be a list of one or several"),
        ({"across": ["role"]}, "Did you mean 'roles'"),
        ({"across": ["roles"], "group": "site"}, "'site' is not used"),
        ({"across": ["groups", "roles"], "group": "site"}, "compared by themselves"),
        ({"estimator": "ULSMV"}, "takes ML, MLR, WLSMV"),
        ({"join": [1, 2], "estimator": "WLSMV"}, "must be a list of sets"),
        ({"join": [[1, 2, 7]], "estimator": "WLSMV"}, "7 is no answer that anybody gave"),
        ({"join": [[1, 1.5]], "estimator": "WLSMV"}, "1.5 is no answer"),
        ({"join": [[1, float("nan")]], "estimator": "WLSMV"}, "nan is no answer"),
        ({"join": [["a", "b"]], "estimator": "WLSMV"}, "'a' is no answer.*are 1, 2, 3, 4, 5"),
    ],
)
def test_what_would_have_no_effect_or_a_false_one_is_refused(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        dk.assess_invariance(framed(cut(answers(100), FIVE)), "trust", **options)


def test_the_order_of_steps_and_places_and_doubles_do_not_matter() -> None:
    dyads = framed(answers(120, waves=2))
    plain = dk.assess_invariance(dyads, "trust", steps=["configural", "loadings"])
    other = dk.assess_invariance(
        dyads,
        "trust",
        steps=["loadings", "configural", "loadings"],
        across=["waves", "roles", "waves"],
        free=[],
    )
    assert other.text() == plain.text()
    assert models(other).equals(models(plain))


def test_the_first_model_alone_says_nothing_of_what_is_equal() -> None:
    result = dk.assess_invariance(framed(answers(120)), "trust", steps=["configural"])
    assert result.text() == (
        "Trust: across roles: only the model in which nothing is equal was fitted.",
    )
    assert not result.verdicts
