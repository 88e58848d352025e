"""The occasions of a diary: numbers, or days and moments."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pandas as pd

from dyadkit.errors import DataError
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.texts import each

# Numbers of more digits are not exact in every file format.
_NUMBER = re.compile(r"0*([0-9]{1,15})([.,]0+)?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?")


def read_occasions(texts: pd.Categorical) -> tuple[pd.Categorical, Mask]:
    """Bring the occasions of a file to one way of writing, in which their order is that of texts.

    Parameters
    ----------
    texts : Categorical, shape (n,)
        Whole numbers ("1", "02", "3.0"), or dates, with or without a time ("2026-01-31").

    Returns
    -------
    tuple
        The occasions, numbers without zeros in front and midnight as the day, empty where not
        known; and the records whose occasion is empty or neither a number nor a date.

    Examples
    --------
    >>> from dyadkit.loading.texts import as_texts
    >>> occasions, strange = read_occasions(as_texts(pd.Series(["01", "2.0", "Mon"])))
    >>> list(occasions), strange.tolist()
    (['1', '2', ''], [False, False, True])
    """
    plain = each(texts, _plain)
    occasions: pd.Categorical = pd.Categorical(pd.Series(plain, dtype="str"))
    return occasions, plain == ""


def _plain(text: str) -> str:
    if number := _NUMBER.fullmatch(text):
        return str(int(number[1]))
    if not _MOMENT.fullmatch(text):
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # no such day or hour
        return ""
    return moment.isoformat(" ").removesuffix(" 00:00:00")


def numbered(occasions: pd.Series) -> pd.Series:
    """Return occasions as whole numbers if all of them are numbers, else as texts.

    Parameters
    ----------
    occasions : Series of str
        Missing where a record has none, such as one of a questionnaire before the diary.

    Raises
    ------
    DataError
        When some are numbers and others dates, which have no order together.

    Examples
    --------
    >>> numbered(pd.Series(["10", "9", None])).tolist()
    [10, 9, <NA>]
    """
    known = occasions.dropna().astype("str")
    number = known.str.fullmatch("[0-9]+")
    if number.any() and not number.all():
        raise DataError(
            f"The occasion is a number in {plural(int(number.sum()), 'row')}, like "
            f"'{known[number].iloc[0]}', and a date in {plural(int((~number).sum()), 'row')}, "
            f"like '{known[~number].iloc[0]}', so nobody can tell which came first. Number the "
            "occasions of all files, or write the dates in all."
        )
    if number.all():
        return (
            occasions.astype("object")
            .where(occasions.notna(), np.nan)
            .astype("Float64")
            .astype("Int64")
        )
    return occasions.astype("str")
