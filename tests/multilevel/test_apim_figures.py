"""The figures of an actor–partner model: path diagrams and expected outcomes.

Expected outcomes are compared with the intercepts of models whose variables are centred where the
outcome is expected; numbers agree as far as both searches converge.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.drawing import to_svg
from dyadkit.display.figures import Line, LinePlot, PathFigure
from dyadkit.frame import DyadFrame
from dyadkit.study import Privacy
from tests.studies import STUDY, write_study

N = 90


def pairs() -> pd.DataFrame:
    rng = np.random.default_rng(41)
    both = rng.normal(size=(N, 1))
    frame = pd.DataFrame(
        {
            "pair": np.repeat(np.arange(N), 2),
            "role": ["coach", "client"] * N,
            "x": (5.0 + both + rng.normal(size=(N, 2))).ravel(),
            "m": rng.normal(1.0, 1.0, 2 * N),
            "z": rng.normal(3.0, 1.0, 2 * N),
            "d": np.repeat(rng.normal(3.0, 1.0, N), 2),
            "format": np.repeat(rng.choice(["online", "room", "walk"], N), 2),
        }
    )
    frame["y"] = 0.4 * frame["x"] + 0.2 * frame["d"] * frame["x"] + rng.normal(size=2 * N)
    return frame


def dyads(frame: pd.DataFrame | None = None) -> DyadFrame:
    frame = pairs() if frame is None else frame
    return DyadFrame.from_individual(frame, dyad="pair", role="role", dyad_level=["d", "format"])


def figure_of(result: dk.PresentedResult, name: str) -> LinePlot | PathFigure:
    (found,) = (spec for spec in result.figure_specs if spec.name == name)
    assert isinstance(found, (LinePlot, PathFigure))
    return found


def line_of(result: dk.PresentedResult, name: str, label: str, panel: str) -> Line:
    figure = figure_of(result, name)
    assert isinstance(figure, LinePlot)
    (line,) = (one for one in figure.lines if (one.label, one.panel) == (label, panel))
    return line


def centred(**at: float) -> pd.DataFrame:
    """Put zero where the outcome is expected: at these values, else at the means."""
    frame = pairs()
    for name in ("x", "m", "z", "d"):
        frame[f"{name}_p"] = frame[name].to_numpy().reshape(-1, 2)[:, ::-1].ravel()
    for name in ("x", "m", "z", "d"):
        for column in (name, f"{name}_p"):
            frame[column] -= at.get(column, pairs()[name].mean())
    return frame


def same_as_intercept(line: Line, own: float, formula: str, frame: pd.DataFrame) -> None:
    fit = dk.fit_mixed(f"y ~ 0 + role + {formula}", frame, dyad="pair", role="role")
    row = fit.tidy().set_index("term").loc["role[coach]"]
    place = int(np.argmin(np.abs(np.array(line.x) - own)))
    assert line.x[place] == pytest.approx(own)
    for column, end in (("estimate", line.y), ("conf_low", line.low), ("conf_high", line.high)):
        assert end[place] == pytest.approx(row[column], rel=1e-6)


def test_expected_outcomes_are_intercepts_of_models_centred_there() -> None:
    """An own value of 2.5 SDs below its mean, and a dyad's moderator one SD above."""
    result = dk.fit_apim(dyads(), "y", "x", moderator="d", covariates=["z"], actor_partner=True)
    line = line_of(result, "expected_actor_1", "D +1 SD", "Coach")
    own = pairs()["x"].mean() - 2.5 * pairs()["x"].std()
    value = pairs()["d"].mean() + pairs()["d"].std()
    formula = "role:x + role:x_p + role:x:x_p + role:z + role:d + role:x:d + role:x_p:d"
    same_as_intercept(line, own, formula, centred(x=own, d=value))


def test_expected_outcomes_where_both_members_values_moderate() -> None:
    """Over the partner's value, by the partner's moderator; the own ones are at their means."""
    result = dk.fit_apim(dyads(), "y", "x", moderator="m")
    line = line_of(result, "expected_partner_2_partner", "M (partner) −1 SD", "Coach")
    own = pairs()["x"].mean() + 2.5 * pairs()["x"].std()
    value = pairs()["m"].mean() - pairs()["m"].std()
    formula = (
        "role:x + role:x_p + role:m + role:m_p + role:x:m + role:x_p:m + role:x:m_p + role:x_p:m_p"
    )
    same_as_intercept(line, own, formula, centred(x_p=own, m_p=value))


def test_expected_outcomes_in_each_category() -> None:
    result = dk.fit_apim(dyads(), "y", "x", moderator="format")
    figure = figure_of(result, "expected_actor_1")
    assert isinstance(figure, LinePlot)
    labels = [f"Format = {name}" for name in ("online", "room", "walk")]
    assert sorted({line.label for line in figure.lines}) == labels
    assert len(figure.lines) == 6
    own = pairs()["x"].mean()
    frame = centred()
    for name in ("online", "room", "walk"):
        line = line_of(result, "expected_actor_1", f"Format = {name}", "Coach")
        # The category becomes the reference, so that the intercept is its own.
        frame["f"] = pd.Categorical(
            pairs()["format"],
            [name, *(other for other in ("online", "room", "walk") if other != name)],
        )
        formula = "role:f + role:x + role:x_p + role:f:x + role:f:x_p"
        same_as_intercept(line, own, formula, frame)


def test_no_expected_outcome_without_a_moderator() -> None:
    result = dk.fit_apim(dyads(), "y", "x", covariates=["format"])
    assert list(result.figures()) == ["effects", "paths"]


def test_ranges_are_those_that_were_possible() -> None:
    result = dk.fit_apim(dyads(), "y", "x", moderator="d", center=None)
    line = line_of(result, "expected_actor_1", "D mean", "Client")
    scores = pairs()["x"]
    reach = 2.5 * scores.std()
    assert (line.x[0], line.x[-1]) == pytest.approx((scores.mean() - reach, scores.mean() + reach))
    assert line.x[0] != scores.min()


def curved(figure: LinePlot | PathFigure) -> dict[tuple[str, str], object]:
    assert isinstance(figure, PathFigure)
    return {(path.start, path.end): path.label.value for path in figure.paths if path.both}


def test_predictors_and_residuals_are_joined_by_their_correlations() -> None:
    result = dk.fit_apim(dyads(), "y", ["x", "z"])
    x, z = (pairs()[name].to_numpy().reshape(-1, 2) for name in ("x", "z"))
    row = result.tidy().set_index("term").filter(like="orrelation", axis=0).iloc[0]
    for number, values in ((1, x), (2, z)):
        found = curved(figure_of(result, f"paths_{number}"))
        expected = {("x0", "x1"): np.corrcoef(values.T)[0, 1], ("y0", "y1"): row["estimate"]}
        assert found == {
            ends: f"r = {value:.2f}".replace("0.", ".").replace("-", "−")
            for ends, value in expected.items()
        }


def test_exchangeable_predictors_correlate_over_both_orders() -> None:
    frame = pairs()
    frame.loc[3, "y"] = np.nan
    frame.loc[4, "x"] = np.nan
    result = dk.fit_apim(frame, "y", "x", dyad="pair", role="role", distinguishable=False)
    x = np.delete(frame["x"].to_numpy().reshape(-1, 2), 2, axis=0)
    both = np.concatenate([x, x[:, ::-1]])
    found = curved(figure_of(result, "paths"))["x0", "x1"]
    assert found == f"r = {np.corrcoef(both.T)[0, 1]:.2f}".replace("0.", ".")


def test_the_structural_model_shows_its_predictors_correlation() -> None:
    found = curved(figure_of(dk.fit_apim(dyads(), "y", "x", engine="sem"), "paths"))
    r = np.corrcoef(pairs()["x"].to_numpy().reshape(-1, 2).T)[0, 1]
    assert found == {("x0", "x1"): f"r = {r:.2f}".replace("0.", ".")}


def test_figures_of_few_dyads_are_the_same_whatever_the_data() -> None:
    def drawn(times: float, minimum: int) -> dict[str, bytes]:
        frame = pairs()
        frame["y"] = frame["y"] * times + np.random.default_rng(7).normal(size=2 * N)
        frame["x"] *= times
        few = replace(dyads(frame), privacy=Privacy(minimum_dyads=minimum))
        result = dk.fit_apim(few, "y", "x", moderator="d")
        return {name: to_svg(figure) for name, figure in result.figures().items()}

    hidden = drawn(1.0, N + 1)
    assert {"paths", "actor_1_by_moderator", "expected_partner_2"} <= set(hidden)
    assert hidden == drawn(-3.0, N + 1)
    one, two = drawn(1.0, N), drawn(-3.0, N)
    assert not any(one[name] == two[name] for name in one)


APIM = """
[[analysis]]
type = "apim"
name = "Trust"
outcome = "trust"
predictors = ["liking"]
moderator = "warmth"

[scale.liking]
label = "Liking"
items = ["q2"]
range = [1, 7]

[scale.warmth]
label = "Warmth"
items = ["q3"]
range = [1, 7]
"""


def test_figures_are_in_the_report(tmp_path: Path) -> None:
    study = write_study(tmp_path, STUDY.replace('["q1..q3"]', '["q1"]') + APIM)
    report = dk.analyze(study)
    assert not report.failed
    result = report.results["Trust"]
    line = line_of(result, "expected_actor_1_actor", "Warmth (actor) mean", "Coach")
    assert (line.x[0], line.x[-1]) == pytest.approx((1.0, 7.0))
    report.write(tmp_path / "report")
    written = {path.name for path in (tmp_path / "report" / "figures").iterdir()}
    for name in ("paths", "actor_1_by_moderator_actor", "expected_partner_2_partner"):
        assert {f"trust-{name}.svg", f"trust-{name}.png"} <= written
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Actor and partner paths from Liking to Trust" in page
    assert "Expected Trust over own Liking, by Warmth (actor)" in page
    assert (tmp_path / "report" / "report.docx").stat().st_size > 0
