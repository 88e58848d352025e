"""Participant-flow diagrams: who came in, who was left out and why (after CONSORT 2010)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from dyadkit.display.drawing.lettering import height, widest, wrap, write
from dyadkit.display.drawing.style import (
    BODY,
    INK,
    MARGIN,
    MUTED,
    RULE,
    SMALL,
    WIDTH,
    Page,
    block,
    cut_page,
    new_page,
    rule,
)
from dyadkit.display.figures import FlowDiagram, FlowStep

_PADDING = 5.0
_APART = 1.0
_GUTTER = 14.0
_STEM = 20.0
_CLEAR = 9.0
_BESIDE = 13.0
_HEAD = 4.5
_FILL = "#eef4fa"
_MIDDLE_WIDTH = (150.0, 250.0)
_SIDE_WIDTH = (110.0, 200.0)
# Where along a box its arrow leaves: the more streams, the more room the box beside it needs.
_LEAVES = {2: 0.3, 3: 0.18}
_LEAVES_MANY = 0.14


@dataclass(frozen=True, slots=True)
class Lane:
    """Where the boxes of a stream lie, where its arrows run, and where its side boxes end."""

    left: float
    right: float
    arrow: float
    reach: float


def draw_flow_diagram(spec: FlowDiagram) -> Figure:
    """Draw a participant-flow diagram; its lines are texts in which nothing is left to hide."""
    page = new_page()
    streams = [stream for stream in spec.streams if stream]
    lone = len(streams) == 1
    middle = _middle_lane([*spec.merged, *(streams[0] if lone else ())])
    lanes = [middle] if lone else _lanes(streams)
    top = MARGIN
    lowest = [MARGIN]
    starts = [MARGIN] * len(streams)
    for row in range(max((len(stream) for stream in streams), default=0)):
        present = [at for at, stream in enumerate(streams) if row < len(stream)]
        down = max(_box_height(lanes[at], streams[at][row]) for at in present)
        for at in present:
            step = streams[at][row]
            if row:
                _arrow(page, (lanes[at].arrow, starts[at]), (lanes[at].arrow, top))
            _draw_box(page, lanes[at], step, top, down)
            lowest.append(_draw_left_out(page, lanes[at], step, top + down))
            starts[at] = top + down
        top += down + max(_room_below(lanes[at], streams[at][row]) for at in present)

    if spec.merged and len(streams) > 1:
        for lane, start in zip(lanes, starts, strict=True):
            rule(page, (lane.arrow, lane.arrow), (start, top), colour=INK)
        places = [middle.arrow, *(lane.arrow for lane in lanes)]
        rule(page, (min(places), max(places)), (top, top), colour=INK)
        starts, top = [top], top + _STEM
    for step in spec.merged:
        down = _box_height(middle, step)
        if starts:
            _arrow(page, (middle.arrow, starts[0]), (middle.arrow, top))
        _draw_box(page, middle, step, top, down)
        lowest.append(_draw_left_out(page, middle, step, top + down))
        starts = [top + down]
        top += down + _room_below(middle, step)
    return cut_page(page, max(lowest) + MARGIN)


def _middle_lane(steps: Sequence[FlowStep]) -> Lane:
    """Return the lane in the middle of the page, as wide as its texts but within limits."""
    across = max(
        widest([step.heading for step in steps], BODY, bold=True),
        widest([line for step in steps for line in step.lines], SMALL),
    )
    beside = widest([line for step in steps for line in step.left_out], SMALL)
    half = _within(across + 2 * _PADDING + 8.0, *_MIDDLE_WIDTH) / 2
    reach = _BESIDE + _within(beside + 2 * _PADDING + 8.0, *_SIDE_WIDTH)
    centre = WIDTH / 2
    return Lane(centre - half, centre + half, centre, centre + reach)


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _lanes(streams: Sequence[Sequence[FlowStep]]) -> list[Lane]:
    """Share the page between streams; without side boxes the arrows run in the middle."""
    count = len(streams)
    across = (WIDTH - 2 * MARGIN - (count - 1) * _GUTTER) / max(count, 1)
    beside = any(step.left_out for stream in streams for step in stream)
    leaves = _LEAVES.get(count, _LEAVES_MANY) if beside else 0.5
    lefts = [MARGIN + number * (across + _GUTTER) for number in range(count)]
    return [Lane(left, left + across, left + leaves * across, left + across) for left in lefts]


def _texts(lane: Lane, step: FlowStep) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of a box: its heading and the rest."""
    room = lane.right - lane.left - 2 * _PADDING
    heading = wrap(step.heading, room, BODY, bold=True) if step.heading.strip() else ()
    return heading, tuple(part for line in step.lines for part in wrap(line, room, SMALL))


def _beside(lane: Lane, step: FlowStep) -> tuple[str, ...]:
    room = lane.reach - lane.arrow - _BESIDE - 2 * _PADDING
    return tuple(part for line in step.left_out for part in wrap(line, room, SMALL))


def _box_height(lane: Lane, step: FlowStep) -> float:
    heading, lines = _texts(lane, step)
    return height(heading) + _APART + height(lines, SMALL) + 2 * _PADDING


def _room_below(lane: Lane, step: FlowStep) -> float:
    """Return how far below a box the next one begins."""
    lines = _beside(lane, step)
    return height(lines, SMALL) + 2 * _PADDING + 2 * _CLEAR if lines else _STEM


def _draw_box(page: Page, lane: Lane, step: FlowStep, top: float, down: float) -> None:
    block(page, lane.left, top, lane.right - lane.left, down, fill=_FILL, edge=INK)
    heading, lines = _texts(lane, step)
    below = write(page, lane.left + _PADDING, top + _PADDING, heading, bold=True)
    write(page, lane.left + _PADDING, below + _APART, lines, size=SMALL)


def _draw_left_out(page: Page, lane: Lane, step: FlowStep, bottom: float) -> float:
    """Draw the box beside the arrow that leaves a box, if any, and return where all this ends."""
    lines = _beside(lane, step)
    if not lines:
        return bottom
    left, top = lane.arrow + _BESIDE, bottom + _CLEAR
    down = height(lines, SMALL) + 2 * _PADDING
    middle = top + down / 2
    # Where no box follows, nothing else draws this part of the stem.
    rule(page, (lane.arrow, lane.arrow), (bottom, middle), colour=INK)
    _arrow(page, (lane.arrow, middle), (left, middle))
    block(page, left, top, lane.reach - left, down, fill="white", edge=RULE, thickness=0.6)
    write(page, left + _PADDING, top + _PADDING, lines, size=SMALL, colour=MUTED)
    return top + down


def _arrow(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a level or an upright arrow."""
    (from_x, from_y), (to_x, to_y) = start, end
    if from_x == to_x:
        neck = (to_x, to_y - _HEAD)
        wings = [(to_x - _HEAD / 2, neck[1]), (to_x + _HEAD / 2, neck[1])]
    else:
        neck = (to_x - _HEAD, to_y)
        wings = [(neck[0], to_y - _HEAD / 2), (neck[0], to_y + _HEAD / 2)]
    rule(page, (from_x, neck[0]), (from_y, neck[1]), colour=INK)
    page.canvas.add_patch(Polygon([end, *wings], closed=True, facecolor=INK, edgecolor="none"))
