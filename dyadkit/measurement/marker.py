"""Common method variance by a marker variable: where it was asked, and its models there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

import numpy as np

from dyadkit.answers.places import Place, places_of
from dyadkit.answers.sample import Sample
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.measurement.items import item_columns, keyed_items
from dyadkit.measurement.marker_models import RESTRICTED, MarkerModel, fit_marker_models
from dyadkit.results import Support


@dataclass(frozen=True, slots=True, eq=False)
class MarkerCheck:
    """The models of one role in one wave.

    Attributes
    ----------
    title : str
        How the role and wave read in print.
    support : Support
    places : tuple of Place
        The scales; their factors are f1, f2 and so on.
    marker : Place
    models : tuple of MarkerModel
    why : str
        Why there are no more of them; empty where all were fitted.
    """

    title: str
    support: Support
    places: tuple[Place, ...]
    marker: Place
    models: tuple[MarkerModel, ...]
    why: str

    @property
    def key(self) -> str:
        """The key of the support."""
        return self.support.key

    def model(self, name: str) -> MarkerModel | None:
        """Return the model of that name, where it was fitted."""
        return next((model for model in self.models if model.name == name), None)

    @property
    def kept(self) -> MarkerModel | None:
        """The model with method loadings that the test of Method-C and Method-U keeps."""
        last = self.model(RESTRICTED)
        return None if last is None else self.model(last.against)

    def method_share(self, model: MarkerModel) -> float:
        """Return the mean share of the scales' items that goes with the marker in a model."""
        items = [column for place in self.places for column in item_columns(place)]
        loading = model.values("=~", "std_all")
        found = [loading[name] for name in (f"marker {item}" for item in items) if name in loading]
        return float(np.mean(np.square(found))) if found else nan


def marker_places(
    dyads: DyadFrame, marker: str, variables: Sequence[str] | None
) -> dict[tuple[str, str], Place]:
    """Return where a marker was asked, by role and wave.

    Parameters
    ----------
    dyads : DyadFrame
    marker : str
        Such as ``"chronotype"``, ``"chronotype.client"`` or ``"chronotype.t1"``.
    variables : sequence of str, optional
        The scales that are compared, as far as they are named.

    Raises
    ------
    StudyError
        When the marker is unknown, no scale of members, or one of the scales that are compared.
    """
    places = places_of(dyads, [marker])
    variable = places[0].variable
    named = {reference.variable.name for reference in dyads.resolve(list(variables or []))}
    if variable.name in named:
        raise StudyError(
            f"marker = '{marker}' is one of the variables that are compared, but a marker must be "
            "a scale that theory does not relate to them. Leave it out of the variables, or name "
            "another marker."
        )
    if len(variable.items) < 2 or any(item not in dyads.variables for item in variable.items):
        raise StudyError(
            f"marker = '{marker}' is no scale with two items or more in the data. A marker is a "
            "factor of its own and needs two items, better three. Name a scale."
        )
    if not places[0].role:
        raise StudyError(
            f"marker = '{marker}' was asked about the {variable.level} and not of each member. A "
            "marker shares its method with the scales only when the same member answered both. "
            "Name a scale that members answered."
        )
    return {(place.role, place.wave): place for place in places}


def check_marker(
    sample: Sample,
    sets: Sequence[tuple[Sequence[Place], str]],
    marked: Mapping[tuple[str, str], Place],
    *,
    estimator: Literal["ML", "MLR"],
    alpha: float,
) -> tuple[list[MarkerCheck], list[str]]:
    """Fit the models wherever one member answered the marker beside the scales.

    Parameters
    ----------
    sample : Sample
    sets : sequence of (places, title)
        The scales that are compared; those of both members or several waves are passed over.
    marked : mapping
        From `marker_places`.
    estimator, alpha
        See `fit_marker_models`.

    Returns
    -------
    checks : list of MarkerCheck
    without : list of str
        The titles of places where the marker was not asked.

    Raises
    ------
    Refused
        When the marker was asked in none of these places.
    """
    single = [(places, title) for places, title in sets if len({_at(p) for p in places}) == 1]
    asked = [(places, title) for places, title in single if _where(places) in marked]
    if not asked:
        marker = next(iter(marked.values())).variable
        there = ", ".join(place.term for place in marked.values())
        compared = "; ".join(title for _, title in single) or "none"
        raise Refused(
            f"The marker '{marker.name}' was asked only in {there}, and there no two scales are "
            "compared. A marker shares its method with scales that the same member answered in "
            f"the same wave. Places where two scales or more are compared: {compared}. Name a "
            "marker that was asked there, or compare scales that were asked where it was."
        )
    checks = []
    for number, (places, title) in enumerate(asked):
        marker_place = marked[_where(places)]
        frame = keyed_items(sample, [*places, marker_place])
        models, why = fit_marker_models(
            places, marker_place, frame, estimator=estimator, alpha=alpha
        )
        each_item = (frame[item].notna().to_numpy() for item in frame)
        support = sample.least_support(f"marker.{number}", each_item)
        checks.append(MarkerCheck(title, support, tuple(places), marker_place, tuple(models), why))
    return checks, [title for places, title in single if _where(places) not in marked]


def _where(places: Sequence[Place]) -> tuple[str, str]:
    return _at(places[0])


def _at(place: Place) -> tuple[str, str]:
    return place.role, place.wave
