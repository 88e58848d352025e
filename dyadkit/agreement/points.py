"""Limits of agreement with one point a dyad: for the researcher's own screen, never in a report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from dyadkit.display.agreement_figures import LimitsPlot
from dyadkit.display.labels import wave_label
from dyadkit.display.presented import PresentedResult
from dyadkit.errors import StudyError, listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_agreement_points(result: PresentedResult, variable: str) -> Figure:
    """Draw a limits-of-agreement plot with a point for each dyad.

    A partner who knows their own answer can read the other's from a point: keep this figure to
    yourself.  Reports show the same plot with counts of dyads in squares.

    Parameters
    ----------
    result : PresentedResult
        From `dyadkit.assess_agreement`.
    variable : str
        The variable, or the name of a pair (``"a_and_b"``).

    Raises
    ------
    StudyError
        When the result has no limits of agreement of that variable.

    Examples
    --------
    >>> import dyadkit as dk
    >>> import pandas as pd
    >>> df = pd.DataFrame({"pair": [1, 1, 2, 2, 3, 3, 4, 4], "role": ["coach", "client"] * 4,
    ...                    "trust": [5.0, 6, 3, 4, 6, 6, 2, 4]})
    >>> result = dk.assess_agreement(df, ["trust"], dyad="pair", role="role")
    >>> figure = plot_agreement_points(result, "trust")
    """
    from dyadkit.display.drawing import points_figure

    specs = {
        spec.name.removeprefix("limits_"): spec
        for spec in result.figure_specs
        if isinstance(spec, LimitsPlot)
    }
    if variable not in specs or result.derived is None:
        raise StudyError(
            f"There are no limits of agreement of '{variable}' in this result. It has those of "
            f"{listed(list(specs)) or 'nothing'}."
        )
    data = result.derived.data
    difference = f"{variable}_difference"
    if difference not in data:
        raise StudyError(
            "The members of these dyads share one role, so that the difference of "
            f"'{variable}' has no sign, and a point no place."
        )
    there = data[difference].notna()
    waves = [wave_label(wave) for wave in data.loc[there, "wave"]] if "wave" in data else []
    x, y = data.loc[there, f"{variable}_mean"], data.loc[there, difference]
    spec = specs[variable]
    # A report's axes hold what it may show; here nothing is left out.
    spec = replace(spec, x_limits=_holding(spec.x_limits, x), y_limits=_holding(spec.y_limits, y))
    return points_figure(spec, x, y, waves)


def _holding(limits: tuple[float, float], values: pd.Series) -> tuple[float, float]:
    return min(limits[0], float(values.min())), max(limits[1], float(values.max()))
