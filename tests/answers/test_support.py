"""Who stands behind a number: the fewest dyads and the fewest persons, of whichever part."""

from __future__ import annotations

import numpy as np
import pandas as pd

import dyadkit as dk
from dyadkit.answers.sample import Sample
from dyadkit.results import Support


def sample() -> Sample:
    """Return 20 dyads: the first 5 with a coach each, the other 15 with two between them."""
    pair = np.repeat(np.arange(20), 2)
    role = np.tile(["coach", "client"], 20)
    coach = np.where(pair < 5, pair, 5 + pair % 2)
    person = np.where(role == "coach", np.char.add("c", coach.astype(str)), pair.astype(str))
    data = pd.DataFrame({"pair": pair, "role": role, "person": person, "trust": pair / 2})
    return Sample.of(
        dk.DyadFrame.from_individual(
            data, dyad="pair", role="role", person="person", roles=("coach", "client")
        )
    )


def test_fewest_dyads_and_fewest_persons_may_be_of_two_parts() -> None:
    found = sample()
    few = np.arange(20) < 5
    assert found.support("few", few) == Support("few", 5, 5)
    assert found.support("many", ~few) == Support("many", 15, 2)
    assert found.least_support("either", [few, ~few]) == Support("either", 5, 2)


def test_a_mean_of_two_values_rests_on_the_weaker_answer_in_either_respect() -> None:
    found = sample()
    values = np.where(np.arange(20) < 5, 1.0, 2.0)
    everyone = np.ones(20, dtype=bool)
    assert found.support_of_values("mean", everyone, values) == Support("mean", 5, 2)
    assert found.support_of_values("mean", everyone, np.arange(20.0)) == Support("mean", 20, 7)


def test_no_part_is_nobody() -> None:
    assert sample().least_support("none", []) == Support("none", 0, 0)
