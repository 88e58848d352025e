"""Where things stand in the text of a study file."""

from __future__ import annotations

from dyadkit.study.lines import line_of, scan_lines

TEXT = '''\
schema = 1
[study]  # the head
title = """
[not.a.table]
no_key = 1
"""
roles = [
  "coach",  # = comment
  "[x]",
]
note = 'a = "b"'

[[source]]
path = "a.csv"
exclude = { Status = ["x"] }
[[source]]
"dyad" = "pair"

[scale.trust]
items = [
  ["odd"],
  { key = 1 }
]
range = [1, 7]
[[scale.trust.version]]
role = "coach"
[[ scale . trust . version ]]
role = "client"
[wave."t 1"]
time = 1
[privacy]
a.b = 3
'''


def test_tables_and_keys_are_found():
    assert scan_lines(TEXT) == {
        ("schema",): 1,
        ("study",): 2,
        ("study", "title"): 3,
        ("study", "roles"): 7,
        ("study", "note"): 11,
        ("source",): 13,
        ("source", 0): 13,
        ("source", 0, "path"): 14,
        ("source", 0, "exclude"): 15,
        ("source", 1): 16,
        ("source", 1, "dyad"): 17,
        ("scale", "trust"): 19,
        ("scale", "trust", "items"): 20,
        ("scale", "trust", "range"): 24,
        ("scale", "trust", "version"): 25,
        ("scale", "trust", "version", 0): 25,
        ("scale", "trust", "version", 0, "role"): 26,
        ("scale", "trust", "version", 1): 27,
        ("scale", "trust", "version", 1, "role"): 28,
        ("wave", "t 1"): 29,
        ("wave", "t 1", "time"): 30,
        ("privacy",): 31,
        ("privacy", "a"): 32,
        ("privacy", "a", "b"): 32,
    }


def test_the_nearest_place_around_tells_the_line():
    lines = scan_lines(TEXT)
    assert line_of(("source", 0, "exclude", "Status", 0), lines) == 15
    assert line_of(("source", 1, "path"), lines) == 16
    assert line_of(("nowhere",), lines) == 0


def test_tables_below_an_entry_of_an_array():
    lines = scan_lines("[[source]]\n[[source]]\n[source.exclude]\nStatus = []\n")
    assert lines["source", 1, "exclude", "Status"] == 4
