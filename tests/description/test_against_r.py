"""From a data frame to `tidy`: every number that R finds in the same rows."""

from __future__ import annotations

import numpy as np
import pytest

import dyadkit as dk

# In the order in which R pairs them.
VARIABLES = {
    "coaching": ["trust", "load"],
    "peers": ["warmth", "effort"],
    "several": ["style", "energy", "bond"],
}


@pytest.fixture(scope="module")
def tidy(oracle_frames):
    """Return the rows of each analysis of each study, by term."""
    found = {}
    for study, dyads in oracle_frames.items():
        numbers = VARIABLES[study]
        extra = ["mode"] if study == "coaching" else []
        results = {
            "describe": dk.describe(dyads, [*numbers, *extra], draws=0),
            "assess_nonindependence": dk.assess_nonindependence(dyads, numbers),
            "assess_missingness": dk.assess_missingness(dyads, [*numbers, *extra]),
        }
        for name, result in results.items():
            found[study, name] = result.tidy().set_index("term")
            assert found[study, name].index.is_unique
    return found


@pytest.mark.parametrize("study", ["coaching", "peers", "several"])
def test_tidy_agrees_with_r(oracle, tidy, study):
    # R 4.2.2. The tolerance of each number stands beside it in description.json: 1e-8 relative
    # for closed forms and the polished omega, 1e-6 for Little's test, whose EM lavaan stops early.
    numbers = [number for number in oracle["numbers"] if number["study"] == study]
    assert len(numbers) > {"coaching": 400, "peers": 70, "several": 60}[study]
    for number in numbers:
        row = tidy[study, number["analysis"]].loc[number["term"]]
        np.testing.assert_allclose(
            row[number["column"]],
            number["value"],
            rtol=number["rtol"],
            atol=1e-13,
            err_msg=f"{number['analysis']}: {number['term']}, {number['column']}",
        )
