"""Design matrices from recipes beside those that formulaic makes of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from formulaic import Formula

from dyadkit.models.mixed_design import kinds_of, recipe_of
from dyadkit.models.used_rows import values_of

PLAIN = [
    "y ~ x",
    "y ~ 0 + x",
    "y ~ 1",
    "0 + role",
    "1 + z",
    "y ~ 0 + role + role:x + role:z",
    "y ~ role * x",
    "y ~ role * arm * x + z",
    "y ~ arm:role + x:arm - 1",
    "y ~ x:z:arm + role",
    "y ~ (x + role + arm) ** 2",
    "y ~ 0 + x:role:arm:z",
]


def frame(seed: int, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "y": rng.normal(size=n),
            "x": rng.normal(size=n),
            "z": rng.integers(-3, 9, size=n),
            "role": pd.Categorical(rng.choice(["coach", "client"], size=n), ["coach", "client"]),
            # One category is in no row.
            "arm": pd.Categorical(rng.choice(["b", "a", "c"], size=n), ["c", "a", "none", "b"]),
        }
    )


def values(data: pd.DataFrame) -> dict:
    return {name: values_of(column) for name, column in data.items()}


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("seed", [1, 2])
def test_recipes_make_what_formulaic_makes(text, seed):
    data = frame(seed)
    formula = Formula(text)
    formula = getattr(formula, "rhs", formula)
    recipe = recipe_of(text, kinds_of(values(data), formula.required_variables))
    expected = formula.get_model_matrix(data, context={}, na_action="raise", output="numpy")
    np.testing.assert_allclose(
        recipe.matrix(values(data), len(data)), expected, rtol=1e-14, atol=0.0
    )
    assert recipe.names == tuple(expected.model_spec.column_names)
    again = recipe.spec.get_model_matrix(data.head(7), context={}, output="numpy")
    np.testing.assert_array_equal(again, np.asarray(expected)[:7])


@pytest.mark.parametrize(
    "text", ["y ~ log(x)", "y ~ C(role)", "y ~ x + center(z)", "y ~ {x + z}", "y ~ 2:x"]
)
def test_what_is_computed_is_left_to_formulaic(text):
    data = frame(1)
    assert recipe_of(text, kinds_of(values(data), Formula(text).rhs.required_variables)) is None


def test_the_order_of_categories_tells_recipes_apart():
    data = frame(1)
    other = data.assign(role=data["role"].cat.reorder_categories(["client", "coach"]))
    names = [
        recipe_of("y ~ role", kinds_of(values(found), ["role"])).names for found in (data, other)
    ]
    assert names == [("Intercept", "role[T.client]"), ("Intercept", "role[T.coach]")]


@pytest.mark.parametrize(
    "column",
    [
        ["a", "b", "a"],
        [True, False, True],
        pd.Categorical([1, 2, 1]),
        pd.Categorical(["a", None, "b"]),
        pd.array([1.0, None, 2.0], dtype="Float64"),
        pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
    ],
)
def test_other_columns_are_left_to_formulaic(column):
    assert kinds_of({"x": values_of(pd.Series(column))}, ["x"]) is None
