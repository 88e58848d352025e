"""What was found of mutual influence: each effect with how well it is known.

References
----------
Staiger, D., & Stock, J. H. (1997). Instrumental variables regression with weak instruments.
Econometrica, 65, 557-586.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan

from scipy.special import ndtri

from dyadkit.display.labels import role_word
from dyadkit.estimation.ratios import Ratio, ratio_of
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import Estimate, indexed
from dyadkit.panel.rivals import Rival
from dyadkit.panel.together.both import Both
from dyadkit.panel.together.mutual_influence_models import (
    ACTOR,
    INFLUENCE,
    TOTAL_ACTOR,
    TOTAL_PARTNER,
    of_member,
)

# Of one instrument: below this F = z², estimates are biased and intervals too short (Staiger &
# Stock, 1997).
_WEAK_F = 10.0


@dataclass(frozen=True, slots=True)
class Direction:
    """The influence of one member's y on the other's, and what it is known by.

    Attributes
    ----------
    source, target : str
        What a sentence calls the members; "one member" and "the partner" of exchangeable ones.
    influence, standardised : mapping
        Of y on y.
    actor, standardised_actor : mapping
        Of the source's x on the source's y.
    total_actor, total_partner : mapping
        Of the source's x on the source's and the target's y, through the loop.
    fieller : Ratio or None
        The influence with Fieller's interval, which is right however weak the instrument is.
    """

    source: str
    target: str
    influence: Estimate
    standardised: Estimate
    actor: Estimate
    standardised_actor: Estimate
    total_actor: Estimate
    total_partner: Estimate
    fieller: Ratio | None

    @property
    def unclear(self) -> bool:
        """Whether the interval of the influence has zero in it."""
        return not (self.influence["conf_low"] > 0 or self.influence["conf_high"] < 0)

    @property
    def unidentified(self) -> bool:
        """Whether x was not shown to have anything to do with y, so that nothing can be told."""
        return not (self.total_actor["conf_low"] > 0 or self.total_actor["conf_high"] < 0)

    @property
    def strength(self) -> float:
        """F of the instrument."""
        return (self.total_actor["estimate"] / self.total_actor["std_error"]) ** 2

    @property
    def weak(self) -> bool:
        """Whether the instrument is weak, but there."""
        return not self.unidentified and self.strength < _WEAK_F


@dataclass(frozen=True)
class MutualInfluence:
    """All that was fitted.

    Attributes
    ----------
    variables : tuple of Both
        x and y.
    exchangeable : bool
    models : tuple of Compared
        That of mutual influence last.
    confidence : float
    estimator : str
    """

    variables: tuple[Both, ...]
    exchangeable: bool
    models: tuple[Compared[Rival], ...]
    confidence: float
    estimator: str

    @property
    def full(self) -> Compared[Rival]:
        """The model of mutual influence."""
        return self.models[-1]

    def model(self, name: str) -> Compared[Rival] | None:
        """Return the model of a name, if it could be fitted."""
        return next((each for each in self.models if each.model.name == name), None)

    @cached_property
    def labelled(self) -> Mapping[str, Estimate]:
        """Raw estimates by label."""
        return self._by_label(0)

    @cached_property
    def predictors(self) -> Estimate:
        """The correlation of both members' x."""
        one, other = self.variables[0].columns[0]
        return indexed(self.full.fit)[1][one, "~~", other]

    @cached_property
    def residuals(self) -> Estimate:
        """The correlation of what is left of both members' y."""
        one, other = self.variables[1].columns[0]
        return indexed(self.full.fit)[1][one, "~~", other]

    @cached_property
    def directions(self) -> tuple[Direction, ...]:
        """Both directions, or one of exchangeable members."""
        return tuple(self._directions())

    def _directions(self) -> Iterator[Direction]:
        raw, standardised = self._by_label(0), self._by_label(1)
        one, other = self.variables[1].roles
        pairs = [(one, other), (other, one)]
        if self.exchangeable:
            pairs = [("one member", "the partner")]
        for member, (source, target) in enumerate(pairs):
            names = [
                of_member(name, member, exchangeable=self.exchangeable)
                for name in (INFLUENCE, ACTOR, TOTAL_ACTOR, TOTAL_PARTNER)
            ]
            yield Direction(
                role_word(source),
                role_word(target),
                raw[names[0]],
                standardised[names[0]],
                raw[names[1]],
                standardised[names[1]],
                raw[names[2]],
                raw[names[3]],
                self._fieller(member),
            )

    def _by_label(self, kind: int) -> dict[str, Estimate]:
        labels = self.full.fit.tidy()["label"]
        values = indexed(self.full.fit)[kind].values()
        return {
            str(label): found for label, found in zip(labels, values, strict=True) if label != ""
        }

    def _fieller(self, member: int) -> Ratio | None:
        """Return the influence as the partner effect over the actor effect of the source."""
        found = self.model("Actor and partner")
        if found is None:
            return None
        actor, partner = (
            of_member(name, member, exchangeable=self.exchangeable) for name in (ACTOR, "partner")
        )
        tidy = found.fit.tidy().drop_duplicates("label").set_index("label")["estimate"]
        names = [partner, actor]
        v = found.fit.vcov().loc[names, names].to_numpy()
        ratio = ratio_of(
            float(tidy[partner]),
            float(tidy[actor]),
            (float(v[0, 0]), float(v[0, 1]), float(v[1, 1])),
            float(ndtri(0.5 + 0.5 * self.confidence)),
        )
        return None if isnan(ratio.low) else ratio
