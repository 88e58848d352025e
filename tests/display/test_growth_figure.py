"""Diagrams of growth: nothing overlaps, whatever is drawn, and nothing hidden shows."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from matplotlib.colors import to_hex

from dyadkit.display.drawing import draw, growth_layout, to_svg
from dyadkit.display.drawing.style import HIDDEN_NOTE, INK, MUTED, RULE
from dyadkit.display.figures import GrowthArrow, GrowthFactor, GrowthFigure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell
from tests.display.clear import (
    PIXEL,
    arrows_of,
    corners,
    points_of,
    touching_in_panel,
)
from tests.display.drawn import NASTY, NOTHING, QUESTION, words
from tests.display.panels import COVARIATES, LATER, LONG, SHAPES, SHORT, WAVES, growth_figure

ALL = frozenset({"all"})
LATEST = LATER * 2
# The text of an A4 page is 16 cm wide, and a figure takes 80 % of its height of 24.7 cm at most.
TALLEST = 468 * 0.8 * 24.7 / 16


def figure_of(
    shape: str, rows: int, waves: int, covariates: int = 0, *, long: bool = False, unit: float = 1.0
) -> GrowthFigure:
    names, columns = (LONG, LATEST) if long else (SHORT, WAVES)
    free = shape == "latent_basis"
    parts = names[:rows], columns[:waves], SHAPES[shape], COVARIATES[:covariates]
    return growth_figure(*parts, free=free, unit=unit)


@pytest.mark.parametrize("covariates", [0, 3])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("waves", [3, 4, 5, 10])
def test_nothing_overlaps(waves: int, rows: int, shape: str, covariates: int) -> None:
    for long in (False, True):
        spec = figure_of(shape, rows, waves, covariates, long=long)
        figure = draw(spec, NOTHING)
        assert touching_in_panel(figure, spec) == []
        assert figure.get_figheight() * 72 < TALLEST
    figure = draw(spec, ALL)
    assert touching_in_panel(figure, spec) == []


@pytest.mark.parametrize("covariates", [1, 5, 8])
@pytest.mark.parametrize("shape", SHAPES)
def test_many_covariates_and_long_loadings_do_not_overlap(shape: str, covariates: int) -> None:
    for waves in (6, 10):
        spec = figure_of(shape, 2, waves, covariates, long=True, unit=365.0)
        figure = draw(spec, NOTHING)
        assert touching_in_panel(figure, spec) == []
        assert figure.get_figheight() * 72 < TALLEST


@pytest.mark.parametrize("shape", SHAPES)
def test_as_many_waves_as_there_may_be_do_not_overlap(shape: str) -> None:
    waves = tuple(f"T{wave}" for wave in range(1, 17))
    spec = growth_figure(SHORT[:2], waves, SHAPES[shape], free=shape == "latent_basis")
    assert touching_in_panel(draw(spec, NOTHING), spec) == []


@pytest.mark.parametrize("covariates", [(), NASTY[:3], NASTY])
@pytest.mark.parametrize("waves", [1, 3, 8])
def test_names_of_any_kind_do_not_overlap(waves: int, covariates: tuple[str, ...]) -> None:
    for factors in (NASTY[:1], NASTY[2:4], NASTY[4:7]):
        for series in ((QUESTION,), NASTY[3:5]):
            spec = growth_figure(series, NASTY[:waves], factors, covariates, values=NASTY[:5])
            found = touching_in_panel(draw(spec, NOTHING), spec)
            # One name is empty.
            assert [one for one in found if one != "empty"] == []


RELATED, EXPLAINED = figure_of("quadratic", 2, 10), figure_of("linear", 2, 5, 3)


@pytest.mark.parametrize(
    ("spec", "changed", "said"),
    [
        (RELATED, {"_HEAD": -4.0}, {"label"}),
        (RELATED, {"_LANE": -12.0}, {"arrow"}),
        (RELATED, {"_LANE_ENDS": 0.0}, {"arrows"}),
        (RELATED, {"_BETWEEN_LANES": 2.0}, {"labels", "arrow"}),
        (RELATED, {"_AFTER_HEADING": -8.0}, {"texts", "box"}),
        (RELATED, {"_depth": lambda *_: 16.0}, {"oval"}),
        (RELATED, {"SMALL": 6.0}, {"size"}),
        (figure_of("linear", 1, 10, long=True), {"_BETWEEN_BOXES": -6.0}, {"boxes"}),
        (EXPLAINED, {"_BELOW": -14.0}, {"arrow"}),
        (EXPLAINED, {"_RUN": -20.0}, {"arrow", "label"}),
        (EXPLAINED, {"_EASY_PITCH": 9.0, "_LABEL_PAD": -4.0}, {"texts", "arrow"}),
        (EXPLAINED, {"_BETWEEN_OVALS": -120.0, "_WIDEST_OVAL": 300.0}, {"boxes"}),
    ],
)
def test_the_check_finds_what_overlaps(
    monkeypatch: pytest.MonkeyPatch, spec: GrowthFigure, changed: dict[str, object], said: set[str]
) -> None:
    assert touching_in_panel(draw(spec, NOTHING), spec) == []
    for name, value in changed.items():
        monkeypatch.setattr(growth_layout, name, value)
        if name == "SMALL":
            monkeypatch.setattr("dyadkit.display.drawing.growth.SMALL", value)
    assert said <= {found.split()[0] for found in touching_in_panel(draw(spec, NOTHING), spec)}


@pytest.mark.parametrize("covariates", [0, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_arrows_lead_from_one_end_to_the_other_in_the_order_of_sources(
    shape: str, covariates: int
) -> None:
    spec = figure_of(shape, 2, 5, covariates)
    figure = draw(spec, NOTHING)
    frames, labels = corners(figure, nodes=True), corners(figure, nodes=False)
    count, many = len(SHAPES[shape]), len(spec.waves)
    waves = frames[: 2 * many].reshape(2, many, 4)
    boxes = frames[2 * many : 2 * many + covariates]
    ovals = frames[2 * many + covariates :].reshape(2, count, 4)
    lines = [points_of(one) for one in arrows_of(figure)]
    shown = words(figure)[-len(spec.paths) :]
    for path, text in zip(spec.paths, shown, strict=True):
        assert text == format_value(path.label.value, path.label.style or "text")
    ends: dict[tuple[object, ...], list[tuple[int, float]]] = {}
    for number, (path, line, label) in enumerate(zip(spec.paths, lines, labels, strict=True)):
        if number < len(spec.loadings):
            # Waves of the first series are above its factors, those of the second one below.
            above = path.end[0] == 0
            one, two = ovals[path.start], waves[path.end]
        elif number < len(spec.loadings) + len(spec.effects):
            above = path.end[0] == 0
            one, two = boxes[path.start[1]], ovals[path.end]
            # On the side of covariates, at a place of the oval's edge.
            x, y = (line[-1] - two[:2]) / (two[2:] - two[:2])
            assert (2 * x - 1) ** 2 + (2 * y - 1) ** 2 == pytest.approx(1.0)
            assert (y > 0.5) == above
        else:
            assert path.start[1] <= path.end[1] or path.start[0] < path.end[0]
            continue
        assert line[0][0] == pytest.approx((one[0] + one[2]) / 2, abs=PIXEL)
        assert line[0][1] == pytest.approx(one[1] if above else one[3], abs=PIXEL)
        assert two[0] < line[-1][0] < two[2]
        if number < len(spec.loadings):
            assert line[-1][1] == pytest.approx(two[3] if above else two[1], abs=PIXEL)
        # Upright from beside its label on.
        beside = line[(line[:, 1] > label[1]) & (line[:, 1] < label[3])]
        assert len(beside)
        np.testing.assert_allclose(beside[:, 0], line[-1][0])
        assert label[[0, 2]].mean() == pytest.approx(line[-1][0])
        ends.setdefault((number < len(spec.loadings), path.end), []).append(
            (path.start[1], line[-1][0])
        )
    for found in ends.values():
        assert [source for source, _ in sorted(found, key=lambda each: each[1])] == sorted(
            source for source, _ in found
        )


def test_correlations_join_the_factors_they_are_of() -> None:
    for shape, rows, count in (("linear", 1, 1), ("linear", 2, 6), ("quadratic", 2, 9)):
        spec = figure_of(shape, rows, 5)
        assert len(spec.correlations) == count
        figure = draw(spec, NOTHING)
        ovals = corners(figure, nodes=True)[rows * 5 :].reshape(rows, len(SHAPES[shape]), 4)
        drawn = arrows_of(figure)[len(spec.loadings) :]
        for path, arrow in zip(spec.correlations, drawn, strict=True):
            ends = points_of(arrow)[[0, -1]]
            joined = [ovals[path.start], ovals[path.end]]
            for end in ends:
                on = [
                    abs((((end - oval[:2]) / (oval[2:] - oval[:2]) * 2 - 1) ** 2).sum() - 1) < 1e-6
                    for oval in joined
                ]
                assert sum(on) == 1
            assert to_hex(arrow.get_edgecolor()) == MUTED


def test_fixed_loadings_are_told_from_estimated_ones_in_greyscale() -> None:
    spec = figure_of("latent_basis", 1, 4)
    arrows = arrows_of(draw(spec, NOTHING))
    looks = {
        path.label.key is None: (to_hex(arrow.get_edgecolor()), arrow.get_linewidth())
        for path, arrow in zip(spec.loadings, arrows, strict=False)
    }
    assert (looks[True][0], looks[False][0]) == (RULE, INK)
    assert looks[True][1] < looks[False][1]
    # A loading and a correlation with the same ends and label look as what they are.
    same = GrowthArrow((0, 0), (0, 1), Cell(0.5, "all", "correlation"))
    one = replace(spec, loadings=(same,), correlations=(same,))
    loading, correlation = arrows_of(draw(one, NOTHING))
    assert to_hex(loading.get_edgecolor()) == INK != to_hex(correlation.get_edgecolor())


def test_effects_whose_interval_includes_zero_are_thin_and_dashed() -> None:
    spec = figure_of("linear", 1, 4, 2)
    effects = arrows_of(draw(spec, NOTHING))[len(spec.loadings) :]
    looks = {
        path.faint: (arrow.get_linestyle() == "-", arrow.get_linewidth())
        for path, arrow in zip(spec.effects, effects, strict=True)
    }
    assert not looks[True][0]
    assert looks[False][0]
    assert looks[True][1] < looks[False][1]


def spoiled(spec: GrowthFigure, key: str | None = None) -> GrowthFigure:
    """Return a figure with other estimates, all or those of a key."""

    def other(one: GrowthArrow) -> GrowthArrow:
        if one.label.key is None or (key and one.label.key != key):
            return one
        return replace(one, label=replace(one.label, value=-10.25), faint=not one.faint)

    def another(factor: GrowthFactor) -> GrowthFactor:
        return replace(
            factor,
            numbers=tuple(
                (name, cell if key and cell.key != key else replace(cell, value=1234.5678))
                for name, cell in factor.numbers
            ),
        )

    return replace(
        spec,
        **{
            name: tuple(map(other, getattr(spec, name)))
            for name in ("loadings", "effects", "correlations")
        },
        factors=tuple(tuple(map(another, row)) for row in spec.factors),
    )


@pytest.mark.parametrize("covariates", [0, 2])
def test_hidden_numbers_leave_no_trace(covariates: int) -> None:
    spec = figure_of("latent_basis", 2, 4, covariates)
    other = spoiled(spec)
    figure = draw(spec, ALL)
    shown = words(figure)
    assert shown.count("s") == sum(path.label.key == "all" for path in spec.paths)
    assert sum("M = s, s² = s" in text for text in shown) == 4
    assert HIDDEN_NOTE in shown
    assert to_svg(figure) == to_svg(draw(other, ALL))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(other, NOTHING))
    assert HIDDEN_NOTE not in words(draw(spec, NOTHING))


def test_one_hidden_number_among_others_is_told() -> None:
    spec = figure_of("linear", 2, 3)
    few = frozenset({"few"})
    first, *others = spec.correlations
    secret = replace(first, label=Cell(0.12, "few", "correlation"), faint=True)
    one = replace(spec, correlations=(secret, *others))
    figure = draw(one, few)
    assert words(figure).count("s") == 1
    assert to_svg(figure) == to_svg(draw(spoiled(one, "few"), few))
    factor = replace(spec.factors[0][0], numbers=(("M", Cell(1.0, "few", "statistic")),))
    told = replace(spec, factors=((factor, spec.factors[0][1]), spec.factors[1]))
    figure = draw(told, few)
    assert "M = s" in words(figure)
    assert HIDDEN_NOTE in words(figure)
    assert to_svg(figure) == to_svg(draw(spoiled(told, "few"), few))


def test_drawing_is_fast() -> None:
    spec = figure_of("quadratic", 2, 10, 3, long=True)
    draw(spec, NOTHING)
    begun = process_time()
    draw(spec, NOTHING)
    assert process_time() - begun < 1.0


CELL = Cell(0.1, "all", "correlation")
LOADING = GrowthArrow((0, 0), (0, 1), CELL)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"series": ()}, "one to 2 series"),
        ({"series": SHORT[:1]}, "one to 2 series"),
        ({"series": SHORT[:3], "factors": ((GrowthFactor("a"),),) * 3}, "one to 2 series"),
        ({"factors": ((GrowthFactor("a"),), (GrowthFactor("a"),) * 2)}, "same number"),
        ({"factors": ((), ())}, "same number"),
        ({"factors": ((GrowthFactor("a"),) * 4,) * 2}, "same number"),
        ({"waves": ()}, "no waves"),
        ({"waves": ("T",) * 17}, "too many"),
        ({"covariates": ("a",) * 9}, "too many"),
        ({"covariates": ("a",)}, "where there are covariates"),
        ({"loadings": (LOADING, LOADING)}, "twice"),
        ({"loadings": (replace(LOADING, end=(0, 3)),)}, "nothing at its end"),
        ({"loadings": (replace(LOADING, end=(0, -1)),)}, "nothing at its end"),
        ({"loadings": (replace(LOADING, start=(2, 0)),)}, "nothing at its end"),
        ({"loadings": (replace(LOADING, end=(1, 1)),)}, "another series"),
        ({"effects": (LOADING,)}, "nothing at its end"),
        ({"correlations": (replace(LOADING, end=(0, 0)),)}, "with itself"),
        ({"correlations": (LOADING, replace(LOADING, start=(0, 1), end=(0, 0)))}, "twice"),
        ({"correlations": (replace(LOADING, end=(1, 2)),)}, "different factors of two series"),
    ],
)
def test_what_no_growth_has_is_refused(changed: dict[str, object], said: str) -> None:
    spec = figure_of("quadratic", 2, 3)
    with pytest.raises(ValueError, match=said):
        replace(spec, **changed)  # type: ignore[arg-type]
