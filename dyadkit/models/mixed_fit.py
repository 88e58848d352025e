"""What a fitted linear mixed model says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray
from scipy.special import stdtr, stdtrit

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import StudyError, nearest
from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.degrees import KenwardRoger, Satterthwaite
from dyadkit.models.mixed_beyond import MixedBeyond
from dyadkit.models.mixed_covariances import covariance_rows
from dyadkit.models.mixed_formula import rows_of
from dyadkit.models.mixed_notes import notes_of
from dyadkit.models.mixed_tables import presented
from dyadkit.models.shown import Shown
from dyadkit.results import TIDY_COLUMNS, Convergence, Note, Verdict

_COLUMNS = pd.Index(["term", "effect", "group", *TIDY_COLUMNS[1:]])


@dataclass(frozen=True, eq=False)
class MixedFit(MixedBeyond, Shown):
    """A fitted linear mixed model; see `dyadkit.fit_mixed`.

    Attributes
    ----------
    solution : Solution
        Estimates as arrays.
    setup : MixedSetup
        How the model was fitted, and to what.
    rows : Rows
        The rows it was fitted to.
    notes, verdicts, convergence
        See `dyadkit.results.Result`.
    """

    notes: tuple[Note, ...] = ()
    convergence: Convergence | None = None
    verdicts: tuple[Verdict, ...] = ()

    type = "mixed"
    title = "Linear mixed model"

    def __post_init__(self) -> None:
        # Frozen: this is the way to set what follows from the rest.
        object.__setattr__(self, "notes", notes_of(self.solution, self.setup))
        object.__setattr__(self, "convergence", self.solution.convergence)
        if self.setup.df == "kenward_roger":
            # What cannot be had is refused before anybody waits for it.
            _ = self.degrees

    @cached_property
    def degrees(self) -> Satterthwaite | KenwardRoger:
        """What gives degrees of freedom."""
        if self.setup.df == "kenward_roger":
            return KenwardRoger(self.solution)
        return Satterthwaite(self.solution)

    def tidy(self) -> pd.DataFrame:
        """Return one row per fixed effect, then one per variance, covariance and correlation.

        Returns
        -------
        DataFrame
            ``effect`` is ``"fixed"`` or ``"covariance"``; ``group`` says of the latter which random
            term, or "residual".  Covariance parameters have Wald intervals on the scale of the
            logarithm (variances, ratios, θ) or of Fisher's z (correlations, φ), and no tests.
        """
        names = self.setup.names
        fixed = self.combinations(np.eye(len(names)))
        rest = covariance_rows(self.solution, self.setup)
        columns: list[Any] = [*_labels(names, tuple((row["term"], row["group"]) for row in rest))]
        for name in TIDY_COLUMNS[1:]:
            columns.append(np.concatenate([fixed[name], [row[name] for row in rest]]))
        found = pd.DataFrame(dict(enumerate(columns)))
        # To find out anew that names are texts takes as long as their columns.
        found.columns = _COLUMNS.copy()
        return found

    def glance(self) -> pd.DataFrame:
        """Return one row about the whole model: sizes, log-likelihood, information criteria."""
        return pd.DataFrame([self.summary])

    @cached_property
    def summary(self) -> dict[str, float]:
        """The columns of `glance`."""
        setup, loglik = self.setup, self.solution.loglik
        p = len(setup.names)
        parameters = p + self.solution.w.size
        n = setup.n_rows - (p if setup.method == "REML" else 0)
        return {
            "n_obs": setup.n_rows,
            "n_dyads": setup.n_dyads,
            "n_persons": setup.n_persons,
            "n_clusters": setup.n_clusters,
            "n_parameters": parameters,
            "loglik": loglik,
            "deviance": -2.0 * loglik,
            "aic": -2.0 * loglik + 2.0 * parameters,
            "bic": -2.0 * loglik + float(np.log(n)) * parameters,
        }

    def coef(self) -> pd.Series:
        """Return the fixed effects by name."""
        return pd.Series(self.solution.beta, index=list(self.setup.names))

    def vcov(self) -> pd.DataFrame:
        """Return the covariance matrix of the fixed effects; adjusted under Kenward–Roger."""
        names = list(self.setup.names)
        return pd.DataFrame(self.degrees.covariance, index=names, columns=names)

    def combinations(self, weights: FloatArray) -> dict[str, FloatArray]:
        """Return estimates, tests and intervals of combinations of effects (r, p)."""
        estimate = weights @ self.solution.beta
        error = np.sqrt(((weights @ self.degrees.covariance) * weights).sum(axis=1))
        df = self.degrees.df(weights)
        t = estimate / error
        reach = stdtrit(df, 0.5 + 0.5 * self.setup.confidence) * error
        return {
            "estimate": estimate,
            "std_error": error,
            "statistic": t,
            "df": df,
            "p_value": 2.0 * stdtr(df, -np.abs(t)),
            "conf_low": estimate - reach,
            "conf_high": estimate + reach,
        }

    def combination(self, weights: FloatArray) -> dict[str, float]:
        """Return estimate, test and interval of one combination of effects (p,)."""
        found = self.combinations(weights[None])
        return {name: float(values[0]) for name, values in found.items()}

    def contrast(self, weights: Mapping[str, float], name: str = "contrast") -> pd.DataFrame:
        """Estimate and test a combination of fixed effects.

        Parameters
        ----------
        weights : mapping of str to float
            By the names of effects, for example ``{"role[coach]:act": 1, "role[client]:act": -1}``.
        name : str
            What to call it.

        Raises
        ------
        StudyError
            When there is no effect of that name.
        """
        return pd.DataFrame([{"term": name, **self.combination(self.weights(weights))}])

    def test(self, *combinations: str | Mapping[str, float]) -> pd.DataFrame:
        """Test that effects, or combinations of them, are all zero.

        Parameters
        ----------
        *combinations : str or mapping
            Names of effects, or weights as `contrast` takes them.

        Returns
        -------
        DataFrame
            One row: ``statistic`` (F), ``df``, ``df_denominator``, ``p_value``.
        """
        if not combinations:
            raise StudyError("A test needs an effect or a combination of effects.")
        rows = [self.weights({one: 1.0} if isinstance(one, str) else one) for one in combinations]
        found = self.degrees.test(np.stack(rows))
        return pd.DataFrame(
            [
                {
                    "statistic": found.statistic,
                    "df": found.df,
                    "df_denominator": found.df_denominator,
                    "p_value": found.p_value,
                }
            ]
        )

    def weights(self, weights: Mapping[str, float]) -> FloatArray:
        """Return a combination of effects as an array (p,)."""
        names = list(self.setup.names)
        found = np.zeros(len(names))
        for name, weight in weights.items():
            if name not in names:
                raise StudyError(
                    f"There is no fixed effect '{name}'.{nearest(name, names)} The effects are "
                    f"{', '.join(names)}."
                )
            found[names.index(name)] = weight
        return found

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Predict the mean of rows from the fixed effects, with its interval.

        Parameters
        ----------
        data : DataFrame
            The columns of the formula's predictors; roles as in the data of the fit.

        Returns
        -------
        DataFrame
            ``estimate, std_error, df, conf_low, conf_high``, with the index of `data`.
        """
        x = rows_of(self.setup.spec, self._with_roles(data))
        found = pd.DataFrame(self.combinations(x), index=data.index)
        return found[["estimate", "std_error", "df", "conf_low", "conf_high"]]

    def _with_roles(self, data: pd.DataFrame) -> pd.DataFrame:
        role = self.setup.columns.role
        if role is None or role not in data:
            return data
        kind = pd.CategoricalDtype(list(self.setup.members))
        return data.assign(**{role: data[role].astype(str).astype(kind)})

    def _present(self) -> PresentedResult:
        return presented(self.setup, self.tidy(), self.summary, self.notes, self.convergence)

    def __repr__(self) -> str:
        return (
            f"<{self.title}: {self.setup.formula}, {self.setup.method}, {self.setup.n_rows} rows "
            f"in {self.setup.n_dyads} dyads, {len(self.notes)} notes>"
        )


@lru_cache(maxsize=64)
def _labels(
    effects: tuple[str, ...], covariances: tuple[tuple[str, str], ...]
) -> tuple[ExtensionArray, ...]:
    """Return the columns of text in `tidy`, which the model alone determines."""
    labels = [(name, "fixed", "") for name in effects]
    labels += [(name, "covariance", group) for name, group in covariances]
    return tuple(pd.array(list(texts), dtype="str") for texts in zip(*labels, strict=True))
