from __future__ import annotations

import pytest

from dyadkit.loading.reading.signatures import describe_content


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", ""),
        (b"id,tr1\n", "a text file"),
        (b"\xff\xfei\x00d\x00", "a text file"),
        (b"PAR1,PAR2\n1,2\n", "a text file"),
        (b"PAR1\x15\x04", "a text file"),
        (b"PAR1\x15\x00", "a Parquet file (.parquet)"),
        (b"PAR1,,PAR1", "a Parquet file (.parquet)"),
        (b"s\x01\x01\x00", "a Stata file (.dta)"),
        (b"sir,1,1", "a text file"),
        (b"\x00\x01", ""),
    ],
)
def test_what_a_file_is(tmp_path, content, what):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert describe_content(path) == what
