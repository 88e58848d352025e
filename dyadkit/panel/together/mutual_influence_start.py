"""Where the search for mutual influence starts.

A loop makes a likelihood with several maxima, and a search from anywhere may end in one beyond a
loop of 1.  The actor-partner model has one maximum, and mutual influence follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.panel.estimates import indexed
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import Rival, fit_main
from dyadkit.panel.together.both import Both
from dyadkit.panel.together.mutual_influence_models import (
    ACTOR,
    Begin,
    Influence,
    Pair,
    mutual_influence_syntax,
    of_member,
)

_TRIED = np.linspace(-0.95, 0.95, 191)


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Estimates of an actor-partner model.

    Attributes
    ----------
    actor, partner : ndarray, shape (2,)
        Effects of either member's x on own y and on the other's.
    covariance : ndarray, shape (4, 4)
        Of both actor, then both partner effects.
    intercepts : ndarray, shape (2,)
    residuals : ndarray, shape (2, 2)
        Covariances of what is left of both members' y.
    """

    actor: FloatArray
    partner: FloatArray
    covariance: FloatArray
    intercepts: FloatArray
    residuals: FloatArray

    def exact(self) -> Begin:
        """Return either member's influence and effect of own x."""
        return self._begin(self.partner / self.actor)

    def equal(self) -> Begin:
        """Return the same influence of both that is nearest, in a loop that comes to rest.

        Influence b is that where ``partner - b * actor`` is least by its covariance.
        """
        distances = []
        for influence in _TRIED:
            weights = np.hstack([-influence * np.eye(2), np.eye(2)])
            gap = self.partner - influence * self.actor
            spread = weights @ self.covariance @ weights.T
            distances.append(float(gap @ np.linalg.solve(spread, gap)))
        return self._begin(np.repeat(_TRIED[int(np.argmin(distances))], 2))

    def _begin(self, influence: FloatArray) -> Begin:
        # y = loop y + …, so that what is left of y without the loop is (1 - loop) of what is left.
        apart = np.array([[1.0, -influence[1]], [-influence[0], 1.0]])
        rest = apart @ self.residuals @ apart.T
        return Begin(
            _pair(influence),
            _pair(self.actor * (1.0 - influence[0] * influence[1])),
            _pair(apart @ self.intercepts),
            _pair(np.diagonal(rest)),
            float(rest[0, 1]),
        )


def _pair(values: FloatArray) -> Pair:
    one, other = values.tolist()
    return one, other


def start_of(request: Request, variables: Sequence[Both], instead: str) -> Start:
    """Fit the actor-partner model.

    Raises
    ------
    FitError
        When it cannot be fitted; `instead` says what may be done.
    """
    alike = request.dyads.exchangeable
    syntax = mutual_influence_syntax(variables, Influence(partner=True, exchangeable=alike))
    model = Rival("Actor and partner", "", request.measurement.whole(syntax))
    fit = fit_main(request, model, instead)
    labels = [of_member(of, m, exchangeable=alike) for of in (ACTOR, "partner") for m in (0, 1)]
    found = fit.tidy().drop_duplicates("label").set_index("label")["estimate"]
    effects = found.loc[labels].to_numpy(np.float64)
    raw, _ = indexed(fit)
    one, other = variables[1].columns[0]
    between = raw[one, "~~", other]["estimate"]
    return Start(
        actor=effects[:2],
        partner=effects[2:],
        covariance=fit.vcov().loc[labels, labels].to_numpy(np.float64),
        intercepts=np.array([raw[y, "~1", ""]["estimate"] for y in (one, other)]),
        residuals=np.array(
            [
                [raw[one, "~~", one]["estimate"], between],
                [between, raw[other, "~~", other]["estimate"]],
            ]
        ),
    )
