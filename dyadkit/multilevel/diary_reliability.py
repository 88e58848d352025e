"""How reliably a diary's scales tell persons apart, and the changes within them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import helmert

from dyadkit.errors import DataError, FitError
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.frame import DyadFrame
from dyadkit.mixed.solution import solve
from dyadkit.mixed.terms import Problem, RandomTerm, ResidualTerm
from dyadkit.multilevel.diary_moments import rows_of
from dyadkit.multilevel.diary_rows import DiaryRows

_FEWEST = 5


@dataclass(frozen=True, slots=True)
class DiaryReliability:
    """Reliability of a scale in a diary.

    Attributes
    ----------
    between : float
        R_KF: of the mean over a person's occasions.
    within : float
        R_C: of change from occasion to occasion.
    person, person_item, person_occasion, error : float
        Variance components.
    n_persons, n_items : int
    n_occasions : float
        Harmonic mean over persons.
    by_occasion : bool
        Whether items have a mean for each occasion, or one for all.
    """

    between: float
    within: float
    person: float
    person_item: float
    person_occasion: float
    error: float
    n_persons: int
    n_items: int
    n_occasions: float
    by_occasion: bool


def reliability_of(items: FloatArray, person: IntArray, occasion: IntArray) -> DiaryReliability:
    r"""Estimate the reliability of a scale within and between persons.

    Parameters
    ----------
    items : ndarray, shape (n, m)
        Keyed answers, one row per person and occasion; NaN where there is none.
    person, occasion : ndarray of int, shape (n,)
        Codes.

    Returns
    -------
    DiaryReliability

    Raises
    ------
    DataError
        When there are fewer than two items, or too few answers.
    FitError
        When the search does not converge.

    Notes
    -----
    With the components of persons, persons × items, persons × occasions and error, m items and
    k occasions (Cranford et al., 2006, equations for fixed occasions and for change),

    .. math::

        R_{KF} = \frac{\sigma_p^2 + \sigma_{pi}^2/m}
                      {\sigma_p^2 + \sigma_{pi}^2/m + \sigma_e^2/(km)}, \qquad
        R_C = \frac{\sigma_{pd}^2}{\sigma_{pd}^2 + \sigma_e^2/m}.

    They are estimated by restricted maximum likelihood with a mean for every item and occasion,
    from the occasions on which all items were answered; of complete answers these are the
    components of the analysis of variance unless one of these is negative.  Means over items and
    contrasts of items are independent, so that the first give :math:`m\sigma_p^2 + \sigma_{pi}^2`
    and :math:`m\sigma_{pd}^2 + \sigma_e^2`, the second :math:`\sigma_{pi}^2` and
    :math:`\sigma_e^2`.  A negative component is set to 0.  Where fewer than five persons share an
    occasion on average, as with dates of their own, every item has one mean.  k is the harmonic
    mean of the persons' occasions.

    References
    ----------
    Cranford, J. A., Shrout, P. E., Iida, M., Rafaeli, E., Yip, T., & Bolger, N. (2006). A procedure
    for evaluating sensitivity to within-person change: Can mood measures in diary studies detect
    change reliably? Personality and Social Psychology Bulletin, 32, 917-929.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> person, occasion = np.repeat(np.arange(50), 7), np.tile(np.arange(7), 50)
    >>> answers = (rng.normal(size=(50, 1))[person] + rng.normal(size=(350, 1))
    ...            + rng.normal(size=(350, 3)))
    >>> found = reliability_of(answers, person, occasion)
    >>> round(found.within, 1), round(found.between, 1)
    (0.7, 0.9)
    """
    m = items.shape[1]
    if m < 2:
        raise DataError("reliability within persons needs at least 2 items")
    full = ~np.isnan(items).any(axis=1)
    answers = items[full]
    _, who = np.unique(person[full], return_inverse=True)
    _, when = np.unique(occasion[full], return_inverse=True)
    n, n_persons, n_when = answers.shape[0], np.unique(who).size, np.unique(when).size
    by_occasion = n >= _FEWEST * n_when
    if not by_occasion:
        when = np.zeros(n, dtype=np.int64)
    if n_persons < _FEWEST or n <= n_persons + (n_when if by_occasion else 1):
        raise DataError(
            f"all items were answered on {n} occasions of {n_persons} persons only, which are too "
            "few"
        )
    if (np.ptp(answers, axis=0) == 0).any():
        raise DataError("an item has the same answer everywhere")
    # The origin is taken away first: it would cost digits when answers lie far from zero.
    parts = (answers - answers.mean(axis=0)) @ helmert(m, full=True).T
    level, error_of_level = _intercepts(parts[:, :1], who, when)
    differing, error = _intercepts(parts[:, 1:], who, when)
    p = max(level - differing, 0.0) / m
    pd = max(error_of_level - error, 0.0) / m
    k = float(1.0 / np.mean(1.0 / np.bincount(who)))
    stable = p + differing / m
    return DiaryReliability(
        stable / (stable + error / (k * m)),
        pd / (pd + error / m),
        p,
        differing,
        pd,
        error,
        n_persons,
        m,
        k,
        by_occasion,
    )


def _intercepts(columns: FloatArray, who: IntArray, when: IntArray) -> tuple[float, float]:
    """Return the variances of persons and of the rest, the same in independent columns."""
    n, q = columns.shape
    column, row = (place.ravel() for place in np.indices((q, n)))
    unit = (who[row] * q + column).astype(np.int64)
    _, cell = np.unique(when[row] * q + column, return_inverse=True)
    x = np.zeros((n * q, int(cell.max()) + 1))
    x[np.arange(n * q), cell] = 1.0
    residual = ResidualTerm(
        "independent", np.zeros(n * q, dtype=np.int64), np.arange(n * q, dtype=np.int64)
    )
    term = RandomTerm(np.ones((n * q, 1)), unit)
    between, within = solve(Problem(columns.T.ravel(), x, unit, residual, (term,))).theta
    return float(between), float(within)


def reliabilities(
    dyads: DyadFrame, rows: DiaryRows
) -> Iterator[tuple[str, str, DiaryReliability | str]]:
    """Yield variable, role and reliability of outcome and predictors, or why there is none."""
    moments = rows.moments
    for reference in rows.references:
        variable = reference.variable
        if len(variable.items) < 2:
            yield variable.label, "", "it has no items in these data"
            continue
        answers = rows_of(dyads, moments.wave, list(variable.items))
        keyed = answers[list(variable.items)].to_numpy(np.float64, na_value=np.nan)
        turned = [name in variable.reverse for name in variable.items]
        if any(turned) and variable.item_range is not None:
            keyed[:, turned] = sum(variable.item_range) - keyed[:, turned]
        for role in rows.roles or ("",):
            mine = np.flatnonzero((answers["role"] == role).to_numpy() | (not role))
            try:
                found = reliability_of(keyed[mine], moments.person[mine], moments.order[mine])
            except (DataError, FitError) as error:
                yield variable.label, role, str(error)
                continue
            yield variable.label, role, found
