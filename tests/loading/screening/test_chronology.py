"""What came before what it should follow: planted disorder is found, order is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyadkit.loading.screening.chronology import (
    occasions_out_of_order,
    repeated_stamps,
    waves_before_consent,
    waves_out_of_order,
)

WAVES = ("t1", "t2", "t3")
DAYS = {"t1": "2026-01-10", "t2": "2026-02-10", "t3": "2026-03-10"}


def keys_of(rows: str, kind: str = "object") -> pd.DataFrame:
    """Read rows like "t1 a 1": wave, person, dyad; "-" is empty."""
    cells = [[cell.replace("-", "") for cell in row.split()] for row in rows.split(",") if row]
    frame = pd.DataFrame(cells, columns=["wave", "person", "dyad"], dtype="object")
    frame = frame.assign(source="all", role="client").astype(kind)
    return frame.assign(row=range(2, len(frame) + 2))


def times(*texts: str) -> np.ndarray:
    return np.array([text or "NaT" for text in texts], dtype="datetime64[us]")


@pytest.fixture(params=["object", "str", "category"])
def kind(request):
    return request.param


def study(kind: str) -> tuple[pd.DataFrame, np.ndarray]:
    keys = keys_of(",".join(f"{wave} {who} 1" for who in "abc" for wave in WAVES), kind)
    return keys, times(*(DAYS[str(wave)] for wave in keys["wave"]))


def test_waves_in_order_have_no_findings(kind):
    keys, dates = study(kind)
    assert waves_out_of_order(keys, dates, WAVES) == []
    shuffled = np.random.default_rng(1).permutation(len(keys))
    assert waves_out_of_order(keys.iloc[shuffled], dates[shuffled], WAVES) == []
    # The same day, and no day at all.
    assert waves_out_of_order(keys, np.full(9, dates[0]), WAVES) == []
    assert waves_out_of_order(keys, times(*[""] * 9), WAVES) == []


def test_a_later_wave_with_an_earlier_date_is_found(kind):
    keys, dates = study(kind)
    dates[4] = np.datetime64("2026-01-09")
    (found,) = waves_out_of_order(keys, dates, WAVES)
    assert (found.kind, found.count) == ("waves_out_of_order", 1)
    assert found.places == (("all", 5), ("all", 6), ("all", 7))
    assert "1 person answered a later wave before an earlier one (all rows 5, 6, 7)" in found.text


def test_a_wave_is_compared_with_all_before_it(kind):
    keys, dates = study(kind)
    # b lacks a date at t2, and t3 was before t1.
    dates[4], dates[5] = np.datetime64("NaT"), np.datetime64("2026-01-01")
    (found,) = waves_out_of_order(keys, dates, WAVES)
    assert found.places == (("all", 5), ("all", 7))


def test_the_first_of_several_rows_counts():
    keys = keys_of("t1 a 1,t1 a 1,t2 a 1")
    dates = times("2026-01-01", "2026-03-01", "2026-02-01")
    assert waves_out_of_order(keys, dates, WAVES) == []
    assert waves_out_of_order(keys, times("2026-03-01", "2026-03-02", "2026-02-01"), WAVES)


def test_rows_without_an_id_are_told_apart_by_their_dyad(kind):
    keys = keys_of("t1 - 1,t2 - 1,t1 - 2,t2 - 2", kind)
    dates = times("2026-01-01", "2026-02-01", "2026-05-01", "2026-06-01")
    assert waves_out_of_order(keys, dates, WAVES) == []
    dates[3] = np.datetime64("2026-04-01")
    assert waves_out_of_order(keys, dates, WAVES)[0].places == (("all", 4), ("all", 5))


def test_a_wave_before_consent_is_found(kind):
    keys = keys_of("t1 a 1,t2 a 1,t3 a 1,t1 b 2,t2 b 2,t1 c 3", kind)
    granted = np.array([False, True, False, True, False, False])
    (found,) = waves_before_consent(keys, granted, np.array([0, 1, 2, 0, 1, 0]))
    # b consented first; c never did, which other rules decide.
    assert (found.kind, found.count, found.places) == ("before_consent", 1, (("all", 2),))
    assert "1 row was answered before the person's first consent (all row 2)" in found.text


def test_dates_tell_what_was_before_consent():
    keys = keys_of("t1 a 1,t2 a 1,t1 b 2,t2 b 2,t1 c 3,t2 c 3")
    granted = np.array([False, True] * 3)
    dates = times("2026-03-01", "2026-03-02", "2026-03-02", "2026-03-02", "", "2026-03-02")
    (found,) = waves_before_consent(keys, granted, dates)
    assert found.places == (("all", 2),)
    # When the consent itself has no date, nothing can be said.
    dates[1] = np.datetime64("NaT")
    assert waves_before_consent(keys, granted, dates) == []


def test_occasions_in_order_have_no_findings(kind):
    keys = keys_of("- a 1,- a 1,- a 1,- b 2,- b 2", kind)
    stamps = times(
        *("2026-01-01T08", "2026-01-01T20", "2026-01-02T08", "2026-01-01T07", "2026-01-01T09")
    )
    occasions = np.array([1.0, 2, 3, 1, 2])
    assert occasions_out_of_order(keys, stamps, occasions) == []
    assert repeated_stamps(keys, stamps) == []
    shuffled = np.array([3, 2, 4, 0, 1])
    assert occasions_out_of_order(keys.iloc[shuffled], stamps[shuffled], occasions[shuffled]) == []


def test_an_occasion_before_an_earlier_one_is_found(kind):
    keys = keys_of("- a 1,- a 1,- a 1,- a 1,- b 2", kind)
    stamps = times(
        *("2026-01-05T08", "2026-01-02T08", "2026-01-03T08", "2026-01-06T08", "2026-01-01T08")
    )
    (found,) = occasions_out_of_order(keys, stamps, np.array([1.0, 2, 3, 4, 5]))
    # Both came before the first occasion, though in order among themselves.
    assert (found.kind, found.count) == ("occasions_out_of_order", 2)
    assert found.places == (("all", 3), ("all", 4))


def test_occasions_begin_anew_in_each_wave():
    keys = keys_of("t1 a 1,t1 a 1,t2 a 1,t2 a 1")
    stamps = times("2026-01-01T08", "2026-01-02T08", "2026-02-01T08", "2026-02-02T08")
    assert occasions_out_of_order(keys, stamps, np.array([1.0, 2, 1, 2])) == []


def test_two_rows_of_one_occasion_are_not_compared():
    keys = keys_of("- a 1,- a 1,- a 1")
    stamps = times("2026-01-02T09", "2026-01-02T08", "2026-01-02T10")
    assert occasions_out_of_order(keys, stamps, np.array([1.0, 1, 2])) == []
    late = occasions_out_of_order(keys, stamps, np.array([1.0, 2, 3]))
    assert late[0].places == (("all", 3),)


def test_unknown_times_and_occasions_are_passed_over():
    keys = keys_of("- a 1,- a 1,- a 1")
    stamps = times("2026-01-02T08", "", "2026-01-01T08")
    assert occasions_out_of_order(keys, stamps, np.array([1.0, 2, np.nan])) == []
    assert occasions_out_of_order(keys, stamps, np.array([1.0, 2, 3]))[0].count == 1


def test_two_rows_of_one_moment_are_found(kind):
    keys = keys_of("- a 1,- a 1,- a 2,- b 1,- a 1", kind)
    moment = "2026-01-02T08:00:01"
    # Another dyad, another person, and an unknown time are no repetition.
    (found,) = repeated_stamps(keys, times(moment, moment, moment, moment, ""))
    assert (found.kind, found.count) == ("repeated_stamps", 2)
    assert found.places == (("all", 2), ("all", 3))
    assert repeated_stamps(keys, times("", "", "", moment, "")) == []


def test_no_rows_have_no_findings():
    keys, none = keys_of(""), times()
    assert waves_out_of_order(keys, none, WAVES) == []
    assert waves_before_consent(keys, np.zeros(0, dtype=bool), none) == []
    assert occasions_out_of_order(keys, none, np.zeros(0)) == []
    assert repeated_stamps(keys, none) == []
