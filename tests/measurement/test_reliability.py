"""Reliability in the analysis: the numbers of the functions, and what cannot be had."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.study import Scale

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "measurement.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def dyads() -> dk.DyadFrame:
    """Return the keyed data of the R script as a frame with two scales."""
    data = pd.DataFrame(ORACLE["datasets"]["keyed"])
    data.insert(0, "pair", np.arange(len(data)))
    frame = dk.DyadFrame.from_wide(data, dyad="pair", roles=("m", "d"))
    trust = Scale(name="trust", items=("t1", "t2", "t3", "t4"), range=(-9, 16), reverse=("t3",))
    return dk.score_scales(
        frame, [trust, Scale(name="support", items=("s1", "s2", "s3"), range=(-9, 16))]
    )


def test_the_analysis_turns_reversed_items_and_gives_the_numbers_of_r(dyads: dk.DyadFrame) -> None:
    tidy = dk.assess_reliability(dyads, draws=0).tidy().set_index("term")
    # t3 was turned round in these data (7 - x), and is turned back here: the plain results.
    results = ORACLE["results"]["plain"]
    for expected in results["scales"]:
        scale, role = expected["factor"].split("_")
        for name, key, rtol in (
            ("alpha", "alpha", 1e-8),
            ("omega", "omega_observed", 0.02),
            ("composite reliability", "composite_reliability", 1e-5),
            ("average variance extracted", "ave_std", 1e-5),
        ):
            found = tidy.loc[f"{name}: {scale} ({role})", "estimate"]
            # The script's ω is from the model of all scales, ours from one factor.
            assert found == pytest.approx(expected[key], rel=rtol), (name, scale, role)
    for expected in results["pairs"]:
        one, other = (name.split("_") for name in expected["pair"])
        term = f"HTMT: {one[0]} ({one[1]}) with {other[0]} ({other[1]})"
        swapped = f"HTMT: {other[0]} ({other[1]}) with {one[0]} ({one[1]})"
        found = tidy.loc[term if term in tidy.index else swapped, "estimate"]
        assert found == pytest.approx(expected["htmt"], rel=1e-8)
    for expected in results["dyads"]:
        term = f"reliability of the difference, by model: {expected['construct']}"
        assert tidy.loc[term, "estimate"] == pytest.approx(expected["difference_model"], rel=1e-5)


def test_tables_and_what_they_say(dyads: dk.DyadFrame) -> None:
    result = dk.assess_reliability(dyads, draws=50, seed=1)
    assert list(result.tables()) == ["reliability", "validity", "members"]
    assert "difference" in result.text()[0]
    again = dk.assess_reliability(dyads, draws=50, seed=1)
    pd.testing.assert_frame_equal(result.tidy(), again.tidy())


def test_a_role_that_is_named_is_the_only_one(dyads: dk.DyadFrame) -> None:
    found = dk.assess_reliability(dyads, ["trust.d", "support"], draws=0).tidy()
    alphas = found[found["quantity"] == "alpha"]["term"].tolist()
    assert alphas == ["alpha: trust (d)", "alpha: support (m)", "alpha: support (d)"]
    # The difference of two members needs both.
    differences = found[found["quantity"] == "reliability of the difference"]["variable"]
    assert differences.tolist() == ["support"]


def test_what_has_no_reliability(dyads: dk.DyadFrame) -> None:
    with pytest.raises(StudyError, match="no scale with two items"):
        dk.assess_reliability(dyads, ["t1"])
    bare = dk.DyadFrame.from_wide(
        pd.DataFrame({"pair": [1, 2], "x_m": [1.0, 2], "x_d": [2.0, 1]}),
        dyad="pair",
        roles=("m", "d"),
    )
    with pytest.raises(Refused, match="no scale"):
        dk.assess_reliability(bare)


def test_members_of_one_role_have_reliability_but_no_difference() -> None:
    data = pd.DataFrame(ORACLE["datasets"]["plain"])
    people = pd.concat(
        [
            data[[f"t{k}_{role}" for k in range(1, 5)]]
            .set_axis([f"t{k}" for k in range(1, 5)], axis=1)
            .assign(pair=np.arange(len(data)))
            for role in ("m", "d")
        ]
    )
    frame = dk.DyadFrame.from_individual(people, dyad="pair")
    scored = dk.score_scales(
        frame, [Scale(name="trust", items=("t1", "t2", "t3", "t4"), range=(-9, 16))]
    )
    tables = dk.assess_reliability(scored, draws=0).tables()
    assert "members" not in tables
    assert tables["reliability"].to_frame()["n"].tolist() == [2 * len(data)]
