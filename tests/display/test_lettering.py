"""Text on figures: wrapped to its place, with no character lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dyadkit.display.drawing.lettering import width, wrap


@given(st.text(max_size=200), st.floats(20.0, 200.0))
def test_wrapping_keeps_every_character_within_the_limit(text: str, limit: float) -> None:
    lines = wrap(text, limit)
    assert len(lines) >= 1
    assert all(width(line) <= limit + 1e-6 or len(line) == 1 for line in lines)
    assert [line for line in lines if line != " ".join(line.split())] == []


@given(st.text("abc _-/$%\\{}^ \n\t", max_size=200), st.floats(20.0, 200.0))
def test_wrapping_loses_nothing(text: str, limit: float) -> None:
    assert "".join("".join(wrap(text, limit)).split()) == "".join(text.split())


def test_words_break_after_their_separators() -> None:
    limit = width("trust_in_the_coach_")
    assert wrap("trust_in_the_coach_and_in_the_organisation", limit)[0] == "trust_in_the_coach_"
