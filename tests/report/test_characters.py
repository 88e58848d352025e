"""What is printable is what XML 1.0 allows, judged by an XML parser."""

from __future__ import annotations

import sys
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest

from dyadkit.report.characters import one_line, printable


def test_every_printable_character_is_legal_in_xml():
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    kept = printable(everything)
    parsed = ElementTree.fromstring(f"<t>{escape(kept)}</t>".encode()).text
    # A parser turns a carriage return into a line feed (XML 1.0, 2.11).
    assert parsed == kept.replace("\r", "\n")
    assert len(kept) > 1_111_000


@pytest.mark.parametrize("code", [0x0, 0x1B, 0x7F, 0x85, 0x202E, 0xD800, 0xFFFE, 0xFDD0, 0x1FFFF])
def test_what_cannot_be_written_is_dropped(code):
    assert printable(f"a{chr(code)}b") == "ab"


@pytest.mark.parametrize("text", ["é ü ß", "الثقة", "信任", "\u200d\u200b\u200f", "a\tb\nc", "😀"])
def test_what_people_write_is_kept(text):
    assert printable(text) == text


def test_one_line_has_no_breaks():
    assert one_line(" a\r\nb\t\x00c\u2028d ") == "a b c d"
