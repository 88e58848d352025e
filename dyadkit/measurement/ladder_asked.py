"""What a study asks of a ladder of invariance: its steps, what stays free, which answers join."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isfinite
from typing import Any, get_args

from dyadkit.errors import Refused, StudyError, listed, nearest
from dyadkit.frame import Variable
from dyadkit.measurement.ladder import KINDS, STEPS, Free, Step
from dyadkit.measurement.ladder_models import Estimator
from dyadkit.measurement.ordered_ladder import ordered_steps

_CONTINUOUS: tuple[Step, ...] = ("configural", "loadings", "intercepts", "residuals")


def check_estimator(estimator: str) -> None:
    """Refuse what fits no ladder.

    Raises
    ------
    StudyError
        When it is none of "ML", "MLR" and "WLSMV".
    """
    known = list(get_args(Estimator))
    if estimator not in known:
        raise StudyError(
            f"estimator = {estimator!r} fits no ladder.{nearest(str(estimator), known)} It takes "
            f"{listed(known)}."
        )


def texts_asked(option: str, given: Any, example: str) -> tuple[str, ...]:
    """Return a list of texts as it was given, without doubles.

    Raises
    ------
    StudyError
        When it is no list of texts.
    """
    if not isinstance(given, (list, tuple)) or not all(isinstance(text, str) for text in given):
        raise StudyError(
            f'{option} = {given!r} must be a list of texts, such as {option} = ["{example}"].'
        )
    return tuple(dict.fromkeys(given))


def steps_asked(steps: Sequence[Step] | None, thresholds: Sequence[int]) -> tuple[Step, ...]:
    """Return the steps asked for, or those that the answers allow, from the first to the last.

    Parameters
    ----------
    steps : sequence of str, optional
    thresholds : sequence of int
        Of each item, where answers are ordered; empty where they are continuous.

    Raises
    ------
    Refused
        When the answers do not allow a step.
    StudyError
        When a step is unknown, or the model to which the others are compared is left out.

    Examples
    --------
    >>> steps_asked(["loadings", "configural"], [])
    ('configural', 'loadings')
    """
    if steps is None:
        return ordered_steps(thresholds) if thresholds else _CONTINUOUS
    asked = texts_asked("steps", steps, '", "'.join(_CONTINUOUS[:2]))
    unknown = [step for step in asked if step not in STEPS]
    if unknown:
        raise StudyError(
            f"steps: '{unknown[0]}' is no step of the ladder.{nearest(unknown[0], list(STEPS))} "
            f"They are {listed(list(STEPS))}."
        )
    if "configural" not in asked:
        raise StudyError(
            f"steps = {list(asked)}: what is equal shows beside the model in which nothing is. "
            'Write "configural" too, such as steps = ["configural", "loadings"].'
        )
    apart = {"thresholds", "loadings", "intercepts"} & set(steps)
    if not thresholds and "thresholds" in apart:
        raise StudyError(
            "steps: 'thresholds' are those of ordered answers, but these are treated as "
            'continuous. Leave it out, or set estimator = "WLSMV".'
        )
    if thresholds and min(thresholds) < 2 and apart:
        raise Refused(
            f"steps: an item with two answers has one threshold, which fixes neither the unit nor "
            f"the origin of a response, so that equal {sorted(apart)[0]} cannot be tested alone. "
            'Hold all equal at once: steps = ["configural", "residuals"].'
        )
    if thresholds and max(thresholds) == 2 and "thresholds" in apart:
        raise Refused(
            "steps: items with three answers have two thresholds, which are the unit and the "
            "origin of a response: that they are equal says nothing. Leave 'thresholds' out; "
            "equal loadings hold them too."
        )
    return tuple(step for step in STEPS if step in asked)


def free_asked(
    texts: Sequence[str], variable: Variable, steps: Sequence[Step], estimator: Estimator
) -> tuple[Free, ...]:
    """Read what stays free, such as ``"loadings: tr2"``.

    Parameters
    ----------
    texts : sequence of str
    variable : Variable
        The scale.
    steps : sequence of str
        In order.
    estimator : {"ML", "MLR", "WLSMV"}

    Raises
    ------
    StudyError
        When it is not understood, no step holds it equal, or too little would be left to test.
    """
    kinds = {str(kind): kind for kind in KINDS if kind != "thresholds" or estimator == "WLSMV"}
    found = []
    for text in texts_asked("free", texts, f"loadings: {variable.items[0]}"):
        kind, _, item = (part.strip() for part in text.partition(":"))
        if kind not in kinds or item not in variable.items:
            raise StudyError(
                f"free: '{text}' is not understood. Write a kind ({listed(list(kinds))}) and an "
                f"item ({listed(list(variable.items))}), such as 'loadings: {variable.items[0]}'."
            )
        if STEPS.index(kinds[kind]) > STEPS.index(steps[-1]):
            raise StudyError(
                f"free: '{text}' changes nothing, as no step up to '{steps[-1]}' holds {kind} "
                "equal. Leave it out, or add the step."
            )
        found.append(Free(kinds[kind], variable.items.index(item)))
    for kind in (kind for kind in KINDS if kind in steps):
        # Responses whose thresholds are free have no intercept to compare.
        loose = {kind, "thresholds"} if kind == "intercepts" else {kind}
        left = len(variable.items) - len({each.item for each in found if each.kind in loose})
        # One equal loading sets the factor's scale and one equal intercept its mean: no more.
        fewest = 2 if kind in ("loadings", "intercepts") else 1
        if left < fewest:
            raise StudyError(
                f"free: of {len(variable.items)} items {left} would keep equal {kind}, but a step "
                f"that can be tested needs {fewest}. Free fewer, or leave the step out of steps."
            )
    return tuple(found)


def join_asked(
    join: Any, estimator: Estimator, given: Collection[float]
) -> tuple[tuple[float, ...], ...]:
    """Read which answers count as one.

    Parameters
    ----------
    join : sequence of sequences of float
    estimator : {"ML", "MLR", "WLSMV"}
    given : collection of float
        All answers to the items.

    Raises
    ------
    StudyError
        When it is no list of sets, nobody gave an answer, or answers are no ordered categories.
    """
    whole = isinstance(join, (list, tuple))
    if not whole or not all(isinstance(part, (list, tuple)) for part in join):
        raise StudyError(
            f"join = {join!r} must be a list of sets of answers that count as one, such as "
            "join = [[1, 2]]."
        )
    if join and estimator != "WLSMV":
        raise StudyError(
            "join: answers count as one where they are ordered categories. Leave it out, or set "
            'estimator = "WLSMV".'
        )
    for value in (value for part in join for value in part):
        number = isinstance(value, (int, float)) and isfinite(value)
        if not number or float(value) not in given:
            raise StudyError(
                f"join: {value!r} is no answer that anybody gave to these items. Their answers are "
                f"{listed([f'{answer:g}' for answer in sorted(given)])}."
            )
    return tuple(tuple(float(value) for value in part) for part in join)
