"""Panels of persons who belong to several dyads."""

from __future__ import annotations

import numpy as np
import pytest

import dyadkit as dk
from dyadkit.frame import Variable
from tests.panel.test_panel import answers


@pytest.fixture(scope="module")
def dyads() -> dk.DyadFrame:
    """Return dyads of which three have each mentor, with answers about each of them."""
    data = answers(240, 3)
    whose = data["pair"].where(data["role"] == "developee", data["pair"] // 3)
    return dk.DyadFrame.from_individual(
        data.assign(person=data["role"].str[0] + whose.astype(str)),
        dyad="pair",
        role="role",
        wave="wave",
        person="person",
        roles=("mentor", "developee"),
        variables={
            name: Variable(name, name.capitalize(), level="relationship")
            for name in ("support", "courage")
        },
    )


def test_linked_dyads_are_clusters_of_robust_inference(dyads: dk.DyadFrame) -> None:
    result = dk.fit_panel(dyads, "support.mentor", "courage.mentor", kind="clpm", estimator="MLR")
    (note,) = [note for note in result.notes if "several dyads" in note.text]
    assert "Some mentors belong" in note.text
    assert "one of 80 clusters" in note.text
    assert note.level == "info"
    tidy = result.tidy().set_index("term")
    wide = dyads.wide()
    wide["mentor"] = wide["person_mentor"]
    syntax = tidy.loc["model: Reciprocal", "syntax"]
    fit = dk.fit_sem(syntax, wide, estimator="MLR", cluster="mentor")
    theirs = fit.tidy().set_index("term").loc["courage_mentor_t2 ~ support_mentor_t1"]
    ours = tidy.loc["support_mentor T1 -> courage_mentor T2"]
    # The same equations from rows in another order.
    np.testing.assert_allclose(
        ours[["estimate", "std_error"]].to_numpy(float),
        theirs[["estimate", "std_error"]].to_numpy(float),
        rtol=1e-7,
    )


def test_linked_dyads_are_warned_of_where_inference_ignores_them(dyads: dk.DyadFrame) -> None:
    result = dk.fit_panel(dyads, "support.mentor", "courage.mentor", kind="clpm")
    (note,) = [note for note in result.notes if "several dyads" in note.text]
    assert note.level == "warning"
    assert 'estimator = "MLR"' in note.text
    # Developees have one mentor each.
    alone = dk.fit_panel(dyads, "support.developee", "courage.developee", kind="clpm")
    assert not [note for note in alone.notes if "several dyads" in note.text]
