"""Path diagrams of panels: what is drawn, that it is clear, and that hidden numbers do not show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest

import dyadkit as dk
from dyadkit.display.drawing import draw, to_svg
from dyadkit.display.figures import LaggedFigure
from dyadkit.panel.estimates import KEY, Estimate, Key
from dyadkit.panel.lagged.cross_lagged import part
from dyadkit.panel.lagged.fitted import Effect, Panel
from dyadkit.panel.lagged.panel_figures import path_diagram
from dyadkit.panel.panel import KINDS
from dyadkit.panel.series import Series
from dyadkit.study import Privacy
from tests.display.clear import touching_in_panel
from tests.display.drawn import words
from tests.display.panels import LATER, LONG
from tests.panel.test_panel import answers, framed

NOTHING: frozenset[str] = frozenset()
HIDDEN = frozenset({KEY})
VALUES = (0.31, -0.12, 1.04, 0.08)
CLEAR = {"all": lambda _: True, "some": lambda number: number % 5 == 0, "none": lambda _: False}


def panel_of(rows: int, waves: int, *, equal: bool = False, long: bool = False) -> Panel:
    labels = LATER if long else ("T1", "T2", "T3", "T4", "T5")
    series = tuple(
        Series(
            *(f"{variable}_{role}", variable, label, role),
            columns=tuple(f"{variable}_{role}_t{wave}" for wave in range(waves)),
        )
        for (variable, role), label in zip(
            (
                *(("trust", "coach"), ("trust", "client")),
                *(("courage", "coach"), ("courage", "client")),
            ),
            LONG if long else ("Trust (coach)", "Trust (client)", "Courage (coach)", "Courage"),
            strict=True,
        )
    )
    return Panel(series[:rows], labels[:waves], "clpm", equal, (), None, 0.95, "ML")


def estimate(value: float, *, clear: bool) -> Estimate:
    half = abs(value) / 2 if clear else abs(value) + 0.2
    return {"estimate": value, "conf_low": value - half, "conf_high": value + half}


def found_in(
    panel: Panel, clear: str, *, second: bool = False, times: float = 1.0
) -> tuple[list[Effect], Mapping[Key, Estimate]]:
    """Return effects, and correlations within waves."""
    ends = [
        (source, target, now - lag, now)
        for target in panel.series
        for source in panel.series
        for now in range(1, len(panel.waves))
        for lag in ((1, 2) if second and source is target else (1,))
        if now >= lag
    ]
    effects = []
    for number, (source, target, before, now) in enumerate(ends):
        one = estimate(times * VALUES[number % 4], clear=CLEAR[clear](number))
        waves = panel.waves[before], panel.waves[now]
        effects.append(Effect(source, target, *waves, one, one))
    correlations = {
        (part(one.columns[wave], False), "~~", part(other.columns[wave], False)): estimate(
            times * 0.2, clear=clear == "all"
        )
        for one, other in combinations(panel.series, 2)
        for wave in range(len(panel.waves))
    }
    return effects, correlations


def diagram(
    rows: int, waves: int, clear: str, hidden: frozenset[str] = NOTHING, **options: bool
) -> LaggedFigure:
    second = options.pop("second", False)
    panel = panel_of(rows, waves, **options)
    return path_diagram(panel, *found_in(panel, clear, second=second), hidden)


@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("rows", [2, 3, 4])
@pytest.mark.parametrize("waves", [2, 3, 4, 5])
def test_nothing_overlaps(waves: int, rows: int, long: bool, equal: bool) -> None:
    for second in {False, waves > 2}:
        for clear in CLEAR:
            spec = diagram(rows, waves, clear, long=long, equal=equal, second=second)
            assert touching_in_panel(draw(spec, NOTHING), spec) == []
        spec = diagram(rows, waves, "some", HIDDEN, long=long, equal=equal, second=second)
        assert touching_in_panel(draw(spec, HIDDEN), spec) == []


def test_all_effects_of_two_series_are_drawn() -> None:
    for clear, faint in (("all", 0), ("some", 9 + 4), ("none", 12 + 4)):
        spec = diagram(2, 4, clear)
        # Two effects on each of two series in three waves, and four correlations.
        assert len(spec.paths) == 12 + 4
        assert sum(path.faint for path in spec.paths) == faint
        assert ("Dashed" in spec.caption) == bool(faint)
        assert "Not drawn" not in spec.caption
    assert spec.kinds == ("Autoregressive", "Cross-lagged")
    assert {path.kind for path in spec.paths if path.source == path.target} == {0}
    assert {path.kind for path in spec.paths if path.lag and path.source != path.target} == {1}


def test_clear_effects_of_more_series_are_drawn_and_the_others_counted() -> None:
    panel = panel_of(4, 3)
    effects, correlations = found_in(panel, "some")
    crossed = [effect for effect in effects if effect.crossed]
    clear = [effect for effect in crossed if not effect.unclear]
    assert 0 < len(clear) < len(crossed) == 24
    spec = path_diagram(panel, effects, correlations, NOTHING)
    # Autoregressive effects are drawn whether they are clear or not.
    assert len(spec.paths) == 8 + len(clear)
    assert [path.faint for path in spec.paths if path.kind] == [False] * len(clear)
    assert any(path.faint for path in spec.paths)
    assert spec.caption == (
        "Standardised. Dashed: the interval has zero in it. Not drawn: "
        f"{len(crossed) - len(clear)} cross-lagged effects whose interval has zero in it, and "
        "correlations within waves."
    )
    drawn = {
        (path.source, path.target, path.before, path.kind): path.label.value for path in spec.paths
    }
    kinds = {("coach", "coach"): 1, ("client", "client"): 1}
    for effect in clear:
        source, target = panel.series.index(effect.source), panel.series.index(effect.target)
        kind = kinds.get((effect.source.role, effect.target.role), 2)
        before = panel.waves.index(effect.before)
        assert drawn[source, target, before, kind] == effect.standardised["estimate"]
    every = path_diagram(panel, *found_in(panel, "all"), NOTHING)
    assert every.caption == "Standardised. Not drawn: correlations within waves."
    assert len(every.paths) == 32


def test_variables_of_the_dyad_are_told_from_those_of_the_partner() -> None:
    panel = panel_of(3, 2)
    dyad = replace(panel.series[2], role="")
    panel = replace(panel, series=(*panel.series[:2], dyad))
    spec = path_diagram(panel, *found_in(panel, "all"), NOTHING)
    kinds = {(path.source, path.target): spec.kinds[path.kind] for path in spec.paths}
    assert kinds[0, 1] == kinds[1, 0] == "Variable of the partner"
    assert kinds[0, 2] == kinds[2, 1] == "Between member and dyad"
    assert kinds[2, 2] == "Autoregressive"


@pytest.mark.parametrize(("second", "columns"), [(False, 2), (True, 3)])
def test_effects_that_are_equal_between_waves_are_drawn_once(second: bool, columns: int) -> None:
    spec = diagram(2, 5, "all", equal=True, second=second)
    assert spec.waves == ("Two waves before", "The wave before", "A wave")[-columns:]
    assert {path.now for path in spec.paths} == {columns - 1}
    assert sorted(path.lag for path in spec.paths) == [1] * 4 + [2, 2] * second
    assert {path.label.style for path in spec.paths} == {"statistic"}
    assert spec.caption == (
        "Effects, equal between all waves, are not standardised. Not drawn: correlations within "
        "waves."
    )
    # Between two waves there is nothing to be equal.
    assert diagram(2, 2, "all", equal=True) == diagram(2, 2, "all")


@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("rows", [2, 3, 4])
def test_hidden_numbers_leave_no_trace(rows: int, equal: bool) -> None:
    """Neither in labels and lines, nor in which arrows are drawn, nor in words."""
    panel = panel_of(rows, 4, equal=equal)
    specs = [
        path_diagram(panel, *found_in(panel, clear, second=True, times=times), HIDDEN)
        for clear, times in (("all", 1.0), ("some", -7.0), ("none", 0.001))
    ]
    assert len({to_svg(draw(spec, HIDDEN)) for spec in specs}) == 1
    assert len({(spec.caption, spec.alt, spec.title) for spec in specs}) == 1
    assert "Dashed" not in specs[0].caption
    assert ("cross-lagged effects, and" in specs[0].caption) == (rows > 2)
    shown = words(draw(specs[0], HIDDEN))
    assert shown.count("s") == len(specs[0].paths) > 0
    assert not any(character.isdigit() for word in shown if word[0] != "T" for character in word)
    plain = [path_diagram(panel, *found_in(panel, clear, second=True), NOTHING) for clear in CLEAR]
    assert len({to_svg(draw(spec, NOTHING)) for spec in plain}) == 3


def test_panels_of_few_dyads_are_drawn_without_their_numbers() -> None:
    dyads = framed(answers(150, waves=3))
    strict = replace(dyads, privacy=Privacy(minimum_dyads=500, minimum_persons=5))
    asked = {"x": "support", "y": "courage", "kind": "clpm"}
    open_, closed = (dk.fit_panel(each, **asked) for each in (dyads, strict))
    shown, hidden = (result.figure_specs[0] for result in (open_, closed))
    assert KEY in closed.hidden
    assert KEY not in open_.hidden
    # Some cross-lagged effects are clear, and would be drawn.
    assert any(path.kind for path in shown.paths)
    assert not any(path.kind for path in hidden.paths)
    assert words(closed.figures()["paths"]).count("s") == len(hidden.paths) == 8
    assert "cross-lagged effects, and" in hidden.caption


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_draws_its_paths(kind: str) -> None:
    data, both = answers(400, waves=3), ["support", "courage"]
    # Members have something in common.
    data.loc[data["role"] == "developee", both] += data.loc[
        data["role"] == "mentor", both
    ].to_numpy()
    dyads = framed(data)
    asked = {"waves": ["t1"]} if kind == "mutual_influence" else {}
    whose = "" if kind in ("mutual_influence", "common_fate") else ".mentor"
    result = dk.fit_panel(dyads, f"support{whose}", f"courage{whose}", kind=kind, **asked)
    names = [spec.name for spec in result.figure_specs]
    # Growth is seen in means first.
    assert names.index("paths") == (kind == "growth")
    spec = result.figure_specs[names.index("paths")]
    assert touching_in_panel(result.figures()["paths"], spec) == []
    assert spec.alt.startswith("Path diagram")
    told = ("Standardised.", "Effects, equal", "Parts within persons;", "M: mean.")
    assert spec.caption.startswith(told)
