"""A Parquet file → a table of texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, DyadKitError, listed
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.headers import name_columns
from dyadkit.loading.reading.raw import (
    RawTable,
    arrow_texts,
    blank_rows,
    cause_of,
    check_size,
    codes_of,
    encode_arrow,
    encode_codes,
    encode_texts,
)
from dyadkit.loading.reading.signatures import describe_content
from dyadkit.loading.reading.written import date_texts, datetime_texts, number_texts, time_texts

_DAY_MS = 86_400_000
# The column in which pandas keeps the numbers of the rows.
_INDEX = "__index_level_"


def read_columnar(path: Path, *, name: str) -> RawTable:
    """Read a Parquet file.

    Numbers become their shortest text ("5", also in a column with missing values), dates and
    times ISO 8601, truth values "True" and "False", and missing values empty.

    Parameters
    ----------
    path : pathlib.Path
        An existing file.
    name : str
        What messages call it.

    Raises
    ------
    DataError
        When it is damaged, of another format, or has columns that hold lists or structures.
    """
    what = describe_content(path)
    if "Parquet" not in what:
        raise DataError(
            f"{name} is called {path.suffix} but is {what or 'damaged or of an unknown format'}, "
            "no Parquet file. Export it again, or give it the ending of what it is."
        )
    try:
        return _read(path, name)
    except DyadKitError:
        raise
    except Exception as error:
        # A damaged file ends in whatever its reader stumbles over: schema, pages, texts.
        raise DataError(
            f"{name} is a Parquet file that is cut off or damaged ({cause_of(error)}). "
            "Copy it again, or write it anew."
        ) from error


def _read(path: Path, name: str) -> RawTable:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        schema = file.schema_arrow
        fields = [schema.field(place) for place in range(len(schema))]
        nested = [field.name for field in fields if _is_nested(field.type)]
        if nested:
            raise DataError(
                f"{name}: {plural(len(nested), 'column')} ({listed(nested)}) hold lists or "
                "structures, not single values. Write the file anew with a column for each value."
            )
        check_size(name, file.metadata.num_rows, len(fields))
        table = file.read()
    kept = [place for place, field in enumerate(fields) if not field.name.startswith(_INDEX)]
    head = name_columns([fields[place].name for place in kept])
    encoded = [_encode(table.column(place)) for place in kept[: len(head.columns)]]
    cells = tuple(column for column, _ in encoded)
    dated = [column for column, (_, dates) in zip(head.columns, encoded, strict=True) if dates]
    n_rows = table.num_rows
    return RawTable(
        name=name,
        columns=head.columns,
        rows=np.arange(1, n_rows + 1),
        blank=blank_rows(cells, n_rows),
        short=np.zeros(n_rows, dtype=bool),
        long=np.zeros(n_rows, dtype=bool),
        cells=cells,
        questions=head.questions,
        platform=head.platform,
        aliases=head.aliases,
        dates=frozenset(dated),
    )


def _is_nested(kind: Any) -> bool:
    from pyarrow import types

    return types.is_nested(kind) or (types.is_dictionary(kind) and _is_nested(kind.value_type))


def _encode(column: Any) -> tuple[pd.Categorical, bool]:
    """Make the cells of a column, and say whether they are dates."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    kind = column.type
    # Nothing has looked at the bytes of texts so far.
    column.validate(full=True)
    if types.is_string_view(kind):
        column = column.cast(pa.large_string())
    if _is_text(column.type):
        return encode_arrow(column), False
    encoded = column if types.is_dictionary(kind) else pc.dictionary_encode(column)
    encoded = encoded.unify_dictionaries()
    if not encoded.num_chunks:
        return encode_texts([]), _write(pa.array([], kind))[1]
    texts, dates = _write(encoded.chunk(0).dictionary)
    return encode_codes(codes_of(encoded), arrow_texts([*texts, ""])), dates


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _write(values: Any) -> tuple[list[str], bool]:
    """Write values as texts, and say whether they are dates."""
    import pyarrow as pa
    from pyarrow import types

    kind = values.type
    if types.is_floating(kind):
        numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return number_texts(numbers, single=not types.is_float64(kind)), False
    if types.is_date(kind):
        return date_texts(_milliseconds(values.cast(pa.date32()).cast(pa.int32()), _DAY_MS)), True
    if types.is_timestamp(kind):
        return _write_timestamps(values), True
    if types.is_time(kind):
        ticks = values.cast(pa.int32() if types.is_time32(kind) else pa.int64())
        return time_texts(_milliseconds(ticks, 1000 / _TICKS[kind.unit])), False
    if types.is_duration(kind):
        ticks = values.cast(pa.int64())
        return time_texts(_milliseconds(ticks, 1000 / _TICKS[kind.unit])), False
    texts = ["" if value is None else _plain(value) for value in values.to_pylist()]
    return texts, False


_TICKS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def _milliseconds(ticks: Any, each: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    import pyarrow as pa

    # Not safe: numbers beyond 2**53 lose digits, far below a millisecond.
    numbers: np.ndarray[tuple[int], np.dtype[np.float64]]
    numbers = ticks.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers * each


def _write_timestamps(column: Any) -> list[str]:
    import pyarrow as pa

    if column.type.tz:
        return [
            "" if moment is None else moment.isoformat()
            for moment in column.cast(pa.timestamp("us", column.type.tz), safe=False).to_pylist()
        ]
    moments = _milliseconds(column.cast(pa.int64()), 1000 / _TICKS[column.type.unit])
    dates = moments[~np.isnan(moments)]
    # Programs without a type for dates write them as midnights.
    return date_texts(moments) if np.all(dates % _DAY_MS == 0) else datetime_texts(moments)


def _plain(value: object) -> str:
    """Write a text, whole number, decimal, truth value or bytes."""
    import decimal

    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, decimal.Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
