"""The rows that a mixed model is fitted to, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from dyadkit.estimation.arrays import IntArray

Values = np.ndarray | ExtensionArray


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that a model is fitted to.

    Attributes
    ----------
    values : mapping of str to array
        The columns that the model needs; categorical roles in their order.
    places : ndarray of int
        Where the rows stood in the data.
    index : Index
        Of the data.
    n_read : int
    dropped : mapping of str to int
        Rows left out, by reason.
    """

    values: Mapping[str, Values]
    places: IntArray
    index: pd.Index
    n_read: int
    dropped: dict[str, int]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns as a DataFrame, with a new index."""
        return pd.DataFrame(dict(self.values))


def values_of(column: pd.Series) -> Values:
    """Return a column's values: of what NumPy has no type for, as pandas keeps them."""
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array
