"""What was fitted of a cross-lagged panel, and its effects one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from dyadkit.display.labels import role_word
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import Estimate, Key
from dyadkit.panel.lagged.competing import Competing
from dyadkit.panel.lagged.cross_lagged import NONE, Covariates, part, stable
from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """All that was fitted.

    Attributes
    ----------
    series : tuple of Series
    waves : tuple of str
        What a reader calls them.
    kind : {"clpm", "riclpm", "common_fate", "dynamic_panel", "latent_change"}
    equal : bool
        Whether effects are equal between all waves.
    models : tuple of Compared
        That with all effects last.
    other : Compared or None
        The last one without random intercepts, or with them.
    confidence : float
    estimator : str
    exchangeable : bool
        Whether members share one role; effects are then shown of the first.
    groups : tuple of str
        In which the model has parameters of its own; one that is empty for all dyads.
    covariates : Covariates
    """

    series: tuple[Series, ...]
    waves: tuple[str, ...]
    kind: str
    equal: bool
    models: tuple[Compared[Competing], ...]
    other: Compared[Competing] | None
    confidence: float
    estimator: str
    exchangeable: bool = False
    groups: tuple[str, ...] = ("",)
    covariates: Covariates = NONE

    @property
    def targets(self) -> tuple[Series, ...]:
        """The series on which effects are shown: of exchangeable members those of the first.

        Of a dynamic panel this is y, the last.
        """
        if self.kind == "dynamic_panel":
            return self.series[1:]
        first = self.series[0].role
        return tuple(one for one in self.series if not self.exchangeable or one.role == first)

    @property
    def pairs(self) -> tuple[tuple[Series, Series], ...]:
        """The pairs of series: of exchangeable members one of those that exchanging makes alike."""
        found: dict[tuple[str, str, bool], tuple[Series, Series]] = {}
        for one, other in combinations(self.series, 2):
            key = one.name, other.name, one.role == other.role
            if self.exchangeable:
                key = one.variable, other.variable, one.role == other.role
            found.setdefault(key, (one, other))
        return tuple(found.values())

    @property
    def intercepts(self) -> bool:
        """Whether the models have random intercepts."""
        return self.kind == "riclpm"

    @property
    def within(self) -> str:
        """Within what effects are, where there are random intercepts."""
        roles = {one.role for one in self.series}
        return "persons" if len(roles) == 1 and "" not in roles else "dyads"

    @property
    def about(self) -> str:
        """What effects are of, for notes: what the dyad has, or what varies within persons."""
        if self.kind == "common_fate":
            return "Of the dyad's variables. "
        if self.kind == "latent_change":
            return "Of true scores, constant change being equal. "
        stable = self.intercepts or self.kind == "dynamic_panel"
        return f"Within {self.within}. " if stable else ""

    @property
    def whose(self) -> str:
        """Whose series they are, where all are of one role, after a colon."""
        roles = {one.role for one in self.series}
        return f": {role_word(*roles)}" if len(roles) == 1 and "" not in roles else ""

    @property
    def compared(self) -> tuple[Compared[Competing], ...]:
        """All models, that of the other kind last."""
        return (*self.models, *([] if self.other is None else [self.other]))

    @property
    def full(self) -> Compared[Competing]:
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
    group: str = ""

    @property
    def crossed(self) -> bool:
        """Whether it is one of another series."""
        return self.source is not self.target

    @property
    def unclear(self) -> bool:
        """Whether its interval has zero in it."""
        return not (self.raw["conf_low"] > 0 or self.raw["conf_high"] < 0)


def effects_of(
    panel: Panel,
    raw: Mapping[Key, Estimate],
    standardised: Mapping[Key, Estimate],
    group: str = "",
) -> Iterator[Effect]:
    """Yield all effects, by the series that they lead to."""
    for target in panel.targets:
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
                        pair = raw[key], standardised[key]
                        yield Effect(source, target, *waves, *pair, group)


def covariate_keys(
    panel: Panel, raw: Mapping[Key, Estimate]
) -> Iterator[tuple[str, Series, str, Key]]:
    """Yield effects of covariates: of which column, on which series, in which wave, and the key."""
    for covariate in panel.covariates.columns:
        for one in panel.series:
            if panel.covariates.on_intercepts:
                yield covariate, one, "", (stable(one), "~", covariate)
                continue
            for column, wave in zip(one.columns, panel.waves, strict=True):
                key = (column, "~", covariate)
                if key in raw:
                    yield covariate, one, wave, key
