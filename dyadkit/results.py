"""The contract that every analysis returns: evidence, how sure it is, and what to keep in mind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

TIDY_COLUMNS = (
    "term",
    "estimate",
    "std_error",
    "statistic",
    "df",
    "p_value",
    "conf_low",
    "conf_high",
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader must know: an assumption, a warning, or what was refused and why.

    Attributes
    ----------
    text : str
    level : str
        ``"info"`` or ``"warning"``.
    key : str
        The support of what the note gives away about answers, such as their number; empty where
        it tells of nobody.  A note whose support must stay hidden is not published.
    """

    text: str
    level: Literal["info", "warning"] = "info"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Convergence:
    """How an optimisation ended.

    Attributes
    ----------
    converged : bool
        Whether gradient and information say that this is the optimum.
    iterations : int
        Steps taken.
    gradient_norm : float
        Largest absolute element of the scaled gradient at the end.
    admissible : bool
        Whether every variance is positive and every covariance matrix positive definite.
    """

    converged: bool
    iterations: int
    gradient_norm: float
    admissible: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding that other analyses of the same scale must respect.

    Attributes
    ----------
    subject : str
        The variable.
    property : str
        What holds or does not, such as "equal intercepts across roles".
    holds : bool
    text : str
        The same in a sentence, with what follows from it.
    types : tuple of str
        The types of analyses that it concerns; empty for all.
    """

    subject: str
    property: str
    holds: bool
    text: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Support:
    """How many people stand behind a published number.

    Attributes
    ----------
    key : str
        The name by which estimates, table cells and figure marks refer to it.
    dyads : int
        Distinct dyads.
    persons : int
        Distinct persons in the role that has fewest.
    """

    key: str
    dyads: int
    persons: int


@dataclass(frozen=True, slots=True)
class Total:
    """A number that is the sum (or the pooled mean) of others, so that it can give one back.

    Attributes
    ----------
    whole : str
        Support key of the sum.
    parts : tuple of str
        Support keys of what it sums; no person or dyad stands behind two of them.
    """

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """Variables that an analysis gives to other analyses; for the researcher's own screen.

    Attributes
    ----------
    data : DataFrame
        Keys, such as ``dyad`` and ``wave``, and one column a variable.
    labels : mapping of str to str
        What a reader sees of each.
    """

    data: pd.DataFrame
    labels: Mapping[str, str]


class Estimates:
    """The rows behind `Result.tidy`, each with the key of the people that support it.

    Parameters
    ----------
    rows : iterable of mapping
        One mapping a row; ``term`` and ``estimate`` at least.
    keys : sequence of str
        One support key a row.
    """

    __slots__ = ("_frame", "keys")

    def __init__(self, rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> None:
        frame = pd.DataFrame(list(rows))
        frame["term"] = frame["term"].astype(str) if "term" in frame else pd.Series(dtype=str)
        for column in TIDY_COLUMNS[1:]:
            frame[column] = frame[column].astype(float) if column in frame else float("nan")
        extra = [column for column in frame.columns if column not in TIDY_COLUMNS]
        self._frame = frame[[TIDY_COLUMNS[0], *extra, *TIDY_COLUMNS[1:]]]
        self.keys = tuple(keys)
        if len(self.keys) != len(self._frame):
            raise ValueError(f"{len(self._frame)} rows of estimates with {len(self.keys)} keys")

    def __len__(self) -> int:
        return len(self._frame)

    def frame(self) -> pd.DataFrame:
        """Return a copy of the rows as a DataFrame."""
        return self._frame.copy()


class Result(ABC):
    """What every analysis returns; immutable, picklable, and showing itself in Jupyter."""

    type: str
    title: str
    notes: tuple[Note, ...]
    verdicts: tuple[Verdict, ...]
    convergence: Convergence | None

    @abstractmethod
    def tidy(self) -> pd.DataFrame:
        """Return one row per estimate, numeric columns numeric."""

    @abstractmethod
    def glance(self) -> pd.DataFrame:
        """Return one row about the whole analysis."""

    @abstractmethod
    def tables(self) -> Mapping[str, Any]:
        """Return the named, publication-ready tables."""

    @abstractmethod
    def figures(self) -> Mapping[str, MatplotlibFigure]:
        """Return the named figures."""
