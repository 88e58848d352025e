"""How the rows of a model belong together: groups, clusters and sampling weights."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, Refused, StudyError, listed, nearest
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray

MOST_GROUPS = 50


@dataclass(frozen=True, slots=True)
class DesignColumns:
    """The columns that say how rows belong together; None where there is none.

    Attributes
    ----------
    group : str or None
        Populations, in each of which the model has parameters of its own.
    cluster : str or None
        Rows that are not independent of each other, such as those of one mentor.
    weights : str or None
        How many units of the population a row stands for.
    """

    group: str | None = None
    cluster: str | None = None
    weights: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns there are."""
        return tuple(n for n in (self.group, self.cluster, self.weights) if n is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """How n rows belong together.

    Attributes
    ----------
    group : ndarray of int, shape (n,), or None
        Number of the group in `labels`.
    labels : tuple of str
        The groups in the order in which they first appear.
    cluster : ndarray of int, shape (n,), or None
        Number of the cluster.
    weights : ndarray, shape (n,), or None
        Sampling weights, whose sum is n.
    """

    group: IntArray | None = None
    labels: tuple[str, ...] = ()
    cluster: IntArray | None = None
    weights: FloatArray | None = None

    @property
    def n_clusters(self) -> int:
        """Number of clusters; 0 where there are none."""
        return 0 if self.cluster is None else int(self.cluster.max()) + 1


def known_rows(frame: pd.DataFrame, columns: DesignColumns) -> BoolArray:
    """Tell which rows have every column of the design.

    Raises
    ------
    StudyError
        When the data do not have a column.
    """
    available = [str(name) for name in frame.columns]
    for what, name in (
        ("group", columns.group),
        ("cluster", columns.cluster),
        ("sampling_weights", columns.weights),
    ):
        if name is not None and available.count(name) != 1:
            raise StudyError(
                f"{what}={name!r} is not a column of the data.{nearest(name, available)} The data "
                f"have {listed(available, 20)}."
                if name not in available
                else f"The data have more than one column called {name!r} ({what}=)."
            )
    known = np.ones(len(frame), dtype=np.bool_)
    for name in columns.names:
        known &= frame[name].notna().to_numpy(dtype=np.bool_)
    return known


def take_design(frame: pd.DataFrame, columns: DesignColumns, unit: str) -> Design:
    """Read the design off the rows that a model uses, none of them missing.

    Parameters
    ----------
    frame : DataFrame
        The rows used.
    columns : DesignColumns
    unit : str
        What a row is, for messages.

    Raises
    ------
    DataError
        When a weight is no positive number, or a cluster has rows in several groups.
    Refused
        When there is one group only, or nearly one for each row.
    """
    design = Design()
    if columns.group is not None:
        codes, labels = pd.factorize(frame[columns.group])
        if len(labels) < 2:
            raise Refused(
                f"group={columns.group!r} has one value only ({listed([str(v) for v in labels])}) "
                f"in the {len(frame)} {unit}s used, so that there are no groups to compare. Leave "
                "group= out."
            )
        if len(labels) > MOST_GROUPS:
            raise Refused(
                f"group={columns.group!r} has {len(labels)} values in {len(frame)} {unit}s, too "
                "many to fit a model in each. For persons or teams with several rows use "
                "cluster= instead."
            )
        design = replace(
            design,
            group=np.asarray(codes, dtype=np.int64),
            labels=tuple(group_label(value) for value in labels),
        )
    if columns.cluster is not None:
        codes, labels = pd.factorize(frame[columns.cluster])
        cluster = np.asarray(codes, dtype=np.int64)
        _require_nested(cluster, [str(value) for value in labels], design, columns)
        design = replace(design, cluster=cluster)
    if columns.weights is not None:
        design = replace(design, weights=_weights(frame[columns.weights], columns.weights))
    return design


def group_label(value: object) -> str:
    """Return what a fit calls a group."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _require_nested(
    cluster: IntArray, names: list[str], design: Design, columns: DesignColumns
) -> None:
    count = len(names)
    if count < 2:
        raise Refused(
            f"cluster={columns.cluster!r} has one value only, and the variation between clusters "
            "cannot be estimated from one. Leave cluster= out, or name the column of the persons "
            "or teams that rows share."
        )
    if design.group is None:
        return
    pairs = np.unique(np.stack([cluster, design.group]), axis=1)
    crossing = np.flatnonzero(np.bincount(pairs[0], minlength=count) > 1)
    if crossing.size:
        raise DataError(
            f"{crossing.size} cluster(s) of {columns.cluster!r} have rows in more than one group "
            f"of {columns.group!r}: {listed([names[n] for n in crossing.tolist()])}. Groups must "
            "be independent samples. Correct the ids, or model the difference between groups with "
            "a covariate in place of group=."
        )


def _weights(column: pd.Series, name: str) -> FloatArray:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise DataError(f"sampling_weights={name!r} is not numeric: it holds {column.dtype}.")
    weights = column.to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~(weights > 0.0) | ~np.isfinite(weights))
    if bad.size:
        raise DataError(
            f"{bad.size} sampling weight(s) of {name!r} are not positive numbers, the first "
            f"{weights[bad[0]]:g}. A row that stands for no one has no place in the sample: drop "
            "these rows, or correct the weights.",
        )
    return np.asarray(weights * (weights.size / weights.sum()))
