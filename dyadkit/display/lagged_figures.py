"""Figures of series over time as specifications: which wave of which acts on which."""

from __future__ import annotations

from dataclasses import dataclass

from dyadkit.display.tables import Cell

MOST_KINDS = 4


@dataclass(frozen=True, slots=True)
class LaggedPath:
    """An arrow between two boxes of a `LaggedFigure`, whose rows and columns count from 0.

    Attributes
    ----------
    source, target : int
        The rows from which and to which it leads.
    before, now : int
        The columns: an effect leads to the next one or, within its row, to that after it.  In one
        column it is a correlation, with the row below.
    label : Cell
        What stands on it.
    kind : int
        Its place among the kinds of the figure.
    faint : bool
        Whether it is drawn thin and dashed, as one whose interval includes zero.
    """

    source: int
    target: int
    before: int
    now: int
    label: Cell
    kind: int = 0
    faint: bool = False

    @property
    def lag(self) -> int:
        """How many columns it leads on."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class LaggedFigure:
    """A diagram of a panel: a row for each series, a column for each wave, and effects over time.

    Columns that do not stand side by side go on below, from a column that is drawn again.

    Attributes
    ----------
    series, waves : tuple of str
        What rows are called, and what boxes say.
    paths : tuple of LaggedPath
        One at most from a box to another.
    kinds : tuple of str
        What the legend calls the kinds of effects, each with a line of its own; four at most.
        Those without a path are left out.
    without : frozenset of (int, int)
        The rows and columns where there is no box.

    Examples
    --------
    >>> paths = (LaggedPath(0, 0, 0, 1, Cell(0.5, "all", "correlation")),)
    >>> spec = LaggedFigure("paths", "Paths", "A path.", ("Trust",), ("T1", "T2"), paths, ("On",))
    >>> spec.paths[0].lag
    1
    """

    name: str
    title: str
    alt: str
    series: tuple[str, ...]
    waves: tuple[str, ...]
    paths: tuple[LaggedPath, ...]
    kinds: tuple[str, ...]
    caption: str = ""
    without: frozenset[tuple[int, int]] = frozenset()

    def __post_init__(self) -> None:
        ends = [(path.source, path.target, path.before, path.now) for path in self.paths]
        if len(set(ends)) < len(ends):
            raise ValueError(f"lagged figure '{self.name}': a path is drawn twice")
        for path in self.paths:
            if found := self._wrong(path):
                raise ValueError(f"lagged figure '{self.name}': {found}")

    def _wrong(self, path: LaggedPath) -> str:
        here = path.source, path.target, path.before, path.now
        ends = zip(here, (len(self.series),) * 2 + (len(self.waves),) * 2, strict=True)
        boxes = {(path.source, path.before), (path.target, path.now)}
        if boxes & self.without or not all(0 <= end < count for end, count in ends):
            return "a path has no box at its end"
        if not path.lag:
            below = path.target == path.source + 1
            return "" if below else "a correlation is not with the row below"
        if path.lag not in (1, 2) or (path.lag == 2 and path.source != path.target):
            return "an effect leads neither to the next column nor, in its row, to that after it"
        return "" if 0 <= path.kind < len(self.kinds) <= MOST_KINDS else "a path is of no kind"
