"""The occasions of a diary: numbers, or days and moments."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.texts import each

_NUMBER = re.compile(r"[0-9]+([.,]0+)?")
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
        The occasions, numbers without zeros in front, empty where not known; and the records whose
        occasion is empty or neither a number nor a date.

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
    if _NUMBER.fullmatch(text):
        return str(int(re.split("[.,]", text)[0]))
    return text.replace("T", " ") if _MOMENT.fullmatch(text) else ""


def numbered(occasions: pd.Series) -> pd.Series:
    """Return occasions as whole numbers if all of them are numbers, else as texts.

    Parameters
    ----------
    occasions : Series of str
        Missing where a record has none, such as one of a questionnaire before the diary.

    Examples
    --------
    >>> numbered(pd.Series(["10", "9", None])).tolist()
    [10, 9, <NA>]
    """
    known = occasions.dropna().astype("str")
    if known.str.fullmatch("[0-9]+").all():
        return (
            occasions.astype("object")
            .where(occasions.notna(), np.nan)
            .astype("Float64")
            .astype("Int64")
        )
    return occasions.astype("str")
