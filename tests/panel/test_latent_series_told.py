"""What readers are told of latent series: in the words of the study, not in those of models."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable

ROLES = ("coach", "client")
KINDS: dict[str, dict[str, Any]] = {
    "clpm": {"x": "x.client", "y": "y.client", "waves": ["t1", "t2"]},
    "growth": {"x": "x.client"},
    "latent_change": {"x": "x.client", "waves": ["t1", "t2"]},
    "dynamic_panel": {"x": "x.client", "y": "y.client"},
    "common_fate": {"x": "x", "y": "y", "waves": ["t1"]},
    "mutual_influence": {"x": "x", "y": "y", "waves": ["t1"]},
}


def answered(
    n: int = 120, noise: float = 0.7, *, k: int = 3, names: tuple[str, str] = ("x", "y")
) -> dk.DyadFrame:
    """Return answers to k items of two variables, the first of x keyed in reverse.

    The last item of x is nearly what it measures, so that its error variance may be negative.
    """
    rng = np.random.default_rng(5)
    stable = rng.normal(size=(n, 2, 2)) + rng.normal(size=(n, 1, 2))
    frames, known = [], {}
    for wave in ("t1", "t2", "t3"):
        for member, role in enumerate(ROLES):
            rows: dict[str, Any] = {"dyad": np.arange(n), "role": role, "wave": wave}
            for number, name in enumerate(names):
                true = stable[:, member, number] + 0.6 * rng.normal(size=n)
                if number == 1:
                    true = true + 0.5 * stable[:, member, 0]
                items = tuple(f"{name}{j}" for j in range(1, k + 1))
                spread = np.where(np.arange(k) == k - 1, 0.05, noise)
                values = 4 + true[:, None] + spread * rng.normal(size=(n, k))
                rows[name] = values.mean(axis=1)
                reverse = items[:1] if number == 0 else ()
                rows |= {
                    item: 8 - values[:, j] if item in reverse else values[:, j]
                    for j, item in enumerate(items)
                }
                known |= {item: Variable(item, item, kind="item") for item in items}
                known[name] = Variable(
                    name, name.upper(), items=items, reverse=reverse, item_range=(1, 7)
                )
            frames.append(pd.DataFrame(rows))
    return dk.DyadFrame.from_individual(
        pd.concat(frames), dyad="dyad", role="role", wave="wave", roles=ROLES, variables=known
    )


def notes_of(result: dk.PresentedResult) -> str:
    return " ".join(note.text for note in result.notes)


@pytest.mark.parametrize("kind", KINDS)
def test_warnings_name_items_as_a_reader_knows_them(kind: Any) -> None:
    # Weak items and few dyads: some error variances are negative, which warnings tell of.
    dyads = answered(n=60, noise=1.5)
    notes = notes_of(dk.fit_panel(dyads, kind=kind, indicators="items", **KINDS[kind]))
    assert re.search(r"Inadmissible solution: .*item [xy]3 of [XY]( \(\w+\))? at T1", notes)
    for name in ("_client", "_coach", "_t1", "f_x", "keyed_"):
        assert name not in notes


def test_the_item_whose_units_series_have_is_named_and_whether_it_was_turned() -> None:
    options = KINDS["clpm"]
    result = dk.fit_panel(answered(), kind="clpm", indicators="items", **options)
    told = "x1 (keyed in reverse, and turned round) of X, y1 of Y"
    assert told in notes_of(result)


@pytest.mark.parametrize(
    ("kind", "how", "other"),
    [
        ("growth", "reliability", "f_x"),
        ("latent_change", "reliability", "f_x"),
        ("riclpm", "score", "w_x"),
    ],
)
def test_variables_called_as_parts_of_the_model_are_refused(
    kind: Any, how: Any, other: str
) -> None:
    dyads = answered(names=("x", other))
    references = "x.client", f"{other}.client"
    with pytest.raises(dk.Refused, match=f"'{other}_client_t1'.*another name") as caught:
        dk.fit_panel(dyads, *references, kind=kind, indicators=how)
    assert "\n" not in str(caught.value)


def test_variables_beside_a_panel_may_be_called_as_its_parts() -> None:
    dyads = answered(names=("x", "f_x"))
    one, other = (
        dk.fit_panel(frame, "x.client", kind="growth", indicators="reliability").tidy()
        for frame in (answered(), dyads)
    )
    pd.testing.assert_frame_equal(one, other)


def test_shares_of_the_dyad_are_in_what_was_modelled() -> None:
    for how in ("score", "items", "reliability"):
        result = dk.fit_panel(
            answered(), "x", "y", kind="common_fate", waves=["t1"], indicators=how
        )
        titles = {spec.name: spec.title for spec in result.figure_specs}
        said = "answers" if how == "score" else "latent variables"
        assert titles["shares"] == f"Share of the dyad in the variance of members' {said}"
        assert f"Both members' {said} " in " ".join(result.methods)
        captions = {spec.name: spec.caption for spec in result.figure_specs}
        assert f"one member's {said}" in captions["paths"]


def test_too_few_dyads_for_items_have_one_advice() -> None:
    with pytest.raises(dk.DataError, match=r"or scale scores in place of items\.$"):
        dk.fit_panel(answered(8), "x.client", kind="growth", indicators="items")


def test_two_items_are_warned_of() -> None:
    for k in (2, 3):
        result = dk.fit_panel(answered(200, k=k), "x.client", kind="growth", indicators="items")
        warned = [note.text for note in result.notes if note.level == "warning"]
        assert any("Of two items (X)" in text for text in warned) == (k == 2)


@pytest.mark.parametrize("kind", ["common_fate", "mutual_influence"])
def test_models_that_two_items_do_not_determine_say_what_may_be_done(kind: Any) -> None:
    with pytest.raises(dk.FitError, match=r'Scores need less.*: indicators = "score"') as caught:
        dk.fit_panel(unrelated(), kind=kind, indicators="items", **KINDS[kind])
    assert "start()" not in str(caught.value)
    assert "f_x" not in str(caught.value)


def unrelated() -> dk.DyadFrame:
    """Return answers to two items of each variable, of members and variables that are unrelated."""
    rng = np.random.default_rng(7)
    items = {name: Variable(name, name, kind="item") for name in ("x1", "x2", "y1", "y2")}
    rows = pd.DataFrame(
        {
            "dyad": np.tile(np.arange(80), 2),
            "role": np.repeat(ROLES, 80),
            "wave": "t1",
            **{name: rng.normal(size=160) for name in items},
        }
    )
    rows["x"], rows["y"] = rows[["x1", "x2"]].mean(axis=1), rows[["y1", "y2"]].mean(axis=1)
    scales = {name: Variable(name, name.upper(), items=(f"{name}1", f"{name}2")) for name in "xy"}
    return dk.DyadFrame.from_individual(
        rows, dyad="dyad", role="role", wave="wave", roles=ROLES, variables=items | scales
    )


def test_between_two_waves_equal_lags_leave_no_parameters_out() -> None:
    for waves in (["t1", "t2"], ["t1", "t2", "t3"]):
        given = KINDS["clpm"] | {"waves": waves}
        notes = notes_of(dk.fit_panel(answered(60), kind="clpm", indicators="items", **given))
        assert "60 dyads are few" in notes
        assert ("equal_lags" in notes) == (len(waves) > 2)


@pytest.mark.parametrize("how", ["score", "items", "reliability"])
def test_effect_sizes_of_latent_series_are_said_to_be_theirs(how: Any) -> None:
    result = dk.fit_panel(
        answered(), kind="latent_change", indicators=how, **KINDS["latent_change"]
    )
    told = "not to be compared with those of scores" in notes_of(result)
    assert told == (how != "score")
