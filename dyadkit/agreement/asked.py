"""What was asked for in ways that a signature cannot check, before anything is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from dyadkit.agreement.category_counts import NAMED_WEIGHTS
from dyadkit.agreement.guide import GROUPS, Family
from dyadkit.agreement.pairs_shown import Weights
from dyadkit.errors import StudyError, listed, nearest


def families_asked(
    families: Sequence[Family] | None, groups: str | None
) -> tuple[Family, ...] | None:
    """Return the families of indices; None where each variable calls for its own.

    Raises
    ------
    StudyError
        When there is none, or one is unknown.
    """
    if families is None:
        return None if groups is None else (GROUPS,)
    known = list(get_args(Family))
    if isinstance(families, str) or not families:
        given = families if isinstance(families, str) else list(families)
        raise StudyError(
            f"families = {given} must be a list of one or several of {listed(known)}, such as "
            f'families = ["{known[0]}"]. Leave it out for those that fit each variable.'
        )
    unknown = [str(family) for family in families if family not in known]
    if unknown:
        raise StudyError(
            f"families: '{unknown[0]}' is none.{nearest(unknown[0], known)} They are "
            f"{listed(known)}."
        )
    return tuple(dict.fromkeys(families))


def pairs_asked(pairs: Any) -> tuple[tuple[str, str], ...]:
    """Return the pairs of variables.

    Raises
    ------
    StudyError
        When one has not two sides.
    """
    wrong = [pairs] if isinstance(pairs, str) else [pair for pair in pairs if not _is_pair(pair)]
    if wrong:
        raise StudyError(
            f"pairs: {wrong[0]!r} is no pair of two variables. Write a list of "
            'pairs, e.g. pairs = [["coaching_self.coach", "coaching_rated.client"]].'
        )
    return tuple((one, other) for one, other in pairs)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, (tuple, list)) and [type(side) for side in pair] == [str, str]


def weights_asked(weights: Any) -> Weights | None:
    """Return the weights of categories, a matrix as rows of numbers.

    Raises
    ------
    StudyError
        When they are neither a known name nor a table of numbers.
    """
    known = list(NAMED_WEIGHTS)
    named: Weights | None = weights
    if weights is None or (isinstance(weights, str) and weights in known):
        return named
    if isinstance(weights, str):
        raise StudyError(
            f"weights = '{weights}' is not known.{nearest(weights, known)} Choose one of "
            f"{listed(known)}, or give a row of numbers for each category."
        )
    try:
        matrix = np.array(weights, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.ndim != 2:
        raise StudyError(
            "weights must be a name or a table of numbers with one row and one column for each "
            f"category, in their order. Choose one of {listed(known)}, or correct the table."
        )
    return tuple(tuple(row) for row in matrix.tolist())


def require_times(draws: int, permutations: int) -> None:
    """Refuse numbers of samples that are none.

    Raises
    ------
    StudyError
        When there are fewer than 0 draws or than 1 permutation.
    """
    if draws < 0 or permutations < 1:
        raise StudyError(
            f"draws = {draws} must be 0 or more, and permutations = {permutations} 1 or more: "
            "samples of the bootstrap, and of partners put together at random."
        )
