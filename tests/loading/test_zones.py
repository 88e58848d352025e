"""Time stamps: read as Python's own zoneinfo reads them, one after the other."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import StudyError
from dyadkit.loading.zones import to_zone

ZONES = ("Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


def stamps_of(*texts, zone="Europe/Rome", kind="object"):
    return to_zone(pd.Series(list(texts), dtype="object").astype(kind), zone)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31T09:30", "2026-01-31T08:30"),
        ("2026-07-31 09:30:15", "2026-07-31T07:30:15"),
        ("2026-07-31T09:30:15.25", "2026-07-31T07:30:15.25"),
        ("2026-07-31T09:30:15,1234567", "2026-07-31T07:30:15.123456"),
        ("2026-07-31T09:30Z", "2026-07-31T09:30"),
        ("2026-07-31t09:30z", "2026-07-31T09:30"),
        ("2026-07-31T09:30+02:00", "2026-07-31T07:30"),
        ("2026-07-31T09:30:00 -0530", "2026-07-31T15:00"),
        ("2026-07-31T09:30+05", "2026-07-31T04:30"),
        (" 2026-12-31T23:30-01:00 ", "2027-01-01T00:30"),
    ],
)
def test_stamps_are_read_into_universal_time(text, utc):
    stamps = stamps_of(text)
    assert stamps.utc[0] == np.datetime64(utc)
    here = datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Rome"))
    assert stamps.local[0] == np.datetime64(here.replace(tzinfo=None))
    assert not stamps.unread[0]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-07-31", "31.07.2026 09:30", "2026-02-30T09:30", "2026-07-31T25:00", "soon", "1"),
        *(
            "2026-07-31T09:30+15:00",
            "2026-07-31T09:30+02:75",
            "2026-07-31T09:301",
            "0001-01-01T00:00",
        ),
        *("9999-12-31T23:59", "2026-07-31T09:30 CET", "2026-07-31T0930"),
    ],
)
def test_what_is_no_stamp_is_said_to_be_none(text):
    stamps = stamps_of(text, "", "2026-07-31T09:30")
    assert stamps.unread.tolist() == [True, False, False]
    assert np.isnat(stamps.utc).tolist() == [True, True, False]
    assert np.isnat(stamps.local).tolist() == [True, True, False]
    for flag in (stamps.with_offset, stamps.ambiguous, stamps.nonexistent):
        assert not flag.any()


@pytest.mark.parametrize(
    ("zone", "text", "flag", "utc"),
    [
        # Clocks went from 02:00 to 03:00 at 01:00 UTC, and back from 03:00 to 02:00.
        ("Europe/Rome", "2026-03-29T01:59:59", None, "2026-03-29T00:59:59"),
        ("Europe/Rome", "2026-03-29T02:00", "nonexistent", "2026-03-29T01:00"),
        ("Europe/Rome", "2026-03-29T02:59:59", "nonexistent", "2026-03-29T01:59:59"),
        ("Europe/Rome", "2026-03-29T03:00", None, "2026-03-29T01:00"),
        ("Europe/Rome", "2026-10-25T01:59:59", None, "2026-10-24T23:59:59"),
        ("Europe/Rome", "2026-10-25T02:00", "ambiguous", "2026-10-25T00:00"),
        ("Europe/Rome", "2026-10-25T02:59:59", "ambiguous", "2026-10-25T00:59:59"),
        ("Europe/Rome", "2026-10-25T03:00", None, "2026-10-25T02:00"),
        # Half an hour only.
        ("Australia/Lord_Howe", "2026-10-04T02:15", "nonexistent", "2026-10-03T15:45"),
        ("Australia/Lord_Howe", "2026-10-04T02:30", None, "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "ambiguous", "2026-04-04T14:45"),
    ],
)
def test_hours_of_a_clock_change_are_flagged(zone, text, flag, utc):
    stamps = stamps_of(text, zone=zone)
    assert stamps.utc[0] == np.datetime64(utc)
    assert stamps.ambiguous[0] == (flag == "ambiguous")
    assert stamps.nonexistent[0] == (flag == "nonexistent")


def test_an_offset_leaves_nothing_open():
    stamps = stamps_of("2026-10-25T02:30+01:00", "2026-10-25T02:30+02:00", "2026-03-29T02:30+01:00")
    assert not stamps.ambiguous.any()
    assert not stamps.nonexistent.any()
    assert stamps.with_offset.all()
    assert (stamps.utc[0] - stamps.utc[1]) == np.timedelta64(1, "h")


@given(
    st.lists(
        st.datetimes(datetime(1975, 1, 1), datetime(2035, 12, 31)).map(
            lambda moment: moment.replace(microsecond=0)
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(ZONES),
)
@settings(deadline=None, derandomize=True)
def test_clock_times_are_those_of_zoneinfo(moments, zone):
    stamps = stamps_of(*(moment.isoformat() for moment in moments), zone=zone)
    for place, moment in enumerate(moments):
        once, again = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
        utc = once.astimezone(UTC).replace(tzinfo=None)
        assert stamps.utc[place] == np.datetime64(utc)
        back = once.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert stamps.local[place] == np.datetime64(back)
        assert stamps.nonexistent[place] == (back != moment)
        assert stamps.ambiguous[place] == (back == moment and once.utcoffset() != again.utcoffset())


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_any_kind_of_texts_is_read(kind):
    stamps = stamps_of("2026-01-01T10:00", "", "2026-01-01T10:00", kind=kind)
    assert stamps.utc[0] == stamps.utc[2] == np.datetime64("2026-01-01T09:00")
    assert np.isnat(stamps.utc[1])
    assert stamps.utc.dtype == stamps.local.dtype == np.dtype("datetime64[us]")


def test_no_texts_are_no_stamps():
    assert len(stamps_of().utc) == 0


def test_a_zone_that_does_not_exist_is_named():
    with pytest.raises(
        StudyError, match=r"no time zone called 'Europe/Roma'.*Did you mean 'Europe/Rom"
    ):
        stamps_of("2026-01-01T10:00", zone="Europe/Roma")
