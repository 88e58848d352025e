"""Path diagrams of mutual influence: numbers of the table, clear of each other, none hidden."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import dyadkit as dk
from dyadkit.display.drawing import draw, to_svg
from dyadkit.display.figures import PathFigure
from dyadkit.display.formats import format_value
from dyadkit.panel.together.both import Both
from dyadkit.panel.together.mutual_influence_figures import influence_diagram
from dyadkit.panel.together.mutual_influence_found import Direction
from dyadkit.study import Privacy
from tests.display.clear import touching_in_panel
from tests.display.drawn import words
from tests.display.panels import LONG
from tests.panel.test_mutual_influence import ROLES, answers, fit, framed, pairs
from tests.panel.test_panel_diagrams import HIDDEN, NOTHING, estimate, panel_of

SHORT = ("Warmth", "Trust")


def model_of(
    labels: tuple[str, ...] = SHORT,
    *,
    told: tuple[bool, bool] = (True, True),
    clear: bool = True,
    exchangeable: bool = False,
    times: float = 1.0,
    loop: float = 0.1,
) -> Any:
    """Return a model whose influences are identified or not."""
    panel = panel_of(4, 2)
    variables = [
        Both(label, label, (panel.series[2 * k], panel.series[2 * k + 1]))
        for k, label in enumerate(labels[:2])
    ]
    pair = ("one member", "the partner") if exchangeable else ROLES
    directions = tuple(
        Direction(
            *pair[:: 1 - 2 * member],
            *(estimate(times * value, clear=clear) for value in (0.4, 0.41, 0.6, 0.61)),
            estimate(0.6, clear=told[member]),
            estimate(0.2, clear=True),
            None,
        )
        for member in (0, 1)
    )
    return SimpleNamespace(
        variables=variables,
        exchangeable=exchangeable,
        labelled={"loop": estimate(loop, clear=True)},
        predictors=estimate(0.3 * times, clear=clear),
        residuals=estimate(0.2 * times, clear=True),
        directions=directions[:1] if exchangeable else directions,
    )


def diagram(hidden: frozenset[str] = NOTHING, **options: Any) -> PathFigure:
    (spec,) = influence_diagram(model_of(**options), hidden)
    return spec


@pytest.mark.parametrize("labels", [SHORT, LONG])
@pytest.mark.parametrize("exchangeable", [False, True])
@pytest.mark.parametrize("times", [1.0, -100.0])
def test_nothing_overlaps(labels: tuple[str, ...], exchangeable: bool, times: float) -> None:
    for told, hidden in product(((True, True), (False, True), (False, False)), (NOTHING, HIDDEN)):
        spec = diagram(hidden, labels=labels, told=told, exchangeable=exchangeable, times=times)
        assert touching_in_panel(draw(spec, hidden), spec) == []


def test_hidden_numbers_leave_no_trace() -> None:
    """Neither in numbers and lines, nor of a loop beyond 1 or of what is not identified."""
    specs = [
        diagram(HIDDEN),
        diagram(HIDDEN, times=-3.0, clear=False, loop=1.5),
        diagram(HIDDEN, told=(False, False)),
    ]
    assert len({to_svg(draw(spec, HIDDEN)) for spec in specs}) == 1
    assert len({(spec.caption, spec.alt, spec.title) for spec in specs}) == 1
    assert words(draw(specs[0], HIDDEN)).count("suppressed") == 6
    assert to_svg(draw(diagram(), NOTHING)) != to_svg(draw(diagram(clear=False), NOTHING))


def shown(result: dk.Result) -> tuple[PathFigure, dict[str, object]]:
    """Return the diagram of a result, and its labels by what they stand between."""
    spec = result.figure_specs[0]
    assert isinstance(spec, PathFigure)
    assert touching_in_panel(result.figures()["paths"], spec) == []
    named = {node.name: node.label for node in spec.nodes}
    labels = {
        f"{named[one.start]} {'<->' if one.both else '->'} {named[one.end]}": one.label.value
        for one in spec.paths
    }
    assert len(labels) == len(spec.paths) == 6
    return spec, labels


def related(value: float) -> str:
    return f"r = {format_value(value, 'correlation')}"


def test_effects_are_those_of_the_table() -> None:
    data = answers(500)
    result = fit(data)
    spec, labels = shown(result)
    row = result.tidy().set_index("term")
    warmth = data.pivot(index="pair", columns="role", values="warmth")
    assert labels == {
        "Warmth, coach -> Trust, coach": row.loc["actor: coach", "std_all"],
        "Warmth, client -> Trust, client": row.loc["actor: client", "std_all"],
        "Trust, coach -> Trust, client": row.loc["influence: coach -> client", "std_all"],
        "Trust, client -> Trust, coach": row.loc["influence: client -> coach", "std_all"],
        "Warmth, coach <-> Warmth, client": related(np.corrcoef(warmth.to_numpy().T)[0, 1]),
        "Trust, coach <-> Trust, client": related(row.loc["residuals", "estimate"]),
    }
    weak = row.loc["influence: client -> coach"]
    assert weak["conf_low"] < 0 < weak["conf_high"]
    assert [path.faint for path in spec.paths] == [False, False, False, True, False, False]
    assert spec.caption == (
        "Standardised. Dashed: the interval has zero in it. r: correlations of both members' "
        "Warmth, and of residuals of Trust."
    )


def test_exchangeable_members_have_one_number_in_both_directions() -> None:
    result = fit(answers(500), exchangeable=True)
    _, labels = shown(result)
    row = result.tidy().set_index("term")["std_all"]
    ends = "one member", "the partner"
    for one, other in (ends, ends[::-1]):
        assert labels[f"Warmth, {one} -> Trust, {one}"] == row["actor: one member"]
        influence = labels[f"Trust, {one} -> Trust, {other}"]
        assert influence == row["influence: one member -> the partner"]


def test_what_is_not_identified_has_no_number() -> None:
    result = fit(answers(200, own=(0.0, 0.6), seed=3))
    spec, labels = shown(result)
    untold = "not identified"
    row = result.tidy().set_index("term")
    assert labels["Trust, coach -> Trust, client"] == untold
    assert (
        labels["Trust, client -> Trust, coach"] == row.loc["influence: client -> coach", "std_all"]
    )
    # Own effects and residuals follow from both influences.
    assert list(labels.values()).count(untold) == 4
    assert all(path.faint for path in spec.paths if path.label.value == untold)
    assert spec.caption.endswith(
        "Not identified: influence of one whose own Warmth was not shown to have an effect, and "
        "all that rests on it."
    )


def test_a_loop_that_never_comes_to_rest_is_not_drawn() -> None:
    assert list(influence_diagram(model_of(loop=-1.0), NOTHING)) == []
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 2))
    y = 0.4 * x + 0.6 * x[:, ::-1] + rng.normal(size=(400, 2))
    assert list(fit(pairs(x, y)).figures()) == ["influence"]


def test_figures_of_few_dyads_are_the_same_whatever_the_data() -> None:
    def drawn(data: Any) -> bytes:
        strict = replace(framed(data), privacy=Privacy(minimum_dyads=500, minimum_persons=5))
        result = dk.fit_panel(strict, "warmth", "trust", kind="mutual_influence")
        return to_svg(result.figures()["paths"])

    assert drawn(answers(200)) == drawn(answers(200, own=(0.0, 0.6), seed=3))
