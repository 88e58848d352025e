"""Path diagrams of dynamic panels: effects of the table, clear of each other, none hidden."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from dyadkit.display.drawing import draw, to_svg
from dyadkit.display.figures import LaggedFigure
from dyadkit.panel.dynamic.dynamic_figures import dynamic_diagram
from dyadkit.panel.dynamic.dynamic_found import Dynamic
from dyadkit.panel.dynamic.dynamic_models import Form
from dyadkit.study import Privacy
from tests.display.clear import touching_in_panel
from tests.display.drawn import words
from tests.panel.test_dynamic_panel import answers, fit, framed
from tests.panel.test_panel_diagrams import CLEAR, HIDDEN, NOTHING, VALUES, estimate, panel_of


def dynamic_of(
    waves: int, clear: str, *, by_wave: bool, long: bool = False, times: float = 1.0
) -> Dynamic:
    panel = panel_of(2, waves, long=long)
    x, y = panel.series
    found = {
        (y.columns[now], "~", source.columns[now - 1]): estimate(
            times * VALUES[(now + place) % 4], clear=CLEAR[clear](2 * now + place)
        )
        for now in range(1, waves)
        for place, source in enumerate((x, y))
    }
    request: Any = SimpleNamespace(wave_labels=panel.waves, confidence=0.95)
    return Dynamic(request, x, y, (), Form(by_wave=by_wave), found, found)


def diagram(
    waves: int, clear: str, hidden: frozenset[str] = NOTHING, **options: Any
) -> LaggedFigure:
    found = dynamic_of(waves, clear, **options)
    (spec,) = dynamic_diagram(found, list(found.effects()), hidden)
    return spec


@pytest.mark.parametrize("by_wave", [False, True])
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("waves", [3, 4, 5])
def test_nothing_overlaps(waves: int, long: bool, by_wave: bool) -> None:
    for clear, hidden in product(CLEAR, (NOTHING, HIDDEN)):
        spec = diagram(waves, clear, hidden, long=long, by_wave=by_wave)
        assert touching_in_panel(draw(spec, hidden), spec) == []
        # The last x is in no equation.
        assert spec.without == {(0, len(spec.waves) - 1)}


@pytest.mark.parametrize("by_wave", [False, True])
def test_hidden_numbers_leave_no_trace(by_wave: bool) -> None:
    specs = [
        diagram(4, clear, HIDDEN, by_wave=by_wave, times=times)
        for clear, times in (("all", 1.0), ("some", -7.0), ("none", float("nan")))
    ]
    assert len({to_svg(draw(spec, HIDDEN)) for spec in specs}) == 1
    assert len({(spec.caption, spec.alt, spec.title) for spec in specs}) == 1
    assert "Dashed" not in specs[0].caption
    plain = [diagram(4, clear, by_wave=by_wave) for clear in ("all", "none")]
    assert len({to_svg(draw(spec, NOTHING)) for spec in plain}) == 2
    assert ["Dashed" in spec.caption for spec in plain] == [False, True]


def test_a_standardised_effect_that_does_not_exist_is_not_drawn() -> None:
    for by_wave in (False, True):
        found = dynamic_of(4, "all", by_wave=by_wave)
        missing = {key: estimate(float("nan"), clear=True) for key in found.standardised}
        found = replace(found, standardised=missing)
        assert len(list(dynamic_diagram(found, list(found.effects()), NOTHING))) == (not by_wave)


@pytest.mark.parametrize("times", [None, (0.0, 2.0, 4.0, 8.0)])
def test_effects_are_those_of_the_table(times: tuple[float, ...] | None) -> None:
    result = fit(framed(answers(400), times))
    figures = ["paths", "effects", "responses", "trajectories_courage"]
    assert list(result.figures()) == figures
    spec = result.figure_specs[0]
    assert isinstance(spec, LaggedFigure)
    tidy = result.tidy().set_index("term")
    named = {"Support": "support_mentor", "Courage": "courage_mentor"}
    assert spec.series == tuple(named)
    assert {path.target for path in spec.paths} == {1}
    assert len(spec.paths) == (2 if times is None else 6)
    waves = ("T3", "T4") if times is None else spec.waves
    for path in spec.paths:
        source, target = named[spec.series[path.source]], named["Courage"]
        row = tidy.loc[f"{source} {waves[path.before]} -> {target} {waves[path.now]}"]
        assert path.label.value == row["estimate" if times is None else "std_all"]
        assert path.faint == (row["conf_low"] <= 0 <= row["conf_high"])
    scale = (
        "Effects, equal between all waves, are not standardised."
        if times is None
        else "Standardised."
    )
    assert spec.waves == (("The wave before", "A wave") if times is None else spec.waves)
    assert spec.caption == (
        f"{scale} Not drawn: fixed effects (what is stable in Courage), and correlations."
    )


def test_panels_of_few_dyads_are_drawn_without_their_numbers() -> None:
    dyads = framed(answers(150))
    strict = replace(dyads, privacy=Privacy(minimum_dyads=500, minimum_persons=5))
    assert words(fit(strict).figures()["paths"]).count("s") == 2
    assert "s" not in words(fit(dyads).figures()["paths"])
