"""Time stamps that clocks make doubtful: offsets said or not, and the hours of a clock change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dyadkit.loading.coding import codes_of, n_distinct
from dyadkit.loading.problems import plural
from dyadkit.loading.screening.findings import Finding, places_of, rows_in_words
from dyadkit.loading.zones import Stamps


def mixed_offsets(keys: pd.DataFrame, stamps: Stamps, timezone: str) -> list[Finding]:
    """Find sources in which some time stamps say their offset from universal time and some do not.

    Parameters
    ----------
    keys : DataFrame
        ``source`` and ``row``; only rows that may be used.
    stamps : Stamps
        Of the same rows.
    timezone : str
        The zone in which stamps without an offset were read.

    Returns
    -------
    list of Finding
        One for each such source, of kind "mixed_offsets"; its rows are those of the rarer kind.

    Examples
    --------
    >>> from dyadkit.loading.zones import to_zone
    >>> keys = pd.DataFrame({"source": "diary", "row": [2, 3, 4]})
    >>> stamps = to_zone(pd.Series(["2026-01-01T18:00", "2026-01-02T18:00Z", "2026-01-03T18:00Z"]),
    ...                  "Europe/Rome")
    >>> mixed_offsets(keys, stamps, "Europe/Rome")[0].places
    (('diary', 2),)
    """
    known = ~np.isnat(stamps.utc)
    source = codes_of(keys["source"])
    mixed = np.zeros(len(keys), dtype=bool)
    mixed[known] = n_distinct(source[known], stamps.with_offset[known].astype(np.int64)) > 1
    found = []
    for code in np.unique(source[mixed]):
        here = mixed & (source == code)
        said, unsaid = here & stamps.with_offset, here & ~stamps.with_offset
        n_said, n_unsaid = int(said.sum()), int(unsaid.sum())
        rare = said if n_said < n_unsaid else unsaid
        places = places_of(keys[rare])
        text = (
            f"{places[0][0]}: {plural(n_said, 'time stamp')} say{'s' * (n_said == 1)} the offset "
            f"from universal time and {n_unsaid:,} do{'es' * (n_unsaid == 1)} not (the rarer ones: "
            f"{rows_in_words(places)}). Those without are read in the time zone {timezone}. Write "
            "all of them in one way, or say in the [[source]] which timezone is meant."
        )
        found.append(Finding("mixed_offsets", text, places, len(places)))
    return found


def clock_changes(keys: pd.DataFrame, stamps: Stamps, timezone: str) -> list[Finding]:
    """Find time stamps of the hours in which clocks were changed.

    Parameters
    ----------
    keys : DataFrame
        ``source`` and ``row``; only rows that may be used.
    stamps : Stamps
        Of the same rows.
    timezone : str
        The zone in which stamps without an offset were read.

    Returns
    -------
    list of Finding
        None to two, of kind "ambiguous_times" and "nonexistent_times"; they count rows.

    Examples
    --------
    >>> from dyadkit.loading.zones import to_zone
    >>> keys = pd.DataFrame({"source": "diary", "row": [2, 3]})
    >>> stamps = to_zone(pd.Series(["2026-10-25T02:30", "2026-03-29T02:30"]), "Europe/Rome")
    >>> [(one.kind, one.places) for one in clock_changes(keys, stamps, "Europe/Rome")]
    [('ambiguous_times', (('diary', 2),)), ('nonexistent_times', (('diary', 3),))]
    """
    found = []
    for kind, rows, what in (
        (
            "ambiguous_times",
            stamps.ambiguous,
            "an hour that came twice, since clocks were put back; the first is taken",
        ),
        (
            "nonexistent_times",
            stamps.nonexistent,
            "an hour that never was, since clocks were put forward; read as if they had not been",
        ),
    ):
        if not rows.any():
            continue
        places = places_of(keys[rows])
        count = int(rows.sum())
        text = (
            f"{plural(count, 'time stamp')} without an offset fall{'s' * (count == 1)} into {what} "
            f"(time zone {timezone}; {rows_in_words(places)}). Export the stamps in universal time "
            "or with their offset, or correct the timezone of the [[source]]."
        )
        found.append(Finding(kind, text, places, count))
    return found
