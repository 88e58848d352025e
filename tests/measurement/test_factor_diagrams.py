"""Path diagrams of dyadic factor models: nothing overlaps, and each number is where it belongs."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from dyadkit.display.drawing import draw, factor_layout, to_svg
from dyadkit.display.drawing.style import HIDDEN_NOTE
from dyadkit.display.figures import PathFigure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell
from dyadkit.measurement.dyadic_models import KINDS, Kind
from dyadkit.measurement.factor_diagrams import factor_diagram
from tests.display.clear import (
    PIXEL,
    arrows_of,
    corners,
    crossed,
    entered,
    extents_of,
    nodes_of,
    points_of,
    shared,
)
from tests.display.drawn import texts, words

NOTHING: frozenset[str] = frozenset()
LONG = (
    "trust_in_the_other_person_and_the_whole_organisation_t1_r",
    "Vertrauen in die Führungskraft und in ihr Wort",
    "q",
)
NAMES = {
    "short": lambda n: [f"trust_{place}" for place in range(1, n + 1)],
    "long": lambda n: [f"{name}{k}" for k, name in enumerate(islice(cycle(LONG), n), start=1)],
}
SIDES = {"alike": ("Member 1", "Member 2"), "told apart": ("Team leader", "Developee")}
USUAL = (0.71, -0.123, 1.02, 0.05)
# Wider than the two decimals of a diagram.
WIDE = ("−.1234", "1.25", "−10.25", ".7")


def solution(kind: Kind, items: list[str], *, alike: bool) -> dict[tuple[str, str, str], float]:
    """Return standardised estimates, those of member 2 as of member 1 where members are alike."""
    own = dict(zip(items, cycle(USUAL), strict=False))
    other = own if alike else dict(zip(items, cycle(USUAL[::-1]), strict=False))
    found = {}
    for member, values in ((1, own), (2, other)):
        for item, value in values.items():
            if kind != "one_factor":
                found["f" + str(member), "=~", f"{item}_{member}"] = value
            if kind in ("one_factor", "bifactor"):
                found["dyad", "=~", f"{item}_{member}"] = -value
    if kind == "hierarchical":
        found |= {("dyad", "=~", "f1"): 0.6, ("dyad", "=~", "f2"): 0.6 if alike else -0.4}
    if kind == "correlated":
        found["f1", "~~", "f2"] = -0.52
    return found | {
        (f"{item}_1", "~~", f"{item}_2"): 0.05 * place for place, item in enumerate(items, start=1)
    }


def diagram(
    kind: Kind, n: int, *, names: str = "short", sides: str = "told apart", wide: bool = False
) -> PathFigure:
    items = NAMES[names](n)
    values = solution(kind, items, alike=sides == "alike")
    spec = factor_diagram(kind, values, items, SIDES[sides], label="Trust", key="all")
    if not wide:
        return spec
    paths = [
        replace(path, label=Cell(text, path.label.key))
        for path, text in zip(spec.paths, cycle(WIDE), strict=False)
    ]
    return replace(spec, paths=tuple(paths))


def what_touches(figure: Figure, spec: PathFigure) -> list[str]:
    """Return what overlaps on a diagram whose labels take one line each, in words."""
    every = [text for text in texts(figure) if text.get_text() != HIDDEN_NOTE]
    nodes = nodes_of(figure)
    shown = [text.get_text() for text in every]
    extents, frames = extents_of(figure, every), corners(figure, nodes=True)
    spaces = corners(figure, nodes=False)
    first = len(every) - len(spec.paths)
    found = []
    touching = shared(extents, extents, PIXEL)
    np.fill_diagonal(touching, False)
    found += [f"texts {shown[a]}, {shown[b]}" for a, b in np.argwhere(touching)]
    for number, within in enumerate(shared(extents, frames, PIXEL)):
        bold = every[number].get_weight() == "bold"
        # Names stand in their own box or oval, headings and loadings in none.
        if within.sum() != (number < first and not bold):
            found.append(f"box {shown[number]}")
        for place in np.flatnonzero(within):
            node = nodes[place]
            if isinstance(node, Ellipse):
                left, top, right, bottom = extents[number]
                edge = np.array([(x, y) for x in (left, right) for y in (top, bottom)])
                away = 2 * (edge - node.center) / (node.width, node.height)
                if (away**2).sum(axis=1).max() > 1.0:
                    found.append(f"oval {shown[number]}")
    for number, arrow in enumerate(arrows_of(figure)):
        for place in np.flatnonzero(crossed(arrow, extents)):
            if place != first + number:
                found.append(f"arrow {number} {shown[place]}")
        # The white space around a loading hides what it covers, its own arrow only.
        behind = np.flatnonzero(crossed(arrow, spaces))
        found += [f"arrow {number} behind {place}" for place in behind if place != number]
        if not crossed(arrow, extents)[first + number]:
            found.append(f"no arrow {shown[first + number]}")
        found += [f"arrow {number} in a node" for node in nodes if entered(arrow, node)]
    touching = shared(frames, frames)
    np.fill_diagonal(touching, False)
    return found + ["nodes"] * bool(touching.any())


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("n", [3, 6, 9, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_overlaps(kind: Kind, n: int, sides: str, names: str, wide: bool) -> None:
    spec = diagram(kind, n, names=names, sides=sides, wide=wide)
    figure = draw(spec, NOTHING)
    assert what_touches(figure, spec) == []
    page = figure.get_size_inches() * 72
    extents = extents_of(figure)
    assert (extents[:, :2] >= 0).all()
    assert (extents[:, 2:] <= page).all()


def test_the_check_finds_what_overlaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Straight arrows of 12 items run through each other's loadings; a crowded page overlaps."""
    spec = diagram("bifactor", 12, wide=True)
    monkeypatch.setattr(factor_layout, "_BENDS", (0.0,))
    assert any(found.startswith("arrow") for found in what_touches(draw(spec, NOTHING), spec))
    monkeypatch.setattr(factor_layout, "_BETWEEN_ROWS", -12.0)
    kinds = {found.split()[0] for found in what_touches(draw(spec, NOTHING), spec)}
    assert {"texts", "box", "nodes"} <= kinds


@pytest.mark.parametrize("n", [3, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_each_loading_stands_before_its_item_on_an_arrow_from_its_factor(
    kind: Kind, n: int
) -> None:
    spec = diagram(kind, n)
    figure = draw(spec, NOTHING)
    frames = dict(zip((node.name for node in spec.nodes), corners(figure, nodes=True), strict=True))
    places = corners(figure, nodes=False)
    shown = words(figure)[-len(spec.paths) :]
    values = solution(kind, NAMES["short"](n), alike=False)
    for path, text, place, arrow in zip(spec.paths, shown, places, arrows_of(figure), strict=True):
        value = values[path.start, "~~" if path.both else "=~", path.end]
        assert text == format_value(value, "correlation")
        points = points_of(arrow)
        for end, frame in ((points[0], frames[path.start]), (points[-1], frames[path.end])):
            assert (end > frame[:2] - PIXEL).all()
            assert (end < frame[2:] + PIXEL).all()
        if path.end[-2] != "_":
            continue
        item = frames[path.end]
        others = [abs(place[[1, 3]].mean() - frame[[1, 3]].mean()) for frame in frames.values()]
        # No row is nearer than that of its item.
        assert abs(place[[1, 3]].mean() - item[[1, 3]].mean()) == min(others)
        assert max(place[0] - item[2], item[0] - place[2]) == pytest.approx(
            8.0, abs=6.0
        )  # the arrow's head


@pytest.mark.parametrize("kind", KINDS)
def test_members_who_are_alike_are_drawn_as_mirror_images(kind: Kind) -> None:
    spec = diagram(kind, 6, sides="alike")
    figure = draw(spec, NOTHING)
    width = 72 * figure.get_figwidth()
    for found in (corners(figure, nodes=True), corners(figure, nodes=False)):
        turned = np.stack([width - found[:, 2], found[:, 1], width - found[:, 0], found[:, 3]], 1)
        order, other = (np.lexsort(np.round(each, 3).T) for each in (found, turned))
        np.testing.assert_allclose(found[order], turned[other], atol=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_where_factors_stand(kind: Kind) -> None:
    """Members' factors lie between their items; beside a factor of the dyad, on the outside."""
    spec = diagram(kind, 5)
    found = corners(draw(spec, NOTHING), nodes=True)
    at = {
        node.name: box.reshape(2, 2).mean(axis=0)
        for node, box in zip(spec.nodes, found, strict=True)
    }
    expected = {
        "correlated": ["trust_1_1", "f1", "f2", "trust_1_2"],
        "one_factor": ["trust_1_1", "dyad", "trust_1_2"],
        "hierarchical": ["trust_1_1", "f1", "dyad", "f2", "trust_1_2"],
        "bifactor": ["f1", "trust_1_1", "dyad", "trust_1_2", "f2"],
    }[kind]
    assert sorted(expected, key=lambda name: at[name][0]) == expected
    level = at["trust_3_1"][1]
    assert all(at[name][1] == pytest.approx(level) for name in ("f1", "f2") if name in at)
    if kind == "hierarchical":
        assert at["dyad"][1] < level - 40.0
    assert ("dyad" in at) == (kind != "correlated")
    shown = words(draw(spec, NOTHING))
    # The word of a role is not broken, above its items or on its factor.
    assert shown.count("Developee") == (1 if kind == "one_factor" else 2)


def test_captions_say_what_is_not_drawn() -> None:
    spec = diagram("correlated", 4)
    assert spec.caption == (
        "Standardised loadings and the correlation of factors. Residuals, which correlate between "
        "members item by item (r from .05 to .20), are not drawn."
    )
    items = NAMES["short"](3)
    values = solution("bifactor", items, alike=True)
    asked = {"label": "Trust", "key": "all", "remark": "Not to be read."}
    shown = factor_diagram("bifactor", values, items, SIDES["alike"], **asked)
    assert shown.caption == (
        "Standardised loadings. Factors are not correlated. Residuals, which correlate between "
        "members item by item (r from .05 to .15), are not drawn. Not to be read."
    )
    hidden = factor_diagram(
        "bifactor", values, items, SIDES["alike"], **asked, hidden=frozenset({"all"})
    )
    assert hidden.caption == (
        "Standardised loadings. Factors are not correlated. Residuals, which correlate between "
        "members item by item, are not drawn."
    )


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_numbers_leave_no_trace(kind: Kind) -> None:
    """Diagrams that differ in hidden numbers only, or have none of them, are the same file."""
    spec, hidden = diagram(kind, 6), frozenset({"all"})
    other = diagram(kind, 6, wide=True)
    absent = replace(
        spec, paths=tuple(replace(path, label=Cell(None, "all")) for path in spec.paths)
    )
    figure = draw(spec, hidden)
    assert words(figure).count("s") == len(spec.paths)
    assert HIDDEN_NOTE in words(figure)
    assert what_touches(figure, spec) == []
    assert to_svg(figure) == to_svg(draw(other, hidden)) == to_svg(draw(absent, hidden))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(other, NOTHING))
