"""Factor models compared: the right one wins, and differences are those of the models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused
from dyadkit.study import Scale

SCALES = {"trust": ("t1", "t2", "t3"), "support": ("s1", "s2", "s3")}


def framed(r: float = 0.4, n: int = 250) -> dk.DyadFrame:
    """Return pairs with two scales whose factors correlate r within a member."""
    rng = np.random.default_rng(3)
    inner = np.array([[1.0, r], [r, 1.0]])
    factors = rng.multivariate_normal(
        np.zeros(4), np.kron(np.array([[1.0, 0.3], [0.3, 1.0]]), inner), n
    )
    frames = []
    for number, role in enumerate(("coach", "client")):
        columns = {
            item: 4 + factors[:, 2 * number + k] + 0.7 * rng.normal(size=n)
            for k, items in enumerate(SCALES.values())
            for item in items
        }
        frame = pd.DataFrame(columns)
        frame[rng.random(frame.shape) < 0.04] = np.nan
        frames.append(frame.assign(pair=np.arange(n), role=role))
    dyads = dk.DyadFrame.from_individual(
        pd.concat(frames), dyad="pair", role="role", roles=("coach", "client")
    )
    scales = [Scale(name=name, items=items, range=(-9, 17)) for name, items in SCALES.items()]
    return dk.score_scales(dyads, scales)


def test_the_model_that_is_true_fits_and_merged_ones_do_not() -> None:
    result = dk.compare_factor_models(framed())
    tidy = result.tidy().set_index("term")
    own = tidy.loc["A factor for each scale: Coach"]
    merged = tidy.loc["Trust and Support one factor: Coach"]
    assert own["df"] == 8
    assert merged["df"] == 9
    assert own["p_value"] > 0.001
    assert merged["p_difference"] < 1e-6
    both = tidy.loc["A factor for each scale: Both members"]
    # 12 items: 78 covariances less 12 loadings, 12 residuals, 6 factor and 6 residual covariances.
    assert both["df"] == 42
    assert "One factor a scale for both members: Both members" in tidy.index
    # Of two scales, one factor a member is what merging them gives; it is fitted once.
    assert (tidy["quantity"] == "model").sum() == 2 + 2 + 3
    assert result.tables()["models"].to_frame()["model"].iloc[0] == "A factor for each scale"
    assert any("Harman" in note.text for note in result.notes)


def test_the_numbers_are_those_of_fit_sem() -> None:
    dyads = framed()
    tidy = dk.compare_factor_models(dyads).tidy().set_index("term")
    wide = dyads.wide()
    two = dk.fit_sem(
        "a =~ t1_coach + t2_coach + t3_coach; b =~ s1_coach + s2_coach + s3_coach", wide, auto="cfa"
    )
    one = dk.fit_sem(
        "a =~ t1_coach + t2_coach + t3_coach + s1_coach + s2_coach + s3_coach", wide, auto="cfa"
    )
    for term, fit in (
        ("A factor for each scale: Coach", two),
        ("Trust and Support one factor: Coach", one),
    ):
        expected = fit.glance()["chisq"].item()
        assert tidy.loc[term, "statistic"] == pytest.approx(expected, rel=1e-6)
    difference = one.glance()["chisq"].item() - two.glance()["chisq"].item()
    found = tidy.loc["Trust and Support one factor: Coach", "difference"]
    assert found == pytest.approx(difference, rel=1e-5)


def test_a_method_factor_on_request() -> None:
    tidy = dk.compare_factor_models(framed(), method_factor=True).tidy().set_index("term")
    method = tidy.loc["A factor for each scale, and a method factor: Coach"]
    assert method["df"] == 7
    assert method["factors"] == 3


def test_members_of_one_role_are_refused() -> None:
    rows = framed().individual()[["dyad", *SCALES["trust"], *SCALES["support"]]]
    alike = dk.DyadFrame.from_individual(rows, dyad="dyad")
    scales = [Scale(name=name, items=items, range=(-9, 17)) for name, items in SCALES.items()]
    scored = dk.score_scales(alike, scales)
    with pytest.raises(Refused, match="one role"):
        dk.compare_factor_models(scored)
