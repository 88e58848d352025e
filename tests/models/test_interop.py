"""Models written for other programs.

The input of Mplus, which is not free, is compared with text written by hand from its manual's
grammar; semopy runs what is written for it.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused

RNG = np.random.default_rng(3)
FACTOR = RNG.normal(size=(300, 2)) @ np.array([[1.0, 0.4], [0.0, 0.9]])
DATA = pd.DataFrame(
    np.hstack([FACTOR[:, [0] * 3], FACTOR[:, [1] * 3]]) + RNG.normal(size=(300, 6)),
    columns=["x1", "x2", "x3", "outcome_one", "outcome_two", "outcome_3"],
).assign(site=np.repeat(["a", "b"], 150), coach=np.arange(300) // 3)
MODEL = "f =~ x1 + x2 + x3; g =~ outcome_one + outcome_two + outcome_3; g ~ b*f; d := b^2"


def test_mplus_input():
    written = dk.fit_sem(MODEL, DATA, estimator="MLR", cluster="coach").to_mplus()
    for line in (
        "NAMES = X1 X2 X3 OUTCOME_ OUTCOME2 OUTCOME3 COACH;",
        "USEVARIABLES = X1 X2 X3 OUTCOME_ OUTCOME2 OUTCOME3;",
        "CLUSTER = COACH;",
        "TYPE = COMPLEX;",
        "ESTIMATOR = MLR;",
        "F BY X1@1;",
        "F BY X2*;",
        "G ON F* (b);",
        "[X1*];",
        "[F@0];",
        "OUTCOME3*;",
        "NEW ( d);",
        "d = b**2;",
    ):
        assert f"  {line}\n" in written, line
    assert max(len(line) for line in written.splitlines()) <= 90


def test_mplus_input_of_groups_shares_labels():
    written = dk.fit_sem(
        "f =~ x1 + x2 + x3", DATA, group="site", group_equal=["loadings"]
    ).to_mplus()
    assert "GROUPING = SITE (1 = g1 2 = g2);" in written
    first, second = written.split("MODEL g1:")[1].split("MODEL g2:")
    loading = next(line for line in first.splitlines() if "F BY X2" in line)
    assert "(" in loading
    assert loading in second.splitlines()
    assert "X2*;" in first


def test_semopy_runs_what_is_written():
    import semopy

    plain = MODEL.replace("b*f; d := b^2", "f")
    fit = dk.fit_sem(plain, DATA, missing="listwise", meanstructure=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = semopy.Model(fit.to_semopy())
        model.fit(DATA.drop(columns=["site", "coach"]))
        inspected = model.inspect()
    path = inspected[(inspected["lval"] == "g") & (inspected["rval"] == "f")]["Estimate"]
    ours = fit.tidy().query("lhs == 'g' and op == '~'")["estimate"].item()
    assert abs(path.item() - ours) < 1e-3
    with pytest.raises(Refused, match="no groups"):
        dk.fit_sem(MODEL, DATA).to_semopy()


def test_inequalities_are_not_written_for_mplus():
    fit = dk.fit_sem("outcome_one ~ b*x1 + c*x2; b > -5", DATA)
    with pytest.raises(Refused, match="Inequality"):
        fit.to_mplus()
