"""Path diagrams of growth: they say what the tables say, are clear, and hide what is hidden."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dyadkit as dk
from dyadkit.display.drawing import draw, to_svg
from dyadkit.display.figures import GrowthFigure
from dyadkit.frame import Variable
from dyadkit.panel.estimates import KEY
from dyadkit.panel.growth import growth_figures
from dyadkit.report import Section
from dyadkit.study import Privacy
from tests.display.clear import touching_in_panel
from tests.display.drawn import words
from tests.panel.growing import ROLES, fit, framed, growing
from tests.report.conftest import make_report

NOTHING: frozenset[str] = frozenset()
HIDDEN = frozenset({KEY})
SHAPES: dict[str, tuple[str, ...]] = {
    "linear": ("level", "change"),
    "latent_basis": ("level", "change"),
    "quadratic": ("level", "change", "curvature"),
    "piecewise": ("level", "change before", "change after"),
}
TIMES = (0.0, 1.0, 2.0, 4.0, 6.0)


def diagrams(result: dk.Result) -> list[GrowthFigure]:
    return [spec for spec in result.figure_specs if isinstance(spec, GrowthFigure)]


def frame_of(n: int = 150, seed: int = 1, **options: Any) -> dk.DyadFrame:
    """Return pairs whose trust grows, with stress in each wave, and what does not change."""
    data = growing(n, TIMES, seed=seed, **options)
    rng = np.random.default_rng(seed)
    person = data["pair"] * 2 + (data["role"] == ROLES[0])
    time = data["wave"].map({f"t{number}": time for number, time in enumerate(TIMES, 1)})
    data["stress"] = rng.normal(3.0, 1.0, 2 * n)[person] + rng.normal(size=len(data))
    data["stress"] += rng.normal(0.0, 0.3, 2 * n)[person] * time
    data["age"] = rng.normal(40.0, 5.0, 2 * n)[person]
    data["tenure"] = rng.normal(4.0, 2.0, n)[data["pair"]]
    data["kind"] = np.where(data["pair"] % 3 == 0, "long", "short")
    data["trust"] += 0.05 * (data["age"] - 40.0)
    known = {
        "stress": Variable("stress", "Stress", level="person"),
        "age": Variable("age", "Age", level="person"),
        "tenure": Variable("tenure", "Tenure", level="dyad"),
        "kind": Variable("kind", "Kind", kind="category", level="dyad"),
    }
    return framed(data, TIMES, **known)


def shaped(shape: str) -> dict[str, str]:
    return {"shape": shape} | ({"turn": "t3"} if shape == "piecewise" else {})


@pytest.mark.parametrize("x", ["trust.mentor", "trust"])
@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_are_those_of_the_tables(shape: str, x: str) -> None:
    t = np.array(TIMES)
    last = {"quadratic": [t**2], "piecewise": [np.maximum(t - 2.0, 0.0)]}.get(shape, [])
    first = np.minimum(t, 2.0) if shape == "piecewise" else t
    basis = np.column_stack([np.ones(t.size), first, *last])
    k = basis.shape[1]
    phi = np.kron(np.eye(2), np.diag([1.0, 0.3, 0.1][:k])) + 0.02
    grown = frame_of(300, basis=basis, means=(3.0, 0.2, 0.1)[:k], phi=phi)
    result = fit(grown, x, **shaped(shape))
    (spec,) = diagrams(result)
    assert spec.name == "paths"
    assert spec.name in result.figures()
    assert touching_in_panel(draw(spec, NOTHING), spec) == []
    tidy = result.tidy().set_index(["quantity", "term"])
    terms, roles = SHAPES[shape], ROLES[: len(spec.series)]
    assert spec.waves == ("T1", "T2", "T3", "T4", "T5")
    for role, factors in zip(roles, spec.factors, strict=True):
        for term, factor in zip(terms, factors, strict=True):
            (_, mean), (_, variance) = factor.numbers
            of = f"{term}: trust_{role}"
            assert mean.value == tidy.loc[("growth mean", f"mean of {of}"), "estimate"]
            assert variance.value == tidy.loc[("growth variance", f"variance of {of}"), "estimate"]
    for path in spec.correlations:
        ends = (f"{terms[place]}: trust_{roles[row]}" for row, place in (path.start, path.end))
        found = tidy.loc[("growth correlation", " with ".join(ends))]
        assert path.label.value == found["estimate"]
        assert path.faint == (not (found["conf_low"] > 0 or found["conf_high"] < 0))
    # All within a series, and between series all of two factors, or of three those of a kind.
    drawn = [
        tuple((roles[row], place) for row, place in (path.start, path.end))
        for path in spec.correlations
    ]
    expected = {
        (one, other)
        for one, other in combinations(product(roles, range(k)), 2)
        if one[0] == other[0] or one[1] == other[1] or k == 2
    }
    assert len(drawn) == len(expected)
    assert set(drawn) == expected
    assert "inadmissible" not in spec.caption
    # In print as in the tables.
    shown = result.tables()["growth"]
    texts = " ".join(words(draw(spec, NOTHING)))
    for row in shown.rows:
        if not row.heading:
            assert f"M = {row.texts[1]}" in texts
            assert f"s² = {row.texts[4]}" in texts
    assert ("Dashed" in spec.caption) == any(path.faint for path in spec.correlations)
    assert ("black ones: estimated" in spec.caption) == (shape == "latent_basis")


LOADINGS = {
    "linear": ("1 1 1 1 1", "0 1 2 4 6"),
    "quadratic": ("1 1 1 1 1", "0 1 2 4 6", "0 1 4 16 36"),
    "piecewise": ("1 1 1 1 1", "0 1 2 2 2", "0 0 0 2 4"),
    "latent_basis": ("1 1 1 1 1", "0 ? ? ? 1"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_loadings_are_those_of_the_shape(shape: str) -> None:
    result = fit(frame_of(), "trust", **shaped(shape))
    (spec,) = diagrams(result)
    drawn = {(*path.start, path.end[1]): path.label for path in spec.loadings}
    assert len(drawn) == len(spec.loadings)
    rows = result.tidy().set_index(["quantity", "term"])["estimate"]
    for row, (place, told) in product(range(2), enumerate(LOADINGS[shape])):
        for wave, loading in enumerate(told.split()):
            label = drawn.get((row, place, wave))
            if loading == "0":
                assert label is None
                continue
            assert label is not None
            if loading == "?":
                assert label.value == rows["loading", f"loading: trust_{ROLES[row]}_t{wave + 1}"]
                assert label.key == KEY
            else:
                assert (label.value, label.key) == (loading, None)


def test_effects_of_covariates_are_those_of_the_table() -> None:
    result = fit(frame_of(300), "trust", covariates=["age", "tenure"])
    (spec,) = diagrams(result)
    assert touching_in_panel(draw(spec, NOTHING), spec) == []
    assert spec.covariates == ("Age (mentor)", "Age (developee)", "Tenure")
    columns = ("age_mentor", "age_developee", "tenure_first")
    tidy = result.tidy().set_index(["quantity", "term"])
    assert len(spec.effects) == 3 * 2 * 2
    for path in spec.effects:
        row, place = path.end
        term = f"{columns[path.start[1]]} -> {SHAPES['linear'][place]}: trust_{ROLES[row]}"
        found = tidy.loc[("covariate effect", term)]
        assert path.label.value == found["std_all"]
        assert path.faint == (not (found["conf_low"] > 0 or found["conf_high"] < 0))
    # Own age goes with the level that was made of it.
    clear = {(path.start[1], path.end) for path in spec.effects if not path.faint}
    assert {(0, (0, 0)), (1, (1, 0))} <= clear
    assert not spec.correlations
    assert spec.caption == (
        "M: mean. s²: variance that covariates leave. Means are those at average covariates. Grey "
        "arrows: loadings that are fixed. Those of 0 are not drawn. Effects of covariates are "
        "standardised. Dashed: the interval has zero in it. Not drawn: correlations of growth "
        "factors beyond covariates, and residuals and their correlations within waves."
    )


def test_what_is_not_drawn_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    dyads = frame_of()
    for options, told in (
        ({}, "Not drawn: residuals."),
        ({"predictors": "stress"}, "Not drawn: predictors and what goes with them, and residuals."),
    ):
        (spec,) = diagrams(fit(dyads, "trust.mentor", **options))
        assert spec.caption.endswith(told)
    (spec,) = diagrams(fit(dyads, "trust", shape="quadratic"))
    assert spec.caption.endswith(
        "correlations between different growth factors of two series, and residuals and their "
        "correlations within waves."
    )
    monkeypatch.setattr(growth_figures, "MOST_COVARIATES", 2)
    (spec,) = diagrams(fit(dyads, "trust", covariates=["age", "tenure"]))
    assert not spec.covariates
    assert not spec.effects
    assert not spec.correlations
    assert "Not drawn: effects of covariates, correlations of" in spec.caption
    assert "standardised" not in spec.caption
    monkeypatch.setattr(growth_figures, "MOST_WAVES", 4)
    assert list(fit(dyads, "trust").figures()) == ["trajectories"]


def test_variables_of_both_roles_have_a_diagram_each() -> None:
    result = fit(frame_of(300), "trust", y="stress")
    specs = diagrams(result)
    assert [spec.name for spec in specs] == ["paths_1", "paths_2"]
    assert [spec.title for spec in specs] == [
        f"Growth factors and waves of {name}" for name in ("Trust", "Stress")
    ]
    for spec, name in zip(specs, ("Trust", "Stress"), strict=True):
        assert spec.series == (f"{name} (mentor)", f"{name} (developee)")
        assert len(spec.correlations) == 6
        assert "correlations with growth factors of other variables" in spec.caption
    # Two variables of one role are together.
    (spec,) = diagrams(fit(frame_of(300), "trust.mentor", y="stress.mentor"))
    assert spec.series == ("Trust", "Stress")
    assert spec.title == "Growth factors and waves: mentor"
    assert "other variables" not in spec.caption


def test_groups_have_a_diagram_each() -> None:
    result = fit(frame_of(300), by="kind")
    specs = diagrams(result)
    groups = ("long", "short")
    assert [spec.name for spec in specs] == ["paths_1", "paths_2"]
    assert [spec.title for spec in specs] == [
        f"Growth factors and waves: mentor ({group})" for group in groups
    ]
    tidy = result.tidy().set_index(["quantity", "term"])["estimate"]
    for spec, group in zip(specs, groups, strict=True):
        mean = spec.factors[0][1].numbers[0][1].value
        assert mean == tidy["growth mean", f"mean of change: trust_mentor ({group})"]
        (path,) = spec.correlations
        term = f"level: trust_mentor with change: trust_mentor ({group})"
        assert path.label.value == tidy["growth correlation", term]


def test_what_has_no_correlation_is_not_drawn() -> None:
    phi = np.diag([1.0, 0.0, 1.0, 0.0])
    for seed in range(20):
        result = fit(growing(200, phi=phi, seed=seed))
        (spec,) = diagrams(result)
        if spec.factors[0][1].numbers[1][1].value < 0:  # type: ignore[operator]
            break
    assert not spec.correlations
    assert spec.caption.endswith(
        "Not drawn: correlations that an inadmissible solution leaves undefined, and residuals."
    )
    assert "two heads" not in spec.caption
    # Of hidden numbers nobody learns this.
    strict = replace(framed(growing(200, phi=phi, seed=seed)), privacy=Privacy(minimum_dyads=500))
    (hidden,) = diagrams(fit(strict))
    assert len(hidden.correlations) == 1
    assert "inadmissible" not in hidden.caption


@pytest.mark.parametrize("options", [{}, {"covariates": "age"}, {"shape": "latent_basis"}])
def test_hidden_numbers_leave_no_trace(options: dict[str, str]) -> None:
    """Neither in labels and lines, nor in which arrows are drawn, nor in words."""
    specs = []
    for seed, phi in ((1, None), (2, np.diag([1.0, 0.0, 1.0, 0.0]))):
        frame = frame_of(120, seed, phi=phi, means=(3.0, 0.2 * seed))
        dyads = replace(frame, privacy=Privacy(minimum_dyads=500, minimum_persons=5))
        result = fit(dyads, "trust", **options)
        assert KEY in result.hidden
        (spec,) = diagrams(result)
        assert to_svg(draw(spec, result.hidden)) == to_svg(result.figures()["paths"])
        specs.append(spec)
    one, two = specs
    assert to_svg(draw(one, HIDDEN)) == to_svg(draw(two, HIDDEN))
    assert (one.caption, one.alt, one.title) == (two.caption, two.alt, two.title)
    assert "Dashed" not in one.caption
    assert to_svg(draw(one, NOTHING)) != to_svg(draw(two, NOTHING))
    shown = words(draw(one, HIDDEN))
    estimated = sum(path.label.key == KEY for path in one.paths)
    assert shown.count("s") == estimated > 0
    assert shown.count("M = s, s² = s") == 4
    # What else there is of numbers are the fixed loadings.
    assert not any("." in text for text in shown)


def test_reports_hold_diagrams_and_tell_nothing_hidden(tmp_path: Path) -> None:
    drawn = []
    for seed in (1, 2):
        strict = Privacy(minimum_dyads=500, minimum_persons=5)
        result = fit(replace(frame_of(120, seed), privacy=strict), "trust", y="stress")
        section = Section("growth", "panel", "ok", None, result)
        report = replace(make_report(), sections=(section,))
        folder = report.write(tmp_path / str(seed))
        assert (folder / "report.html").read_text("utf-8").count("<img") == 3
        files = sorted((folder / "figures").iterdir())
        drawn.append({one.name: one.read_bytes() for one in files if "paths" in one.name})
    assert len(drawn[0]) == 4
    assert drawn[0] == drawn[1]
