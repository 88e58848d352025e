"""What goes wrong is counted: the stated ledger against a second reading of the exports."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest

from dyadkit.errors import DataError
from dyadkit.simulation.mentoring import simulate_workplace_mentoring
from dyadkit.simulation.mentoring_ids import spelt_otherwise
from dyadkit.simulation.mentoring_mess import Mess, PerPlace, PerSize, cast, expected_ledger
from dyadkit.simulation.mentoring_stories import MENTOR_STORIES, RELATIONSHIP_STORIES
from tests.simulation.mentoring_reading import WAVES, Reading

REASONS = ("blank", "no_consent", "withdrawn", "no_dyad", "not_linked", "duplicate", "orphan")


@pytest.fixture(scope="module")
def sample():
    return simulate_workplace_mentoring()


@pytest.fixture(scope="module")
def reading(sample):
    return Reading(sample.exports)


def counted(reading):
    """Return the ledger by source and wave that the second reading finds."""
    places = Counter((row["source"], row["wave"]) for row in reading.rows)
    found = {}
    for source, wave in places:
        rows = [row for row in reading.rows if (row["source"], row["wave"]) == (source, wave)]
        reasons = Counter(row["reason"] for row in rows)
        role = rows[0]["role"]
        cells = reading.cells(role, wave)
        found[source, wave] = {
            **{"source": source, "wave": wave, "role": role, "read": len(rows)},
            "excluded": {reason: reasons[reason] for reason in REASONS},
            "kept": reasons[""],
            "joined": sum(row["joined"] for row in rows if row["reason"] == ""),
            "out_of_range": sum(
                not 1 <= cell <= highest for cell, highest in cells if cell not in (None, 99, "n/a")
            ),
            "declared_missing": sum(cell in (99, "n/a") for cell, _ in cells),
        }
    return found


def test_the_ledger_is_what_a_second_reading_finds(sample, reading):
    ledger = sample.truth["ledger"]
    assert {(record["source"], record["wave"]): record for record in ledger} == counted(reading)
    assert len(ledger) == 7


def test_the_ledger_is_the_one_that_was_planned(sample):
    # Added up by hand from the counts in Mess; developees t1, t2, t3, mentors t1, t2, t3, lines.
    ledger = sample.truth["ledger"]
    assert [record["read"] for record in ledger] == [379, 345, 303, 387, 341, 309, 3]
    assert [record["kept"] for record in ledger] == [360, 326, 293, 362, 327, 296, 0]
    table = {reason: [record["excluded"][reason] for record in ledger] for reason in REASONS}
    assert table == {
        "blank": [0, 0, 0, 0, 0, 0, 3],
        "no_consent": [2, 2, 0, 3, 0, 4, 0],
        "withdrawn": [0, 4, 0, 0, 2, 0, 0],
        "no_dyad": [0, 2, 0, 2, 0, 1, 0],
        "not_linked": [4, 2, 2, 5, 4, 2, 0],
        "duplicate": [5, 1, 0, 9, 2, 0, 0],
        "orphan": [8, 8, 8, 6, 6, 6, 0],
    }
    assert [record["joined"] for record in ledger] == [2, 2, 2, 7, 5, 2, 0]


def test_dyads_are_complete_and_one_sided_as_stated(sample, reading):
    dyads = sample.truth["dyads"]
    both = {}
    for wave in WAVES:
        developees, mentors = (
            {row["pair"] for row in reading.kept(role=role, wave=wave)}
            for role in ("developee", "mentor")
        )
        both[wave] = developees & mentors
        assert dyads[wave] == {
            "complete": len(both[wave]),
            "one_sided": len(developees ^ mentors),
            "developee_only": len(developees - mentors),
            "mentor_only": len(mentors - developees),
        }
    assert [len(pairs) for pairs in both.values()] == [355, 300, 260]
    assert dyads["complete_at_every_wave"] == len(both["t1"] & both["t2"] & both["t3"]) == 231
    assert dyads["in_any_wave"] == len({row["pair"] for row in reading.kept()})
    assert dyads["in_the_key_file"] == len(reading.key)


def test_a_usable_row_stands_once_for_each_person_and_wave(reading):
    places = Counter((row["pair"], row["role"], row["wave"]) for row in reading.kept())
    assert set(places.values()) == {1}


def test_cells_are_empty_as_stated(sample, reading):
    mess = sample.truth["mess"]
    sizes = {"developee": [6, 5, 6], "mentor": [6, 4]}
    for role, asked in sizes.items():
        for wave in WAVES:
            key = f"{role}s_{wave}"
            empty = sum(cell is None for cell, _ in reading.cells(role, wave))
            # Skipped scales go round the scales asked; one duplicate lacks an item.
            skipped = sum(asked[i % len(asked)] for i in range(mess["skipped_scales"][key]))
            skipped += mess["developee_twice_incomplete_t2"] if key == "developees_t2" else 0
            assert empty == mess["empty_cells"][key] + skipped > 0


def test_excluded_rows_hold_no_strange_codes(reading):
    strange = [
        cell
        for row in reading.rows
        if row["reason"]
        for cell in row["items"].values()
        if cell is not None and cell not in range(1, 8)
    ]
    assert strange == []


def test_scores_are_available_as_stated(sample, reading):
    available = sample.truth["scores_available"]
    assert available == {name: len(reading.scores(name)) for name in available}
    assert list(available) == [score["variable"] for score in sample.truth["scores"]]


def test_a_duplicate_keeps_its_first_complete_row(reading):
    twice = defaultdict(list)
    for row in reading.rows:
        if row["reason"] in ("", "duplicate"):
            twice[row["source"], row["wave"], row["pair"]].append(row)
    kept_second = Counter(
        (source, wave, rows[1]["reason"] == "")
        for (source, wave, _), rows in twice.items()
        if len(rows) == 2
    )
    assert kept_second == {
        ("developees t1", "t1", True): 3,
        ("developees t1", "t1", False): 2,
        ("developees t2", "t2", True): 1,
        ("mentors", "t1", True): 6,
        ("mentors", "t1", False): 3,
        # One mentor answered in turns: each sitting counts for one of the two developees.
        ("mentors", "t2", True): 1,
        ("mentors", "t2", False): 1,
    }


def test_the_key_file_contradicts_three_slots(reading):
    """The developee is listed, but with another mentor: the developee's id alone would join."""
    claimed = [
        row
        for row in reading.rows
        if row["reason"] == "not_linked"
        and row["role"] == "mentor"
        and reading.owner.get("".join(row["written"].split()).casefold().lstrip("0"))
    ]
    assert [row["wave"] for row in claimed] == ["t1"] * 3


def test_every_spelling_occurs(reading):
    listed = dict(reading.key.values())
    spellings = defaultdict(set)
    for row in reading.kept():
        if row["respelt"]:
            written, own = row["written"], listed[row["pair"]]
            kind = next(
                name
                for name, means in {
                    "case": written == own.lower(),
                    "zero_pad": written == own.lstrip("0"),
                    "space at an end": written.strip() == own,
                    "space inside": written.replace(" ", "") == own,
                }.items()
                if means
            )
            spellings[row["role"]].add(kind)
            spellings["characters"] |= set(written) - set(own.lower()) - set(own)
    assert spellings["mentor"] == {"case", "zero_pad", "space at an end", "space inside"}
    assert spellings["developee"] == {"case", "zero_pad", "space at an end"}
    assert spellings["characters"] == {" ", "\u00a0"}


def test_a_withdrawn_persons_partner_stays(reading):
    lost = {row["pair"] for row in reading.rows if row["reason"] == "withdrawn"}
    alone = [pair for pair in lost if len({r["role"] for r in reading.kept(pair=pair)}) == 1]
    assert len(alone) == 1
    assert len([person for person in reading.withdrawn if person.startswith("M")]) == 1
    assert len(reading.withdrawn) == 7


# Another mess

NOTHING = {
    name: {PerPlace: PerPlace(0, 0, 0, 0, 0, 0), PerSize: PerSize()}.get(
        type(getattr(Mess(), name)), 0
    )
    for name in Mess.__dataclass_fields__
}


def test_a_field_without_mess_keeps_every_row():
    sample = simulate_workplace_mentoring(3, mess=Mess(**{**NOTHING, "mentors": PerSize(20, 8, 3)}))
    reading = Reading(sample.exports)
    assert Counter(row["reason"] for row in reading.rows) == {"": 6 * 45}
    assert set(sample.truth["scores_available"].values()) == {45}
    assert not any(row["joined"] for row in reading.rows)
    for row in reading.rows:
        assert all(cell in range(1, 8) for cell in row["items"].values())


@pytest.mark.parametrize(
    "field",
    [
        *(name for name in RELATIONSHIP_STORIES if name != "complete"),
        *MENTOR_STORIES,
        *("mentor_claimed_another_t1", "blank_lines"),
    ],
)
def test_each_kind_of_mess_is_counted(field):
    clean = Mess(**{**NOTHING, "mentors": PerSize(20, 10, 5)})
    more = PerSize(1, 2, 1) if field in MENTOR_STORIES else 3
    mess = replace(clean, **{field: more})
    sample = simulate_workplace_mentoring(9, mess=mess)
    found = counted(Reading(sample.exports))
    expected = {(r["source"], r["wave"]): r for r in expected_ledger(mess) if r["read"]}
    assert found == expected
    assert expected != {(r["source"], r["wave"]): r for r in expected_ledger(clean) if r["read"]}


def test_more_stories_than_relationships_are_refused():
    mess = Mess(**{**NOTHING, "mentors": PerSize(4, 1, 0), "nobody": 7})
    with pytest.raises(DataError, match=r"7 relationships are to have a story.* only 6 belong"):
        cast(mess, np.random.default_rng(1))


def test_more_mentors_stories_than_mentors_are_refused():
    mess = replace(Mess(), mentor_left_t2=PerSize(0, 0, 23))
    with pytest.raises(DataError, match="size 'three'"):
        cast(mess, np.random.default_rng(1))


def test_more_relationships_than_ids_are_refused():
    with pytest.raises(DataError, match="more than the ids"):
        simulate_workplace_mentoring(mess=replace(Mess(), mentors=PerSize(950, 78, 23)))


def test_more_claims_than_free_slots_are_refused():
    mess = Mess(**{**NOTHING, "mentors": PerSize(2, 0, 1), "mentor_claimed_another_t1": 3})
    with pytest.raises(DataError, match="only 2 have a complete relationship"):
        simulate_workplace_mentoring(mess=mess)


def test_more_spoilt_cells_than_cells_are_refused():
    mess = replace(Mess(), empty_cells=PerPlace(0, 0, 0, 0, 0, 9000))
    with pytest.raises(DataError, match="cells of mentors_t3"):
        simulate_workplace_mentoring(mess=mess)


def test_a_spelling_differs_only_as_it_may():
    for turn in range(12):
        for role in ("mentor", "developee"):
            written = spelt_otherwise("0042K", turn, role)
            assert written != "0042K"
            assert "".join(written.split()).upper().zfill(5) == "0042K"
