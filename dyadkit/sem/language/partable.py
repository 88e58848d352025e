"""The parameter table: everything that is written in a model, and everything that is assumed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from dyadkit.errors import StudyError, listed, nearest
from dyadkit.sem.language.constraints import Constraint, Definition, compile_relations
from dyadkit.sem.language.defaults import Options, Row, apply_modifiers, complete, written_rows
from dyadkit.sem.language.ordered import check_ordered, with_ordered
from dyadkit.sem.language.sharing import share
from dyadkit.sem.language.syntax import Formula, Relation, Statement, parse_model
from dyadkit.sem.language.vocabulary import Vocabulary

AUTO = ("sem", "cfa", "growth", "lavaan")
GROUP_EQUAL = (
    "loadings",
    "thresholds",
    "intercepts",
    "means",
    "residuals",
    "residual.covariances",
    "lv.variances",
    "lv.covariances",
    "regressions",
)
_CACHED = 256


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table.

    Attributes
    ----------
    lhs, op, rhs : str
        The parameter; `op` is ``=~``, ``~``, ``~~`` or ``~1`` (then `rhs` is empty), and of
        ordered variables ``|`` (threshold) and ``~*~`` (scaling factor).
    group : int
        Its group, from 1.
    free : int
        0 where it is fixed, else the number of the free parameter, from 1; rows that share a
        label share the number.
    value : float
        What it is fixed at; NaN where it is free, taken from the sample, or follows from others
        (see `dyadkit.sem.language.ordered`).
    start : float
        The starting value that is written, else NaN.
    label : str
        Its label, or the automatic one of lavaan (``.p2.``) where groups are held equal; empty
        if it has none.
    user : bool
        Whether it is written in the model, rather than assumed.
    exo : bool
        Whether it is a moment of exogenous variables that is taken from the sample.
    lower, upper : float
        Its bounds, infinite where there is none.
    """

    lhs: str
    op: str
    rhs: str
    group: int
    free: int
    value: float
    start: float
    label: str
    user: bool
    exo: bool
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class ParTable:
    """A model ready to be fitted.

    Attributes
    ----------
    rows : tuple of Parameter
        Group by group, in lavaan's order.
    observed, latent : tuple of str
        The variables, in lavaan's order.
    exogenous : tuple of str
        Observed predictors that nothing in the model explains or describes.
    n_groups : int
        Number of groups.
    n_free : int
        Number of free parameters, q; constraints are not subtracted.
    names : tuple of str
        For each free parameter its label, or what lavaan calls it (``"y~x"``, ``"y~x.g2"``).
    definitions : tuple of Definition
        Defined parameters, in the order written.
    equalities, inequalities : tuple of Constraint
        Constraints, in the order written; a shared label is none of them.
    fixed_x, meanstructure : bool
        The settings, `meanstructure` as the model has it.
    notes : tuple of str
        What may not have been meant; for the reader of the result.
    auxiliary : tuple of str
        Observed variables that the model is not about; see `dyadkit.sem.auxiliary`.
    ordered : tuple of (str, int)
        The ordered variables, in the order of `observed`, with their numbers of thresholds.
    parameterization : {"delta", "theta"}
        Whether their scaling factors or their residual variances are parameters.
    """

    rows: tuple[Parameter, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]
    n_groups: int
    n_free: int
    names: tuple[str, ...]
    definitions: tuple[Definition, ...]
    equalities: tuple[Constraint, ...]
    inequalities: tuple[Constraint, ...]
    fixed_x: bool
    meanstructure: bool
    notes: tuple[str, ...] = ()
    auxiliary: tuple[str, ...] = ()
    ordered: tuple[tuple[str, int], ...] = ()
    parameterization: str = "delta"

    def __hash__(self) -> int:
        # Enough to tell models apart in a cache, where hashing every row would take longer.
        return hash((self.names, self.observed, self.latent))


def build_partable(
    model: str | Sequence[Statement],
    *,
    auto: str = "sem",
    fixed_x: bool = True,
    std_lv: bool = False,
    meanstructure: bool = False,
    int_ov_free: bool | None = None,
    n_groups: int = 1,
    group_equal: Sequence[str] = (),
    group_partial: Sequence[str] = (),
    ordered: Mapping[str, int] | None = None,
    parameterization: str = "delta",
) -> ParTable:
    """Complete a model with lavaan's defaults and number its free parameters.

    Parameters
    ----------
    model : str or sequence of Statement
        The model in lavaan syntax, or what `parse_model` made of it.
    auto : {"sem", "cfa", "growth", "lavaan"}
        The lavaan function whose defaults hold.  ``"lavaan"`` adds no free parameter but the
        moments of exogenous variables.
    fixed_x : bool
        Whether moments of exogenous observed variables are taken from the sample.
    std_lv : bool
        Whether latent variables get unit variance, rather than their first indicator a loading
        of 1.
    meanstructure : bool
        Whether there are intercepts.  A written one, ``auto="growth"``, and equal intercepts or
        means in groups bring them in any case.
    int_ov_free : bool, optional
        Whether intercepts of observed variables are free; by default as the function has it.
    n_groups : int
        Number of groups.
    group_equal : sequence of str
        What is equal in all groups: ``"loadings"``, ``"intercepts"``, ``"means"``,
        ``"residuals"``, ``"residual.covariances"``, ``"lv.variances"``, ``"lv.covariances"``,
        ``"regressions"``, and with ordered variables ``"thresholds"``, which and intercepts imply
        each other.
    group_partial : sequence of str
        Parameters exempt from this, such as ``"trust=~t2"``, ``"t3~1"`` or ``"t3|t2"``.
    ordered : mapping of str to int, optional
        The ordered variables and their numbers of thresholds, one less than they have categories.
        Their thresholds may be written, as in ``t1 | a*t1 + t2``.
    parameterization : {"delta", "theta"}
        Whether scaling factors or residual variances of ordered variables are parameters.

    Returns
    -------
    ParTable
        The rows of lavaan 0.6-14's table, in its order.

    Raises
    ------
    StudyError
        For a model that cannot be read, a setting that does not exist, a constraint on an unknown
        label, and parameters that are fixed at two values at once.

    Examples
    --------
    >>> table = build_partable("trust =~ t1 + t2 + t3; trust ~ age")
    >>> [f"{row.lhs}{row.op}{row.rhs}" for row in table.rows if row.free == 0]
    ['trust=~t1', 'age~~age']
    >>> table.names
    ('trust=~t2', 'trust=~t3', 'trust~age', 't1~~t1', 't2~~t2', 't3~~t3', 'trust~~trust')
    """
    options = _options(
        auto, fixed_x, std_lv, meanstructure, int_ov_free, n_groups, group_equal, group_partial
    )
    if ordered:
        options = with_ordered(options, ordered, parameterization)
    elif "thresholds" in options.group_equal:
        raise StudyError(
            "'thresholds' cannot be held equal in groups where no variable is ordered. Hold "
            "'intercepts' equal, or name the ordered variables."
        )
    if isinstance(model, str):
        return _from_text(model, options)
    return _from_statements(tuple(model), options)


def _options(
    auto: str,
    fixed_x: bool,
    std_lv: bool,
    meanstructure: bool,
    int_ov_free: bool | None,
    n_groups: int,
    group_equal: Sequence[str],
    group_partial: Sequence[str],
) -> Options:
    if auto not in AUTO:
        raise StudyError(f"auto is one of {listed(AUTO)}, not {auto!r}.{nearest(str(auto), AUTO)}")
    if n_groups < 1:
        raise StudyError(f"A model has at least one group, but n_groups is {n_groups}.")
    equal = (group_equal,) if isinstance(group_equal, str) else tuple(group_equal)
    partial = (group_partial,) if isinstance(group_partial, str) else tuple(group_partial)
    for name in equal:
        if name not in GROUP_EQUAL:
            raise StudyError(
                f"{name!r} cannot be held equal in groups.{nearest(str(name), GROUP_EQUAL)} "
                f"group_equal takes {', '.join(GROUP_EQUAL)}."
            )
    return Options(
        auto=auto,
        fixed_x=bool(fixed_x),
        std_lv=bool(std_lv),
        meanstructure=bool(meanstructure or auto == "growth" or {"intercepts", "means"} & {*equal}),
        int_ov_free=auto in ("sem", "cfa") if int_ov_free is None else bool(int_ov_free),
        n_groups=int(n_groups),
        group_equal=frozenset(equal),
        group_partial=tuple("".join(name.split()) for name in partial),
    )


@lru_cache(maxsize=_CACHED)
def _from_text(text: str, options: Options) -> ParTable:
    return _from_statements(parse_model(text, thresholds=bool(options.ordered)), options)


def _from_statements(statements: tuple[Statement, ...], options: Options) -> ParTable:
    formulas = [s for s in statements if isinstance(s, Formula)]
    if not formulas:
        raise StudyError(
            "The model has no formula. Write one at least, such as 'y ~ x' or 'f =~ x1 + x2 + x3'."
        )
    written, vocabulary = written_rows(formulas)
    options = check_ordered(written, vocabulary, options)
    if not options.meanstructure and any(row.op == "~1" for row in written):
        options = replace(options, meanstructure=True)
    rows = complete(written, vocabulary, options)
    notes = [*_random_x(written, vocabulary, options), *apply_modifiers(rows, options)]
    numbers, names, shared = share(rows, vocabulary, options)
    relations = [s for s in statements if isinstance(s, Relation)]
    definitions, constraints = compile_relations(relations, rows, numbers, vocabulary, len(names))
    return ParTable(
        rows=tuple(
            Parameter(
                row.lhs,
                row.op,
                row.rhs,
                row.group,
                number,
                math.nan if number else row.value,
                row.value if number else math.nan,
                row.label,
                row.user,
                row.exo,
                row.lower,
                row.upper,
            )
            for row, number in zip(rows, numbers, strict=True)
        ),
        observed=vocabulary.observed,
        latent=vocabulary.latent,
        exogenous=vocabulary.exogenous,
        n_groups=options.n_groups,
        n_free=len(names),
        names=names,
        definitions=definitions,
        equalities=tuple(c for c in constraints if c.op == "=="),
        inequalities=tuple(c for c in constraints if c.op != "=="),
        fixed_x=options.fixed_x,
        meanstructure=options.meanstructure,
        notes=(*notes, *shared),
        ordered=options.ordered,
        parameterization=options.parameterization,
    )


def _random_x(written: Sequence[Row], vocabulary: Vocabulary, options: Options) -> list[str]:
    """Say which predictors are random because a moment of theirs is written."""
    if not options.fixed_x:
        return []
    inner = {row.rhs for row in written if row.op == "=~"}
    inner |= {row.lhs for row in written if row.op == "~"}
    inner |= {*vocabulary.latent, *vocabulary.exogenous}
    random = list(dict.fromkeys(r.rhs for r in written if r.op == "~" and r.rhs not in inner))
    if not random:
        return []
    return [
        f"A (co)variance or intercept is written for {listed(random)}, which nothing in the model "
        "explains: its moments are estimated, not taken from the sample, and covariances with "
        "other predictors are zero unless they are written."
    ]
