"""Panels at the edge of what data can bear: what cannot be is not shown, and words stay plain."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import FitError, StudyError
from dyadkit.frame import Variable
from dyadkit.panel.estimates import KEY
from dyadkit.study import Privacy
from tests.panel import growing

WAVES = ("t1", "t2", "t3")
BOTH = ("mentor", "developee")
DEVELOPEES = ("x.developee", "y.developee")


def framed(rows: pd.DataFrame, roles: tuple[str, ...] = BOTH, **known: Variable) -> dk.DyadFrame:
    return dk.DyadFrame.from_individual(
        rows,
        dyad="dyad",
        role="role",
        wave="wave",
        person="person",
        roles=roles,
        variables={"x": Variable("x", "X"), "y": Variable("y", "Y"), **known},
    )


def answers(n: int = 200, *, scale: float = 1.0, roles: tuple[str, str] = BOTH) -> pd.DataFrame:
    """Return pairs whose x has an effect on their later y, of three items each."""
    rng = np.random.default_rng(7)
    found = []
    for member, role in enumerate(roles):
        age = rng.normal(size=n)
        stable = 0.8 * rng.normal(size=(n, 2))
        within = rng.normal(size=(n, 2))
        for wave in WAVES:
            rows: dict[str, Any] = {"dyad": np.arange(n), "role": role, "wave": wave, "age": age}
            rows["person"] = [f"{dyad}_{member}" for dyad in range(n)]
            for place, name in enumerate("xy"):
                items = (stable + within)[:, [place]] + 0.6 * rng.normal(size=(n, 3))
                rows |= {f"{name}{k}": scale * items[:, k - 1] for k in (1, 2, 3)}
                rows[name] = scale * items.mean(axis=1)
            found.append(pd.DataFrame(rows))
            within = within @ np.array([[0.4, 0.3], [0.0, 0.4]]) + 0.7 * rng.normal(size=(n, 2))
    return pd.concat(found, ignore_index=True)


def notes_of(panel: dk.Result) -> str:
    return " ".join(note.text for note in panel.notes)


def test_a_correlation_beyond_one_is_none() -> None:
    # The members' x, and their y, go together less than x of one and y of the other.
    within, across = np.full((2, 2), 0.3) + 0.7 * np.eye(2), np.full((2, 2), 0.5)
    rng = np.random.default_rng(1)
    covariance = np.block([[within, across], [across, within]])
    first = rng.multivariate_normal(np.zeros(4), covariance, 400)
    second = 0.6 * first + rng.normal(size=(400, 4))
    rows = pd.concat(
        pd.DataFrame(
            {
                "dyad": range(400),
                "role": role,
                "wave": wave,
                "person": [f"{dyad}_{role}" for dyad in range(400)],
                "x": scores[:, member],
                "y": scores[:, 2 + member],
            }
        )
        for wave, scores in zip(WAVES, (first, second), strict=False)
        for member, role in enumerate(BOTH)
    )
    panel = dk.fit_panel(framed(rows), "x", "y", kind="common_fate")
    tidy = panel.tidy().set_index("term")
    assert np.isnan(tidy.loc["x with y T1", "estimate"])
    assert panel.tables()["correlations"].rows[0].texts[2] == "–"
    assert "Inadmissible solution" in notes_of(panel)
    assert panel.figures()


def test_units_of_scores_do_not_change_effects_over_waves() -> None:
    small, large = (
        dk.fit_panel(framed(answers(scale=scale)), *DEVELOPEES, kind="clpm", seed=1)
        .tidy()
        .set_index(["term", "quantity"])
        for scale in (1.0, 1e7)
    )
    assert list(small.index) == list(large.index)
    kinds = small.index.get_level_values("quantity")
    drawn = kinds.isin(["impulse response", "indirect effect"])
    tested = kinds == "equality"
    assert drawn.sum() > 3
    assert tested.sum() == 5
    assert np.allclose(small.loc[tested, "statistic"], large.loc[tested, "statistic"], rtol=1e-4)
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        one, other = small.loc[drawn, column], large.loc[drawn, column]
        assert np.allclose(one, other, rtol=0.02, atol=0.005)


def test_parameters_that_data_do_not_determine_are_counted_not_named() -> None:
    options: dict[str, Any] = {"covariates": "age", "covariates_on": "intercepts"}
    with pytest.raises(FitError, match=r"do not determine \d+ of its parameters\. The") as caught:
        dk.fit_panel(framed(answers()), *DEVELOPEES, second_order=True, **options)
    assert "w_x" not in str(caught.value)


def test_the_reference_of_members_alike_is_told_where_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(names: list[str]) -> str:
        """Write a model whose covariance of two columns has two parameters."""
        a, b, c = (f"{names[0]}_1", f"{names[0]}_2", f"{names[1]}_1")
        return f"f =~ 1*{a} + 1*{b}\nf ~~ f\n{a} ~~ {a} + {b}\n{b} ~~ {b}\n{c} ~~ {c}"

    monkeypatch.setattr("dyadkit.panel.exchangeable.isat_syntax", fails)
    dyads = framed(answers(60, roles=("peer", "peer")), ("peer",))
    with pytest.raises(FitError, match="counted from a saturated model") as caught:
        dk.fit_panel(dyads, "x", "y", kind="common_fate")
    assert "start()" not in str(caught.value)
    assert str(caught.value).endswith("Try it with fewer waves or variables, or more dyads.")


def test_members_who_share_a_role_are_no_role() -> None:
    rows = answers(30, roles=("peer", "peer"))
    rows.loc[rows["person"].str.endswith("_0") & (rows["wave"] == "t2"), "x"] = np.nan
    with pytest.raises(StudyError, match="Nobody answered 'x' as member '1' of the pairs in t2"):
        dk.fit_panel(framed(rows, ("peer",)), "x", "y", kind="clpm")


def test_warnings_of_growth_name_what_readers_know() -> None:
    # Nobody changes: a variance of change is below 0 in one of two samples.
    rows = growing.growing(200, means=(3.0, 0.0), phi=np.diag([1.0, 0.0] * 2), seed=2)
    panel = growing.fit(rows, "trust")
    told = notes_of(panel)
    assert "Inadmissible solution: the variance of 'Change per week' of Trust" in told
    assert "s_trust" not in told


def test_notes_of_hidden_growth_do_not_tell_of_its_numbers() -> None:
    rows = growing.growing(60)
    rows["trust"] /= 1000
    dyads = growing.framed(rows)
    assert "is of small numbers" in notes_of(growing.fit(dyads))
    strict = replace(dyads, privacy=Privacy(minimum_dyads=1000))
    assert "is of small numbers" not in notes_of(growing.fit(strict))


def test_groups_are_called_as_they_were_asked_for() -> None:
    rows = answers()
    rows["mode"] = np.where(rows["dyad"] % 2, "online", "onsite")
    rows.loc[rows["dyad"] < 12, "mode"] = None
    dyads = framed(rows, mode=Variable("mode", "Mode", kind="category"))
    panel = dk.fit_panel(dyads, *DEVELOPEES, kind="clpm", by="mode.developee")
    assert "12 dyads have no answer to 'mode.developee'; they are in no group" in notes_of(panel)
    strict = replace(dyads, privacy=Privacy(minimum_dyads=1000))
    hidden = dk.fit_panel(strict, *DEVELOPEES, kind="clpm", by="mode.developee")
    assert "say nothing" not in notes_of(hidden)


def test_reliabilities_are_not_told_of_too_few_dyads() -> None:
    scales = {
        name: Variable(
            name, name.upper(), kind="scale", items=tuple(f"{name}{k}" for k in (1, 2, 3))
        )
        for name in "xy"
    }
    dyads = framed(answers(), **scales)
    options: dict[str, Any] = {"kind": "clpm", "indicators": "reliability", "waves": WAVES[:2]}
    panel = dk.fit_panel(dyads, *DEVELOPEES, **options)
    alphas = re.compile(r"leaves \(X: \.9\d, \.9\d; Y: \.9\d, \.9\d\)\.$")
    assert any(alphas.search(text) for text in panel.methods)
    strict = replace(dyads, privacy=Privacy(minimum_dyads=1000))
    hidden = dk.fit_panel(strict, *DEVELOPEES, **options)
    assert any(text.endswith("of each wave leaves.") for text in hidden.methods)


def test_alphas_of_three_persons_hide_all_that_rests_on_them() -> None:
    # Scores are of all dyads, but few answered every item of a wave.
    rows = answers(100)
    rows["x2"] = rows["x2"].mask((rows["wave"] == "t2") & (rows["dyad"] > 2))
    scales = {
        name: Variable(name, name.upper(), items=tuple(f"{name}{k}" for k in (1, 2, 3)))
        for name in "xy"
    }
    options: dict[str, Any] = {"kind": "clpm", "waves": WAVES[:2]}
    dyads = framed(rows, **scales)
    panel = dk.fit_panel(dyads, *DEVELOPEES, indicators="reliability", **options)
    assert any(text.endswith("of each wave leaves.") for text in panel.methods)
    assert KEY in panel.hidden
    assert KEY not in dk.fit_panel(dyads, *DEVELOPEES, **options).hidden


def test_what_belongs_to_dyads_varies_within_dyads() -> None:
    rows = answers(400)
    both = rows.groupby(["dyad", "wave"])[["x", "y"]].transform("first")
    rows[["x", "y"]] = both  # One answer of a dyad.
    levels = {name: Variable(name, name.upper(), level="dyad") for name in "xy"}
    panel = dk.fit_panel(framed(rows, **levels), "x", "y", kind="riclpm", equal_lags=True)
    told = " ".join(panel.text())
    assert "Within dyads, when X was above its own level" in told
    assert "Within persons" not in told
