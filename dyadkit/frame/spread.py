"""A frame is spread over dyads once, however often its wide form is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

import pandas as pd


class SpreadOnce(ABC):
    """What remembers its own wide form; pickled without it."""

    @abstractmethod
    def _to_wide(self) -> pd.DataFrame:
        """Return one row per dyad."""

    @cached_property
    def _spread(self) -> pd.DataFrame:
        return self._to_wide()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_spread"}
