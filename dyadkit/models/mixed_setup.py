"""How a linear mixed model was asked for, and to which rows it was fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dyadkit.models.mixed_formula import RandomFormula
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_structure import Wanted

DfMethod = Literal["satterthwaite", "kenward_roger"]


@dataclass(frozen=True, slots=True)
class MixedSetup:
    """What is not arrays.

    Attributes
    ----------
    formula : str
    outcome : str
    names : tuple of str
        Of the fixed effects.
    random : tuple of RandomFormula
    effects : tuple of tuple of str
        Names of each random term's effects.
    members : tuple of str
        Roles, or "1" and "2".
    levels : tuple of str
        Of the factor by which standard deviations differ, the reference first.
    columns : Columns
    wanted : Wanted
    method : str
    df : str
    confidence : float
    n_read, n_rows, n_dyads, n_one_sided, n_clusters, n_persons : int
        Rows read and used, dyads, those with one member, independent clusters, and persons in the
        role that has fewest.
    dropped : mapping of str to int
        Rows left out, by reason.
    spec : object
        Makes the design matrix of other rows.
    """

    formula: str
    outcome: str
    names: tuple[str, ...]
    random: tuple[RandomFormula, ...]
    effects: tuple[tuple[str, ...], ...]
    members: tuple[str, ...]
    levels: tuple[str, ...]
    columns: Columns
    wanted: Wanted
    method: str
    df: DfMethod
    confidence: float
    n_read: int
    n_rows: int
    n_dyads: int
    n_one_sided: int
    n_clusters: int
    n_persons: int
    dropped: dict[str, int]
    spec: Any

    @property
    def told_apart(self) -> bool:
        """Whether members have roles."""
        return self.columns.role is not None

    @property
    def likelihood(self) -> str:
        """What was maximised, in words."""
        return "restricted maximum likelihood" if self.method == "REML" else "maximum likelihood"

    @property
    def df_name(self) -> str:
        """Whose degrees of freedom, in words."""
        return "Satterthwaite" if self.df == "satterthwaite" else "Kenward–Roger"
