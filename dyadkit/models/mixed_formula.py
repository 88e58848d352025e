"""The formulas of a mixed model: fixed effects by formulaic, random terms as in glmmTMB."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula
from formulaic.errors import FormulaicError

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.terms import RandomKind
from dyadkit.models.mixed_design import kinds_of, recipe_of
from dyadkit.models.used_rows import Rows

_STRUCTURES: dict[str, RandomKind] = {
    "us": "unstructured",
    "diag": "diagonal",
    "exchangeable": "exchangeable",
}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class RandomFormula:
    """A random term as written.

    Attributes
    ----------
    effects : str
        A formula without outcome.
    group : str
        The column whose units have the effects.
    kind : str
        Which covariances of the effects are estimated.
    """

    effects: str
    group: str
    kind: RandomKind

    def __str__(self) -> str:
        inner = f"{self.effects} | {self.group}"
        names = {kind: name for name, kind in _STRUCTURES.items()}
        return inner if self.kind == "unstructured" else f"{names[self.kind]}({inner})"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A formula and the random terms, with the columns that they need."""

    text: str
    fixed: Any
    random: tuple[RandomFormula, ...]
    outcome: frozenset[str]
    predictors: frozenset[str]


def parse(formula: str, random: str | Sequence[str] | None) -> Parsed:
    """Read what was written, without looking at data.

    Raises
    ------
    StudyError
        When a formula cannot be read.
    """
    _formula(formula)
    return _parsed(formula, (random,) if isinstance(random, str) else tuple(random or ()))


@lru_cache(maxsize=256)
def _parsed(formula: str, random: tuple[str, ...]) -> Parsed:
    fixed = _formula(formula)
    if not hasattr(fixed, "lhs"):
        raise StudyError(
            f"The formula '{formula}' has no outcome. Write 'outcome ~ predictors', for example "
            "'trust ~ 0 + role + role:openness_actor'."
        )
    terms = tuple(_random(text) for text in random)
    needed = _columns_of(formula).union(*(_columns_of(term.effects) for term in terms))
    return Parsed(formula, fixed, terms, frozenset(fixed.lhs.required_variables), needed)


def _formula(text: str) -> Any:
    if not isinstance(text, str):
        raise StudyError(f"A formula must be text, but {type(text).__name__} was passed.")
    return _read(text)


@lru_cache(maxsize=256)
def _read(text: str) -> Any:
    try:
        return Formula(text)
    except FormulaicError as error:
        raise StudyError(f"The formula '{text}' cannot be read: {_plain(error)}.") from error


@lru_cache(maxsize=256)
def _columns_of(text: str) -> frozenset[str]:
    """Return the columns that a formula's right side needs."""
    formula = _formula(text)
    return frozenset(map(str, getattr(formula, "rhs", formula).required_variables))


def _random(text: str) -> RandomFormula:
    written = text.strip()
    kind: RandomKind = "unstructured"
    wrapped = re.fullmatch(r"(\w+)\s*\((.*\|.*)\)", written, flags=re.DOTALL)
    if wrapped:
        name = wrapped.group(1)
        if name not in _STRUCTURES:
            raise StudyError(
                f"The random term '{text}' has the unknown structure '{name}'."
                f"{nearest(name, list(_STRUCTURES))} It takes us(…) for all covariances, diag(…) "
                "for none, exchangeable(…) for members who cannot be told apart."
            )
        kind, written = _STRUCTURES[name], wrapped.group(2)
    elif written.startswith("(") and written.endswith(")"):
        written = written[1:-1]
    effects, bar, group = written.partition("|")
    if group.startswith("|"):
        kind, group = "diagonal", group[1:]
    if not bar or not effects.strip() or not re.fullmatch(r"\s*\w+\s*", group):
        raise StudyError(
            f"The random term '{text}' cannot be read. Write effects and grouping column, such as "
            "'1 | team', '0 + role | dyad' or '1 + day | person'."
        )
    return RandomFormula(effects.strip(), group.strip(), kind)


def matrices_of(parsed: Parsed, rows: Rows) -> tuple[FloatArray, FloatArray, tuple[str, ...], Any]:
    """Return outcome, design matrix, its columns' names, and how to make it for other rows.

    Raises
    ------
    DataError
        When the outcome is not one column of numbers.
    """
    x, names, spec = _design(parsed.text, parsed.fixed.rhs, rows)
    return _outcome(parsed, rows), x, names, spec


def _outcome(parsed: Parsed, rows: Rows) -> FloatArray:
    values = rows.values.get(str(parsed.fixed.lhs))
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return np.asarray(values, dtype=np.float64)
    found = np.asarray(_matrix(parsed.fixed.lhs, rows.frame), dtype=np.float64)
    if found.shape[1] != 1:
        raise DataError(
            f"The outcome {listed(sorted(parsed.outcome))} is not one column of numbers but "
            f"{found.shape[1]}. A linear mixed model needs a single numeric outcome."
        )
    return np.asarray(found[:, 0])


def effects_of(term: RandomFormula, rows: Rows) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the columns that random effects multiply, and their names."""
    z, names, _ = _design(term.effects, _formula(term.effects), rows)
    return z, names


def _design(text: str, formula: Any, rows: Rows) -> tuple[FloatArray, tuple[str, ...], Any]:
    kinds = kinds_of(rows.values, _columns_of(text))
    recipe = None if kinds is None else recipe_of(text, kinds)
    if recipe is not None:
        return recipe.matrix(rows.values, rows.places.size), recipe.names, recipe.spec
    found = _matrix(formula, rows.frame)
    spec = found.model_spec
    return np.asarray(found, dtype=np.float64), tuple(map(str, spec.column_names)), spec


def rows_of(spec: Any, frame: pd.DataFrame) -> FloatArray:
    """Return the design matrix of other rows.

    Raises
    ------
    StudyError
        When a column or a category is unknown.
    """
    try:
        return np.asarray(
            spec.get_model_matrix(frame, context={}, na_action="raise", output="numpy"),
            dtype=np.float64,
        )
    except (FormulaicError, ValueError) as error:
        raise StudyError(f"The new data do not fit the formula: {_plain(error)}.") from error


def _matrix(formula: Any, frame: pd.DataFrame) -> Any:
    try:
        return formula.get_model_matrix(frame, context={}, na_action="raise", output="numpy")
    except (FormulaicError, ValueError) as error:
        raise DataError(
            f"The formula '{formula}' cannot be evaluated with these data: {_plain(error)}."
        ) from error


def _plain(error: Exception) -> str:
    text = " ".join(_COLOUR.sub("", str(error)).replace("⧛", "").replace("⧚", "").split())
    return re.sub(r"\[\d*(;\d+)*m", "", text).rstrip(".")
