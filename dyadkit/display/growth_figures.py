"""Figures of growth as specifications: growth factors, their waves, and what goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dyadkit.display.tables import Cell

MOST_SERIES, MOST_FACTORS, MOST_WAVES, MOST_COVARIATES = 2, 3, 16, 8

Place = tuple[int, int]
"""A series, and a factor or a wave of it; both count from 0."""


@dataclass(frozen=True, slots=True)
class GrowthFactor:
    """An oval of a `GrowthFigure`.

    Attributes
    ----------
    label : str
    numbers : tuple of pair of str and Cell
        What stands below the label, such as ``("M", Cell(3.1, "all", "statistic"))``.
    """

    label: str
    numbers: tuple[tuple[str, Cell], ...] = ()


@dataclass(frozen=True, slots=True)
class GrowthArrow:
    """An arrow of a `GrowthFigure`.

    Attributes
    ----------
    start, end : Place
        Of a covariate, which belongs to no series, `start` has the series of `end`.
    label : Cell
        What stands on it.
    faint : bool
        Whether it is drawn thin and dashed, as one whose interval includes zero.
    """

    start: Place
    end: Place
    label: Cell
    faint: bool = False


@dataclass(frozen=True, slots=True)
class GrowthFigure:
    """A diagram of growth: waves in a row, below them growth factors; a second series is mirrored.

    Attributes
    ----------
    series, waves : tuple of str
        What stands at rows of boxes, and in each box.
    factors : tuple of tuple of GrowthFactor
        As many of each series.
    loadings : tuple of GrowthArrow
        From a factor to a wave of the same series.  Those without a key are fixed, and lighter.
    covariates : tuple of str
    effects : tuple of GrowthArrow
        From a covariate to a factor.
    correlations : tuple of GrowthArrow
        Between two factors; of two series with more than two factors each, between those at the
        same place.  Where there are covariates there are none.

    Examples
    --------
    >>> factors = (GrowthFactor("Level"), GrowthFactor("Change"))
    >>> loadings = tuple(GrowthArrow((0, 1), (0, wave), Cell(str(wave))) for wave in (1, 2))
    >>> spec = GrowthFigure(
    ...     "paths", "Growth", "Growth.", ("Trust",), ("T1", "T2", "T3"), (factors,), loadings
    ... )
    >>> len(spec.paths)
    2
    """

    name: str
    title: str
    alt: str
    series: tuple[str, ...]
    waves: tuple[str, ...]
    factors: tuple[tuple[GrowthFactor, ...], ...]
    loadings: tuple[GrowthArrow, ...]
    covariates: tuple[str, ...] = ()
    effects: tuple[GrowthArrow, ...] = ()
    correlations: tuple[GrowthArrow, ...] = ()
    caption: str = ""

    def __post_init__(self) -> None:
        for found in self._wrong():
            raise ValueError(f"growth figure '{self.name}': {found}")

    @property
    def paths(self) -> tuple[GrowthArrow, ...]:
        """All arrows."""
        return (*self.loadings, *self.effects, *self.correlations)

    @property
    def width(self) -> int:
        """How many factors each series has."""
        return len(self.factors[0])

    def _wrong(self) -> Iterator[str]:
        counts = {len(each) for each in self.factors}
        if not 0 < len(self.series) == len(self.factors) <= MOST_SERIES:
            yield f"there are not one to {MOST_SERIES} series with factors"
        elif len(counts) > 1 or not counts <= set(range(1, MOST_FACTORS + 1)):
            yield f"series have not the same number of factors, one to {MOST_FACTORS}"
        elif not 0 < len(self.waves) <= MOST_WAVES or len(self.covariates) > MOST_COVARIATES:
            yield "there are no waves, or too many waves or covariates"
        elif self.covariates and self.correlations:
            yield "correlations are drawn where there are covariates"
        else:
            yield from self._wrong_arrows()

    def _wrong_arrows(self) -> Iterator[str]:
        factors, waves, covariates = self.width, len(self.waves), len(self.covariates)
        for arrows, starts, ends in (
            (self.loadings, factors, waves),
            (self.effects, covariates, factors),
            (self.correlations, factors, factors),
        ):
            taken = [
                tuple(sorted((one.start, one.end)))
                if arrows is self.correlations
                else (one.start, one.end)
                for one in arrows
            ]
            if len(set(taken)) < len(taken):
                yield "an arrow is drawn twice"
            if not all(
                self._there(one.start, starts) and self._there(one.end, ends) for one in arrows
            ):
                yield "an arrow has nothing at its end"
        if any(one.start[0] != one.end[0] for one in (*self.loadings, *self.effects)):
            yield "a loading or an effect leads to another series"
        for one in self.correlations:
            if one.start == one.end:
                yield "a factor is correlated with itself"
            elif one.start[0] != one.end[0] and factors > 2 and one.start[1] != one.end[1]:
                yield "a correlation joins different factors of two series"

    def _there(self, place: Place, count: int) -> bool:
        return 0 <= place[0] < len(self.series) and 0 <= place[1] < count
