"""Design matrices of formulas that use columns as they are.

Formulaic works out which columns a formula makes anew at every call, which takes longer than
fitting a few hundred dyads.  Where all factors are plain columns, that depends on the formula and
on the categories alone: it is asked once, of a frame with every category, and kept as a recipe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula

from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.used_rows import Values, values_of

# A formula is asked of no more combinations of categories.
_CELLS = 1000

# A column's name with its categories, or None where it holds numbers.
Kind = tuple[str, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """How columns of a frame make a design matrix.

    Attributes
    ----------
    spec : object
        Formulaic's, which makes the matrix for other rows.
    names : tuple of str
        Of the matrix's columns.
    products : tuple of tuple of (str, int)
        For each column the factors that are multiplied: numbers with −1, or a categorical column
        with the place of the category that it indicates.
    """

    spec: Any
    names: tuple[str, ...]
    products: tuple[tuple[tuple[str, int], ...], ...]

    def matrix(self, values: Mapping[str, Values], n: int) -> FloatArray:
        """Return the design matrix (n, p) of columns of n values."""
        used = {name for factors in self.products for name, _ in factors}
        numbers = {name: _numbers(values[name]) for name in used}
        found: FloatArray = np.ones((len(self.products), n))
        for column, factors in zip(found, self.products, strict=True):
            for name, place in factors:
                column *= numbers[name] if place < 0 else numbers[name] == place
        return found.T


def _numbers(values: Values) -> FloatArray:
    if isinstance(values, pd.Categorical):
        return np.asarray(values.codes)
    return np.asarray(values, dtype=np.float64)


def kinds_of(values: Mapping[str, Values], names: Iterable[str]) -> tuple[Kind, ...] | None:
    """Return what columns hold; None where that is not numbers or named categories throughout."""
    found: list[Kind] = []
    for name in sorted(names):
        own = values[name]
        if isinstance(own, pd.Categorical):
            categories = tuple(own.categories)
            named = all(type(category) is str for category in categories)
            if not named or own.codes.min(initial=0) < 0:
                return None
            found.append((name, categories))
        elif isinstance(own, np.ndarray) and own.dtype.kind in "iuf":
            found.append((name, None))
        else:
            return None
    return tuple(found)


@lru_cache(maxsize=256)
def recipe_of(text: str, kinds: tuple[Kind, ...]) -> Recipe | None:
    """Return the recipe of a formula's right side, or None where a factor is no plain column.

    Parameters
    ----------
    text : str
        A formula that can be read, with or without a left side.
    kinds : tuple of Kind
        Of all columns that the right side needs.
    """
    formula = Formula(text)
    formula = getattr(formula, "rhs", formula)
    categories = dict(kinds)
    factors = {factor.expr for term in formula for factor in term.factors} - {"1"}
    if not factors <= categories.keys() or prod(len(own or "1") for _, own in kinds) > _CELLS:
        return None
    probe = _probe(kinds)
    matrix = formula.get_model_matrix(probe, context={}, na_action="raise", output="numpy")
    spec = matrix.model_spec
    products = tuple(
        factors
        for term in spec.structure
        for scoped in term.scoped_terms
        for factors in _products(scoped.factors, categories)
    )
    recipe = Recipe(spec, tuple(map(str, spec.column_names)), products)
    # Should formulaic order columns otherwise, it is to make them.
    if len(products) != matrix.shape[1]:
        return None
    values = {name: values_of(probe[name]) for name, _ in kinds}
    return recipe if np.allclose(recipe.matrix(values, len(probe)), matrix) else None


def _probe(kinds: tuple[Kind, ...]) -> pd.DataFrame:
    """Return a frame with every combination of categories and numbers that are not alike."""
    cells = list(product(*(own or ("",) for _, own in kinds)))
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            name: rng.normal(size=len(cells))
            if own is None
            else pd.Categorical([cell[place] for cell in cells], own)
            for place, (name, own) in enumerate(kinds)
        }
    )


def _products(
    factors: Sequence[Any], categories: dict[str, tuple[str, ...] | None]
) -> list[tuple[tuple[str, int], ...]]:
    """Return the products of a term's factors, the first varying fastest."""
    found: list[tuple[tuple[str, int], ...]] = [()]
    for factor in factors:
        name = factor.factor.expr
        levels = categories[name]
        places = (-1,) if levels is None else range(int(factor.reduced), len(levels))
        found = [(*before, (name, place)) for place in places for before in found]
    return found
