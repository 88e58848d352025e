"""Product indicators of latent interactions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as pairs_of

import numpy as np
import pandas as pd

from dyadkit.errors import StudyError, listed, nearest


def product_indicators(
    data: pd.DataFrame, first: Sequence[str], second: Sequence[str], *, match: bool = True
) -> pd.DataFrame:
    r"""Add double-mean-centred products of the indicators of two latent variables.

    Parameters
    ----------
    data : DataFrame
        Never changed.
    first, second : sequence of str
        Indicators of the two latent variables; of one and the same for a latent quadratic term.
    match : bool
        Whether to pair the first with the first, the second with the second and so on (Marsh, Wen
        & Hau, 2004), or each with each.

    Returns
    -------
    DataFrame
        The data with the products in columns such as ``"x1.z1"``, missing where a factor is.

    Notes
    -----
    Indicators are centred, multiplied, and the products centred again (Lin, Wen, Marsh & Lin,
    2010), which needs no mean structure for the interaction.  Products of normal variables are not
    normal: fit with ``estimator="MLR"``.  With each paired with each, products that share an
    indicator have correlated residuals, which the model must free.  Under full information the
    products of incomplete rows are not missing at random even where the indicators are (Lüdtke,
    Robitzsch & West, 2020): prefer ``missing="listwise"``, and say how many rows it costs.

    References
    ----------
    Lin, G.-C., Wen, Z., Marsh, H. W., & Lin, H.-S. (2010). Structural equation models of latent
    interactions: Clarification of orthogonalizing and double-mean-centering strategies. Structural
    Equation Modeling, 17, 374-391.

    Lüdtke, O., Robitzsch, A., & West, S. G. (2020). Regression models involving nonlinear effects
    with missing data: A sequential modeling approach using Bayesian estimation. Psychological
    Methods, 25, 157-181.

    Marsh, H. W., Wen, Z., & Hau, K.-T. (2004). Structural equation models of latent interactions:
    Evaluation of alternative estimation strategies and indicator construction. Psychological
    Methods, 9, 275-300.

    Examples
    --------
    >>> data = pd.DataFrame({"x1": [1.0, 2.0, 3.0], "z1": [2.0, 0.0, 1.0]})
    >>> product_indicators(data, ["x1"], ["z1"])["x1.z1"].round(3).tolist()
    [-0.667, 0.333, 0.333]
    """
    columns = [str(name) for name in data.columns]
    for name in (*first, *second):
        if name not in columns:
            raise StudyError(f"The data have no column '{name}'.{nearest(name, columns)}")
    if match and len(first) != len(second):
        raise StudyError(
            f"Matched products pair the indicators one to one, but there are {len(first)} and "
            f"{len(second)}. Choose as many of each (the most reliable), or set match=False."
        )
    pairs = list(zip(first, second, strict=True)) if match else list(pairs_of(first, second))
    if not match and list(first) == list(second):
        pairs = [(a, b) for a, b in pairs if first.index(a) <= first.index(b)]
    taken = [f"{a}.{b}" for a, b in pairs if f"{a}.{b}" in columns]
    if taken:
        raise StudyError(f"The data have columns {listed(taken)} already. Rename or drop them.")
    added = {}
    for a, b in pairs:
        one, other = (data[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in (a, b))
        found = (one - np.nanmean(one)) * (other - np.nanmean(other))
        added[f"{a}.{b}"] = found - np.nanmean(found)
    return pd.concat([data, pd.DataFrame(added, index=data.index)], axis=1)
