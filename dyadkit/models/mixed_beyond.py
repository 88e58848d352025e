"""What a fitted mixed model can be asked after its estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from dyadkit.errors import FitError, StudyError, nearest
from dyadkit.estimation.arrays import IntArray
from dyadkit.estimation.resample import percentile_interval
from dyadkit.mixed.bootstrap import Draws, resample_clusters, simulate_outcomes
from dyadkit.mixed.influence import influence_of
from dyadkit.mixed.prediction import explained_variance, random_effects, residuals_of
from dyadkit.mixed.profile import profile_component
from dyadkit.mixed.solution import Solution
from dyadkit.models.mixed_covariances import quantities_of
from dyadkit.models.mixed_setup import MixedSetup
from dyadkit.models.used_rows import Rows

IntervalKind = Literal["profile", "cluster", "parametric"]
_KINDS = ("profile", "cluster", "parametric")


@dataclass(frozen=True, eq=False)
class MixedBeyond:
    """Intervals, predictions and diagnostics of a `MixedFit`."""

    solution: Solution
    setup: MixedSetup
    rows: Rows

    def intervals(
        self,
        kind: IntervalKind = "profile",
        *,
        draws: int = 1000,
        seed: int | np.random.SeedSequence | None = None,
    ) -> pd.DataFrame:
        """Return intervals other than those of `tidy`.

        Parameters
        ----------
        kind : {"profile", "cluster", "parametric"}
            From the profile of the (restricted) likelihood, of variances, correlations and decays;
            or percentiles of refits, of fixed effects too: to clusters drawn with replacement, or
            to outcomes simulated from the model.
        draws : int
            Refits of a bootstrap.
        seed : int or SeedSequence, optional
            Makes a bootstrap repeatable.

        Returns
        -------
        DataFrame
            ``term, effect, group, estimate, conf_low, conf_high`` as in `tidy`, and, of a
            bootstrap, ``failed``: the refits of which nothing came.

        Raises
        ------
        FitError
            When a profile's search, or half of the refits, do not converge.
        """
        if kind not in _KINDS:
            raise StudyError(
                f"kind={kind!r} is not a choice.{nearest(str(kind), list(_KINDS))} It takes "
                f"{', '.join(_KINDS)}."
            )
        if kind == "profile":
            return pd.DataFrame(self._profiles())
        found = self.refits(kind, draws, seed)
        named = [(name, "fixed", "") for name in self.setup.names]
        values = [self.solution.beta]
        columns = [found.beta]
        for group, name, quantity in quantities_of(self.solution, self.setup):
            named.append((name, "covariance", group))
            values.append(quantity.values(self.solution.theta[None]))
            columns.append(quantity.values(found.theta)[:, None])
        ends = np.apply_along_axis(
            percentile_interval, 0, np.concatenate(columns, axis=1), self.setup.confidence
        )
        frame = pd.DataFrame(named, columns=["term", "effect", "group"])
        return frame.assign(
            estimate=np.concatenate(values),
            conf_low=ends[0],
            conf_high=ends[1],
            failed=found.failed,
        )

    def refits(
        self,
        kind: Literal["cluster", "parametric"],
        draws: int,
        seed: int | np.random.SeedSequence | None = None,
    ) -> Draws:
        """Return the estimates of bootstrap refits, all draws fitted at once; see `intervals`."""
        if draws < 2:
            raise StudyError(f"draws={draws} is too few: a bootstrap takes a thousand or more.")
        rng = np.random.default_rng(seed)
        with threadpool_limits(limits=1):
            refit = resample_clusters if kind == "cluster" else simulate_outcomes
            found = refit(self.solution, draws, rng)
        if 2 * found.failed > draws:
            raise FitError(
                f"{found.failed} of {draws} bootstrap refits did not converge, too many for an "
                "interval. The model asks too much of so few dyads: take fewer random effects, or "
                "the intervals of tidy()."
            )
        return found

    def random_effects(self) -> pd.DataFrame:
        """Return the predicted random effects (best linear unbiased predictors).

        Returns
        -------
        DataFrame
            ``group, unit, term, estimate``, and ``member`` where a term has effects of either
            member of a dyad.
        """
        parts = []
        terms = zip(
            self.setup.random, self.setup.effects, self.solution.problem.random, strict=True
        )
        for (formula, names, term), found in zip(terms, random_effects(self.solution), strict=True):
            labels = self._labels(formula.group, term.group)
            members = found[:, None] if found.ndim == 2 else found
            units, count, q = members.shape
            part = pd.DataFrame(
                {
                    "group": formula.group,
                    "unit": np.repeat(labels, count * q),
                    "term": np.tile(np.array(names, dtype=object), units * count),
                    "estimate": members.ravel(),
                }
            )
            if count > 1:
                part["member"] = np.tile(np.repeat(list(self.setup.members), q), units)
            parts.append(part)
        if not parts:
            raise StudyError("The model has no random effects; residuals() has what it leaves.")
        return pd.concat(parts, ignore_index=True)

    def residuals(self) -> pd.DataFrame:
        """Return fitted values and residuals, with the index of the data.

        Returns
        -------
        DataFrame
            ``fitted``, from the fixed effects; ``marginal`` residuals about it; ``conditional``
            ones, about the predicted random effects too; and ``normalized`` ones, which are about
            independent, with variance 1, when the model is right.
        """
        found = residuals_of(self.solution)
        return pd.DataFrame(
            {
                "fitted": self.solution.problem.y - found.marginal,
                "marginal": found.marginal,
                "conditional": found.conditional,
                "normalized": found.normalized,
            },
            index=self.rows.index[self.rows.places],
        )

    def residual_diagnostics(self) -> pd.DataFrame:
        """Describe the normalized residuals of each role.

        Returns
        -------
        DataFrame
            ``role, n, mean, sd, skewness, kurtosis`` (excess), ``largest`` (in size), and
            ``spread_with_fitted``, the correlation of their size with the fitted value, which is
            near 0 where variances do not change with the mean.
        """
        frame = self.residuals()
        member = self.solution.problem.residual.member
        rows = []
        names = self.setup.members if self.setup.told_apart else ("",)
        for code, name in enumerate(names):
            own = frame[member == code] if self.setup.told_apart else frame
            values = own["normalized"].to_numpy()
            centred = values - values.mean()
            square = float(np.mean(centred**2))
            spread = np.array([np.abs(values), own["fitted"].to_numpy()])
            varies = bool((np.ptp(spread, axis=1) > 0).all())
            rows.append(
                {
                    "role": name,
                    "n": values.size,
                    "mean": float(values.mean()),
                    "sd": float(values.std(ddof=1)),
                    "skewness": float(np.mean(centred**3)) / square**1.5,
                    "kurtosis": float(np.mean(centred**4)) / square**2 - 3.0,
                    "largest": float(np.abs(values).max()),
                    "spread_with_fitted": float(np.corrcoef(spread)[0, 1]) if varies else np.nan,
                }
            )
        return pd.DataFrame(rows)

    def r_squared(self) -> pd.DataFrame:
        """Return marginal and conditional R² (Nakagawa & Schielzeth, 2013; Johnson, 2014).

        Returns
        -------
        DataFrame
            One row: ``marginal``, the share of variance of the fixed effects; ``conditional``, of
            fixed and random effects.  The two members' residual correlation is in neither.
        """
        found = explained_variance(self.solution)
        return pd.DataFrame([{"marginal": found.marginal, "conditional": found.conditional}])

    def influence(self) -> pd.DataFrame:
        """Return what leaving out each cluster does to the fixed effects, at equal covariances.

        For the screen only: each row tells of one dyad.

        Returns
        -------
        DataFrame
            By the dyad, or the largest group that ties dyads together: ``cooks_distance``, then for
            each effect its change in standard errors.  NaN where it cannot be estimated without.
        """
        found = influence_of(self.solution)
        error = np.sqrt(np.diagonal(self.solution.covariance))
        frame = pd.DataFrame(found.change / error, columns=list(self.setup.names))
        frame.insert(0, "cooks_distance", found.cooks_distance)
        clusters = self.solution.problem.cluster
        name = self._cluster_column(clusters)
        frame.index = pd.Index(self._labels(name, clusters), name=name)
        return frame

    def _profiles(self) -> list[dict[str, Any]]:
        rows = []
        for group, name, quantity in quantities_of(self.solution, self.setup):
            found = profile_component(self.solution, quantity, self.setup.confidence)
            rows.append(
                {
                    "term": name,
                    "effect": "covariance",
                    "group": group,
                    "estimate": found.estimate,
                    "conf_low": found.low,
                    "conf_high": found.high,
                }
            )
        return rows

    def _labels(self, column: str, codes: IntArray) -> Any:
        """Return what stands in a column for each code."""
        _, first = np.unique(codes, return_index=True)
        return self.rows.frame[column].to_numpy()[first]

    def _cluster_column(self, clusters: IntArray) -> str:
        """Return the first column whose units are the clusters; else that of the dyads."""
        names = [self.setup.columns.dyad, *(term.group for term in self.setup.random)]
        n = int(clusters.max()) + 1
        for name in names:
            if self.rows.frame[name].nunique() == n:
                return name
        return self.setup.columns.dyad
