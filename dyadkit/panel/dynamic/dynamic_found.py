"""What was found of a dynamic panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dyadkit.display.labels import role_word
from dyadkit.panel.compared import Compared
from dyadkit.panel.dynamic.dynamic_models import Form
from dyadkit.panel.estimates import Estimate, Key, indexed
from dyadkit.panel.lagged.fitted import Effect
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import Rival
from dyadkit.panel.series import Series


@dataclass(frozen=True, slots=True, eq=False)
class Dynamic:
    """All that was fitted.

    Attributes
    ----------
    request : Request
    x, y : Series
    models : tuple of Compared
        That with fixed effects last.
    form : Form
        Of the model with fixed effects.
    raw, standardised : mapping
        Its estimates by left-hand side, operator and right-hand side.
    """

    request: Request
    x: Series
    y: Series
    models: tuple[Compared[Rival], ...]
    form: Form
    raw: Mapping[Key, Estimate]
    standardised: Mapping[Key, Estimate]

    @classmethod
    def of(
        cls, request: Request, x: Series, y: Series, models: list[Compared[Rival]], form: Form
    ) -> Dynamic:
        """Gather what the model with fixed effects, the last of them, has found."""
        return cls(request, x, y, tuple(models), form, *indexed(models[-1].fit))

    @property
    def waves(self) -> tuple[str, ...]:
        """What a reader calls the waves."""
        return self.request.wave_labels

    @property
    def within(self) -> str:
        """Within what effects are."""
        return "persons" if self.x.role == self.y.role != "" else "dyads"

    @property
    def whose(self) -> str:
        """Whose series they are, where both are of one role, after a colon."""
        return f": {role_word(self.x.role)}" if self.x.role and self.within == "persons" else ""

    @property
    def percent(self) -> str:
        """What intervals are."""
        return f"{100 * self.request.confidence:g} % CI"

    def model(self, name: str) -> Compared[Rival] | None:
        """Return a model by its name, if it was fitted."""
        return next((each for each in self.models if each.model.name == name), None)

    def effects(self) -> Iterator[Effect]:
        """Yield the effects of x and of earlier y, wave by wave."""
        for source in (self.x, self.y):
            for now in range(1, len(self.waves)):
                key = (self.y.columns[now], "~", source.columns[now - 1])
                waves = self.waves[now - 1], self.waves[now]
                yield Effect(source, self.y, *waves, self.raw[key], self.standardised[key])
