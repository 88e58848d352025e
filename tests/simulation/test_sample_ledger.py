"""What goes wrong is counted: the stated ledger against a second reading of the exports."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from dyadkit.errors import DataError
from dyadkit.simulation.coaching_mess import STORIES, Mess, PerSource, cast, expected_ledger
from dyadkit.simulation.distance_coaching import simulate_distance_coaching

SOURCES = ("clients t1", "coaches t1", "clients t2", "coaches t2")
REASONS = (
    *("blank", "preview", "no_consent", "withdrawn", "unfinished", "excluded", "no_dyad"),
    *("two_in_role", "duplicate", "orphan"),
)


@pytest.mark.parametrize("source", SOURCES)
def test_the_ledger_is_what_a_second_reading_finds(sample, reading, source):
    ledger = sample.truth["ledger"]
    reasons = Counter(row["reason"] for row in reading.rows if row["source"] == source)
    assert reasons.total() == ledger["rows_read"][source]
    assert reasons[""] == ledger["rows_kept"][source]
    assert {reason: reasons[reason] for reason in REASONS} == ledger["excluded"][source]
    assert tuple(ledger["excluded"][source]) == REASONS


def test_the_ledger_is_the_one_that_was_planned(sample):
    # Added up by hand from the counts in Mess.
    ledger = sample.truth["ledger"]
    assert list(ledger["rows_read"].values()) == [265, 259, 235, 241]
    assert list(ledger["rows_kept"].values()) == [234, 238, 219, 230]
    table = {
        reason: [ledger["excluded"][source][reason] for source in SOURCES] for reason in REASONS
    }
    assert table == {
        "blank": [0, 2, 0, 1],
        "preview": [3, 0, 2, 0],
        "no_consent": [3, 2, 1, 2],
        "withdrawn": [0, 0, 4, 0],
        "unfinished": [6, 0, 3, 0],
        "excluded": [0, 2, 0, 0],
        "no_dyad": [2, 1, 0, 1],
        "two_in_role": [2, 2, 0, 0],
        "duplicate": [6, 3, 0, 0],
        "orphan": [9, 9, 6, 7],
    }


def test_dyads_are_complete_and_one_sided_as_stated(sample, reading):
    dyads = sample.truth["dyads"]
    sides = {
        wave: {
            role: {row["pair_code"] for row in reading.kept(role=role, wave=wave)}
            for role in ("client", "coach")
        }
        for wave in ("t1", "t2")
    }
    both = {wave: side["client"] & side["coach"] for wave, side in sides.items()}
    for wave, side in sides.items():
        assert dyads[wave] == {
            "complete": len(both[wave]),
            "one_sided": len(side["client"] ^ side["coach"]),
            "client_only": len(side["client"] - side["coach"]),
            "coach_only": len(side["coach"] - side["client"]),
        }
    assert dyads["complete_at_every_wave"] == len(both["t1"] & both["t2"]) == 196
    assert dyads["t1"]["complete"] > 196
    assert dyads["in_any_wave"] == len({row["pair_code"] for row in reading.kept()})


@pytest.mark.parametrize("source", SOURCES)
def test_cells_are_missing_and_spoilt_as_stated(sample, reading, source):
    cells = reading.cells(source)
    declared = sum(code == "-99" for code, _ in cells)
    strange = sum(
        not 1 <= int(code) <= highest for code, highest in cells if code not in ("", "-99")
    )
    empty = sum(code == "" for code, _ in cells)
    mess = sample.truth["mess"]
    key = source.replace(" ", "_")
    assert declared == sample.truth["ledger"]["declared_missing"][source] > 0
    assert strange == sample.truth["ledger"]["out_of_range"][source] > 0
    # Skipped scales go round the scales asked in a source; one duplicate lacks two items.
    sizes = {"clients t1": [5, 4, 12], "coaches t1": [5, 4, 5], "clients t2": [5, 12]}
    asked = sizes.get(source, [5])
    skipped = sum(asked[i % len(asked)] for i in range(mess["skipped_scales"][key]))
    skipped += 2 * mess["client_twice_incomplete"] if source == "clients t1" else 0
    assert empty == mess["empty_cells"][key] + skipped
    assert 0.015 < (mess["empty_cells"][key] + declared) / len(cells) < 0.025


def test_excluded_rows_hold_no_strange_codes(reading):
    strange = [
        row["source"]
        for row in reading.rows
        if row["reason"]
        for column, highest in reading.items(row)
        if row[column] and not 1 <= int(row[column]) <= highest
    ]
    assert strange == []


def test_scores_are_available_as_stated(sample, reading):
    available = sample.truth["scores_available"]
    assert available == {name: len(reading.scores(name)) for name in available}
    assert list(available) == [score["variable"] for score in sample.truth["scores"]]


def test_a_duplicate_keeps_its_first_complete_row(reading):
    answered_twice = defaultdict(list)
    for row in reading.rows:
        if row["reason"] in ("", "duplicate"):
            answered_twice[row["source"], row["person"]].append(row)
    kept_second = Counter(
        (source, rows[1]["reason"] == "")
        for (source, _), rows in answered_twice.items()
        if len(rows) == 2
    )
    assert kept_second == {
        ("clients t1", True): 4,
        ("clients t1", False): 2,
        ("coaches t1", True): 1,
        ("coaches t1", False): 2,
    }


# Another mess


def test_a_field_without_mess_keeps_every_row(read_again):
    nothing = {
        name: PerSource(0, 0, 0, 0) if isinstance(getattr(Mess(), name), PerSource) else 0
        for name in Mess.__dataclass_fields__
    }
    sample = simulate_distance_coaching(3, mess=Mess(**{**nothing, "complete": 40}))
    reading = read_again(sample)
    assert Counter(row["reason"] for row in reading.rows) == {"": 160}
    assert set(sample.truth["scores_available"].values()) == {40}
    assert all(code and code != "-99" for source in SOURCES for code, _ in reading.cells(source))


@pytest.mark.parametrize("story", [name for name in STORIES if name != "complete"])
def test_each_kind_of_mess_is_counted(story, read_again):
    field = {"client_code_used_by_another_t1": "client_used_another_code_t1"}.get(story, story)
    mess = replace(Mess(), **{field: getattr(Mess(), field) + 2})
    sample = simulate_distance_coaching(9, mess=mess)
    found = Counter(
        (row["source"], row["reason"]) for row in read_again(sample).rows if row["reason"]
    )
    expected = {
        (source, reason): n
        for source, counts in expected_ledger(mess)["excluded"].items()
        for reason, n in counts.items()
        if n
    }
    assert found == expected


def test_more_extra_rows_than_complete_pairs_are_refused():
    with pytest.raises(DataError, match="only 10"):
        cast(Mess(complete=10))


def test_more_pairs_than_ids_are_refused():
    with pytest.raises(DataError, match="more than the ids"):
        simulate_distance_coaching(mess=Mess(complete=1000))


def test_more_spoilt_cells_than_cells_are_refused():
    with pytest.raises(DataError, match="cells of coaches_t2"):
        simulate_distance_coaching(mess=Mess(empty_cells=PerSource(0, 0, 0, 5000)))
