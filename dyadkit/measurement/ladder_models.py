"""The models of one ladder, and what fits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from dyadkit.errors import DataError, Refused, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame
from dyadkit.measurement.ladder import Free, Step, ladder_syntax
from dyadkit.measurement.ordered_answers import Join, answers_of, joined
from dyadkit.measurement.ordered_ladder import ordered_syntax
from dyadkit.measurement.places import Ladder
from dyadkit.models.design import MOST_GROUPS, group_label
from dyadkit.models.measured import Fit
from dyadkit.models.structural import fit_sem

Estimator = Literal["ML", "MLR", "WLSMV"]


@dataclass(frozen=True, slots=True, eq=False)
class LadderModels:
    """The models of one ladder.

    Attributes
    ----------
    ladder : Ladder
    data : DyadFrame or DataFrame
        What they are fitted to.
    estimator : {"ML", "MLR", "WLSMV"}
    groups : tuple of (str, DataFrame)
        Each group's name and rows, in the order in which groups appear; one without a name where
        the ladder has none.  Of ordered answers the complete rows.
    answers : tuple of ndarray
        Of ordered answers, those to each item.
    """

    ladder: Ladder
    data: DyadFrame | pd.DataFrame
    estimator: Estimator
    groups: tuple[tuple[str, pd.DataFrame], ...]
    answers: tuple[FloatArray, ...]

    @classmethod
    def of(
        cls,
        ladder: Ladder,
        data: DyadFrame | pd.DataFrame,
        estimator: Estimator,
        join: Join = (),
    ) -> LadderModels:
        """Look at the data that models are fitted to.

        Parameters
        ----------
        ladder : Ladder
        data : DyadFrame or DataFrame
        estimator : {"ML", "MLR", "WLSMV"}
        join : sequence of sequences of float
            Ordered answers that count as one.

        Raises
        ------
        DataError
            When nobody answered an item, or ordered answers have no thresholds to compare.
        StudyError
            When answers cannot be joined.
        """
        frame = data.wide() if isinstance(data, DyadFrame) else data
        columns = [column for factor in ladder.factors for column in factor.indicators]
        ordered = estimator == "WLSMV"
        absent = [column for column in columns if column not in frame]
        if absent:
            raise DataError(
                f"{ladder.label}: nobody answered {listed(absent)}, so that there is nothing to "
                "compare. Leave the item out of the scale, or the place out of the comparison "
                '(such as scale = "trust.client").'
            )
        if ordered:
            data = frame = joined(frame.dropna(subset=columns), columns, join)
            if frame.empty:
                raise DataError(
                    f"{ladder.label}: no dyad has an answer to all {len(columns)} items, and "
                    "thresholds are estimated from complete rows. Compare fewer places at a time "
                    '(across = ["roles"]), or treat answers as continuous: estimator = "MLR".'
                )
        groups: tuple[tuple[str, pd.DataFrame], ...] = (("", frame),)
        if ladder.group is not None:
            data = frame.dropna(subset=columns, how="all")
            groups = _groups(data, ladder)
        answers = answers_of(ladder.factors, groups) if ordered else ()
        return cls(ladder, data, estimator, groups, answers)

    @property
    def too_few(self) -> str:
        """Where fewer dyads answered than the model without equalities has parameters, say so."""
        columns = [column for factor in self.ladder.factors for column in factor.indicators]
        for label, rows in self.groups:
            there = int(rows[columns].notna().any(axis=1).sum())
            if there < self.n_parameters:
                where = f" in group '{label}'" if label else ""
                fewer = "Take a shorter scale"
                if " and " in self.ladder.words:
                    fewer = 'Compare fewer places at a time, such as across = ["roles"]'
                return (
                    f"The model of {len(columns)} items has {self.n_parameters} parameters{where}, "
                    f"more than the {there} dyads that answered. {fewer}, or look at α and ω in "
                    'each place (type = "reliability"), which need no model of all.'
                )
        return ""

    @property
    def n_parameters(self) -> int:
        """Parameters of the model without any equality, in each group."""
        places, items = len(self.ladder.factors), len(self.ladder.factors[0].indicators)
        levels = sum(values.size - 1 for values in self.answers) or 2 * items
        pairs = places * (places - 1) // 2
        # Loadings, intercepts and residual variances or thresholds; covariances of factors, and of
        # the residuals of each item.
        return places * (items + levels) + pairs * (1 + items)

    @property
    def sizing_step(self) -> Step:
        """The step at which items are freed in turn, to see how far they differ.

        One threshold fixes no unit of a response, whose residual variance is then held too.
        """
        two = any(values.size == 2 for values in self.answers)
        return "residuals" if two else "intercepts"

    def places_in(self, labels: Sequence[str]) -> list[tuple[int, str, pd.DataFrame]]:
        """Return the number of the factor, the group's name and the rows of each place compared.

        Parameters
        ----------
        labels : sequence of str
            The groups, in the order in which a fitted model has them.
        """
        if self.ladder.group is not None:
            rows = dict(self.groups)
            return [(0, label, rows[label]) for label in labels]
        ((label, frame),) = self.groups
        return [(number, label, frame) for number in range(len(self.ladder.factors))]

    def syntax(self, step: Step, free: Sequence[Free]) -> str:
        """Write the model of a step."""
        factors, count = self.ladder.factors, len(self.groups)
        if self.answers:
            thresholds = [values.size - 1 for values in self.answers]
            return ordered_syntax(factors, step, free, thresholds, groups=count)
        return ladder_syntax(factors, step, free, groups=count)

    def fit(self, step: Step, free: Sequence[Free]) -> Fit:
        """Fit the model of a step."""
        syntax, group = self.syntax(step, free), self.ladder.group
        if self.estimator == "WLSMV":
            return fit_sem(
                syntax,
                self.data,
                auto="lavaan",
                estimator="WLSMV",
                ordered=True,
                parameterization="theta",
                group=group,
            )
        return fit_sem(syntax, self.data, auto="lavaan", estimator=self.estimator, group=group)


def _groups(frame: pd.DataFrame, ladder: Ladder) -> tuple[tuple[str, pd.DataFrame], ...]:
    """Return each group's name, as a fit calls it, and rows."""
    parts = frame.dropna(subset=[ladder.group]).groupby(ladder.group, sort=False, observed=True)
    if not 2 <= parts.ngroups <= MOST_GROUPS:
        raise Refused(
            f"{ladder.label}: the groups are the values of '{ladder.group}', of which the dyads "
            f"that answered have {parts.ngroups}. A ladder fits a model in each group and needs 2 "
            f"to {MOST_GROUPS} of them, with many dyads each. Name another variable, or turn its "
            "values into a few groups."
        )
    return tuple((group_label(label), part) for label, part in parts)
