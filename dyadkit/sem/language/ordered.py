r"""Ordered variables in a model: what is assumed about them, and what may be written.

An ordered variable is a continuous one, its *latent response*, that thresholds cut into categories.
The model is about the latent responses, so that nothing says where they are and how far they
spread: their intercepts are 0, and their scales follow from one of two parameterizations.  Let
:math:`\sigma^*_{ii}` be the implied variance of a latent response.

delta
    The scaling factor :math:`\delta_i = 1 / \sqrt{\sigma^*_{ii}}` (the row ``y ~*~ y``) is 1 and
    the residual variance follows: what others do not explain of :math:`1 / \delta_i^2`.
theta
    The residual variance is 1 and the scaling factor follows.

Where thresholds are held equal in groups, scaling factors (delta) or residual variances (theta) of
later groups are free, and means of latent variables too, unless these are held equal.  All of this
is lavaan's convention (0.6-14); there equal thresholds and equal intercepts are one wish.

References
----------
Muthén, B., & Asparouhov, T. (2002). Latent variable analysis with categorical outcomes:
Multiple-group and growth modeling in Mplus. Mplus Web Notes, No. 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dyadkit.errors import StudyError, listed, nearest
from dyadkit.sem.language.defaults import Options, Row
from dyadkit.sem.language.tokens import problem
from dyadkit.sem.language.vocabulary import Vocabulary

PARAMETERIZATIONS = ("delta", "theta")
_TOGETHER = frozenset(["thresholds", "intercepts"])


def with_ordered(options: Options, ordered: Mapping[str, int], parameterization: str) -> Options:
    """Return the settings of a model that has ordered variables.

    Parameters
    ----------
    options : Options
    ordered : mapping of str to int
        The ordered variables and their numbers of thresholds.
    parameterization : {"delta", "theta"}

    Raises
    ------
    StudyError
        For a parameterization that does not exist and a variable without a threshold.
    """
    if parameterization not in PARAMETERIZATIONS:
        raise StudyError(
            f"parameterization is one of {listed(PARAMETERIZATIONS)}, not {parameterization!r}."
            f"{nearest(str(parameterization), PARAMETERIZATIONS)}"
        )
    for name, count in ordered.items():
        if count < 1:
            raise StudyError(
                f"The ordered variable {name!r} has {count} thresholds. It needs one at least, and "
                "so two categories: take it out of the model."
            )
    equal = options.group_equal
    return replace(
        options,
        ordered=tuple((name, int(count)) for name, count in ordered.items()),
        parameterization=parameterization,
        meanstructure=True,
        group_equal=equal | _TOGETHER if equal & _TOGETHER else equal,
    )


def check_ordered(written: Sequence[Row], vocabulary: Vocabulary, options: Options) -> Options:
    """Check what is written about ordered variables, and put these in the order of the table.

    Parameters
    ----------
    written : sequence of Row
    vocabulary : Vocabulary
    options : Options

    Returns
    -------
    Options
        With the ordered variables of this model: those whose thresholds are written first.

    Raises
    ------
    StudyError
        For a threshold that does not exist, the variance of an ordered variable under ``"delta"``,
        an ordered variable whose moments would be taken from the sample, and thresholds that
        nothing frees (``auto="lavaan"``).
    """
    counts = dict(options.ordered)
    known = {name: counts[name] for name in vocabulary.observed if name in counts}
    first: dict[str, set[str]] = {}
    delta = options.parameterization == "delta"
    for row in written:
        if row.op == "|":
            _check_threshold(row, known)
            first.setdefault(row.lhs, set()).add(row.rhs)
        elif delta and row.op == "~~" and row.lhs == row.rhs and row.lhs in known:
            raise problem(
                row.place,
                f"the residual variance of '{row.lhs}', which is ordered, is no parameter under "
                "the delta parameterization: it follows from the others. Choose "
                "parameterization='theta', or leave it out.",
            )
    for name in known:
        if options.fixed_x and name in vocabulary.exogenous:
            raise StudyError(
                f"{name!r} is ordered, but nothing in the model explains it, so that its moments "
                "are taken from the sample (fixed_x). Do not name it among the ordered variables."
            )
        if not options.automatic and len(first.get(name, ())) < known[name]:
            raise StudyError(
                f"auto='lavaan' adds no thresholds, but not all of {name!r} are written. Write "
                f"{name} | {' + '.join(f't{k + 1}' for k in range(known[name]))}."
            )
    names = dict.fromkeys((*first, *known))
    return replace(options, ordered=tuple((name, known[name]) for name in names))


def _check_threshold(row: Row, known: Mapping[str, int]) -> None:
    if row.lhs not in known:
        raise problem(
            row.place,
            f"thresholds are written for '{row.lhs}', which is none of the ordered variables of "
            f"the model.{nearest(row.lhs, list(known))}",
        )
    names = [f"t{number + 1}" for number in range(known[row.lhs])]
    if row.rhs not in names:
        raise problem(
            row.place,
            f"'{row.lhs}' has the threshold(s) {listed(names)}, and none called '{row.rhs}'.",
        )
