"""Path diagrams of common fate: numbers of the table, clear of each other, none hidden."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.drawing import draw, to_svg
from dyadkit.display.figures import PathFigure
from dyadkit.study import Privacy
from tests.display.drawn import NOTHING
from tests.display.panels import LONG
from tests.measurement.test_factor_diagrams import what_touches
from tests.panel.test_common_fate import ROLES, answers, fit, framed
from tests.panel.test_panel_diagrams import HIDDEN


def paths_of(result: dk.Result) -> PathFigure:
    spec = result.figure_specs[0]
    assert isinstance(spec, PathFigure)
    assert spec.name == "paths"
    return spec


@pytest.mark.parametrize("exchangeable", [False, True])
def test_loadings_and_the_effect_are_those_of_the_tables(exchangeable: bool) -> None:
    """A squared loading is the share of the dyad in the variance of an answer."""
    result = fit(answers(400), exchangeable=exchangeable)
    spec = paths_of(result)
    tidy = result.tidy().set_index("term")
    ends = {(path.start, path.end): float(str(path.label.value)) for path in spec.paths}
    (effect,) = tidy.index[tidy["quantity"] == "effect"]
    assert ends.pop(("x", "y")) == tidy.loc[effect, "std_all"]
    shares = tidy[tidy["quantity"] == "dyad share"]["estimate"].tolist()
    if exchangeable:
        shares = [share for share in shares for _ in ROLES]
    assert list(ends) == [(letter, f"{letter}{member}") for letter in "xy" for member in (0, 1)]
    assert [value**2 for value in ends.values()] == pytest.approx(shares, rel=1e-9)
    members = ("one member", "the partner") if exchangeable else ROLES
    labels = [node.label for node in spec.nodes if not node.factor]
    assert labels == [f"{one}, {name}" for one in ("Trust", "Learning") for name in members]


@pytest.mark.parametrize("labels", [("Trust", "Learning"), LONG[::2]])
@pytest.mark.parametrize("exchangeable", [False, True])
def test_nothing_overlaps(labels: tuple[str, str], exchangeable: bool) -> None:
    spec = paths_of(fit(answers(300), exchangeable=exchangeable))
    names = dict(zip(("Trust", "Learning"), labels, strict=True))
    nodes = tuple(
        replace(node, label=names[node.label.split(",")[0]] + "," + node.label.split(",")[1])
        for node in spec.nodes
    )
    for hidden in (NOTHING, HIDDEN):
        renamed = replace(spec, nodes=nodes)
        assert what_touches(draw(renamed, hidden), renamed) == []


def test_values_that_do_not_exist_are_not_drawn() -> None:
    assert list(fit(answers(400, sign=-1, seed=3)).figures()) == ["shares"]


@pytest.mark.parametrize("waves", [1, 2])
def test_figures_of_few_dyads_are_the_same_whatever_the_data(waves: int) -> None:
    """Where the dyad's variance is negative too."""

    def drawn(data: pd.DataFrame, minimum: int) -> dict[str, bytes]:
        strict = replace(framed(data), privacy=Privacy(minimum_dyads=minimum))
        result = dk.fit_panel(strict, "trust", "learning", kind="common_fate")
        return {name: to_svg(figure) for name, figure in result.figures().items()}

    some, others = answers(400, waves), answers(400, waves, sign=-1, seed=3)
    hidden = drawn(some, 401)
    assert "paths" in hidden
    assert hidden == drawn(others, 401)
    assert "paths" not in drawn(others, 400)
    assert drawn(some, 400)["paths"] != hidden["paths"]
