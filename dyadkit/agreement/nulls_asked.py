"""The null distributions that were asked for, for a scale's number of options."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dyadkit.agreement.group_rows import GroupRatings
from dyadkit.agreement.nulls import Null, null_named, null_with_probabilities, null_with_variance
from dyadkit.errors import DataError, Refused, StudyError

NullOption = str | float | tuple[float, ...]


def checked_nulls(nulls: Sequence[NullOption]) -> tuple[NullOption, ...]:
    """Return what r_wg is compared with: names, variances, or probabilities of all options.

    Raises
    ------
    StudyError
        When there is none, or one is no number.
    """
    if isinstance(nulls, str) or not len(nulls):
        given = nulls if isinstance(nulls, str) else list(nulls)
        raise StudyError(
            f"nulls = {given} must be a list of null distributions, such as nulls = "
            '["uniform", "slight skew"]: r_wg says how much better than these the members agree.'
        )
    found: list[NullOption] = []
    for wanted in nulls:
        if isinstance(wanted, str):
            found.append(wanted)
            continue
        try:
            number = np.asarray(wanted, dtype=np.float64)
        except (TypeError, ValueError):
            number = np.empty((0, 0))
        if number.ndim > 1:
            raise StudyError(
                f"nulls: {wanted!r} is neither the name of a distribution, nor its variance, nor a "
                "list of the probabilities of all options."
            )
        found.append(float(number) if number.ndim == 0 else tuple(number.tolist()))
    return tuple(dict.fromkeys(found))


def nulls_of(
    wanted: Sequence[NullOption], ratings: GroupRatings
) -> tuple[tuple[Null, ...], tuple[str, ...]]:
    """Return the distributions for a scale, and why one named is not published for it.

    Raises
    ------
    Refused
        When none of them is.
    StudyError
        When one does not fit the scale.
    DataError
        When answers lie between the options, so that their number is not known.
    """
    low, high = ratings.possible
    options = round(high - low) + 1
    own = sum(not isinstance(each, str) for each in wanted)
    if any(not isinstance(each, float) for each in wanted):
        _require_options(ratings, low, high)
    found: list[Null] = []
    refused: list[Refused] = []
    for each in wanted:
        number = sum(not isinstance(null, str) for null in wanted[: wanted.index(each)]) + 1
        name = f"own {number}" if own > 1 else "own"
        try:
            found.append(_null(each, options, name))
        except Refused as error:
            refused.append(error)
    if not found:
        raise refused[0]
    return tuple(found), tuple(str(error) for error in refused)


def _null(wanted: NullOption, options: int, name: str) -> Null:
    """Return a null distribution by its name, its probabilities or its variance."""
    if isinstance(wanted, str):
        return null_named(wanted, options)
    if isinstance(wanted, float):
        return null_with_variance(wanted, options, name)
    if len(wanted) != options:
        raise StudyError(
            f"A null distribution of {options} options needs {options} probabilities, but "
            f"{len(wanted)} were given: one for each answer of the scale."
        )
    return null_with_probabilities(wanted, name)


def _require_options(ratings: GroupRatings, low: float, high: float) -> None:
    """Refuse answers that lie between whole steps from the lowest option."""
    steps = np.append(ratings.ratings[~np.isnan(ratings.ratings)], high) - low
    between = int((np.abs(steps - np.rint(steps)) > 1e-9).sum())
    if between:
        raise DataError(
            f"r_wg compares with answers on the options {low:g}, {low + 1:g}, … {high:g}, but "
            f"{between} of {steps.size - 1} answers lie between them, so that the number of "
            "options is not known. Name the items of the scale, whose answers are the options; or "
            "say the variance of random answers yourself, e.g. nulls = [1.5]."
        )
