"""The actor–partner interdependence model."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Literal

import numpy as np
import pandas as pd

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError, listed, nearest
from dyadkit.frame import DyadFrame
from dyadkit.models.mixed_setup import DfMethod
from dyadkit.multilevel.apim_model import fit_apim_rows
from dyadkit.multilevel.apim_rows import lay_out
from dyadkit.multilevel.apim_sem import fit_latent, fit_observed
from dyadkit.multilevel.apim_shown import present_mixed, present_sem
from dyadkit.multilevel.member_rows import frame_of
from dyadkit.study import Part


class ApimOptions(Part):
    """What a study file may say about an analysis of type "apim"."""

    outcome: str
    predictors: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    moderator: str | None = None
    actor_partner: bool = False
    distinguishable: bool | None = None
    center: Literal["grand"] | float | None = "grand"
    method: Literal["REML", "ML"] = "REML"
    df: DfMethod = "satterthwaite"
    engine: Literal["mixed", "sem"] = "mixed"
    latent: bool = False
    equivalence: float | None = None
    bootstrap: int = 0


def fit_apim(
    data: DyadFrame | pd.DataFrame,
    outcome: str,
    predictors: Sequence[str] | str,
    *,
    covariates: Sequence[str] | str = (),
    moderator: str | None = None,
    actor_partner: bool = False,
    distinguishable: bool | None = None,
    center: Literal["grand"] | float | None = "grand",
    method: Literal["REML", "ML"] = "REML",
    df: DfMethod = "satterthwaite",
    engine: Literal["mixed", "sem"] = "mixed",
    latent: bool = False,
    equivalence: float | None = None,
    bootstrap: int = 0,
    alpha: float = 0.05,
    seed: int | np.random.SeedSequence | None = None,
    dyad: str | None = None,
    role: str | None = None,
    person: str | None = None,
) -> PresentedResult:
    r"""Estimate how own and partner's predictors go together with both members' outcomes.

    Parameters
    ----------
    data : DyadFrame or DataFrame
        Of a DataFrame, with one row per person, `dyad`, `role` and `person` name the columns.
    outcome : str
        A number that both members answered, such as ``"trust"`` or ``"trust.t2"``.
    predictors : sequence of str
        Numbers that both members answered; each has an actor and a partner effect.
    covariates : sequence of str
        A person's own score, or the dyad's; categories are compared with the first.
    moderator : str, optional
        Changes all actor and partner effects: a number or category of the dyad, or a number of
        which both the actor's and the partner's value count.
    actor_partner : bool
        Whether each predictor has an actor × partner interaction.
    distinguishable : bool, optional
        Whether effects differ by role; by default whether there are two roles.
    center : {"grand"} or float, optional
        What is subtracted from numeric predictors: their grand mean over both members, a value, or
        nothing (None).
    method : {"REML", "ML"}
    df : {"satterthwaite", "kenward_roger"}
    engine : {"mixed", "sem"}
        A mixed model (t tests), or a structural equation model of the same (ML, z tests).
    latent : bool
        With ``engine="sem"``: variables are measured by their items.
    equivalence : float, optional
        Standardised difference below which the roles' effects count as equivalent.
    bootstrap : int
        Draws of dyads for the interval of k; 0 gives Fieller's.
    alpha : float
        1 − confidence.
    seed : int or SeedSequence, optional
        Makes the bootstrap repeatable.

    Returns
    -------
    PresentedResult
        In `tidy`, ``effect`` is "intercept", "actor", "partner", "covariate", …, of what follows
        from these "k", "couple pattern", "difference in actor", "simple slope, actor" and so on;
        ``std_estimate`` is standardised.

    Raises
    ------
    Refused
        When a variable was not asked of both members, or exchangeable members are to be told apart.
    StudyError
        When a variable or an option is wrong.
    DataError
        When the data cannot carry the model.
    FitError
        When the search does not converge.

    Notes
    -----
    For member i of a dyad with partner j, in role r,
    :math:`y_i = b_{0r} + a_r x_i + p_r x_j + e_i`, with two residual variances and a signed
    correlation of :math:`e_i` and :math:`e_j` (Kenny, Kashy & Cook, 2006, ch. 7).  Standardised
    effects use the standard deviations about the grand mean over both members, the same for both
    roles.  k = p/a (Kenny & Ledermann, 2010) is given where the standardised actor effect is .10 or
    more and its interval excludes 0.  Whether the roles differ is tested by maximum likelihood.

    References
    ----------
    Kenny, D. A., Kashy, D. A., & Cook, W. L. (2006). Dyadic data analysis. Guilford.

    Kenny, D. A., & Ledermann, T. (2010). Detecting, measuring, and testing dyadic patterns in the
    actor–partner interdependence model. Journal of Family Psychology, 24, 359-366.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> own = rng.normal(size=(100, 2))
    >>> y = 0.5 * own + 0.3 * own[:, ::-1] + rng.normal(size=(100, 2))
    >>> df = pd.DataFrame({"pair": np.repeat(np.arange(100), 2), "role": ["coach", "client"] * 100,
    ...                    "openness": own.ravel(), "trust": y.ravel()})
    >>> result = fit_apim(df, "trust", "openness", dyad="pair", role="role")
    >>> result.tidy()["term"].tolist()[2:4]
    ['actor: openness (client)', 'actor: openness (coach)']
    """
    for name, value, choices in (
        ("engine", engine, ("mixed", "sem")),
        ("method", method, ("REML", "ML")),
    ):
        if value not in choices:
            raise StudyError(
                f"{name}={value!r} is not a choice.{nearest(str(value), list(choices))} It takes "
                f"{' or '.join(choices)}."
            )
    if isinstance(center, str) and center != "grand":
        raise StudyError(
            f"center={center!r} is not a choice. It takes 'grand' (the mean over both members), a "
            "number, or None. Centring by role would hide the roles' difference."
        )
    _check_options(engine, df, equivalence, bootstrap)
    dyads = frame_of(data, dyad, role, person)
    told = not dyads.exchangeable if distinguishable is None else distinguishable
    if told and dyads.exchangeable:
        raise Refused(
            "The members of these dyads share one role, so that nothing tells them apart. Leave "
            "distinguishable out, or name the column that holds their roles."
        )
    focal = (predictors,) if isinstance(predictors, str) else tuple(predictors)
    others = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    confidence = 1.0 - alpha
    if latent:
        if engine != "sem":
            raise StudyError('latent = true needs engine = "sem".')
        if others or moderator or actor_partner:
            raise Refused(
                "The latent actor–partner model has predictors only. For covariates or a moderator "
                "write the model for fit_sem, or leave latent out."
            )
        found = fit_latent(dyads, outcome, focal, distinguishable=told, confidence=confidence)
        return present_sem(dyads, None, found, confidence, latent=True)
    rows = lay_out(
        dyads,
        outcome,
        focal,
        distinguishable=told,
        covariates=others,
        moderator=moderator,
        actor_partner=actor_partner,
        center=center,
    )
    if engine == "sem":
        return present_sem(dyads, rows, fit_observed(rows, confidence), confidence, latent=False)
    model = fit_apim_rows(rows, method=method, df=df, confidence=confidence)
    return present_mixed(dyads, model, equivalence=equivalence, bootstrap=bootstrap, seed=seed)


def _check_options(engine: str, df: DfMethod, equivalence: float | None, bootstrap: int) -> None:
    """Refuse values that mean nothing, and options that the engine would leave aside."""
    if equivalence is not None and not 0.0 < equivalence < inf:
        raise StudyError(
            f"equivalence={equivalence} is not a choice. It takes a positive standardised "
            "difference, e.g. 0.1."
        )
    if bootstrap < 0 or bootstrap == 1:
        raise StudyError(
            f"bootstrap={bootstrap} is not a choice. It takes a number of draws, e.g. 2000, or 0 "
            "for Fieller's interval."
        )
    if engine != "sem":
        return
    idle = {
        "df": df != "satterthwaite",
        "equivalence": equivalence is not None,
        "bootstrap": bootstrap > 0,
    }
    named = [name for name, given in idle.items() if given]
    if named:
        raise StudyError(
            f"{listed(named)} belongs to the mixed model, and engine='sem' would leave it "
            "aside. Leave it out, or take engine='mixed'."
        )
