"""What was found about change: its mean and spread, and what it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan

from dyadkit.display.labels import role_word
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.change.change_steps import Steps
from dyadkit.panel.change.change_two_waves import change
from dyadkit.panel.change.couplings import full_coupling
from dyadkit.panel.change.dual_change import in_spreads, slope, true_score
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import Estimate, Key, indexed, related
from dyadkit.panel.predictors import Covariate
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import Rival
from dyadkit.panel.series import Series

_NOTHING: Estimate = dict.fromkeys(
    ("estimate", "std_error", "p_value", "conf_low", "conf_high"), nan
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change depends on.

    Attributes
    ----------
    kind : {"feedback", "coupling", "covariate"}
    target : Series
        Whose change it is.
    name, label : str
        Of what it depends on, in `tidy` and for readers.
    raw : mapping
    standardised : mapping
        By the standard deviations of cause and change, of two waves; of more, couplings by those
        of both series in the first wave.
    """

    kind: str
    target: Series
    name: str
    label: str
    raw: Estimate
    standardised: Estimate

    @property
    def unclear(self) -> bool:
        """Whether its interval has zero in it."""
        return unclear(self.raw)


def unclear(found: Estimate) -> bool:
    """Tell whether an interval has zero in it."""
    return not (found["conf_low"] > 0 or found["conf_high"] < 0)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """All that was fitted about change.

    Attributes
    ----------
    request : Request
    models : tuple of Compared
        That with all effects last.
    steps : Steps or None
        Of three waves or more.
    covariates : tuple of Covariate
    raw, standardised : mapping
        Of the model with all effects, by left-hand side, operator and right-hand side.
    labelled : mapping
        The same by label, and what is defined of it.
    """

    request: Request
    models: tuple[Compared[Rival], ...]
    steps: Steps | None
    covariates: tuple[Covariate, ...]
    raw: Mapping[Key, Estimate]
    standardised: Mapping[Key, Estimate]
    labelled: Mapping[str, Estimate]

    @classmethod
    def of(
        cls,
        request: Request,
        models: list[Compared[Rival]],
        steps: Steps | None,
        covariates: tuple[Covariate, ...],
    ) -> Change:
        """Gather what the model with all effects, the last of them, has found."""
        fit = models[-1].fit
        raw, standardised = indexed(fit)
        return cls(request, tuple(models), steps, covariates, raw, standardised, by_label(fit))

    @property
    def series(self) -> tuple[Series, ...]:
        """Whose changes they are."""
        return self.request.series

    @property
    def full(self) -> Compared[Rival]:
        """The model with all effects."""
        return self.models[-1]

    @property
    def dual(self) -> bool:
        """Whether there are true scores and slopes, of three waves or more."""
        return self.steps is not None

    @property
    def waves(self) -> tuple[str, ...]:
        """What a reader calls the waves."""
        return self.request.wave_labels

    @property
    def whose(self) -> str:
        """Whose series they are, where all are of one role, after a colon."""
        roles = {one.role for one in self.series}
        return f": {role_word(*roles)}" if len(roles) == 1 and "" not in roles else ""

    @property
    def errors(self) -> str:
        """What true scores are without: of latent series there is no error of measurement left."""
        latent = self.request.measurement.latent
        return "what is of single waves" if latent else "errors of measurement"

    def variances(self, one: Series) -> dict[str, Estimate]:
        """Return the variances of a series' parts, by what they are of."""
        if not self.dual:
            return {"variance of change": self.labelled[f"variance_{one.name}"]}
        return {
            "variance of true start": self.raw[true_score(one, 0), "~~", true_score(one, 0)],
            "variance of constant change": self.raw[slope(one), "~~", slope(one)],
            "variance of errors": self.raw[one.columns[0], "~~", one.columns[0]],
        }

    def start(self, one: Series) -> Estimate:
        """Return the mean of the first wave."""
        return self.labelled[f"start_{one.name}" if self.dual else f"m_{one.columns[0]}"]

    def effects(self) -> Iterator[Effect]:
        """Yield all effects, by the series whose change it is."""
        coupling = full_coupling(self.series)
        for place, target in enumerate(self.series):
            for k in coupling.sources(place, len(self.series)):
                source = self.series[k]
                raw = self.labelled[coupling.label(target, source)]
                kind = "feedback" if k == place else "coupling"
                yield Effect(
                    kind, target, source.name, source.label, raw, self._std(target, source)
                )
            for each in self.covariates:
                raw = self.labelled[f"k_{target.name}_from_{each.column}"]
                found = self.standardised[change(target), "~", each.column]
                yield Effect("covariate", target, each.column, each.label, raw, found)

    def _std(self, target: Series, source: Series) -> Estimate:
        if not self.dual:
            return self.standardised[change(target), "~", source.columns[0]]
        return self.labelled.get(in_spreads(target, source), _NOTHING)

    def related(self) -> Iterator[tuple[str, str, Estimate]]:
        """Yield what is related: its name in `tidy`, its label for readers, the correlation."""
        parts = self._parts()
        for place, (node, name, label) in enumerate(parts):
            for other_node, other_name, other_label in parts[:place]:
                found = related(self.standardised, other_node, node)
                if found is not None:
                    yield f"{other_name} with {name}", f"{other_label} with {label}", found

    def _parts(self) -> list[tuple[str, str, str]]:
        """Return the variable of the model, name and label of all that is related."""
        word = "constant change" if self.dual else "change"
        return [
            *(
                (
                    true_score(one, 0) if self.dual else one.columns[0],
                    f"start of {one.name}",
                    f"Start of {one.label}",
                )
                for one in self.series
            ),
            *((each.column, each.column, each.label) for each in self.covariates),
            *(
                (
                    slope(one) if self.dual else change(one),
                    f"{word} of {one.name}",
                    f"{word.capitalize()} of {one.label}",
                )
                for one in self.series
            ),
        ]


def by_label(fit: SemFit) -> dict[str, Estimate]:
    """Return estimates by their labels; of equal ones the first."""
    frame = fit.tidy()
    labelled = frame[frame["label"] != ""].drop_duplicates("label")
    names = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
    return {
        str(label): {name: float(value) for name, value in zip(names, values, strict=True)}
        for label, *values in labelled[["label", *names]].itertuples(index=False)
    }
