"""What fitted models have in common: how they show and pickle themselves."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import ShownTable, Table
from dyadkit.results import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

    from dyadkit.display.figures import Figure


@dataclass(frozen=True, eq=False)
class Shown(Result):
    """A fitted model, a frozen dataclass, that is put into tables and sentences when asked."""

    @abstractmethod
    def _present(self) -> PresentedResult:
        """Put tables, figures and sentences together."""

    @cached_property
    def _presented(self) -> PresentedResult:
        return self._present()

    def tables(self) -> dict[str, ShownTable]:
        """Return the named tables, ``fit`` and ``estimates`` first."""
        return self._presented.tables()

    def figures(self) -> Mapping[str, MatplotlibFigure]:
        """Return the named figures: estimates with their intervals."""
        return self._presented.figures()

    @property
    def table_specs(self) -> tuple[Table, ...]:
        """What `tables` shows."""
        return self._presented.table_specs

    @property
    def figure_specs(self) -> tuple[Figure, ...]:
        """What `figures` shows."""
        return self._presented.figure_specs

    def text(self) -> tuple[str, ...]:
        """Return what the model says in words, from fixed templates."""
        return self._presented.text()

    def __getstate__(self) -> dict[str, Any]:
        # What is computed when asked for is computed again.
        kept = {field.name for field in fields(self)}
        return {name: value for name, value in self.__dict__.items() if name in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _repr_html_(self) -> str:
        return self._presented._repr_html_()
