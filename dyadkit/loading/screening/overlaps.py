"""The same answers twice: files that overlap, waves that repeat, one respondent under two ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyadkit.errors import listed
from dyadkit.loading.coding import Codes, codes_of, group_codes, n_distinct, person_codes
from dyadkit.loading.problems import plural
from dyadkit.loading.screening.findings import Finding, places_of, rows_in_words

FloatArray = NDArray[np.float64]

_IDENTITY = ("person", "dyad", "role", "wave")
_FEWEST_ANSWERS = 15
# A study in which no answers were copied has such a pair in one case of 128 at most.
_SPARE_BITS = 7.0


def overlapping_sources(keys: pd.DataFrame, values: pd.DataFrame) -> list[Finding]:
    """Find files that hold the same rows: same person, dyad, role and wave, same answers.

    Parameters
    ----------
    keys : DataFrame
        ``source``, ``row``, ``wave``, ``role``, ``person`` and ``dyad`` as texts, perhaps
        categorical; only rows that may be used, before second answers are left out.
    values : DataFrame
        Numeric answers in the same rows; NaN is missing.

    Returns
    -------
    list of Finding
        One for each pair of sources, of kind "overlapping_sources"; it counts the rows that they
        share.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": ["a", "a", "b"], "row": [2, 3, 2], "person": ["p", "q", "p"],
    ...                      "dyad": ["1", "2", "1"], "role": "client", "wave": "t1"})
    >>> values = pd.DataFrame({"x": [1.0, 2.0, 1.0], "y": [4.0, 4.0, 4.0]})
    >>> [(found.count, found.places) for found in overlapping_sources(keys, values)]
    [(1, (('a', 2), ('b', 2)))]
    """
    answers, hashes = _answers(values)
    who = group_codes(keys, _IDENTITY)
    same = group_codes(pd.DataFrame({"who": who, "answers": hashes}), ["who", "answers"])
    source = codes_of(keys["source"])
    shared = (n_distinct(same, source) > 1) & ~np.isnan(answers).all(axis=1)
    some = np.flatnonzero(shared)
    if not len(some):
        return []
    rows = pd.DataFrame({"same": same[some], "source": source[some]}).drop_duplicates()
    pairs = rows.merge(rows, on="same", suffixes=("", "_2")).query("source < source_2")
    names = keys["source"].astype("object").to_numpy()[np.unique(source, return_index=True)[1]]
    found = []
    for one, other in pairs[["source", "source_2"]].drop_duplicates().to_numpy().tolist():
        groups = pairs.loc[pairs["source"].eq(one) & pairs["source_2"].eq(other), "same"]
        here = some[np.isin(same[some], groups) & np.isin(source[some], [one, other])]
        places = places_of(keys.iloc[here])
        count = len(groups)
        text = (
            f"{names[one]} and {names[other]} share {plural(count, 'row')} with the same person, "
            f"role, wave and answers ({rows_in_words(places)}). If one file is an older export of "
            "the other, leave it out of the study file; otherwise say which answer counts, with "
            'duplicates = "first_complete" or duplicates = "last".'
        )
        found.append(Finding("overlapping_sources", text, places, count))
    return found


def repeated_answers(keys: pd.DataFrame, values: pd.DataFrame) -> list[Finding]:
    r"""Find answers that were given twice: under two ids, or by one person in two waves.

    Parameters
    ----------
    keys, values : DataFrame
        As for `overlapping_sources`.

    Returns
    -------
    list of Finding
        None to two: of kind "same_respondent" (the same answers under different ids; it counts
        ids) and "repeated_wave" (one person's answers are the same in several waves; it counts
        people).

    Notes
    -----
    Two rows are the same when they answer and miss the same items alike, at least 15 of them,
    and when that can hardly be chance.  Two numbers say how hardly; both must be at least 128
    times the number of pairs of rows, so that not one study in a hundred has such a pair by
    chance, whatever its size.

    - Orders: a row that gives code c to :math:`k_c` of its k items could have given the same
      codes in :math:`k! / \prod_c k_c!` orders.  Somebody else, even with the very same codes,
      has the same order about once in so many times.  Who answers all items alike has one order
      and is never flagged; people who agree because they are high or low on all that the items
      measure have few.
    - Rareness: :math:`1 / \prod_j p_j`, where :math:`p_j` is the share of the row's code among
      the answers to item j, each set of answers counted once.  It is small where nearly everybody
      answers the same, as in a list of things that nearly all do or nobody does.

    In six simulated samples of 100,000 rows with 14 to 21 items about 1,500 rows agreed by chance;
    none of them had more than a tenth as many orders as there were pairs of rows.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": "a", "row": [2, 3, 4], "person": ["p", "q", "r"],
    ...                      "dyad": ["1", "2", "3"], "role": "client", "wave": "t1"})
    >>> answers = [5, 1, 4, 2, 3, 1, 5, 3, 2, 4, 4, 1, 2, 5, 3]
    >>> values = pd.DataFrame([answers, [3] * 15, answers])
    >>> [(found.kind, found.places) for found in repeated_answers(keys, values)]
    [('same_respondent', (('a', 2), ('a', 4)))]
    """
    answers, hashes = _answers(values)
    again = pd.Series(hashes).duplicated(keep=False).to_numpy(copy=True)
    again &= (~np.isnan(answers)).sum(axis=1) >= _FEWEST_ANSWERS
    pairs = max(len(keys) * (len(keys) - 1) / 2, 1.0)
    chance = np.minimum(
        _orders(answers[again]),
        _rareness(answers[again], answers[~pd.Series(hashes).duplicated().to_numpy()]),
    )
    again[again] = chance >= np.log2(pairs) + _SPARE_BITS
    rows = keys[again].reset_index(drop=True)
    same = np.asarray(pd.factorize(hashes[again])[0], dtype=np.int64)
    who = person_codes(rows)
    wave = codes_of(rows["wave"])
    person = group_codes(pd.DataFrame({"same": same, "who": who}), ["same", "who"])
    return [
        *_under_two_ids(rows, same, who),
        *_in_two_waves(rows[n_distinct(person, wave) > 1], who[n_distinct(person, wave) > 1]),
    ]


def _under_two_ids(rows: pd.DataFrame, same: Codes, who: Codes) -> list[Finding]:
    several = n_distinct(same, who) > 1
    if not several.any():
        return []
    here = rows[several].astype({"person": "object", "dyad": "object", "role": "object"})
    places = places_of(here)
    names = here["person"].where(here["person"].ne(""), "without id of dyad " + here["dyad"])
    ids = here["role"] + " " + names
    sets = ids.groupby(same[several], sort=False).agg(lambda some: " = ".join(dict.fromkeys(some)))
    count = len(np.unique(who[several]))
    text = (
        f"{plural(count, 'id')} gave exactly the same answers as another one, which is hardly "
        f"chance: {listed(sets.tolist())} ({rows_in_words(places)}). Find out whether the same "
        "person answered twice or a row was copied, and leave out all but one of the rows."
    )
    return [Finding("same_respondent", text, places, count)]


def _in_two_waves(rows: pd.DataFrame, who: Codes) -> list[Finding]:
    if not len(rows):
        return []
    places = places_of(rows)
    count = len(np.unique(who))
    text = (
        f"{plural(count, 'person', 'people')} gave exactly the same answers in different waves "
        f"({rows_in_words(places)}), which is hardly chance. Look whether one file was exported "
        "twice, or is declared for a wave that is not its own."
    )
    return [Finding("repeated_wave", text, places, count)]


def _answers(values: pd.DataFrame) -> tuple[FloatArray, NDArray[np.uint64]]:
    """Return the answers and a number for each row, the same for rows that answer alike."""
    # Adding zero turns -0.0 into 0.0, which is another pattern of bits.
    table = values.astype("float64") + 0.0
    answers: FloatArray = table.to_numpy(dtype=np.float64)
    if not len(table.columns):
        return answers, np.zeros(len(table), dtype=np.uint64)
    return answers, np.asarray(pd.util.hash_pandas_object(table, index=False), dtype=np.uint64)


def _orders(answers: FloatArray) -> FloatArray:
    """Return the number of orders of each row's codes, as a power of two."""
    bits = np.zeros(len(answers))
    last = np.full(len(answers), np.nan)
    run = np.zeros(len(answers))
    # Missing answers are sorted to the end.
    for place, column in enumerate(np.sort(answers, axis=1).T, start=1):
        run = np.where(column == last, run + 1.0, 1.0)
        bits += np.where(np.isnan(column), 0.0, np.log2(place / run))
        last = column
    return bits


def _rareness(answers: FloatArray, distinct: FloatArray) -> FloatArray:
    """Return one over the product of the shares of each row's codes, as a power of two."""
    bits = np.zeros(len(answers))
    for column, known in zip(answers.T, distinct.T, strict=True) if len(answers) else ():
        shares = pd.Series(known).value_counts(normalize=True)
        bits -= np.nan_to_num(np.log2(pd.Series(column).map(shares).to_numpy()))
    return bits
