"""What happened before what it should follow: waves, consent, the occasions of a diary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyadkit.loading.coding import group_codes, person_codes
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.screening.findings import Finding, places_of, rows_in_words
from dyadkit.loading.zones import Times

_IDENTITY = ("person", "dyad", "role")
_NEVER = np.iinfo(np.int64).max


def waves_out_of_order(keys: pd.DataFrame, dates: Times, waves: Sequence[str]) -> list[Finding]:
    """Find people who answered a later wave before an earlier one.

    Parameters
    ----------
    keys : DataFrame
        ``source``, ``row``, ``wave``, ``role``, ``person`` and ``dyad`` as texts, perhaps
        categorical; only rows that may be used.
    dates : ndarray of datetime64, shape (n,)
        When each row was answered; NaT is unknown.
    waves : sequence of str
        In time order.

    Returns
    -------
    list of Finding
        None or one, of kind "waves_out_of_order"; it counts people.  Of several rows of one
        person and wave the first date counts; the same day is no disorder.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": "all", "row": [2, 3, 4, 5], "wave": ["t1", "t1", "t2", "t2"],
    ...                      "role": "client", "person": ["a", "b", "a", "b"], "dyad": "1"})
    >>> dates = np.array(["2026-01-05", "2026-03-02", "2026-02-02", "2026-02-01"], "datetime64[us]")
    >>> waves_out_of_order(keys, dates, ["t1", "t2"])[0].places
    (('all', 3), ('all', 5))
    """
    place = keys["wave"].astype("object").map({w: n for n, w in enumerate(waves)})
    use = ~np.isnat(dates) & place.notna().to_numpy()
    rows = pd.DataFrame(
        {
            "who": person_codes(keys)[use],
            "wave": place[use].to_numpy(dtype=np.int64),
            "date": dates[use].astype("datetime64[us]").astype(np.int64),
        }
    )
    first = rows.groupby(["who", "wave"])["date"].min().reset_index()
    latest = first.groupby("who")["date"].cummax()
    people = first.loc[first["date"] < latest, "who"].unique()
    if not len(people):
        return []
    places = places_of(keys[use][rows["who"].isin(people).to_numpy()])
    text = (
        f"{plural(len(people), 'person', 'people')} answered a later wave before an earlier one "
        f"({rows_in_words(places)}). Look whether a file or row is declared for the wrong wave, "
        "whether the ids are right, and whether day and month stand in the right order."
    )
    return [Finding("waves_out_of_order", text, places, len(people))]


def waves_before_consent(
    keys: pd.DataFrame, granted: Mask, when: NDArray[np.int64] | Times
) -> list[Finding]:
    """Find answers that were given before the person's first consent.

    Parameters
    ----------
    keys : DataFrame
        As for `waves_out_of_order`.
    granted : ndarray of bool, shape (n,)
        Rows whose own consent cells grant their use.  People without any such row have nothing
        to compare with.
    when : ndarray of int or datetime64, shape (n,)
        The position of each row's wave, or its date; NaT is unknown.

    Returns
    -------
    list of Finding
        None or one, of kind "before_consent"; it counts rows.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": "all", "row": [2, 3, 4], "wave": ["t1", "t2", "t1"],
    ...                      "role": "client", "person": ["a", "a", "b"], "dyad": "1"})
    >>> granted = np.array([False, True, False])
    >>> waves_before_consent(keys, granted, np.array([0, 1, 0]))[0].places
    (('all', 2),)
    """
    dated = np.issubdtype(when.dtype, np.datetime64)
    time = (when.astype("datetime64[us]") if dated else when).astype(np.int64)
    known = ~np.isnat(when) if dated else np.ones(len(when), dtype=bool)
    who = person_codes(keys)
    first = np.full(who.max(initial=-1) + 1, _NEVER)
    use = granted & known
    np.minimum.at(first, who[use], time[use])
    early = ~granted & known & (first[who] != _NEVER) & (time < first[who])
    if not early.any():
        return []
    places = places_of(keys[early])
    count = int(early.sum())
    text = (
        f"{plural(count, 'row')} {'was' if count == 1 else 'were'} answered before the person's "
        f"first consent ({rows_in_words(places)}). Find out whether that consent covers earlier "
        "answers; if not, leave these rows out: declare a [[consent]] for their source, or exclude "
        "them there."
    )
    return [Finding("before_consent", text, places, count)]


def occasions_out_of_order(
    keys: pd.DataFrame, utc: Times, occasions: NDArray[np.float64]
) -> list[Finding]:
    """Find occasions of a diary that were answered before one with a lower number.

    Parameters
    ----------
    keys : DataFrame
        As for `waves_out_of_order`.
    utc : ndarray of datetime64, shape (n,)
        When each row was answered, in universal time; NaT is unknown.
    occasions : ndarray of float, shape (n,)
        The number of the day or beep within person and wave; NaN is unknown.

    Returns
    -------
    list of Finding
        None or one, of kind "occasions_out_of_order"; it counts rows.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": "diary", "row": [2, 3, 4], "wave": "", "role": "client",
    ...                      "person": "a", "dyad": "1"})
    >>> utc = np.array(["2026-01-01T18", "2026-01-02T18", "2026-01-02T09"], "datetime64[us]")
    >>> occasions_out_of_order(keys, utc, np.array([1.0, 2.0, 3.0]))[0].places
    (('diary', 4),)
    """
    use = np.flatnonzero(~np.isnat(utc) & ~np.isnan(occasions))
    who = group_codes(keys, [*_IDENTITY, "wave"])[use]
    time = utc[use].astype("datetime64[us]").astype(np.int64)
    order = np.lexsort((time, occasions[use], who))
    rows = pd.DataFrame({"who": who[order], "occasion": occasions[use][order], "time": time[order]})
    # The latest stamp of a lower occasion, not of another row of the same one.
    last = rows.groupby(["who", "occasion"], sort=False)["time"].max()
    before = last.groupby(level="who").cummax().groupby(level="who").shift()
    lower = before.reindex(pd.MultiIndex.from_frame(rows[["who", "occasion"]])).to_numpy()
    late = use[order[rows["time"].to_numpy() < np.nan_to_num(lower, nan=-np.inf)]]
    if not len(late):
        return []
    places = places_of(keys.iloc[late])
    text = (
        f"{plural(len(late), 'row')} {'has a time stamp' if len(late) == 1 else 'have time stamps'}"
        f" before that of an earlier occasion of the same person ({rows_in_words(places)}). "
        "Number the occasions by their time stamps, or correct the stamps; look whether all are "
        "in one time zone."
    )
    return [Finding("occasions_out_of_order", text, places, len(late))]


def repeated_stamps(keys: pd.DataFrame, utc: Times) -> list[Finding]:
    """Find people who answered twice in the same moment.

    Parameters
    ----------
    keys : DataFrame
        As for `waves_out_of_order`; rows of one person in different dyads are compared within
        these.
    utc : ndarray of datetime64, shape (n,)
        When each row was answered, in universal time; NaT is unknown.

    Returns
    -------
    list of Finding
        None or one, of kind "repeated_stamps"; it counts rows.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": "diary", "row": [2, 3], "wave": "", "role": "client",
    ...                      "person": "a", "dyad": "1"})
    >>> repeated_stamps(keys, np.array(["2026-01-01T18"] * 2, "datetime64[us]"))[0].count
    2
    """
    known = np.flatnonzero(~np.isnat(utc))
    rows = pd.DataFrame(
        {
            "who": group_codes(keys, _IDENTITY)[known],
            "time": utc[known].astype("datetime64[us]").astype(np.int64),
        }
    )
    again = known[rows.duplicated(keep=False).to_numpy()]
    if not len(again):
        return []
    places = places_of(keys.iloc[again])
    text = (
        f"{plural(len(again), 'row')} share their time stamp with another row of the same person "
        f"({rows_in_words(places)}). Look whether rows were copied or sent twice; a stamp "
        "that only says the day is a date."
    )
    return [Finding("repeated_stamps", text, places, len(again))]
