"""Path diagrams of latent change: those of the table, clear of each other, none hidden."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import dyadkit as dk
from dyadkit.display.drawing import draw, to_svg
from dyadkit.display.figures import LaggedFigure
from dyadkit.panel.change.change_figures import change_diagram
from dyadkit.panel.change.change_found import Change
from dyadkit.panel.change.change_steps import Steps
from dyadkit.panel.change.dual_change import in_spreads
from dyadkit.study import Privacy
from tests.display.clear import touching_in_panel
from tests.display.drawn import words
from tests.panel.test_latent_change import both, fit, framed, processes
from tests.panel.test_panel_diagrams import CLEAR, HIDDEN, NOTHING, VALUES, estimate, panel_of

DUAL, TWO = True, False
KINDS = (DUAL, TWO)


def change_of(
    rows: int, clear: str, *, dual: bool, long: bool = False, times: float = 1.0
) -> Change:
    """Return changes of one to four series, with effects that are clear or not."""
    panel = panel_of(rows, 3 if dual else 2, long=long)
    numbers, raw, standardised = count(), {}, {}
    for target, source in product(panel.series, panel.series):
        number = next(numbers)
        found = estimate(times * VALUES[number % 4], clear=CLEAR[clear](number))
        raw[f"b_{target.name}_from_{source.name}"] = found
        raw[in_spreads(target, source)] = found
        standardised[f"change_{target.name}", "~", source.columns[0]] = found
        for left, right in (
            (target.columns[0], source.columns[0]),
            (f"change_{target.name}", f"change_{source.name}"),
        ):
            standardised[left, "~~", right] = estimate(times * 0.2, clear=clear == "all")
    request: Any = SimpleNamespace(
        series=panel.series,
        wave_labels=("Before the training", "A year later") if long else panel.waves,
        confidence=0.95,
    )
    steps = Steps((0, 1, 2), "") if dual else None
    return Change(request, (), steps, (), {}, standardised, raw)


def diagram(
    rows: int, clear: str, hidden: frozenset[str] = NOTHING, **options: Any
) -> LaggedFigure:
    change = change_of(rows, clear, **options)
    return change_diagram(change, list(change.effects()), hidden)


@pytest.mark.parametrize("dual", KINDS)
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_nothing_overlaps(rows: int, long: bool, dual: bool) -> None:
    for clear, hidden in product(CLEAR, (NOTHING, HIDDEN)):
        spec = diagram(rows, clear, hidden, long=long, dual=dual)
        assert touching_in_panel(draw(spec, hidden), spec) == []


@pytest.mark.parametrize("dual", KINDS)
@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_hidden_numbers_leave_no_trace(rows: int, dual: bool) -> None:
    """Neither in labels and lines, nor in which arrows are drawn, nor in words."""
    specs = [
        diagram(rows, clear, HIDDEN, dual=dual, times=times)
        for clear, times in (("all", 1.0), ("some", -7.0), ("none", 0.001))
    ]
    assert len({to_svg(draw(spec, HIDDEN)) for spec in specs}) == 1
    assert len({(spec.caption, spec.alt, spec.title) for spec in specs}) == 1
    assert "Dashed" not in specs[0].caption
    assert ("couplings, " in specs[0].caption) == (rows > 2)
    assert words(draw(specs[0], HIDDEN)).count("s") == len(specs[0].paths) > 0
    plain = [diagram(rows, clear, dual=dual) for clear in CLEAR]
    assert len({to_svg(draw(spec, NOTHING)) for spec in plain}) == (3 if rows > 1 else 2)


def test_captions_say_what_is_drawn() -> None:
    assert diagram(1, "all", dual=TWO).caption == "Standardised."
    assert diagram(2, "none", dual=TWO).caption == (
        "Standardised. Dashed: the interval has zero in it. Arrows with two heads: correlations of "
        "starts, and of what is left of changes."
    )
    assert diagram(1, "all", dual=DUAL).caption == (
        "Effects, equal at all steps, are not standardised. Not drawn: constant change."
    )
    assert diagram(2, "all", dual=DUAL).caption == (
        "Effects, equal at all steps, are not standardised. Not drawn: constant change, and "
        "correlations."
    )
    # Of sixteen effects the first is clear and every fifth after it: the own ones.
    assert diagram(4, "some", dual=DUAL).caption == (
        "Effects, equal at all steps, are not standardised. Not drawn: 12 couplings whose interval "
        "has zero in it, constant change, and correlations."
    )


def shown(result: dk.Result) -> tuple[LaggedFigure, dict[tuple[str, str], float]]:
    """Return the diagram of a result, and the labels of its effects by their ends."""
    (spec,) = [figure for figure in result.figure_specs if figure.name == "paths"]
    assert isinstance(spec, LaggedFigure)
    assert all(path.before + path.lag == path.now <= 1 for path in spec.paths)
    labels = {
        (spec.series[path.source], spec.series[path.target]): path.label.value
        for path in spec.paths
        if path.lag
    }
    assert touching_in_panel(result.figures()["paths"], spec) == []
    return spec, labels


NAMES = {"Support": "support_mentor", "Courage": "courage_mentor"}


@pytest.mark.parametrize("waves", [2, 4])
def test_effects_are_those_of_the_table(waves: int) -> None:
    result = both(framed(processes(400, waves)))
    spec, labels = shown(result)
    tidy = result.tidy().set_index("term")
    assert spec.waves == (
        ("T1", "Change to T2") if waves == 2 else ("A step", "Change to the next")
    )
    assert set(labels) == set(product(NAMES, NAMES))
    for (source, target), value in labels.items():
        row = tidy.loc[f"{NAMES[source]} -> change of {NAMES[target]}"]
        assert value == row["std_all" if waves == 2 else "estimate"]
    assert spec.kinds == ("Feedback", "Coupling")
    assert all(path.kind == (path.source != path.target) for path in spec.paths if path.lag)
    related = [path.label.value for path in spec.paths if not path.lag]
    if waves == 4:
        assert related == []
        return
    assert related == [
        tidy.loc[f"start of {NAMES['Support']} with start of {NAMES['Courage']}", "estimate"],
        tidy.loc[f"change of {NAMES['Support']} with change of {NAMES['Courage']}", "estimate"],
    ]


def test_clear_effects_of_four_series_are_drawn_and_the_others_counted() -> None:
    result = fit(framed(processes(400, 2)), "support", "courage")
    spec, labels = shown(result)
    tidy = result.tidy()
    couplings = tidy[tidy["quantity"] == "coupling"]
    clear = couplings[(couplings["conf_low"] > 0) | (couplings["conf_high"] < 0)]
    assert 0 < len(clear) < len(couplings) == 12
    drawn = sorted(value for (source, target), value in labels.items() if source != target)
    assert drawn == sorted(clear["std_all"])
    own = sorted(value for (source, target), value in labels.items() if source == target)
    assert own == sorted(tidy.loc[tidy["quantity"] == "feedback", "std_all"])
    assert f"Not drawn: {12 - len(clear)} couplings whose interval has zero" in spec.caption


def test_covariates_are_told_not_to_be_drawn() -> None:
    age = np.random.default_rng(3).normal(40, 10, 400)
    result = both(framed(processes(400, 2), age=age), covariates=["age"])
    spec, labels = shown(result)
    assert len(labels) == 4
    assert spec.caption.endswith("Not drawn: covariates and their effects.")


def test_changes_of_few_dyads_are_drawn_without_their_numbers() -> None:
    dyads = framed(processes(400, 2))
    strict = replace(dyads, privacy=Privacy(minimum_dyads=500, minimum_persons=5))
    for frame, crossed in ((dyads, True), (strict, False)):
        _, labels = shown(fit(frame, "support", "courage"))
        assert any(source != target for source, target in labels) == crossed
    result = both(strict)
    assert words(result.figures()["paths"]).count("s") == 6
