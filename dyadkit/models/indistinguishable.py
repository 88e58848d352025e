"""Saturated and null models of members who cannot be told apart, in lavaan syntax."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations


def isat_syntax(variables: Sequence[str], dyad_level: Sequence[str] = ()) -> str:
    """Write the saturated model of exchangeable members (I-SAT).

    Parameters
    ----------
    variables : sequence of str
        Each stands for two columns, ``{variable}_1`` and ``{variable}_2``.
    dyad_level : sequence of str
        Columns of the dyad as a whole.

    Returns
    -------
    str
        Means, variances and covariances are equal where exchanging the members makes them so,
        which leaves p(p + 1) + pq degrees of freedom for p variables and q columns of the dyad.

    References
    ----------
    Olsen, J. A., & Kenny, D. A. (2006). Structural equation modeling with interchangeable dyads.
    Psychological Methods, 11, 127-141.

    Examples
    --------
    >>> print(isat_syntax(["y"]))
    y_1 ~ m_y*1
    y_2 ~ m_y*1
    y_1 ~~ v_y*y_1
    y_2 ~~ v_y*y_2
    y_1 ~~ y_2
    """
    lines = []
    for name in variables:
        lines += [f"{name}_{member} ~ m_{name}*1" for member in (1, 2)]
        lines += [f"{name}_{member} ~~ v_{name}*{name}_{member}" for member in (1, 2)]
        lines.append(f"{name}_1 ~~ {name}_2")
    for number, (one, two) in enumerate(combinations(variables, 2)):
        lines += [f"{one}_{member} ~~ w{number}*{two}_{member}" for member in (1, 2)]
        lines += [f"{one}_{member} ~~ b{number}*{two}_{3 - member}" for member in (1, 2)]
    for number, column in enumerate(dyad_level):
        lines += [f"{column} ~ 1", f"{column} ~~ {column}"]
        lines += [
            f"{column} ~~ d{number}_{name}*{name}_{member}"
            for name in variables
            for member in (1, 2)
        ]
    lines += [f"{one} ~~ {two}" for one, two in combinations(dyad_level, 2)]
    return "\n".join(lines)


def isat_df(variables: int, dyad_level: int = 0) -> int:
    """Return the degrees of freedom of I-SAT: p(p + 1) + pq.

    Examples
    --------
    >>> isat_df(2), isat_df(10), isat_df(3, 2)
    (6, 110, 18)
    """
    return variables * (variables + 1) + variables * dyad_level
