"""Panels: who drives whom over time, and how persons and dyads change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from pydantic import model_validator

from dyadkit.answers.places import confidence_of, frame_of
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError, listed, nearest
from dyadkit.frame import DyadFrame
from dyadkit.panel.change.latent_change import fit_latent_change
from dyadkit.panel.dynamic.dynamic_panel import COVARIATES, fit_dynamic_panel
from dyadkit.panel.growth.growth import fit_growth
from dyadkit.panel.indicators import Indicators, with_indicators
from dyadkit.panel.lagged.cross_lagged_fit import fit_cross_lagged
from dyadkit.panel.request import Estimator, Request, Shape
from dyadkit.panel.series import waves_of
from dyadkit.panel.together.common_fate import fit_common_fate
from dyadkit.panel.together.mutual_influence import fit_mutual_influence
from dyadkit.study import Part

Kind = Literal[
    "clpm", "riclpm", "growth", "latent_change", "dynamic_panel", "common_fate", "mutual_influence"
]


@dataclass(frozen=True, slots=True)
class Offered:
    """A kind of panel model: what fits it, which keys are its own, and how many waves it takes.

    `never` says of keys of other kinds why this one cannot have them.
    """

    fit: Callable[[Request], PresentedResult]
    keys: frozenset[str]
    fewest_waves: int = 2
    never: Mapping[str, str] = field(default_factory=dict)


_CROSS_LAGGED = frozenset(
    {"y", "z", "equal_lags", "second_order", "covariates", "covariates_on", "by"}
    | {"continuous_time", "bootstrap"}
)
_COMMON_FATE = frozenset({"y", "equal_lags", "continuous_time", "bootstrap"})
KINDS: dict[str, Offered] = {
    "clpm": Offered(fit_cross_lagged, _CROSS_LAGGED),
    "riclpm": Offered(fit_cross_lagged, _CROSS_LAGGED),
    "growth": Offered(
        fit_growth, frozenset({"y", "shape", "turn", "predictors", "covariates", "by"})
    ),
    "latent_change": Offered(fit_latent_change, frozenset({"y", "covariates", "bootstrap"})),
    "dynamic_panel": Offered(
        fit_dynamic_panel, frozenset({"y", "bootstrap"}), 3, {"covariates": COVARIATES}
    ),
    "common_fate": Offered(fit_common_fate, _COMMON_FATE, fewest_waves=1),
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

    @model_validator(mode="after")
    def _own_keys(self) -> PanelOptions:
        try:
            _require_own_keys(self.kind, {key: getattr(self, key) for key in _OF_KINDS})
        except (Refused, StudyError) as error:
            raise ValueError(str(error)) from error
        return self


_CHOICES = {"indicators": get_args(Indicators), "covariates_on": ("waves", "intercepts")}
# All kinds take what is left out here.
_OF_KINDS = tuple(
    key
    for key in PanelOptions.model_fields
    if key not in ("x", "kind", "waves", "indicators", "estimator")
)


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
    """Fit models of how variables and dyads change over waves.

    Parameters
    ----------
    data : DyadFrame
        With two waves or more; one is enough for common fate and mutual influence.
    x, y, z : str
        Such as ``"trust.client"`` and ``"learning.client"``, or one variable of both members,
        ``"trust.client"`` and ``"trust.coach"``.  Without a role both members' series are modelled
        together, with the effects of own variables (actor) and of the partner's; `x` alone is then
        stability and influence.  Members who share one role have parameters that are equal where
        exchanging them cannot change these.
    kind : {"riclpm", "clpm", "growth", "latent_change", "dynamic_panel", "common_fate",
            "mutual_influence"}
        Cross-lagged with random intercepts, which part what is stable from what varies within
        persons (three waves or more), or without (two).
        Growth curves, of which `x` alone is of one role or of both, and `x` and `y` are of two
        series that change together (three waves or more).
        Latent change: how much series change, and what changes depend on (`y` may be left out; two
        waves, or a dual change model of more; see `dyadkit.panel.change`).
        A dynamic panel: the effect of `x` on later `y` beside all that is stable in persons (fixed
        effects, three waves or more; see `dyadkit.panel.dynamic`).
        Common fate: of what both members answered, what is the dyad's; in one wave `x` on `y`, in
        more waves effects on the next, or the stability of `x` alone.
        Mutual influence: how both members' `y` influence each other in one wave, where each
        member's `x` has an effect on the member's own `y` only.
    waves : sequence of str, optional
        Default: all.
    equal_lags : bool
        Whether unstandardised effects are the same between all waves.
    second_order : bool
        Whether a series depends on itself two waves before too.
    indicators : {"score", "reliability", "items"}
        What series are: the scores; latent variables of them, with the error variance that
        coefficient alpha leaves; or factors of the scales' items, whose loadings and intercepts
        are equal in all waves and for both members (see `dyadkit.panel.indicators`).  Latent
        variables need members of two roles.
    covariates : sequence of str
        Variables that do not change, such as ``"tenure.client"``; of several answers the first.
        They predict the series of cross-lagged models.
        Of growth they predict its factors, of latent change between two waves the changes.
    covariates_on : {"waves", "intercepts"}
        What they predict: the series in each wave, or the random intercepts alone.
    by : str, optional
        Groups of dyads, such as ``"mode"``, whose effects, or growth, are compared.
    shape : {"linear", "quadratic", "piecewise", "latent_basis"}
        Of growth, in the time that the study gives its waves; see `dyadkit.panel.growth`.
    turn : str, optional
        The wave at which piecewise growth turns.
    predictors : sequence of str
        Measured in every wave, such as ``"stress"``: of growth, with effects on the same wave.
    continuous_time : bool
        Whether effects are re-expressed as those of a process in continuous time: needs equal lags
        and waves that are equally far apart.
    bootstrap : int
        Samples of dyads for the intervals of effects over several waves, of cross-lagged models,
        dynamic panels, dual change and common fate; 0 for Monte-Carlo intervals.
    estimator : {"ML", "MLR"}
        Incomplete rows count by full information; "MLR" is robust against scores that are not
        normal, and takes dyads that share a person for one cluster.
    alpha : float
        1 − confidence.
    seed : optional
        Makes intervals of effects over several waves repeatable.

    Returns
    -------
    PresentedResult
        Of cross-lagged models tables ``models`` (those that compete: stability, causal, reversed
        and reciprocal effects; of three variables a chain; of both members effects within members
        or within variables, and effects that are the same in both roles; effects that are equal
        between waves or groups), ``paths`` of the model with all effects, ``equalities`` (tests
        between waves, roles, directions and groups), ``correlations`` within waves, ``covariates``
        and, with random intercepts, ``intercepts``; of three waves or more, effects over several
        waves in ``responses`` (by all routes) and ``indirect`` (by way of one series); in
        continuous time ``drift``.
        Of growth ``models`` (no change, the same change for all, other shapes, equal residual
        variances; equal levels, change and variances in both roles or in groups; without covariates
        or predictors), ``growth`` factors, their ``correlations``, ``effects``, ``waves`` with
        observed and implied means, and ``residuals``.
        Of latent change ``models``, ``changes`` (means and variances), ``effects`` on changes, and
        ``correlations`` of starts and changes, and of three waves or more effects of true scores
        over several waves as of cross-lagged models; of a dynamic panel ``models``, ``paths``,
        ``stable`` and ``responses`` of y over several waves, with later x held, and in the long
        run.
        Of common fate ``models``, the ``effect`` in one wave or ``paths`` and ``correlations`` over
        time, ``variances`` with the dyad's shares, and effects over several waves as of
        cross-lagged models; of mutual influence ``models`` and ``effects``.

    Raises
    ------
    Refused
        When there are too few waves, or the request has no meaning for these members.
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
    `dyadkit.panel.lagged`, those of effects over several waves and of continuous time in
    `dyadkit.panel.implied`.

    References
    ----------
    Hamaker, E. L., Kuiper, R. M., & Grasman, R. P. P. P. (2015). A critique of the cross-lagged
    panel model. Psychological Methods, 20, 102-116.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> trust, courage, rows = rng.normal(size=200), rng.normal(size=200), []
    >>> for wave in ("t1", "t2"):
    ...     rows.append(pd.DataFrame({"pair": range(200), "role": "client", "wave": wave,
    ...                               "trust": trust, "courage": courage}))
    ...     courage = 0.5 * courage + 0.4 * trust + rng.normal(size=200)
    ...     trust = 0.5 * trust + rng.normal(size=200)
    >>> dyads = DyadFrame.from_individual(
    ...     pd.concat(rows), dyad="pair", role="role", wave="wave", roles=("coach", "client"))
    >>> panel = fit_panel(dyads, "trust.client", "courage.client", kind="clpm")
    >>> models = panel.tidy().set_index("term")
    >>> bool(models.loc["model: Causal", "p_difference"] > 0.05)
    True
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
    _require_choices({"indicators": indicators, "covariates_on": covariates_on})
    references = tuple(name for name in (x, y, z) if name is not None)
    others = {"covariates": options["covariates"], "predictors": options["predictors"]}
    others["by"] = (by,) if by is not None else ()
    request = Request(
        dyads=with_indicators(dyads, indicators, references, others),
        references=references,
        kind=kind,
        waves=waves_of(dyads, waves, KINDS[kind].fewest_waves),
        estimator=estimator,
        indicators=indicators,
        confidence=confidence,
        seed=seed,
        **options,
    )
    return KINDS[kind].fit(request)


def _require_choices(options: Mapping[str, Any]) -> None:
    for key, choices in _CHOICES.items():
        value = str(options[key])
        if value not in choices:
            raise StudyError(
                f"{key}: '{value}' is none of {listed(choices)}.{nearest(value, choices)}"
            )


def _require_own_keys(kind: str, given: dict[str, Any]) -> None:
    """Refuse keys that a kind of model has no use for.

    Raises
    ------
    Refused
        When the kind of model cannot have one.
    StudyError
        Naming the kinds that have one.
    """
    for key, value in given.items():
        if value == PanelOptions.model_fields[key].default or key in KINDS[kind].keys:
            continue
        if key in KINDS[kind].never:
            raise Refused(KINDS[kind].never[key])
        others = [name for name, offered in KINDS.items() if key in offered.keys]
        where = f" It is a key of kind = {listed(others, 20)}." if others else ""
        raise StudyError(f'{key}: panels of kind "{kind}" have no use for it.{where} Leave it out.')
