"""Cross-lagged panels, written by the analysis, against lavaan 0.6-14 (tests/oracles/sem.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.panel.lagged.cross_lagged import Lagged, cross_lagged_syntax, part
from dyadkit.panel.series import Series

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "sem.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
DYADS = ("trust_m", "learn_m", "trust_d", "learn_d")


def series(stems: tuple[str, ...], waves: int) -> list[Series]:
    return [
        Series(
            stem,
            stem.split("_")[0],
            stem,
            stem.split("_")[-1],
            tuple(f"{stem}{wave}" for wave in range(1, waves + 1)),
        )
        for stem in stems
    ]


def every(count: int) -> frozenset[tuple[int, int]]:
    return frozenset((i, j) for i in range(count) for j in range(count) if i != j)


CASES: dict[str, tuple[tuple[str, ...], int, bool, dict[str, Any]]] = {
    "clpm_two_waves": (("x", "y"), 2, False, {}),
    "clpm_three": (("x", "y"), 3, False, {}),
    "clpm_four": (("x", "y"), 4, False, {}),
    "clpm_four_equal": (("x", "y"), 4, False, {"equal": True}),
    "clpm_five_second_order": (("x", "y"), 5, False, {"second": True}),
    "clpm_fiml": (("x", "y"), 4, False, {}),
    "clpm_fiml_equal": (("x", "y"), 4, False, {"equal": True}),
    "clpm_listwise": (("x", "y"), 4, False, {"equal": True}),
    "riclpm_three": (("x", "y"), 3, True, {}),
    "riclpm_four": (("x", "y"), 4, True, {}),
    "riclpm_four_equal": (("x", "y"), 4, True, {"equal": True}),
    "riclpm_five": (("x", "y"), 5, True, {"equal": True}),
    "riclpm_fiml": (("x", "y"), 4, True, {}),
    "riclpm_fiml_equal": (("x", "y"), 4, True, {"equal": True}),
    "dyadic_clpm": (DYADS, 3, False, {}),
    "dyadic_clpm_equal": (DYADS, 3, False, {"equal": True, "alike": True}),
    "dyadic_clpm_fiml": (DYADS, 3, False, {"equal": True, "alike": True}),
    "dyadic_riclpm": (DYADS, 3, True, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_models_are_those_of_lavaan(name: str) -> None:
    stems, waves, intercepts, options = CASES[name]
    model = MODELS[name]
    panel = series(stems, waves)
    syntax = cross_lagged_syntax(panel, Lagged(every(len(panel)), **options), intercepts=intercepts)
    data = pd.DataFrame(ORACLE["datasets"][model["dataset"]])
    auto = "lavaan" if intercepts else "sem"
    fit = dk.fit_sem(syntax, data, auto=auto, missing=model["options"]["missing"])
    for measure in ("chisq", "df", "cfi", "rmsea"):
        np.testing.assert_allclose(
            fit.summary[measure], model["fit"][measure], rtol=1e-7, atol=1e-8, err_msg=measure
        )
    # Effects by name: lavaan's script calls the parts within persons wx1 for x1.
    theirs = model["parameters"]
    known = {
        (lhs, rhs): (est, se)
        for lhs, op, rhs, est, se in zip(
            *(theirs[key] for key in ("lhs", "op", "rhs", "est", "se")), strict=True
        )
        if op == "~"
    }
    ours = fit.tidy().query("op == '~'").set_index(["lhs", "rhs"])
    checked = 0
    for target in panel:
        for source in panel:
            for before, now in zip(source.columns, target.columns[1:], strict=False):
                key = tuple(f"w{column}" if intercepts else column for column in (now, before))
                row = ours.loc[(part(now, intercepts), part(before, intercepts))]
                estimate, error = known[key]
                assert abs(row["estimate"] - estimate) < 1e-6 * error
                assert row["std_error"] == pytest.approx(error, rel=1e-6)
                checked += 1
    assert checked == len(panel) ** 2 * (waves - 1)


def test_without_variance_of_intercepts_it_is_the_model_without_them() -> None:
    panel = series(("x", "y"), 4)
    data = pd.DataFrame(ORACLE["datasets"]["panel"])
    lagged = Lagged(every(2))
    syntax = cross_lagged_syntax(panel, lagged, intercepts=True)
    for one in ("i_x ~~ i_x", "i_y ~~ i_y", "i_x ~~ i_y"):
        left, right = one.split(" ~~ ")
        syntax = syntax.replace(f"\n{one}\n", f"\n{left} ~~ 0*{right}\n")
    nothing = dk.fit_sem(syntax, data, auto="lavaan")
    plain = dk.fit_sem(cross_lagged_syntax(panel, lagged, intercepts=False), data)
    assert nothing.summary["chisq"] == pytest.approx(plain.summary["chisq"], rel=1e-8)
    assert nothing.summary["df"] == plain.summary["df"]
