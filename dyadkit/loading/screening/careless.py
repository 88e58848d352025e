"""Careless answering: indices of each row, what is flagged, and how they are distributed.

An index is a hint and no proof: a short scale whose items all say the same is rightly answered
alike.  Nothing here leaves out a row; the study file alone says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from dyadkit.loading.screening.consistency import correlated_pairs, within_person
from dyadkit.loading.screening.mahalanobis import squared_distances
from dyadkit.loading.screening.pairwise import pairwise_moments

FloatArray = NDArray[np.float64]

# Index to whether a high value is the suspicious one.
_SUSPICIOUS_HIGH = {
    "longest_run": True,
    "within_sd": False,
    "mahalanobis_p": False,
    "seconds_per_item": False,
    "synonyms": False,
    "antonyms": True,
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a row is flagged; careful people should hardly ever be.

    Attributes
    ----------
    longest_run_share : float
        A run of identical answers of at least this share of the answered items is flagged: half
        of them (Curran, 2016) ...
    longest_run : int
        ... when it is at least so long, since short scales are rightly answered alike.
    within_sd : float
        A standard deviation of a row's codes below this is flagged: all but one or two answers
        are the same.  Dunn et al. (2018), who propose the index, give no fixed value; this is
        ours, as is the smallest number of items.
    fewest_items : int
        Answers a row must have for its standard deviation to be flagged.
    mahalanobis_p : float
        Chi-square probabilities below this are flagged, as is usual for multivariate outliers
        (Tabachnick & Fidell, 2013).  Answers are not normal, so a few in a thousand careful
        rows are flagged rather than one.
    seconds_per_item : float
        Less time per item than this is flagged (Huang et al., 2012).
    synonyms, antonyms : float
        A within-person correlation below `synonyms` over pairs of items that go together, or
        above `antonyms` over pairs that go against each other, is flagged.
    fewest_pairs : int
        Pairs of items a row must have answered for that: over few pairs the correlation is
        mostly noise, and of careful people one in ten is on the wrong side of 0.

    References
    ----------
    Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey
    data. Journal of Experimental Social Psychology, 66, 4-19.

    Dunn, A. M., Heggestad, E. D., Shanock, L. R., & Theilgard, N. (2018). Intra-individual
    response variability as an indicator of insufficient effort responding: Comparison to other
    indicators and relationships with individual differences. Journal of Business and Psychology,
    33, 105-121.

    Huang, J. L., Curran, P. G., Keeney, J., Poposki, E. M., & DeShon, R. P. (2012). Detecting and
    deterring insufficient effort responding to surveys. Journal of Business and Psychology, 27,
    99-114.

    Tabachnick, B. G., & Fidell, L. S. (2013). Using multivariate statistics (6th ed.). Pearson.
    """

    longest_run_share: float = 0.5
    longest_run: int = 10
    within_sd: float = 0.25
    fewest_items: int = 10
    mahalanobis_p: float = 0.001
    seconds_per_item: float = 2.0
    synonyms: float = 0.0
    antonyms: float = 0.0
    fewest_pairs: int = 50


def careless_indices(
    items: ArrayLike,
    seconds: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    *,
    pair_correlation: float = 0.60,
) -> pd.DataFrame:
    r"""Compute indices of careless answering for each row.

    Parameters
    ----------
    items : array_like of float, shape (n, p)
        The codes as they were given, reverse-keyed items not turned, in the order in which they
        were asked; NaN is missing.
    seconds : array_like of float, shape (n,), optional
        How long the whole questionnaire took.
    groups : array_like, shape (n,), optional
        Who was asked the same items, such as role and wave; distances and pairs of items are
        taken within these.  An item that was not asked in a group is NaN there.
    pair_correlation : float
        Items that correlate more highly than this are synonyms, below its negative antonyms; .60
        is that of Meade and Craig (2012).

    Returns
    -------
    DataFrame
        A row for each row of `items`, NaN where an index cannot be had:

        - ``answered``: items.
        - ``longest_run``: of identical answers one after the other; missing ones are passed over.
        - ``within_sd``: standard deviation (divisor k - 1) of the row's k answers, called
          intra-individual response variability by Dunn et al. (2018); NaN below two answers.
        - ``mahalanobis``, ``mahalanobis_p``: squared distance from the group's mean in the items
          that the row answers, and the chi-square probability of a larger one; see
          `dyadkit.loading.screening.mahalanobis.squared_distances`.
        - ``seconds_per_item``: `seconds` / answered.
        - ``synonyms``, ``synonym_pairs``, ``antonyms``, ``antonym_pairs``: within-person
          correlation over such pairs of items, and how many pairs the row answers.

    References
    ----------
    Meade, A. W., & Craig, S. B. (2012). Identifying careless responses in survey data.
    Psychological Methods, 17, 437-455.

    Examples
    --------
    >>> indices = careless_indices([[1, 2, 2, np.nan, 2], [5, 4, 3, 2, 1]], seconds=[40, 5])
    >>> indices[["longest_run", "within_sd", "seconds_per_item"]].round(2).to_numpy().tolist()
    [[3.0, 0.5, 10.0], [1.0, 1.58, 1.0]]
    """
    answers = np.asarray(items, dtype=np.float64)
    answered = np.zeros(len(answers), dtype=np.int64)
    for column in answers.T:
        answered += ~np.isnan(column)
    indices: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {
        "answered": answered,
        "longest_run": _longest_run(answers),
        "within_sd": _within_sd(answers, answered),
    }
    shared = ("mahalanobis", "mahalanobis_p")
    pairs = ("synonyms", "synonym_pairs", "antonyms", "antonym_pairs")
    for name in (*shared, "seconds_per_item", *pairs):
        zero = name.endswith("_pairs")
        indices[name] = np.full(len(answers), 0 if zero else np.nan)
    if seconds is not None:
        taken = np.asarray(seconds, dtype=np.float64)
        known = (answered > 0) & (taken >= 0)
        np.divide(taken, answered, out=indices["seconds_per_item"], where=known)
    codes = np.zeros(len(answers), dtype=np.int64)
    if groups is not None:
        codes = np.asarray(pd.factorize(np.asarray(groups))[0], dtype=np.int64)
    for group in range(codes.max(initial=-1) + 1):
        rows = np.flatnonzero(codes == group)
        here = answers[rows]
        moments = pairwise_moments(here)
        distances, freedom = squared_distances(here, moments)
        indices["mahalanobis"][rows] = distances
        indices["mahalanobis_p"][rows] = chdtrc(np.maximum(freedom, 1), distances)
        kinds = correlated_pairs(moments, pair_correlation)
        for kind, found in zip(("synonym", "antonym"), kinds, strict=True):
            indices[f"{kind}s"][rows], indices[f"{kind}_pairs"][rows] = within_person(here, found)
    whole = {"longest_run": np.int64, "synonym_pairs": np.int64, "antonym_pairs": np.int64}
    return pd.DataFrame(indices).astype(whole)


def flags(indices: pd.DataFrame, thresholds: Thresholds) -> pd.DataFrame:
    """Mark the values that are on the wrong side of their threshold.

    Parameters
    ----------
    indices : DataFrame
        From `careless_indices`.
    thresholds : Thresholds

    Returns
    -------
    DataFrame of bool
        ``longest_run``, ``within_sd``, ``mahalanobis_p``, ``seconds_per_item``, ``synonyms`` and
        ``antonyms``; an index that is missing is no flag.

    Examples
    --------
    >>> indices = careless_indices([[3] * 12, [1, 2] * 6], seconds=[20, 60])
    >>> marked = flags(indices, Thresholds())
    >>> marked.loc[0, ["longest_run", "within_sd", "seconds_per_item"]].tolist()
    [True, True, True]
    >>> bool(marked.loc[1].any())
    False
    """
    run, answered = indices["longest_run"], indices["answered"]
    marked = {
        "longest_run": (run >= thresholds.longest_run_share * answered)
        & (run >= thresholds.longest_run),
        "within_sd": (indices["within_sd"] < thresholds.within_sd)
        & (answered >= thresholds.fewest_items),
        "mahalanobis_p": indices["mahalanobis_p"] < thresholds.mahalanobis_p,
        "seconds_per_item": indices["seconds_per_item"] < thresholds.seconds_per_item,
        "synonyms": (indices["synonyms"] < thresholds.synonyms)
        & (indices["synonym_pairs"] >= thresholds.fewest_pairs),
        "antonyms": (indices["antonyms"] > thresholds.antonyms)
        & (indices["antonym_pairs"] >= thresholds.fewest_pairs),
    }
    return pd.DataFrame(marked, index=indices.index)


def distribution(
    indices: pd.DataFrame, marked: pd.DataFrame, thresholds: Thresholds
) -> pd.DataFrame:
    """Describe each index over the rows that have it.

    Parameters
    ----------
    indices : DataFrame
        From `careless_indices`.
    marked : DataFrame of bool
        From `flags`.
    thresholds : Thresholds
        Those that marked.

    Returns
    -------
    DataFrame
        ``index``, ``n``, ``p5``, ``p25``, ``median``, ``p75``, ``p95``, ``extreme`` (the most
        suspicious value, which is one person's), ``threshold`` and ``flagged`` (rows).  Synonyms
        and antonyms are described over rows with enough pairs.  Quantiles are linearly
        interpolated.  The threshold of ``longest_run`` is the shortest run that is ever flagged;
        it must also reach its share of the row's answers.

    Examples
    --------
    >>> indices = careless_indices([[3] * 12, [1, 2] * 6])
    >>> limits = Thresholds()
    >>> table = distribution(indices, flags(indices, limits), limits).set_index("index")
    >>> table.loc["longest_run", ["median", "extreme", "threshold", "flagged"]].tolist()
    [6.5, 12.0, 10.0, 1.0]
    """
    rows: list[dict[str, object]] = []
    for name, high in _SUSPICIOUS_HIGH.items():
        judged = indices["answered"].gt(0)
        if name in ("synonyms", "antonyms"):
            judged &= indices[f"{name[:-1]}_pairs"] >= thresholds.fewest_pairs
        values = indices.loc[judged, name].dropna().to_numpy(dtype=np.float64)
        known = values if len(values) else np.array([np.nan])
        quantiles = np.quantile(known, (0.05, 0.25, 0.5, 0.75, 0.95)).tolist()
        rows.append(
            {
                "index": name,
                "n": len(values),
                **dict(zip(("p5", "p25", "median", "p75", "p95"), quantiles, strict=True)),
                "extreme": float(known.max() if high else known.min()),
                "threshold": float(getattr(thresholds, name)),
                "flagged": int(marked[name].sum()),
            }
        )
    return pd.DataFrame(rows)


def _longest_run(answers: FloatArray) -> NDArray[np.int64]:
    """Return the longest run of each row, item by item over all rows."""
    last = np.full(len(answers), np.nan)
    run, longest = (np.zeros(len(answers), dtype=np.int64) for _ in range(2))
    for column in answers.T:
        there = ~np.isnan(column)
        run = np.where(there, np.where(column == last, run + 1, 1), run)
        last = np.where(there, column, last)
        np.maximum(longest, run, out=longest)
    return longest


def _within_sd(answers: FloatArray, answered: NDArray[np.int64]) -> FloatArray:
    total = np.zeros(len(answers))
    for column in answers.T:
        total += np.where(np.isnan(column), 0.0, column)
    mean = total / np.maximum(answered, 1)
    squares = np.zeros(len(answers))
    for column in answers.T:
        squares += np.where(np.isnan(column), 0.0, (column - mean) ** 2)
    return np.sqrt(np.where(answered > 1, squares, np.nan) / np.maximum(answered - 1, 1))
