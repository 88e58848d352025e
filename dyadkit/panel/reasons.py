"""Why a model of a panel could not be fitted."""

from __future__ import annotations

import re
from collections.abc import Mapping


def reason_of(error: Exception) -> str:
    """Return what went wrong, without the engine's advice, which is for models that users write.

    Nor are its names of parameters for readers of a panel, who wrote none.

    Examples
    --------
    >>> reason_of(ValueError("The data do not determine 2 parameter(s): a~b, c~b. Fix one."))
    'The data do not determine 2 of its parameters'
    """
    first = str(error).split(". ")[0].rstrip(".")
    return re.sub(r"(\d+) parameter\(s\): .*", r"\1 of its parameters", first)


def readable(text: str, labels: Mapping[str, str]) -> str:
    """Return a text with what a reader calls the variables of a model, by their names.

    Examples
    --------
    >>> readable("the variance of x_t1 is negative", {"x_t1": "Trust at T1"})
    'the variance of Trust at T1 is negative'
    """
    return re.sub(r"\w+", lambda word: labels.get(word[0], word[0]), text)
