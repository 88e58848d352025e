"""What was fitted of a cross-lagged panel, and its effects one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from dyadkit.display.labels import role_word
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.cross_lagged import Competing, part
from dyadkit.panel.series import Series

KEY = "panel"
Estimate = Mapping[str, float]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A model, and its chi-square difference to the one with all effects."""

    model: Competing
    syntax: str
    fit: SemFit
    difference: float
    df: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """All that was fitted.

    Attributes
    ----------
    series : tuple of Series
    waves : tuple of str
        What a reader calls them.
    kind : {"clpm", "riclpm"}
    equal : bool
        Whether effects are equal between all waves.
    models : tuple of Compared
        That with all effects last.
    other : Compared or None
        The last one without random intercepts, or with them.
    confidence : float
    estimator : str
    """

    series: tuple[Series, ...]
    waves: tuple[str, ...]
    kind: str
    equal: bool
    models: tuple[Compared, ...]
    other: Compared | None
    confidence: float
    estimator: str

    @property
    def intercepts(self) -> bool:
        """Whether the models have random intercepts."""
        return self.kind == "riclpm"

    @property
    def whose(self) -> str:
        """Whose series they are, where all are of one role, after a colon."""
        roles = {one.role for one in self.series}
        return f": {role_word(*roles)}" if len(roles) == 1 and "" not in roles else ""

    @property
    def full(self) -> Compared:
        """The model with all effects."""
        return self.models[-1]


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect of one series on another, from one wave to the next or the one after."""

    source: Series
    target: Series
    before: str
    now: str
    raw: Estimate
    standardised: Estimate

    @property
    def crossed(self) -> bool:
        """Whether it is one of another series."""
        return self.source is not self.target

    @property
    def unclear(self) -> bool:
        """Whether its interval has zero in it."""
        return not (self.raw["conf_low"] > 0 or self.raw["conf_high"] < 0)


def indexed(
    fit: SemFit,
) -> tuple[dict[Key, Estimate], dict[Key, Estimate]]:
    """Return raw and standardised estimates by left-hand side, operator and right-hand side."""

    def rows(frame: pd.DataFrame) -> dict[Key, Estimate]:
        names = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
        values = frame[names].to_dict("records")
        keys = zip(frame["lhs"], frame["op"], frame["rhs"], strict=True)
        return {
            key: {str(name): float(value) for name, value in one.items()}
            for key, one in zip(keys, values, strict=True)
        }

    return rows(fit.tidy()), rows(fit.standardized())


def effects_of(
    panel: Panel,
    raw: Mapping[Key, Estimate],
    standardised: Mapping[Key, Estimate],
) -> Iterator[Effect]:
    """Yield all effects, by the series that they lead to."""
    for target in panel.series:
        for now in range(1, len(panel.waves)):
            for source in (target, *(one for one in panel.series if one is not target)):
                for before in (now - 1, now - 2):
                    key = (
                        part(target.columns[now], panel.intercepts),
                        "~",
                        part(source.columns[before], panel.intercepts),
                    )
                    if before >= 0 and key in raw:
                        waves = panel.waves[before], panel.waves[now]
                        yield Effect(source, target, *waves, raw[key], standardised[key])
