"""How a structural equation model was fitted, for its notes and its methods text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dyadkit.models.design import DesignColumns
from dyadkit.sem.solution import Information

_NO_DESIGN = DesignColumns()


@dataclass(frozen=True, slots=True)
class Setup:
    """What was asked for, and what was fitted.

    Attributes
    ----------
    model : str
        The syntax, as written.
    auto, missing, information, engine, estimator : str
        As in `dyadkit.fit_sem`.
    unit : str
        What a row is: "dyad" or "row".
    n_dropped : int
        Rows left out.
    dropped_why : str
        What these lack.
    n_missing : int
        Missing scores among the rows used.
    n_persons : int
        Distinct persons behind the rows; 0 where unknown.
    fewest_persons : int
        Distinct persons in the role that has fewest; 0 where unknown.
    shared : tuple of str
        Roles in which one person belongs to several dyads.
    from_moments : bool
        Whether a covariance matrix took the place of data.
    columns : DesignColumns
        Where groups, clusters and sampling weights stand.
    labels : tuple of str
        The groups; empty where there is one only.
    sizes : tuple of int
        Rows of each.
    request : mapping
        The arguments that fit the same model to other data.
    n_clusters : int
        Distinct clusters; 0 where there are none.
    """

    model: str
    auto: str
    missing: str
    information: Information
    unit: str
    n_dropped: int = 0
    dropped_why: str = ""
    n_missing: int = 0
    n_persons: int = 0
    fewest_persons: int = 0
    shared: tuple[str, ...] = ()
    from_moments: bool = False
    engine: str = "dyadkit"
    estimator: str = "ML"
    columns: DesignColumns = _NO_DESIGN
    labels: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    n_clusters: int = 0
