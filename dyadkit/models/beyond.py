"""What a fitted structural equation model can be asked after its estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dyadkit.errors import Refused, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.models import sem_diagnostics, sem_tests
from dyadkit.models.sem_setup import Setup
from dyadkit.models.sem_tests import ConstraintTest
from dyadkit.sem.cases import Cases
from dyadkit.sem.latent_scores import Method, factor_scores
from dyadkit.sem.solution import Information, Solution

if TYPE_CHECKING:
    from dyadkit.models.sem_fit import SemFit


class Beyond:
    """Tests, scores, diagnostics and refits of a `SemFit`."""

    solution: Solution
    setup: Setup
    cases: Cases | None

    def wald_test(self, constraints: str) -> ConstraintTest:
        r"""Test equations between parameters by their estimates.

        Parameters
        ----------
        constraints : str
            Such as ``"a == b"`` or ``"a1 == a2; indirect == 0"``, between labels and defined
            parameters.

        Returns
        -------
        ConstraintTest
            :math:`c' (J V J')^{-1} c` with V as the standard errors have it, robust or not.
        """
        return sem_tests.wald_test(self.solution, self.setup, constraints)

    def score_test(
        self,
        add: str | None = None,
        *,
        release: Sequence[int] | None = None,
        information: Information = "expected",
    ) -> ConstraintTest:
        """Test what the likelihood would gain from letting equality constraints go.

        Parameters
        ----------
        add : str, optional
            Parameters to free in place of that, such as ``"y1 ~~ x1; f =~ x4"``.
        release : sequence of int, optional
            Numbers, from 1, of the constraints to let go; by default all of them.
        information : {"expected", "observed"}
            The observed one may fail far from the optimum, where it need not be positive definite.
        """
        return sem_tests.score_test(
            self.solution,
            self.setup.labels,
            add=add,
            release_constraints=release,
            information=information,
        )

    def modification_indices(self, information: Information = "expected") -> pd.DataFrame:
        """Return what freeing each absent parameter would do, the largest gain first.

        Returns
        -------
        DataFrame
            ``lhs, op, rhs, group``, ``mi`` (the expected fall of chi-square), ``p_value``, ``epc``
            (the expected change of the parameter) and ``sepc_all`` (the same, completely
            standardised); after robust inference ``mi_scaled`` too, which p is of.

        Notes
        -----
        One of many tests looked at together: the largest of k is large by chance.
        """
        return sem_tests.modification_indices(self.solution, self.setup, information)

    def factor_scores(self, method: Method = "regression") -> pd.DataFrame:
        """Return scores of the latent variables, one row per row used.

        Parameters
        ----------
        method : {"regression", "bartlett"}
            Those with the least error, which shrink to the mean; or unbiased ones.

        Returns
        -------
        DataFrame
            For each latent variable its scores and, in ``name_se``, their standard errors; missing
            where a row has none of its indicators (``"bartlett"``).  Scores carry error: see
            `factor_score_reliability` before using them as variables.
        """
        found = factor_scores(self.solution, self._rows("A factor score"), self._method(method))
        names = list(self.solution.table.latent)
        columns = {name: found.scores[:, k] for k, name in enumerate(names)}
        columns |= {f"{name}_se": found.errors[:, k] for k, name in enumerate(names)}
        return pd.DataFrame(columns)

    def factor_score_reliability(self, method: Method = "regression") -> pd.DataFrame:
        r"""Return how reliable the scores of rows with all indicators are.

        Returns
        -------
        DataFrame
            ``group, term, reliability``: with :math:`\varphi` the variance of the latent variable
            and e the standard error, :math:`1 - e^2/\varphi` of regression scores and
            :math:`\varphi / (\varphi + e^2)` of Bartlett's: the squared correlation of scores and
            latent variable.
        """
        found = factor_scores(self.solution, self._rows("A factor score"), self._method(method))
        noise = found.complete_errors**2
        share = (
            1.0 - noise / found.variances
            if method == "regression"
            else found.variances / (found.variances + noise)
        )
        labels = self.setup.labels or (1,)
        return pd.DataFrame(
            [
                {"group": label, "term": name, "reliability": float(share[g, k])}
                for g, label in enumerate(labels)
                for k, name in enumerate(self.solution.table.latent)
            ]
        )

    def _method(self, method: Method) -> Method:
        if method not in ("regression", "bartlett"):
            raise StudyError(f"method={method!r} is not a choice. It takes regression, bartlett.")
        if not self.solution.table.latent:
            raise Refused("The model has no latent variable to score.")
        return method

    def influence(self) -> pd.DataFrame:
        r"""Return what single rows (clusters, where there are some) do to the estimates.

        Returns
        -------
        DataFrame
            ``loglik``, each row's log-likelihood; ``cooks_distance``, the generalised distance
            :math:`(\hat\theta - \hat\theta_{(i)})' I_{(i)} (\hat\theta - \hat\theta_{(i)})`
            to the estimates without it (Pek & MacCallum, 2011), each found by fitting again; and
            for each parameter the change in standard errors.  NaN where that fit fails.

        References
        ----------
        Pek, J., & MacCallum, R. C. (2011). Sensitivity analysis in structural equation models:
        Cases and their influence. Multivariate Behavioral Research, 46, 202-228.
        """
        return sem_diagnostics.influence_of(self.solution, self._rows("Influence"))

    def small_sample_tests(self) -> pd.DataFrame:
        """Return the chi-square test with corrections for small samples.

        Returns
        -------
        DataFrame
            One row per correction, by its authors: ``factor``, ``statistic`` ((N - 1) F times the
            factor), ``df``, ``p_value``.

        References
        ----------
        Bartlett, M. S. (1950). Tests of significance in factor analysis. British Journal of
        Psychology, 3, 77-85.

        Swain, A. J. (1975). Analysis of parametric structures for variance matrices. Doctoral
        dissertation, University of Adelaide.

        Yuan, K.-H. (2005). Fit indices versus test statistics. Multivariate Behavioral Research,
        40, 115-148.

        Yuan, K.-H., Tian, Y., & Yanagihara, H. (2015). Empirical correction to the likelihood ratio
        statistic for structural equation modeling with many variables. Psychometrika, 80, 379-405.
        """
        return sem_diagnostics.small_sample_tests(self.solution, self.setup)

    def simulate(self, n: int, *, seed: int | np.random.SeedSequence | None = None) -> pd.DataFrame:
        """Draw normal rows from the fitted model: n in each group.

        Parameters
        ----------
        n : int
        seed : int or SeedSequence, optional
        """
        if n < 1:
            raise StudyError(f"n is a number of rows and must be at least 1, but it is {n}.")
        return sem_diagnostics.simulated(self.solution, self.setup, n, seed)

    def refit(self, data: pd.DataFrame | DyadFrame) -> SemFit:
        """Fit the same model in the same way to other data.

        Parameters
        ----------
        data : DataFrame or DyadFrame
        """
        from dyadkit.models.structural import fit_sem

        fitted: SemFit = fit_sem(self.setup.model, data, **self.setup.request)
        return fitted

    def _rows(self, what: str) -> Cases:
        if self.cases is None:
            raise Refused(
                f"{what} needs the rows, but this model was fitted to a covariance matrix. Pass "
                "the data themselves, or use monte_carlo_intervals()."
            )
        return self.cases
