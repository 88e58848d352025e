"""A one-with-many model as a result."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dyadkit.answers.protection import minimum_of
from dyadkit.display.presented import PresentedResult
from dyadkit.frame import DyadFrame
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.multilevel.numbers import KEY
from dyadkit.multilevel.one_with_many_estimates import (
    analyses_of_variance,
    anova_rows,
    component_rows,
    effect_rows,
)
from dyadkit.multilevel.one_with_many_rows import FocalRows
from dyadkit.multilevel.one_with_many_tables import effects_table, shares_figure, variance_table
from dyadkit.multilevel.one_with_many_text import methods_of, notes_of, sentences_of
from dyadkit.results import Estimates, Support


def present_focal(dyads: DyadFrame, rows: FocalRows, fit: MixedFit) -> PresentedResult:
    """Put everything together."""
    percent = f"{100 * fit.setup.confidence:g} %"
    used = rows.frame.iloc[np.asarray(fit.rows.places)]
    effects = effect_rows(rows, fit)
    components = component_rows(rows, fit)
    anova = analyses_of_variance(rows, used)
    every = [*effects, *components, *anova_rows(anova)]
    support = _support(rows, used)
    return PresentedResult(
        type="one_with_many",
        title="One-with-many model",
        estimates=Estimates(every, [KEY] * len(every)),
        summary={
            **fit.summary,
            "n_persons": support.persons,
            "n_focal": int(used["focal"].nunique()),
        },
        table_specs=(
            variance_table(rows, components, anova, percent),
            effects_table(rows, effects, percent),
        ),
        figure_specs=(shares_figure(rows, components, percent),),
        sentences=tuple(sentences_of(rows, components)),
        methods=(methods_of(rows, fit),),
        supports=(support,),
        minimum=minimum_of(dyads),
        notes=(*notes_of(rows, used, components, anova), *fit.notes),
        convergence=fit.convergence,
    )


def _support(rows: FocalRows, used: pd.DataFrame) -> Support:
    """Count dyads and persons on the side that has fewest: its numbers stand beside the others."""
    sides = [used[used["role"] == role] for role in rows.roles]
    return Support(
        KEY,
        min(int(side["dyad"].nunique()) for side in sides),
        min(int(side[name].nunique()) for side in sides for name in ("focal", "partner")),
    )
