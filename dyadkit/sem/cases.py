"""The rows that a model is fitted to, and how they belong together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.sample import Records, Sample, mean_and_scatter, records_of, sample_of_moments


@dataclass(frozen=True, eq=False)
class Cases:
    """The rows of a data set.

    Attributes
    ----------
    values : ndarray, shape (n, p)
        Scores of the observed variables; NaN is missing, and every row has a score.
    group : ndarray of int, shape (n,), or None
        Group of each row from 0, each with rows.
    cluster : ndarray of int, shape (n,), or None
        Cluster of each row from 0; a cluster lies in one group.
    weights : ndarray, shape (n,), or None
        Sampling weights, whose sum is n.
    """

    values: FloatArray
    group: IntArray | None = None
    cluster: IntArray | None = None
    weights: FloatArray | None = None

    @cached_property
    def groups(self) -> IntArray:
        """Group of each row, 0 where there is one only."""
        return np.zeros(self.values.shape[0], dtype=np.int64) if self.group is None else self.group

    @cached_property
    def n_groups(self) -> int:
        """Number of groups."""
        return 1 if self.group is None else int(self.group.max()) + 1

    @cached_property
    def records(self) -> Records:
        """The rows sorted by group and pattern of missing scores."""
        return records_of(self.values, self.group)

    @property
    def units(self) -> IntArray | None:
        """The unit of each row that is independent of others: its cluster, or None: itself."""
        return self.cluster

    @cached_property
    def n_units(self) -> int:
        """Number of independent units."""
        return self.values.shape[0] if self.cluster is None else int(self.cluster.max()) + 1

    @cached_property
    def unit_groups(self) -> IntArray:
        """Group of each unit."""
        if self.cluster is None:
            return self.groups
        group = np.zeros(self.n_units, dtype=np.int64)
        group[self.cluster] = self.groups
        return group

    def rows_of(self, group: int) -> FloatArray:
        """Return the scores of a group."""
        return self.values if self.group is None else self.values[self.group == group]

    def weights_of(self, group: int) -> FloatArray | None:
        """Return the weights of a group's rows."""
        if self.weights is None or self.group is None:
            return self.weights
        return np.asarray(self.weights[self.group == group])

    def sample(self) -> Sample:
        """Return the moments of the rows, a stack of one."""
        if self.weights is not None:
            return self.records.weighted(self.weights[None])
        if np.isnan(self.values.min()):
            return self.records.sample()
        parts = [mean_and_scatter(self.rows_of(g)) for g in range(self.n_groups)]
        return sample_of_moments(
            np.bincount(self.groups).tolist(),
            [mean for mean, _ in parts],
            [scatter for _, scatter in parts],
        )
