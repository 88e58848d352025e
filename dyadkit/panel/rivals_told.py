"""What is told of models that compete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isnan, nan

from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell
from dyadkit.panel.compared import Compared, Named
from dyadkit.panel.estimates import KEY


def difference_sentence(text: str, model: Compared[Named]) -> Iterator[Sentence]:
    """Say what a model costs beside the fullest, unless that is not known.

    `text` reads "Without …, the model fitted {how}", where ``how`` is "worse" or "no worse".
    """
    if isnan(model.difference):
        return
    yield Sentence(
        f"{text}, Δχ²({{df}}) = {{difference}}, {{p}}.",
        {
            "how": Cell("worse" if model.p_value < 1 - model.fit.confidence else "no worse"),
            "df": Cell(model.df, KEY, "df"),
            "difference": Cell(model.difference, KEY, "statistic"),
            "p": Cell(model.p_value, KEY, "p_relation"),
        },
    )


def with_corrected_fit(result: PresentedResult, model: Compared[Named]) -> PresentedResult:
    """Let the summary of exchangeable members' model be about its corrected fit."""
    if model.corrected is None:
        return result
    names = ("chisq", "df", "p_value", "cfi", "tli", "rmsea")
    corrected = {name: model.measure(name) for name in names}
    # These have no interval.
    corrected |= {"rmsea_low": nan, "rmsea_high": nan}
    return replace(result, summary={**result.summary, **corrected})
