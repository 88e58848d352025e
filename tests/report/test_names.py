"""File names must be safe on every file system, whatever an analysis is called."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyadkit.report.names import distinct_slugs, file_stem, slug

# Characters that neither Windows, macOS nor Linux minds, and no leading hyphen or dot.
SAFE = re.compile(r"[a-z0-9_][a-z0-9_-]*")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


@given(st.text(max_size=400))
def test_any_text_becomes_a_safe_name(text):
    name = slug(text)
    assert SAFE.fullmatch(name)
    assert len(name) <= 80
    assert name not in RESERVED


@given(st.lists(st.text(max_size=100) | st.sampled_from(["a", "A", "a-2", "á", "a" * 90])))
def test_names_differ_even_where_case_does_not_count(texts):
    names = distinct_slugs(texts)
    assert len(names) == len(texts) == len({name.casefold() for name in names})
    assert all(SAFE.fullmatch(name) and len(name) <= 80 for name in names)


@pytest.mark.parametrize("text", ["con", "CON", "Nul", "com1", "LPT9", "aux ", "com¹"])
def test_names_that_windows_reserves_are_changed(text):
    assert slug(text) not in RESERVED


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\x", "c-x"),
        ("Éclat d’âme", "eclat-dame"),
        ("trust_client_t1", "trust_client_t1"),
        ("", "untitled"),
        ("Ω信", "untitled"),
        ("a\x00b", "a-b"),
    ],
)
def test_names_stay_readable(text, name):
    assert slug(text) == name


def test_a_long_analysis_leaves_room_for_its_table():
    assert file_stem("a" * 300, "by wave").endswith("-by-wave")
    assert len(file_stem("a" * 300, "b" * 300)) <= 80
