"""Panels: who drives whom over time, and how persons and dyads change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import StudyError, listed, nearest
from dyadkit.frame import DyadFrame
from dyadkit.panel.common_fate import fit_common_fate
from dyadkit.panel.cross_lagged_fit import fit_cross_lagged
from dyadkit.panel.mutual_influence import fit_mutual_influence
from dyadkit.panel.request import Estimator, Indicators, Request, Shape
from dyadkit.panel.series import waves_of
from dyadkit.study import Part

Kind = Literal["clpm", "riclpm", "common_fate", "mutual_influence"]


@dataclass(frozen=True, slots=True)
class Offered:
    """A kind of panel model: what fits it, which keys are its own, and how many waves it takes."""

    fit: Callable[[Request], PresentedResult]
    keys: frozenset[str]
    fewest_waves: int = 2


_CROSS_LAGGED = frozenset(
    {"y", "z", "equal_lags", "second_order", "indicators", "covariates", "covariates_on", "by"}
)
KINDS: dict[str, Offered] = {
    "clpm": Offered(fit_cross_lagged, _CROSS_LAGGED),
    "riclpm": Offered(fit_cross_lagged, _CROSS_LAGGED),
    "common_fate": Offered(fit_common_fate, frozenset({"y", "equal_lags"}), fewest_waves=1),
    "mutual_influence": Offered(fit_mutual_influence, frozenset({"y"}), fewest_waves=1),
}


class PanelOptions(Part):
    """What a study file may say about an analysis of type "panel"."""

    x: str
    y: str | None = None
    z: str | None = None
    kind: Kind = "riclpm"
    waves: tuple[str, ...] | None = None
    equal_lags: bool = False
    second_order: bool = False
    indicators: Indicators = "score"
    covariates: tuple[str, ...] = ()
    covariates_on: Literal["waves", "intercepts"] = "waves"
    by: str | None = None
    shape: Shape = "linear"
    turn: str | None = None
    predictors: tuple[str, ...] = ()
    continuous_time: bool = False
    bootstrap: int = 0
    estimator: Estimator = "ML"


def fit_panel(
    data: DyadFrame,
    x: str,
    y: str | None = None,
    z: str | None = None,
    *,
    kind: Kind = "riclpm",
    waves: Sequence[str] | None = None,
    equal_lags: bool = False,
    second_order: bool = False,
    indicators: Indicators = "score",
    covariates: Sequence[str] | str = (),
    covariates_on: Literal["waves", "intercepts"] = "waves",
    by: str | None = None,
    shape: Shape = "linear",
    turn: str | None = None,
    predictors: Sequence[str] | str = (),
    continuous_time: bool = False,
    bootstrap: int = 0,
    estimator: Estimator = "ML",
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
) -> PresentedResult:
    """Fit cross-lagged panel models of two variables, in one role or in both.

    Parameters
    ----------
    data : DyadFrame
        With two waves or more.
    x, y : str
        Such as ``"trust.client"`` and ``"learning.client"``, or one variable of both,
        ``"trust.client"`` and ``"trust.coach"``; without a role both members' series are modelled
        together, with the effects of own variables (actor) and of the partner's.
    kind : {"riclpm", "clpm", "common_fate", "mutual_influence"}
        With random intercepts, which part what is stable from what varies within persons (three
        waves or more), or without.
        "common_fate": of what both members answered, what is the dyad's: in one wave x on y, in
        more waves effects on the next, or the stability of x alone.
        "mutual_influence": how both members' y influence each other in one wave, where each
        member's x has an effect on the member's own y only.
    waves : sequence of str, optional
        Default: all.
    equal_lags : bool
        Whether unstandardised effects are the same between all waves.
    second_order : bool
        Whether a series depends on itself two waves before too.
    estimator : {"ML", "MLR"}
        Incomplete rows count by full information; "MLR" is robust against scores that are not
        normal.
    alpha : float
        1 − confidence.
    seed : optional
        Not used: nothing here is random.

    Returns
    -------
    PresentedResult
        Tables ``models`` (stability, causal, reversed and reciprocal effects; of both members
        effects within members or within variables, and effects that are the same in both roles; and
        effects that are equal between waves), ``paths`` of the model with all effects,
        ``correlations`` within waves and, with random intercepts, ``intercepts``.

    Raises
    ------
    Refused
        When there are too few waves, or members share one role.
    StudyError
        When a variable or wave is unknown, a variable was not asked in a wave, or a key belongs to
        another kind of model.
    DataError
        When a variable does not vary in a wave, or there are too few dyads.
    FitError
        When the model with all effects cannot be fitted.

    Notes
    -----
    A CLPM mixes differences between persons with changes within them; its effects are not those of
    either (Hamaker, Kuiper & Grasman, 2015).  Where there are three waves or more, both models are
    compared: that all variances and covariances of the random intercepts are 0 is tested by the
    chi-square difference, which is right as variances are not bounded.  Models and equations are in
    `dyadkit.panel.cross_lagged`.

    References
    ----------
    Hamaker, E. L., Kuiper, R. M., & Grasman, R. P. P. P. (2015). A critique of the cross-lagged
    panel model. Psychological Methods, 20, 102-116.
    """
    confidence = confidence_of(alpha)
    dyads = frame_of(data)
    if kind not in KINDS:
        raise StudyError(
            f"kind: '{kind}' is no panel model.{nearest(str(kind), list(KINDS))} They are "
            f"{listed(list(KINDS), 20)}."
        )
    options: dict[str, Any] = {
        "equal_lags": equal_lags,
        "second_order": second_order,
        "indicators": indicators,
        "covariates": (covariates,) if isinstance(covariates, str) else tuple(covariates),
        "covariates_on": covariates_on,
        "by": by,
        "shape": shape,
        "turn": turn,
        "predictors": (predictors,) if isinstance(predictors, str) else tuple(predictors),
        "continuous_time": continuous_time,
        "bootstrap": bootstrap,
    }
    _require_own_keys(kind, {"y": y, "z": z, **options})
    request = Request(
        dyads=dyads,
        references=tuple(name for name in (x, y, z) if name is not None),
        kind=kind,
        waves=waves_of(dyads, waves, KINDS[kind].fewest_waves),
        estimator=estimator,
        confidence=confidence,
        seed=seed,
        **options,
    )
    return KINDS[kind].fit(request)


def _require_own_keys(kind: str, given: dict[str, Any]) -> None:
    """Refuse keys that a kind of model has no use for.

    Raises
    ------
    StudyError
        Naming the kinds that have one.
    """
    for key, value in given.items():
        if value == PanelOptions.model_fields[key].default or key in KINDS[kind].keys:
            continue
        others = [name for name, offered in KINDS.items() if key in offered.keys]
        where = f" It is a key of kind = {listed(others, 20)}." if others else ""
        raise StudyError(f'{key}: panels of kind "{kind}" have no use for it.{where} Leave it out.')
