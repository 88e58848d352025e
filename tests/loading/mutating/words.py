"""Words that nobody expects in a cell, and words as somebody else would write them."""

from __future__ import annotations

import random

from tests.loading.mutating.tables import FORMULA

NASTY = (
    *("nan", "NaN", "inf", "-inf", "1e999", "1e-999", "9" * 400, "12345678901234567890", "1e3"),
    *("5 kg", "≈ 5", "5,5", "5.5", "1,234", "1.234,5", "1_000", "0x1", "+5", " 5 ", "05", "5.0"),
    *("-99", "-99.0", "99", "0", "8", "-1", "77", "NULL", "None", "N/A", "n/a", "#N/A", "TRUE"),
    *("=1+1", FORMULA, "@SUM(A1)", "2026-01-31", "31.01.2026", "01/02/03", "46053", "12:30"),
    *("\uff15", "5\u200b", "\u0665", "\u200b", "\u00a0", "\u202e5", "e\u0301", "ß", "İ"),
    *("مرحبا", "😀", "👩‍👩‍👧"),
    *("\x00", "\x01\x02", "\x1b[31m", "\ufeff", "\r", "\n", "\r\n", "\t", '"', '""', "'", "\\"),
    *(";", ",", "|", "a,b;c", '{"ImportId":"QID1"}', "Survey Preview", "<b>x</b>", "%s", "{item}"),
    *("x" * 3000, "zwei\nZeilen", "[scale.x]", "\u2028", "yes", "no", "nein", "ja", "pair", "t1"),
)
_ALIKE = str.maketrans(
    {"0": "O", "O": "0", "1": "l", "l": "1", "C": "\u0421", "P": "\u0420", "K": "\u041a"}
)


def alter(text: str, chance: random.Random) -> str:
    """Write a word as somebody else would: case, spaces, zeros, letters that look alike."""
    return chance.choice(
        [
            *(text.lower(), text.upper(), text.swapcase(), f" {text}", f"{text} ", f"{text}\u00a0"),
            *(text.translate(_ALIKE), f"0{text}", f"{text}.0", text.lstrip("P0"), text[:-1], ""),
            *(f"{text[:2]} {text[2:]}", f"{text[:2]}\u200b{text[2:]}", text + text[-1:], "P101"),
        ]
    )
